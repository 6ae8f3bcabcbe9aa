"""Which published cases have which value: Roaring bitmaps, stored, and held by each worker.

A bitmap is kept in the database in pieces of 65,536 ids (`models.Bitmap`), written in the
transaction that publishes. A worker keeps the whole bitmaps and the small reference
tables, and compares the database's generation number once a request: one query while
nothing has changed, one more for what has.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timezone
from typing import Any

from django.db import models, router, transaction
from pyroaring import BitMap

from .catalog import Catalog
from .models import (
    Bitmap,
    Grade,
    IndexState,
)
from .records import Record, load_all

Key = tuple[str, str]

CHUNK = 1 << 16
ALL: Key = ("all", "")
# Publication time in whole seconds since this moment, one bitmap a binary digit.
EPOCH = datetime(2000, 1, 1, tzinfo=timezone.utc)
TIME_BITS = 32


def keys_of(record: Record) -> set[Key]:
    """Return every bitmap that the published record stands in."""
    values: dict[str, Iterable[Any]] = {
        "district": (d["slug"] for d in record["districts"]),
        "subdistrict": (s["code"] for s in record["subdistricts"]),
        "theme": (t["slug"] for t in record["themes"]),
        "topic": (t["slug"] for t in record["topics"]),
        "actor": (p["actor"] for p in record["participations"]),
        "mechanism": (m["slug"] for m in record["mechanisms"]),
        "policy": (str(p["id"]) for p in record["policies"]),
        "policy-kind": (f"{p['id']}:{p['kind']}" for p in record["policies"]),
        "status": [record["status"]["value"]],
        "scope": [record["scope"]] if record["scope"] else [],
        "year": [record["period"]["start"][:4]] if record["period"]["start"] else [],
        "grade": [min(e["grade"] for e in record["evidence"])] if record["evidence"] else [],
    }
    keys = {(facet, value) for facet, items in values.items() for value in items}
    seconds = int((datetime.fromisoformat(record["published_at"]) - EPOCH).total_seconds())
    keys |= {("time", f"{bit:02}") for bit in range(TIME_BITS) if seconds >> bit & 1}
    return keys | {ALL}


def next_generation() -> int:
    """Advance the generation number; holds its row until the transaction ends."""
    if not IndexState.objects.filter(id=1).update(generation=models.F("generation") + 1):
        IndexState.objects.get_or_create(id=1, defaults={"generation": 1})
    return IndexState.objects.values_list("generation", flat=True).get(id=1)


def update(initiative_id: int, before: Record | None, after: Record | None) -> None:
    """Move one case from the bitmaps of one record to those of another, within a transaction.

    `None` means: not public. Reads and writes only the case's own piece of each bitmap that
    changes.
    """
    generation = next_generation()
    old = keys_of(before) if before else set()
    new = keys_of(after) if after else set()
    changed = old ^ new
    chunk = initiative_id // CHUNK
    wanted: dict[str, list[str]] = defaultdict(list)
    for facet, value in changed:
        wanted[facet].append(value)
    condition = models.Q(pk__in=[])
    for facet, values in wanted.items():
        condition |= models.Q(facet=facet, value__in=values)
    bits = {
        (row.facet, row.value): BitMap.deserialize(bytes(row.bits))
        for row in Bitmap.objects.filter(condition, chunk=chunk)
    }
    for key in changed:
        piece = bits.setdefault(key, BitMap())
        if key in new:
            piece.add(initiative_id)
        else:
            piece.discard(initiative_id)
    _write({(*key, chunk): piece for key, piece in bits.items()}, generation)


def _write(pieces: dict[tuple[str, str, int], BitMap], generation: int) -> None:
    Bitmap.objects.bulk_create(
        (
            Bitmap(
                facet=facet,
                value=value,
                chunk=chunk,
                bits=bits.serialize(),
                generation=generation,
            )
            for (facet, value, chunk), bits in pieces.items()
        ),
        batch_size=200,
        update_conflicts=True,
        unique_fields=["facet", "value", "chunk"],
        update_fields=["bits", "generation"],
    )


@transaction.atomic
def rebuild() -> int:
    """Write every bitmap anew from the published records; returns how many cases stand in them.

    Holds the generation row, so publications wait until it is done while readers go on.
    """
    generation = next_generation()
    filling = Filling()
    count = 0
    for initiative_id, record in load_all():
        count += 1
        filling.add(initiative_id, record)
    filling.store(generation)
    return count


class Filling:
    """Every bitmap being made anew, case by case; in memory until they are stored together."""

    def __init__(self) -> None:
        self._pieces: dict[tuple[str, str, int], BitMap] = defaultdict(BitMap)

    def add(self, initiative_id: int, record: Record) -> None:
        for key in keys_of(record):
            self._pieces[(*key, initiative_id // CHUNK)].add(initiative_id)

    def remove(self, initiative_id: int, record: Record) -> None:
        for key in keys_of(record):
            self._pieces[(*key, initiative_id // CHUNK)].discard(initiative_id)

    def store(self, generation: int) -> None:
        # What no case has any more is emptied, not deleted: workers must hear of it.
        for facet, value, chunk in Bitmap.objects.values_list("facet", "value", "chunk"):
            self._pieces.setdefault((facet, value, chunk), BitMap())
        _write(self._pieces, generation)


class Snapshot:
    """The bitmaps and the catalog at one generation. Read only."""

    def __init__(self, generation: int, bits: dict[Key, BitMap], catalog: Catalog) -> None:
        self.generation = generation
        self.bits = bits
        self.catalog = catalog
        self.years = sorted(value for facet, value in bits if facet == "year")

    @property
    def all(self) -> BitMap:
        return self.bits.get(ALL, _EMPTY)

    def having(self, facet: str, value: str) -> BitMap:
        """Return the cases with this value.

        A district includes those that it took in, a grade includes the better ones.
        """
        if facet == "district":
            members = self.catalog.members.get(value, [])
            if len(members) > 1:
                return BitMap.union(*(self.bits.get((facet, m), _EMPTY) for m in members))
        elif facet == "grade":
            better = [g for g in Grade.values if g <= value]
            return BitMap.union(*(self.bits.get((facet, g), _EMPTY) for g in better))
        return self.bits.get((facet, value), _EMPTY)

    def any_of(self, facet: str, values: Iterable[str]) -> BitMap:
        return BitMap.union(_EMPTY, *(self.having(facet, value) for value in values))

    def none_of(self, facet: str) -> BitMap:
        """Return the cases without any value of the facet."""
        values = self.years if facet == "year" else self.catalog.labels[facet]
        return self.all - self.any_of(facet, values)

    def between(self, first: int | None, last: int | None) -> BitMap:
        """Return the cases that began within these years, both included."""
        return self.any_of(
            "year",
            [
                year
                for year in self.years
                if (first is None or int(year) >= first) and (last is None or int(year) <= last)
            ],
        )

    def page(self, found: BitMap, sort: str, offset: int, size: int) -> list[int]:
        """Return the ids from `offset` on, in the order of `sort`; ties by id, newest first.

        The cost depends on the number of years or of binary digits, not on the cases found.
        """
        if sort == "-published":
            if offset >= len(found):
                return []
            upper = self._latest(found, offset + size)
            return list(upper - self._latest(found, offset))
        years = list(reversed(self.years)) if sort == "-year" else self.years
        ids: list[int] = []
        rest = found
        for part in years:
            bits = self.bits[("year", part)] & found
            rest = rest - bits
            ids, offset = _take(ids, bits, offset, size)
            if len(ids) == size:
                return ids
        return _take(ids, rest, offset, size)[0]

    def _latest(self, found: BitMap, count: int) -> BitMap:
        """Return the `count` cases published last, by O'Neil and Quass's bit-sliced method."""
        if count >= len(found):
            return found
        sure, open_ = BitMap(), found
        for bit in reversed(range(TIME_BITS)):
            slice_ = self.bits.get(("time", f"{bit:02}"), _EMPTY)
            hits = open_ & slice_
            if len(sure) + len(hits) > count:
                open_ = hits
            else:
                sure |= hits
                open_ = open_ - hits
        missing = count - len(sure)
        return sure | BitMap(open_[len(open_) - missing :]) if missing else sure


_EMPTY = BitMap()


def _take(ids: list[int], bits: BitMap, offset: int, size: int) -> tuple[list[int], int]:
    """Append the ids of one group, highest first, after skipping `offset`."""
    count = len(bits)
    if offset >= count:
        return ids, offset - count
    stop = count - offset
    start = max(0, stop - (size - len(ids)))
    return ids + list(reversed(bits[start:stop])), 0


class _Store:
    """One worker's copies, each brought up to date by `current`.

    One for each database that is read from: a replica may be a generation behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._snapshots: dict[str, Snapshot] = {}

    def clear(self) -> None:
        self._snapshots.clear()

    def current(self) -> Snapshot:
        database = router.db_for_read(IndexState)
        snapshot = self._snapshots.get(database)
        if snapshot is None or snapshot.generation != self._generation():
            with self._lock:
                # Asked again: meanwhile another thread may have brought it up to date, or further.
                snapshot, generation = self._snapshots.get(database), self._generation()
                if snapshot is None or snapshot.generation != generation:
                    snapshot = self._refreshed(snapshot, generation)
                    self._snapshots[database] = snapshot
        return snapshot

    @staticmethod
    def _generation() -> int:
        states = IndexState.objects.filter(id=1)
        return states.values_list("generation", flat=True).first() or 0

    @staticmethod
    def _refreshed(known: Snapshot | None, generation: int) -> Snapshot:
        # A lower number than ours: another database stands there now, so nothing is kept.
        since = known.generation if known and known.generation < generation else -1
        bits = dict(known.bits) if known and since >= 0 else {}
        fresh: dict[Key, BitMap] = {}
        rows = Bitmap.objects.filter(generation__gt=since).values_list(
            "facet", "value", "chunk", "bits"
        )
        for facet, value, chunk, data in rows.iterator(chunk_size=500):
            key = (facet, value)
            whole = fresh.get(key)
            if whole is None:
                # Copied: requests under way still read the old one.
                whole = fresh[key] = bits.get(key, _EMPTY).copy()
            whole.remove_range(chunk * CHUNK, (chunk + 1) * CHUNK)
            whole |= BitMap.deserialize(bytes(data))
        bits.update(fresh)
        return Snapshot(generation, bits, Catalog.load())


store = _Store()


_held: ContextVar[Snapshot | None] = ContextVar("snapshot", default=None)


def current() -> Snapshot:
    """Return what this worker knows, brought up to date: one query while nothing has changed."""
    return _held.get() or store.current()


@contextmanager
def held() -> Iterator[Snapshot]:
    """Let `current` answer the same for a while, as for one page, without asking again."""
    token = _held.set(current())
    try:
        yield current()
    finally:
        _held.reset(token)
