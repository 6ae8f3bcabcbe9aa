"""From a pasted article to a cited version and its revision, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from cases.models import Initiative

from .test_admin_import import ARTICLE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_article_becomes_a_published_case_that_is_cited_and_revised(
    real_cases: None, desk: Callable[..., Page], context_for: Callable[..., BrowserContext]
) -> None:
    editor = desk("editor")
    editor.goto("/admin/cases/initiative/import/")
    editor.get_by_label("文章全文").fill(ARTICLE)
    editor.get_by_role("button", name="查找").click()
    editor.get_by_role("button", name=re.compile("只存这一个.*塘桥街道")).click()

    editor.locator("#id_summary").fill("塘桥街道让楼宇和小区错时共用车位。")
    editor.locator("#id_scope").select_option("街镇")
    editor.locator("#id_theme_note").fill("来源没有说明依据")
    editor.locator("#id_approach").fill("楼宇和小区错时共享车位[^1]。")
    editor.get_by_role("button", name="提交审核").click()
    expect(editor.locator(".messagelist")).to_contain_text("审核")
    draft = Initiative.objects.get(status="review")

    reviewer = desk("reviewer")
    reviewer.goto("/admin/cases/initiative/queue/")
    reviewer.get_by_role("link", name=draft.title).first.click()
    reviewer.get_by_role("button", name="发布", exact=True).click()
    expect(reviewer.locator(".messagelist")).to_contain_text("发布")
    draft.refresh_from_db()
    assert draft.is_published

    reader = context_for().new_page()
    reader.goto(f"/cases/{draft.pk}/v1/")
    first = reader.locator("main").inner_text()
    assert f"/cases/{draft.pk}/v1/." in first

    editor.goto(f"/admin/cases/initiative/{draft.pk}/change/")
    editor.get_by_role("button", name="开始修订").click()
    editor.locator("#id_summary").fill("塘桥街道让楼宇和小区分时共用车位。")
    editor.get_by_role("button", name="提交审核").click()
    expect(editor.locator(".messagelist")).to_contain_text("审核")
    copy = Initiative.objects.get(status="review")
    reader.goto(f"/cases/{draft.pk}/")
    expect(reader.locator(".lead")).to_have_text("塘桥街道让楼宇和小区错时共用车位。")

    reviewer.goto("/admin/cases/initiative/queue/")
    reviewer.get_by_role("link", name=copy.title).first.click()
    reviewer.get_by_role("button", name="发布", exact=True).click()
    expect(reviewer.locator(".messagelist")).to_contain_text("发布")

    reader.goto(f"/cases/{draft.pk}/v1/")
    assert "自您引用的版本以来有修改" in reader.locator("main").inner_text()
    expect(reader.locator(".lead")).to_have_text("塘桥街道让楼宇和小区错时共用车位。")
    reader.goto(f"/cases/{draft.pk}/versions/1..2/")
    assert reader.locator("del").all_inner_texts() == ["错"]
    assert reader.locator("ins").all_inner_texts() == ["分"]
