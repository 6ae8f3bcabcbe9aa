"""What a searcher typed, and the cases that it finds: bitmaps in three tiers."""

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pyroaring import BitMap

from .documents import BODY, HEAD, NAMES
from .engine import Hits
from .index import readable
from .text import DASHES, Phrase, fold, pinyin_query, query_tokens, runs_of, written

if TYPE_CHECKING:
    from cases.facets import Snapshot

LONGEST = 200
MOST_WORDS = 12
# What is offered in the place of words that nothing is found for, and what is looked up for it.
MOST_OFFERED = 6
MOST_TRIED = 3
MOST_CHARACTERS = 12
_QUOTED = '"“”„‟「」『』＂'
_WORD = re.compile(
    rf"(?P<minus>[-{DASHES}]?)(?:[{_QUOTED}](?P<phrase>[^{_QUOTED}]*)[{_QUOTED}]?|(?P<plain>[^\s{_QUOTED}]+))"
)


@dataclass(frozen=True)
class Word:
    """One word of a query: a phrase in quotation marks, or what stands between spaces."""

    text: str
    excluded: bool = False
    quoted: bool = False

    @property
    def query(self) -> str:
        """The encoded parameter that asks for this word alone."""
        return urlencode({"q": str(self)})

    def __str__(self) -> str:
        text = f'"{self.text}"' if self.quoted else self.text
        return f"-{text}" if self.excluded else text


def parse(q: str) -> list[Word]:
    """Read a query. Words without a letter or a digit are dropped; a lone minus is one of them."""
    words = []
    for match in _WORD.finditer(q):
        text = (match["phrase"] if match["plain"] is None else match["plain"]).strip()
        if query_tokens(text)[0]:
            quoted = match["plain"] is None
            words.append(Word(text, excluded=bool(match["minus"]), quoted=quoted))
    return list(dict.fromkeys(words))


class _Memory:
    """What this worker found last, for as long as nothing is published."""

    def __init__(self, most: int = 100) -> None:
        self._lock = threading.Lock()
        self._found: OrderedDict[str, Hits] = OrderedDict()
        self._generation = -1
        self._most = most

    def get(self, generation: int, key: str) -> Hits | None:
        with self._lock:
            if generation != self._generation:
                self._found.clear()
                self._generation = generation
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
            return found

    def put(self, generation: int, key: str, found: Hits) -> None:
        with self._lock:
            if generation == self._generation:
                self._found[key] = found
                if len(self._found) > self._most:
                    self._found.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._found.clear()
            self._generation = -1


memory = _Memory()


@dataclass(frozen=True)
class Search:
    """A query's words against one snapshot. An index look-up a word, none if repeated."""

    words: list[Word]
    snapshot: "Snapshot"
    # Word -> the synonyms that were looked for as well.
    synonyms: dict[Word, list[str]] = field(init=False)
    # What has been found already. A long export must go on with what it began with, whatever
    # is published meanwhile.
    _known: dict[str, Hits] = field(init=False, default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        known = self.snapshot.catalog.synonyms
        used = {
            word: known[written(word.text)]
            for word in self.words
            if not word.quoted and written(word.text) in known
        }
        object.__setattr__(self, "synonyms", used)

    @property
    def wanted(self) -> list[Word]:
        return [word for word in self.words if not word.excluded]

    def texts_of(self, word: Word) -> list[str]:
        """Return what is looked for in the place of a word.

        Itself, its synonyms, and the official name where it is a different one of a place or a
        policy. In quotation marks, itself alone.
        """
        if word.quoted:
            return [word.text]
        typed = written(word.text)
        meant = self.snapshot.catalog.names.get(typed, ())
        officials = [name.official for name in meant if typed not in written(name.official)]
        return [word.text, *self.synonyms.get(word, []), *officials]

    def having(self, word: Word, tier: int = BODY) -> BitMap:
        """Return the published cases in which the word stands in this tier or a better one."""
        return BitMap.union(*(self._find(t, word.quoted)[tier] for t in self.texts_of(word)))

    def _find(self, text: str, literally: bool) -> Hits:
        """Return the published cases with a text in each tier or a better one.

        Unless it is meant literally, it may be pinyin, or the name of a place or a policy.
        """
        key = f'"{fold(text)}' if literally else fold(text)
        found = self._known.get(key) or memory.get(self.snapshot.generation, key)
        if found is None:
            names, head, body = readable().find(Phrase.of(text))
            pinyin = None if literally else pinyin_query(text)
            if pinyin:
                names_typed, head_typed, _ = readable().find(Phrase([pinyin], prefix=True))
                names, head = names | names_typed, head | head_typed
            for name in () if literally else self.snapshot.catalog.meant_by(text):
                head |= self.snapshot.having(name.facet, name.value)
            names &= self.snapshot.all
            head = names | (head & self.snapshot.all)
            body = head | (body & self.snapshot.all)
            found = names, head, body
            memory.put(self.snapshot.generation, key, found)
        self._known[key] = found
        return found

    @cached_property
    def found(self) -> BitMap:
        """Return the cases with every wanted word and none of the excluded ones."""
        return self._all_in(BODY)

    def without(self, word: Word) -> "Search":
        return Search([other for other in self.words if other != word], self.snapshot)

    @cached_property
    def _excluded(self) -> BitMap:
        return BitMap.union(BitMap(), *(self.having(w) for w in self.words if w.excluded))

    def _all_in(self, tier: int) -> BitMap:
        return self._together(tier) - self._excluded

    def _together(self, tier: int) -> BitMap:
        """Return the cases with every wanted word."""
        return BitMap.intersection(
            self.snapshot.all, *(self.having(word, tier) for word in self.wanted)
        )

    def tiers(self, within: BitMap) -> Iterator[BitMap]:
        """Split `within` by where all the words stand: names, places and summary, the rest."""
        if not self.wanted:
            yield within
            return
        names = self._all_in(NAMES) & within
        yield names
        head = (self._all_in(HEAD) & within) - names
        yield head
        yield within - names - head

    def alone(self) -> list[tuple[Word, int]]:
        """Return how many cases each wanted word finds by itself, where none has them all."""
        if self._together(BODY):
            return []
        return [(word, len(self.having(word))) for word in self.wanted]

    def nearby(self) -> list[tuple[str, int]]:
        """Return queries that find something near the wanted words that find nothing; and how much.

        The parts of a word that signs divide, synonyms that it holds or begins, and its longest
        stretches that stand in texts. At most two look-ups a character, for three words.
        """
        lost = [word for word in self.wanted if not self.having(word)][:MOST_TRIED]
        queries = dict.fromkeys(q for word in lost for q in self._near(word))
        searches = ((q, Search(parse(q), self.snapshot)) for q in queries)
        found = ((q, len(search.found)) for q, search in searches if search.wanted)
        return list(islice(((q, count) for q, count in found if count), MOST_OFFERED))

    def _near(self, word: Word) -> Iterator[str]:
        typed = written(word.text)
        runs = runs_of(typed)
        if 1 < len(runs) <= MOST_WORDS or word.quoted:
            yield " ".join(run for run, _is_han in runs[:MOST_WORDS])
        synonyms = dict.fromkeys(chain(*self.snapshot.catalog.synonyms.values()))
        related = (s for s in synonyms if written(s) in typed or typed in written(s))
        yield from islice(related, MOST_OFFERED)
        parts: list[str] = []
        left = MOST_CHARACTERS
        for run, is_han in runs:
            parts += self._stretches(run[:left]) if is_han else [run]
            left = max(0, left - len(run))
        yield from sorted((part for part in parts if len(part) > 1), key=len, reverse=True)

    def _stretches(self, run: str) -> Iterator[str]:
        """Yield the longest parts, of two characters or more, that stand in texts."""
        end = reached = 0
        for start in range(len(run) - 1):
            end = max(end, start + 2)
            while end <= len(run) and readable().find(Phrase.of(run[start:end]))[BODY]:
                end += 1
            if end - 1 > max(reached, start + 1):
                reached = end - 1
                yield run[start:reached]
