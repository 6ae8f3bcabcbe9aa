"""Whatever is searched for, the index finds what reading every text finds: no less and no more."""

import random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cases.benchmark.corpus import Corpus, Numbers, Reference, make_sources
from cases.management.commands.bootstrap import REFERENCE
from cases.models import Source
from cases.search import frequent, postgres, sqlite
from cases.search.documents import BODY, HEAD, NAMES, Document, passages
from cases.search.engine import TABLE
from cases.search.index import index
from cases.search.postgres import LONGEST, Postgres
from cases.search.text import LONGEST_WORD, Finder, Phrase, _runs, fold, written

pytestmark = pytest.mark.django_db

CASES = 60
QUERIES = 1_500
Records = dict[int, dict[str, Any]]


def made(seed: int) -> Records:
    """Return generated records to which rarer things were added, by id."""
    corpus = Corpus(seed, Numbers(0, 0, 0), Reference.load())
    records = {number * 7: corpus.case(number).record for number in range(1, CASES + 1)}
    for pk, record in records.items():
        record["title"] += f"O2O第{pk % 9}號"
        record["summary"] += f" 15分钟、“1+6”；{pk}户𠀀社區，3,2{pk:02}米"
        record["sections"]["approach"] += f"a{'x' * (pk % 40)} 居民，自治。𠀀𠀁"
    return records


Runs = list[tuple[str, bool]]


def scanned(records: dict[int, list[tuple[int, Runs]]], query: str, tier: int) -> set[int]:
    """Return the ids of the records with the query in a text of this tier."""
    wanted = list(_runs(fold(query)))
    return {
        pk
        for pk, texts in records.items()
        if any(stands_in(runs, wanted) for place, runs in texts if place == tier)
    }


def stands_in(runs: Runs, wanted: Runs) -> bool:
    """Compare run by run: Han is open where the query begins or ends, all else is whole."""
    last = len(wanted) - 1

    def fits(run: tuple[str, bool], number: int) -> bool:
        text, (want, is_han) = run[0], wanted[number]
        if run[1] != is_han:
            return False
        if not is_han or 0 < number < last:
            return text == want
        if last == 0:
            return want in text
        return text.endswith(want) if number == 0 else text.startswith(want)

    return any(
        all(fits(runs[start + number], number) for number in range(last + 1))
        for start in range(len(runs) - last)
    )


@settings(max_examples=2_000, deadline=None)
@given(
    st.text("居民停136,.+()& _Ａm㎡、薴", max_size=30),
    st.text("居民停136,.+ _am㎡、苎", max_size=5),
)
@example("10,000㎡", "10000㎡")
@example("10000㎡", "10,000㎡")
@example("32,696.5平方米", "32696.5")
@example("1+(1+3+1)", "3+1")
@example("1,5号", "15")
@example("居民自治", "居民 自治")
def test_a_word_is_marked_exactly_where_it_is_found(text: str, word: str) -> None:
    wanted = list(_runs(fold(word)))
    assert Finder(word).stands_in(fold(text)) == bool(
        wanted and stands_in(list(_runs(fold(text))), wanted)
    )


def runs_in(record: dict[str, Any]) -> list[tuple[int, Runs]]:
    return [(p.tier, list(_runs(fold(p.text)))) for p in passages(record)]


def test_random_stretches_of_texts_are_found_where_a_scan_finds_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # So that few cases have rows in several parts, frequent words, and several bitmaps of these.
    monkeypatch.setattr(Postgres, "PART", 400)
    monkeypatch.setattr(Postgres, "OVERLAP", 100)
    for filling_of in (postgres.Filling, sqlite.Filling):
        monkeypatch.setattr(filling_of, "FEW", 0)
        monkeypatch.setattr(filling_of, "SHARE", 0.1)
    monkeypatch.setattr(postgres.Filling, "CASES", 15)
    call_command("loaddata", *REFERENCE, verbosity=0)
    Source.objects.bulk_create(make_sources(7))
    draw = random.Random(20)  # noqa: S311 - a fixed spread, not a secret
    records, others = made(7), made(8)
    early = {pk: record for pk, record in records.items() if pk % 3}
    filling = index().build(TABLE, map(Document.of, early.values()), len(early))
    for pk, record in early.items():
        filling.add([(pk, Document.of(record))])
    filling.finish()
    # What comes after the index was built: new cases, changed ones, withdrawn ones, and again.
    index().add((pk, Document.of(r)) for pk, r in records.items() if pk not in early)
    for pk in sorted(records)[::5]:
        index().remove([(pk, Document.of(records[pk]))])
        records[pk] = others[pk]
        index().add([(pk, Document.of(records[pk]))])
    for pk in sorted(records)[::7]:
        index().remove([(pk, Document.of(records.pop(pk)))])
    texts = [
        (p.tier, p.text)
        for record in [*records.values(), *others.values()]
        for p in passages(record)
    ]
    runs = {pk: runs_in(record) for pk, record in records.items()}
    frequent_ones = 0
    for _ in range(QUERIES):
        tier, text = draw.choice(texts)
        start, size = draw.randrange(len(text)), draw.randint(1, 8)
        query = text[start : start + size]
        if written(query):
            tier = draw.choice([NAMES, HEAD, BODY, tier, tier])
            found = scanned(runs, query, tier)
            assert set(index().find(Phrase.of(query))[tier]) == found, query
            newest = sorted(scanned(runs, query, NAMES), reverse=True)[:3]
            assert index().newest(Phrase.of(query), 3) == newest, query
            frequent_ones += stored(query, tier)
    assert QUERIES / 20 < frequent_ones < QUERIES * 19 / 20


def test_texts_of_the_longest_words_are_stored_and_found() -> None:
    word = "b" * 150
    words = ["居" * 590, "a" * LONGEST_WORD, "民" * 600, word, "委会", "c" * 2_000]
    runs = {}
    for number in range(len(words)):
        text = " ".join([*words[number:], *words[:number]])
        runs[number] = [(BODY, list(_runs(fold(text))))]
        index().add([(number, Document(([], [], [written(text)]), ([], [], [])))])
    for query in ("居民", "委会", words[1], f"{'民' * 50} {word}", f"{word} 委会", f"b{word} 委会"):
        found = set(index().find(Phrase.of(query))[BODY])
        assert found == scanned(runs, query, BODY), query


def stored(query: str, tier: int) -> bool:
    """Say whether the word's ids were read from a bitmap."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM cases_search_frequent WHERE word = %s AND tier = %s",
            [written(query), tier],
        )
        return cursor.fetchone() is not None


def test_frequent_words_are_counted_by_texts_and_end_where_a_text_ends() -> None:
    texts = [
        written("在15分钟内") + "\n" + written("分钟"),
        written("在15分钟里，在"),
        written("钟内在"),
    ]
    words = frequent.choose(texts, 2)
    assert {"在", "[15]", "[15]分钟", "在[15]分钟", "分钟", "钟内"} <= words
    assert not {"在[15]分钟内", "钟分", "钟 在"} & words


def test_the_bitmaps_of_frequent_words_are_handed_over_once() -> None:
    collector = frequent.Collector({"分", "分钟"})
    for pk in (3, 5):
        assert collector.read(pk, "分钟分钟\n分", LONGEST) == {
            *("分钟分", "分钟分钟", "钟", "钟分", "钟分钟"),
        }
    assert {word: list(ids) for word, ids in collector.take().items()} == {
        "分": [3, 5],
        "分钟": [3, 5],
    }
    collector.read(9, "分", LONGEST)
    assert {word: list(ids) for word, ids in collector.take().items()} == {"分": [9]}
