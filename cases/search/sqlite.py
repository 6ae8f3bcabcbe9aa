"""The full-text index in SQLite's FTS5: a row a case, the tokens of text.py, not the texts."""

import json
from collections.abc import Iterable, Iterator

from pyroaring import BitMap

from .documents import BODY, HEAD, NAMES, Document
from .engine import TABLE, Engine
from .text import Phrase, tokens_of

# Stands between two texts of one column, so that no phrase reaches across. A private
# character, which no query contains.
_BREAK = "\ue000"


def _tokens(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from tokens_of(text)
        yield _BREAK


class Sqlite(Engine):
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
            (
                pk,
                " ".join([*_tokens(document.names), *document.names_pinyin]),
                " ".join([*_tokens(document.head), *document.head_pinyin]),
                " ".join(_tokens(document.body)),
            )
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

    def _match(self, phrase: Phrase, tier: int) -> str:
        return f'{self.COLUMNS[tier]}"{" ".join(phrase.tokens)}"{" *" if phrase.prefix else ""}'

    def find(self, phrase: Phrase, tier: int = BODY) -> BitMap:
        with self.cursor() as cursor:
            cursor.execute(
                # One long value is fetched in half the time of many short rows.
                f"SELECT json_group_array(rowid) FROM {TABLE} WHERE {TABLE} MATCH %s",  # noqa: S608
                [self._match(phrase, tier)],
            )
            return BitMap(json.loads(cursor.fetchone()[0]))

    def newest(self, phrase: Phrase, most: int) -> list[int]:
        return self.ids(
            f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s ORDER BY rowid DESC LIMIT %s",  # noqa: S608
            [self._match(phrase, NAMES), most],
        )
