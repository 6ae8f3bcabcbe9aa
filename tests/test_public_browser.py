"""The public pages as a person's browser shows them."""

import gzip
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Response, expect

from .axe import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QCA = "cond=theme:social-forces&cond=actor:street-office/牵头&outcome=status:running"
# One address of each kind of page, with the status that it answers with.
PAGES = {
    "/": 200,
    "/cases/": 200,
    "/cases/?district=xuhui&topic=contact": 200,
    "/cases/?district=chongming": 200,
    "/cases/?page=abc": 400,
    "/cases/5/": 200,
    "/cases/2/": 200,
    "/cases/5/v1/": 200,
    "/districts/": 200,
    "/districts/pudong/": 200,
    "/districts/zhabei/": 200,
    "/themes/": 200,
    "/themes/subdistrict-reform/": 200,
    "/themes/community-workers/": 200,
    "/policies/": 200,
    "/policies/1/": 200,
    "/policies/2/?on=2016-01-01": 200,
    "/policies/17/?on=x": 400,
    "/sources/people-2016-06-02/": 200,
    "/about/": 200,
    "/about/codebook/": 200,
    "/about/data/": 200,
    "/api/docs/": 200,
    "/cases/?q=党员": 200,
    "/cases/?q=党员 火星": 200,
    "/cases/?open=subdistrict": 200,
    "/cases/5/versions/": 200,
    "/cases/?topic=parking&topic=market": 200,
    "/matrix/": 200,
    "/matrix/?rows=year&columns=topic&grade=C": 200,
    "/statistics/": 200,
    "/statistics/?district=pudong": 200,
    "/compare/": 200,
    "/compare/?id=5": 200,
    "/compare/?id=1&id=5&id=2&id=10&id=19": 200,
    "/compare/?id=5&id=abc": 400,
    "/compare/qca/": 200,
    f"/compare/qca/?{QCA}": 200,
    "/brief/": 200,
    "/brief/?id=5&id=1": 200,
    "/brief/?id=abc": 400,
    "/login/": 200,
    "/nothing/": 404,
}
KILOBYTES = 60


@pytest.mark.parametrize(
    ("width", "scheme", "elder"),
    [
        (width, scheme, elder)
        for width in (1280, 390)
        for scheme, elder in (("light", False), ("dark", False), ("light", True), ("dark", True))
    ],
)
def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(
    real_cases: None,
    context_for: Callable[..., BrowserContext],
    width: int,
    scheme: str,
    elder: bool,
) -> None:
    page = context_for(width=width, scheme=scheme, elder=elder).new_page()
    found = {}
    for address, status in PAGES.items():
        response = page.goto(address)
        assert response is not None
        assert response.status == status, address
        if problems := axe(page):
            found[address] = problems
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert found == {}


def test_no_page_weighs_more_than_sixty_kilobytes_and_all_comes_from_this_host(
    real_cases: None, context_for: Callable[..., BrowserContext], live_server: object
) -> None:
    for address in PAGES:
        context = context_for()
        page = context.new_page()
        loaded: list[Response] = []
        page.on("response", lambda response, into=loaded: into.append(response))
        page.goto(address, wait_until="networkidle")
        weight = sum(len(gzip.compress(response.body())) for response in loaded)
        assert weight <= KILOBYTES * 1024, (address, weight)
        assert {response.url.split("/")[2] for response in loaded} == {page.url.split("/")[2]}
        context.close()


def test_without_javascript_a_reader_narrows_the_list_opens_a_case_and_comes_back(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for(javascript=False).new_page()
    page.goto("/")
    page.get_by_role("link", name="徐汇").first.click()
    expect(page).to_have_url(re.compile("xuhui"))
    page.goto("/cases/?district=xuhui")
    page.get_by_role("navigation", name="按议题筛选").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("topic="))
    page.get_by_role("link", name="移除筛选：徐汇区").click()
    expect(page).not_to_have_url(re.compile("district"))
    address = page.url
    page.locator("main h2 a, main h3 a").first.click()
    expect(page).to_have_url(re.compile(r"/cases/\d+/$"))
    page.go_back()
    expect(page).to_have_url(address)


def test_without_javascript_a_researcher_takes_three_cases_home_in_five_clicks(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for(javascript=False).new_page()
    page.goto("/")
    page.get_by_role("link", name="停车与交通").click()
    page.locator("#facet-topic").get_by_role("link", name="展开其余").click()
    page.get_by_role("link", name="菜场与社区商业").click()
    page.get_by_role("link", name="并排比较这 3 个").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    text = download.value.path().read_text("utf-8-sig")
    for title in ("塘桥街道“潮汐式”停车", "弄堂菜场", "社区智慧微菜场"):
        assert title in text.splitlines()[0]


def test_without_a_mouse_an_official_comes_from_a_word_to_a_brief_with_policies(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for().new_page()
    keys = 0

    def reach(name: str) -> None:
        nonlocal keys
        for _ in range(30):
            page.keyboard.press("Tab")
            keys += 1
            if page.locator(":focus").inner_text() == name:
                return
        raise AssertionError(name)

    page.goto("/")
    page.locator("main input[type=search]").focus()
    page.keyboard.type("老人")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/?**")
    reach("跳过筛选，到结果")
    page.keyboard.press("Enter")
    reach("打印简报")
    page.keyboard.press("Enter")
    page.wait_for_url("**/brief/?**")
    assert keys <= 25
    brief = page.locator(".brief-page").inner_text()
    for text in (
        "问题：检索词：老人",
        "花木街道“候鸟父母之家”",
        "《关于深化本市街道体制改革的",
        "GB/T 7714",
    ):
        assert text in brief
    expect(page.get_by_role("button", name="打印")).to_be_visible()


def test_a_ticked_case_keeps_the_button_in_sight_without_hiding_the_focus(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for().new_page()
    page.goto("/cases/")
    button = page.get_by_role("button", name="比较勾选的案例")
    assert button.bounding_box()["y"] > 800
    boxes = page.locator("input[form=compare]")
    boxes.first.check()
    expect(button).to_be_in_viewport()
    for _ in range(12):
        page.keyboard.press("Tab")
        # The page may glide to where the focus went.
        page.wait_for_function(
            """() => document.activeElement.getBoundingClientRect().bottom
                <= document.querySelector(".picked").getBoundingClientRect().top + 1"""
        )


def test_the_large_type_version_is_one_click_and_stays(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for().new_page()
    page.goto("/cases/5/")
    small = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)")
    page.get_by_role("button", name="长辈版").click()
    expect(page.locator("html.elder")).to_be_visible()
    expect(page).to_have_url(re.compile("/cases/5/$"))
    large = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)")
    assert large >= 22.5 > small
    page.goto("/districts/")
    expect(page.locator("html.elder")).to_be_visible()


def test_a_mark_leads_to_its_evidence_and_back_by_keyboard(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for().new_page()
    page.goto("/cases/5/")
    page.locator("sup.mark a").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#evidence-"))
    number = page.url.rpartition("-")[2]
    page.locator(f"#evidence-{number} a[href^='#']").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#(background|approach)-"))


def test_the_first_stop_of_the_keyboard_skips_to_the_content(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for().new_page()
    page.goto("/cases/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"


def test_a_document_is_asked_about_a_day_and_cited_by_keyboard_alone(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    context = context_for()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/policies/17/")
    page.get_by_label("日期").focus()
    page.get_by_label("日期").fill("2018-01-01")
    page.keyboard.press("Enter")
    page.get_by_text("2018 年 1 月 1 日：").wait_for()
    expect(page).to_have_url(re.compile("on=2018-01-01"))
    expect(page.get_by_label("日期")).to_have_value("2018-01-01")
    entry = page.locator("#cite ~ dl dd p").first.inner_text()
    page.get_by_role("button", name="复制 2025 版著录格式").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="复制 2025 版著录格式").get_by_text("已复制").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == entry
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "RIS"


def test_without_javascript_citations_are_text_and_files(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for(javascript=False).new_page()
    for address in ("/policies/17/", "/sources/people-2016-06-02/", "/about/", "/cases/5/"):
        page.goto(address)
        cite = page.locator("#cite ~ dl, #cite ~ * dl").first
        assert "GB/T 7714—2025" in cite.inner_text()
        assert "GB/T 7714—2015" in cite.inner_text()
        assert not cite.get_by_role("button").count()
        with page.expect_download() as download:
            page.get_by_role("link", name="RIS").last.click()
        assert download.value.suggested_filename.endswith(".ris")
