"""Any query as an Atom feed: the cases published last come first."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from . import facets
from .api.manners import base_of, in_words, no_such_page, reading, refused, unless_known
from .filters import CaseQuery
from .outputs.exports import printable
from .records import Record, load, published_at_of
from .views.context import site

PAGE_SIZE = 50
# Says whose the ids are, in the form of RFC 4151. Never changed, whatever the site is called
# and wherever it moves: a reader takes an entry with another id for a new one.
TAG = "tag:governance-cases,2026:"


class CaseFeed(Atom1Feed):
    """Atom with the links of a paged feed, and terms that have a label (RFC 5005, RFC 4287)."""

    def latest_post_date(self) -> datetime:
        latest: datetime = self.feed["latest"]
        return latest

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        for rel, href in self.feed["pages"]:
            handler.addQuickElement("link", "", {"rel": rel, "href": href})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for topic in item["topics"]:
            handler.addQuickElement(
                "category", "", {"term": topic["slug"], "label": printable(topic["name"])}
            )


@reading
def case_feed(request: HttpRequest) -> HttpResponseBase:
    query = CaseQuery(request.GET, facets.current())
    if errors := refused(query):
        return errors
    query.sort = "-published"
    if query.page > query.pages(PAGE_SIZE):
        return no_such_page()

    def make() -> HttpResponseBase:
        response = HttpResponse(content_type=CaseFeed.content_type)
        _feed(request, query).write(response, "utf-8")
        return response

    about = (query.snapshot.generation, query.url(page=query.page))
    return unless_known(request, about, make)


def _feed(request: HttpRequest, query: CaseQuery) -> CaseFeed:
    base, rows = base_of(request), query.rows(PAGE_SIZE)
    name = _name(query)
    feed = CaseFeed(
        title=printable(_feed_title(request, query)),
        link=f"{base}{reverse('cases:list')}{name}",
        description=None,
        language="zh-CN",
        author_name=site(request)["site_name"],
        feed_url=_page(request, query, query.page),
        feed_guid=f"{TAG}cases{name}",
        latest=_latest(query, rows),
        pages=list(_pages(request, query)),
    )
    for record in rows:
        feed.add_item(
            title=printable(record["title"]),
            link=f"{base}{record['url']}",
            description=escape(printable(record["summary"] or "")),
            unique_id=f"{TAG}case/{record['id']}",
            updateddate=published_at_of(record),
            topics=record["topics"],
        )
    return feed


def _feed_title(request: HttpRequest, query: CaseQuery) -> str:
    return _("%(site)s：%(words)s") % {"site": site(request)["site_name"], "words": in_words(query)}


def _name(query: CaseQuery, **changes: Any) -> str:
    """Return the query string, or nothing; the order is the feed's own and no part of it."""
    return query.url(sort=None, **changes).removesuffix("?")


def _page(request: HttpRequest, query: CaseQuery, number: int) -> str:
    name = _name(query, page=number if number > 1 else None)
    return f"{base_of(request)}{request.path}{name}"


def _pages(request: HttpRequest, query: CaseQuery) -> Iterable[tuple[str, str]]:
    last = query.pages(PAGE_SIZE)
    yield "first", _page(request, query, 1)
    yield "last", _page(request, query, last)
    if query.page > 1:
        yield "previous", _page(request, query, query.page - 1)
    if query.page < last:
        yield "next", _page(request, query, query.page + 1)


def _latest(query: CaseQuery, rows: list[Record]) -> datetime:
    """Return when the newest case was published that the query finds; an empty feed is old."""
    if query.page > 1:
        rows = load(query.snapshot.page(query.found, "-published", 0, 1))
    found = published_at_of(rows[0]) if rows else None
    return found or facets.EPOCH
