"""Storing a synthetic corpus: batches written by all cores, in bounded memory."""

import multiprocessing
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.core.management import call_command
from django.db import connection, connections, models, transaction
from django.test import override_settings

from cases import facets, sequences
from cases.management.commands.bootstrap import REFERENCE
from cases.models import District, Initiative, Source
from cases.search.documents import Document
from cases.search.index import index

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
    numbers = Numbers.after_those_stored()
    # An empty index is filled first and looked up later, which is many times faster.
    fresh = not Initiative.objects.published().exists()
    if fresh:
        index().drop()
        index().create(ready=False)
    tasks = [(first, min(BATCH, cases + 1 - first)) for first in range(1, cases + 1, BATCH)]
    done = 0
    for count in _written(tasks, seed, numbers, processes or _cores()):
        done += count
        progress(done)
    if fresh:
        index().make_ready()
    sequences.reset()
    return facets.rebuild()


def _cores() -> int:
    # Elsewhere a child does not inherit the parent's modules, and one process has to do.
    return (os.cpu_count() or 1) if sys.platform == "linux" else 1


def _written(
    tasks: list[tuple[int, int]], seed: int, numbers: Numbers, processes: int
) -> Iterator[int]:
    """Write the batches and yield the size of each that is stored."""
    if processes == 1 or len(tasks) == 1:
        _start(seed, numbers, nullcontext())
        yield from map(_write, tasks)
        return
    context = multiprocessing.get_context("fork")
    # SQLite has one writer at a time; its own way of waiting for a turn wastes most of it.
    turn: Any = context.Lock() if connection.vendor == "sqlite" else nullcontext()
    connections.close_all()
    with context.Pool(processes, _start, (seed, numbers, turn)) as pool:
        yield from pool.imap_unordered(_write, tasks)


_corpus: Corpus
_turn: AbstractContextManager[Any]


def _start(seed: int, numbers: Numbers, turn: AbstractContextManager[Any]) -> None:
    global _corpus, _turn
    _corpus, _turn = Corpus(seed, numbers, Reference.load()), turn


def _write(task: tuple[int, int]) -> int:
    first, count = task
    cases = [_corpus.case(number) for number in range(first, first + count)]
    documents = [(case.initiative.pk, Document.of(case.record)) for case in cases]
    rows: dict[type[models.Model], list[Any]] = defaultdict(list)
    for case in cases:
        for model, items in case.rows.items():
            rows[model] += items
    with _turn, transaction.atomic():
        Initiative.objects.bulk_create([case.initiative for case in cases])
        for model, items in rows.items():
            model._default_manager.bulk_create(items)
        index().add(documents)
    return count
