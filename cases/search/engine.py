"""What the two engines have in common."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from django.db.backends.utils import CursorWrapper
from pyroaring import BitMap

from .documents import Document

TABLE = "cases_search"
# What was live before, until it is dropped.
OLD = f"{TABLE}_old"
# Private characters: marks of the tokens of names and of heads. Those of bodies have none.
MARKS = ("\ue002", "\ue003", "")
# Private character: the token of every fresh row, written since the index was built in bulk.
EVERY = "\ue004"
# Stands for a tier beside what a look-up returns: the ids of these rows.
FRESH = -1
# The ids with a phrase in a name, in the head, in the body.
Hits = tuple[BitMap, BitMap, BitMap]


class Builder(Protocol):
    """An index being filled in bulk, by one process or by several with a copy of this each."""

    def add(self, rows: Iterable[tuple[int, Document]]) -> None: ...

    def flush(self) -> None:
        """Store what this process has gathered; each calls it after its last row."""

    def finish(self) -> None:
        """Make the index ready for look-ups, once, when all have flushed."""


class Engine:
    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def cursor(self) -> AbstractContextManager[CursorWrapper]:
        cursor: AbstractContextManager[CursorWrapper] = self.connection.cursor()
        return cursor

    def ids(self, sql: str, parameters: list[Any]) -> list[int]:
        with self.cursor() as cursor:
            cursor.execute(sql, parameters)
            return [row[0] for row in cursor.fetchall()]
