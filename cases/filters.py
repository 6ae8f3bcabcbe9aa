"""The query: from an address's query string to the cases that it asks for.

`parameters.CaseFilter` (django-filter) checks it and can express it as SQL, which tests
hold against the bitmaps. `CaseQuery` answers it for pages and exports: total, ids of a
page, counts beside values, chips.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from pyroaring import BitMap

from .facets import Snapshot
from .models import Grade
from .parameters import FACETS, MANY_VALUED, NONE_OF, CaseFilter
from .records import Record, load
from .search.query import Search, parse

PAGE_SIZE = 20

# What reads records by id, in the order of a sort: `records.load` or `records.outlines`.
Reader = Callable[[Sequence[int], str], list[Record]]


def _encoded(name: str, value: Any) -> str:
    """Return a parameter's pairs as they stand in an address, one for each value of a list."""
    if value in (None, ""):
        return ""
    return _pairs(name, tuple(map(str, value if isinstance(value, list) else [value])))


# A page has a hundred links, and nearly the same ones as the page before.
@lru_cache(maxsize=10_000)
def _pairs(name: str, values: tuple[str, ...]) -> str:
    return urlencode([(name, value) for value in values])


@dataclass(frozen=True)
class FacetValue:
    """One value beside which a number stands: the total if it were this facet's only choice."""

    query: "CaseQuery"
    facet: str
    value: str
    label: str
    count: int
    selected: bool

    @property
    def url(self) -> str:
        """Query string, with its question mark, that adds the value or takes it away.

        Made when asked for: most values of a long list are counted but not shown.
        """
        return self.opening("")

    def opening(self, facet: str) -> str:
        """Return the same with a long facet that is to be shown whole."""
        return self.query.url(**self.query.toggled(self.facet, self.value), open=facet)


@dataclass(frozen=True)
class Chip:
    """One choice that is on, and the query string without it."""

    title: str
    label: str
    url: str
    # The total without this choice.
    count: int


class CaseQuery:
    """What one address asks for, answered from a snapshot; only `rows` asks the database."""

    def __init__(self, data: QueryDict, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.filter = CaseFilter(data, snapshot)
        self.is_valid: bool = self.filter.is_valid()
        cleaned: dict[str, Any] = self.filter.form.cleaned_data if self.is_valid else {}
        self.values: dict[str, list[str]] = {name: cleaned.get(name) or [] for name in MANY_VALUED}
        self.none: list[str] = cleaned.get("none") or []
        self.grade: str = cleaned.get("grade") or ""
        self.year_from: int | None = cleaned.get("year_from")
        self.year_to: int | None = cleaned.get("year_to")
        self.all_of = {name for name in ("theme", "topic") if cleaned.get(f"{name}_all") == "1"}
        self.q: str = cleaned.get("q") or ""
        self.search = Search(parse(self.q), snapshot) if self.q else None
        self.default_sort = "relevance" if self.q else "-published"
        self.sort: str = cleaned.get("sort") or self.default_sort
        if self.sort == "relevance" and not self.q:
            self.sort = self.default_sort
        self.page: int = cleaned.get("page") or 1

    @property
    def errors(self) -> dict[str, list[str]]:
        """Parameter -> what is wrong with its value, in Chinese."""
        return {name: list(messages) for name, messages in self.filter.errors.items()}

    # What is found

    def _part(self, name: str) -> BitMap | None:
        """Return the cases that one facet's choice allows; None where nothing is chosen."""
        if name == "year":
            if self.year_from is None and self.year_to is None:
                return None
            return self.snapshot.between(self.year_from, self.year_to)
        if name == "grade":
            return self.snapshot.having("grade", self.grade) if self.grade else None
        chosen = self.values[name]
        if not chosen:
            return None
        return self._any_or_all(name, chosen)

    def _any_or_all(self, name: str, chosen: list[str]) -> BitMap:
        if name in self.all_of:
            return BitMap.intersection(*(self.snapshot.having(name, v) for v in chosen))
        return self.snapshot.any_of(name, chosen)

    @cached_property
    def _parts(self) -> dict[str, BitMap]:
        parts = {name: self._part(name) for name in FACETS}
        parts |= {f"none {name}": self.snapshot.none_of(name) for name in self.none}
        if self.search:
            # A query of nothing but signs asks for nothing, not for everything.
            parts["q"] = self.search.found if self.search.words else BitMap()
        return {name: part for name, part in parts.items() if part is not None}

    def without(self, name: str) -> BitMap:
        """Return what the query finds with one facet's own choice left out."""
        others = [part for other, part in self._parts.items() if other != name]
        return BitMap.intersection(self.snapshot.all, *others) if others else self.snapshot.all

    @cached_property
    def found(self) -> BitMap:
        return self.without("")

    @cached_property
    def total(self) -> int:
        return len(self.found)

    def rows(self, size: int = PAGE_SIZE, read: Reader | None = None) -> list[Record]:
        """Return the records of the chosen page in order: one query, and the search's own."""
        read = read or load
        offset = (self.page - 1) * size
        if self.sort != "relevance" or self.search is None:
            return read(self.snapshot.page(self.found, self.sort, offset, size), self.sort)
        ids: list[list[int]] = []
        for tier in self.search.tiers(self.found):
            room = size - sum(map(len, ids))
            ids.append(self.snapshot.page(tier, "-published", offset, room))
            if len(ids[-1]) == room:
                break  # The worse tiers need not even be looked up.
            offset = max(0, offset - len(tier))
        rank = {pk: number for number, group in enumerate(ids) for pk in group}
        latest_first = read(list(rank), "-published")
        return sorted(latest_first, key=lambda record: rank[record["id"]])

    def every_row(self, size: int = 500) -> Iterator[Record]:
        """Yield all records found in order, a few hundred in memory at a time."""
        for page in range(1, self.pages(size) + 1):
            part = copy(self)
            part.page = page
            yield from part.rows(size)

    def pages(self, size: int = PAGE_SIZE) -> int:
        """Return the number of the last page; an empty list has one page."""
        return max(1, -(-self.total // size))

    # Addresses

    @cached_property
    def _segments(self) -> dict[str, str]:
        """Every parameter in canonical order -> its encoded pairs, empty where it is not given."""
        given: dict[str, Any] = {
            "q": self.q,
            **self.values,
            "none": self.none,
            "grade": self.grade,
            "year_from": self.year_from,
            "year_to": self.year_to,
            "theme_all": "1" if "theme" in self.all_of else None,
            "topic_all": "1" if "topic" in self.all_of else None,
            "sort": self.sort if self.sort != self.default_sort else None,
        }
        return {name: _encoded(name, value) for name, value in given.items()}

    def url(self, **changes: Any) -> str:
        """Return the query string, starting with a question mark, with some parameters changed.

        A list replaces a facet's values, None drops a parameter. The page is dropped
        unless it is given.
        """
        changed = {name: _encoded(name, value) for name, value in changes.items()}
        return f"?{'&'.join(filter(None, (self._segments | changed).values()))}"

    @property
    def no_choices(self) -> dict[str, None]:
        """Return the changes that take every choice away but keep the words and the order."""
        names = (*MANY_VALUED, "none", "grade", "year_from", "year_to", "theme_all", "topic_all")
        return dict.fromkeys(names)

    # Counts beside values

    def facet(self, name: str) -> list[FacetValue]:
        """Return a facet's values with their counts, most cases first in long lists.

        Each count leaves out the facet's own choice, except where all chosen values are
        asked for together.
        """
        base = self.found if name in self.all_of else self.without(name)
        values = []
        for value, label in self._candidates(name):
            selected = self._is_selected(name, value)
            count = base.intersection_cardinality(self.snapshot.having(name, value))
            if not (count or selected or FACETS[name].short):
                continue
            values.append(FacetValue(self, name, value, label, count, selected))
        if not FACETS[name].short and name != "year":
            values.sort(key=lambda item: (not item.selected, -item.count))
        return values

    def _candidates(self, name: str) -> Iterable[tuple[str, str]]:
        if name == "year":
            return [(year, f"{year} 年") for year in reversed(self.snapshot.years)]
        labels = self.snapshot.catalog.labels[name]
        if name == "grade":
            best = Grade.values[0]
            return [(v, text if v == best else f"{text}，或更好") for v, text in labels.items()]
        if name == "district":
            dissolved = self.snapshot.catalog.districts
            return [
                (slug, label)
                for slug, label in labels.items()
                if not dissolved[slug].dissolved or slug in self.values[name]
            ]
        return labels.items()

    def _is_selected(self, name: str, value: str) -> bool:
        if name == "year":
            return self.year_from == self.year_to == int(value)
        if name == "grade":
            return self.grade == value
        return value in self.values[name]

    def toggled(self, name: str, value: str) -> dict[str, Any]:
        """Return the changes that add `value` or take it away."""
        selected = self._is_selected(name, value)
        if name == "year":
            return dict.fromkeys(("year_from", "year_to"), None if selected else value)
        if name == "grade":
            return {name: None if selected else value}
        chosen = self.values[name]
        return {name: [v for v in chosen if v != value] if selected else [*chosen, value]}

    @cached_property
    def chips(self) -> list[Chip]:
        labels = self.snapshot.catalog.labels
        chips = []
        if self.q:
            chips.append(self._chip("检索词", self.q, "q", {"q": None}, None))
        for name in MANY_VALUED:
            for value in self.values[name]:
                rest = [v for v in self.values[name] if v != value]
                part = self._any_or_all(name, rest) if rest else None
                title, label = FACETS[name].title, labels[name][value]
                chips.append(self._chip(title, label, name, {name: rest}, part))
            if name in self.all_of and len(self.values[name]) > 1:
                part = self.snapshot.any_of(name, self.values[name])
                label = _("同时包含所选%(facet)s") % {"facet": FACETS[name].title}
                changes = {f"{name}_all": None}
                chips.append(self._chip(FACETS[name].title, label, name, changes, part))
        for name in self.none:
            rest = [other for other in self.none if other != name]
            title, label = _("没有记录的项"), str(NONE_OF[name])
            chips.append(self._chip(title, label, f"none {name}", {"none": rest}, None))
        if self.grade:
            label = f"{self.grade} 级及以上"
            chips.append(self._chip(FACETS["grade"].title, label, "grade", {"grade": None}, None))
        first, last = self.year_from, self.year_to
        if first is not None:
            part = None if last is None else self.snapshot.between(None, last)
            chips.append(self._chip("年份", f"{first} 年起", "year", {"year_from": None}, part))
        if last is not None:
            part = None if first is None else self.snapshot.between(first, None)
            chips.append(self._chip("年份", f"到 {last} 年", "year", {"year_to": None}, part))
        return chips

    @property
    def fewer_words(self) -> list[Chip]:
        """Return, for each word of several, what is found without it."""
        if self.search is None or len(self.search.words) < 2:
            return []
        rest = self.without("q")
        chips = []
        for word in self.search.words:
            fewer = self.search.without(word)
            q = " ".join(map(str, fewer.words))
            count = fewer.found.intersection_cardinality(rest)
            said = _("不排除“%s”") if word.excluded else _("去掉检索词“%s”")
            chips.append(Chip("检索词", said % word.text, self.url(q=q), count))
        return chips

    def _chip(
        self, title: str, label: str, name: str, changes: dict[str, Any], part: BitMap | None
    ) -> Chip:
        """Return the chip of a choice; `part` is what the facet's other choices allow."""
        rest = self.without(name)
        count = len(rest) if part is None else rest.intersection_cardinality(part)
        return Chip(title, label, self.url(**changes), count)

    @property
    def words(self) -> str:
        """Return the query as a Chinese phrase, for titles, feeds and briefs."""
        return "；".join(f"{chip.title}：{chip.label}" for chip in self.chips) or "全部案例"
