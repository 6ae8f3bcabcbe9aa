"""What search engines may know: published cases and the pages around them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from .models import District, Initiative, PolicyDocument, Theme


class CaseSitemap(Sitemap):
    def items(self) -> Any:
        return Initiative.objects.published().order_by("pk").only("pk", "published_at")

    def lastmod(self, item: Initiative) -> datetime | None:
        return item.published_at


class PageSitemap(Sitemap):
    def items(self) -> Iterable[str]:
        return [
            *(
                reverse(f"cases:{name}")
                for name in ("home", "list", "districts", "themes", "policies", "about", "codebook")
            ),
            *(d.get_absolute_url() for d in District.objects.all()),
            *(t.get_absolute_url() for t in Theme.objects.all()),
            *(p.get_absolute_url() for p in PolicyDocument.objects.all()),
        ]

    def location(self, item: str) -> str:
        return item


SITEMAPS: dict[str, Any] = {
    "pages": PageSitemap,
    "cases": CaseSitemap,
}


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    return sitemap_view(request, SITEMAPS)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('admin:index')}",
        f"Sitemap: {request.build_absolute_uri(reverse('cases:sitemap'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
