"""The home page and the pages about the collection."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from cases import codebook as codebook_module
from cases import facets
from cases.models import Grade
from cases.outputs import metadata
from cases.records import load

from .caching import until_published
from .citations import collection_item
from .citing import citing
from .context import ELDER_COOKIE
from .places import district_tiles

LATEST = 6


@require_safe
@until_published
def home(request: HttpRequest) -> HttpResponse:
    snapshot = facets.current()
    context = {
        "total": len(snapshot.all),
        "tiles": district_tiles(snapshot),
        "themes": [
            {"theme": theme, "count": len(snapshot.having("theme", slug))}
            for slug, theme in snapshot.catalog.themes.items()
        ],
        "topics": [
            {"topic": topic, "count": len(snapshot.having("topic", slug))}
            for slug, topic in snapshot.catalog.topics.items()
            if snapshot.having("topic", slug)
        ],
        "latest": load(snapshot.page(snapshot.all, "-published", 0, LATEST), "-published"),
        "linked_data": [metadata.website(settings.SITE_URL, reverse("cases:list"))],
    }
    return render(request, "pages/home.html", context)


@require_safe
@until_published
def about(request: HttpRequest) -> HttpResponse:
    snapshot = facets.current()
    context = {
        "total": len(snapshot.all),
        "grades": list(Grade),
        **citing(collection_item(snapshot, settings.SITE_URL), "collection"),
    }
    return render(request, "pages/about.html", context)


@require_safe
@until_published
def codebook(request: HttpRequest) -> HttpResponse:
    catalog = facets.current().catalog
    context = {
        "rows": list(codebook_module.codebook_rows()),
        "schema_version": codebook_module.SCHEMA_VERSION,
        "vocabularies": [
            ("改革主题", "theme", catalog.themes.values()),
            ("议题", "topic", catalog.topics.values()),
            ("主体", "actor", catalog.actors.values()),
            ("机制", "mechanism", catalog.mechanisms.values()),
        ],
        "labels": [
            ("成效状态", "status", catalog.labels["status"].items()),
            ("范围", "scope", catalog.labels["scope"].items()),
            ("证据等级", "grade", catalog.labels["grade"].items()),
        ],
    }
    return render(request, "pages/codebook.html", context)


@require_safe
def record_schema(request: HttpRequest) -> JsonResponse:
    return JsonResponse(
        codebook_module.RECORD_SCHEMA,
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        content_type="application/schema+json",
    )


# Exempt because public pages carry no token (they can be cached); all it does is choose type size.
@csrf_exempt
@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """Switch the large-type version on or off and go back to the page one came from."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("cases:home")
    response = redirect(back)
    if request.POST.get("mode") == "elder":
        response.set_cookie(ELDER_COOKIE, "elder", max_age=365 * 24 * 3600, samesite="Lax")
    else:
        response.delete_cookie(ELDER_COOKIE, samesite="Lax")
    return response
