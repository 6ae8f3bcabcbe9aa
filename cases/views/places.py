"""Districts: the list, and the page of one."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases import facets
from cases.facets import Snapshot
from cases.records import load

from .caching import until_published

# Cases named under one theme of a district page; the rest is one link away.
SHOWN = 5


def district_tiles(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return today's districts with their counts and a shade from 0 (none) to 4 (most)."""
    counts = {
        d.slug: len(snapshot.having("district", d.slug)) for d in snapshot.catalog.todays_districts
    }
    most = max(counts.values(), default=0)
    return [
        {
            "district": district,
            "count": counts[district.slug],
            "shade": -(-4 * counts[district.slug] // most) if most else 0,
        }
        for district in snapshot.catalog.todays_districts
    ]


@require_safe
@until_published
def district_list(request: HttpRequest) -> HttpResponse:
    snapshot = facets.current()
    context = {
        "tiles": district_tiles(snapshot),
        "dissolved": [
            {"district": d, "count": len(snapshot.having("district", d.slug))}
            for d in snapshot.catalog.districts.values()
            if d.dissolved
        ],
        "citywide": len(snapshot.having("scope", "全市")),
    }
    return render(request, "places/district_list.html", context)


@require_safe
@until_published
def district(request: HttpRequest, slug: str) -> HttpResponse:
    snapshot = facets.current()
    catalog = snapshot.catalog
    place = catalog.districts.get(slug)
    if place is None:
        raise Http404
    here = snapshot.having("district", slug)
    groups: list[dict[str, Any]] = []
    without = here
    for theme_slug, theme in catalog.themes.items():
        found = here & snapshot.having("theme", theme_slug)
        without = without - found
        groups.append({"theme": theme, "found": found, "count": len(found)})
    groups.append({"theme": None, "found": without, "count": len(without)})
    for group in groups:
        group["ids"] = snapshot.page(group["found"], "-year", 0, SHOWN)
    rows = {r["id"]: r for r in load(list({pk for group in groups for pk in group["ids"]}))}
    for group in groups:
        group["rows"] = [rows[pk] for pk in group["ids"] if pk in rows]
    context = {
        "district": place,
        "total": len(here),
        "groups": [group for group in groups if group["count"]],
        "unrecorded": [g["theme"] for g in groups if g["theme"] and not g["count"]],
        "subdistricts": [
            {"subdistrict": s, "count": len(snapshot.having("subdistrict", s.code))}
            for s in catalog.subdistricts.values()
            if s.district_id == place.pk
        ],
        "predecessors": [d for d in catalog.districts.values() if d.merged_into_id == place.pk],
    }
    return render(request, "places/district.html", context)
