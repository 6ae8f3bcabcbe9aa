"""What search engines may know: published cases, what they rest on, and the pages around them."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import index as index_view
from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from . import facets
from .models import Initiative, Source


class CaseSitemap(Sitemap):
    def items(self) -> Any:
        return Initiative.objects.published().order_by("pk").only("pk", "published_at")

    def lastmod(self, item: Initiative) -> datetime | None:
        return item.published_at

    def get_latest_lastmod(self) -> datetime | None:
        return _latest_publication()


class PageSitemap(Sitemap):
    """Pages of their own; those that list cases change with the latest of these, at the least."""

    def items(self) -> list[tuple[str, datetime | None]]:
        return self._all

    @cached_property
    def _all(self) -> list[tuple[str, datetime | None]]:
        snapshot = facets.current()
        catalog = snapshot.catalog
        latest = {}
        for name, things in (
            ("district", catalog.districts),
            ("theme", catalog.themes),
            ("policy", catalog.policies),
        ):
            for value, thing in things.items():
                latest[thing.get_absolute_url()] = snapshot.having(name, value)
        newest = {path: snapshot.page(found, "-published", 0, 1) for path, found in latest.items()}
        newest |= {
            reverse(f"cases:{name}"): snapshot.page(snapshot.all, "-published", 0, 1)
            for name in ("home", "list", "districts", "themes", "policies", "matrix", "statistics")
        }
        rows = Initiative.objects.published().filter(
            pk__in={i for ids in newest.values() for i in ids}
        )
        dates = dict(rows.values_list("pk", "published_at"))
        return [
            *((path, dates.get(ids[0]) if ids else None) for path, ids in newest.items()),
            *(
                (reverse(f"cases:{name}"), None)
                for name in ("about", "codebook", "dataset", "api-docs")
            ),
        ]

    def location(self, item: tuple[str, datetime | None]) -> str:
        return item[0]

    def lastmod(self, item: tuple[str, datetime | None]) -> datetime | None:
        return item[1]

    def get_latest_lastmod(self) -> datetime | None:
        return _latest_publication()


class SourceSitemap(Sitemap):
    def items(self) -> Any:
        published = models.Q(evidence__initiative__in=Initiative.objects.published())
        latest = models.Max("evidence__initiative__published_at", filter=published)
        return Source.objects.public().annotate(latest=latest).order_by("pk").only("key")

    def lastmod(self, item: Any) -> datetime | None:
        latest: datetime | None = item.latest
        return latest

    def get_latest_lastmod(self) -> datetime | None:
        return _latest_publication()


def _latest_publication() -> datetime | None:
    latest = Initiative.objects.published().aggregate(latest=models.Max("published_at"))["latest"]
    return latest if isinstance(latest, datetime) else None


SITEMAPS: dict[str, Any] = {
    "pages": PageSitemap,
    "cases": CaseSitemap,
    "sources": SourceSitemap,
}


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """Answer with all addresses, or with an index of files where one may not hold as many."""
    made = {name: section() for name, section in SITEMAPS.items()}
    if sum(section.paginator.count for section in made.values()) <= Sitemap.limit:
        return sitemap_view(request, made)
    return index_view(request, made, sitemap_url_name="cases:sitemap-section")


@require_safe
def section(request: HttpRequest, section: str) -> HttpResponseBase:
    return sitemap_view(request, SITEMAPS, section)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('admin:index')}",
        f"Sitemap: {request.build_absolute_uri(reverse('cases:sitemap'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
