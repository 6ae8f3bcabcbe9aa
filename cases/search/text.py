"""Normal forms and tokens: the one place that says when two texts are the same to a searcher.

Text is folded character by character (so the folding of a part is a part of the folding):
NFKC, lower case, traditional to simplified. Quotation marks vanish, other punctuation and
space separate. What remains falls into runs: Han, and words of letters and digits, where
a formula such as `1+6`, `1+(1+3+1)` or `O2O` is one word.

An indexed text emits one token a Han character: it and the one after it, the last of a run
alone. A query word becomes a phrase of such tokens. So Han characters are found wherever
they stand together, and nowhere else; a word of letters or digits is found as a whole.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from opencc import OpenCC
from pypinyin import Style, lazy_pinyin, load_phrases_dict

QUOTATION_MARKS = "\"'“”„‟‘’‚‛«»‹›「」『』〝〞〟《》〈〉"
DASHES = "‐‑‒–—―−﹣－⸺⸻"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇々"
_LETTER = rf"[^\W_{_HAN}]"
_RUN = re.compile(
    rf"(?P<han>[{_HAN}]+)"
    rf"|(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+(?![0-9])|{_LETTER})"
    rf"{_LETTER}*(?:\.[0-9]+|[+&]{_LETTER}+|\+\({_LETTER}+(?:\+{_LETTER}+)*\))*"
)
# Between two digits.
_DIGITS = re.compile(r"(?<=[0-9])(?=[0-9])")
# No query holds a longer word of letters.
LONGEST_WORD = 1_000
_PINYIN_WORD = re.compile(r"[a-z]{2,40}\Z")
# Longer stretches of a name than this are not typed in pinyin.
_PINYIN_SYLLABLES = 12
# Marks a pinyin token, so that no word of the text is taken for one. A private character,
# which both engines keep in a token.
PINYIN = "\ue001"
# Readings of place names that a dictionary of everyday words gets wrong.
_PLACES_READ = (
    "闵行 min hang, 殷行 yin hang, 杨行 yang hang, 庙行 miao hang, 徐行 xu hang, 高行 gao hang, "
    "庄行 zhuang hang, 长宁 chang ning, 长桥 chang qiao, 长风 chang feng, 长白 chang bai, "
    "长海 chang hai, 长兴 chang xing, 长寿 chang shou, 重固 chong gu, 莘庄 xin zhuang"
)
load_phrases_dict(
    {
        name: [[syllable] for syllable in reading]
        for name, *reading in (entry.split() for entry in _PLACES_READ.split(","))
    }
)


@cache
def _simplified() -> dict[str, str]:
    """Return traditional -> simplified, one character to one, from OpenCC's own table."""
    ranges = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00))
    characters = [chr(code) for first, last in ranges for code in range(first, last)]
    simplify = OpenCC("t2s").convert
    # 薴 becomes 苧, which becomes 苎: what is folded must stay so.
    converted = simplify(simplify("\n".join(characters))).split("\n")
    return {a: b for a, b in zip(characters, converted, strict=True) if a != b and len(b) == 1}


class _Folding(dict[int, str]):
    """Code point -> its folding, worked out once each."""

    def __init__(self) -> None:
        super().__init__()
        # Of those worked out, what folds to none or to several: quotation marks, and signs such
        # as ㎡.
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in QUOTATION_MARKS:
            folded = ""
        elif character in DASHES:
            folded = "-"
        elif unicodedata.category(character) in ("Cs", "Co", "Cn"):
            return " "  # Not kept: there are nearly a million of them.
        elif unicodedata.category(character) in ("Cc", "Zl", "Zp"):
            folded = " "
        else:
            simple = unicodedata.normalize("NFKC", character).lower()
            folded = "".join(_simplified().get(c, c) for c in simple if c not in QUOTATION_MARKS)
        # First, so that no other thread finds the folding alone.
        if len(folded) != 1:
            self.uneven.add(character)
        self[code] = folded
        return folded


_folding = _Folding()


def fold(text: str) -> str:
    """Return the text as searching sees it."""
    return unicodedata.normalize("NFC", text).translate(_folding)


def offsets(text: str) -> list[int]:
    """Return where in a text in NFC each character of what `fold` has made of it stands."""
    found: list[int] = []
    at = 0
    for place in _places(text, _folding.uneven.intersection(text)):
        found += range(at, place)
        found += [place] * len(_folding[ord(text[place])])
        at = place + 1
    found += range(at, len(text))
    return found


def _places(text: str, characters: Iterable[str]) -> list[int]:
    """Return where the characters, of which a text has few, stand in it."""
    found = []
    for character in characters:
        place = text.find(character)
        while place >= 0:
            found.append(place)
            place = text.find(character, place + 1)
    return sorted(found)


def _runs(folded: str) -> Iterator[tuple[str, bool]]:
    """Yield the runs of a folded text and whether each is Han; `32,696` reads 32696."""
    for match in _RUN.finditer(folded):
        yield match.group().replace(",", ""), match.group("han") is not None


def _safe(token: str) -> str:
    """Spell out characters beyond the basic plane: SQLite's tokenizer lacks the newer ones."""
    if token.isascii() or all(ord(c) < 0x10000 for c in token):
        return token
    return "".join(c if ord(c) < 0x10000 else f"x{ord(c):x}" for c in token)


def written(text: str) -> str:
    """Return the runs of a text so that a phrase stands in it exactly as in another: a substring.

    Words of letters and digits stand in brackets, a space between two Han runs:
    `在15分钟内，“零距离”` becomes `在[15]分钟内 零距离`.
    """
    pieces: list[str] = []
    after_han = False
    for run, is_han in _runs(fold(text)):
        if not is_han:
            pieces.append(f"[{run[:LONGEST_WORD]}]")
        else:
            pieces.append(f" {run}" if after_han else run)
        after_han = is_han
    return "".join(pieces)


_WRITTEN = re.compile(r"\[([^]]*)\]|([^][ \n]+)")
# A word, or a character, or the space between two Han runs: what a phrase can begin with.
UNIT = re.compile(r"\[[^]]*\]|.")


def is_character(unit: str) -> bool:
    """Say whether a unit is a Han character, not a word of letters or a space."""
    return unit != " " and unit[0] != "["


def runs_of(written_text: str) -> list[tuple[str, bool]]:
    """Return the runs of what `written` has made, and whether each is Han."""
    return [(word or han, not word) for word, han in _WRITTEN.findall(written_text)]


def index_tokens(text: str) -> list[str]:
    """Return the tokens of an indexed text, one a position."""
    return tokens_of(written(text))


def tokens_of(written_text: str) -> list[str]:
    """Return the tokens of a text that has gone through `written`."""
    tokens: list[str] = []
    for run, is_han in runs_of(written_text):
        if is_han:
            pairs = [run[i : i + 2] for i in range(len(run))]
            # Asked once a run: asked of each pair, it would take most of the time.
            tokens += pairs if max(run) < "\U00010000" else map(_safe, pairs)
        else:
            tokens.append(run)
    return tokens


def characters(written_texts: Iterable[str]) -> set[str]:
    """Return the Han characters of texts that have gone through `written`, as in tokens."""
    found = set().union(*(run for text in written_texts for run, han in runs_of(text) if han))
    return set(map(_safe, found))


def query_tokens(text: str) -> tuple[list[str], bool]:
    """Return the phrase that a query word stands for, and whether its last token is a prefix.

    The run at the end of a word may go on in the text: its last character is left open.
    """
    runs = list(_runs(fold(text)))
    tokens: list[str] = []
    for number, (run, is_han) in enumerate(runs, start=1):
        if not is_han:
            tokens.append(run)
        elif number < len(runs):
            tokens += [_safe(run[i : i + 2]) for i in range(len(run))]
        elif len(run) > 1:
            tokens += [_safe(run[i : i + 2]) for i in range(len(run) - 1)]
        else:
            tokens.append(_safe(run))
            return tokens, True
    return tokens, False


@dataclass(frozen=True)
class Phrase:
    """What an index is asked for: tokens in a row, the last perhaps open, and as `written`.

    A word typed in pinyin is one token, which stands in no text.
    """

    tokens: list[str]
    prefix: bool
    written: str = ""

    @classmethod
    def of(cls, text: str) -> "Phrase":
        return cls(*query_tokens(text), written(text))


class Finder:
    """Finds a query word in folded texts, exactly where the index finds it."""

    def __init__(self, text: str) -> None:
        self._runs = list(_runs(fold(text)))
        between = rf"(?:[^{_HAN}\w]|_)*"
        # Where the text may have 32,696 the searcher may have typed 32696.
        body = between.join(_DIGITS.sub(",?", re.escape(run)) for run, _is_han in self._runs)
        self._pattern = re.compile(body)
        self._only_han = len(self._runs) == 1 and self._runs[0][1]

    def spans(self, folded: str) -> Iterator[tuple[int, int]]:
        """Yield where the word begins and ends; a word without letters or digits stands nowhere."""
        if not self._runs:
            return
        matches = (match.span() for match in self._pattern.finditer(folded))
        if self._only_han:
            yield from matches
            return
        starts: list[int] = []
        ends: list[int] = []
        for start, end in matches:
            if not starts:
                for run in _RUN.finditer(folded):
                    starts.append(run.start())
                    ends.append(run.end())
            # A match is made of whole words: `1` is no part of `1+6`, nor of `15`.
            first, last = bisect_right(ends, start), bisect_left(starts, end)
            if (
                last - first == len(self._runs)
                and (self._runs[0][1] or starts[first] == start)
                and (self._runs[-1][1] or ends[last - 1] == end)
            ):
                yield start, end

    def stands_in(self, folded: str) -> bool:
        if self._only_han:  # Much the most, and asked of every passage of a page.
            return self._pattern.search(folded) is not None
        return any(True for _span in self.spans(folded))


@lru_cache(maxsize=20_000)
def _syllables(run: str) -> tuple[str, ...]:
    return tuple(lazy_pinyin(run, style=Style.NORMAL, errors="ignore"))


def pinyin_tokens(name: str) -> list[str]:
    """Return what can be typed for a name: from each character on, its pinyin and its initials."""
    tokens: dict[str, None] = {}
    for run, is_han in _runs(fold(name)):
        if not is_han:
            continue
        syllables = _syllables(run)
        for start in range(len(syllables)):
            part = syllables[start : start + _PINYIN_SYLLABLES]
            tokens[PINYIN + "".join(part)] = None
            tokens[PINYIN + "".join(s[0] for s in part)] = None
    return list(tokens)


def typed(name: str) -> str:
    """Return all that can be typed for a whole name: folded, its pinyin, and its initials."""
    runs = list(_runs(fold(name)))
    syllables = [[*_syllables(run)] if is_han else [run] for run, is_han in runs]
    parts = [part for group in syllables for part in group]
    return " ".join(["".join(run for run, _ in runs), "".join(parts), "".join(p[0] for p in parts)])


def pinyin_query(text: str) -> str | None:
    """Return the token, to be taken as a prefix, that a word typed in pinyin stands for."""
    word = fold(text)
    return PINYIN + word if _PINYIN_WORD.match(word) else None
