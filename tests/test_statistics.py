"""Statistics: every bar is the total of the list it opens; the table and the file say the same."""

import csv
import gzip
import io
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from django.http import QueryDict
from django.test import Client
from playwright.sync_api import BrowserContext

from cases import facets
from cases.filters import CaseQuery
from cases.outputs import plots
from cases.records import load_all
from cases.statistics import PLOTS, distribution

from . import make
from .axe import axe
from .test_matrix import QUERIES, make_thousand, total_of

pytestmark = pytest.mark.django_db


def check_numbers(query: str) -> None:
    asked = CaseQuery(QueryDict(query), facets.current())
    for name in PLOTS:
        for bar in distribution(asked, name).bars:
            if bar.count.url:
                assert total_of(bar.count.url) == bar.count.number, (query, bar.count.url)


def test_every_bar_is_the_total_of_the_list_it_opens(real_cases: None) -> None:
    for query in [*QUERIES, "actor=street&mechanism=sharing", "actor=firm&actor=street"]:
        check_numbers(query)


def test_the_same_for_a_thousand_generated_cases(
    client: Client, django_assert_max_num_queries
) -> None:
    make_thousand()
    for query in QUERIES:
        check_numbers(query)
    records = [record for _, record in load_all()]
    query = CaseQuery(QueryDict(""), facets.current())
    for name, items in (("topic", "topics"), ("mechanism", "mechanisms"), ("theme", "themes")):
        bars = {bar.entry.value: bar.count.number for bar in distribution(query, name).bars}
        bars.pop("", None)
        assert sum(bars.values()) == sum(len(record[items]) for record in records)
    with django_assert_max_num_queries(12):
        page = client.get("/statistics/?grade=C")
    assert len(gzip.compress(page.content)) < 40 * 1024


def test_what_is_not_recorded_is_a_bar_of_its_own() -> None:
    make.make_published(start="")
    query = CaseQuery(QueryDict(""), facets.current())
    last = distribution(query, "year").bars[-1]
    assert (last.entry.label, last.count.number, last.count.url) == (
        "开始年份未记录",
        1,
        "?none=year",
    )


def test_the_plot_is_well_formed_takes_colours_from_classes_and_escapes() -> None:
    items = [plots.Item("<b>甲&乙", 4, 4, "/cases/?a=1&b=2"), plots.Item("丙", 0, 0)]
    svg = plots.bars(items, "x-title")
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own
    assert root.attrib["role"] == "group"
    assert root.attrib["aria-labelledby"] == "x-title"
    links = root.findall("a")
    assert [link.attrib["href"] for link in links] == ["/cases/?a=1&b=2"]
    assert links[0].findtext("text") == "<b>甲&乙"
    assert "style=" not in svg
    assert "fill=" not in svg
    assert [rect.attrib["width"] for rect in root.iter("rect")][2::3] == ["100.0%", "0.0%"]


def test_page_table_and_file_have_the_same_numbers(client: Client, real_cases: None) -> None:
    for query in ("", "?district=pudong"):
        page = client.get(f"/statistics/{query}")
        text = client.get(f"/statistics.csv{query}").content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))[1:]
        shown = [
            [plot["of"].title, bar.entry.label, bar.entry.value, str(bar.count.number)]
            for plot in page.context["plots"]
            for bar in plot["of"].bars
        ]
        assert rows == shown
        html = page.content.decode()
        for plot in page.context["plots"]:
            assert html.count(plot["svg"]) == 1
            for bar in plot["of"].bars:
                cell = f'{bar.entry.label}</th><td class="num">{bar.count.number}<'
                assert cell in html.replace("&quot;", '"')


@pytest.mark.parametrize("query", ["district=atlantis", "grade=Z", "year_from=abc"])
def test_a_bad_value_is_a_400_that_says_which(client: Client, query: str) -> None:
    name = query.partition("=")[0]
    page = client.get(f"/statistics/?{query}")
    assert page.status_code == 400
    assert f">{name}</code>" in page.content.decode()
    assert list(client.get(f"/statistics.csv?{query}").json()["errors"]) == [name]


def test_an_empty_collection_still_answers(client: Client) -> None:
    assert client.get("/statistics/").status_code == 200
    assert client.get("/statistics.csv").status_code == 200


def test_a_browser_can_learn_to_search_here(client: Client) -> None:
    case = make.make_published(title="停车难有解")
    page = client.get("/").content.decode()
    assert 'rel="search" type="application/opensearchdescription+xml"' in page
    response = client.get("/opensearch.xml")
    assert response["Content-Type"].startswith("application/opensearchdescription+xml")
    root = ElementTree.fromstring(response.content)  # noqa: S314 - our own
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert root.tag == f"{space}OpenSearchDescription"
    assert len(root.findtext(f"{space}ShortName") or "") <= 16
    assert root.findtext(f"{space}Description")
    assert root.findtext(f"{space}InputEncoding") == "UTF-8"
    found = {url.attrib["type"]: url.attrib["template"] for url in root.findall(f"{space}Url")}
    assert set(found) == {"text/html", "application/atom+xml"}
    for template in found.values():
        assert template.startswith("http://testserver/")
        answer = client.get(template.replace("{searchTerms}", "%E5%81%9C%E8%BD%A6"))
        assert answer.status_code == 200
        assert case.title.encode() in answer.content or b"<mark>" in answer.content


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("elder", [False, True])
def test_axe_finds_nothing_and_keys_reach_every_bar(
    real_cases: None,
    context_for: Callable[..., BrowserContext],
    width: int,
    scheme: str,
    elder: bool,
) -> None:
    page = context_for(width=width, scheme=scheme, elder=elder).new_page()
    page.goto("/statistics/")
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    overlaps = """() => [...document.querySelectorAll('.bars a')].filter((a) => {
        const [label, number] = [...a.querySelectorAll('text')].map(
            (t) => t.getBoundingClientRect());
        return label.right > number.left || a.getBoundingClientRect().height < 44;
    }).map((a) => a.textContent)"""
    assert page.evaluate(overlaps) == []
    first = page.locator(".bars a").first
    first.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.bars') !== null")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/?**")
