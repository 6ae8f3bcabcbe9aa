"""The full-text index: FTS5 on SQLite, GIN on PostgreSQL, one behaviour.

A row is written in the transaction that publishes. `find` returns ids as a bitmap; its cost
grows with the hits, not with the cases.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, router

from cases.models import IndexState

from .documents import Document
from .engine import TABLE, Builder, Hits
from .postgres import Postgres
from .sqlite import Sqlite
from .text import Phrase

T = TypeVar("T")


class Index(Protocol):
    """What both engines can do. `table` is the live index or the one being built."""

    # Seconds to wait between two batches, for those who want to write meanwhile.
    PAUSE: float

    def create(self, table: str = TABLE) -> None:
        """Make an empty index, ready for look-ups."""

    def build(self, table: str, sample: Iterable[Document], total: int) -> Builder:
        """Begin a new index of `total` cases, which is many times faster than adding them.

        What is in many cases is learnt from the sample. An index of this name is dropped.
        """

    def drop(self, table: str = TABLE) -> None: ...

    def swap(self, new: str) -> None:
        """Put the index built under the name `new` in the place of the live one.

        That may be set aside under the name `OLD`, to be dropped in another transaction.
        """

    def add(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None: ...

    def remove(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        """Take rows out; each must be given the document that it was added with."""

    def find(self, phrase: Phrase) -> Hits:
        """Return the ids with this phrase, by the tiers of the texts in which it stands."""

    def newest(self, phrase: Phrase, most: int) -> list[int]:
        """Return up to `most` ids with this phrase in a name, for suggestions."""


def spread(items: Sequence[T]) -> Sequence[T]:
    """Return one or two thousand of the items, from the first to the last: enough of a sample."""
    return items[:: max(1, len(items) // 1_000)]


def index(using: str = DEFAULT_DB_ALIAS) -> Index:
    """Return the index of one database."""
    connection = connections[using]
    return Sqlite(connection) if connection.vendor == "sqlite" else Postgres(connection)


def readable() -> Index:
    """Return the index of the database from which this request reads."""
    return index(router.db_for_read(IndexState))
