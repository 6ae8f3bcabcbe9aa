"""The full-text index in SQLite's FTS5: a row a case, the tokens of text.py, not the texts."""

import json
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from pyroaring import BitMap

from . import frequent
from .documents import NAMES, TIERS, Document
from .engine import EVERY, FRESH, MARKS, OLD, TABLE, Builder, Engine, Hits
from .text import Phrase, characters, tokens_of

# Stands between two texts, so that no phrase reaches across. A private character, which no
# query contains.
_BREAK = "\ue000"
# Marks the token of a single Han character; tokens of two would have to be looked through for
# those that begin with it. A private character, too.
_ONE = "\ue005"


class Sqlite(Engine):
    """A contentless FTS5 table; the rowid is the initiative's id.

    All tiers are in one column, told apart by a mark on their tokens: the engine would read the
    whole list of a token to find those of one column.

    Reading the list of a word that is in most cases takes long, too. An index built in bulk has
    bitmaps of such words beside it. These are not changed any more: a row written later is also
    in a small table of its own, which counts in the place of what the bitmaps say of its case.
    The column is not called as it was before there were bitmaps: a program that does not know of
    them, still running after a migration, must fail rather than write past them.
    """

    # More than a writer who waits lets pass between two attempts, so that each gets its turn.
    PAUSE = 0.12

    def create(self, table: str = TABLE) -> None:
        options = "columnsize=0, tokenize=\"unicode61 remove_diacritics 0 tokenchars '+&().'\""
        with self.cursor() as cursor:
            cursor.execute(f"CREATE VIRTUAL TABLE {table} USING fts5(terms, content='', {options})")
            # Keeps its content, so that a row can be replaced by whoever knows only its id.
            cursor.execute(f"CREATE VIRTUAL TABLE {table}_fresh USING fts5(terms, {options})")
            cursor.execute(
                f"CREATE TABLE {table}_frequent (word TEXT NOT NULL, tier INTEGER NOT NULL, "
                "ids BLOB NOT NULL, PRIMARY KEY (word, tier))"
            )

    def build(self, table: str, sample: Iterable[Document], total: int) -> Builder:
        self.drop(table)
        self.create(table)
        return Filling(self, table, sample, total)

    def drop(self, table: str = TABLE) -> None:
        with self.cursor() as cursor:
            for name in _tables(table):
                cursor.execute(f"DROP TABLE IF EXISTS {name}")

    def swap(self, new: str) -> None:
        with self.cursor() as cursor:
            there = set(self.connection.introspection.table_names(cursor))
            for source, target in ((TABLE, OLD), (new, TABLE)):
                for old, name in zip(_tables(source), _tables(target), strict=True):
                    if old in there:
                        cursor.execute(f"ALTER TABLE {old} RENAME TO {name}")

    @staticmethod
    def _tokens(document: Document) -> Iterator[str]:
        for mark, texts, typed in zip(MARKS, document.texts, document.typed, strict=True):
            for text in texts:
                yield from (mark + token for token in tokens_of(text)) if mark else tokens_of(text)
                yield _BREAK
            yield from (mark + _ONE + one for one in characters(texts))
            yield from (mark + token for token in typed)

    @classmethod
    def _values(cls, rows: Iterable[tuple[int, Document]]) -> list[tuple[int, str]]:
        return [(pk, " ".join(cls._tokens(document))) for pk, document in rows]

    def insert(self, rows: Iterable[tuple[int, Document]], table: str) -> list[tuple[int, str]]:
        """Store rows, of which bitmaps are yet to tell, and return their tokens."""
        values = self._values(rows)
        with self.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table}(rowid, terms) VALUES (%s, %s)", values)  # noqa: S608
        return values

    def add(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        self._freshen(table, self.insert(rows, table))

    def remove(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        values = self._values(rows)
        with self.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table}({table}, rowid, terms) VALUES ('delete', %s, %s)",  # noqa: S608
                values,
            )
        self._freshen(table, [(pk, "") for pk, _ in values])

    def _freshen(self, table: str, values: list[tuple[int, str]]) -> None:
        """Have these rows count in the place of what the bitmaps, if there are any, say."""
        with self.cursor() as cursor:
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table}_frequent)")  # noqa: S608
            if cursor.fetchone()[0]:
                cursor.executemany(
                    f"INSERT OR REPLACE INTO {table}_fresh(rowid, terms) VALUES (%s, %s)",  # noqa: S608
                    [(pk, f"{EVERY} {tokens}") for pk, tokens in values],
                )

    @staticmethod
    def _match(phrase: Phrase, tier: int) -> str:
        mark = MARKS[tier]
        if phrase.prefix and phrase.written and len(phrase.tokens) == 1:
            return f'"{mark}{_ONE}{phrase.tokens[0]}"'
        tokens = " ".join(mark + token for token in phrase.tokens)
        return f'"{tokens}"{" *" if phrase.prefix else ""}'

    def find(self, phrase: Phrase) -> Hits:
        known = f"SELECT 1 FROM {TABLE}_frequent WHERE word = %s"  # noqa: S608
        fresh = _listed(f"{TABLE}_fresh")
        # In one statement, so that nothing is published between two.
        selects = [f"SELECT tier, ids FROM {TABLE}_frequent WHERE word = %s"]  # noqa: S608
        values: list[Any] = [phrase.written]
        for tier in TIERS:
            match = self._match(phrase, tier)
            selects.append(
                f"SELECT %s, CASE WHEN EXISTS ({known} AND tier = %s) "
                f"THEN {fresh} ELSE {_listed(TABLE)} END"
            )
            values += [tier, phrase.written, tier, match, match]
        selects.append(f"SELECT {FRESH}, CASE WHEN EXISTS ({known}) THEN {fresh} ELSE '[]' END")
        values += [phrase.written, EVERY]
        stored: dict[int, BitMap] = {}
        listed: dict[int, BitMap] = {}
        with self.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(selects), values)
            for tier, ids in cursor.fetchall():
                if isinstance(ids, bytes):
                    stored[tier] = BitMap.deserialize(ids)
                else:
                    listed[tier] = BitMap(json.loads(ids))
        names, head, body = (
            listed[tier] | (stored.get(tier, BitMap()) - listed[FRESH]) for tier in TIERS
        )
        return names, head, body

    def having(self, word: str, tier: int, table: str) -> BitMap:
        """Return the ids with a word in one tier as the table without bitmaps tells them."""
        with self.cursor() as cursor:
            cursor.execute(
                f"SELECT {_listed(table)}",  # noqa: S608
                [self._match(Phrase.of(word), tier)],
            )
            return BitMap(json.loads(cursor.fetchone()[0]))

    def newest(self, phrase: Phrase, most: int) -> list[int]:
        return self.ids(
            f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s ORDER BY rowid DESC LIMIT %s",  # noqa: S608
            [self._match(phrase, NAMES), most],
        )


class Filling:
    """An index being filled; more than one process takes turns."""

    # A word is frequent from this share of the cases on, judged by a sample. The list of one
    # that is rarer is soon read.
    SHARE = 0.1
    # With fewer cases none is worth the trouble.
    FEW = 20_000
    # As many bitmaps are stored at a time, and as many pages of the index are merged.
    BATCH = 200
    PAGES = 4_000

    def __init__(self, engine: Sqlite, table: str, sample: Iterable[Document], total: int) -> None:
        self._engine = engine
        self._table = table
        self._chosen: list[tuple[str, int]] = []
        if total >= self.FEW:
            for tier, words in enumerate(frequent.by_tier(sample, self.SHARE)):
                # What ends in a space only leads to longer words.
                self._chosen += [(word, tier) for word in words if not word.endswith(" ")]

    def add(self, rows: Iterable[tuple[int, Document]]) -> None:
        self._engine.insert(rows, self._table)

    def flush(self) -> None:
        """Do nothing: every row is stored when it is added."""

    def finish(self) -> None:
        self._merge()
        alias = self._engine.connection.alias
        pending = iter(self._chosen)
        while batch := list(islice(pending, self.BATCH)):
            rows = [
                (word, tier, self._engine.having(word, tier, self._table).serialize())
                for word, tier in batch
            ]
            # All at once: each statement by itself would wait for the disk.
            with transaction.atomic(using=alias), self._engine.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO {self._table}_frequent VALUES (%s, %s, %s)",  # noqa: S608
                    rows,
                )

    def _merge(self) -> None:
        """Make one segment of the many that filling has left: it is looked up faster.

        Step by step, since `optimize` would keep writers waiting until all is done. A negative
        number begins it; a step that changes nothing but its own row was the last.
        """
        merge = f"INSERT INTO {self._table}({self._table}, rank) VALUES ('merge', %s)"  # noqa: S608
        pages = -self.PAGES
        with self._engine.cursor() as cursor:
            while True:
                before = self._engine.connection.connection.total_changes
                cursor.execute(merge, [pages])
                if pages > 0 and self._engine.connection.connection.total_changes - before < 2:
                    return
                pages = self.PAGES
                time.sleep(self._engine.PAUSE)


def _tables(table: str) -> tuple[str, str, str]:
    return table, f"{table}_fresh", f"{table}_frequent"


def _listed(table: str) -> str:
    """Return SQL for the ids that match, as JSON: one long value is fetched in half the time."""
    return f"(SELECT json_group_array(rowid) FROM {table} WHERE {table} MATCH %s)"  # noqa: S608
