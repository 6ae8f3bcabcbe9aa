"""The words that stand in so many cases that even reading the list of them takes long.

A word is here anything that can be searched for: Han characters in a row, words of letters
and digits, and both mixed, in the form of `text.written`.
"""

from collections import Counter
from collections.abc import Iterable

from pyroaring import BitMap

from .documents import Document
from .text import UNIT, is_character

# In characters and words of letters. Longer ones would be many, and each of little use.
LONGEST = 8


def by_tier(sample: Iterable[Document], share: float) -> list[set[str]]:
    """Return for each tier the words that stand in this share of the sample or more."""
    texts = [["\n".join(part) for part in document.texts] for document in sample]
    least = max(1, round(share * len(texts)))
    return [choose(tier, least) for tier in zip(*texts, strict=True)]


def choose(texts: Iterable[str], least: int) -> set[str]:
    """Return the words that stand in at least so many of the texts.

    With a word come all the words that it begins with.
    """
    # Only what is frequent without its last character can be so with it. For each text: the
    # units of a line, where in it the word ends, the word.
    open_ = [
        [
            (units, start, "")
            for units in map(UNIT.findall, text.split("\n"))
            for start, unit in enumerate(units)
            if unit != " "
        ]
        for text in texts
    ]
    chosen: set[str] = set()
    for _ in range(LONGEST):
        counts: Counter[str] = Counter()
        for number, words in enumerate(open_):
            longer = [
                (units, end + 1, word + units[end])
                for units, end, word in words
                if end < len(units)
            ]
            open_[number] = longer
            counts.update({word for _, _, word in longer})
        frequent = {word for word, count in counts.items() if count >= least}
        open_ = [[entry for entry in words if entry[2] in frequent] for words in open_]
        chosen |= frequent
    return chosen


class Collector:
    """Notes which ids have which of the chosen words, and tells what else a text has.

    With each chosen word all must be chosen that it begins with.
    """

    # Short lists grow faster than bitmaps, but take more room.
    BATCH = 2_000

    def __init__(self, chosen: Iterable[str] = ()) -> None:
        self._bits: dict[str, BitMap] = {}
        self._latest: dict[str, list[int]] = {word: [] for word in chosen}
        self._rows = 0

    def read(self, pk: int, text: str, longest: int) -> set[str]:
        """Return the words of letters, and the stretches of up to so many Han characters, that
        are in the text and were not chosen.
        """
        latest = self._latest
        others: set[str] = set()
        for line in text.split("\n"):
            units = UNIT.findall(line)
            count = len(units)
            run, run_start, run_end = "", 0, 0
            for start in range(count):
                word, end = units[start], start + 1
                while (ids := latest.get(word)) is not None:
                    if not ids or ids[-1] != pk:
                        ids.append(pk)
                    if end == count:
                        break
                    word += units[end]
                    end += 1
                else:
                    if start >= run_end:
                        run_start = run_end = start
                        while run_end < count and is_character(units[run_end]):
                            run_end += 1
                        run = "".join(units[run_start:run_end])
                    if start < run_end:
                        first = start - run_start
                        last = min(first + longest, len(run))
                        for stop in range(end - run_start, last + 1):
                            others.add(run[first:stop])
                    elif end == start + 1 and word != " ":
                        others.add(word)
        self._rows += 1
        if self._rows % self.BATCH == 0:
            self._pack()
        return others

    def _pack(self) -> None:
        for word, ids in self._latest.items():
            if ids:
                self._bits.setdefault(word, BitMap()).update(ids)
                ids.clear()

    def take(self) -> dict[str, BitMap]:
        """Return the ids noted since the last time, by word, and begin anew."""
        self._pack()
        # What ends in a space only leads to longer words.
        bits = {word: ids for word, ids in self._bits.items() if not word.endswith(" ")}
        self._bits = {}
        return bits
