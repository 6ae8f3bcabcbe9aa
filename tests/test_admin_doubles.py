"""What may be here already is shown before a case or a source is stored."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from cases import publishing
from cases.models import Initiative, Source

from . import axe as axe_module
from . import make
from .test_admin import ADD, _Form, change, form_of, row

ADD_SOURCE = "/admin/cases/source/add/"
CONFIRM = "不是同一个，仍要保存"

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> Any:
    user = make.make_user("editor")
    client.force_login(user)
    return user


@pytest.fixture
def known() -> Initiative:
    return make.make_published(title="塘桥街道潮汐停车", aliases=["潮汐停车"], district="pudong")


def html_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def confirmed(html: str) -> dict[str, Any]:
    """Return what a browser would post of the page that came back, with the box ticked."""
    ticked = html.replace('name="distinct"', 'checked name="distinct"')
    return _Form(ticked).data


class TestCases:
    def test_a_new_case_is_stored_only_after_a_look_at_its_likely_double(
        self, client: Client, editor: Any, known: Initiative
    ) -> None:
        data = form_of(client, ADD) | {"title": "潮汐停车", "summary": "写好的摘要。"}
        row(data, "figures", label="车位", value="150", unit="个")
        html = html_of(client.post(ADD, data | {"_continue": "1"}))
        assert Initiative.objects.get() == known
        assert "名称或别名相同：潮汐停车" in html
        assert f'href="{change(known)}" target="_blank"' in html
        assert CONFIRM in html
        again = confirmed(html)
        assert again["summary"] == "写好的摘要。"
        assert again["figures-0-value"] == "150"
        without_tick = {name: value for name, value in again.items() if name != "distinct"}
        assert CONFIRM in html_of(client.post(ADD, without_tick | {"_continue": "1"}))
        assert client.post(ADD, again | {"_continue": "1"}).status_code == 302
        stored = Initiative.objects.exclude(pk=known.pk).get()
        assert (stored.title, stored.summary) == ("潮汐停车", "写好的摘要。")
        assert stored.figures.get().label == "车位"

    def test_a_figure_in_the_same_street_is_a_reason(self, client: Client, editor: Any) -> None:
        street = make.make_subdistrict()
        other = make.make_complete_draft(title="夜间车位共享", subdistricts=[street])
        make.make_figure(other, value=120, unit="个")
        data = form_of(client, ADD) | {"title": "另一个名称", "subdistricts": [street.pk]}
        assert client.post(ADD, data).status_code == 302
        row(data, "figures", label="车位", value="120", unit="个")
        row(data, "figures", label="大", value="9e999", unit="个")
        html = html_of(client.post(ADD, data | {"title": "第三个名称"}))
        assert "在同一街镇；有相同的数据：120个" in html

    def test_a_figure_that_is_added_later_is_a_reason_too(
        self, client: Client, editor: Any
    ) -> None:
        street = make.make_subdistrict()
        other = make.make_complete_draft(title="夜间车位共享", subdistricts=[street])
        make.make_figure(other, value=24_000_000, unit="人次")
        draft = make.make_complete_draft(title="另一个名称", subdistricts=[street])
        kept = make.make_figure(draft, label="户", value=300, unit="户")
        data = form_of(client, change(draft))
        row(data, "figures", label="人次", value="24000000", unit="人次")
        html = html_of(client.post(change(draft), data | {"_continue": "1"}))
        assert "在同一街镇；有相同的数据：24,000,000人次" in html
        assert draft.figures.get() == kept
        assert client.post(change(draft), confirmed(html)).status_code == 302
        assert draft.figures.count() == 2
        data = form_of(client, change(draft)) | {"summary": "只改摘要。"}
        assert client.post(change(draft), data).status_code == 302

    def test_a_working_copy_is_compared_with_all_cases_but_its_own(
        self, client: Client, editor: Any, known: Initiative
    ) -> None:
        case = make.make_published(title="护花行动队")
        copy = publishing.start_revision(case)
        for title, asked in (("护花行动队伍", False), ("潮汐停车", True)):
            data = form_of(client, change(copy)) | {"title": title}
            response = client.post(change(copy), data)
            assert response.status_code == (200 if asked else 302)
        assert known.title in html_of(response)
        assert client.post(change(copy), confirmed(html_of(response))).status_code == 302

    def test_a_withdrawn_case_that_gets_another_name_is_compared_again(
        self, client: Client, known: Initiative
    ) -> None:
        client.force_login(make.make_user("reviewer"))
        case = make.make_withdrawn(title="护花行动队")
        data = form_of(client, change(case)) | {"title": "潮汐停车"}
        assert CONFIRM in html_of(client.post(change(case), data))

    def test_another_double_than_the_one_confirmed_is_shown_in_its_turn(
        self, client: Client, editor: Any, known: Initiative
    ) -> None:
        data = form_of(client, ADD) | {"title": "潮汐停车"}
        again = confirmed(html_of(client.post(ADD, data)))
        make.make_initiative(title="护花行动队")
        html = html_of(client.post(ADD, again | {"title": "护花行动队"}))
        assert "护花行动队" in html
        assert 'name="distinct"' in html
        assert "checked" not in html[html.index('name="distinct"') :][:60]

    def test_the_tick_stays_while_something_else_is_mended(
        self, client: Client, editor: Any, known: Initiative
    ) -> None:
        data = form_of(client, ADD) | {"title": "潮汐停车"}
        again = confirmed(html_of(client.post(ADD, data)))
        html = html_of(client.post(ADD, again | {"start": "不是日期"}))
        mended = _Form(html).data | {"start": "2015"}
        assert client.post(ADD, mended).status_code == 302

    def test_a_draft_is_compared_again_only_when_its_name_or_place_has_changed(
        self, client: Client, editor: Any, known: Initiative
    ) -> None:
        draft = make.make_initiative(title="潮汐停车", aliases=["夜间车位"])
        data = form_of(client, change(draft)) | {"summary": "只改摘要。"}
        assert client.post(change(draft), data).status_code == 302
        data = form_of(client, change(draft)) | {"title": "塘桥街道潮汐停车"}
        html = html_of(client.post(change(draft), data))
        assert CONFIRM in html
        assert client.post(change(draft), confirmed(html)).status_code == 302
        draft.refresh_from_db()
        assert draft.title == "塘桥街道潮汐停车"


class TestSources:
    @pytest.mark.parametrize("address", [ADD_SOURCE, f"{ADD_SOURCE}?_to_field=id&_popup=1"])
    def test_a_new_source_is_stored_only_after_a_look_at_its_likely_double(
        self, client: Client, editor: Any, address: str
    ) -> None:
        known = make.make_source(title="某报道", url="https://example.org/a/b.html")
        data = form_of(client, address) | {
            "title": "另一个题目",
            "kind": "网络新闻",
            "url": "https://example.org/a/b.html?utm_source=x#top",
        }
        html = html_of(client.post(address, data))
        assert Source.objects.get() == known
        assert "网址相同（不计跟踪参数）" in html
        again = confirmed(html)
        assert again["title"] == "另一个题目"
        client.post(address, again)
        assert Source.objects.count() == 2

    def test_the_source_that_is_here_can_be_taken_instead(
        self, client: Client, editor: Any
    ) -> None:
        known = make.make_source(title="解放日报的报道")
        for address, popup in ((ADD_SOURCE, False), (f"{ADD_SOURCE}?_popup=1", True)):
            data = form_of(client, address) | {"title": "解放日报的报道", "kind": "网络新闻"}
            html = html_of(client.post(address, data))
            assert f'name="_use" value="{known.pk}"' in html
            response = client.post(address, _Form(html).data | {"_use": str(known.pk)})
            if popup:
                told = html_of(response)
                assert f"&quot;value&quot;: &quot;{known.pk}&quot;" in told
            else:
                assert response["Location"] == f"/admin/cases/source/{known.pk}/change/"
            assert Source.objects.get() == known
        assert client.post(ADD_SOURCE, data | {"_use": "999"}).status_code == 404
        client.force_login(make.make_user("", is_staff=True))
        assert client.post(ADD_SOURCE, data | {"_use": str(known.pk)}).status_code == 403

    def test_a_source_is_no_double_of_itself(self, client: Client, editor: Any) -> None:
        source = make.make_source(title="某报道", date="2016-03-05")
        url = f"/admin/cases/source/{source.pk}/change/"
        data = form_of(client, url) | {"date": "2016-03"}
        assert client.post(url, data).status_code == 302
        make.make_source(title="别的报道", date="2016-03")
        html = html_of(client.post(url, form_of(client, url) | {"title": "别的报道"}))
        assert "标题和日期相同" in html


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_pop_up_of_a_source_asks_too(desk: Callable[..., Any]) -> None:
    case = make.make_complete_draft()
    make.make_source(title="解放日报的报道")
    page = desk("editor")
    page.goto(change(case))
    with page.expect_popup() as opened:
        page.locator("#add_id_evidence-0-source").click()
    popup = opened.value
    popup.locator("#id_title").fill("解放日报的报道")
    popup.locator("#id_kind").select_option("网络新闻")
    popup.get_by_role("button", name="保存", exact=True).click()
    popup.get_by_label(CONFIRM).check()
    assert axe_module.axe(popup) == []
    with popup.expect_event("close"):
        popup.get_by_role("button", name="保存", exact=True).click()
    chosen = page.locator("#id_evidence-0-source option:checked")
    assert chosen.inner_text() == "解放日报的报道"
    assert Source.objects.filter(title="解放日报的报道").count() == 2
