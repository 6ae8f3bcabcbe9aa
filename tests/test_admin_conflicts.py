"""Two people at one draft: nobody's work is lost, and each sees what the other did."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases.models import Grade, Initiative

from . import axe as axe_module
from . import make
from .test_admin import _Form, change, form_of, row

GRADE_A, GRADE_C = (str(Grade(letter).label) for letter in "AC")

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Initiative:
    return make.make_complete_draft(title="原题", topics=("parking", "noise"))


@pytest.fixture
def other() -> Client:
    client = Client()
    client.force_login(make.make_user("editor", username="wang", first_name="小王"))
    return client


@pytest.fixture
def editor(client: Client) -> Any:
    user = make.make_user("editor")
    client.force_login(user)
    return user


def panel(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    text: str = response.content.decode()
    start = text.index('id="desk-conflict"')
    return text[start : text.index("</section>", start)]


def test_the_second_to_save_sees_the_other_value_beside_the_typed_one(
    client: Client, editor: Any, other: Client, case: Initiative
) -> None:
    mine = form_of(client, change(case)) | {"title": "我的题目", "limits": "写了很久[^1]"}
    theirs = form_of(other, change(case)) | {"title": "别人的题目"}
    assert other.post(change(case), theirs).status_code == 302
    response = client.post(change(case), mine)
    told = panel(response)
    assert "wang" in told
    assert "别人的题目" in told
    assert "<ins>我</ins>" in told
    assert "不足与启示" not in told  # only the typist changed it
    again = _Form(response.content.decode()).data
    assert (again["title"], again["limits"]) == ("我的题目", "写了很久[^1]")
    case.refresh_from_db()
    assert (case.title, case.limits) == ("别人的题目", "")
    assert client.post(change(case), again).status_code == 302
    case.refresh_from_db()
    assert (case.title, case.limits) == ("我的题目", "写了很久[^1]")


def test_what_only_the_other_changed_is_kept(
    client: Client, editor: Any, other: Client, case: Initiative
) -> None:
    mine = form_of(client, change(case)) | {"results": "我写的成效[^1]"}
    theirs = form_of(other, change(case)) | {
        "summary": "对方改的摘要。",
        "aliases": "甲\n乙",
        "districts": [str(make.make_district("pudong").pk)],
        "start": "2014",
        "evidence-0-quotation": "对方加的引文",
    }
    row(theirs, "participations", actor=make.make_actor().pk, role="牵头")
    assert other.post(change(case), theirs).status_code == 302
    response = client.post(change(case), mine)
    told = panel(response)
    for word in ("对方改的摘要。", "浦东新区", "对方加的引文", "街道/镇"):
        assert word in told
    again = _Form(response.content.decode()).data
    assert client.post(change(case), again).status_code == 302
    case.refresh_from_db()
    assert (case.summary, case.results, case.start) == ("对方改的摘要。", "我写的成效[^1]", "2014")
    assert case.aliases == ["甲", "乙"]
    assert [d.slug for d in case.districts.all()] == ["pudong"]
    assert case.evidence.get().quotation == "对方加的引文"
    assert case.participations.count() == 1


def test_rows_that_both_changed_stand_beside_each_other(
    client: Client, editor: Any, other: Client, case: Initiative
) -> None:
    mine = form_of(client, change(case)) | {"evidence-0-quotation": "我的引文"}
    theirs = form_of(other, change(case)) | {"evidence-0-quotation": "对方的引文"}
    row(theirs, "figures", label="车位", value="12", unit="个", evidence_number="1")
    other.post(change(case), theirs)
    response = client.post(change(case), mine)
    told = panel(response)
    assert "对方的引文" in told
    assert "<ins>我</ins>" in told
    assert "车位" in told
    client.post(change(case), _Form(response.content.decode()).data)
    assert case.evidence.get().quotation == "我的引文"
    assert case.figures.count() == 1


def told_lines(response: Any) -> dict[str, tuple[str, str, bool]]:
    """Return theirs and yours, and whether theirs was taken, by what the line is about."""
    panel(response)
    return {c.title: (c.theirs, c.yours, c.taken) for c in response.context["clashes"]}


def test_two_may_change_different_boxes_of_one_row(
    client: Client, editor: Any, other: Client, case: Initiative
) -> None:
    mine = form_of(client, change(case)) | {"evidence-0-quotation": "我的引文"}
    theirs = form_of(other, change(case)) | {"evidence-0-grade": "A"}
    assert other.post(change(case), theirs).status_code == 302
    response = client.post(change(case), mine)
    assert told_lines(response) == {"出处 1“证据等级”": (GRADE_A, GRADE_C, True)}
    again = _Form(response.content.decode()).data
    assert client.post(change(case), again).status_code == 302
    row = case.evidence.get()
    assert (row.grade, row.quotation) == ("A", "我的引文")


def test_a_box_that_both_changed_is_named_and_the_typed_text_is_kept(
    client: Client, editor: Any, other: Client, case: Initiative
) -> None:
    make.make_figure(case, label="车位", evidence=case.evidence.get())
    source = make.make_source(title="另一来源")
    make.make_evidence(case, number=2, quotation="二")
    mine = form_of(client, change(case)) | {
        "evidence-1-quotation": "我的引文",
        "figures-0-unit": "个",
    }
    theirs = form_of(other, change(case)) | {
        "evidence-1-quotation": "对方的引文",
        "evidence-1-source": str(source.pk),
        "figures-0-value": "86.5",
        "figures-0-evidence_number": "2",
    }
    assert other.post(change(case), theirs).status_code == 302
    response = client.post(change(case), mine)
    lines = told_lines(response)
    assert lines["出处 2“引文”"] == ("对方的引文", "我的引文", False)
    assert lines["出处 2“来源”"][0] == "另一来源"
    assert lines["数据第 1 行“数值”"] == ("86.5", "22", True)
    assert lines["数据第 1 行“出处编号”"] == ("2", "1", True)
    assert len(lines) == 4
    assert client.post(change(case), _Form(response.content.decode()).data).status_code == 302
    row, figure = case.evidence.get(number=2), case.figures.get()
    assert (row.quotation, row.source) == ("我的引文", source)
    assert (figure.plain_value, figure.unit, figure.evidence) == (86.5, "个", row)


def test_a_row_that_one_deleted_and_the_other_changed_is_named(
    client: Client, editor: Any, other: Client, case: Initiative
) -> None:
    for number in (2, 3, 4):
        make.make_evidence(case, number=number, quotation=f"引文{number}")
    mine = form_of(client, change(case)) | {
        "evidence-1-quotation": "我改的",
        "evidence-3-DELETE": "on",
    }
    theirs = form_of(other, change(case)) | {
        "evidence-1-DELETE": "on",
        "evidence-2-DELETE": "on",
        "evidence-3-quotation": "对方改的",
    }
    assert other.post(change(case), theirs).status_code == 302
    response = client.post(change(case), mine)
    lines = told_lines(response)
    assert set(lines) == {"出处 2：对方已删除", "出处 3：对方已删除", "出处 4：对方改过"}
    assert "我改的" in lines["出处 2：对方已删除"][1]
    assert not lines["出处 2：对方已删除"][2]
    assert lines["出处 3：对方已删除"][2]
    assert "对方改的" in lines["出处 4：对方改过"][0]
    assert client.post(change(case), _Form(response.content.decode()).data).status_code == 302
    assert list(case.evidence.values_list("number", "quotation")) == [(1, ""), (2, "我改的")]


def test_a_row_that_the_other_added_is_told_and_kept(
    client: Client, editor: Any, other: Client, case: Initiative
) -> None:
    mine = form_of(client, change(case)) | {"evidence-0-quotation": "我的引文"}
    theirs = form_of(other, change(case))
    row(theirs, "evidence", source=str(make.make_source().pk), grade="B", quotation="对方加的")
    assert other.post(change(case), theirs).status_code == 302
    response = client.post(change(case), mine)
    theirs_now, _yours, taken = told_lines(response)["出处 2：对方新加"]
    assert "对方加的" in theirs_now
    assert taken
    assert client.post(change(case), _Form(response.content.decode()).data).status_code == 302
    assert list(case.evidence.values_list("quotation", flat=True)) == ["我的引文", "对方加的"]


def test_a_mistake_in_the_same_form_is_told_too_and_nothing_is_lost(
    client: Client, editor: Any, other: Client, case: Initiative
) -> None:
    mine = form_of(client, change(case)) | {"start": "2014-13", "evidence-0-source": ""}
    theirs = form_of(other, change(case)) | {"start": "2015", "evidence-0-grade": "A"}
    other.post(change(case), theirs)
    response = client.post(change(case), mine)
    assert "2014-13" in panel(response)
    again = _Form(response.content.decode()).data
    assert (again["start"], again["evidence-0-source"]) == ("2014-13", "")
    assert "请写成 2014" in response.content.decode()


def test_saving_the_same_twice_or_a_change_of_status_is_no_clash(
    client: Client, editor: Any, other: Client, case: Initiative
) -> None:
    mine = form_of(client, change(case)) | {"title": "我的题目"}
    theirs = form_of(other, change(case))
    other.post(change(case), theirs)
    assert client.post(change(case), mine).status_code == 302


@pytest.mark.parametrize(
    "opened", ["", "null", "[", "2015-01-01T00:00:00", "{}", '{"fields":{},"rows":{"evidence":3}}']
)
def test_a_form_that_does_not_say_what_it_saw_is_asked_to_look(
    client: Client, editor: Any, case: Initiative, opened: str
) -> None:
    data = form_of(client, change(case)) | {"opened": opened, "title": "我的题目"}
    response = client.post(change(case), data)
    assert "我的题目" not in Initiative.objects.get().title
    assert "原题" in panel(response)
    assert client.post(change(case), _Form(response.content.decode()).data).status_code == 302


def test_files_are_part_of_what_both_see(
    client: Client, editor: Any, other: Client, case: Initiative, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    mine = form_of(client, change(case)) | {"summary": "我的摘要。"}
    theirs = form_of(other, change(case))
    row(theirs, "attachments", file=SimpleUploadedFile("a.pdf", make.PDF), caption="实施方案")
    assert other.post(change(case), theirs).status_code == 302
    response = client.post(change(case), mine)
    told = panel(response)
    assert "附件" in told
    assert "实施方案" in told
    again = _Form(response.content.decode()).data
    assert again["attachments-0-caption"] == "实施方案"
    assert client.post(change(case), again).status_code == 302
    assert case.attachments.get().caption == "实施方案"
    mine = form_of(client, change(case)) | {"attachments-0-caption": "我的图注"}
    theirs = form_of(other, change(case)) | {"attachments-0-DELETE": "on"}
    assert other.post(change(case), theirs).status_code == 302
    response = client.post(change(case), mine)
    assert "我的图注" in panel(response)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_two_browsers_at_one_draft(desk: Callable[..., Any]) -> None:
    case = make.make_complete_draft(title="原题")
    first, second = desk("editor"), desk("reviewer")
    for page in (first, second):
        page.goto(change(case))
    first.get_by_label("标题").first.fill("先保存的题目")
    first.locator("#id_summary").fill("先保存的摘要。")
    first.get_by_role("button", name="保存", exact=True).click()
    first.get_by_text("成功修改").wait_for()
    second.get_by_label("标题").first.fill("后保存的题目")
    second.locator("#id_limits").fill("后写的不足[^1]")
    second.get_by_role("button", name="保存", exact=True).click()
    told = second.locator("#desk-conflict")
    told.get_by_text("先保存的题目").wait_for()
    told.get_by_text("先保存的摘要。").wait_for()
    assert axe_module.axe(second) == []
    assert second.locator("#id_title").input_value() == "后保存的题目"
    assert second.locator("#id_summary").input_value() == "先保存的摘要。"
    assert second.locator("#id_limits").input_value() == "后写的不足[^1]"
    second.get_by_role("button", name="保存", exact=True).click()
    second.get_by_text("成功修改").wait_for()
    case.refresh_from_db()
    assert (case.title, case.summary, case.limits) == (
        "后保存的题目",
        "先保存的摘要。",
        "后写的不足[^1]",
    )
