"""The full-text index: FTS5 on SQLite, GIN on PostgreSQL, one behaviour.

A row is written in the transaction that publishes. `find` returns ids as a bitmap; its cost
grows with the hits, not with the cases.
"""

from collections.abc import Iterable
from typing import Protocol

from django.db import DEFAULT_DB_ALIAS, connections, router
from pyroaring import BitMap

from cases.models import IndexState

from .documents import BODY, Document
from .engine import TABLE
from .postgres import Postgres
from .sqlite import Sqlite
from .text import Phrase


class Index(Protocol):
    """What both engines can do. `table` is the live index or the one being built."""

    def create(self, table: str = TABLE, *, ready: bool = True) -> None:
        """Make an empty index. One to be filled in bulk is made not `ready`, and made so later."""

    def make_ready(self, table: str = TABLE) -> None:
        """Prepare an index for look-ups once it has been filled."""

    def drop(self, table: str = TABLE) -> None: ...

    def swap(self, new: str) -> None:
        """Put the index built under the name `new` in the place of the live one."""

    def add(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None: ...

    def remove(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        """Take rows out; each must be given the document that it was added with."""

    def find(self, phrase: Phrase, tier: int = BODY) -> BitMap:
        """Return the ids with this phrase in the texts of `tier` or of a better one."""

    def newest(self, phrase: Phrase, most: int) -> list[int]:
        """Return up to `most` ids with this phrase in a name, for suggestions."""


def index(using: str = DEFAULT_DB_ALIAS) -> Index:
    """Return the index of one database."""
    connection = connections[using]
    return Sqlite(connection) if connection.vendor == "sqlite" else Postgres(connection)


def readable() -> Index:
    """Return the index of the database from which this request reads."""
    return index(router.db_for_read(IndexState))
