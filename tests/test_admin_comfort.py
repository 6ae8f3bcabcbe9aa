"""Writing a case in comfort: nothing typed is lost, and the short ways work."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from cases.models import Initiative

from . import axe as axe_module
from . import make
from .test_admin import ADD, change, form_of

RENDER = "/admin/cases/initiative/render/"

pytestmark = pytest.mark.django_db


class TestLookingWhileWriting:
    def test_a_section_is_shown_as_readers_will_see_it(self, client: Client) -> None:
        client.force_login(make.make_user("editor"))
        text = "**先商量：**再划线[^1]<script>alert(1)</script>"
        response = client.post(RENDER, {"section": "approach", "text": text})
        html = response.content.decode()
        assert "<strong>先商量：</strong>" in html
        assert 'href="#evidence-1"' in html
        assert "<script" not in html
        assert "no-store" in response["Cache-Control"]

    def test_only_who_writes_cases_may_ask(self, client: Client) -> None:
        data = {"section": "approach", "text": "字"}
        assert client.post(RENDER, data).status_code == 302
        client.force_login(make.make_user("", is_staff=True))
        assert client.post(RENDER, data).status_code == 403
        client.force_login(make.make_user("editor"))
        assert client.get(RENDER).status_code == 405
        assert client.post(RENDER, data | {"section": "title"}).status_code == 400
        assert client.post(RENDER, data | {"text": "字" * 100_001}).status_code == 413
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(make.make_user("editor"))
        assert strict.post(RENDER, data).status_code == 403


def test_fields_are_explained_by_an_example(client: Client) -> None:
    client.force_login(make.make_user("editor"))
    text = client.get(ADD).content.decode()
    for example in ("小区停车位夜间共享", "新增夜间车位 120 个", "只写数", "原文的称呼"):
        assert example in text
    assert "Ctrl+S" in text


def test_what_was_stored_is_named_to_the_browser_and_what_was_not_is_not(client: Client) -> None:
    client.force_login(make.make_user("editor"))
    case = make.make_complete_draft()
    data = form_of(client, change(case)) | {"typing": "a1b2c3d4e5"}
    wrong = client.post(change(case), data | {"title": ""})
    assert "desk_saved" not in wrong.cookies
    good = client.post(change(case), data)
    assert good.cookies["desk_saved"].value == "a1b2c3d4e5"
    more = client.post(
        change(case), form_of(client, change(case)) | {"typing": "f6f6f6f6", "_save": "1"}
    )
    assert more.cookies["desk_saved"].value == "a1b2c3d4e5.f6f6f6f6"
    odd = form_of(client, change(case)) | {"typing": "<x>"}
    assert "desk_saved" not in client.post(change(case), odd).cookies


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestInTheBrowser:
    def test_typing_survives_a_lost_session(self, desk: Callable[..., Any]) -> None:
        case = make.make_complete_draft(title="原题")
        source = make.make_source(title="解放日报的报道")
        page = desk("editor")
        page.goto(change(case))
        page.locator("#id_summary").fill("写了很久的摘要。")
        page.locator("#evidence-group .add-row a").click()
        page.locator("#id_evidence-2-quotation").fill("一段引文")
        page.locator("#id_evidence-2-grade").select_option("B")
        page.locator("#evidence-2").get_by_role("combobox", name="来源").click()
        page.locator(".select2-search--dropdown input").fill("解放")
        page.get_by_role("option", name="解放日报的报道").click()
        page.get_by_text("已暂存在这台电脑上").wait_for()
        session = [c for c in page.context.cookies() if c["name"] == "sessionid"]
        page.context.clear_cookies(name="sessionid")
        page.get_by_role("button", name="保存", exact=True).click()
        page.wait_for_url("**/admin/login/**")
        page.context.add_cookies(session)  # signed in again
        page.goto(change(case))
        notice = page.get_by_role("alert").filter(has_text="有没保存的内容")
        notice.wait_for()
        assert axe_module.axe(page) == []
        assert page.locator("#id_summary").input_value() != "写了很久的摘要。"
        notice.get_by_role("button", name="恢复这些内容").click()
        assert page.locator("#id_summary").input_value() == "写了很久的摘要。"
        page.get_by_role("button", name="保存", exact=True).click()
        page.get_by_text("成功修改").wait_for()
        case.refresh_from_db()
        assert case.summary == "写了很久的摘要。"
        added = case.evidence.last()
        assert added is not None
        assert (added.source, added.quotation, added.grade) == (source, "一段引文", "B")
        page.reload()
        assert not page.locator(".desk-recovery").is_visible()
        assert page.evaluate("Object.keys(localStorage).length") == 0

    def test_what_is_offered_can_be_refused_and_others_do_not_see_it(
        self, desk: Callable[..., Any]
    ) -> None:
        page = desk("editor")
        page.goto(ADD)
        page.locator("#id_title").fill("没写完的题目")
        page.get_by_text("已暂存在这台电脑上").wait_for()
        other = Client()
        other.force_login(make.make_user("editor"))
        mine = [c for c in page.context.cookies() if c["name"] == "sessionid"]
        page.context.add_cookies([{**mine[0], "value": other.cookies["sessionid"].value}])
        page.goto(ADD)
        page.wait_for_load_state("load")
        assert not page.locator(".desk-recovery").is_visible()
        page.context.add_cookies(mine)
        page.goto(ADD)
        page.get_by_role("button", name="丢弃").click()
        page.goto(ADD)
        page.wait_for_load_state("load")
        assert not page.locator(".desk-recovery").is_visible()
        assert page.locator("#id_title").input_value() == ""

    def test_marks_previews_and_keys(self, desk: Callable[..., Any]) -> None:
        case = make.make_complete_draft(approach="先商量，再划线。")
        page = desk("editor")
        page.goto(change(case))
        area = page.locator("#id_approach")
        area.focus()
        area.evaluate("box => box.setSelectionRange(3, 3)")
        tools = page.locator(".field-approach .desk-tools")
        tools.get_by_role("combobox").select_option("1")
        tools.get_by_role("button", name="插入出处编号").click()
        assert area.input_value() == "先商量[^1]，再划线。"
        tools.get_by_role("button", name="边写边看").click()
        look = tools.locator(".desk-look")
        look.get_by_role("link", name="出处 1").wait_for()
        area.fill("**改过了**[^1][^7]")
        look.locator("strong").get_by_text("改过了").wait_for()
        assert look.locator(".desk-no-evidence").inner_text() == "7?"
        assert axe_module.axe(page) == []
        area.press("Control+s")
        page.get_by_text("成功修改").wait_for()
        assert Initiative.objects.get().approach == "**改过了**[^1][^7]"
        page.locator("#id_approach").press("Control+Shift+P")
        page.wait_for_url("**/preview/")
