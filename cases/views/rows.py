"""The rows of a list of cases, each rendered once.

A published version never changes and its row depends on nothing else, so rows are kept for as
long as there is room. A search puts its marks into the kept row.
"""

import secrets
from dataclasses import dataclass

from django.core.cache import caches
from django.template.loader import get_template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from cases.filters import CaseQuery
from cases.records import Record, load, outlines
from cases.search.highlight import Marker, Why

# Stands in a row where a search may put something else; no text of a record can contain it.
_SEAM = mark_safe(f"<{secrets.token_hex()}>")  # noqa: S308 - hexadecimal digits

# A row cut at its seams: title, summary and passages found stand at 1, 3 and 5.
Pieces = tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One line of a list, ready for the page."""

    id: int
    html: SafeString


def rows_of(query: CaseQuery) -> list[Row]:
    """Return the rows of the page; for a search they show where its words stand.

    One query, and one more for the records of rows that are not kept.
    """
    if query.search is None:
        names = {item["id"]: _name(item) for item in query.rows(read=outlines)}
        kept = caches["rows"].get_many(names.values())
        found = {pk: kept.get(name) for pk, name in names.items()}
        missing = [pk for pk, pieces in found.items() if pieces is None]
        if missing:
            found |= {record["id"]: rendered(record) for record in load(missing)}
        return [Row(pk, _joined(*pieces)) for pk, pieces in found.items() if pieces]
    records = query.rows()
    kept = caches["rows"].get_many(map(_name, records))
    marker = Marker(query.search)
    rows = []
    for record in records:
        pieces = kept.get(_name(record)) or rendered(record)
        title = marker.marked(record["title"])
        summary = marker.marked(record["summary"] or "")
        why = _why(marker.why(record))
        html = _joined(pieces[0], title, pieces[2], summary, pieces[4], why, pieces[6])
        rows.append(Row(record["id"], html))
    return rows


def rendered(record: Record) -> Pieces:
    """Render the row of a record, cut it at its seams, and keep it."""
    context = {
        "case": record,
        "title": _SEAM + conditional_escape(record["title"]) + _SEAM,
        "summary": _SEAM + conditional_escape(record["summary"] or "") + _SEAM,
        "why": _SEAM + _SEAM,
        "level": 2,
    }
    pieces = tuple(get_template("cases/_row.html").render(context).split(_SEAM))
    caches["rows"].set(_name(record), pieces, timeout=None)
    return pieces


def _name(item: Record) -> str:
    """Return what a version of a record, or its outline, is kept under."""
    return f"{item['id']}:{item['version']}:{item['published_at']}"


def _joined(*pieces: str) -> SafeString:
    return mark_safe("".join(pieces))  # noqa: S308 - rendered, or marked, as HTML


def _why(passages: list[Why]) -> str:
    if not passages:
        return ""
    lines = ((passage.title, passage.html) for passage in passages)
    each = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", lines)
    return format_html('<dl class="why">{}</dl>', each)
