"""Qualitative comparative analysis: records in, set memberships and a truth table out.

Pure: no request, no query. X is membership in a condition or a combination, Y in the outcome.

- Consistency of X as sufficient for Y: sum min(X, Y) / sum X. Coverage: sum min(X, Y) / sum Y
  (Ragin 2008, Redesigning Social Inquiry, ch. 3).
- PRI: (sum min(X, Y) - sum min(X, Y, 1-Y)) / (sum X - sum min(X, Y, 1-Y))
  (Schneider and Wagemann 2012, Set-Theoretic Methods for the Social Sciences, ch. 9).
- Rows of the truth table, their numbers and their output are those of R's package QCA
  (Dusa 2019, QCA with R).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from django.utils.translation import gettext as _

from cases.records import Record

from .qca_conditions import Condition, Missing

MOST_CONDITIONS = 8
# Finer differences come from the machine, not from the data.
TINY = 1e-9


# --- Memberships ---


@dataclass(frozen=True)
class Case:
    """A case with its membership in each condition and in the outcome."""

    id: int
    name: str
    values: tuple[float, ...]
    outcome: float
    url: str = ""


@dataclass(frozen=True)
class Excluded:
    id: int
    name: str
    url: str
    reasons: tuple[str, ...]


def memberships(
    records: Iterable[Record], conditions: Sequence[Condition], outcome: Condition
) -> tuple[list[Case], list[Excluded]]:
    """Return the cases of which everything is known, and the others with the reasons."""
    cases, excluded = [], []
    for record in records:
        values: list[float] = []
        # In order, each once.
        reasons: dict[str, None] = {}
        for condition in (*conditions, outcome):
            try:
                values.append(condition.read(record))
            except Missing as missing:
                reasons[str(missing)] = None
                continue
            if condition is not outcome and values[-1] == 0.5:
                # Half in and half out: in no row of the truth table.
                reasons[_("%(label)s的隶属度正好是 0.5") % {"label": condition.label}] = None
        if reasons:
            url = record["url"]
            excluded.append(Excluded(record["id"], record["title"], url, tuple(reasons)))
        else:
            *inputs, result = values
            cases.append(Case(record["id"], record["title"], tuple(inputs), result, record["url"]))
    return cases, excluded


# --- Parameters of fit ---


@dataclass(frozen=True)
class Fit:
    """How far X is sufficient for Y; None where nothing belongs to the set divided by."""

    consistency: float | None
    pri: float | None
    coverage: float | None


def fit(x: Sequence[float], y: Sequence[float]) -> Fit:
    both = math.fsum(map(min, x, y))
    contrary = math.fsum(min(a, b, 1 - b) for a, b in zip(x, y, strict=True))
    return Fit(
        _ratio(both, math.fsum(x)),
        _ratio(both - contrary, math.fsum(x) - contrary),
        _ratio(both, math.fsum(y)),
    )


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > TINY else None


# --- Truth table ---


@dataclass(frozen=True)
class Cuts:
    """From `one` consistency on a row's output is 1, from `zero` on C, below it 0.

    A row with fewer than `cases` is a remainder.
    """

    one: float = 1.0
    zero: float = 0.001
    cases: int = 1


@dataclass(frozen=True)
class TruthRow:
    """One combination. `number` is R's: the combination as a binary number, plus one."""

    number: int
    bits: tuple[int, ...]
    cases: tuple[Case, ...]
    fit: Fit
    # "1", "0", "C" (contradictory by the cuts) or "?" (remainder).
    output: str
    # Cases with and cases without the outcome share the row, whatever the cuts say.
    contradictory: bool

    @property
    def n(self) -> int:
        return len(self.cases)


def combined(case: Case, bits: Sequence[int]) -> float:
    """Return membership in a combination: the least of its parts, absent ones turned round."""
    return min(value if bit else 1 - value for value, bit in zip(case.values, bits, strict=True))


def truth_table(cases: Sequence[Case], size: int, cuts: Cuts) -> list[TruthRow]:
    """Return all rows for `size` conditions, remainders with them, by number."""
    outcomes = [case.outcome for case in cases]
    rows = []
    for number, bits in enumerate(product((0, 1), repeat=size), start=1):
        x = [combined(case, bits) for case in cases]
        here = tuple(case for case, value in zip(cases, x, strict=True) if value > 0.5)
        found = fit(x, outcomes) if here else Fit(None, None, None)
        sides = {case.outcome > 0.5 for case in here if case.outcome != 0.5}
        output = _output(found.consistency, cuts) if len(here) >= cuts.cases else "?"
        rows.append(TruthRow(number, bits, here, found, output, len(sides) == 2))
    return rows


def _output(consistency: float | None, cuts: Cuts) -> str:
    if consistency is None:
        return "?"
    if consistency >= cuts.one - TINY:
        return "1"
    return "C" if consistency >= cuts.zero - TINY else "0"


def solution(rows: Sequence[TruthRow], cases: Sequence[Case]) -> Fit:
    """Return the fit of all rows with output 1 together: of the unminimised solution."""
    chosen = [row.bits for row in rows if row.output == "1"]
    x = [max((combined(case, bits) for bits in chosen), default=0.0) for case in cases]
    return fit(x, [case.outcome for case in cases])


# --- The whole ---


@dataclass(frozen=True)
class Analysis:
    """Everything that page and files show."""

    conditions: tuple[Condition, ...]
    outcome: Condition
    cases: tuple[Case, ...]
    excluded: tuple[Excluded, ...]
    rows: tuple[TruthRow, ...]
    cuts: Cuts
    solution: Fit

    @property
    def names(self) -> list[str]:
        """Return the conditions' names in R: Chinese would not survive every system."""
        return [f"C{number}" for number in range(1, len(self.conditions) + 1)]

    @property
    def observed(self) -> list[TruthRow]:
        return [row for row in self.rows if row.n]

    @property
    def remainders(self) -> int:
        return sum(row.output == "?" for row in self.rows)

    @property
    def contradictory(self) -> int:
        return sum(row.contradictory for row in self.rows)

    @property
    def singles(self) -> list[tuple[str, Condition, Fit, Fit]]:
        """Return each condition with its fit where present and where absent."""
        y = [case.outcome for case in self.cases]
        found = []
        for index, (name, condition) in enumerate(zip(self.names, self.conditions, strict=True)):
            x = [case.values[index] for case in self.cases]
            found.append((name, condition, fit(x, y), fit([1 - value for value in x], y)))
        return found


def analyse(
    records: Iterable[Record], conditions: Sequence[Condition], outcome: Condition, cuts: Cuts
) -> Analysis:
    cases, excluded = memberships(records, conditions, outcome)
    rows = truth_table(cases, len(conditions), cuts)
    return Analysis(
        tuple(conditions),
        outcome,
        tuple(cases),
        tuple(excluded),
        tuple(rows),
        cuts,
        solution(rows, cases),
    )


def shown(value: float | None) -> str:
    """Return three digits, as R prints them; nothing divided by nothing is a dash."""
    return "-" if value is None else f"{value + 0.0:.3f}"


def number(value: float) -> str:
    """Return a membership as short as it is exact: 1, 0, 0.81."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
