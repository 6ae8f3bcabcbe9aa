"""How values of a record are put into words on a page. No filter here asks the database."""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from django import template
from django.conf import settings
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cases.codebook import AFTER_UNIT, BEFORE_NUMBER, SECTION_TITLES
from cases.filters import PAGE_SIZE, CaseQuery, FacetValue
from cases.models import Grade, Participation
from cases.outputs import briefs, citations, comparison, metadata
from cases.records import Record
from cases.search.text import typed

register = template.Library()

# A case of more districts than this is named by the first and their number.
DISTRICTS_NAMED = 3
# Rows and columns of the tile map that the style sheet knows.
MAP_ROWS, MAP_COLUMNS = 6, 5
_CURRENT = mark_safe(' aria-current="true"')


# --- Results ---


@register.filter
def fits_page(query: CaseQuery) -> bool:
    """Return whether the result can be a brief on a page."""
    return 0 < query.total <= briefs.MOST_ON_PAGE


@register.filter
def fits_word(query: CaseQuery) -> bool:
    return 0 < query.total <= briefs.MOST


@register.filter
def fits_comparison(query: CaseQuery) -> bool:
    return comparison.FEWEST <= query.total <= comparison.MOST


# --- Dates ---


@register.filter
def partial_date(value: str | None) -> str:
    """`2014-07` -> 2014 年 7 月; nothing -> 未记录."""
    if not value:
        return _("未记录")
    parts = (f"{int(part)} {unit}" for part, unit in zip(value.split("-"), "年月日", strict=False))
    return " ".join(parts)


@register.filter
def period(value: dict[str, Any]) -> str:
    """Return a record's period in words, as exact as it is known."""
    start, end = value["start"], value["end"]
    if start and end:
        if start == end:
            return partial_date(start)
        return _("%(start)s至 %(end)s") % {
            "start": partial_date(start),
            "end": partial_date(end),
        }
    if start:
        return _("%(start)s起") % {"start": partial_date(start)}
    if end:
        return _("到 %(end)s") % {"end": partial_date(end)}
    return _("未记录")


@register.filter
def day(value: str | None) -> str:
    """Return the day of an ISO date and time."""
    return (value or "")[:10]


# --- Numbers ---


@register.filter
def quantity(figure: dict[str, Any]) -> str:
    """Return value, qualifier and unit in their Chinese order: 300 余场, 约 300 场, 300 场以上."""
    number, unit, word = f"{figure['value']:,}", figure["unit"], figure["qualifier"] or ""
    if not unit.startswith(("%", "‰", "℃")):
        unit = f" {unit}" if word not in ("余", "多") else unit
    if word.startswith(BEFORE_NUMBER):
        return f"{word} {number}{unit}"
    if word in AFTER_UNIT:
        return f"{number}{unit}{word}"
    return f"{number} {word}{unit}" if word else f"{number}{unit}"


# --- Places ---


@register.filter
def place(record: Record) -> str:
    """Return where a case is, short enough for one line of a list."""
    if record["scope"] == "全市":
        return _("全市")
    streets: dict[str, list[str]] = {}
    for street in record["subdistricts"]:
        streets.setdefault(street["district"], []).append(street["name"])
    names = [d["name"] + "、".join(streets.pop(d["slug"], [])) for d in record["districts"]]
    # A street of a dissolved district stands under the successor, which the record may not name.
    names += ["、".join(rest) for rest in streets.values()]
    if len(names) > DISTRICTS_NAMED:
        return _("%(first)s等 %(count)d 个区") % {"first": names[0], "count": len(names)}
    return "、".join(names) or _("未记录")


@register.filter
def recorded(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for item in items if item["count"]]


@register.filter
def unrecorded(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for item in items if not item["count"]]


@register.filter
def as_map(tiles: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the tiles in reading order of the map, each with the classes of its cell.

    A district without a place on the map goes below it.
    """

    def cell(tile: dict[str, Any]) -> tuple[int, int]:
        row, column = tile["district"].tile_row, tile["district"].tile_column
        if row in range(1, MAP_ROWS + 1) and column in range(1, MAP_COLUMNS + 1):
            return row, column
        return MAP_ROWS + 1, 0

    return [{**tile, "cell": "r{} c{}".format(*cell(tile))} for tile in sorted(tiles, key=cell)]


# --- Who took part ---


@register.filter
def by_role(participations: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return (role, who) in the order of the roles, the unrecorded one last."""
    groups: dict[str, list[dict[str, Any]]] = {str(role): [] for role in Participation.Role.values}
    for item in participations:
        groups[item["role"] or Participation.Role.UNRECORDED].append(item)
    groups[_("角色未记录")] = groups.pop(Participation.Role.UNRECORDED)
    return [(role, items) for role, items in groups.items() if items]


# --- Evidence ---


@register.filter
def grade_text(grade: str) -> str:
    """Return what a grade means, without its letter."""
    return str(Grade(grade).label).partition(" ")[2]


@register.filter
def best_grade(record: Record) -> str:
    return min((item["grade"] for item in record["evidence"]), default="")


@register.filter
def section_title(anchor: str) -> str:
    """Return the section in which a mark stands: `approach-1-2` -> 做法."""
    return SECTION_TITLES.get(anchor.partition("-")[0], "")


@register.filter
def authors(source: Any) -> list[str]:
    """Return who wrote a source, given as a record's dictionary or as a row."""
    return list(source["author"] if isinstance(source, dict) else source.authors)


@register.filter
def of_kind(statements: Iterable[Any], kind: str) -> list[Any]:
    return [statement for statement in statements if statement.kind == kind]


@register.filter
def boxed_tables(html: SafeString) -> SafeString:
    """Put each table of cleaned HTML into a box that scrolls and takes the focus."""
    box = format_html(
        '<div class="scroll" role="group" aria-label="{}" tabindex="0"><table>', _("表格")
    )
    boxed = str(html).replace("<table>", box).replace("</table>", "</table></div>")
    return mark_safe(boxed)  # noqa: S308 - the tables come from nh3, the box from format_html


# --- The query ---


@register.filter
def shown(query: CaseQuery) -> str:
    """Return which of the found cases stand on the page: 1–20."""
    first = (query.page - 1) * PAGE_SIZE + 1
    last = min(first + PAGE_SIZE - 1, query.total)
    return f"{first}–{last}" if last > first else str(first)


@register.filter
def value_lines(values: Iterable[FacetValue], opened: str = "") -> SafeString:
    """Return a facet's values as items of a list; no link where nothing would be found.

    `opened` is the facet that stays open, whose values can be narrowed by typing. A page has a
    hundred values: a loop in the template would take a third of its time.
    """
    lines = [
        format_html(
            '\n      <li{}><a href="{}" rel="nofollow"{}><span>{}</span> '
            '<span class="n">{}</span></a></li>',
            format_html(' data-typed="{}"', typed(value.label)) if opened else "",
            value.opening(opened),
            _CURRENT if value.selected else "",
            value.label,
            value.count,
        )
        if value.count or value.selected
        else format_html(
            '\n      <li><span class="none"><span>{}</span> <span class="n">0</span></span></li>',
            value.label,
        )
        for value in values
    ]
    return mark_safe("".join(lines))  # noqa: S308 - each line comes from format_html


@register.filter
def apart_from_years(query: CaseQuery) -> list[tuple[str, str]]:
    """Return the parameters that the form of years must carry along."""
    return parse_qsl(query.url(year_from=None, year_to=None)[1:])


@register.filter
def without(data: QueryDict, names: Iterable[str]) -> str:
    """Return a query string that lacks these parameters and the page."""
    rest = data.copy()
    for name in [*names, "page"]:
        rest.pop(name, None)
    return f"?{rest.urlencode()}" if rest else ""


# --- What programs read ---


@register.filter
def coins(row: Any) -> SafeString:
    """Return what lets Zotero take a row of a list, given as a record or a policy document."""
    if isinstance(row, dict):
        item = citations.of_case(row, settings.SITE_URL)
    else:
        item = citations.of_policy(row)
    return format_html('<span class="Z3988" title="{}"></span>', metadata.coins(item))


@register.filter
def meta_tags(item: citations.Item) -> Iterator[tuple[str, str]]:
    return metadata.tags(item)


@register.filter
def json_ld(nodes: list[Any]) -> SafeString:
    """Return a data block for search engines; a browser neither runs it nor needs to allow it."""
    text = json.dumps(nodes, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308
