"""The matrix: every number is the total of the list that it opens, and the sums are the pairs."""

import csv
import gzip
import io
from collections.abc import Callable

import pytest
from django.http import QueryDict
from django.test import Client
from playwright.sync_api import BrowserContext

from cases import facets
from cases.benchmark import loading
from cases.filters import CaseQuery
from cases.models import Initiative
from cases.records import load_all
from cases.statistics import COLUMNS, ROWS, Matrix, shade, steps

from . import make
from .axe import axe

pytestmark = pytest.mark.django_db

QUERIES = [
    "",
    "grade=B",
    "district=xuhui",
    "district=jingan&district=zhabei&district=pudong",
    "theme=residential-areas&theme=grid-management",
    "theme=residential-areas&theme=social-forces&theme_all=1",
    "topic=parking&topic_all=1",
    "scope=区&scope=全市",
    "scope=社区",
    "year_from=2014&year_to=2016",
    "q=居民",
    "status=running&grade=C&year_from=2013",
    "none=year",
    "none=mechanism&none=theme&scope=街镇",
]


def matrix_of(query: str, rows: str, columns: str) -> Matrix:
    return Matrix(CaseQuery(QueryDict(query), facets.current()), rows, columns)


def total_of(url: str) -> int:
    query = CaseQuery(QueryDict(url[1:]), facets.current())
    assert query.is_valid, url
    return query.total


def check_numbers(query: str, rows: str, columns: str) -> None:
    matrix = matrix_of(query, rows, columns)
    counts = [cell for row in matrix.rows for cell in [*row.cells, row.cases]]
    counts += [matrix.outside] if matrix.outside.number else []
    for count in [*counts, *matrix.cases, matrix.all_cases]:
        assert total_of(count.url) == count.number, (query, count)


def make_thousand() -> None:
    loading.prepare()
    loading.generate(1000, seed=3, processes=1)


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("columns", COLUMNS)
def test_every_number_is_the_total_of_the_list_it_opens(
    real_cases: None, rows: str, columns: str
) -> None:
    for query in QUERIES:
        check_numbers(query, rows, columns)


def test_the_same_for_a_thousand_generated_cases() -> None:
    make_thousand()
    for query in QUERIES[:4]:
        for rows in ROWS:
            check_numbers(query, rows, "theme")
    check_numbers("grade=C", "district", "topic")
    check_sums()


def check_sums() -> None:
    records = [record for _, record in load_all()]
    members = facets.current().catalog.members
    today = {old: new for new, olds in members.items() for old in olds if len(olds) > 1}
    for columns, items in (("theme", "themes"), ("topic", "topics")):
        pairs = [(record, item["slug"]) for record in records for item in record[items]]
        matrix = matrix_of("", "district", columns)
        assert sum(count.number for count in matrix.cases) == len(pairs)
        assert len(records) - len({record["id"] for record, _ in pairs}) == matrix.outside.number
        expected = sum(
            len({today.get(d["slug"], d["slug"]) for d in record["districts"]})
            + (record["scope"] == "全市" or not record["districts"])
            for record, _ in pairs
        )
        assert matrix.all_pairs == expected == sum(matrix.pairs)
        years = matrix_of("", "year", columns)
        assert years.all_pairs == len(pairs) == sum(years.pairs)


def test_the_sums_are_the_pairs_of_case_row_and_column(real_cases: None) -> None:
    check_sums()


def test_a_case_counts_in_each_of_its_districts_and_once_among_the_cases(client: Client) -> None:
    case = make.make_complete_draft(district="xuhui", themes=("grid",))
    case.districts.add(make.make_district("pudong"))
    make.publishing.publish(case)
    matrix = matrix_of("", "district", "theme")
    assert matrix.all_pairs == 2
    assert matrix.all_cases.number == 1
    assert matrix.repeated == 1
    text = client.get("/matrix/").content.decode()
    assert "1 条案例不只在一行里" in text


def test_a_citywide_case_has_a_row_and_so_has_one_without_a_year() -> None:
    make.make_published(district=None, start="")
    make.make_published(district="xuhui", start="2014")
    make.make_published(district="xuhui", start="2016")
    rows = {row.entry.label: row for row in matrix_of("", "district", "theme").rows}
    assert (rows["全市"].pairs, rows["徐汇区"].pairs) == (1, 2)
    years = {row.entry.label: row for row in matrix_of("", "year", "theme").rows}
    assert {label: row.pairs for label, row in years.items()} == {
        "2014 年": 1,
        "2015 年": 0,
        "2016 年": 1,
        "开始年份未记录": 1,
    }
    assert years["开始年份未记录"].cells[0].url == "?theme=residential-areas&none=year"


def test_a_dissolved_district_counts_under_its_successor_unless_asked_for() -> None:
    jingan = make.make_district("jingan")
    make.make_district("zhabei", dissolved="2015-11", merged_into=jingan)
    make.make_published(district="zhabei")
    assert [row.entry.value for row in matrix_of("", "district", "theme").rows] == ["jingan", ""]
    asked = matrix_of("district=zhabei", "district", "theme")
    assert [(row.entry.value, row.pairs) for row in asked.rows] == [("zhabei", 1)]


def test_links_keep_the_parameters_of_the_list(client: Client) -> None:
    make.make_published(grade="B", start="2014")
    text = client.get("/matrix/?grade=B&year_from=2014&page=3").content.decode()
    cell = "/cases/?district=xuhui&amp;theme=residential-areas&amp;grade=B&amp;year_from=2014"
    assert f'href="{cell}"' in text
    assert 'href="/matrix/?grade=B&amp;year_from=2014&amp;rows=year"' in text
    assert 'href="/matrix.csv?grade=B&amp;year_from=2014"' in text


def test_a_zero_is_printed_linked_and_explained(client: Client) -> None:
    make.make_theme("grid", "网格化管理")
    make.make_published()
    text = client.get("/matrix/").content.decode()
    link = '<a class="q0" href="/cases/?district=xuhui&amp;theme=grid" rel="nofollow">0</a>'
    assert link in text
    assert "未收录 ≠ 没有做" in text


def test_the_legend_says_which_counts_have_which_shade() -> None:
    for most in range(1, 60):
        legend = steps(most)
        assert [n for step in legend for n in range(step.first, step.last + 1)] == list(
            range(most + 1)
        )
        for step in legend:
            assert {shade(n, most) for n in range(step.first, step.last + 1)} == {step.shade}


@pytest.mark.parametrize(
    "query", ["rows=planet", "columns=x", "district=atlantis", "grade=Z", "year_from=abc", "page=0"]
)
def test_a_bad_value_is_a_400_that_says_which(client: Client, query: str) -> None:
    name = query.partition("=")[0]
    page = client.get(f"/matrix/?{query}")
    assert page.status_code == 400
    assert f">{name}</code>" in page.content.decode()
    table = client.get(f"/matrix.csv?{query}")
    assert table.status_code == 400
    assert list(table.json()["errors"]) == [name]


def test_the_csv_is_the_table_of_the_page(client: Client, real_cases: None) -> None:
    for query in ("", "?rows=year&columns=topic&grade=C"):
        text = client.get(f"/matrix.csv{query}").content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        matrix = client.get(f"/matrix/{query}").context["matrix"]
        assert rows[0][2:-2] == [column.label for column in matrix.columns]
        for line, row in zip(rows[1:-2], matrix.rows, strict=True):
            numbers = [*(c.number for c in row.cells), row.pairs, row.cases.number]
            assert line == [row.entry.label, row.entry.value, *map(str, numbers)]


def test_an_empty_collection_and_an_empty_result_still_answer(client: Client) -> None:
    for address in ("/matrix/", "/matrix/?rows=year", "/matrix.csv?rows=year"):
        assert client.get(address).status_code == 200, address
    make.make_published()
    assert client.get("/matrix/?rows=year&q=不会有的词").status_code == 200


def test_the_page_is_light_and_asks_little(client: Client, django_assert_max_num_queries) -> None:
    make_thousand()
    for address in (
        "/matrix/?columns=topic",
        "/matrix/?rows=year&columns=topic",
        "/matrix/?q=居民",
    ):
        client.get("/about/")  # Whatever a worker has to load is loaded.
        with django_assert_max_num_queries(12):
            page = client.get(address)
        assert len(gzip.compress(page.content)) < 40 * 1024, address
    assert Initiative.objects.published().count() == 1000


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("elder", [False, True])
def test_axe_finds_nothing(
    real_cases: None,
    context_for: Callable[..., BrowserContext],
    width: int,
    scheme: str,
    elder: bool,
) -> None:
    page = context_for(width=width, scheme=scheme, elder=elder).new_page()
    for address in ("/matrix/", "/matrix/?rows=year&columns=topic", "/matrix/?rows=planet"):
        page.goto(address)
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
