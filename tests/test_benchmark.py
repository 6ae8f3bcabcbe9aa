"""The synthetic corpus is what it says it is, and the benchmark measures what it says it does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from itertools import cycle
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.http import QueryDict

from cases import facets, quality
from cases.benchmark import inside, loading, measuring, scenarios, urls
from cases.benchmark.corpus import TITLE_PREFIX, Corpus, Numbers, Reference
from cases.benchmark.report import Result, document
from cases.filters import CaseQuery
from cases.management.commands.bench import numbers
from cases.models import Initiative, Revision
from cases.models.revisions import checksum
from cases.records import for_record, to_record

from . import make

CASES = 45


@pytest.fixture
def corpus(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BATCH", 20)
    loading.prepare()
    assert loading.generate(CASES, seed=7, processes=1) == CASES


def made(seed: int) -> list[dict[str, Any]]:
    corpus = Corpus(seed, Numbers(0, 0, 0), Reference.load())
    return [corpus.case(number).record for number in range(1, 11)]


# --- The corpus ---


def test_a_seed_always_gives_the_same_cases(corpus: None) -> None:
    stored = Revision.objects.order_by("initiative_id")[:10].values_list("record", flat=True)
    first = Initiative.objects.order_by("pk").values_list("pk", flat=True)[0]
    again = Corpus(7, Numbers(first - 1, 0, 0), Reference.load())
    assert list(stored) == [again.case(number).record for number in range(1, 11)]
    assert made(7) == made(7)
    assert made(7) != made(8)


def test_every_case_is_marked_as_synthetic(corpus: None) -> None:
    assert Initiative.objects.filter(synthetic=True).count() == CASES
    assert not Initiative.objects.exclude(title__startswith=TITLE_PREFIX).exists()
    assert not make.make_initiative().synthetic


def test_the_record_of_a_case_is_what_its_rows_give(corpus: None) -> None:
    for row in for_record(Initiative.objects.published()):
        revision = row.current_revision
        assert revision is not None
        assert to_record(row) == revision.record
        assert checksum(revision.record) == revision.checksum
        assert quality.problems(revision.record) == []
        row.full_clean()


def test_totals_and_hits_agree_with_plain_queries(corpus: None) -> None:
    snapshot = facets.current()
    assert len(snapshot.all) == CASES
    for asked in (
        "district=huangpu",
        "theme=overall",
        "status=running",
        "year_from=2015",
        "grade=C",
    ):
        query = CaseQuery(QueryDict(asked), snapshot)
        assert query.total == query.filter.qs.distinct().count() > 0, asked
    word = "居民"
    truth = [
        revision.initiative_id
        for revision in Revision.objects.all()
        if word in json.dumps(revision.record, ensure_ascii=False)
    ]
    assert sorted(CaseQuery(QueryDict(f"q={word}"), snapshot).found) == sorted(truth)
    assert CaseQuery(QueryDict("q=鲸鱼"), snapshot).total == 0


def test_more_cases_can_be_added(corpus: None) -> None:
    call_command("generate_corpus", cases=5, seed=8, processes=1, stdout=StringIO())
    assert Initiative.objects.filter(synthetic=True).count() == CASES + 5
    assert len(facets.current().all) == CASES + 5
    case = make.make_published()
    assert case.pk > Initiative.objects.filter(synthetic=True).latest("pk").pk


@pytest.mark.django_db
def test_real_cases_are_kept_apart_unless_one_insists() -> None:
    loading.prepare()
    real = make.make_published(district="pudong")
    with pytest.raises(CommandError, match="1 个真实案例"):
        call_command("generate_corpus", cases=3, stdout=StringIO())
    assert Initiative.objects.count() == 1
    call_command("generate_corpus", cases=3, yes=True, stdout=StringIO())
    assert sorted(facets.current().all)[0] == real.pk
    assert len(facets.current().all) == 4
    assert CaseQuery(QueryDict(f"q={real.title}"), facets.current()).total >= 1


@pytest.mark.parametrize("options", [{"cases": 0}, {"cases": 10**9}, {"cases": 5, "processes": -1}])
def test_senseless_numbers_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(CommandError):
        call_command("generate_corpus", **options)


# --- Measuring ---


@pytest.mark.urls("cases.benchmark.urls")
def test_the_floor_is_the_list_page(corpus: None, client: Any) -> None:
    urls._ready.cache_clear()
    try:
        page, floor = client.get("/cases/"), client.get("/benchmark/floor/")
        # Around it, the page names its own address and where in the site it stands.
        list_, again = (answer.content.decode().partition("<main")[2] for answer in (page, floor))
        assert list_ == again.replace("/benchmark/floor/", "/cases/")
        assert "合成案例" in list_
    finally:
        urls._ready.cache_clear()


def test_words_and_publishing_are_measured_inside(
    corpus: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inside, "PUBLICATIONS", 2)
    about = inside.describe()
    assert about["cases"] == CASES
    addresses = [path for _name, paths in scenarios.pages(about) for path in paths]
    assert len(addresses) > 100
    assert set(inside.publish()) == {"publish", "withdraw"}
    assert Initiative.objects.published().count() == CASES
    assert Initiative.objects.filter(revisions__number=2).count() == 2


@pytest.fixture
def port() -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/good" else 404)
            self.end_headers()
            self.wfile.write(b"answer")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_requests_are_counted_and_bounded(port: int) -> None:
    sample = measuring.drive(port, cycle(["/good"]), seconds=30, most=12)
    assert len(sample.times) == 12
    assert sample.failures == 0
    assert sample.p50 and sample.p95 and sample.p95 >= sample.p50 > 0
    bad = measuring.drive(port, cycle(["/bad"]), seconds=30)
    assert (bad.p50, bad.status) == (None, 404)
    assert bad.failures < 40


def test_the_report_compares_with_the_floor_and_datasette() -> None:
    floor = measuring.Sample([0.01] * 10, 1.0)
    page = scenarios.Row("列表", measuring.Sample([0.015] * 10, 1.0), 20.0, floor, 12.0, 10.0)
    rival = scenarios.Row(scenarios.DATASETTE_LIST, measuring.Sample([2.0], 2.0), 2000.0)
    export = scenarios.Export(200, 3.0, 40.0, 12.0)
    result = Result("SQLite 3", 100, [page], [rival], "0.65", export, 90.0, {"publish": 1.0})
    result.publishing["withdraw"] = 2.0
    text = document([result], "两核")
    assert "| 列表 | 20.0 | 15.0 | 15.0 | 10 | 12.0 | 2.0× | 1.5× | 1.2× | 20× | — | — |" in text
    assert "峰值上升 12 MB" in text


def test_numbers_of_cases_are_read_from_a_list() -> None:
    assert numbers("10000,200") == [10_000, 200]
    with pytest.raises(Exception, match="数字"):
        numbers("viel")
    with pytest.raises(Exception, match="至少"):
        numbers("3")
