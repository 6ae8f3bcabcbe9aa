"""Initiative <-> record."""

import json

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import codebook, records
from cases.management.commands.bootstrap import case_files
from cases.models import Initiative, Participation, PolicyLink, Source, ThemeLink

from . import make

pytestmark = pytest.mark.django_db

LINE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20
).filter(lambda text: text.strip() == text)
OPTIONAL = st.one_of(st.none(), LINE)
DATES = st.one_of(
    st.none(),
    st.sampled_from(["2014", "2014-07", "2014-07-01"]),
)
SLUGS = ["one", "two", "three", "four"]


@st.composite
def generated_records(draw: st.DrawFn) -> records.Record:
    def terms(most: int) -> list[str]:
        return draw(st.lists(st.sampled_from(SLUGS), unique=True, max_size=most))

    numbers = sorted(draw(st.lists(st.integers(1, 99), unique=True, max_size=5)))
    return {
        "title": draw(LINE),
        "aliases": draw(st.lists(LINE, unique=True, max_size=3)),
        "summary": draw(OPTIONAL),
        "scope": draw(st.sampled_from([None, *Initiative.Scope.values])),
        "districts": [{"slug": slug} for slug in terms(3)],
        "subdistricts": [],
        "period": {"start": draw(DATES), "end": draw(st.sampled_from([None, "2015-02", "2016"]))},
        "status": {
            "value": draw(st.sampled_from(Initiative.Outcome.values)),
            "as_of": draw(DATES),
        },
        "themes": [
            {
                "slug": slug,
                "basis": draw(st.sampled_from(ThemeLink.Basis.values)),
                "reason": draw(OPTIONAL),
            }
            for slug in terms(4)
        ],
        "theme_note": draw(OPTIONAL),
        "topics": [{"slug": slug} for slug in terms(3)],
        "mechanisms": [{"slug": slug} for slug in terms(4)],
        "participations": [
            {
                "actor": slug,
                "name": draw(OPTIONAL),
                "role": draw(
                    st.sampled_from(
                        [None, *(r for r in Participation.Role.values if r != "未记录")]
                    )
                ),
            }
            for slug in terms(4)
        ],
        "sections": {name: draw(OPTIONAL) for name in codebook.SECTION_TITLES},
        "figures": [
            {
                "label": draw(LINE),
                "value": draw(
                    st.one_of(
                        st.integers(-(10**12), 10**12),
                        st.decimals(-(10**6), 10**6, places=2).map(float),
                    )
                ),
                "qualifier": draw(st.sampled_from([None, "余", "约"])),
                "unit": draw(LINE),
                "period": draw(OPTIONAL),
                "evidence": draw(st.sampled_from([None, *numbers])),
            }
            for _ in range(draw(st.integers(0, 3)))
        ],
        "policies": [
            {"key": "a-policy", "kind": kind, "basis": "原文"}
            for kind in draw(st.lists(st.sampled_from(PolicyLink.Kind.values), unique=True))
        ],
        "evidence": [
            {
                "number": number,
                "source": draw(st.sampled_from(["s-one", "s-two"])),
                "locator": draw(OPTIONAL),
                "quotation": draw(OPTIONAL),
                "grade": draw(st.sampled_from("ABCDE")),
                "note": draw(OPTIONAL),
            }
            for number in numbers
        ],
        "sources": [
            {"id": key, "title": key, "kind": "网页", "author": ["甲", "乙"], "date": "2016-06"}
            for key in ("s-one", "s-two")
        ],
    }


@pytest.fixture
def vocabulary() -> None:
    for slug in SLUGS:
        make.make_district(slug)
        make.make_theme(slug, slug)
        make.make_topic(slug, slug)
        make.make_mechanism(slug, slug)
        make.make_actor(slug, slug)
    make.make_policy(key="a-policy")


def stored(initiative: Initiative) -> records.Record:
    return records.to_record(records.for_record(Initiative.objects.all()).get(pk=initiative.pk))


@given(record=generated_records())
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_generated_record_comes_back_from_the_database_unchanged(
    vocabulary: None, record: records.Record
) -> None:
    first = records.from_record(record)
    whole = stored(first)
    jsonschema.validate(whole, codebook.RECORD_SCHEMA)
    for key, value in record.items():
        if key not in ("districts", "themes", "topics", "mechanisms", "policies", "sources"):
            assert _only(whole[key], value) == value, key
    for key in ("districts", "themes", "topics", "mechanisms"):
        assert {v["slug"] for v in whole[key]} == {v["slug"] for v in record[key]}
    assert [t["slug"] for t in whole["topics"]] == [t["slug"] for t in record["topics"]]
    again = records.from_record(whole, into=first)
    assert stored(again) == whole


def _only(whole: object, given: object) -> object:
    """Return of `whole` what `given` names: a record may be given without its labels."""
    if isinstance(given, dict) and isinstance(whole, dict):
        return {key: _only(whole[key], value) for key, value in given.items()}
    if isinstance(given, list) and isinstance(whole, list):
        return [_only(w, g) for w, g in zip(whole, given, strict=True)]
    return whole


def test_every_real_case_comes_back_from_the_database_unchanged(real_cases: None) -> None:
    rows = {row.pk: row for row in records.for_record(Initiative.objects.published())}
    assert len(rows) == len(case_files()) >= 22
    for path in case_files():
        record = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.validate(record, codebook.RECORD_SCHEMA)
        assert records.to_record(rows[record["id"]]) == record, path.name


def test_reading_many_initiatives_costs_a_fixed_number_of_queries(
    django_assert_max_num_queries,
) -> None:
    for _ in range(5):
        make.make_complete_draft()
    with django_assert_max_num_queries(11):
        for row in records.for_record(Initiative.objects.all()):
            records.to_record(row)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"districts": [{"slug": "nowhere"}]}, "nowhere"),
        ({"topics": [{"slug": "no-topic"}]}, "no-topic"),
        ({"evidence": [{"number": 1, "source": "lost", "grade": "C"}]}, "lost"),
        (
            {"figures": [{"label": "人数", "value": 1, "unit": "人", "evidence": 7}]},
            "7",
        ),
        (
            {"figures": [{"label": "人数", "value": "许多", "unit": "人", "evidence": None}]},
            "许多",
        ),
    ],
)
def test_a_record_that_names_what_does_not_exist_is_refused_whole(
    change: records.Record, named: str
) -> None:
    with pytest.raises(records.RecordError, match=named):
        records.from_record({"title": "新案例", **change})
    assert not Initiative.objects.exists()


def test_a_source_that_exists_is_left_as_it_is() -> None:
    make.make_source(key="known", title="原来的标题")
    evidence = [{"number": 1, "source": "known", "grade": "C"}]
    sources = [{"id": "known", "title": "别的标题", "kind": "网页"}]
    records.from_record({"title": "新案例", "evidence": evidence, "sources": sources})
    assert Source.objects.get(key="known").title == "原来的标题"


def test_an_existing_id_is_never_taken_over_by_a_new_draft() -> None:
    case = make.make_published()
    with pytest.raises(Exception, match="(?i)unique"):
        records.from_record({"id": case.pk, "title": "冒名"})


def test_a_street_brings_its_district_along() -> None:
    make.make_subdistrict("310104015")
    draft = records.from_record({"title": "新案例", "subdistricts": [{"code": "310104015"}]})
    assert [d.slug for d in draft.districts.all()] == ["xuhui"]


def test_a_case_of_a_dissolved_district_keeps_it() -> None:
    jingan = make.make_district("jingan")
    make.make_district("zhabei", dissolved="2015-11", merged_into=jingan)
    make.make_subdistrict("310106015", "天目西路街道", district=jingan)
    record = {
        "title": "旧案例",
        "districts": [{"slug": "zhabei"}],
        "subdistricts": [{"code": "310106015"}],
    }
    draft = records.from_record(record)
    assert [d.slug for d in draft.districts.all()] == ["zhabei"]


def test_what_is_unrecorded_is_null_and_never_empty_text_or_zero() -> None:
    whole = stored(make.make_initiative())
    assert whole["summary"] is whole["scope"] is whole["period"]["start"] is None
    assert set(whole["sections"].values()) == {None}
    assert whole["period"]["precision"] == "不详"
