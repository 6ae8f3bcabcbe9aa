"""`/cases/` and `/cases.json`: one query, and the numbers agree."""

import itertools
import random
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import caches
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases import facets, publishing
from cases.filters import CaseQuery
from cases.models import District
from cases.parameters import FACETS, NONE_OF, CaseFilter

from . import make

pytestmark = pytest.mark.django_db


def get_json(client: Client, query: str) -> dict[str, Any]:
    response = client.get(f"/cases.json?{query}")
    assert response.status_code == 200, response.content
    return response.json()


def oracle(query: str) -> int:
    return CaseFilter(QueryDict(query), facets.current()).qs.count()


@pytest.fixture
def some_cases() -> None:
    """Forty cases whose values are spread over every facet."""
    draw = random.Random(3)  # noqa: S311 - a fixed spread, not a secret
    jingan = make.make_district("jingan")
    make.make_district("zhabei", dissolved="2015-11", merged_into=jingan)
    streets = [
        make.make_subdistrict("310104015", "凌云路街道", district=make.make_district("xuhui")),
        make.make_subdistrict("310115011", "沪东新村街道", district=make.make_district("pudong")),
    ]
    policies = [make.make_policy(), make.make_policy()]
    for _ in range(40):
        street = draw.choice([None, *streets])
        make.make_published(
            district=street.district.slug if street else draw.choice(["jingan", "zhabei"]),
            subdistricts=[street] if street else [],
            themes=tuple(draw.sample(["residential-areas", "grid", "forces"], draw.randint(1, 2))),
            topics=tuple(draw.sample(["parking", "market", "pets"], draw.randint(1, 3))),
            mechanisms=tuple(draw.sample(["sharing", "visits"], draw.randint(0, 2))),
            actors=tuple((actor, "参与") for actor in draw.sample(["firm", "party"], 1)),
            policies=tuple((policy, "落实") for policy in draw.sample(policies, 1)),
            grade=draw.choice("ABCDE"),
            start=draw.choice(["", "2013", "2014-05", "2015-12-31", "2016"]),
            outcome=draw.choice(["running", "unknown"]),
            scope=draw.choice(["区", "街镇", "社区"]),
        )


def queries() -> list[str]:
    """Return combinations of parameters: each alone, and many at random."""
    snapshot = facets.current()
    values = {
        name: [v.value for v in CaseQuery(QueryDict(""), snapshot).facet(name)] for name in FACETS
    }
    values.pop("year")
    options: list[list[tuple[str, str]]] = [
        [(name, v)] for name, vs in values.items() for v in vs
    ] + [
        [("year_from", "2014")],
        [("year_to", "2014")],
        [("year_from", "2015"), ("year_to", "2015")],
        [("theme", "grid"), ("theme", "forces"), ("theme_all", "1")],
        [("topic", "parking"), ("topic", "pets"), ("topic_all", "1")],
        [("district", "zhabei")],
        [("sort", "year")],
        *([("none", name)] for name in NONE_OF),
    ]
    draw = random.Random(5)  # noqa: S311 - a fixed spread, not a secret
    mixed = [list(itertools.chain(*draw.sample(options, draw.randint(2, 4)))) for _ in range(60)]
    single = ("grade", "year_from", "year_to", "sort", "theme_all", "topic_all")
    unambiguous = [
        list({(n if n in single else (n, v)): (n, v) for n, v in pairs}.values())
        for pairs in options + mixed
    ]
    return ["", *(urlencode(pairs) for pairs in unambiguous)]


def test_total_json_count_and_the_plain_sql_agree_for_every_combination(
    client: Client, some_cases: None
) -> None:
    for query in queries():
        expected = oracle(query)
        data = get_json(client, query)
        assert data["count"] == expected == len(data["results"]), query


def test_the_number_beside_a_value_is_the_total_after_choosing_it(
    client: Client, some_cases: None
) -> None:
    checked = 0
    for query in queries()[::7]:
        data = get_json(client, query)
        for name, values in data["facets"].items():
            if any(value["selected"] for value in values):
                continue
            if name == "year" and "year" in query:
                continue
            for value in values:
                assert client.get(value["url"]).json()["count"] == value["count"], (query, value)
                checked += 1
    assert checked > 200


def test_within_a_facet_values_are_alternatives_and_counts_ignore_its_own_choice(
    client: Client, some_cases: None
) -> None:
    alone = {v["value"]: v["count"] for v in get_json(client, "")["facets"]["district"]}
    chosen = get_json(client, "district=xuhui")
    assert {v["value"]: v["count"] for v in chosen["facets"]["district"]} == alone
    both = get_json(client, "district=xuhui&district=pudong")
    assert both["count"] == alone["xuhui"] + alone["pudong"]


def test_conjoined_themes_count_what_adding_one_more_would_give(
    client: Client, some_cases: None
) -> None:
    data = get_json(client, "theme=grid&theme_all=1")
    for value in data["facets"]["theme"]:
        if not value["selected"]:
            assert client.get(value["url"]).json()["count"] == value["count"]


def test_a_dissolved_district_is_found_under_todays_and_by_its_own_name(
    client: Client, some_cases: None
) -> None:
    today, old = get_json(client, "district=jingan"), get_json(client, "district=zhabei")
    names = {d["slug"] for case in today["results"] for d in case["districts"]}
    assert names == {"jingan", "zhabei"}
    assert 0 < old["count"] < today["count"]
    shown = {v["value"] for v in get_json(client, "")["facets"]["district"]}
    assert "zhabei" not in shown


def test_the_page_shows_the_same_total_as_the_json(client: Client, some_cases: None) -> None:
    for query in ("", "district=xuhui", "topic=parking&year_from=2014", "grade=B"):
        total = get_json(client, query)["count"]
        page = client.get(f"/cases/?{query}")
        assert page.context["query"].total == total
        text = re.sub(r"<[^>]+>|\s+", "", page.content.decode())
        assert f"共{total}条" in text


def test_choosing_a_value_keeps_the_others_and_returns_to_the_first_page(some_cases: None) -> None:
    query = CaseQuery(QueryDict("topic=parking&sort=year&page=2"), facets.current())
    xuhui = next(v for v in query.facet("district") if v.value == "xuhui")
    assert xuhui.url == "?district=xuhui&topic=parking&sort=year"


def test_the_same_query_has_one_address_whatever_the_order_of_its_parameters() -> None:
    make.make_published(themes=("grid",), topics=("parking",))
    first = CaseQuery(QueryDict("topic=parking&theme=grid&district=xuhui"), facets.current())
    second = CaseQuery(
        QueryDict("district=xuhui&theme=grid&topic=parking&topic=parking&nonsense=1"),
        facets.current(),
    )
    assert first.url() == second.url() == "?district=xuhui&theme=grid&topic=parking"


def test_each_chip_says_what_leaving_it_out_would_give(some_cases: None, client: Client) -> None:
    query = CaseQuery(QueryDict("district=xuhui&topic=pets&year_from=2015"), facets.current())
    assert [chip.label for chip in query.chips] == ["徐汇区", "pets", "2015 年起"]
    for chip in query.chips:
        assert get_json(client, chip.url[1:])["count"] == chip.count


def test_an_empty_result_keeps_the_panel_and_says_what_to_leave_out(client: Client) -> None:
    make.make_published(district="xuhui", topics=("parking",))
    make.make_published(district="pudong", topics=("pets",))
    response = client.get("/cases/?district=xuhui&topic=pets")
    text = response.content.decode()
    assert response.status_code == 200
    assert response.context["query"].total == 0
    assert 'href="?topic=pets"' in text
    assert "浦东新区" in text


def test_asking_for_all_values_together_is_a_choice_that_can_be_dropped(client: Client) -> None:
    make.make_published(themes=("grid", "staffing"))
    make.make_published(themes=("grid",))
    query = CaseQuery(QueryDict("theme=grid&theme=staffing&theme_all=1"), facets.current())
    together = query.chips[-1]
    assert together.label == "同时包含所选改革主题"
    assert (query.total, together.count) == (1, 2)
    assert get_json(client, together.url[1:])["count"] == 2
    assert "同时包含所选改革主题" in query.words
    alone = CaseQuery(QueryDict("theme=grid&theme_all=1"), facets.current())
    assert len(alone.chips) == 1


def test_what_is_not_recorded_can_be_asked_for_and_dropped(client: Client) -> None:
    bare = make.make_published(start="", mechanisms=())
    make.make_published(start="", mechanisms=("sharing",))
    make.make_published(start="2014", mechanisms=())
    data = get_json(client, "none=year&none=mechanism")
    assert [case["id"] for case in data["results"]] == [bare.pk]
    query = CaseQuery(QueryDict("none=year&none=mechanism"), facets.current())
    assert query.words == "没有记录的项：开始年份未记录；没有记录的项：机制未记录"
    assert [(chip.url, chip.count) for chip in query.chips] == [
        ("?none=mechanism", 2),
        ("?none=year", 2),
    ]
    refused = client.get("/cases.json?none=planet")
    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == ["none"]


def test_a_long_list_that_was_opened_stays_open_after_a_choice(client: Client) -> None:
    for number in range(12):
        make.make_published(topics=(f"topic-{number}",))
    text = client.get("/cases/?open=topic").content.decode()
    assert text.count('data-typed="topic') == 12
    assert text.count("&amp;open=topic") == 12
    text = client.get("/cases/").content.decode()
    assert "data-typed" not in text
    assert text.count("open=topic") == 1  # What opens it.


def test_pages_follow_one_another_without_gap_or_repetition(client: Client) -> None:
    made = {make.make_published().pk for _ in range(45)}
    seen = [
        row.id for page in (1, 2, 3) for row in client.get(f"/cases/?page={page}").context["rows"]
    ]
    assert len(seen) == 45
    assert set(seen) == made
    assert client.get("/cases/?page=4").status_code == 404


def rows_on(client: Client, address: str = "/cases/") -> str:
    """Return the rows of a list, without the address in its header."""
    html = client.get(address).content.decode()
    return html.partition('<ol class="rows">')[2].partition("</ol>")[0]


def test_a_row_made_once_is_not_read_again(client: Client) -> None:
    for _ in range(3):
        make.make_published()
    first = rows_on(client)
    with CaptureQueriesContext(connection) as asked:
        again = rows_on(client, "/cases/?made=anew")
    assert again == first
    assert not [query for query in asked.captured_queries if '"record"' in query["sql"]]


def test_a_new_version_is_a_new_row(client: Client) -> None:
    case = make.make_published(title="旧的标题")
    assert "旧的标题" in rows_on(client)
    copy = publishing.start_revision(case, None)
    copy.title = "新的标题"
    copy.save()
    assert "旧的标题" in rows_on(client, "/cases/?while=revised")
    publishing.publish(copy)
    rows = rows_on(client)
    assert "新的标题" in rows
    assert "旧的标题" not in rows


def test_a_withdrawn_case_leaves_the_list_and_comes_back_as_published_again(client: Client) -> None:
    case = make.make_published(title="先收后放")
    make.make_published(title="一直都在")
    assert "先收后放" in rows_on(client)
    publishing.withdraw(case, None, "核对")
    assert "先收后放" not in rows_on(client)
    case.refresh_from_db()
    case.title = "改好再放"
    case.save()
    publishing.publish(case)
    rows = rows_on(client)
    assert "改好再放" in rows
    assert "先收后放" not in rows


def test_a_renamed_place_stands_in_a_row_from_the_next_version_on(client: Client) -> None:
    case = make.make_published(district="xuhui")
    before = rows_on(client)
    District.objects.update(name="新名区")
    # A version is frozen, and the page of the case still has the old name.
    assert rows_on(client, "/cases/?made=anew") == before
    publishing.publish(publishing.start_revision(case, None))
    assert "新名区" in rows_on(client)


def test_the_marks_of_a_search_stay_out_of_the_rows_of_others(client: Client) -> None:
    make.make_published(
        title="甲<b>停车", summary="停车难", approach="先商量停车。[^1]", topics=("pets",)
    )
    searched = rows_on(client, "/cases/?q=停车")
    assert "甲&lt;b&gt;<mark>停车</mark></a>" in searched
    assert "<p><mark>停车</mark>难</p>" in searched
    assert "先商量<mark>停车</mark>。</dd>" in searched
    plain = rows_on(client)
    assert "甲&lt;b&gt;停车</a>" in plain
    assert "<p>停车难</p>" in plain
    assert "<mark>" not in plain
    assert "<dl" not in plain
    caches["pages"].clear()
    assert rows_on(client, "/cases/?q=停车") == searched


def test_a_row_reads_the_same_whether_made_or_kept(client: Client, some_cases: None) -> None:
    for address in ("/cases/", "/cases/?q=停车", "/cases/?sort=year&page=2"):
        for cache in caches.all():
            cache.clear()
        made = rows_on(client, address)
        caches["pages"].clear()
        assert rows_on(client, address) == made


def test_json_links_to_the_next_and_the_previous_page(client: Client) -> None:
    for _ in range(101):
        make.make_published()
    first = get_json(client, "")
    assert len(first["results"]) == 100
    assert first["previous"] is None
    second = client.get(first["next"]).json()
    assert len(second["results"]) == 1
    assert second["next"] is None
    assert client.get(second["previous"]).json()["results"] == first["results"]


def test_years_choose_by_the_start_and_leave_out_what_has_none(client: Client) -> None:
    for start in ("2013-12-31", "2014", "2015-06", ""):
        make.make_published(start=start)
    assert get_json(client, "year_from=2014")["count"] == 2
    assert get_json(client, "year_to=2014")["count"] == 2
    assert get_json(client, "year_from=2014&year_to=2014")["count"] == 1


def test_an_unknown_parameter_and_an_empty_value_are_ignored(client: Client) -> None:
    make.make_published()
    for query in ("colour=red", "district=", "year_from=&sort=", "page="):
        assert get_json(client, query)["count"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "page=abc",
        "page=0",
        "page=-1",
        "page=99999999999999999999",
        "district=nowhere",
        "district=xuhui&district=nowhere",
        "subdistrict=31",
        "theme=%E4%B8%BB%E9%A2%98",
        "year_from=99999",
        "year_to=abcd",
        "grade=Z",
        "sort=random",
        "theme_all=perhaps",
        "policy=99",
        "status=draft",
        "topic=" + "%E5%AE%A2" * 10_000,
        "actor=a%00b",
        "scope=%ED%A0%80",
        "mechanism=%FF",
    ],
)
def test_a_bad_value_is_an_error_in_chinese_that_names_the_parameter(
    client: Client, query: str
) -> None:
    make.make_published()
    name = query.partition("=")[0]
    page, data = client.get(f"/cases/?{query}"), client.get(f"/cases.json?{query}")
    assert page.status_code == data.status_code == 400
    assert data.json()["errors"][name]
    assert "results" not in data.json()
    assert list(page.context["query"].errors) == [name]


def fields(html: str) -> list[tuple[str, str]]:
    """Return the name and value of every field in the content of a page."""
    content = html.partition("<main")[2]
    found = [
        (re.search(r' name="([^"]*)"', field), re.search(r' value="([^"]*)"', field))
        for field in re.findall("<input[^>]*>", content)
    ]
    return [(name[1], unescape(value[1])) for name, value in found if name and value]


def test_what_was_typed_can_be_mended_where_a_condition_is_wrong(client: Client) -> None:
    make.make_published(district="xuhui")
    many = "一 丁 七 万 丈 三 上 下 不 与 丐 丑 专"
    page = client.get(f"/cases/?{urlencode({'q': many, 'district': 'xuhui', 'page': 3})}")
    assert fields(page.content.decode()) == [("q", many), ("district", "xuhui")]
    page = client.get("/cases/?q=停车&year_from=0999&year_to=2015&district=xuhui&topic=nowhere")
    assert page.status_code == 400
    assert "年份须在 1000 到 9999 之间。" in page.content.decode()
    search = [("q", "停车"), ("district", "xuhui"), ("year_to", "2015")]
    years = [
        ("q", "停车"),
        ("district", "xuhui"),
        ("year_from", "0999"),
        ("year_to", "2015"),
    ]
    shown = fields(page.content.decode())
    assert sorted(shown[:3]) == sorted(search)
    assert sorted(shown[3:]) == sorted(years)
    page = client.get("/cases/?q=%00%3Cb%3E停车")
    assert fields(page.content.decode()) == [("q", "<b>停车")]


def test_a_page_past_the_end_leads_back_to_its_query(client: Client) -> None:
    for _ in range(21):
        make.make_published(district="xuhui")
    page = client.get("/cases/?page=3&district=xuhui")
    text = page.content.decode()
    assert page.status_code == 404
    assert "没有第 3 页" in text
    assert "“区：徐汇区”共 21 条，到第 2 页为止。" in text
    assert 'href="/cases/?district=xuhui"' in text
    assert 'href="/cases/?district=xuhui&amp;page=2"' in text
    assert fields(text) == [("q", ""), ("district", "xuhui")]


def test_a_grade_says_that_it_takes_in_the_better_ones(client: Client) -> None:
    make.make_published()
    labels = {item["value"]: item["label"] for item in get_json(client, "")["facets"]["grade"]}
    assert "或更好" not in labels["A"]
    assert all(label.endswith("，或更好") for value, label in labels.items() if value != "A")


def test_only_reading_is_allowed(client: Client) -> None:
    for address in ("/cases/", "/cases.json"):
        assert client.post(address).status_code == 405
        assert client.head(address).status_code == 200
