"""The search box and the list as a person uses them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from .axe import axe

NOTE_WHAT_IS_ASKED = """
    window.asked = [];
    const send = window.fetch;
    window.fetch = (...request) => {
        asked.push(String(request[0]));
        return send(...request);
    };
"""

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_suggestions_are_chosen_with_the_keyboard_alone(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for().new_page()
    page.goto("/")
    box = page.get_by_role("combobox", name="检索案例")
    box.press_sequentially("沪东")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    assert axe(page) == []
    box.press("Escape")
    expect(options.first).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/cases/*/")


def test_enter_in_the_box_searches_for_what_was_typed(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for().new_page()
    page.goto("/")
    box = page.get_by_role("combobox", name="检索案例")
    box.fill("微心愿")
    box.press("Enter")
    page.wait_for_url("**/cases/?q=*")
    expect(page.locator("mark").first).to_have_text("微心愿")


def test_nothing_is_asked_while_an_input_method_composes(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for().new_page()
    page.clock.install()
    page.add_init_script(NOTE_WHAT_IS_ASKED)
    page.goto("/")
    box = page.get_by_role("combobox", name="检索案例")
    box.focus()
    box.evaluate(
        """box => {
            box.value = "wei";
            box.dispatchEvent(new InputEvent("input", {isComposing: true, bubbles: true}));
            box.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", isComposing: true}));
        }"""
    )
    page.clock.run_for(1_000)
    assert page.evaluate("asked") == []
    box.evaluate(
        """box => {
            box.value = "微心愿";
            box.dispatchEvent(new CompositionEvent("compositionend", {bubbles: true}));
        }"""
    )
    page.clock.run_for(1_000)
    assert len(page.evaluate("asked")) == 1
    expect(page.get_by_role("option").first).to_be_visible()


def test_a_question_that_waits_is_dropped_when_an_input_method_begins(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for().new_page()
    page.clock.install()
    page.add_init_script(NOTE_WHAT_IS_ASKED)
    page.goto("/")
    box = page.get_by_role("combobox", name="检索案例")
    box.focus()
    box.evaluate(
        """box => {
            box.value = "沪";
            box.dispatchEvent(new InputEvent("input", {bubbles: true}));
            box.dispatchEvent(new CompositionEvent("compositionstart", {bubbles: true}));
            box.value = "沪d";
        }"""
    )
    page.clock.run_for(1_000)
    assert page.evaluate("asked") == []


def test_enter_does_not_open_what_was_offered_for_another_text(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for().new_page()
    page.goto("/")
    box = page.get_by_role("combobox", name="检索案例")
    box.press_sequentially("沪东")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    page.route("**/suggest/*", lambda _route: None)  # The answer for the new text never comes.
    box.press_sequentially("火")
    expect(page.locator("[aria-activedescendant]")).to_have_count(0)
    box.press("Enter")
    page.wait_for_url("**/cases/?q=*")


@pytest.mark.parametrize("javascript", [True, False])
def test_search_narrow_remove_open_and_back_and_the_address_is_the_state(
    real_cases: None, context_for: Callable[..., BrowserContext], javascript: bool
) -> None:
    page = context_for(javascript=javascript).new_page()
    page.goto("/")
    page.locator("input[name=q]").fill("党员")
    page.get_by_role("button", name="检索").click()
    page.get_by_role("navigation", name="按区筛选").get_by_role("link", name="浦东新区").click()
    expect(page).to_have_url(re.compile("district=pudong"))
    page.get_by_role("navigation", name="按议题筛选").get_by_role("link", name="党建引领").click()
    expect(page).to_have_url(re.compile("district=pudong.*topic=party"))
    page.get_by_role("link", name="移除筛选：浦东新区").click()
    expect(page).not_to_have_url(re.compile("district"))
    address = page.url
    heading = page.locator(".rows h2 a").first.inner_text()
    page.locator(".rows h2 a").first.click()
    expect(page.locator("h1")).to_have_text(heading)
    page.go_back()
    expect(page).to_have_url(address)
    assert axe(page) == [] if javascript else True


def test_the_keyboard_alone_reaches_a_filter_and_a_case(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for().new_page()
    page.goto("/cases/?q=党员")
    seen = []
    for _ in range(200):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.getAttribute('href') || ''"))
        if seen[-1].startswith("/cases/") and seen[-1].count("/") == 3 and "?" not in seen[-1]:
            break
    assert any("district=" in address for address in seen)
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*/")


def test_a_long_facet_opens_and_is_searched_within(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for().new_page()
    page.goto("/cases/")
    facet = page.locator("#facet-subdistrict")
    if facet.get_attribute("open") is None:
        facet.locator("summary").first.click()
    facet.get_by_role("link", name="展开其余").click()
    box = facet.get_by_label("在街镇中查找")
    for typed in ("长征", " 长 征", "changzheng", "CZZ"):
        box.fill(typed)
        expect(facet.locator("li:visible")).to_have_count(1)
    expect(facet.get_by_text("没有符合的值")).to_be_hidden()
    box.fill("火星")
    expect(facet.locator("li:visible")).to_have_count(0)
    expect(facet.get_by_text("没有符合的值")).to_be_visible()
    box.fill("")
    facet.get_by_role("link", name="长征镇").click()
    expect(page).to_have_url(re.compile("subdistrict="))
    expect(facet.get_by_label("在街镇中查找")).to_be_visible()
