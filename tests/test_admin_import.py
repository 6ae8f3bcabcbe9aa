"""“从文章导入”: from a pasted article to drafts, each thing kept or dropped one by one."""

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from cases.models import Event, Initiative, Source

from . import axe as axe_module
from . import make

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/cases/initiative/import/"
ARTICLE = """社区里的新办法

记者 甲某 2016年03月05日 来源：某某日报

在徐汇区凌云路街道，居民组成“护花行动队”，每周巡查绿地。行动队有32名志愿者，去年开展活动120场。

浦东新区塘桥街道推出“潮汐停车”平台，让楼宇和小区错时共享150个车位，缓解了停车难。
"""


@pytest.fixture
def reference() -> None:
    call_command("loaddata", "vocabulary", "places", verbosity=0, stdout=StringIO())


@pytest.fixture
def editor(client: Client, reference: None) -> Client:
    client.force_login(make.make_user("editor"))
    return client


def step_two(page: str, drop: Callable[[str], bool] = lambda name: False) -> dict[str, Any]:
    """Return what a browser would post from the page of what was found."""
    names = re.findall(r'name="keep" value="([^"]+)" checked', page)
    data: dict[str, Any] = {"keep": [name for name in names if not drop(name)]}
    for name, value in re.findall(r'name="(article|url|(?:title|seen)-\d+)" value="([^"]*)"', page):
        data[name] = value.replace("&quot;", '"')
    return data


def test_an_article_becomes_one_draft_a_case_with_its_passages(editor: Client) -> None:
    page = editor.post(ADDRESS, {"text": ARTICLE}).content.decode()
    for shown in ("凌云路街道", "塘桥街道", "潮汐停车", "120", "150", "停车与交通"):
        assert shown in page, shown
    editor.post(ADDRESS, step_two(page))
    drafts = list(Initiative.objects.order_by("pk"))
    assert len(drafts) == 2
    assert {d.status for d in drafts} == {"draft"}
    assert [[s.name for s in d.subdistricts.all()] for d in drafts] == [
        ["凌云路街道"],
        ["塘桥街道"],
    ]
    assert all(d.evidence.exists() and not d.themes.exists() for d in drafts)
    assert Source.objects.count() == 1
    assert {e.verb for e in Event.objects.all()} == {"created"}


def test_what_is_dropped_is_not_stored_and_a_title_can_be_changed(editor: Client) -> None:
    page = editor.post(ADDRESS, {"text": ARTICLE}).content.decode()
    data = step_two(page, drop=lambda name: name == "0" or "/topic:" in name)
    data["title-1"] = "塘桥的停车办法"
    editor.post(ADDRESS, data)
    draft = Initiative.objects.get()
    assert draft.title == "塘桥的停车办法"
    assert not draft.topics.exists()


def test_the_same_article_twice_changes_nothing_and_says_so(editor: Client) -> None:
    page = editor.post(ADDRESS, {"text": ARTICLE}).content.decode()
    editor.post(ADDRESS, step_two(page))
    before = Initiative.objects.count()
    page = editor.post(ADDRESS, {"text": ARTICLE}).content.decode()
    assert "以前导入过" in page
    response = editor.post(ADDRESS, step_two(page), follow=True)
    assert "没有选中任何案例" in response.content.decode()
    assert Initiative.objects.count() == before


def test_a_page_sent_twice_makes_its_drafts_once(editor: Client) -> None:
    page = editor.post(ADDRESS, {"text": ARTICLE}).content.decode()
    editor.post(ADDRESS, step_two(page))
    again = editor.post(ADDRESS, step_two(page), follow=True).content.decode()
    assert "没有存，可能已有" in again
    assert Initiative.objects.count() == 2
    assert Source.objects.count() == 1


def test_one_case_is_taken_now_and_another_later_from_the_same_article(editor: Client) -> None:
    page = editor.post(ADDRESS, {"text": ARTICLE}).content.decode()
    response = editor.post(ADDRESS, step_two(page) | {"only": "1"})
    first = Initiative.objects.get()
    assert response["Location"] == f"/admin/cases/initiative/{first.pk}/change/"
    assert "塘桥街道" in first.title
    page = editor.post(ADDRESS, {"text": ARTICLE}).content.decode()
    assert 'name="keep" value="1" checked' not in page
    editor.post(ADDRESS, step_two(page))
    second = Initiative.objects.exclude(pk=first.pk).get()
    assert second.evidence.first().source == first.evidence.first().source  # type: ignore[union-attr]
    assert Source.objects.count() == 1


def test_a_case_that_was_shown_as_likely_here_is_stored_when_chosen(editor: Client) -> None:
    make.make_published(title="塘桥街道“潮汐停车”平台", aliases=["潮汐停车"], district="pudong")
    page = editor.post(ADDRESS, {"text": ARTICLE}).content.decode()
    data = step_two(page) | {"only": "1"}
    editor.post(ADDRESS, {name: value for name, value in data.items() if name != "seen-1"})
    assert Initiative.objects.count() == 1
    editor.post(ADDRESS, data)
    assert Initiative.objects.count() == 2


def test_a_likely_double_is_named_with_the_reason(editor: Client) -> None:
    make.make_published(title="潮汐停车平台", aliases=["潮汐停车"], district="pudong")
    page = editor.post(ADDRESS, {"text": ARTICLE}).content.decode()
    assert "可能已有这个案例" in page
    assert "潮汐停车平台" in page


def test_scope_date_and_years_are_offered_and_can_be_dropped(editor: Client) -> None:
    text = ARTICLE.replace("居民组成", "2015年以来，居民组成")
    page = editor.post(ADDRESS, {"text": text}).content.decode()
    for shown in ("范围", "状态截至", "文章的日期", 'name="start-0" value="2015"', "2015年以来"):
        assert shown in page, shown
    data = step_two(page)
    editor.post(ADDRESS, data | {"only": "0"})
    first = Initiative.objects.get()
    assert (first.scope, first.start, first.outcome_as_of) == ("街镇", "", "2016-03-05")
    first.delete()
    dropped = ("0/scope", "0/as_of")
    keep = [name for name in data["keep"] if name not in dropped]
    editor.post(ADDRESS, data | {"only": "0", "keep": keep, "start-0": "2015"})
    second = Initiative.objects.get()
    assert (second.scope, second.start, second.outcome_as_of) == ("", "2015", "")


def test_what_the_article_says_of_itself_can_be_corrected(editor: Client) -> None:
    page = editor.post(ADDRESS, {"text": ARTICLE}).content.decode()
    assert 'value="某某日报"' in page
    data = step_two(page, drop=lambda name: "/topic:" in name) | {
        "source-title": "改过的标题",
        "source-authors": "甲某、乙某",
        "source-publisher": "",
        "source-date": "2016年3月",
        "title-0": "我改的名称",
    }
    response = editor.post(ADDRESS, data)
    again = response.content.decode()
    assert response.status_code == 400
    assert "请写成 2014、2014-07 或 2014-07-01 的样子" in again
    assert 'value="我改的名称"' in again
    assert not Initiative.objects.exists()
    assert step_two(again)["keep"] == data["keep"]
    editor.post(ADDRESS, data | {"source-date": "2016-03"})
    source = Source.objects.get()
    told = (source.title, source.authors, source.publisher, source.date)
    assert told == ("改过的标题", ["甲某", "乙某"], "", "2016-03")
    assert {case.outcome_as_of for case in Initiative.objects.all()} == {"2016-03"}


def test_a_likely_source_is_taken_or_a_new_one_is_made(editor: Client) -> None:
    known = make.make_source(title="社区里的新办法", date="2016-03")
    page = editor.post(ADDRESS, {"text": ARTICLE}).content.decode()
    assert f'name="source" value="{known.pk}">' in page
    assert 'name="source" value="new" checked' in page
    data = step_two(page)
    editor.post(ADDRESS, data | {"only": "0", "source": str(known.pk)})
    assert Source.objects.get() == known
    assert {e.source for e in Initiative.objects.get().evidence.all()} == {known}
    editor.post(ADDRESS, data | {"only": "1", "source": "new"})
    assert Source.objects.count() == 2


def test_a_known_source_is_taken_unless_its_reader_says_otherwise(editor: Client) -> None:
    known = make.make_source(title="社区里的新办法", date="2016-03-05", publisher="某某日报")
    page = editor.post(ADDRESS, {"text": ARTICLE}).content.decode()
    assert f'name="source" value="{known.pk}" checked' in page
    data = step_two(page)
    editor.post(ADDRESS, data | {"only": "0", "source": "new"})  # did not see it
    assert Source.objects.get() == known
    editor.post(ADDRESS, data | {"only": "1", "source": "new", "seen-sources": f"{known.pk} "})
    assert Source.objects.count() == 2


def test_links_of_what_was_found_leave_the_page_as_it_is(editor: Client) -> None:
    make.make_published(title="潮汐停车平台", aliases=["潮汐停车"], district="pudong")
    make.make_source(title="社区里的新办法", date="2016-03-05")
    page = editor.post(ADDRESS, {"text": ARTICLE}).content.decode()
    links = re.findall(r'<a href="/admin/cases/(?:initiative|source)/\d+/change/"[^>]*>', page)
    assert len(links) == 2
    assert all('target="_blank"' in link for link in links)


def test_a_file_is_read_as_well(editor: Client) -> None:
    file = SimpleUploadedFile("a.txt", ARTICLE.encode("gb18030"))
    assert "塘桥街道" in editor.post(ADDRESS, {"file": file}).content.decode()


@pytest.mark.parametrize("data", [{}, {"text": "  "}, {"text": "文", "url": "不是网址"}])
def test_nothing_to_read_is_said_and_nothing_typed_is_lost(
    editor: Client, data: dict[str, str]
) -> None:
    response = editor.post(ADDRESS, data)
    assert response.status_code == 400
    assert data.get("url", "") in response.content.decode()
    assert not Initiative.objects.exists()


def test_a_picture_is_refused_in_chinese(editor: Client) -> None:
    file = SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    response = editor.post(ADDRESS, {"file": file})
    assert response.status_code == 400
    assert "不是文章：只读文本" in response.content.decode()


def test_an_article_without_a_case_says_so(editor: Client) -> None:
    page = editor.post(ADDRESS, {"text": "天气\n\n今天多云，明天有雨。"}).content.decode()
    assert "没有生成草稿" in page
    assert "存为草稿" not in page


def test_a_broken_second_step_is_refused(editor: Client) -> None:
    response = editor.post(ADDRESS, {"article": "不是编码", "keep": "0"}, follow=True)
    assert "重新导入" in response.content.decode()
    assert not Initiative.objects.exists()


@pytest.mark.parametrize("role", ["editor", "reviewer", "manager"])
def test_who_may_write_may_import(client: Client, role: str) -> None:
    client.force_login(make.make_user(role))
    assert client.get(ADDRESS).status_code == 200


def test_others_may_not(client: Client) -> None:
    assert client.get(ADDRESS).status_code == 302
    client.force_login(make.make_user("", is_staff=True))
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, {"article": "x"}).status_code == 403


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 390])
def test_what_was_found_is_chosen_by_label_and_meets_the_rules(
    real_cases: None, desk: Callable[..., Any], width: int
) -> None:
    known = make.make_source(title="社区里的新办法", date="2016-03")
    make.make_published(title="潮汐停车平台", aliases=["潮汐停车"], district="pudong")
    page = desk("editor", width=width)
    page.goto(ADDRESS)
    page.get_by_label("文章全文").fill(ARTICLE.replace("居民组成", "2015年以来，居民组成"))
    page.get_by_role("button", name="查找").click()
    assert axe_module.axe(page) == []
    page.get_by_label("用已有的来源：社区里的新办法").check()
    page.get_by_label(re.compile("2015年以来")).and_(page.get_by_role("radio")).check()
    page.get_by_role("button", name=re.compile("只存这一个.*凌云路")).click()
    page.wait_for_url("**/change/")
    assert page.locator("#id_start").input_value() == "2015"
    assert known.evidence.exists()
