"""Shared sets of cases and shared queries: for whoever has the address, with or without account."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from io import BytesIO
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import facets
from cases.api.manners import base_of, in_words
from cases.api.views import absolute
from cases.feeds import PAGE_SIZE as FEED_SIZE
from cases.feeds import TAG, CaseFeed
from cases.filters import CaseQuery
from cases.models import Collection, CollectionItem, Initiative, SavedQuery
from cases.openapi import XLSX
from cases.outputs import briefs, citations, exports
from cases.outputs.comparison import FEWEST, MOST
from cases.records import Record, load, published_at_of

from .briefs import brief_of, word
from .citations import edition_of
from .citing import citing
from .comparison import columns_of
from .context import site

PAGE_SIZE = 50


class Contents:
    """What a set holds, as the public may see it: in its order, without drafts."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    @cached_property
    def places(self) -> list[CollectionItem]:
        """Each item with its case's status: one query."""
        return list(self.collection.items.select_related("initiative").only(*_NEEDED))

    @cached_property
    def published(self) -> list[CollectionItem]:
        return [item for item in self.places if item.initiative.is_published]

    @cached_property
    def withdrawn(self) -> int:
        gone = Initiative.Status.WITHDRAWN
        return sum(item.initiative.status == gone for item in self.places)

    def records(self, items: list[CollectionItem] | None = None) -> list[Record]:
        """Return the published records in the set's order, each with its `note`: one query."""
        items = self.published if items is None else items
        notes = {item.initiative_id: item.note for item in items}
        return [r | {"note": notes[r["id"]] or None} for r in load(list(notes))]

    def page(self, number: int) -> list[dict[str, Any]]:
        """Return items with their columns, which say what has become of each case."""
        items = self.places[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        columns = columns_of([item.initiative_id for item in items])
        return [
            {"item": item, "column": column} for item, column in zip(items, columns, strict=True)
        ]

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.places) // PAGE_SIZE))


_NEEDED = (
    "collection",
    "note",
    "position",
    "added",
    "initiative__status",
    "initiative__published_at",
)


def page_number(request: HttpRequest, last: int) -> int:
    """Return the page that is asked for; 404 for one that there is not."""
    given = request.GET.get("page", "1")
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= last):
        raise Http404
    return int(given)


def pager_of(number: int, last: int) -> dict[str, Any]:
    pages = [{"number": n, "url": f"?page={n}" if n > 1 else "?"} for n in range(1, last + 1)]
    return {
        "links": pages if last > 1 else [],
        "page": number,
        "previous": pages[number - 2]["url"] if number > 1 else "",
        "next": pages[number]["url"] if number < last else "",
    }


def cited(kept: Collection | SavedQuery) -> dict[str, Any]:
    name = "set" if isinstance(kept, Collection) else "saved"
    return citing(citations.of_kept(kept, settings.SITE_URL), name, key=kept.key)


def _shared(key: str) -> Collection:
    found: Collection = get_object_or_404(Collection.objects.shared(), key=key)
    return found


@require_safe
def collection(request: HttpRequest, key: str) -> HttpResponse:
    kept = _shared(key)
    contents = Contents(kept)
    number = page_number(request, contents.pages)
    published = [item.initiative_id for item in contents.published]
    comparable = FEWEST <= len(published) <= MOST
    context = {
        "subject": kept,
        "contents": contents,
        "rows": contents.page(number),
        "first": (number - 1) * PAGE_SIZE + 1,
        "pager": pager_of(number, contents.pages),
        **cited(kept),
        "compare": urlencode([("id", pk) for pk in published]) if comparable else "",
        "brief": 0 < len(published) <= briefs.MOST,
    }
    return render(request, "collections/collection.html", context)


# --- Files ---


@dataclass(frozen=True)
class _Asked:
    request: HttpRequest
    contents: Contents

    @property
    def kept(self) -> Collection:
        return self.contents.collection

    @property
    def address(self) -> str:
        return f"{base_of(self.request)}{self.kept.get_absolute_url()}"

    def answer(self, body: Any, content_type: str, suffix: str) -> HttpResponseBase:
        name = f"set-{self.kept.key}.{suffix}"
        return HttpResponse(
            body,
            content_type=content_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _csv(asked: _Asked) -> HttpResponseBase:
    pieces = exports.csv_pieces(
        asked.contents.records(), base_of(asked.request), exports.WITH_NOTES
    )
    name = f"set-{asked.kept.key}.csv"
    return StreamingHttpResponse(
        pieces if asked.request.method == "GET" else (),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _xlsx(asked: _Asked) -> HttpResponseBase:
    records = asked.contents.records()
    notes = (
        site(asked.request)["site_name"],
        asked.kept.title,
        _("共 %(total)d 条，%(today)s 导出")
        % {"total": len(records), "today": timezone.localdate().isoformat()},
        asked.address,
    )
    file = BytesIO()
    exports.write_xlsx(
        records, base_of(asked.request), file, notes=notes, columns=exports.WITH_NOTES
    )
    return asked.answer(file.getvalue(), XLSX, "xlsx")


def _json(asked: _Asked) -> HttpResponseBase:
    """Answer in the shape of the list, with the notes and what was withdrawn beside."""
    kept, records = asked.kept, asked.contents.records()
    gone = columns_of(
        [i.initiative_id for i in asked.contents.places if not i.initiative.is_published]
    )
    data = {
        "title": kept.title,
        "description": kept.description or None,
        "signed": kept.signed or None,
        "url": asked.address,
        "changed": timezone.localtime(kept.changed).isoformat(timespec="seconds"),
        "count": len(records),
        "results": [
            absolute({k: v for k, v in r.items() if k != "note"}, base_of(asked.request))
            for r in records
        ],
        "notes": {str(r["id"]): r["note"] for r in records if r["note"]},
        "withdrawn": [
            {"id": c.id, "title": c.title, "date": c.withdrawn_on, "reason": c.reason}
            for c in gone
            if c.state == "withdrawn"
        ],
    }
    body = json.dumps(data, ensure_ascii=False)
    return HttpResponse(body, content_type="application/json; charset=utf-8")


def _citations(suffix: str) -> Callable[[_Asked], HttpResponseBase]:
    def write(asked: _Asked) -> HttpResponseBase:
        base = base_of(asked.request)
        items = [citations.of_case(record, base) for record in asked.contents.records()]
        form = citations.FORMATS[suffix]
        body = "".join(form.pieces(items, timezone.localdate()))
        return asked.answer(body, f"{form.media_type}; charset=utf-8", suffix)

    return write


def _text(asked: _Asked) -> HttpResponseBase:
    """Answer with the cases in GB/T 7714, of the edition asked for, to be read."""
    edition = edition_of(asked.request)
    if isinstance(edition, JsonResponse):
        return edition
    base = base_of(asked.request)
    items = [citations.of_case(record, base) for record in asked.contents.records()]
    lines = citations.reference_list(items, timezone.localdate(), edition)
    return HttpResponse("".join(lines), content_type="text/plain; charset=utf-8")


def _docx(asked: _Asked) -> HttpResponseBase:
    records, kept = asked.contents.records(), asked.kept
    if not 0 < len(records) <= briefs.MOST:
        back = kept.get_absolute_url()
        context = {"total": len(records), "most": briefs.MOST, "list_url": back}
        return render(asked.request, "statistics/no_brief.html", context, status=400)
    question = kept.description or _("案例集：%s") % kept.title
    brief = brief_of(
        records,
        kept.title,
        question,
        asked.address,
        facets.current().catalog.policies.values(),
    )
    return word(asked.request, lambda: brief, f"set-{kept.key}.docx")


def _atom(asked: _Asked) -> HttpResponseBase:
    """Answer with the cases that were added or published anew last."""
    kept = asked.kept

    def moved(item: CollectionItem) -> datetime:
        return max(item.added, item.initiative.published_at or item.added)

    latest = sorted(asked.contents.published, key=moved, reverse=True)[:FEED_SIZE]
    at = {item.initiative_id: moved(item) for item in latest}
    own = f"{base_of(asked.request)}{asked.request.path}"
    feed = CaseFeed(
        title=exports.printable(f"{site(asked.request)['site_name']}：{kept.title}"),
        link=asked.address,
        description=None,
        language="zh-CN",
        author_name=exports.printable(kept.signed) or site(asked.request)["site_name"],
        feed_url=own,
        feed_guid=f"{TAG}set/{kept.key}",
        latest=max([kept.changed, *at.values()]),
        pages=[],
    )
    for record in asked.contents.records(latest):
        said = filter(None, [record["note"], record["summary"]])
        feed.add_item(
            title=exports.printable(record["title"]),
            link=f"{base_of(asked.request)}{record['url']}",
            description=escape(exports.printable("\n".join(said))),
            unique_id=f"{TAG}case/{record['id']}",
            updateddate=max(at[record["id"]], published_at_of(record)),
            topics=record["topics"],
        )
    response = HttpResponse(content_type=CaseFeed.content_type)
    feed.write(response, "utf-8")
    return response


FILES: dict[str, Callable[[_Asked], HttpResponseBase]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "json": _json,
    "ris": _citations("ris"),
    "bib": _citations("bib"),
    "csl.json": _citations("csl.json"),
    "txt": _text,
    "docx": _docx,
    "atom": _atom,
}


@require_safe
def collection_file(request: HttpRequest, key: str, suffix: str) -> HttpResponseBase:
    return FILES[suffix](_Asked(request, Contents(_shared(key))))


# --- Queries ---


def query_of(kept: SavedQuery) -> CaseQuery:
    return CaseQuery(QueryDict(kept.query), facets.current())


@require_safe
def saved(request: HttpRequest, key: str) -> HttpResponse:
    kept = get_object_or_404(SavedQuery.objects.shared(), key=key)
    with facets.held():
        query = query_of(kept)
        context = {
            "subject": kept,
            "query": query,
            "words": in_words(query) if query.is_valid else "",
            "latest": query.rows(5) if query.is_valid else [],
            **cited(kept),
            "list_url": f"{reverse('cases:list')}{query.url()}",
            "text_2015_url": query.url(edition="2015"),
            "brief": query.is_valid and 0 < query.total <= briefs.MOST,
        }
    return render(request, "collections/saved.html", context)


def visible(ids: list[int]) -> list[int]:
    """Return those of the ids that may stand in a set, in their order: public now, or once."""
    known = Initiative.objects.filter(pk__in=ids).filter(
        Q(pk__in=Initiative.objects.published()) | Q(pk__in=Initiative.objects.withdrawn())
    )
    found = set(known.values_list("pk", flat=True))
    return [pk for pk in ids if pk in found]
