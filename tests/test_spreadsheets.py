"""Spreadsheets of the desk: out, a template, and in again without doubles or half-done work."""

import csv
import datetime
import io
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from cases import publishing
from cases.models import (
    District,
    Event,
    Initiative,
    PlaceAlias,
    PolicyDocument,
    Source,
    Subdistrict,
    SynonymSet,
    Topic,
)
from cases.records import for_record, to_record

from . import axe as axe_module
from . import make

CASES = "/admin/cases/initiative/spreadsheet/"
TOPICS = "/admin/cases/topic/spreadsheet/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> Any:
    user = make.make_user("editor")
    client.force_login(user)
    return user


@pytest.fixture
def manager(client: Client) -> Any:
    user = make.make_user("manager", is_superuser=True)
    client.force_login(user)
    return user


def xlsx(rows: list[list[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet()
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def csv_of(rows: list[list[Any]], encoding: str = "utf-8-sig") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode(encoding)


def send(client: Client, url: str, data: bytes, verb: str = "_import", name: str = "a.xlsx") -> str:
    file = SimpleUploadedFile(name, data)
    return client.post(url, {"file": file, verb: "1"}, follow=True).content.decode()


def looked_at(text: str) -> dict[str, str]:
    """Return what is posted of a page that names likely doubles, with the box ticked."""
    names = ("carried", "distinct")
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', text) for name in names}
    return {"_import": "1"} | {name: match[1] for name, match in found.items() if match}


def problems(text: str) -> list[str]:
    found = re.search(r'<ul class="desk-problems">(.*?)</ul>', text, re.DOTALL)
    return re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL) if found else []


def table(client: Client, url: str, name: str = "rows.xlsx") -> list[list[Any]]:
    response = client.get(url + name)
    assert response.status_code == 200
    if name.endswith("csv"):
        return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    book = load_workbook(io.BytesIO(response.content))
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def records() -> list[Any]:
    return [to_record(case) for case in for_record(Initiative.objects.order_by("pk"))]


def full_draft(**kw: Any) -> Initiative:
    case = make.make_complete_draft(
        topics=("parking", "noise"),
        mechanisms=("sharing",),
        actors=(("street", "牵头"), ("firm", "未记录")),
        policies=((make.make_policy(), "落实"), (make.make_policy(), "依据")),
        subdistricts=[make.make_subdistrict()],
        aliases=["潮汐；停车", "共享"],
        background="第一段。\n\n第二段；还有=1+1。[^1]",
        limits="-不足[^2]",
        start="2014-07",
        **kw,
    )
    evidence = make.make_evidence(case, 2, quotation="一句；话", locator="第 2 段")
    make.make_figure(case, evidence=evidence, value="22.5", period="2014 年；以后")
    make.make_figure(case, label="户", value=120, qualifier="约")
    return case


class TestCases:
    def test_new_rows_become_drafts(self, client: Client, editor: Any) -> None:
        make.make_subdistrict()
        make.make_topic()
        make.make_source(key="jiefang", title="解放日报的报道")
        rows = [
            ["标题", "摘要", "街镇", "议题", "开始", "做法", "出处编号", "出处来源", "证据等级",
             "数据指标", "数据数值", "数据单位", "数据出处编号"],
            ["潮汐停车", "共用车位。", "凌云路街道", "停车与交通", "2014-07", "划线。[^1]", 1,
             "解放日报的报道", "C", "车位；户", "120；1,200.5", "个；户", "1"],
        ]  # fmt: skip
        text = send(client, CASES, xlsx(rows))
        assert "新建 1 行" in text
        case = Initiative.objects.get()
        assert (case.status, case.created_by, case.start) == ("draft", editor, "2014-07")
        assert [d.slug for d in case.districts.all()] == ["xuhui"]  # the street's
        assert case.evidence.get().source.key == "jiefang"
        assert [(f.plain_value, f.evidence_id is None) for f in case.figures.all()] == [
            (120, False),
            (1200.5, True),
        ]
        assert Event.objects.get().verb == "created"

    def test_looking_first_changes_nothing_and_the_same_file_then_goes_in(
        self, client: Client, editor: Any
    ) -> None:
        data = xlsx([["标题"], ["甲"], ["乙"]])
        text = send(client, CASES, data, "_check")
        assert "检查通过" in text
        assert "将新建 2 行" in text
        assert not Initiative.objects.exists()
        carried = re.search(r'name="carried" value="([^"]+)"', text)
        assert carried
        client.post(CASES, {"carried": carried[1], "_import": "1"})
        assert Initiative.objects.count() == 2

    @pytest.mark.parametrize("name", ["rows.xlsx", "rows.csv"])
    def test_what_goes_out_comes_in_unchanged(self, client: Client, editor: Any, name: str) -> None:
        full_draft()
        make.make_published(title="=1+1", aliases=["@sum"])
        before = records()
        data = client.get(CASES + name).content
        assert "修改 0 行，2 行没有不同" in send(client, CASES, data, name=name)
        assert records() == before
        assert Initiative.objects.count() == 2

    @pytest.mark.parametrize("name", ["rows.xlsx", "rows.csv"])
    def test_the_real_cases_go_out_and_come_in_unchanged(
        self, client: Client, editor: Any, real_cases: None, name: str
    ) -> None:
        before, count = records(), Initiative.objects.count()
        data = client.get(CASES + name).content
        text = send(client, CASES, data, name=name)
        assert problems(text) == []
        assert f"新建 0 行，修改 0 行，{count} 行没有不同" in text
        assert records() == before

    def test_whatever_is_stored_goes_out_and_comes_in_unchanged(
        self, client: Client, editor: Any
    ) -> None:
        case = full_draft()
        word = st.text(st.sampled_from("甲；;\n \t'\"=+-@，,＝　\u2028_x0041_未记录。"), max_size=9)
        nasty = st.one_of(word, st.sampled_from(["；", "甲；乙", "甲\n", " 甲 ", "'=甲", "未记录"]))

        @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(st.lists(nasty, min_size=12, max_size=12), st.sampled_from(["xlsx", "csv"]))
        def comes_back(texts: list[str], kind: str) -> None:
            one, two, three, four, five, *more = texts
            Initiative.objects.filter(pk=case.pk).update(
                title=f"题{one}", aliases=[two, three], summary=two, background=three,
                limits=four, results=five, theme_note=one,
            )  # fmt: skip
            names = ("label", "unit", "period", "qualifier")
            case.figures.update(**dict(zip(names, more, strict=False)))
            case.evidence.update(locator=more[4], quotation=more[5], note=more[6])
            case.participations.filter(role="牵头").update(name=more[0])
            case.theme_links.update(reason=more[1])
            before = records()
            data = client.get(f"{CASES}rows.{kind}").content
            text = send(client, CASES, data)
            assert problems(text) == []
            assert "修改 0 行，1 行没有不同" in text
            assert records() == before

        comes_back()

    def test_a_text_longer_than_a_cell_of_excel_is_not_cut_by_coming_back(
        self, client: Client, editor: Any
    ) -> None:
        case = full_draft()
        Initiative.objects.filter(pk=case.pk).update(background="长" * 140_000)
        for kind in ("xlsx", "csv"):
            data = client.get(f"{CASES}rows.{kind}").content
            assert "1 行没有不同" in send(client, CASES, data)

    def test_everything_of_a_case_can_be_copied_into_a_new_one(
        self, client: Client, editor: Any
    ) -> None:
        case = full_draft(title="原件")
        case.theme_links.update(reason="其一；其二")
        rows = table(client, CASES)
        rows[1][0], rows[1][1] = None, "副本"
        text = send(client, CASES, xlsx(rows))
        assert problems(text) == []
        assert "有相同的数据：120人" in text
        assert "新建 1 行" in client.post(CASES, looked_at(text), follow=True).content.decode()
        original, copy = records()
        for own in ("id", "url", "title"):
            del original[own], copy[own]
        assert copy == original
        assert case.figures.count() == 2

    def test_a_row_with_a_number_changes_that_case_and_only_its_columns(
        self, client: Client, editor: Any
    ) -> None:
        case = full_draft()
        before = records()[0]
        text = send(client, CASES, xlsx([["编号", "摘要"], [case.pk, "新摘要。"]]))
        assert "修改 1 行" not in problems(text)
        assert records()[0] == before | {"summary": "新摘要。"}
        # The same columns, all of them, with another place.
        rows = table(client, CASES)
        rows[1][rows[0].index("区")] = "浦东新区"
        make.make_district("pudong")
        send(client, CASES, xlsx(rows))
        assert {d["slug"] for d in records()[0]["districts"]} == {"pudong", "xuhui"}

    def test_a_published_case_is_changed_in_a_working_copy_and_only_if_it_differs(
        self, client: Client, editor: Any
    ) -> None:
        case = make.make_published(title="公开")
        same = make.make_published(title="不变")
        rows = table(client, CASES)
        summary = rows[0].index("摘要")
        row = next(row for row in rows if row[0] == case.pk)
        row[summary] = "改过的摘要。"
        for _ in range(2):
            send(client, CASES, xlsx(rows))
            copy = Initiative.objects.get(revises__isnull=False)
            assert (copy.revises, copy.summary) == (case, "改过的摘要。")
        assert "改过的摘要" not in client.get(f"/cases/{case.pk}/").content.decode()
        same.refresh_from_db()
        assert not hasattr(same, "working_copy")
        row[summary] = "再改一次。"
        assert "修改 1 行" in send(client, CASES, xlsx(rows))
        copy.refresh_from_db()
        assert copy.summary == "再改一次。"
        publishing.publish(copy)
        assert "再改一次" in client.get(f"/cases/{case.pk}/").content.decode()

    def test_what_waits_for_review_is_not_the_editors_to_change(
        self, client: Client, editor: Any
    ) -> None:
        case = make.make_in_review()
        data = xlsx([["编号", "摘要"], [case.pk, "改"]])
        assert problems(send(client, CASES, data)) == [
            f"第 2 行，“编号”列：编号 {case.pk} 的案例是“待审”，现在不能由您修改。"
        ]
        client.force_login(make.make_user("reviewer"))
        assert "修改 1 行" in send(client, CASES, data)

    def test_changing_a_scheduled_case_cancels_the_time(self, client: Client) -> None:
        case = make.make_in_review()
        publishing.schedule(case, None, timezone.now() + datetime.timedelta(days=1))
        client.force_login(make.make_user("reviewer"))
        assert "修改 1 行" in send(client, CASES, xlsx([["编号", "摘要"], [case.pk, "改"]]))
        case.refresh_from_db()
        assert (case.status, case.publish_at) == ("review", None)

    def test_the_same_new_rows_are_not_stored_twice(self, client: Client, editor: Any) -> None:
        make.make_district()
        data = csv_of([["标题", "区"], ["甲", "徐汇"], ["乙", "徐汇区"]])
        assert "新建 2 行" in send(client, CASES, data)
        assert "新建 0 行，修改 0 行，2 行没有不同" in send(client, CASES, data)
        changed = csv_of([["标题", "摘要"], ["甲", "不同"]])
        number = Initiative.objects.get(title="甲").pk
        assert f"已有同名案例，编号 {number}" in problems(send(client, CASES, changed))[0]
        twice = csv_of([["标题"], ["丙"], ["丙"]])
        assert problems(send(client, CASES, twice)) == [
            "第 3 行，“标题”列：表里前面已有同名的一行。"
        ]

    @pytest.mark.parametrize(
        ("column", "value", "message"),
        [
            ("区", "徐匯", "没有名为“徐匯”的区"),
            ("街镇", "无此街道", "没有名为“无此街道”的街镇"),
            ("议题", "停车；停车与交通", "没有名为“停车”的议题"),
            ("议题", "停车与交通；停车与交通", "有重复的值。"),
            ("标题", "", "不能为空。"),
            ("标题", "字" * 81, "有 81 字，至多 80 字。"),
            ("范围", "全国", "没有“全国”这一项，可填：全市、区、街镇、社区"),
            ("开始", "2014-13", "“2014-13”：请写成 2014、2014-07 或 2014-07-01 的样子。"),
            ("结束", "2013", "结束不能早于开始。"),
            ("成效状态", "好", "没有“好”这一项"),
            ("别名", "甲；甲", "有重复的名称。"),
            ("出处来源", "无此来源", "没有名为“无此来源”的来源"),
            ("出处编号", "0", "“0”不是 1 至 9999 的编号。"),
            ("证据等级", "F", "没有“F”这一项"),
            ("出处引文", "字" * 61, "有 61 字，至多 60 字。"),
            ("数据数值", "很多", "“很多”不是数。"),
            ("数据单位", "", "不能为空。"),
            ("数据出处编号", "7", "没有编号为 7 的出处。"),
            ("主体角色", "围观", "没有“围观”这一项"),
            ("主体名称", "甲；乙；丙", "有 3 个值，而“主体类型”列有 1 个。"),
            ("编号", "999", "没有编号为“999”的案例。"),
            ("编号", "x", "没有编号为“x”的案例。"),
        ],
    )
    def test_a_mistake_is_named_by_line_and_column(
        self, client: Client, editor: Any, column: str, value: str, message: str
    ) -> None:
        make.make_district()
        make.make_topic()
        make.make_actor()
        make.make_source(title="一篇报道")
        good = {
            "编号": "", "标题": "甲", "区": "徐汇", "街镇": "", "议题": "停车与交通", "别名": "",
            "范围": "区", "开始": "2014", "结束": "", "成效状态": "试点", "主体类型": "街道/镇",
            "主体名称": "", "主体角色": "牵头", "出处编号": "1", "出处来源": "一篇报道",
            "证据等级": "C", "出处引文": "一句话", "数据指标": "车位", "数据数值": "1",
            "数据单位": "个", "数据出处编号": "1",
        }  # fmt: skip
        bad = good | {"标题": "乙", column: value}
        rows = [[*good], [*good.values()], [""] * len(good), [*bad.values()]]
        (told, *_more) = problems(send(client, CASES, csv_of(rows)))
        assert told.startswith(f"第 4 行，“{column}”列：{message}")
        assert not Initiative.objects.exists()
        assert "新建 1 行" in send(client, CASES, csv_of(rows[:2]))

    def test_a_likely_double_is_named_before_anything_is_stored(
        self, client: Client, editor: Any
    ) -> None:
        pudong = make.make_district("pudong")
        street = make.make_subdistrict("310115005", "沪东新村街道", district=pudong)
        known = make.make_published(title="沪东“微心愿”", district="pudong", subdistricts=[street])
        rows = [["标题", "街镇"], ["潮汐停车", ""], ["沪东微心愿", "浦东·沪东新村街道"]]
        for verb, heading in (("_check", "检查通过，还没有导入"), ("_import", "请先核对")):
            text = send(client, CASES, csv_of(rows), verb)
            assert heading in text
            assert "第 3 行“沪东微心愿”：" in text
            assert f'href="/admin/cases/initiative/{known.pk}/change/" target="_blank"' in text
            assert "名称或别名相同：沪东微心愿；在同一街镇" in text
            assert "第 2 行" not in text
            assert Initiative.objects.get() == known
        make.make_initiative(title="潮汐停车平台", aliases=["潮汐停车"])
        text = client.post(CASES, looked_at(text)).content.decode()
        assert "第 2 行“潮汐停车”" in text  # another one, meanwhile
        client.post(CASES, looked_at(text))
        assert Initiative.objects.count() == 4

    def test_a_row_that_changes_a_case_is_compared_where_its_name_place_or_figures_change(
        self, client: Client, editor: Any
    ) -> None:
        make.make_published(title="沪东“微心愿”", district="pudong")
        case = make.make_complete_draft(title="心愿墙")
        data = csv_of([["编号", "标题", "摘要"], [case.pk, "心愿墙", "新摘要。"]])
        assert "修改 1 行" in send(client, CASES, data)
        data = csv_of([["编号", "标题"], [case.pk, "沪东微心愿"]])
        assert "第 2 行“沪东微心愿”：" in send(client, CASES, data)
        case.refresh_from_db()
        assert case.title == "心愿墙"

    def test_five_thousand_rows_are_compared_with_five_thousand_cases(
        self, client: Client, editor: Any
    ) -> None:
        street = make.make_subdistrict()
        header = ["标题", "街镇", "数据指标", "数据数值", "数据单位"]
        rows: list[list[Any]] = [
            [f"第{n}件“名称{n}”", street.code, "参加", 100 + n % 50, "人"] for n in range(5000)
        ]
        cases = Initiative.objects.bulk_create(
            Initiative(title=f"第{n}案的“名称{n}”") for n in range(5000)
        )
        street.initiatives.add(*cases)
        data = xlsx([header, *rows])
        asked: list[str] = []

        def count(execute: Any, sql: str, *rest: Any) -> Any:
            if "SAVEPOINT" not in sql:
                asked.append(sql)
            return execute(sql, *rest)

        started = time.monotonic()
        with connection.execute_wrapper(count):
            text = send(client, CASES, data, "_check")
        assert time.monotonic() - started < 60
        assert len(asked) < 60
        assert "第 2 行“第0件“名称0””：" in text
        assert "只列出前 1,000 处" in text

    def test_a_column_that_nobody_knows_is_named(self, client: Client, editor: Any) -> None:
        text = send(client, CASES, csv_of([["标题", "地区"], ["甲", "徐汇"]]))
        assert problems(text) == ["第 1 行，“地区”列：没有这一列，请对照模板。"]
        assert not Initiative.objects.exists()

    def test_five_thousand_rows_with_fifty_mistakes(self, client: Client, editor: Any) -> None:
        for slug in ("xuhui", "pudong", "jingan"):
            make.make_district(slug)
        make.make_topic()
        make.make_theme()
        make.make_source(key="s", title="报道")
        header = ["标题", "区", "议题", "改革主题", "摘要", "开始", "做法", "出处编号", "出处来源",
                  "证据等级"]  # fmt: skip
        places = ["徐汇", "浦东新区", "静安区"]
        rows: list[list[Any]] = [
            [f"第{n}案", places[n % 3], "停车与交通", "居民区治理", "摘要。",
             2000 + n % 20, "做法。[^1]", 1, "s", "ABC"[n % 3]]
            for n in range(5000)
        ]  # fmt: skip
        planted = {}
        for place in range(50):
            n = place * 100 + 7
            column, value = [(1, "徐匯"), (5, "2014-13"), (9, "F"), (8, "没有"), (0, "")][place % 5]
            planted[n] = rows[n][column]
            rows[n][column] = value
            planted[n] = (column, planted[n])
        started = time.monotonic()
        told = problems(send(client, CASES, xlsx([header, *rows])))
        assert time.monotonic() - started < 60
        assert [t.split("：")[0] for t in told] == [
            f"第 {n + 2} 行，“{header[column]}”列" for n, (column, _value) in planted.items()
        ]
        assert told[0] == "第 9 行，“区”列：没有名为“徐匯”的区"
        assert not Initiative.objects.exists()
        for n, (column, value) in planted.items():
            rows[n][column] = value
        data = xlsx([header, *rows])
        started = time.monotonic()
        assert "新建 5000 行" in send(client, CASES, data)
        assert time.monotonic() - started < 60
        assert Initiative.objects.count() == 5000
        before = records()
        assert "新建 0 行，修改 0 行，5000 行没有不同" in send(client, CASES, data)
        assert records() == before


class TestFiles:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "文件"),
            (b"PK\x03\x04rubbish", "不是可读的 Excel 文件"),
            (b"PKxxxx", "不是可读的 Excel 文件"),
            (b"\xff\xfe\x00\x00", "不是能读的表格文件"),
            ("标题,标题\n甲,乙".encode(), "“标题”列出现了两次"),
            ("标题,,区\n甲,乙,丙".encode(), "第 2 列没有名称"),
            (b"\n\n", "表是空的"),
        ],
    )
    def test_what_is_no_table_is_refused(
        self, client: Client, editor: Any, data: bytes, message: str
    ) -> None:
        assert message in send(client, CASES, data)
        assert not Initiative.objects.exists()

    def test_a_csv_as_excel_writes_it_in_china_is_read(self, client: Client, editor: Any) -> None:
        send(client, CASES, csv_of([["标题"], ["潮汐停车"]], "gb18030"), name="a.csv")
        assert Initiative.objects.get().title == "潮汐停车"

    def test_formulas_are_harmless_both_ways(self, client: Client, editor: Any) -> None:
        text = send(client, CASES, xlsx([["标题", "摘要"], ["甲", "=1+1"]]))
        assert problems(text) == ["第 2 行，“摘要”列：这一格是公式，请改写为它的值。"]
        make.make_initiative(title="=HYPERLINK(1)", summary="+1")
        for name in ("rows.xlsx", "rows.csv"):
            assert table(client, CASES, name)[1][1] == "'=HYPERLINK(1)"
        book = load_workbook(io.BytesIO(client.get(CASES + "rows.xlsx").content))
        types = {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row}
        assert "f" not in types

    def test_dates_that_excel_made_are_read_as_they_are_shown(
        self, client: Client, editor: Any
    ) -> None:
        book = Workbook()
        sheet: Any = book.active
        sheet.append(["标题", "开始", "结束"])
        sheet.append(["甲", datetime.datetime(2014, 7, 1), datetime.datetime(2015, 2, 3)])
        sheet["B2"].number_format = "yyyy-mm"
        sheet["C2"].number_format = "yyyy-mm-dd"
        file = io.BytesIO()
        book.save(file)
        send(client, CASES, file.getvalue())
        case = Initiative.objects.get()
        assert (case.start, case.end) == ("2014-07", "2015-02-03")

    def test_the_template_names_the_columns_and_the_values_allowed(
        self, client: Client, editor: Any
    ) -> None:
        make.make_district()
        response = client.get(CASES + "template.xlsx")
        book = load_workbook(io.BytesIO(response.content))
        assert book.worksheets[0].max_row == 1
        allowed = {column[0]: column[1:] for column in book["可填的值"].iter_cols(values_only=True)}
        assert "徐汇区" in allowed["区"]
        assert "试点" in allowed["成效状态"]
        assert book.worksheets[0].data_validations.dataValidation
        assert (
            client.get(CASES + "template.csv").content.decode("utf-8-sig").startswith("编号,标题")
        )
        assert client.get(CASES + "other.xlsx").status_code == 404

    def test_only_who_may_edit_a_list_may_fill_it(self, client: Client, editor: Any) -> None:
        assert client.post(TOPICS, {"_import": "1"}).status_code == 403
        assert "导入刚检查过" not in client.get(TOPICS).content.decode()
        client.force_login(make.make_user("", is_staff=True))
        assert client.get(CASES).status_code == 403
        assert client.get(CASES + "rows.xlsx").status_code == 403
        client.logout()
        assert client.get(CASES).status_code == 302


class TestLists:
    def test_words_go_in_and_are_changed_by_code(self, client: Client, manager: Any) -> None:
        make.make_topic()
        rows = [
            ["代码", "名称", "涵盖", "次序"],
            ["parking", "停车", "车位", "3"],
            ["lifts", "电梯"],
        ]
        assert "新建 1 行，修改 1 行" in send(client, TOPICS, csv_of(rows))
        assert [(t.slug, t.name, t.order) for t in Topic.objects.all()] == [
            ("lifts", "电梯", 0),
            ("parking", "停车", 3),
        ]
        assert "新建 0 行，修改 0 行，2 行没有不同" in send(client, TOPICS, csv_of(rows))

    def test_mistakes_are_in_chinese_and_nothing_goes_in(
        self, client: Client, manager: Any
    ) -> None:
        topic = make.make_topic()
        rows = [
            ["编号", "代码", "名称", "次序"],
            ["", "lifts", "电梯", "1"],
            ["", "lifts 2", "电梯二", "多"],
            [topic.pk, "other", "停车", "1"],
            ["999", "x", "某", "1"],
        ]
        told = problems(send(client, TOPICS, csv_of(rows)))
        assert any(t.startswith("第 3 行，“次序”列：“多”不是整数。") for t in told)
        assert any(t.startswith("第 3 行，“代码”列：") for t in told)
        assert "第 4 行，“代码”列：代码“parking”不能改。" in told
        assert "第 5 行，“编号”列：没有编号为“999”的一行。" in told
        assert Topic.objects.get().name == "停车与交通"

    @pytest.mark.parametrize(
        "name",
        ["theme", "topic", "actor", "mechanism", "district", "subdistrict", "placealias",
         "policydocument", "source", "synonymset"],
    )  # fmt: skip
    def test_every_list_goes_out_and_comes_in_unchanged(
        self, client: Client, manager: Any, name: str, real_cases: None
    ) -> None:
        url = f"/admin/cases/{name}/spreadsheet/"
        for kind in ("xlsx", "csv"):
            data = client.get(f"{url}rows.{kind}").content
            text = send(client, url, data)
            assert problems(text) == []
            assert "新建 0 行，修改 0 行" in text
        assert client.get(f"{url}template.xlsx").status_code == 200
        listing = client.get(f"/admin/cases/{name}/").content.decode()
        assert f'href="{url}"' in listing

    @pytest.mark.parametrize("kind", ["xlsx", "csv"])
    def test_any_text_of_a_list_goes_out_and_comes_in_unchanged(
        self, client: Client, manager: Any, kind: str
    ) -> None:
        make.make_source(title="甲；乙", authors=["张；三"], publisher=" =甲", note="一\n二；三 ")
        make.make_source(title="'@乙", authors=["未记录", "-李"], publisher="未记录")
        url = "/admin/cases/source/spreadsheet/"
        before = list(Source.objects.order_by("pk").values())
        text = send(client, url, client.get(f"{url}rows.{kind}").content)
        assert problems(text) == []
        assert "修改 0 行，2 行没有不同" in text
        assert list(Source.objects.order_by("pk").values()) == before

    def test_places_policies_and_sources(self, client: Client, manager: Any) -> None:
        make.make_district()
        base = "/admin/cases/{}/spreadsheet/"
        streets = [["区划代码", "名称", "类别", "区"], ["310104016", "龙华街道", "街道", "徐汇"]]
        send(client, base.format("subdistrict"), csv_of(streets))
        street = Subdistrict.objects.get()
        assert (street.kind, street.district.slug) == ("street", "xuhui")
        names = [["名称", "类别", "街镇"], ["龙华镇", "旧称", "310104016"]]
        for _ in range(2):
            send(client, base.format("placealias"), csv_of(names))
        assert PlaceAlias.objects.get().subdistrict == street
        documents = [["代码", "标题", "别称", "成文日期"], ["p-1", "意见", "甲；乙", "2014-12"]]
        send(client, base.format("policydocument"), csv_of(documents))
        assert PolicyDocument.objects.get().aliases == ["甲", "乙"]
        reports = [
            ["标题", "类别", "作者", "查阅日期"],
            ["一篇报道", "报纸", "张三；李四", "2020-01-02"],
        ]
        for _ in range(2):
            send(client, base.format("source"), csv_of(reports))
        source = Source.objects.get()
        assert (source.kind, source.authors) == ("报纸", ["张三", "李四"])
        wrong = [["标题", "类别", "查阅日期"], ["又一篇", "小报", "去年"]]
        told = problems(send(client, base.format("source"), csv_of(wrong)))
        assert told[0].startswith("第 2 行，“查阅日期”列：“去年”不是日期")
        assert told[1].startswith("第 2 行，“类别”列：没有“小报”这一项")
        send(client, base.format("synonymset"), csv_of([["同义词"], ["居委；居委会"]]))
        assert SynonymSet.objects.filter(words=["居委", "居委会"]).count() == 1
        dissolved = [["拼音", "撤销"], ["xuhui", "2015"]]
        told = problems(send(client, base.format("district"), csv_of(dissolved)))
        assert "已撤销的区须写明并入哪个区" in told[0]
        assert District.objects.get().dissolved == ""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_file_goes_in_through_the_page(desk: Callable[..., Any], width: int, scheme: str) -> None:
    make.make_district()
    page = desk("editor", width=width, scheme=scheme)
    page.goto("/admin/cases/initiative/")
    page.get_by_role("link", name="表格导入与导出").click()
    for district, told in (("徐匯", "有 1 处错误"), ("徐汇", "检查通过")):
        data = csv_of([["标题", "区"], ["潮汐停车", district]])
        file = {"name": "a.csv", "mimeType": "text/csv", "buffer": data}
        page.get_by_label("表格文件").set_input_files(file)
        page.get_by_role("button", name="检查", exact=True).click()
        page.get_by_text(told).wait_for()
        assert axe_module.axe(page) == []
    page.get_by_role("button", name="导入刚检查过的文件").click()
    page.get_by_text("新建 1 行").wait_for()
    assert Initiative.objects.get().title == "潮汐停车"
