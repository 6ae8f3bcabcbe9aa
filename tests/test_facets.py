"""The stored bitmaps: what they say, in which order, and that workers hear of changes."""

import random
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from pyroaring import BitMap

from cases import facets, publishing
from cases.models import Bitmap, Initiative

from . import make

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 1, 1, tzinfo=timezone.utc)


def test_a_published_case_stands_under_each_of_its_values() -> None:
    case = make.make_published(start="2015-03", grade="B", topics=("parking", "eldercare"))
    snapshot = facets.current()
    for facet, value in [
        ("district", "xuhui"),
        ("theme", "residential-areas"),
        ("topic", "parking"),
        ("topic", "eldercare"),
        ("scope", "街镇"),
        ("status", "unknown"),
        ("year", "2015"),
        ("grade", "B"),
        ("grade", "C"),
    ]:
        assert case.pk in snapshot.having(facet, value), (facet, value)
    assert case.pk not in snapshot.having("grade", "A")
    assert list(snapshot.all) == [case.pk]


def test_withdrawing_takes_the_case_out_of_every_bitmap() -> None:
    kept, gone = make.make_published(), make.make_published(start="2016")
    publishing.withdraw(gone, None, "重复收录")
    assert all(gone.pk not in BitMap.deserialize(bytes(row.bits)) for row in Bitmap.objects.all())
    assert list(facets.current().all) == [kept.pk]


def test_a_worker_that_knows_an_older_generation_reads_only_what_changed(
    django_assert_max_num_queries,
) -> None:
    make.make_published()
    facets.current()
    case = make.make_published(district="pudong")
    with django_assert_max_num_queries(12):
        assert case.pk in facets.current().having("district", "pudong")
    with django_assert_max_num_queries(1):
        facets.current()


def test_a_thread_that_is_late_takes_what_another_has_read(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    make.make_published()
    facets.store.current()
    asked = iter([-1])  # It asked before a publication that another thread knows of already.
    known = facets.store._generation()
    monkeypatch.setattr(facets.store, "_generation", lambda: next(asked, known))
    with django_assert_num_queries(0):
        assert facets.store.current().generation == known


def test_a_snapshot_in_use_does_not_change_under_its_reader() -> None:
    make.make_published()
    before = facets.current()
    make.make_published()
    facets.current()
    assert len(before.all) == 1


def test_a_district_that_took_in_another_shows_its_cases() -> None:
    jingan = make.make_district("jingan")
    make.make_district("zhabei", dissolved="2015-11", merged_into=jingan)
    old = make.make_published(district="zhabei")
    assert list(facets.current().having("district", "jingan")) == [old.pk]
    assert list(facets.current().having("district", "zhabei")) == [old.pk]


def test_a_changed_merger_is_seen_without_publishing_anything() -> None:
    jingan, zhabei = make.make_district("jingan"), make.make_district("zhabei")
    old = make.make_published(district="zhabei")
    assert old.pk not in facets.current().having("district", "jingan")
    zhabei.dissolved, zhabei.merged_into = "2015-11", jingan
    zhabei.save()
    assert old.pk in facets.current().having("district", "jingan")


def test_rebuilding_gives_the_same_bitmaps_as_publishing_did() -> None:
    for year in (2014, 2015, 2016):
        make.make_published(start=str(year), at=MOMENT + timedelta(days=year))
    publishing.withdraw(Initiative.objects.earliest("pk"), None, "重复收录")

    def stored() -> dict[tuple[str, str, int], list[int]]:
        rows = {
            (row.facet, row.value, row.chunk): list(BitMap.deserialize(bytes(row.bits)))
            for row in Bitmap.objects.all()
        }
        return {key: ids for key, ids in rows.items() if ids}

    before = stored()
    Bitmap.objects.filter(facet="district").update(bits=BitMap([999]).serialize())
    assert facets.rebuild() == 2
    assert stored() == before


@pytest.mark.parametrize("sort", ["-published", "-year", "year"])
def test_pages_are_in_the_order_that_a_plain_sort_gives(sort: str) -> None:
    draw = random.Random(7)  # noqa: S311 - a fixed order, not a secret
    for _ in range(60):
        make.make_published(
            start=draw.choice(["", "2013", "2014-05", "2016-01-02"]),
            at=MOMENT + timedelta(seconds=draw.randrange(40)),
        )
    rows = list(Initiative.objects.published())
    if sort == "-published":
        rows.sort(key=lambda row: (row.published_at, row.pk), reverse=True)
    else:
        sign = -1 if sort == "-year" else 1
        rows.sort(key=lambda row: (not row.start, sign * int(row.start[:4] or 0), -row.pk))
    snapshot = facets.current()
    for offset in range(0, 70, 7):
        expected = [row.pk for row in rows[offset : offset + 7]]
        found = snapshot.page(snapshot.all, sort, offset, 7)
        if sort == "-published":  # A set; its order is the query's that loads the rows.
            assert sorted(found) == sorted(expected)
        else:
            assert found == expected


def test_ids_beyond_one_chunk_are_found() -> None:
    make.make_published(id=facets.CHUNK * 3 + 5, title="很远的案例")
    assert list(facets.current().having("district", "xuhui")) == [facets.CHUNK * 3 + 5]
