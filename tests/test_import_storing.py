"""From findings to drafts: what is stored, what is only reported, and what may be here already."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.management import CommandError, call_command

from cases import codebook, quality, records
from cases.importing import drafts, extraction, reading
from cases.importing.article import plain
from cases.importing.duplicates import likely_cases, likely_sources, plain_name, plain_url
from cases.importing.gazetteer import Gazetteer
from cases.models import Event, Evidence, Figure, Initiative, Source, Subdistrict

from . import make
from .articles import FOLDER, found_in, known

pytestmark = pytest.mark.django_db


@pytest.fixture
def reference() -> None:
    call_command("loaddata", "vocabulary", "places", "sources", "policies", verbosity=0)


def run(file: str | Path, *options: str) -> str:
    out = io.StringIO()
    call_command("import_article", str(file), *options, stdout=out)
    return out.getvalue()


def stored() -> list[records.Record]:
    rows = records.for_record(Initiative.objects.order_by("pk"))
    return [records.to_record(row) for row in rows]


# --- The command ---


def test_json_prints_what_was_found_and_stores_nothing(reference: None) -> None:
    found = json.loads(run(FOLDER / "several-districts.txt", "--json"))
    assert found == found_in("several-districts.txt")
    assert not Initiative.objects.exists()
    assert not Source.objects.filter(title__startswith="家门口").exists()


def test_each_case_becomes_a_draft_of_one_source(reference: None) -> None:
    out = run(FOLDER / "several-districts.txt", "--url", "https://news.example/a.html?utm_source=x")
    assert "存了 3 份草稿" in out
    assert set(Initiative.objects.values_list("status", flat=True)) == {"draft"}
    source = Source.objects.get(title__startswith="家门口的新办法")
    assert (source.publisher, source.date) == ("浦江观察", "2018-05-17")
    assert set(Evidence.objects.values_list("source", flat=True)) == {source.pk}
    for record in stored():
        assert record["themes"] == []
        assert record["version"] is None


def test_every_figure_of_a_draft_has_its_evidence(reference: None) -> None:
    run(FOLDER / "several-districts.txt")
    assert Figure.objects.count() > 5
    assert not Figure.objects.filter(evidence=None).exists()
    for record in stored():
        assert not [p for p in quality.problems(record) if p.field == "figures"]


def test_a_stored_draft_fits_the_codebook(reference: None) -> None:
    run(FOLDER / "government.html")
    run(FOLDER / "long-feature.txt")
    for record in stored():
        jsonschema.validate(record, codebook.RECORD_SCHEMA)


def test_the_same_article_again_is_reported_and_changes_nothing(reference: None) -> None:
    run(FOLDER / "hongqiao.txt")
    before = stored()
    out = run(FOLDER / "hongqiao.txt")
    assert "已经在库里" in out
    assert stored() == before


def test_the_same_address_is_the_same_article_whatever_was_hung_on_it(reference: None) -> None:
    run(FOLDER / "hongqiao.txt", "--url", "https://www.news.example/2019/09/a.html")
    other = "http://news.example/2019/09/a.html?utm_medium=share&from=timeline#top"
    assert "网址相同" in run(FOLDER / "village.txt", "--url", other)


def test_an_article_without_a_case_stores_nothing_and_says_so(reference: None) -> None:
    before = Source.objects.count()
    assert "没有生成草稿" in run(FOLDER / "no-case.txt")
    assert "外地" in run(FOLDER / "other-cities.txt")
    assert not Initiative.objects.exists()
    assert Source.objects.count() == before


def test_an_article_is_read_from_standard_input(
    reference: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = io.BytesIO((FOLDER / "village.txt").read_bytes())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(data, encoding="utf-8"))
    assert "村规十条" in run("-")


def test_what_cannot_be_read_is_told_in_chinese(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="打不开文件"):
        run(tmp_path / "missing.txt")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    with pytest.raises(CommandError, match="不支持 PDF"):
        run(tmp_path / "a.pdf")


def test_the_history_tells_that_a_draft_came_from_an_article(reference: None) -> None:
    run(FOLDER / "village.txt")
    event = Event.objects.get()
    assert event.verb == Event.Verb.CREATED
    assert event.note == "从文章导入：浦东新场镇祝桥村：村民自己定规矩"


def test_a_case_of_a_dissolved_district_is_stored_under_its_name_of_then(reference: None) -> None:
    run(FOLDER / "old-districts.txt")
    first, second = stored()
    assert [d["slug"] for d in first["districts"]] == ["zhabei"]
    assert [d["slug"] for d in second["districts"]] == ["chongming-county"]


def test_a_case_that_may_be_here_is_stored_and_named(reference: None) -> None:
    town = Subdistrict.objects.get(name="新场镇")
    make.make_initiative(title="“村规十条”").subdistricts.add(town)
    out = run(FOLDER / "village.txt")
    assert "可能与““村规十条””（草稿" in out
    assert "名称或别名相同" in out
    assert Initiative.objects.count() == 2


def test_the_gazetteer_of_the_database_is_that_of_the_fixtures(reference: None) -> None:
    loaded = Gazetteer.load()
    assert loaded.districts == known().districts
    assert loaded.subdistricts == known().subdistricts
    assert set(loaded.aliases) == set(known().aliases)
    assert set(loaded.policies) == set(known().policies)
    assert (loaded.topics, loaded.actors) == (known().topics, known().actors)


# --- Accepting and dropping ---


def findings_of(name: str) -> extraction.Findings:
    return extraction.find(reading.read((FOLDER / name).read_bytes()), known())


def test_everything_found_is_offered_one_by_one_with_its_passage() -> None:
    findings = findings_of("village.txt")
    (draft,) = findings.drafts
    items = drafts.items_of(draft, findings, known())
    assert len({item.id for item in items}) == len(items)
    kinds = {item.kind for item in items}
    assert kinds == {
        *("标题", "别名", "范围", "区", "街镇", "状态截至"),
        *("议题", "主体", "数据", "出处"),
    }
    assert all(item.passage or item.reason for item in items)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_a_passage_holds_what_it_stands_beside(path: Path) -> None:
    findings = findings_of(path.name)
    for draft in findings.drafts:
        for item in drafts.items_of(draft, findings, known()):
            passage, name = plain(item.passage), item.id.partition(":")[2]
            if item.kind == "别名":
                assert name in passage
            elif item.kind in ("议题", "机制", "主体"):
                assert any(
                    word in passage for word in item.reason.removeprefix("文中有：").split("、")
                )
            elif item.kind in ("区", "街镇", "范围"):
                assert passage
        for start in drafts.starts_of(draft, findings):
            assert start.passage


def test_what_is_dropped_does_not_reach_the_record() -> None:
    findings = findings_of("village.txt")
    (draft,) = findings.drafts
    source = drafts.source_of(findings.article)
    items = drafts.items_of(draft, findings, known())
    kept = drafts.without(draft, {item.id for item in items if item.kind != "出处"})
    record = drafts.record_of(kept, findings.article, source, known())
    assert len(record["evidence"]) == len(draft.evidence)
    for key in ("aliases", "districts", "subdistricts", "topics", "figures", "participations"):
        assert record[key] == []


def test_a_figure_whose_evidence_was_dropped_stands_without(reference: None) -> None:
    findings = findings_of("village.txt")
    (draft,) = findings.drafts
    kept = drafts.without(draft, {f"evidence:{e.number}" for e in draft.evidence})
    record = drafts.record_of(kept, findings.article, drafts.source_of(findings.article), known())
    assert {f["evidence"] for f in record["figures"]} == {None}
    records.from_record(record)


# --- What may be here already ---


@pytest.mark.parametrize(
    "url",
    [
        "http://news.example/a/1.html",
        "https://www.news.example/a/1.html/",
        "https://news.example/a/1.html?utm_source=x&spm=1.2&from=singlemessage#p2",
        "https://NEWS.example:443/a/1.html?isappinstalled=0",
    ],
)
def test_an_address_is_compared_without_what_only_follows_readers(url: str) -> None:
    assert plain_url(url) == "news.example/a/1.html"


def test_parts_of_an_address_that_say_what_is_shown_are_kept() -> None:
    assert plain_url("http://a.example/s?id=2&b=1") == "a.example/s?b=1&id=2"
    assert plain_url("http://a.example/s?id=2") != plain_url("http://a.example/s?id=3")


def test_a_likely_source_is_named_with_its_reason() -> None:
    same = make.make_source(
        title="小区“有”了新变化", date="2018-05-01", url="http://a.example/1?x=1"
    )
    make.make_source(title="小区有了新变化", date="2017-05-01", url="http://a.example/2")
    assert likely_sources("别的标题", "", "https://a.example/1?x=1&spm=3") == [
        (same, "网址相同（不计跟踪参数）")
    ]
    assert likely_sources("小区有了新变化", "2018-05-01") == [(same, "标题和日期相同")]
    assert likely_sources("小区有了新变化", "2018-05") == [(same, "标题相同，日期相合")]
    assert likely_sources("小区有了旧变化", "2018-05-01") == []


def case_at(title: str, code: str = "310104015", **kw: Any) -> Initiative:
    initiative = make.make_initiative(title=title, **kw)
    initiative.subdistricts.add(make.make_subdistrict(code, f"街道{code}"))
    initiative.districts.add(make.make_district("xuhui"))
    return initiative


def record_like(title: str, code: str | None = "310104015", **kw: Any) -> records.Record:
    codes = [{"code": code}] if code else []
    return {"title": title, "subdistricts": codes, "districts": [{"slug": "xuhui"}], **kw}


def test_a_case_of_the_same_name_is_likely_the_same() -> None:
    case = case_at("凌云街道“邻里汇”项目", aliases=["邻里汇"])
    assert likely_cases(record_like("“邻里汇”")) == [(case, "名称或别名相同：邻里汇；在同一街镇")]
    assert likely_cases(record_like("另一件事", aliases=["邻里汇"]))[0][0] == case


def test_an_alias_alone_leads_to_a_case() -> None:
    case = make.make_initiative(title="社区客厅的故事", aliases=["邻里汇客厅"])
    case.districts.add(make.make_district("xuhui"))
    found = likely_cases(record_like("“邻里汇客厅”", None))
    assert [row for row, _ in found] == [case]


def test_marks_and_widths_do_not_make_another_name() -> None:
    assert plain_name("“１＋（1+3+1）满意”行动") == plain_name("1+(1+3+1)满意行动")
    case = case_at("“1+(1+3+1)满意在徐汇”行动")
    assert likely_cases(record_like("１＋（１＋３＋１）满意在徐汇行动"))[0][0] == case


def test_the_same_name_in_another_street_is_another_case() -> None:
    case_at("“邻里汇”", "310104015")
    assert likely_cases(record_like("“邻里汇”", "310104016")) == []


def test_shared_figures_at_one_place_make_a_case_likely() -> None:
    case = case_at("垃圾分类新办法")
    make.make_figure(case, value=1100, unit="户")
    found = likely_cases(record_like("绿色账户", figures=[{"value": 1100, "unit": "户"}]))
    assert found == [(case, "在同一街镇；有相同的数据：1,100户")]


def test_place_alone_or_a_small_number_alone_is_no_likeness() -> None:
    make.make_figure(case_at("停车新办法"), value=3, unit="个")
    assert likely_cases(record_like("绿色账户", figures=[{"value": 3, "unit": "个"}])) == []


def test_withdrawn_cases_and_the_case_itself_are_left_out() -> None:
    make.make_withdrawn(title="“邻里汇”一号")
    case = case_at("“邻里汇”")
    assert likely_cases(record_like("“邻里汇”"), exclude=case.pk) == []


def test_asking_costs_a_bounded_number_of_queries(
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    for number in range(30):
        case_at(f"“邻里汇”第{number}期", aliases=["邻里汇"])
    record = record_like("“邻里汇”", figures=[{"value": 500, "unit": "人"}])
    with django_assert_max_num_queries(6):
        assert len(likely_cases(record)) == 5
    with django_assert_max_num_queries(3):
        likely_sources("小区有了新变化", "2018-05-01", "https://a.example/1")


def test_no_real_case_is_taken_for_another(real_cases: None) -> None:
    for record in stored():
        assert likely_cases(record, exclude=record["id"]) == [], record["title"]
