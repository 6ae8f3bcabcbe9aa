"""Coverage as a table of two facets, and the distribution of each facet."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import facets
from cases.api.manners import as_file, reading, refused
from cases.filters import CaseQuery
from cases.outputs import exports, plots
from cases.parameters import FACETS
from cases.statistics import COLUMNS, PLOTS, ROWS, Matrix, distribution

from .caching import until_published


def invalid(
    request: HttpRequest, query: CaseQuery, more: dict[str, list[str]] | None = None
) -> HttpResponse:
    """Refuse bad parameters on a page, with the address that lacks them."""
    fields = query.filter.form.fields
    errors = [
        {"name": name, "label": fields[name].label if name in fields else _("表的式样"), "why": why}
        for name, why in (query.errors | (more or {})).items()
    ]
    context = {"errors": errors, "names": [error["name"] for error in errors]}
    return render(request, "statistics/invalid.html", context, status=400)


class _Layout:
    """Which facets the matrix sets against each other."""

    def __init__(self, request: HttpRequest) -> None:
        self.rows = request.GET.get("rows") or ROWS[0]
        self.columns = request.GET.get("columns") or COLUMNS[0]
        self.errors = {
            name: [_("没有这个值。")]
            for name, value, known in (
                ("rows", self.rows, ROWS),
                ("columns", self.columns, COLUMNS),
            )
            if value not in known
        }

    def changes(self, **other: str) -> dict[str, str | None]:
        """Return what stands for the layout in an address; the usual one needs nothing."""
        wanted = {"rows": self.rows, "columns": self.columns} | other
        usual = (ROWS[0], COLUMNS[0])
        return {name: value for name, value in wanted.items() if value not in usual}


@require_safe
@until_published
def matrix(request: HttpRequest) -> HttpResponse:
    query, layout = CaseQuery(request.GET, facets.current()), _Layout(request)
    if not query.is_valid or layout.errors:
        return invalid(request, query, layout.errors)
    address = query.url(**layout.changes())
    context = {
        "query": query,
        "matrix": Matrix(query, layout.rows, layout.columns),
        "row_title": FACETS[layout.rows].title,
        "column_title": FACETS[layout.columns].title,
        "by_district": layout.rows == "district",
        "address": address,
        "plain": query.url(**layout.changes(), **query.no_choices, q=None, sort=None),
        "layouts": [
            {
                "label": f"{FACETS[rows].title} × {FACETS[columns].title}",
                "url": query.url(**layout.changes(rows=rows, columns=columns)),
                "selected": (rows, columns) == (layout.rows, layout.columns),
            }
            for rows in ROWS
            for columns in COLUMNS
        ],
        "grades": [
            {
                "label": _("%(grade)s 级及以上") % {"grade": grade},
                "url": query.url(**layout.changes(), grade=grade),
                "selected": query.grade == grade,
            }
            for grade in query.snapshot.catalog.labels["grade"]
        ],
        "any_grade": query.url(**layout.changes(), grade=None),
    }
    return render(request, "statistics/matrix.html", context)


@reading
def matrix_csv(request: HttpRequest) -> HttpResponseBase:
    query, layout = CaseQuery(request.GET, facets.current()), _Layout(request)
    if refusal := refused(query, layout.errors):
        return refusal
    table = Matrix(query, layout.rows, layout.columns)
    lines: list[list[Any]] = [
        [
            FACETS[layout.rows].title,
            _("代码"),
            *(column.label for column in table.columns),
            _("合计"),
            _("案例数"),
        ]
    ]
    lines += [
        [
            row.entry.label,
            row.entry.value,
            *(cell.number for cell in row.cells),
            row.pairs,
            row.cases.number,
        ]
        for row in table.rows
    ]
    lines.append([_("合计"), "", *table.pairs, table.all_pairs, ""])
    cases = [count.number for count in table.cases]
    lines.append([_("案例数"), "", *cases, sum(cases), table.all_cases.number])
    return _csv(lines, "matrix")


def _csv(lines: Iterable[list[Any]], name: str) -> HttpResponse:
    body = exports.csv_bytes(
        [exports.harmless(cell) if isinstance(cell, str) else cell for cell in line]
        for line in lines
    )
    return as_file(HttpResponse(body, content_type="text/csv; charset=utf-8"), f"{name}.csv")


@require_safe
@until_published
def statistics(request: HttpRequest) -> HttpResponse:
    query = CaseQuery(request.GET, facets.current())
    if not query.is_valid:
        return invalid(request, query)
    list_url = reverse("cases:list")
    distributions = [distribution(query, name) for name in PLOTS]
    context = {
        "query": query,
        "plain": query.url(**query.no_choices, q=None, sort=None),
        "plots": [
            {
                "of": plot,
                "svg": plots.bars(
                    (
                        plots.Item(
                            bar.entry.label,
                            bar.count.number,
                            bar.count.shade,
                            f"{list_url}{bar.count.url}" if bar.count.url else "",
                        )
                        for bar in plot.drawn
                    ),
                    f"{plot.name}-title",
                ),
            }
            for plot in distributions
        ],
    }
    return render(request, "statistics/statistics.html", context)


@reading
def statistics_csv(request: HttpRequest) -> HttpResponseBase:
    query = CaseQuery(request.GET, facets.current())
    if refusal := refused(query):
        return refusal
    lines: list[list[Any]] = [[_("分类"), _("值"), _("代码"), _("案例数")]]
    for name in PLOTS:
        plot = distribution(query, name)
        lines += [
            [plot.title, bar.entry.label, bar.entry.value, bar.count.number] for bar in plot.bars
        ]
    return _csv(lines, "statistics")
