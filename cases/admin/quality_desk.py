"""The quality desk: what is to be mended, and the way to the field where it is."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.quality_lists import LISTS, Row

from .queues import Listing
from .workflow import WorkflowAdmin


class QualityAdmin(WorkflowAdmin):
    """One page with all counts, and one for each list."""

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return self.admin_site.admin_view(require_safe(view))

        return [
            path("quality/", wrap(self.quality_view), name="cases_initiative_quality"),
            path(
                "quality/<slug:slug>/",
                wrap(self.quality_list_view),
                name="cases_initiative_quality_list",
            ),
            *super().get_urls(),
        ]

    def quality_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.desk_page(
            request,
            "admin/desk/quality.html",
            title=_("质量台"),
            here="quality",
            lists=[(item, Paginator(item.find(), 1).count) for item in LISTS.values()],
        )

    def quality_list_view(self, request: HttpRequest, slug: str) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if slug not in LISTS:
            raise Http404
        item = LISTS[slug]
        listing = Listing(request, item.find())
        return self.desk_page(
            request,
            "admin/desk/quality_list.html",
            title=item.title,
            here="quality",
            item=item,
            listing=listing,
            rows=[self._shown(row) for row in item.show(listing.rows)],
        )

    def _shown(self, row: Row) -> dict[str, Any]:
        url = reverse(f"admin:cases_{row.model}_change", args=[row.pk])
        return {
            "title": row.title,
            "url": url,
            "problems": [
                {"url": f"{url}#{self.anchor(problem.field)}", "message": problem.message}
                for problem in row.problems
            ],
        }
