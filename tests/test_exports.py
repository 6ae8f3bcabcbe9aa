"""`/cases.csv` and `/cases.xlsx`: the same rows as the list, safe to open, streamed."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from cases import facets, publishing, records
from cases.codebook import codebook_rows
from cases.filters import CaseQuery
from cases.outputs import exports

from . import make
from .test_case_list import get_json, queries, some_cases  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
SECRET = "不可外传"


def get_csv(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"/cases.csv?{query}")
    assert response.status_code == 200, query
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def get_sheets(client: Client, query: str = "") -> dict[str, list[tuple[Any, ...]]]:
    response = client.get(f"/cases.xlsx?{query}")
    assert response.status_code == 200, query
    book = load_workbook(io.BytesIO(b"".join(response)))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def record(**changes: Any) -> records.Record:
    """Return a whole record with nothing in it, except what is given."""
    nothing: records.Record = {
        "schema_version": 1,
        "id": 1,
        "url": "/cases/1/",
        "version": 1,
        "published_at": "2026-01-02T03:04:05+08:00",
        "title": "标题",
        "aliases": [],
        "summary": None,
        "scope": None,
        "districts": [],
        "subdistricts": [],
        "period": {"start": None, "end": None, "precision": "不详"},
        "status": {"value": "unknown", "label": "不明", "as_of": None},
        "themes": [],
        "theme_note": None,
        "topics": [],
        "mechanisms": [],
        "participations": [],
        "sections": dict.fromkeys(("background", "approach", "mechanism", "results", "limits")),
        "figures": [],
        "policies": [],
        "evidence": [],
        "sources": [],
    }
    return nothing | changes


def row(**changes: Any) -> dict[str, exports.Cell]:
    cells = next(exports.rows([record(**changes)], "https://cases.example.org"))
    return dict(zip(exports.HEADERS, cells, strict=True))


# --- The rows are those of the list ---


def test_rows_json_count_and_the_list_agree_for_every_combination(
    client: Client,
    some_cases: None,  # noqa: F811
) -> None:
    for query in queries()[::5]:
        data = get_json(client, query)
        rows = get_csv(client, query)
        assert [int(r["编号"]) for r in rows] == [case["id"] for case in data["results"]], query
        assert len(rows) == data["count"], query


def test_the_workbook_has_the_rows_of_the_csv(
    client: Client,
    some_cases: None,  # noqa: F811
) -> None:
    for query in ("", "district=xuhui&sort=year", "topic=pets"):
        rows, (header, *cells) = get_csv(client, query), get_sheets(client, query)["案例"]
        assert list(header) == list(rows[0])
        assert [[str(v) for v in line] for line in cells] == [list(r.values()) for r in rows]


def test_a_table_has_every_page_and_more_rows_than_are_read_at_once(client: Client) -> None:
    made = [make.make_published().pk for _ in range(3)]
    for query in ("page=1", "page=2"):
        assert [int(r["编号"]) for r in get_csv(client, query)] == made[::-1]
    first = records.load(made[:1])[0]
    many = (first | {"id": number} for number in range(1_250))
    assert b"".join(exports.csv_pieces(many, "")).count(b"\r\n") == 1_251


def test_a_query_that_finds_nothing_gives_the_header_alone(client: Client) -> None:
    make.make_published(topics=("parking",))
    make.make_topic("pets", "宠物")
    assert get_csv(client, "topic=pets") == []
    assert list(get_sheets(client, "topic=pets")["案例"][0]) == exports.HEADERS


def test_cases_that_are_not_public_are_in_no_table(client: Client) -> None:
    make.make_published(title="公开的案例")
    make.make_complete_draft(title=SECRET, summary=SECRET)
    make.make_in_review(title=SECRET, approach=f"{SECRET}[^1]")
    make.make_withdrawn(title=SECRET)
    assert [r["标题"] for r in get_csv(client)] == ["公开的案例"]
    assert SECRET not in str(get_csv(client))
    assert SECRET not in str(get_sheets(client))
    assert len(get_sheets(client)["案例"]) == 2


def test_a_case_withdrawn_while_the_table_is_under_way_is_left_out(client: Client) -> None:
    case = make.make_published(title=SECRET)
    response = client.get("/cases.csv")
    publishing.withdraw(case, None, "重复收录")
    assert SECRET not in b"".join(response).decode()


def test_publishing_meanwhile_neither_repeats_nor_drops_a_row_of_a_ranked_table(
    client: Client,
) -> None:
    made = [make.make_published(title=f"潮汐{number}") for number in range(4)]
    made += [make.make_published(approach="潮汐[^1]") for _ in range(4)]
    rows = []
    for record in CaseQuery(QueryDict("q=潮汐"), facets.current()).every_row(size=2):
        rows.append(record["id"])
        if len(rows) == 2:
            copy = publishing.start_revision(made[3])
            copy.title, copy.approach = "别的", "潮汐[^1]"
            copy.save()
            publishing.publish(copy)
            client.get("/cases/?q=潮汐")
    assert sorted(rows) == [case.pk for case in made]


@pytest.mark.parametrize("address", ["/cases.csv", "/cases.xlsx"])
def test_a_bad_value_is_an_error_in_json_and_no_table(client: Client, address: str) -> None:
    make.make_published()
    response = client.get(f"{address}?district=nowhere&page=0")
    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"district", "page"}


# --- What a cell says ---


def test_codes_stand_beside_labels_and_the_number_comes_first(client: Client) -> None:
    street = make.make_subdistrict()
    case = make.make_published(
        subdistricts=[street], outcome="running", actors=(("street", "牵头"),)
    )
    (found,) = get_csv(client)
    assert list(found)[0] == "编号"
    assert len(set(found)) == len(found) == len(exports.COLUMNS)
    expected = {
        "编号": str(case.pk),
        "标题": case.title,
        "区": "徐汇区",
        "区代码": "310104",
        "区拼音": "xuhui",
        "街镇": "凌云路街道",
        "街镇代码": "310104015",
        "成效状态": "运行中",
        "成效状态代码": "running",
        "改革主题": "居民区治理",
        "改革主题代码": "residential-areas",
        "议题": "停车与交通",
        "议题代码": "parking",
        "主体类型代码": "street",
        "主体角色": "牵头",
        "做法": "居民先商量，再分头去做。[^1]",
        "出处数": "1",
        "最好证据等级": "C",
        "版本": "1",
        "网址": f"http://testserver/cases/{case.pk}/",
    }
    assert {name: found[name] for name in expected} == expected


def test_every_field_of_the_codebook_has_a_column() -> None:
    fields = list(codebook_rows())
    whole = {f["path"] for f in fields}
    leaves = {
        f["path"]
        for f in fields
        if not any(p.startswith((f"{f['path']}.", f"{f['path']}[]")) for p in whole)
    }
    shown = {field for column in exports.COLUMNS for field in column.fields}
    assert leaves <= shown | {field.removesuffix("[]") for field in shown}
    assert shown <= whole | {f"{path}[]" for path in whole}


def test_what_is_not_recorded_has_one_mark_and_is_never_empty() -> None:
    cells = row()
    assert set(cells.values()) - {exports.UNRECORDED} == {
        1, "标题", "不详", "不明", "unknown", 0, "2026-01-02T03:04:05+08:00",
        "https://cases.example.org/cases/1/",
    }  # fmt: skip
    assert "" not in cells.values()


def test_a_figure_is_written_in_chinese_order_with_its_evidence() -> None:
    def figure(**changes: Any) -> dict[str, Any]:
        nothing = {"qualifier": None, "unit": "人", "period": None, "evidence": 1}
        return {"label": "参加", "value": 300, **nothing, **changes}

    cell = row(
        figures=[
            figure(),
            figure(qualifier="余", period="2014 年"),
            figure(qualifier="约", evidence=2),
            figure(qualifier="以上", value=1.5, unit="万户", evidence=None),
        ]
    )["数据"]
    assert str(cell).split("；\n") == [
        "参加 300人[出处1]",
        "参加 300余人（2014 年）[出处1]",
        "参加 约300人[出处2]",
        "参加 1.5万户以上",
    ]


def test_several_values_can_be_taken_apart_again() -> None:
    actors = [
        {"actor": "a", "actor_name": "甲", "name": "一；二", "role": None},
        {"actor": "b", "actor_name": "乙", "name": None, "role": "牵头"},
        {"actor": "c", "actor_name": "丙", "name": "三\n四", "role": "参与"},
    ]
    cells = row(participations=actors)
    assert cells["主体名称"] == "一;二；未记录；三 四"
    assert cells["主体角色"] == "未记录；牵头；参与"
    themes = [
        {"slug": s, "name": s, "basis": "推断", "reason": f"理由{s}；与别处两可"} for s in "ab"
    ]
    assert str(row(themes=themes)["改革主题理由"]).split("；\n") == [
        "理由a；与别处两可",
        "理由b；与别处两可",
    ]


# --- What a spreadsheet makes of it ---


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://example.org";"x")',
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\u3000=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "\x01=1",
        "\ufeff=1",
        "'=1",
        "|cmd\t",
        "#REF!",
        "- 一\n- 二",
    ],
)
def test_text_that_looks_a_formula_is_harmless_and_can_be_read_back(
    client: Client, text: str
) -> None:
    case = make.make_published(approach=f"{text}[^1]", aliases=[f"{text}名"])
    printed = exports.printable(text)
    (found,) = get_csv(client)
    for cell in (found["做法"], found["别名"]):
        assert not re.match(r"[\t\r]|\s*[=+\-@＝＋－＠]", cell), cell
    assert exports.plain(found["做法"]) == f"{printed}[^1]"
    book = load_workbook(io.BytesIO(b"".join(client.get("/cases.xlsx"))))
    cells = [cell for line in book["案例"].iter_rows(min_row=2) for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert cells[exports.HEADERS.index("做法")].value == found["做法"]
    assert cells[0].value == case.pk


def test_harmless_text_is_left_as_it_is() -> None:
    for text in ("居民=主体", "1+6", "'引'", "’=1", "“-”", "a@b", "未记录", ""):
        assert exports.harmless(text) == exports.plain(text) == text


def test_control_characters_are_left_out_and_line_ends_are_one_kind() -> None:
    cells = row(title="甲\x00乙\x1b\ud800丙\x85", summary="一\r\n二\r三\t四")
    assert cells["标题"] == "甲乙丙"
    assert cells["摘要"] == "一\n二\n三\t四"


def test_the_csv_has_a_mark_for_excel_and_line_ends_for_windows(client: Client) -> None:
    make.make_published(summary='他说"好"，\n再说')
    response = client.get("/cases.csv")
    body = b"".join(response)
    today = timezone.localdate()
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="cases-{today:%Y%m%d}.csv"' in response["Content-Disposition"]
    assert body.startswith("\ufeff编号,标题,".encode())
    assert body.endswith(b"\r\n")
    assert get_csv(client)[0]["摘要"] == '他说"好"，\n再说'


def test_the_header_of_the_workbook_stays_in_view_and_a_sheet_explains(client: Client) -> None:
    make.make_published(district="xuhui")
    response = client.get("/cases.xlsx?district=xuhui")
    assert f"cases-{timezone.localdate():%Y%m%d}.xlsx" in response["Content-Disposition"]
    book = load_workbook(io.BytesIO(b"".join(response)))
    assert book.sheetnames == ["案例", "说明"]
    assert book["案例"].freeze_panes == "A2"
    said = "\n".join(str(cell.value) for (cell,) in book["说明"].iter_rows())
    for words in ("社区治理案例库", "区：徐汇区", "共 1 条", "?district=xuhui", "未记录"):
        assert words in said


def test_what_excel_cannot_hold_is_cut_or_continued_and_said_so() -> None:
    long = "长" * 40_000
    file = io.BytesIO()
    rows = [record(id=1, summary=long), record(id=2, summary="𠮷" * 20_000), record(id=3)]
    exports.write_xlsx(rows, "", file, rows_a_sheet=2)
    book = load_workbook(file)
    assert book.sheetnames == ["案例", "案例（续2）", "说明"]
    column = exports.HEADERS.index("摘要")
    for line in (2, 3):
        text = book["案例"].cell(line, column + 1).value
        assert len(text.encode("utf-16-le")) // 2 <= exports.EXCEL_CHARACTERS
        assert text.endswith(exports.CUT)
    assert [cell.value for cell in book["案例（续2）"]["A"]] == ["编号", 3]
    said = "\n".join(str(cell.value) for (cell,) in book["说明"].iter_rows())
    assert "有 2 格" in said
    assert "2 张表" in said
    whole = b"".join(exports.csv_pieces(rows, "")).decode()
    assert long in whole


# --- What it costs ---


def endless(seen: list[int]) -> Iterator[records.Record]:
    number = 0
    while True:
        seen.append(number)
        yield record(id=number)
        number += 1


def test_the_header_leaves_before_any_row_and_rows_leave_as_they_come() -> None:
    seen: list[int] = []
    pieces = exports.csv_pieces(endless(seen), "")
    assert next(pieces).decode("utf-8-sig").startswith("编号,")
    assert seen == []
    next(pieces)
    assert len(seen) == exports.ROWS_A_PIECE


def test_a_table_asks_for_a_few_hundred_cases_at_a_time(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make.make_published().pk
    one = records.load([first])[0]
    asked: list[int] = []

    def many(ids: list[int], sort: str = "") -> list[records.Record]:
        asked.append(len(ids))
        return [one] * len(ids)

    monkeypatch.setattr("cases.filters.load", many)
    monkeypatch.setattr("cases.filters.CaseQuery.total", 1_700)
    monkeypatch.setattr("cases.facets.Snapshot.page", lambda *args: list(range(args[-1])))
    response = client.get("/cases.csv")
    assert asked == []
    pieces = iter(response)
    list(islice(pieces, 2))
    assert asked == [500]
    list(pieces)
    assert max(asked) <= 500
    assert len(asked) == 4


def test_a_table_costs_two_queries_and_those_of_the_words(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    start = timezone.now()
    for number in range(7):
        make.make_published(at=start + timedelta(seconds=number))
    facets.current()
    for address, most in (("/cases.csv", 2), ("/cases.xlsx", 2), ("/cases.csv?q=居民", 5)):
        with django_assert_max_num_queries(most, info=address):
            assert b"".join(client.get(address))


def test_a_head_request_makes_no_table(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make.make_published()
    monkeypatch.setattr(exports, "write_xlsx", None)
    for suffix in ("csv", "xlsx"):
        response = client.head(f"/cases.{suffix}")
        assert response.status_code == 200
        assert f".{suffix}" in response["Content-Disposition"]


def test_who_has_the_table_already_is_told_so_until_something_changes(client: Client) -> None:
    make.make_published()
    for suffix in ("csv", "xlsx"):
        response = client.get(f"/cases.{suffix}")
        b"".join(response)
        tag = {"If-None-Match": response["ETag"]}
        assert client.get(f"/cases.{suffix}", headers=tag).status_code == 304
        assert client.get(f"/cases.{suffix}?sort=year", headers=tag).status_code == 200
        make.make_published()
        assert client.get(f"/cases.{suffix}", headers=tag).status_code == 200


def test_only_reading_is_allowed(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    for address in ("/cases.csv", "/cases.xlsx"):
        response = strict.post(address)
        assert response.status_code == 405
        assert response["Allow"] == "GET, HEAD, OPTIONS"
