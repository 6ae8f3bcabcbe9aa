"""Conditions of a qualitative comparative analysis: sets that a record belongs to, or in part.

Pure: no request, no query. Direct calibration has log odds of 3 and -3 at the outer anchors, 0 at
the middle one (Ragin 2008, Redesigning Social Inquiry, ch. 5).
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from cases.models import Participation
from cases.records import Record

# Anchors lie at these log odds, where membership is 0.95 and 0.05 to two digits.
FULL = 3.0
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


_ANCHORS = re.compile(rf"{_NUMBER}(?:,{_NUMBER},{_NUMBER})?\Z")
# Kind -> value -> its name.
Labels = Mapping[str, Mapping[str, str]]


class ConditionError(ValueError):
    """A condition that cannot be read; the message is Chinese."""


class Missing(Exception):  # noqa: N818 - no error: what the record does not say
    """The record does not say whether the case belongs; the message is the reason, in Chinese."""


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


def parse(expression: str, labels: Labels) -> Condition:
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


def figure(label: str, at: str) -> str:
    """Return the condition that a form gives in two fields, a figure and its one or three numbers.

    Numbers may stand apart by a comma of either width.
    """
    numbers = "".join(at.replace("，", ",").split())
    if not _ANCHORS.match(numbers):
        raise ConditionError(_("请写界限：一个数，或以逗号隔开的三个数。"))
    return f"figure:{label}{'~' if ',' in numbers else '>='}{numbers}"


def figure_parts(expression: str) -> tuple[str, str]:
    """Return label and numbers of a figure's condition, the latter "" if missing; else "" twice."""
    kind, _colon, rest = expression.partition(":")
    if kind != "figure":
        return "", ""
    match = _FIGURE.match(rest)
    if match is None:
        return rest, ""
    return match["label"], match["at"] or f"{match['out']},{match['cross']},{match['full']}"


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
