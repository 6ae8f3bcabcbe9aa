"""The seven strands of the reform."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases import facets
from cases.models import PolicyStatement
from cases.records import load

from .caching import until_published

# Cases named under one district of a theme page; the rest is one link away.
SHOWN = 5


@require_safe
@until_published
def theme_list(request: HttpRequest) -> HttpResponse:
    snapshot = facets.current()
    context = {
        "themes": [
            {
                "theme": theme,
                "count": len(snapshot.having("theme", slug)),
                "documents": [
                    p for p in snapshot.catalog.policies.values() if p.theme_id == theme.pk
                ],
            }
            for slug, theme in snapshot.catalog.themes.items()
        ],
    }
    return render(request, "themes/theme_list.html", context)


@require_safe
@until_published
def theme(request: HttpRequest, slug: str) -> HttpResponse:
    snapshot = facets.current()
    catalog = snapshot.catalog
    strand = catalog.themes.get(slug)
    if strand is None:
        raise Http404
    found = snapshot.having("theme", slug)
    groups: list[dict[str, Any]] = [
        {"district": d, "found": found & snapshot.having("district", d.slug)}
        for d in catalog.todays_districts
    ]
    citywide = found & snapshot.having("scope", "全市")
    groups.append({"district": None, "found": citywide})
    for group in groups:
        group["count"] = len(group["found"])
        group["ids"] = snapshot.page(group["found"], "-year", 0, SHOWN)
    rows = {r["id"]: r for r in load(list({pk for group in groups for pk in group["ids"]}))}
    for group in groups:
        group["rows"] = [rows[pk] for pk in group["ids"] if pk in rows]
    documents = [p for p in catalog.policies.values() if p.theme_id == strand.pk]
    statements = list(
        PolicyStatement.objects.filter(document__in=documents)
        .select_related("source", "document")
        .order_by("document__order", "order")
    )
    context = {
        "theme": strand,
        "total": len(found),
        "groups": [group for group in groups if group["count"]],
        "empty": [g["district"] for g in groups if g["district"] and not g["count"]],
        "documents": documents,
        "statements": statements,
    }
    return render(request, "themes/theme.html", context)
