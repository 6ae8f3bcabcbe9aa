"""Counts for the matrix and the plots, all from the snapshot's bitmaps: no query of the database.

Every number is the total of the list that its address opens; where no list can be asked for, the
number has no address.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyroaring import BitMap

from .filters import CaseQuery
from .models import Initiative
from .parameters import FACETS, NONE_OF

ROWS = ("district", "year")
COLUMNS = ("theme", "topic")
PLOTS = ("year", "district", "theme", "topic", "actor", "mechanism", "status", "grade")
CITYWIDE = str(Initiative.Scope.CITY)
# Years without cases keep their place, unless a stray year would make hundreds of them.
MOST_YEARS = 60
SHADES = 4


@dataclass(frozen=True)
class Entry:
    """One value of an axis with the cases that have it, whatever else is asked."""

    value: str
    label: str
    having: BitMap
    # What to change in the query to ask for it; None where that cannot be asked.
    changes: dict[str, Any] | None
    # Whether this is a value, and not the lack of any.
    recorded: bool = True


def entries(query: CaseQuery, name: str) -> list[Entry]:
    """Return the values of a facet that may stand beside each other under this query.

    Where the query chooses some, only these, for a list cannot ask for the cases of one value
    among those of another; but where all chosen ones are asked for together, every value is one
    more. Citywide cases follow the districts; last come those without a value, if any.
    """
    found = [*_values(query, name)]
    if name == "district" and not query.values[name]:
        scopes = query.values["scope"]
        if not scopes or CITYWIDE in scopes:
            everywhere = query.snapshot.having("scope", CITYWIDE)
            found.append(Entry("", CITYWIDE, everywhere, {"scope": [CITYWIDE]}))
    if rest := query.found - BitMap.union(BitMap(), *(entry.having for entry in found)):
        found.append(Entry("", _missing(name), rest, _without_value(query, name, rest), False))
    return found


def _missing(name: str) -> str:
    return str(NONE_OF.get(name, f"{FACETS[name].title}未记录"))


def _without_value(query: CaseQuery, name: str, rest: BitMap) -> dict[str, Any] | None:
    """Return how to ask for the cases left; citywide ones, too, may lack a district."""
    if name not in NONE_OF or query.found & query.snapshot.none_of(name) != rest:
        return None
    return {"none": list(dict.fromkeys([*query.none, name]))}


def _values(query: CaseQuery, name: str) -> Iterator[Entry]:
    snapshot = query.snapshot
    if name == "year":
        for year in _years(query):
            changes: dict[str, Any] = {"year_from": year, "year_to": year}
            yield Entry(year, f"{year} 年", snapshot.having("year", year), changes)
        return
    labels = snapshot.catalog.labels[name]
    if name == "grade":
        for grade in labels:
            if not query.grade or grade <= query.grade:
                label = f"{grade} 级及以上" if grade != min(labels) else f"{grade} 级"
                yield Entry(grade, label, snapshot.having("grade", grade), {"grade": grade})
        return
    chosen, together = query.values[name], name in query.all_of
    for value, label in labels.items():
        if chosen and not together:
            if value not in chosen:
                continue
        elif name == "district" and value not in chosen:
            district = snapshot.catalog.districts[value]
            # Its cases are found under the district that took it in.
            if district.dissolved and district.merged_into_id:
                continue
        values = list(dict.fromkeys([*chosen, value])) if together else [value]
        yield Entry(value, label, snapshot.having(name, value), {name: values})


def _years(query: CaseQuery) -> list[str]:
    """Return the years from the first to the last that has cases, within those asked for."""
    known = [int(year) for year in query.snapshot.years if query.snapshot.having("year", year)]
    wanted = [
        year
        for year in known
        if (query.year_from is None or year >= query.year_from)
        and (query.year_to is None or year <= query.year_to)
    ]
    if wanted and wanted[-1] - wanted[0] < MOST_YEARS:
        wanted = list(range(wanted[0], wanted[-1] + 1))
    return [f"{year:04}" for year in wanted]


def shade(count: int, most: int) -> int:
    """Return 0 for none, else 1 to 4 by the share of the greatest count."""
    return -(-SHADES * count // most) if most else 0


@dataclass(frozen=True)
class Step:
    """One step of the legend: the counts from `first` to `last` have this shade."""

    shade: int
    first: int
    last: int


def steps(most: int) -> list[Step]:
    """Return the legend of the shades, without those that no whole number has."""
    found = [Step(0, 0, 0)]
    for number in range(1, SHADES + 1):
        first, last = (number - 1) * most // SHADES + 1, number * most // SHADES
        if first <= last:
            found.append(Step(number, first, last))
    return found


# --- The matrix ---


@dataclass(frozen=True)
class Count:
    """A number and the query string of the list that it counts; "" where none can be asked."""

    number: int
    url: str
    shade: int = 0


@dataclass(frozen=True)
class Row:
    entry: Entry
    cells: list[Count]
    # Cases of the row, each once, whether or not they stand in a column.
    cases: Count

    @property
    def pairs(self) -> int:
        return sum(cell.number for cell in self.cells)


class Matrix:
    """Cases by two facets. A case stands in every cell that is true of it: cells count pairs."""

    def __init__(
        self, query: CaseQuery, rows: str, columns: str, *, only_found: bool = False
    ) -> None:
        """`only_found` leaves out rows without a case, and columns before and after all cases."""
        self.query = query
        self.row_entries = entries(query, rows)
        found = entries(query, columns)
        self.columns = [entry for entry in found if entry.recorded]
        # Cases without a column are told in a note.
        self.without_column = next((entry for entry in found if not entry.recorded), None)
        if only_found:
            self.row_entries = [entry for entry in self.row_entries if entry.having & query.found]
            used = [i for i, entry in enumerate(self.columns) if entry.having & query.found]
            self.columns = self.columns[used[0] : used[-1] + 1] if used else []
        self._in_column = [query.found & column.having for column in self.columns]

    @cached_property
    def most(self) -> int:
        numbers = (
            found.intersection_cardinality(row.having)
            for row in self.row_entries
            for found in self._in_column
        )
        return max(numbers, default=0)

    @cached_property
    def rows(self) -> list[Row]:
        return [
            Row(
                entry,
                [
                    self._count(found.intersection_cardinality(entry.having), entry, column)
                    for column, found in zip(self.columns, self._in_column, strict=True)
                ],
                self._count(self.query.found.intersection_cardinality(entry.having), entry),
            )
            for entry in self.row_entries
        ]

    def _count(self, number: int, *chosen: Entry) -> Count:
        changes: dict[str, Any] = {}
        for entry in chosen:
            if entry.changes is None:
                return Count(number, "", shade(number, self.most))
            changes |= entry.changes
        return Count(number, self.query.url(**changes), shade(number, self.most))

    @property
    def pairs(self) -> list[int]:
        """Return the sum of each column's cells: pairs of a case and a row."""
        return [sum(row.cells[index].number for row in self.rows) for index in self._indices]

    @property
    def all_pairs(self) -> int:
        return sum(row.pairs for row in self.rows)

    @property
    def cases(self) -> list[Count]:
        """Return the cases of each column, each once; together the pairs of case and column."""
        return [
            self._count(len(found), column)
            for column, found in zip(self.columns, self._in_column, strict=True)
        ]

    @property
    def all_cases(self) -> Count:
        return self._count(self.query.total)

    @property
    def outside(self) -> Count:
        """Return the cases that stand in no column."""
        if self.without_column is None:
            return Count(0, "")
        number = self.query.found.intersection_cardinality(self.without_column.having)
        return self._count(number, self.without_column)

    @property
    def repeated(self) -> int:
        """Return how many cases stand in more than one row."""
        seen, twice = BitMap(), BitMap()
        for entry in self.row_entries:
            here = self.query.found & entry.having
            twice |= seen & here
            seen |= here
        return len(twice)

    @property
    def legend(self) -> list[Step]:
        return steps(self.most)

    @property
    def _indices(self) -> range:
        return range(len(self.columns))


# --- Distributions ---


@dataclass(frozen=True)
class Bar:
    entry: Entry
    count: Count


@dataclass(frozen=True)
class Distribution:
    """Cases by one facet."""

    name: str
    title: str
    bars: list[Bar] = field(default_factory=list)

    @property
    def drawn(self) -> list[Bar]:
        """Return the bars to draw: of a long list, only values that have cases."""
        keep = FACETS[self.name].short or self.name == "year"
        return [bar for bar in self.bars if keep or bar.count.number]

    @property
    def empty(self) -> list[str]:
        """Return the labels of the values left out of the drawing."""
        drawn = self.drawn
        return [bar.entry.label for bar in self.bars if bar not in drawn]


def distribution(query: CaseQuery, name: str) -> Distribution:
    """Return the counts of a facet's values within what is found, long lists by size."""
    counted: Iterable[tuple[Entry, int]] = [
        (entry, query.found.intersection_cardinality(entry.having))
        for entry in entries(query, name)
    ]
    if not FACETS[name].short and name != "year":
        # Stable: equals stay in the order of the vocabulary, what is not recorded comes last.
        counted = sorted(counted, key=lambda pair: (not pair[0].recorded, -pair[1]))
    most = max((number for _, number in counted), default=0)
    bars = [
        Bar(
            entry,
            Count(
                number,
                "" if entry.changes is None else query.url(**entry.changes),
                shade(number, most),
            ),
        )
        for entry, number in counted
    ]
    return Distribution(name, FACETS[name].title, bars)
