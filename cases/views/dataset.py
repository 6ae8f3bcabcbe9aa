"""The collection as a data set: how to take all of it, and its description for machines."""

import json
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from cases import facets
from cases.models import Initiative, Revision
from cases.outputs import citations
from cases.outputs import dataset as described

from .caching import until_published

JSON_LD = "application/ld+json"
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}


def _facts() -> described.Facts:
    """Return what is true of the collection now: one query beside the generation's."""
    snapshot = facets.current()
    public = Revision.objects.filter(initiative__in=Initiative.objects.published())
    known = public.aggregate(Count("pk"), Min("published_at"), Max("published_at"))
    first, last = known["published_at__min"], known["published_at__max"]
    years = [year for year in snapshot.years if snapshot.having("year", year)]
    return described.Facts(
        base=settings.SITE_URL,
        cases=len(snapshot.all),
        versions=known["pk__count"],
        issued=timezone.localtime(first).isoformat() if first else None,
        modified=timezone.localtime(last).isoformat() if last else None,
        years=(years[0], years[-1]) if years else None,
    )


def embedded(value: dict[str, Any]) -> str:
    """Return the description as a data block for a page; nothing in it can end the block."""
    text = json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="{JSON_LD}">{text}</script>')  # noqa: S308 - escaped above


@require_safe
@until_published
def dataset(request: HttpRequest) -> HttpResponse:
    facts = _facts()
    item = citations.of_collection(settings.SITE_URL)
    editions: tuple[citations.Edition, ...] = ("2025", "2015")
    today = timezone.localdate()
    context = {
        "facts": facts,
        "licence": described,
        "citations": [(e, citations.gbt7714(item, today, e)) for e in editions],
        "json_ld": embedded(described.schema_org(facts)),
    }
    return render(request, "pages/dataset.html", context)


def _json_ld(value: dict[str, Any]) -> JsonResponse:
    return JsonResponse(
        value,
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        content_type=f"{JSON_LD}; charset=utf-8",
    )


@require_safe
@until_published
def schema_org(request: HttpRequest) -> HttpResponse:
    return _json_ld(described.schema_org(_facts()))


@require_safe
@until_published
def dcat(request: HttpRequest) -> HttpResponse:
    return _json_ld(described.dcat(_facts()))
