"""Building the index anew while the site serves from the old one."""

from collections.abc import Callable, Iterable
from itertools import islice

from django.db import transaction
from pyroaring import BitMap

from cases import facets
from cases.models import Initiative, Revision

from .documents import Document
from .index import TABLE, index

NEW = f"{TABLE}_new"
BATCH = 500


def rebuild(progress: Callable[[int], None] = lambda done: None) -> int:
    """Write bitmaps and full text anew from the published records; returns their number.

    Readers go on with the old index until the last, short transaction, which adds what was
    published meanwhile, takes out what was withdrawn, and puts the new index in place.
    """
    # All-or-nothing a batch, so that others can publish between two of them.
    index().drop(NEW)
    index().create(NEW, ready=False)
    known = BitMap()
    wanted = Initiative.objects.published().values_list("current_revision", flat=True)
    pending = iter(list(wanted.order_by("current_revision")))
    while batch := list(islice(pending, BATCH)):
        _add(batch)
        known.update(batch)
        progress(len(known))
    index().make_ready(NEW)
    with transaction.atomic():
        facets.next_generation()  # From here on nobody publishes.
        now = BitMap(wanted)
        gone = Revision.objects.filter(pk__in=list(known - now))
        index().remove([(r.initiative_id, Document.of(r.record)) for r in gone], table=NEW)
        _add(now - known)
        index().swap(NEW)
        return facets.rebuild()


def _add(revisions: Iterable[int]) -> None:
    rows = Revision.objects.filter(pk__in=list(revisions)).order_by("pk")
    with transaction.atomic():
        index().add(
            [
                (pk, Document.of(record))
                for pk, record in rows.values_list("initiative_id", "record")
            ],
            table=NEW,
        )
