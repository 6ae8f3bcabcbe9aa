"""The full-text index in SQLite's FTS5: a row a case, the tokens of text.py, not the texts."""

import json
from collections.abc import Iterable, Iterator

from pyroaring import BitMap

from .documents import NAMES, TIERS, Document
from .engine import MARKS, TABLE, Builder, Engine, Hits
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
    """

    def create(self, table: str = TABLE) -> None:
        with self.cursor() as cursor:
            cursor.execute(
                f"CREATE VIRTUAL TABLE {table} USING fts5(tokens, content='', "
                "columnsize=0, tokenize=\"unicode61 remove_diacritics 0 tokenchars '+&().'\")"
            )

    def build(self, table: str, sample: Iterable[Document], total: int) -> Builder:
        self.drop(table)
        self.create(table)
        return Filling(self, table)

    def drop(self, table: str = TABLE) -> None:
        with self.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")

    def swap(self, new: str) -> None:
        self.drop()
        with self.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {new} RENAME TO {TABLE}")

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

    def add(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        with self.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table}(rowid, tokens) VALUES (%s, %s)",  # noqa: S608
                self._values(rows),
            )

    def remove(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        with self.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table}({table}, rowid, tokens) VALUES ('delete', %s, %s)",  # noqa: S608
                self._values(rows),
            )

    @staticmethod
    def _match(phrase: Phrase, tier: int) -> str:
        mark = MARKS[tier]
        if phrase.prefix and phrase.written and len(phrase.tokens) == 1:
            return f'"{mark}{_ONE}{phrase.tokens[0]}"'
        tokens = " ".join(mark + token for token in phrase.tokens)
        return f'"{tokens}"{" *" if phrase.prefix else ""}'

    def find(self, phrase: Phrase) -> Hits:
        # One long value is fetched in half the time of many short rows.
        one = f"(SELECT json_group_array(rowid) FROM {TABLE} WHERE {TABLE} MATCH %s)"  # noqa: S608
        with self.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(one for _ in TIERS)}",  # noqa: S608
                [self._match(phrase, tier) for tier in TIERS],
            )
            names, head, body = (BitMap(json.loads(ids)) for ids in cursor.fetchone())
            return names, head, body

    def newest(self, phrase: Phrase, most: int) -> list[int]:
        return self.ids(
            f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s ORDER BY rowid DESC LIMIT %s",  # noqa: S608
            [self._match(phrase, NAMES), most],
        )


class Filling:
    """An index being filled; more than one process takes turns."""

    def __init__(self, engine: Sqlite, table: str) -> None:
        self._engine = engine
        self._table = table

    def add(self, rows: Iterable[tuple[int, Document]]) -> None:
        self._engine.add(rows, self._table)

    def flush(self) -> None:
        """Do nothing: every row is stored when it is added."""

    def finish(self) -> None:
        # One segment is looked up faster than the many that filling has left.
        with self._engine.cursor() as cursor:
            cursor.execute(f"INSERT INTO {self._table}({self._table}) VALUES ('optimize')")  # noqa: S608
