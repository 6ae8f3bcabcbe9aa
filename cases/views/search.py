"""Suggestions for the search box."""

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import facets
from cases.search.query import LONGEST
from cases.search.suggest import suggest

from .caching import until_published


@require_safe
@until_published
def suggestions(request: HttpRequest) -> JsonResponse:
    q = request.GET.get("q", "")
    if len(q) > LONGEST or "\0" in q:
        error = _("检索词不能超过 200 个字，也不能含有控制字符。")
        return JsonResponse({"error": error, "errors": {"q": [error]}}, status=400)
    found = suggest(q, facets.current())
    return JsonResponse({"suggestions": [asdict(item) for item in found]})
