"""Citations of what has a page, of result lists and of the collection, for reference managers."""

from collections.abc import Iterable, Iterator

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import facets
from cases.api.manners import base_of, problem, refused
from cases.filters import CaseQuery
from cases.models import Collection, Revision, SavedQuery, Source
from cases.outputs import citations
from cases.outputs.citations import EDITIONS, FORMATS, Edition, Item
from cases.records import load, source_record

from .cases import gone, has_public_versions, public_case


def _file(items: Iterable[Item], name: str, suffix: str) -> HttpResponse:
    form = FORMATS[suffix]
    return HttpResponse(
        "".join(form.pieces(items, timezone.localdate())),
        content_type=f"{form.media_type}; charset=utf-8",
        headers=_as_file(name, suffix),
    )


def _as_file(name: str, suffix: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}.{suffix}"'}


@require_safe
def of_case(request: HttpRequest, pk: int, suffix: str, number: int | None = None) -> HttpResponse:
    """Cite a version of a case; the current one if no number is given."""
    initiative = public_case(pk)
    revision = initiative.current_revision
    if number is not None and has_public_versions(initiative):
        revision = get_object_or_404(Revision, initiative=initiative, number=number)
    elif not initiative.is_published or revision is None:
        return gone(request, initiative)
    item = citations.of_case(revision.record, base_of(request))
    return _file([item], item.key, suffix)


@require_safe
def of_case_sources(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Cite everything that a case rests on."""
    initiative = public_case(pk)
    if not initiative.is_published or initiative.current_revision is None:
        return gone(request, initiative)
    sources = initiative.current_revision.record["sources"]
    return _file(map(citations.of_source, sources), f"case{pk}-sources", suffix)


@require_safe
def of_policy(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    policy = facets.current().catalog.policies.get(str(pk))
    if policy is None:
        raise Http404
    item = citations.of_policy(policy)
    return _file([item], item.key, suffix)


@require_safe
def of_source(request: HttpRequest, key: str, suffix: str) -> HttpResponse:
    source = get_object_or_404(Source.objects.public(), key=key)
    item = citations.of_source(source_record(source))
    return _file([item], item.key, suffix)


@require_safe
def of_set(request: HttpRequest, key: str, suffix: str) -> HttpResponse:
    """Cite a shared set itself; its cases are cited beside its page."""
    kept = get_object_or_404(Collection.objects.shared(), key=key)
    item = citations.of_kept(kept, base_of(request))
    return _file([item], item.key, suffix)


@require_safe
def of_saved(request: HttpRequest, key: str, suffix: str) -> HttpResponse:
    kept = get_object_or_404(SavedQuery.objects.shared(), key=key)
    item = citations.of_kept(kept, base_of(request))
    return _file([item], item.key, suffix)


@require_safe
def of_collection(request: HttpRequest, suffix: str) -> HttpResponse:
    item = collection_item(facets.current(), base_of(request))
    return _file([item], item.key, suffix)


def collection_item(snapshot: facets.Snapshot, base: str) -> Item:
    """Return the citation of the collection as of its latest publication: one query."""
    latest = load(snapshot.page(snapshot.all, "-published", 0, 1))
    when = latest[0]["published_at"] if latest else ""
    return citations.of_collection(base, when)


@require_safe
def of_list(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """Cite every case that the query finds, a few hundred in memory at a time."""
    query = CaseQuery(request.GET, facets.current())
    form = FORMATS[suffix]
    return refused(query) or _stream(
        request,
        form.pieces(_of_every(request, query), timezone.localdate()),
        form.media_type,
        _as_file("cases", suffix),
    )


@require_safe
def of_list_in_text(request: HttpRequest) -> HttpResponseBase:
    """Cite every case that the query finds in GB/T 7714, of the edition asked for, to be read."""
    query = CaseQuery(request.GET, facets.current())
    edition = edition_of(request)
    if isinstance(edition, JsonResponse):
        return edition
    lines = citations.reference_list(_of_every(request, query), timezone.localdate(), edition)
    return refused(query) or _stream(request, lines, "text/plain", {})


def edition_of(request: HttpRequest) -> Edition | JsonResponse:
    """Return the edition asked for, the current one if none is; or that there is no such."""
    wanted = request.GET.get("edition") or EDITIONS[0]
    edition = next((known for known in EDITIONS if known == wanted), None)
    if edition is None:
        known = "、".join(EDITIONS)
        return problem(400, _("参数有误"), errors={"edition": [_("只有 %s 两版。") % known]})
    return edition


def _of_every(request: HttpRequest, query: CaseQuery) -> Iterator[Item]:
    return (citations.of_case(record, base_of(request)) for record in query.every_row())


def _stream(
    request: HttpRequest, pieces: Iterator[str], media_type: str, headers: dict[str, str]
) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        # Nobody reads the body of a HEAD, so none is made.
        pieces if request.method == "GET" else (),
        content_type=f"{media_type}; charset=utf-8",
        headers=headers,
    )
