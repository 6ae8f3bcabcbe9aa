"""What may be here already: the same case, the same source; each with the reason, in Chinese.

For an editor to look at. Nothing is merged, and every question reads a bounded number of rows.
"""

import json
import re
from collections.abc import Iterable
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
    names = _names(record["title"], record.get("aliases") or [])
    codes = {item["code"] for item in record.get("subdistricts") or []}
    slugs = {item["slug"] for item in record.get("districts") or []}
    figures = {(float(f["value"]), f["unit"]) for f in record.get("figures") or []}
    rows = _candidates(names, codes, figures)
    if exclude is not None:
        rows = [row for row in rows if row.pk != exclude and row.revises_id != exclude]
    scored: list[tuple[int, Initiative, str]] = []
    for row in rows:
        reasons: list[str] = []
        score = 0
        here = {s.code for s in row.subdistricts.all()}
        # A case of the whole city or district may be told of one of its streets.
        same_place = bool(codes & here) or bool(
            (not codes or not here) and slugs & {d.slug for d in row.districts.all()}
        )
        elsewhere = bool(codes and here and not codes & here)
        if shared := names & _names(row.title, row.aliases):
            reasons.append(f"名称或别名相同：{'、'.join(sorted(shared))}")
            score += 3
        elif part := _overlap(names, _names(row.title, row.aliases)):
            reasons.append(f"名称相近：{part}")
            score += 1
        if same_place:
            reasons.append("在同一街镇" if codes & here else "在同一区")
            score += 2 if codes & here else 1
        same_figures = figures & {(float(f.value), f.unit) for f in row.figures.all()}
        telling = {f for f in same_figures if f[0] >= 20}
        if telling:
            value, unit = max(telling)
            reasons.append(f"有相同的数据：{_plain_number(value)}{unit}")
            score += 2
        if score >= 3 and not (elsewhere and score < 5):
            scored.append((score, row, "；".join(reasons)))
    scored.sort(key=lambda item: (-item[0], item[1].pk))
    return [(row, reason) for _, row, reason in scored[:_SHOWN_AT_MOST]]


def _plain_number(value: float) -> str:
    """Return the number as the site writes it: 24,000,000, 22.5."""
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def _candidates(
    names: set[str], codes: set[str], figures: set[tuple[float, str]]
) -> list[Initiative]:
    condition = Q(subdistricts__code__in=codes)
    for name in sorted(names, key=len, reverse=True)[:8]:
        # Short enough to be inside a longer or differently marked name.
        core = _core(name)
        if len(core) >= 3:
            # SQLite keeps the names of a list escaped, PostgreSQL as they are.
            escaped = json.dumps(core[:8])[1:-1]
            condition |= Q(title__contains=core[:8])
            condition |= Q(aliases__icontains=core[:8]) | Q(aliases__icontains=escaped)
    for value, unit in sorted(figures, reverse=True)[:6]:
        if value >= 20:
            same = Figure.objects.filter(value=str(value), unit=unit).values("initiative")[:50]
            condition |= Q(pk__in=list(same.values_list("initiative", flat=True)))
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
