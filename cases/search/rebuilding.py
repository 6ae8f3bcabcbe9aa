"""Building the index anew while the site serves from the old one."""

import time
from collections.abc import Callable, Iterable
from itertools import islice

from django.db import transaction
from pyroaring import BitMap

from cases import facets
from cases.models import Initiative, Revision
from cases.records import Record

from .documents import Document
from .engine import OLD, TABLE
from .index import index, spread

NEW = f"{TABLE}_new"
BATCH = 500


def rebuild(progress: Callable[[int], None] = lambda done: None) -> int:
    """Write bitmaps and full text anew from the published records; returns their number.

    Readers go on with the old index until the last, short transaction, which adds what was
    published meanwhile, takes out what was withdrawn, and puts the new index in place. That
    comes last in it: on PostgreSQL searches wait from there on.
    """
    wanted = Initiative.objects.published().values_list("current_revision", flat=True)
    revisions = list(wanted.order_by("current_revision"))
    sample = (document for _, document in _documents(_records(spread(revisions))))
    filling = index().build(NEW, sample, len(revisions))
    bitmaps = facets.Filling()
    known = BitMap()
    pending = iter(revisions)
    while batch := list(islice(pending, BATCH)):
        if known:
            time.sleep(index().PAUSE)
        records = _records(batch)
        documents = _documents(records)
        # All-or-nothing a batch, so that others can publish between two of them.
        with transaction.atomic():
            filling.add(documents)
        for pk, record in records:
            bitmaps.add(pk, record)
        known.update(batch)
        progress(len(known))
    filling.finish()
    index().drop(OLD)  # Where an earlier rebuild was cut off before its last line.
    with transaction.atomic():
        generation = facets.next_generation()  # From here on nobody publishes.
        now = BitMap(wanted)
        gone, came = _records(known - now), _records(now - known)
        index().remove(_documents(gone), table=NEW)
        index().add(_documents(came), table=NEW)
        for pk, record in gone:
            bitmaps.remove(pk, record)
        for pk, record in came:
            bitmaps.add(pk, record)
        bitmaps.store(generation)
        index().swap(NEW)
    index().drop(OLD)
    return len(now)


def _records(revisions: Iterable[int]) -> list[tuple[int, Record]]:
    rows = Revision.objects.filter(pk__in=list(revisions)).order_by("pk")
    return list(rows.values_list("initiative_id", "record"))


def _documents(records: Iterable[tuple[int, Record]]) -> list[tuple[int, Document]]:
    return [(pk, Document.of(record)) for pk, record in records]
