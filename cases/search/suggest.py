"""What a searcher may mean, from the first characters on: cases, places, policies, words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.records import load

from .index import readable
from .text import Phrase, pinyin_query, pinyin_tokens, runs_of, written

if TYPE_CHECKING:
    from cases.catalog import Catalog
    from cases.facets import Snapshot

MOST_CASES = 5
MOST_OF_A_KIND = 3


@dataclass(frozen=True)
class Suggestion:
    """One line under the search box."""

    label: str
    url: str
    kind: str


@dataclass(frozen=True)
class Entry:
    """A name that can be suggested, ready to be compared."""

    suggestion: Suggestion
    bare: str
    pinyin: tuple[str, ...]

    @classmethod
    def of(cls, name: str, kind: str, url: str, label: str = "") -> "Entry":
        return cls(Suggestion(label or name, url, kind), _bare(name), tuple(pinyin_tokens(name)))

    def rank(self, text: str, pinyin: str | None) -> int | None:
        """Return 0 where the name begins with the text, 1 where it contains it, None otherwise."""
        if self.bare.startswith(text):
            return 0
        if text in self.bare:
            return 1
        if pinyin and any(token.startswith(pinyin) for token in self.pinyin):
            return 1
        return None


def _bare(text: str) -> str:
    """Return the words alone: whoever types a number of a document chooses brackets at will."""
    return "".join(run for run, _is_han in runs_of(written(text)))


def entries(catalog: "Catalog") -> Iterator[Entry]:
    """Yield everything but the cases: what one worker keeps in memory."""
    for district in catalog.districts.values():
        yield Entry.of(district.name, "区", district.get_absolute_url())
    for subdistrict in catalog.subdistricts.values():
        url = subdistrict.get_absolute_url()
        yield Entry.of(
            subdistrict.name, "街镇", url, f"{subdistrict.name}（{subdistrict.district}）"
        )
        for alias in catalog.aliases.get(subdistrict.code, []):
            yield Entry.of(alias, "街镇", url, f"{alias}（{subdistrict.name}）")
    for policy in catalog.policies.values():
        for name in (policy.title, policy.number, *policy.aliases):
            if name:
                yield Entry.of(name, "政策文件", policy.get_absolute_url(), policy.title)
    for kind, terms in (
        ("改革主题", catalog.themes),
        ("议题", catalog.topics),
        ("机制", catalog.mechanisms),
    ):
        for term in terms.values():
            yield Entry.of(term.name, kind, term.get_absolute_url())


def suggest(q: str, snapshot: "Snapshot") -> list[Suggestion]:
    """Return at most a dozen suggestions, cases first. At most three queries."""
    phrase = Phrase.of(q)
    if not phrase.tokens:
        return []
    pinyin = pinyin_query(q)
    ids = readable().newest(phrase, MOST_CASES)
    if pinyin and len(ids) < MOST_CASES:
        ids += readable().newest(Phrase([pinyin], prefix=True), MOST_CASES - len(ids))
    cases = [
        Suggestion(record["title"], record["url"], "案例")
        for record in load(list(dict.fromkeys(ids)))
    ]
    return cases + _words(_bare(q), pinyin, snapshot.catalog.entries)


def _words(text: str, pinyin: str | None, known: Iterable[Entry]) -> list[Suggestion]:
    ranked: list[tuple[int, Suggestion]] = []
    for entry in known:
        rank = entry.rank(text, pinyin)
        if rank is not None:
            ranked.append((rank, entry.suggestion))
    ranked.sort(key=lambda pair: pair[0])
    chosen: list[Suggestion] = []
    for _rank, suggestion in ranked:
        alike = [s for s in chosen if s.kind == suggestion.kind]
        if len(alike) < MOST_OF_A_KIND and all(s.url != suggestion.url for s in chosen):
            chosen.append(suggestion)
    return chosen
