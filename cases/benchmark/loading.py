"""Storing a synthetic corpus: batches written by all cores, in bounded memory."""

import multiprocessing
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.core.management import call_command
from django.db import connection, connections, models, transaction
from django.test import override_settings

from cases import facets, sequences
from cases.management.commands.bootstrap import REFERENCE
from cases.models import District, Initiative, Source
from cases.search.documents import Document
from cases.search.engine import TABLE, Builder
from cases.search.index import index, spread

from .corpus import SOURCE_KEY, Corpus, Numbers, Reference, make_sources

BATCH = 400

Progress = Callable[[int], None]


def prepare() -> None:
    """Make the tables and load the reference data, without the real cases."""
    call_command("migrate", interactive=False, verbosity=0)
    if not District.objects.exists():
        with transaction.atomic():
            call_command("loaddata", *REFERENCE, verbosity=0)


# While debugging, Django keeps the text of every statement, here hundreds of megabytes.
@override_settings(DEBUG=False)
def generate(
    cases: int, seed: int, processes: int = 0, progress: Progress = lambda done: None
) -> int:
    """Publish this many more synthetic cases; returns how many cases are published then.

    The reference data must be there. One process keeps everything in the caller's connection,
    so it works inside a transaction; 0 asks for as many as there are cores.
    """
    if not Source.objects.filter(key=SOURCE_KEY.format(1)).exists():
        Source.objects.bulk_create(make_sources(seed))
    corpus = Corpus(seed, Numbers.after_those_stored(), Reference.load())
    # An empty index is filled first and looked up later, which is many times faster.
    filling: Builder | None = None
    if not Initiative.objects.published().exists():
        sample = (Document.of(corpus.case(n).record) for n in spread(range(1, cases + 1)))
        filling = index().build(TABLE, sample, cases)
    tasks = [(first, min(BATCH, cases + 1 - first)) for first in range(1, cases + 1, BATCH)]
    done = 0
    for count in _written(tasks, corpus, filling, processes or _cores()):
        done += count
        progress(done)
    if filling:
        filling.finish()
    sequences.reset()
    return facets.rebuild()


def _cores() -> int:
    # Elsewhere a child does not inherit the parent's modules, and one process has to do.
    return (os.cpu_count() or 1) if sys.platform == "linux" else 1


def _written(
    tasks: list[tuple[int, int]], corpus: Corpus, filling: Builder | None, processes: int
) -> Iterator[int]:
    """Write the batches and yield the size of each that is stored."""
    if processes == 1 or len(tasks) == 1:
        _start(_Writer(corpus, filling))
        yield from map(_write, tasks)
        return
    context = multiprocessing.get_context("fork")
    writer = _Writer(corpus, filling, together=context.Barrier(processes))
    # SQLite has one writer at a time; its own way of waiting for a turn wastes most of it.
    if connection.vendor == "sqlite":
        writer.turn = context.Lock()
    connections.close_all()
    with context.Pool(processes, _start, (writer,)) as pool:
        yield from pool.imap_unordered(_write, tasks)
        pool.map(_flush, range(processes), chunksize=1)


@dataclass
class _Writer:
    """What a process needs; it inherits its own copy, but for the lock and the barrier."""

    corpus: Corpus
    filling: Builder | None
    turn: AbstractContextManager[Any] = field(default_factory=nullcontext)
    together: Any = None


_writer: _Writer


def _start(writer: _Writer) -> None:
    global _writer
    _writer = writer


def _write(task: tuple[int, int]) -> int:
    first, count = task
    cases = [_writer.corpus.case(number) for number in range(first, first + count)]
    documents = [(case.initiative.pk, Document.of(case.record)) for case in cases]
    rows: dict[type[models.Model], list[Any]] = defaultdict(list)
    for case in cases:
        for model, items in case.rows.items():
            rows[model] += items
    with _writer.turn, transaction.atomic():
        Initiative.objects.bulk_create([case.initiative for case in cases])
        for model, items in rows.items():
            model._default_manager.bulk_create(items)
        (_writer.filling or index()).add(documents)
    return count


def _flush(_process: int) -> None:
    # None takes another's turn: all wait until each has its own.
    _writer.together.wait()
    if _writer.filling:
        with _writer.turn, transaction.atomic():
            _writer.filling.flush()
