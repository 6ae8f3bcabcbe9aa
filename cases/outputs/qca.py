"""Qualitative comparative analysis: records in, set memberships and a truth table out.

Pure: no request, no query. X is membership in a condition or a combination, Y in the outcome.

- Direct calibration: log odds of 3 and -3 at the outer anchors, 0 at the middle one
  (Ragin 2008, Redesigning Social Inquiry, ch. 5).
- Consistency of X as sufficient for Y: sum min(X, Y) / sum X. Coverage: sum min(X, Y) / sum Y
  (Ragin 2008, ch. 3).
- PRI: (sum min(X, Y) - sum min(X, Y, 1-Y)) / (sum X - sum min(X, Y, 1-Y))
  (Schneider and Wagemann 2012, Set-Theoretic Methods for the Social Sciences, ch. 9).
- Rows of the truth table, their numbers and their output are those of R's package QCA
  (Dusa 2019, QCA with R).
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from django.utils.translation import gettext as _

from cases.models import Participation
from cases.records import Record

MOST_CONDITIONS = 8
# Anchors lie at these log odds, where membership is 0.95 and 0.05 to two digits.
FULL = 3.0
# Finer differences come from the machine, not from the data.
TINY = 1e-9
KINDS = {
    "theme": "改革主题",
    "topic": "议题",
    "mechanism": "机制",
    "actor": "主体",
    "scope": "范围",
    "status": "成效状态",
    "figure": "数据",
}
_NUMBER = r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?"
_FIGURE = re.compile(
    rf"(?P<label>.+?)(?:>=(?P<at>{_NUMBER})"
    rf"|~(?P<out>{_NUMBER}),(?P<cross>{_NUMBER}),(?P<full>{_NUMBER}))\Z"
)


class ConditionError(ValueError):
    """A condition that cannot be read; the message is Chinese."""


class Missing(Exception):  # noqa: N818 - no error: what the record does not say
    """The record does not say whether the case belongs; the message is the reason, in Chinese."""


# --- Conditions ---


@dataclass(frozen=True)
class Condition:
    """One set that cases belong to, in part or not at all.

    Two are equal if they are the same set, however the address writes it.
    """

    meaning: tuple[object, ...]
    expression: str = field(compare=False)
    label: str = field(compare=False)
    # How the record becomes a number, in words.
    rule: str = field(compare=False)
    read: Callable[[Record], float] = field(repr=False, compare=False)
    is_fuzzy: bool = field(default=False, compare=False)


def parse(expression: str, labels: Mapping[str, Mapping[str, str]]) -> Condition:
    """Return the condition that an address writes as `theme:grid-management`.

    `labels` gives the names of each kind's values. Several values with commas mean any of
    them; `actor:companies/牵头` asks for a role as well; a figure has a threshold, `figure:X>=100`,
    or the three anchors of direct calibration, `figure:X~10,50,100` (fully out, crossover,
    fully in).
    """
    kind, colon, rest = expression.partition(":")
    if not colon or kind not in KINDS or not rest:
        raise ConditionError(_("看不懂条件“%(text)s”。") % {"text": _short(expression)})
    if kind == "figure":
        return _figure(expression, rest)
    rest, _slash, role = rest.partition("/") if kind == "actor" else (rest, "", "")
    values = rest.split(",")
    unknown = next((value for value in values if value not in labels[kind]), None)
    if unknown is not None:
        message = _("%(kind)s里没有“%(value)s”。")
        raise ConditionError(message % {"kind": KINDS[kind], "value": _short(unknown)})
    if role and role not in _ROLES:
        raise ConditionError(_("没有“%(role)s”这种角色。") % {"role": _short(role)})
    names = "或".join(labels[kind][value] for value in values)
    label = f"{KINDS[kind]}：{names}" + (f"（{role}）" if role else "")
    chosen = frozenset(values)
    rule, read = _coded(kind, chosen, role, names)
    meaning = (kind, chosen, role)
    return Condition(meaning, expression, label, rule.format(names=names, role=role), read)


_ROLES = tuple(v for v in Participation.Role.values if v != Participation.Role.UNRECORDED)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def _coded(
    kind: str, values: frozenset[str], role: str, names: str
) -> tuple[str, Callable[[Record], float]]:
    """Return the rule of a coded field, in words and as a function."""
    if kind in ("scope", "status"):
        title = KINDS[kind]

        def of_one(record: Record) -> float:
            value = record["scope"] if kind == "scope" else record["status"]["value"]
            if value in (None, "unknown"):
                raise Missing(_("%(title)s未记录或不明") % {"title": title})
            return float(value in values)

        return f"{title}为{{names}}记 1，为别的记 0；未记录或不明的排除", of_one
    if kind == "actor":

        def of_actor(record: Record) -> float:
            here = record["participations"]
            if not here:
                raise Missing(_("主体未记录"))
            roles = {item["role"] for item in here if item["actor"] in values}
            if not role:
                return float(bool(roles))
            if role not in roles and None in roles:
                raise Missing(_("%(names)s的角色未记录") % {"names": names})
            return float(role in roles)

        what = "以“{role}”身份参与" if role else "参与"
        more = "；有此主体但角色未记录的也排除" if role else ""
        return f"记有{{names}}{what}记 1，只记有别的主体记 0；主体未记录的排除{more}", of_actor
    title, key = KINDS[kind], f"{kind}s"

    def of_many(record: Record) -> float:
        slugs = {item["slug"] for item in record[key]}
        if not slugs and not (kind == "theme" and record["theme_note"]):
            raise Missing(_("%(title)s未记录") % {"title": title})
        return float(bool(slugs & values))

    none = "（含写明不属于七个主题的）" if kind == "theme" else ""
    return f"{title}中有{{names}}记 1，只有别的记 0{none}；未记录的排除", of_many


def _figure(expression: str, text: str) -> Condition:
    match = _FIGURE.match(text)
    if match is None:
        message = _("数据条件请写成 figure:名称>=数，或 figure:名称~完全不属于,交叉点,完全属于。")
        raise ConditionError(message)
    label = match["label"]
    if match["at"] is not None:
        at = float(match["at"])
        return Condition(
            ("figure", label, at),
            expression,
            f"数据：{label} ≥ {match['at']}",
            f"不小于 {match['at']} 记 1，小于记 0{_NO_FIGURE}",
            lambda record: float(_value(record, label) >= at),
        )
    anchors = (match["out"], match["cross"], match["full"])
    out, cross, full = map(float, anchors)
    if not (out < cross < full or out > cross > full):
        raise ConditionError(_("三个锚点须依次变大或依次变小。"))
    said = "完全不属于 {}，交叉点 {}，完全属于 {}".format(*anchors)
    return Condition(
        ("figure", label, out, cross, full),
        expression,
        f"数据：{label}（校准）",
        f"直接校准，{said}{_NO_FIGURE}",
        lambda record: calibrated(_value(record, label), out, cross, full),
        is_fuzzy=True,
    )


_NO_FIGURE = "；没有这一数据的、同名数据不止一个的排除；约、余等限定不计"


def _value(record: Record, label: str) -> float:
    values = [figure["value"] for figure in record["figures"] if figure["label"] == label]
    if not values:
        raise Missing(_("没有“%(label)s”这一数据") % {"label": label})
    if len(values) > 1:
        message = _("“%(label)s”有 %(count)d 个数，不知用哪个")
        raise Missing(message % {"label": label, "count": len(values)})
    return float(values[0])


def calibrated(value: float, out: float, cross: float, full: float) -> float:
    """Return membership by the direct method, rounded so that R reads the very same number."""
    away = value - cross
    toward_full = away * (full - cross) >= 0
    odds = FULL * away / ((full - cross) if toward_full else (cross - out))
    return round(1 / (1 + math.exp(-max(-50.0, min(50.0, odds)))), 6)


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
