"""The full-text index in PostgreSQL: for rare words an inverted index, for frequent ones bitmaps.

A row has a case's text and its tokens: the words, and all stretches of one to four Han
characters, without positions, since the engine would have to unpack every row that it finds to
compare these. What such tokens do not settle, a longer phrase, is looked for in the text.

Fetching the ids of a word takes as long as there are cases with it. So those of the frequent words
are stored as bitmaps when the index is built (`frequent`). These are not changed any more: a row
written later is `fresh`, has a small index of its own, and counts in the place of what the
bitmaps say of its case.
"""

from array import array
from collections.abc import Iterable, Iterator
from sys import byteorder
from typing import Any

from pyroaring import BitMap

from . import frequent
from .documents import BODY, HEAD, NAMES, Document
from .engine import TABLE, Engine
from .text import Phrase, grams, runs_of


class Postgres(Engine):
    LONGEST = 4
    # Private characters: marks of the tokens of names and of heads, and of what every row has.
    MARKS = {NAMES: "\ue002", HEAD: "\ue003", BODY: ""}
    EVERY = "\ue004"
    # The engine limits the length of a token and the size of a row's tokens. A longer text goes
    # on in a further row, which repeats the end of the one before: more than a query can have.
    TOKEN, PART, OVERLAP = 100, 12_000, 1_000
    STANDS = {
        NAMES: "strpos(text, %s) BETWEEN 1 AND names_end",
        HEAD: "strpos(text, %s) BETWEEN 1 AND head_end",
        BODY: "strpos(text, %s) > 0",
    }
    # A word is frequent from this share of the cases on, judged by a sample.
    SHARE, SAMPLE = 0.05, 1_000
    # With fewer cases none is worth the trouble.
    FEW = 20_000
    PIECE, BATCH = 1 << 16, 1_000
    # For a frequent word the planner would read, and unpack, every row of the table: it does not
    # know what that costs; and starting helpers takes longer than most look-ups.
    PLAN = "SET LOCAL enable_seqscan = off; SET LOCAL max_parallel_workers_per_gather = 0; "
    # One long value is fetched in a fraction of the time of many short rows.
    IDS = "string_agg(int4send(initiative_id::int4), '')"

    def create(self, table: str = TABLE, *, ready: bool = True) -> None:
        with self.cursor() as cursor:
            cursor.execute(
                # All long values are kept outside: what is read to find an id stays small.
                f"CREATE TABLE {table} (initiative_id bigint NOT NULL, part smallint NOT NULL, "
                "fresh boolean NOT NULL DEFAULT false, "
                "names_end integer NOT NULL, head_end integer NOT NULL, "
                "text text NOT NULL, tokens tsvector NOT NULL, "
                "PRIMARY KEY (initiative_id, part)) WITH (toast_tuple_target = 128)"
            )
            cursor.execute(
                f"CREATE TABLE {table}_frequent (word text NOT NULL, tier smallint NOT NULL, "
                "piece integer NOT NULL, ids bytea NOT NULL, "
                "PRIMARY KEY (word, tier, piece))"
            )
            # Unpacking takes most of the time of looking into a text; bitmaps are packed as it is.
            cursor.execute(f"ALTER TABLE {table} ALTER text SET STORAGE EXTERNAL")
            cursor.execute(f"ALTER TABLE {table}_frequent ALTER ids SET STORAGE EXTERNAL")
        if ready:
            self.make_ready(table)

    def make_ready(self, table: str = TABLE) -> None:
        # Built over all rows at once, an inverted index takes a fraction of the time.
        with self.cursor() as cursor:
            cursor.execute(f"CREATE INDEX {table}_tokens ON {table} USING gin (tokens)")
            cursor.execute(f"CREATE INDEX {table}_fresh ON {table} USING gin (tokens) WHERE fresh")
            self._store_frequent(table)
            cursor.execute(f"ALTER TABLE {table} ALTER fresh SET DEFAULT true")

    def drop(self, table: str = TABLE) -> None:
        with self.cursor() as cursor:
            # Both in the order in which `find` comes to them, so that neither waits for the other.
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
            cursor.execute(f"DROP TABLE IF EXISTS {table}_frequent")

    def swap(self, new: str) -> None:
        self.drop()
        with self.cursor() as cursor:
            for name in ("", "_frequent"):
                cursor.execute(f"ALTER TABLE {new}{name} RENAME TO {TABLE}{name}")
                cursor.execute(f"ALTER INDEX {new}{name}_pkey RENAME TO {TABLE}{name}_pkey")
            for name in ("_tokens", "_fresh"):
                cursor.execute(f"ALTER INDEX {new}{name} RENAME TO {TABLE}{name}")

    def add(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        rows = list(rows)
        values = [(pk, *row) for pk, document in rows for row in self._rows(document)]
        with self.cursor() as cursor:
            self._delete(cursor, table, rows)
            cursor.executemany(
                f"INSERT INTO {table} "  # noqa: S608
                "(initiative_id, part, names_end, head_end, text, tokens) "
                "VALUES (%s, %s, %s, %s, %s, %s::tsvector)",
                values,
            )

    def remove(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        rows = list(rows)
        with self.cursor() as cursor:
            self._delete(cursor, table, rows)
            cursor.executemany(
                # A bitmap may still have the case: an empty row counts in its place.
                f"INSERT INTO {table} "  # noqa: S608
                "(initiative_id, part, names_end, head_end, text, tokens) "
                "VALUES (%s, 0, 0, 0, '', %s::tsvector)",
                [(pk, self.EVERY) for pk, document in rows],
            )

    @staticmethod
    def _delete(cursor: Any, table: str, rows: list[tuple[int, Document]]) -> None:
        cursor.execute(
            f"DELETE FROM {table} WHERE initiative_id = ANY(%s)",  # noqa: S608
            [[pk for pk, document in rows]],
        )

    @classmethod
    def _rows(cls, document: Document) -> Iterator[tuple[int, int, int, str, str]]:
        """Yield part, ends of the names and of the head, text and tokens of each row."""
        names = "".join(f"{text}\n" for text in document.names)
        head = "".join(f"{text}\n" for text in document.head)
        text = "".join([names, head, *(f"{text}\n" for text in document.body)])
        typed = {
            NAMES: document.names_pinyin,
            HEAD: [*document.names_pinyin, *document.head_pinyin],
        }
        for number, (start, part) in enumerate(cls._parts(text)):
            names_end = max(0, min(len(names) - start, len(part)))
            head_end = max(0, min(len(names) + len(head) - start, len(part)))
            tokens = {cls.EVERY}
            for tier, end in ((NAMES, names_end), (HEAD, head_end), (BODY, len(part))):
                found = {gram[: cls.TOKEN] for gram in grams(part[:end], cls.LONGEST)}
                if number == 0:
                    found.update(typed.get(tier, ()))
                tokens.update(cls.MARKS[tier] + token for token in found)
            yield number, names_end, head_end, part, " ".join(map(cls._quoted, tokens))

    @classmethod
    def _parts(cls, text: str) -> Iterator[tuple[int, str]]:
        """Cut a text, but not a word of letters, and yield where each part starts."""
        start = 0
        while (stop := start + cls.PART) < len(text):
            stop = _outside(text, stop)
            yield start, text[start:stop]
            start = _outside(text, stop - cls.OVERLAP)
        yield start, text[start:]

    @staticmethod
    def _quoted(token: str) -> str:
        escaped = token.replace("\\", "\\\\").replace("'", "''")
        return f"'{escaped}'"

    def _condition(self, phrase: Phrase, tier: int) -> tuple[str, list[str]]:
        """Return the SQL condition that a row has the phrase, and its parameters."""
        if phrase.written:
            runs = runs_of(phrase.written)
            wanted: set[str] = set()
            for run, is_han in runs:
                wanted |= _longest_grams(run, self.LONGEST) if is_han else {run[: self.TOKEN]}
            settled = len(runs) == 1 and runs[0][0] in wanted and len(runs[0][0]) < self.TOKEN
        else:
            wanted, settled = set(phrase.tokens), True
        query = " & ".join(self._quoted(self.MARKS[tier] + token) for token in sorted(wanted))
        if phrase.prefix and not phrase.written:
            query += ":*"
        if settled:
            return "tokens @@ %s::tsquery", [query]
        return f"tokens @@ %s::tsquery AND {self.STANDS[tier]}", [query, phrase.written]

    def find(self, phrase: Phrase, tier: int = BODY) -> BitMap:
        condition, parameters = self._condition(phrase, tier)
        key: list[Any] = [phrase.written, tier]
        stored = f"FROM {TABLE}_frequent WHERE word = %s AND tier = %s"  # noqa: S608
        with self.cursor() as cursor:
            cursor.execute(
                # One statement, so that bitmaps and rows are of one moment. Which half of it is
                # carried out is settled first: the one for frequent words, or the plain one.
                f"{self.PLAN}"  # noqa: S608
                f"SELECT 'row', {self.IDS} FROM {TABLE} "
                f"WHERE {condition} AND NOT EXISTS (SELECT {stored}) "
                f"UNION ALL SELECT 'fresh', {self.IDS} FROM {TABLE} "
                f"WHERE fresh AND tokens @@ %s::tsquery AND EXISTS (SELECT {stored}) "
                f"UNION ALL SELECT 'row', {self.IDS} FROM {TABLE} "
                f"WHERE fresh AND {condition} AND EXISTS (SELECT {stored}) "
                f"UNION ALL SELECT 'piece', ids {stored}",
                [*parameters, *key, self._quoted(self.EVERY), *key, *parameters, *key, *key],
            )
            values: dict[str, list[Any]] = {"row": [], "fresh": [], "piece": []}
            for kind, value in cursor.fetchall():
                values[kind].append(value)
        whole = BitMap.union(BitMap(), *(BitMap.deserialize(bytes(p)) for p in values["piece"]))
        return (whole - _bitmap(values["fresh"][0])) | BitMap.union(*map(_bitmap, values["row"]))

    def newest(self, phrase: Phrase, most: int) -> list[int]:
        condition, parameters = self._condition(phrase, NAMES)
        return self.ids(
            f"SELECT initiative_id FROM {TABLE} WHERE {condition} LIMIT %s",  # noqa: S608
            [*parameters, most],
        )

    def _store_frequent(self, table: str) -> None:
        with self.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
            total = cursor.fetchone()[0]
            if total < self.FEW:
                return
            cursor.execute(
                "SELECT names_end, head_end, text "  # noqa: S608
                f"FROM {table} TABLESAMPLE bernoulli (%s) REPEATABLE (1)",
                [min(100, 100 * self.SAMPLE / total)],
            )
            sample = [_tiers(*row) for row in cursor.fetchall()]
            least = max(1, round(self.SHARE * len(sample)))
            collectors = [
                frequent.Collector(frequent.choose(texts, least))
                for texts in zip(*sample, strict=True)
            ]
            last = 0
            for pk, texts in self._stored(table):
                if pk // self.PIECE != last:
                    self._store(cursor, table, last, collectors)
                    last = pk // self.PIECE
                for collector, text in zip(collectors, texts, strict=True):
                    collector.read(pk, text)
            self._store(cursor, table, last, collectors)

    @staticmethod
    def _store(cursor: Any, table: str, piece: int, collectors: list[frequent.Collector]) -> None:
        cursor.executemany(
            f"INSERT INTO {table}_frequent (word, tier, piece, ids) "  # noqa: S608
            "VALUES (%s, %s, %s, %s)",
            [
                (word, tier, piece, ids.serialize())
                for tier, collector in enumerate(collectors)
                for word, ids in collector.take().items()
            ],
        )

    def _stored(self, table: str) -> Iterator[tuple[int, tuple[str, str, str]]]:
        """Yield the id and the texts by tier of every row, by id."""
        after = (-1, 0)
        with self.cursor() as cursor:
            while True:
                cursor.execute(
                    "SELECT initiative_id, part, names_end, head_end, text "  # noqa: S608
                    f"FROM {table} WHERE (initiative_id, part) > (%s, %s) "
                    "ORDER BY initiative_id, part LIMIT %s",
                    [*after, self.BATCH],
                )
                rows = cursor.fetchall()
                if not rows:
                    return
                after = rows[-1][:2]
                for pk, _part, *texts in rows:
                    yield pk, _tiers(*texts)


def _tiers(names_end: int, head_end: int, text: str) -> tuple[str, str, str]:
    return text[:names_end], text[:head_end], text


def _outside(text: str, at: int) -> int:
    """Return the place itself, or the beginning of the word of letters that it is in."""
    opened = text.rfind("[", 0, at)
    return opened if opened > text.rfind("]", 0, at) else at


def _longest_grams(run: str, longest: int) -> set[str]:
    """Return the fewest stretches of a run that a text with it must have."""
    size = min(len(run), longest)
    return {run[i : i + size] for i in range(len(run) - size + 1)}


def _bitmap(data: Any) -> BitMap:
    """Read ids as PostgreSQL sends them: four bytes each, the highest first."""
    ids = array("I")
    ids.frombytes(data or b"")
    if byteorder == "little":
        ids.byteswap()
    return BitMap(ids)
