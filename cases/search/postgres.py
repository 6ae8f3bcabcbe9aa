"""The full-text index in PostgreSQL: for rare words an inverted index, for frequent ones bitmaps.

A row has a case's tokens: the words, and all stretches of one to four Han characters, without
positions, since the engine would have to unpack every row that it finds to compare these. What
such tokens do not settle, a longer phrase, is looked for in the text. The texts have a table of
their own, where each is whole in its row: so the engine reads many ahead, where the disk is slow.

Most of what a text consists of is in many texts, and fetching the ids of such a word takes as long
as there are cases with it. So an index built in bulk has bitmaps of the frequent words (`frequent`)
instead of their tokens, which makes it several times smaller and sooner built. Bitmaps are not
changed any more: a row written later is `fresh`, has all its tokens and a small index of its own,
and counts in the place of what the bitmaps say of its case.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from sys import byteorder
from typing import Any

from django.db import transaction
from pyroaring import BitMap

from . import frequent
from .documents import NAMES, TIERS, Document
from .engine import EVERY, FRESH, MARKS, TABLE, Builder, Engine, Hits
from .text import Phrase, runs_of

LONGEST = 4
# The engine limits the length of a token.
TOKEN = 100


def _tables(table: str) -> tuple[str, str, str]:
    return table, f"{table}_texts", f"{table}_frequent"


class Postgres(Engine):
    # In characters of three bytes, what has room in a page of the engine: a longer text goes on in
    # a further row, which repeats the end of the one before, more than a query can have (but for
    # one of signs that stand for several characters, such as ㏂). A part may end, and the next one
    # begin, a word of letters earlier, and must still come further.
    PART, OVERLAP = 2_600, 500
    PAUSE = 0.0  # Those who want to write wait in turn.

    def create(self, table: str = TABLE) -> None:
        self.create_tables(table)
        self.make_ready(table)

    def create_tables(self, table: str) -> None:
        with self.cursor() as cursor:
            cursor.execute(
                # Tokens are kept outside: what is read to find an id stays small.
                f"CREATE TABLE {table} (initiative_id bigint NOT NULL, part smallint NOT NULL, "
                "fresh boolean NOT NULL DEFAULT true, tokens tsvector NOT NULL, "
                "PRIMARY KEY (initiative_id, part)) WITH (toast_tuple_target = 128)"
            )
            cursor.execute(
                f"CREATE TABLE {table}_texts (initiative_id bigint NOT NULL, "
                "part smallint NOT NULL, names_end integer NOT NULL, head_end integer NOT NULL, "
                "text text NOT NULL, PRIMARY KEY (initiative_id, part)) "
                "WITH (toast_tuple_target = 8160)"
            )
            cursor.execute(
                # Several rows a word: each has what one process has read at a time.
                f"CREATE TABLE {table}_frequent (word text NOT NULL, tier smallint NOT NULL, "
                "ids bytea NOT NULL)"
            )
            # Unpacking takes most of the time of looking into a text; bitmaps are packed as it is.
            cursor.execute(f"ALTER TABLE {table}_texts ALTER text SET STORAGE EXTERNAL")
            cursor.execute(f"ALTER TABLE {table}_frequent ALTER ids SET STORAGE EXTERNAL")

    def make_ready(self, table: str) -> None:
        # Built over all rows at once, an inverted index takes a fraction of the time.
        with self.cursor() as cursor:
            cursor.execute(f"CREATE INDEX {table}_tokens ON {table} USING gin (tokens)")
            cursor.execute(f"CREATE INDEX {table}_fresh ON {table} USING gin (tokens) WHERE fresh")
            cursor.execute(f"CREATE INDEX {table}_words ON {table}_frequent (word, tier)")

    def build(self, table: str, sample: Iterable[Document], total: int) -> Builder:
        self.drop(table)
        self.create_tables(table)
        return Filling(self, table, sample, total)

    def drop(self, table: str = TABLE) -> None:
        with self.cursor() as cursor:
            # In the order in which `find` comes to them, so that neither waits for the other.
            for name in _tables(table):
                cursor.execute(f"DROP TABLE IF EXISTS {name}")

    def swap(self, new: str) -> None:
        self.drop()
        with self.cursor() as cursor:
            for old, name in zip(_tables(new), _tables(TABLE), strict=True):
                cursor.execute(f"ALTER TABLE {old} RENAME TO {name}")
            for name in ("_pkey", "_tokens", "_fresh", "_words", "_texts_pkey"):
                cursor.execute(f"ALTER INDEX {new}{name} RENAME TO {TABLE}{name}")

    def add(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        rows = list(rows)
        with self.cursor() as cursor:
            self._delete(cursor, table, rows)
        self.insert(rows, table, fresh=True)

    def insert(
        self,
        rows: Iterable[tuple[int, Document]],
        table: str,
        collectors: Sequence[frequent.Collector] = (),
        *,
        fresh: bool = False,
    ) -> None:
        """Store rows, without the tokens of words that the collectors of the tiers take over."""
        collectors = collectors or [frequent.Collector() for _ in TIERS]
        every = [EVERY] if fresh else []
        parts = [(pk, document, part) for pk, document in rows for part in self._parts(document)]
        with self.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table}_texts VALUES (%s, %s, %s, %s, %s)",  # noqa: S608
                [(pk, *part) for pk, _, part in parts],
            )
            cursor.executemany(
                f"INSERT INTO {table} VALUES (%s, %s, %s, %s::tsvector)",  # noqa: S608
                [
                    (
                        *(pk, part[0], fresh),
                        _vector([*every, *_tokens(pk, document, part, collectors)]),
                    )
                    for pk, document, part in parts
                ],
            )

    def remove(self, rows: Iterable[tuple[int, Document]], table: str = TABLE) -> None:
        rows = list(rows)
        with self.cursor() as cursor:
            self._delete(cursor, table, rows)
            cursor.executemany(
                # A bitmap may still have the case: an empty row counts in its place.
                f"INSERT INTO {table} VALUES (%s, 0, true, %s::tsvector)",  # noqa: S608
                [(pk, _vector([EVERY])) for pk, document in rows],
            )

    @staticmethod
    def _delete(cursor: Any, table: str, rows: list[tuple[int, Document]]) -> None:
        for name in (table, f"{table}_texts"):
            cursor.execute(
                f"DELETE FROM {name} WHERE initiative_id = ANY(%s)",  # noqa: S608
                [[pk for pk, document in rows]],
            )

    @classmethod
    def _parts(cls, document: Document) -> Iterator[tuple[int, int, int, str]]:
        """Yield number, ends of the names and of the head, and text of each row of a document."""
        tiers = ["".join(f"{text}\n" for text in texts) for texts in document.texts]
        whole = "".join(tiers)
        names, head = len(tiers[0]), len(tiers[0]) + len(tiers[1])
        for number, (start, part) in enumerate(cls._cut(whole)):
            yield (
                number,
                max(0, min(names - start, len(part))),
                max(0, min(head - start, len(part))),
                part,
            )

    @classmethod
    def _cut(cls, text: str) -> Iterator[tuple[int, str]]:
        """Cut a text, but not a word of letters, and yield where each part starts."""
        start = 0
        while (stop := start + cls.PART) < len(text):
            stop = _outside(text, stop)
            yield start, text[start:stop]
            start = _outside(text, stop - cls.OVERLAP)
        yield start, text[start:]

    def find(self, phrase: Phrase) -> Hits:
        names, head, body = self._find(phrase, TIERS)
        return names, head, body

    def newest(self, phrase: Phrase, most: int) -> list[int]:
        (found,) = self._find(phrase, [NAMES])
        return list(reversed(found))[:most]

    def _find(self, phrase: Phrase, tiers: Sequence[int]) -> list[BitMap]:
        # Within another transaction, as in tests, a savepoint would be of no use.
        alias = self.connection.alias
        with transaction.atomic(using=alias, savepoint=False), self.cursor() as cursor:
            return _Search(cursor, phrase).found(tiers)


class _Search:
    """One phrase looked for, in a few statements of one transaction."""

    # Where in a row the texts of each tier are.
    PLACES = (
        "left(text, names_end)",
        "substr(text, names_end + 1, head_end - names_end)",
        "substr(text, head_end + 1)",
    )
    # For a frequent word the planner would read, and unpack, every row of the table: it does not
    # know what that costs; and starting helpers takes longer than most look-ups. Of rows found
    # in an index one by one, none is read ahead. The lock keeps a new index from taking the place
    # of this one between two statements.
    PLAN = (
        "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off; "
        "SET LOCAL max_parallel_workers_per_gather = 0; "
        f"LOCK TABLE {', '.join(_tables(TABLE))} IN ACCESS SHARE MODE; "
    )
    # One long value is fetched in a fraction of the time of many short rows.
    IDS = "string_agg(int4send(initiative_id::int4), '')"

    def __init__(self, cursor: Any, phrase: Phrase) -> None:
        self.cursor = cursor
        self.written = phrase.written
        # A token that every text with the phrase has, or the word of which bitmaps come instead.
        self.words: dict[str, str] = {}
        runs = runs_of(phrase.written)
        for run, han in runs:
            if han:
                self.words |= {gram: gram for gram in _longest_grams(run)}
            else:
                self.words[run[:TOKEN]] = f"[{run}]"
        self.settled = len(runs) == 1 and runs[0][0] in self.words and len(runs[0][0]) < TOKEN
        self.prefix = phrase.prefix and not phrase.written
        if not phrase.written:
            self.words, self.settled = dict.fromkeys(phrase.tokens, ""), True

    def found(self, tiers: Sequence[int]) -> list[BitMap]:
        """Return the ids with the phrase in each of the tiers."""
        stored, known = self._stored(tiers)
        selects = [self._fresh_ones()] if stored else []
        for tier in tiers:
            rare = [token for token, word in self.words.items() if word not in known[tier]]
            if tier in stored:
                selects.append(self._rows(tier, self.words, "fresh"))
            elif rare:
                selects.append(self._rows(tier, rare))
            else:
                selects.append(self._rows(tier, self.words, "fresh"))
                selects.append(self._rows_with_all(tier))
        self.cursor.execute(
            " UNION ALL ".join(sql for sql, _ in selects),
            [value for _, values in selects for value in values],
        )
        rows = [(tier, _bitmap(ids)) for tier, ids in self.cursor.fetchall()]
        fresh = BitMap.union(BitMap(), *(ids for tier, ids in rows if tier == FRESH))
        return [
            BitMap.union(
                stored.get(tier, BitMap()) - fresh, *(ids for of, ids in rows if of == tier)
            )
            for tier in tiers
        ]

    def _stored(self, tiers: Sequence[int]) -> tuple[dict[int, BitMap], dict[int, set[str]]]:
        """Return the bitmaps of the phrase by tier, and the words that have any."""
        self.cursor.execute(
            f"{self.PLAN}SELECT tier, word, CASE WHEN word = %s THEN ids END "  # noqa: S608
            f"FROM {TABLE}_frequent WHERE word = ANY(%s) AND tier = ANY(%s)",
            [self.written, [self.written, *self.words.values()], list(tiers)],
        )
        stored: dict[int, BitMap] = {}
        known: dict[int, set[str]] = {tier: set() for tier in tiers}
        for tier, word, ids in self.cursor.fetchall():
            known[tier].add(word)
            if ids is not None:
                stored[tier] = stored.get(tier, BitMap()) | BitMap.deserialize(bytes(ids))
        return stored, known

    def _fresh_ones(self) -> tuple[str, list[Any]]:
        sql = f"SELECT {FRESH}, {self.IDS} FROM {TABLE} "  # noqa: S608
        return sql + "WHERE fresh AND tokens @@ %s::tsquery", [_vector([EVERY])]

    def _rows(self, tier: int, tokens: Iterable[str], also: str = "true") -> tuple[str, list[Any]]:
        query = " & ".join(_quoted(MARKS[tier] + token) for token in sorted(tokens))
        if self.prefix:
            query += ":*"
        where = f"FROM {TABLE} WHERE {also} AND tokens @@ %s::tsquery"
        if self.settled:
            return f"SELECT {tier}, {self.IDS} {where}", [query]
        return self._in_texts(tier, f"ARRAY(SELECT initiative_id {where})", query)

    def _rows_with_all(self, tier: int) -> tuple[str, list[Any]]:
        """Look into the texts that have all parts of a phrase, each of which is frequent."""
        self.cursor.execute(
            f"SELECT word, ids FROM {TABLE}_frequent "  # noqa: S608
            "WHERE word = ANY(%s) AND tier = %s",
            [list(self.words.values()), tier],
        )
        parts: dict[str, BitMap] = {}
        for word, ids in self.cursor.fetchall():
            parts[word] = parts.get(word, BitMap()) | BitMap.deserialize(bytes(ids))
        ids = list(BitMap.intersection(*parts.values()))
        return self._in_texts(tier, "%s", ids)

    def _in_texts(self, tier: int, ids: str, value: Any) -> tuple[str, list[Any]]:
        """Look into the texts of some cases; `ids` is SQL for an array."""
        sql = f"SELECT {tier}, {self.IDS} FROM {TABLE}_texts "  # noqa: S608
        sql += f"WHERE initiative_id = ANY({ids}) AND strpos({self.PLACES[tier]}, %s) > 0"
        return sql, [value, self.written]


class Filling:
    """An index being filled: rows with their rare tokens, and what is to become bitmaps."""

    # A word is frequent from this share of the cases on, judged by a sample.
    SHARE = 0.02
    # With fewer cases none is worth the trouble.
    FEW = 20_000
    # As many cases are read before their bitmaps are stored.
    CASES = 1 << 16

    def __init__(
        self, engine: Postgres, table: str, sample: Iterable[Document], total: int
    ) -> None:
        self._engine = engine
        self._table = table
        chosen: list[set[str]] = [set() for _ in TIERS]
        if total >= self.FEW:
            chosen = frequent.by_tier(sample, self.SHARE)
        self._collectors = [frequent.Collector(words) for words in chosen]
        self._read = 0

    def add(self, rows: Iterable[tuple[int, Document]]) -> None:
        rows = list(rows)
        self._engine.insert(rows, self._table, self._collectors)
        self._read += len(rows)
        if self._read >= self.CASES:
            self.flush()

    def flush(self) -> None:
        self._read = 0
        with self._engine.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {self._table}_frequent (word, tier, ids) "  # noqa: S608
                "VALUES (%s, %s, %s)",
                [
                    (word, tier, ids.serialize())
                    for tier, collector in enumerate(self._collectors)
                    for word, ids in collector.take().items()
                ],
            )

    def finish(self) -> None:
        self.flush()
        self._engine.make_ready(self._table)


def _tokens(
    pk: int,
    document: Document,
    part: tuple[int, int, int, str],
    collectors: Sequence[frequent.Collector],
) -> Iterator[str]:
    """Yield the tokens of one row, but for the words that the collectors take over."""
    number, names_end, head_end, text = part
    texts = (text[:names_end], text[names_end:head_end], text[head_end:])
    tiers = zip(MARKS, texts, document.typed, collectors, strict=True)
    for mark, stretch, typed, collector in tiers:
        for word in collector.read(pk, stretch, LONGEST):
            yield mark + (word[1:-1][:TOKEN] if word[0] == "[" else word)
        if number == 0:
            yield from (mark + token for token in typed)


def _vector(tokens: Iterable[str]) -> str:
    return " ".join(map(_quoted, set(tokens)))


def _quoted(token: str) -> str:
    escaped = token.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _outside(text: str, at: int) -> int:
    """Return the place itself, or the beginning of the word of letters that it is in."""
    opened = text.rfind("[", 0, at)
    return opened if opened > text.rfind("]", 0, at) else at


def _longest_grams(run: str) -> set[str]:
    """Return the fewest stretches of a run that a text with it must have."""
    size = min(len(run), LONGEST)
    return {run[i : i + size] for i in range(len(run) - size + 1)}


def _bitmap(data: Any) -> BitMap:
    """Read ids as PostgreSQL sends them: four bytes each, the highest first."""
    ids = array("I")
    ids.frombytes(data or b"")
    if byteorder == "little":
        ids.byteswap()
    return BitMap(ids)
