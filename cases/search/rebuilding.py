"""Building the index anew while the site serves from the old one."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from django.db import transaction
from pyroaring import BitMap

from cases import facets
from cases.models import Initiative, Revision

from .documents import Document
from .index import TABLE, index, spread

NEW = f"{TABLE}_new"
BATCH = 500


def rebuild(progress: Callable[[int], None] = lambda done: None) -> int:
    """Write bitmaps and full text anew from the published records; returns their number.

    Readers go on with the old index until the last, short transaction, which adds what was
    published meanwhile, takes out what was withdrawn, and puts the new index in place.
    """
    wanted = Initiative.objects.published().values_list("current_revision", flat=True)
    revisions = list(wanted.order_by("current_revision"))
    sample = (document for _, document in _documents(spread(revisions)))
    filling = index().build(NEW, sample, len(revisions))
    known = BitMap()
    pending = iter(revisions)
    # All-or-nothing a batch, so that others can publish between two of them.
    while batch := list(islice(pending, BATCH)):
        with transaction.atomic():
            filling.add(_documents(batch))
        known.update(batch)
        progress(len(known))
    filling.finish()
    with transaction.atomic():
        facets.next_generation()  # From here on nobody publishes.
        now = BitMap(wanted)
        index().remove(_documents(known - now), table=NEW)
        index().add(_documents(now - known), table=NEW)
        index().swap(NEW)
        return facets.rebuild()


def _documents(revisions: Iterable[int]) -> Iterator[tuple[int, Document]]:
    rows = Revision.objects.filter(pk__in=list(revisions)).order_by("pk")
    for pk, record in rows.values_list("initiative_id", "record"):
        yield pk, Document.of(record)
