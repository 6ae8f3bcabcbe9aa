"""What may be here already: the same case, the same source; each with the reason, in Chinese.

For an editor to look at. Nothing is merged, and every question reads a bounded number of rows.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.db.models import Q

from cases.models import Figure, Initiative, Source
from cases.records import Record
from cases.search.text import fold

from .article import listed

# Parts of an address that say who shared it, not what it shows.
_TRACKING = re.compile(
    r"^(?:utm_.*|spm.*|from|share.*|isappinstalled|scene|clicktime|enterid|fbclid|gclid|ref|"
    r"chksm|mpshare|sharer_.*|wxshare.*|timestamp|_t)$",
    re.I,
)
_READ_AT_MOST = 400
_SHOWN_AT_MOST = 5
_OF_ONE_FIGURE = 50
# Smaller numbers are shared by chance.
_TELLING = 20
_CHARACTERS = re.compile(r"[\W_]+")
_COMMON = frozenset(
    listed("社区 党建 服务 志愿者 平台 项目 活动 中心 街道 工作室 议事会 联盟 社区党委")
)


def plain_url(url: str) -> str:
    """Return the address without protocol, www, tracking parts, fragment and last slash."""
    parts = urlsplit(url.strip())
    query = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.match(key)
    ]
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    path = parts.path.rstrip("/")
    return f"{host}{port}{path}" + (f"?{urlencode(sorted(query))}" if query else "")


def plain_name(name: str) -> str:
    """Return the name as comparing sees it: 全角/半角, quotation marks, kinds of unit."""
    return _CHARACTERS.sub("", fold(name).replace("街道办事处", "街道"))


def likely_sources(title: str, date: str = "", url: str = "") -> list[tuple[Source, str]]:
    """Return sources that may be this one, and why; the surest first.

    Three queries at most. A title alone is enough only where one of the two has no date.
    """
    found: dict[int, tuple[Source, str]] = {}
    if url and (wanted := plain_url(url)):
        tail = urlsplit(url.strip()).path.rstrip("/").rsplit("/", 1)[-1] or wanted.split("/")[0]
        for source in Source.objects.filter(url__contains=tail)[:_READ_AT_MOST]:
            if plain_url(source.url) == wanted:
                found[source.pk] = (source, "网址相同（不计跟踪参数）")
    if wanted := plain_name(title):
        near = Q(date__startswith=date[:4]) | Q(date="") if date else Q()
        # Quotation marks may part the title elsewhere: a piece of it, or its day, leads there.
        alike = Q(title__contains=_core(title)[:6])
        rows = Source.objects.filter(near, alike | Q(date__startswith=date[:7]) if date else alike)
        rows = rows.order_by("-pk")[:_READ_AT_MOST]
        for source in rows:
            if source.pk in found or plain_name(source.title) != wanted:
                continue
            if date and source.date == date:
                found[source.pk] = (source, "标题和日期相同")
            elif not date or not source.date:
                found[source.pk] = (source, "标题相同，其中一个没有日期")
            elif date.startswith(source.date) or source.date.startswith(date):
                found[source.pk] = (source, "标题相同，日期相合")
    return list(found.values())[:_SHOWN_AT_MOST]


def _core(title: str) -> str:
    """Return the longest stretch of Han characters: what two spellings of a title share."""
    runs = re.findall(r"[\u4e00-\u9fff]+", title)
    return max(runs, key=len)[:20] if runs else title.strip()[:20]


def likely_cases(record: Record, exclude: int | None = None) -> list[tuple[Initiative, str]]:
    """Return cases that may be this one, and why; the surest first.

    `record` needs a title; aliases, districts, subdistricts and figures are used where given.
    Withdrawn cases, working copies and `exclude` are left out. Four queries at most.
    """
    ours = _marks_of(record)
    rows = _candidates(ours)
    if exclude is not None:
        rows = [row for row in rows if row.pk != exclude and row.revises_id != exclude]
    scored: list[tuple[int, Initiative, str]] = []
    for row in rows:
        theirs = _Marks(
            _names(row.title, row.aliases),
            {s.code for s in row.subdistricts.all()},
            {d.slug for d in row.districts.all()},
            {(float(f.value), f.unit) for f in row.figures.all()},
        )
        score, reason = _compared(ours, theirs)
        if score:
            scored.append((score, row, reason))
    scored.sort(key=lambda item: (-item[0], item[1].pk))
    return [(row, reason) for _, row, reason in scored[:_SHOWN_AT_MOST]]


class KnownCases:
    """All cases that are here, for asking of many: four queries, whatever is asked.

    Answers as `likely_cases` does.
    """

    def __init__(self) -> None:
        rows = Initiative.objects.filter(revises__isnull=True)
        rows = rows.exclude(status=Initiative.Status.WITHDRAWN).order_by("-pk")
        self.titles: dict[int, str] = {}
        self._marks: dict[int, _Marks] = {}
        self._by_name: dict[str, list[int]] = {}
        self._by_figure: dict[tuple[float, str], list[int]] = {}
        self._by_street: dict[str, list[int]] = {}
        for pk, title, aliases in rows.values_list("pk", "title", "aliases"):
            self.titles[pk] = title
            self._marks[pk] = marks = _Marks(_names(title, aliases), set(), set(), set())
            for name in marks.names:
                self._by_name.setdefault(name, []).append(pk)
        streets = Initiative.subdistricts.through.objects.order_by("-initiative")
        for pk, code in streets.values_list("initiative", "subdistrict__code"):
            if pk in self._marks:
                self._marks[pk].codes.add(code)
                self._by_street.setdefault(code, []).append(pk)
        districts = Initiative.districts.through.objects
        for pk, slug in districts.values_list("initiative", "district__slug"):
            if pk in self._marks:
                self._marks[pk].slugs.add(slug)
        figures = Figure.objects.order_by("-initiative")
        for pk, value, unit in figures.values_list("initiative", "value", "unit"):
            if pk in self._marks:
                self._marks[pk].figures.add((float(value), unit))
                self._by_figure.setdefault((float(value), unit), []).append(pk)

    def likely(self, record: Record, exclude: int | None = None) -> list[tuple[int, str]]:
        """Return the numbers of cases that may be this one, and why; the surest first."""
        ours = _marks_of(record)
        pks: set[int] = set()
        for name in ours.names:
            pks.update(self._by_name.get(name, [])[:_READ_AT_MOST])
        for figure in _telling(ours.figures):
            pks.update(self._by_figure.get(figure, [])[:_OF_ONE_FIGURE])
        for code in ours.codes:
            # The street alone is no reason: only those whose names are alike as well.
            pks.update(
                pk
                for pk in self._by_street.get(code, [])[:_READ_AT_MOST]
                if pk not in pks and _overlap(ours.names, self._marks[pk].names)
            )
        pks.discard(exclude or 0)
        found = [(*_compared(ours, self._marks[pk]), pk) for pk in pks]
        found.sort(key=lambda item: (-item[0], item[2]))
        return [(pk, reason) for score, reason, pk in found[:_SHOWN_AT_MOST] if score]


@dataclass(frozen=True)
class _Marks:
    """What a case may be known by."""

    names: set[str]
    codes: set[str]
    slugs: set[str]
    figures: set[tuple[float, str]]


def _marks_of(record: Record) -> _Marks:
    return _Marks(
        _names(record["title"], record.get("aliases") or []),
        {item["code"] for item in record.get("subdistricts") or []},
        {item["slug"] for item in record.get("districts") or []},
        {(float(f["value"]), f["unit"]) for f in record.get("figures") or []},
    )


def _compared(ours: _Marks, theirs: _Marks) -> tuple[int, str]:
    """Return how sure it is that two are one, 0 for not at all, and why."""
    reasons: list[str] = []
    score = 0
    streets = ours.codes & theirs.codes
    # A case of the whole city or district may be told of one of its streets.
    same_place = bool(streets) or bool(
        (not ours.codes or not theirs.codes) and ours.slugs & theirs.slugs
    )
    elsewhere = bool(ours.codes and theirs.codes and not streets)
    if shared := ours.names & theirs.names:
        reasons.append(f"名称或别名相同：{'、'.join(sorted(shared))}")
        score += 3
    elif part := _overlap(ours.names, theirs.names):
        reasons.append(f"名称相近：{part}")
        score += 1
    if same_place:
        reasons.append("在同一街镇" if streets else "在同一区")
        score += 2 if streets else 1
    telling = {f for f in ours.figures & theirs.figures if f[0] >= _TELLING}
    if telling:
        value, unit = max(telling)
        reasons.append(f"有相同的数据：{_plain_number(value)}{unit}")
        score += 2
    if score < 3 or (elsewhere and score < 5):
        return 0, ""
    return score, "；".join(reasons)


def _telling(figures: set[tuple[float, str]]) -> list[tuple[float, str]]:
    """Return the figures that few cases share: the largest, and none that is small."""
    return [figure for figure in sorted(figures, reverse=True)[:6] if figure[0] >= _TELLING]


def _plain_number(value: float) -> str:
    """Return the number as the site writes it: 24,000,000, 22.5."""
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def _candidates(ours: _Marks) -> list[Initiative]:
    condition = Q(subdistricts__code__in=ours.codes)
    for name in sorted(ours.names, key=len, reverse=True)[:8]:
        # Short enough to be inside a longer or differently marked name.
        core = _core(name)
        if len(core) >= 3:
            # SQLite keeps the names of a list escaped, PostgreSQL as they are.
            escaped = json.dumps(core[:8])[1:-1]
            condition |= Q(title__contains=core[:8])
            condition |= Q(aliases__icontains=core[:8]) | Q(aliases__icontains=escaped)
    for value, unit in _telling(ours.figures):
        same = Figure.objects.filter(value=str(value), unit=unit).values_list(
            "initiative", flat=True
        )
        condition |= Q(pk__in=list(same[:_OF_ONE_FIGURE]))
    rows = (
        Initiative.objects.filter(condition, revises__isnull=True)
        .exclude(status=Initiative.Status.WITHDRAWN)
        .prefetch_related("districts", "subdistricts", "figures")
        .distinct()
        .order_by("-pk")
    )
    return list(rows[:_READ_AT_MOST])


def _names(title: str, aliases: Iterable[str]) -> set[str]:
    """Return title, aliases and what stands in quotation marks, as comparing sees them."""
    quoted = re.findall(r"[“\"「]([^”\"」]{2,30})[”\"」]", title)
    found = {plain_name(name) for name in (title, *aliases, *quoted)}
    return {name for name in found if len(name) >= 3 and name not in _COMMON}


def _overlap(ours: set[str], theirs: set[str]) -> str:
    """Return a name that holds another, if the shorter is most of the longer."""
    for a in ours:
        for b in theirs:
            shorter, longer = sorted((a, b), key=len)
            if len(shorter) >= 4 and shorter in longer:
                return shorter
    return ""
