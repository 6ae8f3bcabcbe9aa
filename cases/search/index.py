"""The full-text index: FTS5 on SQLite, tsvector on PostgreSQL, one behaviour.

Both hold the tokens of text.py, not the texts. A row is written in the transaction that
publishes. `find` returns ids as a bitmap; its cost grows with the hits, not with the cases.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connections, router
from django.db.backends.utils import CursorWrapper
from pyroaring import BitMap

from cases.models import IndexState

from .documents import BODY, BREAK, HEAD, NAMES, Document

TABLE = "cases_search"


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

    def find(self, tokens: list[str], *, prefix: bool, tier: int = BODY) -> BitMap:
        """Return the ids with this phrase in the texts of `tier` or of a better one."""

    def newest(self, tokens: list[str], *, prefix: bool, most: int) -> list[int]:
        """Return up to `most` ids with this phrase in a name, for suggestions."""


def index(using: str = DEFAULT_DB_ALIAS) -> Index:
    """Return the index of one database."""
    connection = connections[using]
    return _Sqlite(connection) if connection.vendor == "sqlite" else _Postgres(connection)


def readable() -> Index:
    """Return the index of the database from which this request reads."""
    return index(router.db_for_read(IndexState))


class _Engine:
    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def cursor(self) -> AbstractContextManager[CursorWrapper]:
        cursor: AbstractContextManager[CursorWrapper] = self.connection.cursor()
        return cursor

    def _ids(self, sql: str, parameters: list[Any]) -> list[int]:
        with self.cursor() as cursor:
            cursor.execute(sql, parameters)
            return [row[0] for row in cursor.fetchall()]


class _Sqlite(_Engine):
    """A contentless FTS5 table; the rowid is the initiative's id."""

    COLUMNS = {NAMES: "{names} : ", HEAD: "{names head} : ", BODY: ""}

    def create(self, table: str = TABLE, *, ready: bool = True) -> None:
        with self.cursor() as cursor:
            cursor.execute(
                f"CREATE VIRTUAL TABLE {table} USING fts5(names, head, body, content='', "
                "columnsize=0, tokenize=\"unicode61 remove_diacritics 0 tokenchars '+&().'\")"
            )

    def make_ready(self, table: str = TABLE) -> None:
        # One segment is looked up faster than the many that filling has left.
        with self.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")  # noqa: S608

    def drop(self, table: str = TABLE) -> None:
        with self.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")

    def swap(self, new: str) -> None:
        self.drop()
        with self.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {new} RENAME TO {TABLE}")

    @staticmethod
    def _texts(rows: Iterable[tuple[int, Document]]) -> list[tuple[int, str, str, str]]:
        return [
            (pk, " ".join(document.names), " ".join(document.head), " ".join(document.body))
            for pk, document in rows
        ]

    def add(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        with self.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table}(rowid, names, head, body) VALUES (%s, %s, %s, %s)",  # noqa: S608
                self._texts(rows),
            )

    def remove(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        with self.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table}({table}, rowid, names, head, body) "  # noqa: S608
                "VALUES ('delete', %s, %s, %s, %s)",
                self._texts(rows),
            )

    def _match(self, tokens: list[str], prefix: bool, tier: int) -> str:
        return f'{self.COLUMNS[tier]}"{" ".join(tokens)}"{" *" if prefix else ""}'

    def find(self, tokens: list[str], *, prefix: bool, tier: int = BODY) -> BitMap:
        with self.cursor() as cursor:
            cursor.execute(
                # One long value is fetched in half the time of many short rows.
                f"SELECT json_group_array(rowid) FROM {TABLE} WHERE {TABLE} MATCH %s",  # noqa: S608
                [self._match(tokens, prefix, tier)],
            )
            return BitMap(json.loads(cursor.fetchone()[0]))

    def newest(self, tokens: list[str], *, prefix: bool, most: int) -> list[int]:
        return self._ids(
            f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s ORDER BY rowid DESC LIMIT %s",  # noqa: S608
            [self._match(tokens, prefix, NAMES), most],
        )


class _Postgres(_Engine):
    """Rows of tsvector, written as literals: the engine's own parser would cut the tokens again.

    A tsvector keeps 16,383 positions, and 255 of one token; a longer document goes on in a
    further row, which repeats the end of the one before.
    """

    POSITIONS, REPEATS, OVERLAP = 12_000, 250, 60
    # A column a tier, the better ones within the worse: weights would make the engine read
    # every row that it finds.
    COLUMNS = {NAMES: "names", HEAD: "head", BODY: "body"}

    def create(self, table: str = TABLE, *, ready: bool = True) -> None:
        with self.cursor() as cursor:
            cursor.execute(
                f"CREATE TABLE {table} (initiative_id bigint NOT NULL, part smallint NOT NULL, "
                "names tsvector NOT NULL, head tsvector NOT NULL, body tsvector NOT NULL, "
                "PRIMARY KEY (initiative_id, part))"
            )
        if ready:
            self.make_ready(table)

    def make_ready(self, table: str = TABLE) -> None:
        # Built over all rows at once, an inverted index takes a fraction of the time.
        with self.cursor() as cursor:
            for column in self.COLUMNS.values():
                cursor.execute(f"CREATE INDEX {table}_{column} ON {table} USING gin ({column})")

    def drop(self, table: str = TABLE) -> None:
        with self.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")

    def swap(self, new: str) -> None:
        self.drop()
        with self.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {new} RENAME TO {TABLE}")
            cursor.execute(f"ALTER INDEX {new}_pkey RENAME TO {TABLE}_pkey")
            for name in self.COLUMNS.values():
                cursor.execute(f"ALTER INDEX {new}_{name} RENAME TO {TABLE}_{name}")

    @staticmethod
    def _vector(tokens: Iterable[str]) -> str:
        """Return the literal of a tsvector from tokens in order."""
        places: dict[str, list[str]] = {}
        for position, token in enumerate(tokens, start=1):
            if token != BREAK:
                places.setdefault(token, []).append(str(position))
        return " ".join(
            f"{_Postgres._quoted(token)}:{','.join(at[:255])}" for token, at in places.items()
        )

    @staticmethod
    def _quoted(token: str) -> str:
        escaped = token.replace("\\", "\\\\").replace("'", "''")
        return f"'{escaped}'"

    @classmethod
    def _parts(cls, tokens: list[str]) -> Iterator[list[str]]:
        """Cut a token list so that no part breaks the limits of a tsvector."""
        part: list[str] = []
        seen: dict[str, int] = {}
        for token in tokens:
            if len(part) >= cls.POSITIONS or seen.get(token, 0) >= cls.REPEATS:
                yield part
                part = part[-cls.OVERLAP :]
                seen = {}
                for earlier in part:
                    seen[earlier] = seen.get(earlier, 0) + 1
            part.append(token)
            if token != BREAK:
                seen[token] = seen.get(token, 0) + 1
        yield part

    def add(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        values = []
        for pk, document in rows:
            head = [*document.names, *document.head]
            better = (self._vector(document.names), self._vector(head))
            for number, part in enumerate(self._parts([*head, *document.body])):
                values.append(
                    (pk, number, *(better if number == 0 else ("", "")), self._vector(part))
                )
        with self.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} (initiative_id, part, names, head, body) "  # noqa: S608
                "VALUES (%s, %s, %s::tsvector, %s::tsvector, %s::tsvector)",
                values,
            )

    def remove(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        with self.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE initiative_id = ANY(%s)",  # noqa: S608
                [[pk for pk, document in rows]],
            )

    def _query(self, tokens: list[str], prefix: bool) -> str:
        phrase = " <-> ".join(map(self._quoted, tokens))
        return f"{phrase}:*" if prefix else phrase

    def find(self, tokens: list[str], *, prefix: bool, tier: int = BODY) -> BitMap:
        return BitMap(
            self._ids(
                # For a frequent word the planner would read, and unpack, every row of the table:
                # it does not know what that costs. Both statements are one transaction.
                "SET LOCAL enable_seqscan = off; "  # noqa: S608
                f"SELECT initiative_id FROM {TABLE} WHERE {self.COLUMNS[tier]} @@ %s::tsquery",
                [self._query(tokens, prefix)],
            )
        )

    def newest(self, tokens: list[str], *, prefix: bool, most: int) -> list[int]:
        return self._ids(
            f"SELECT initiative_id FROM {TABLE} WHERE names @@ %s::tsquery LIMIT %s",  # noqa: S608
            [self._query(tokens, prefix), most],
        )
