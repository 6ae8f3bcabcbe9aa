"""The addresses under `/api/v1/`, and the same answers beside the pages as `.json`."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
)
from django.shortcuts import get_object_or_404, render
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import facets, openapi
from cases.facets import Snapshot
from cases.filters import CaseQuery
from cases.models import (
    District,
    Initiative,
    PolicyDocument,
    PolicyRelation,
    Theme,
    Topic,
)
from cases.outputs import exports
from cases.parameters import FACETS
from cases.records import Record, load

from .manners import (
    answer,
    base_of,
    limited,
    no_such_page,
    problem,
    reading,
    refused,
    unless_known,
)
from .parameters import LARGEST_PAGE_SIZE, PAGE_SIZE, PageSize

# Longer links stay in the body alone: proxies refuse an answer whose head outgrows 4 kB.
LONGEST_LINK = 2_000


# --- Cases ---


@reading
def case_list_json(request: HttpRequest) -> HttpResponseBase:
    """Answer `/cases.json`: pages of a hundred."""
    query = CaseQuery(request.GET, facets.current())
    return refused(query) or _list(request, query, LARGEST_PAGE_SIZE)


@reading
@limited
def cases(request: HttpRequest) -> HttpResponseBase:
    query = CaseQuery(request.GET, facets.current())
    form = PageSize(request.GET)
    wrong = {name: [str(m) for m in messages] for name, messages in form.errors.items()}
    size = form.cleaned_data.get("page_size")
    extra = f"page_size={size}" if size else ""
    return refused(query, wrong) or _list(request, query, size or PAGE_SIZE, extra)


def _list(request: HttpRequest, query: CaseQuery, size: int, extra: str = "") -> HttpResponseBase:
    """Answer a page of the query; `extra` is what its links carry along."""
    last = query.pages(size)
    if query.page > last:
        return no_such_page()
    base = base_of(request)

    def address(query_string: str) -> str:
        parts = "&".join(filter(None, (query_string[1:], extra)))
        return f"{base}{request.path}?{parts}" if parts else f"{base}{request.path}"

    def make() -> HttpResponseBase:
        following = address(query.url(page=query.page + 1)) if query.page < last else None
        previous = address(query.url(page=query.page - 1)) if query.page > 1 else None
        response = answer(
            {
                "count": query.total,
                "next": following,
                "previous": previous,
                "facets": {
                    name: [
                        {
                            "value": value.value,
                            "label": value.label,
                            "count": value.count,
                            "selected": value.selected,
                            "url": address(value.url),
                        }
                        for value in query.facet(name)
                    ]
                    for name in FACETS
                },
                "results": [absolute(record, base) for record in query.rows(size)],
            }
        )
        links = ", ".join(
            f'<{link}>; rel="{rel}"'
            for rel, link in (("next", following), ("prev", previous))
            if link
        )
        if links and len(links) <= LONGEST_LINK:
            response["Link"] = links
        return response

    return unless_known(
        request, (query.snapshot.generation, query.url(page=query.page), size), make
    )


def absolute(record: Record, base: str) -> Record:
    """Return the record with a whole address."""
    return record | {"url": f"{base}{record['url']}"}


def _case(request: HttpRequest, pk: int) -> HttpResponseBase:
    public = Initiative.objects.published() | Initiative.objects.withdrawn()
    # The record is read only where it is sent.
    rows = public.select_related("current_revision").defer("current_revision__record")
    row = get_object_or_404(rows, pk=pk)
    if row.merged_into_id and request.resolver_match:
        name = f"cases:{request.resolver_match.url_name}"
        return HttpResponsePermanentRedirect(reverse(name, args=[row.merged_into_id]))
    if not row.is_published:
        return problem(
            410,
            _("案例已撤回"),
            title=row.last_title,
            withdrawn_at=row.withdrawn_at,
            reason=row.withdrawal_reason,
        )

    def make() -> HttpResponseBase:
        records = load([pk])
        if not records:  # Withdrawn since we looked.
            raise Http404
        return answer(absolute(records[0], base_of(request)))

    return unless_known(request, (row.current_revision_id,), make)


@reading
def case_json(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answer `/cases/<pk>.json`."""
    return _case(request, pk)


@reading
@limited
def case(request: HttpRequest, pk: int) -> HttpResponseBase:
    return _case(request, pk)


# --- Places, words, policies: from what the worker holds; only relations ask the database ---


class _Items:
    """One kind of thing that cases have, as the API describes each, with its number of cases."""

    def __init__(self, request: HttpRequest, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.catalog = snapshot.catalog
        self.base = base_of(request)

    @cached_property
    def relations(self) -> dict[int, list[PolicyRelation]]:
        """The relations of every document to others, by its id: one query."""
        found: dict[int, list[PolicyRelation]] = {}
        for relation in PolicyRelation.objects.select_related("target", "source"):
            found.setdefault(relation.document_id, []).append(relation)
        return found

    def _links(self, facet: str, value: str, page: str, api: str) -> dict[str, Any]:
        return {
            "count": len(self.snapshot.having(facet, value)),
            "url": f"{self.base}{page}",
            "self": f"{self.base}{api}",
            "cases": f"{self.base}{reverse('cases:api-cases')}?{facet}={value}",
        }

    def district(self, item: District) -> dict[str, Any]:
        return {
            "slug": item.slug,
            "name": item.name,
            "short_name": item.short_name,
            "code": item.code,
            "established": item.established or None,
            "dissolved": item.dissolved or None,
            "merged_into": item.merged_into.slug if item.merged_into else None,
            "history": item.history or None,
            "subdistricts": [
                {
                    "code": s.code,
                    "name": s.name,
                    "count": len(self.snapshot.having("subdistrict", s.code)),
                }
                for s in self.catalog.subdistricts.values()
                if s.district_id == item.pk
            ],
            **self._links(
                "district",
                item.slug,
                item.get_absolute_url(),
                reverse("cases:api-district", args=[item.slug]),
            ),
        }

    def theme(self, item: Theme) -> dict[str, Any]:
        return {
            "slug": item.slug,
            "name": item.name,
            "description": item.description or None,
            "policies": [
                {"id": p.pk, "title": p.title}
                for p in self.catalog.policies.values()
                if p.theme_id == item.pk
            ],
            **self._links(
                "theme",
                item.slug,
                item.get_absolute_url(),
                reverse("cases:api-theme", args=[item.slug]),
            ),
        }

    def topic(self, item: Topic) -> dict[str, Any]:
        return {
            "slug": item.slug,
            "name": item.name,
            "description": item.description or None,
            **self._links(
                "topic",
                item.slug,
                item.get_absolute_url(),
                reverse("cases:api-topic", args=[item.slug]),
            ),
        }

    def policy(self, item: PolicyDocument) -> dict[str, Any]:
        known = item.validity != PolicyDocument.Validity.UNKNOWN
        return {
            "id": item.pk,
            "key": item.key,
            "title": item.title,
            "aliases": list(item.aliases),
            "number": item.number or None,
            "issuer": item.issuer or None,
            "issued": item.issued or None,
            "effective": item.effective or None,
            "ended": item.ended or None,
            "validity": (
                {"value": item.validity, "label": item.get_validity_display()} if known else None
            ),
            "theme": item.theme.slug if item.theme else None,
            "unverified": item.unverified or None,
            "summary": item.summary or None,
            "original_url": item.original_url or None,
            "relations": [
                {
                    "kind": relation.kind,
                    "policy": relation.target_id,
                    "title": relation.target.title,
                    "basis": relation.basis,
                    "grade": relation.grade,
                    "source": relation.source.key if relation.source else None,
                }
                for relation in self.relations.get(item.pk, [])
            ],
            **self._links(
                "policy",
                str(item.pk),
                item.get_absolute_url(),
                reverse("cases:api-policy", args=[item.pk]),
            ),
        }


# Kind of thing -> where the catalog keeps it.
_TABLES = {
    "district": "districts",
    "theme": "themes",
    "topic": "topics",
    "policy": "policies",
}


@reading
@limited
def items(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Answer with everything of one kind: short closed lists, so there are no pages."""
    snapshot = facets.current()

    def make() -> HttpResponseBase:
        describe = getattr(_Items(request, snapshot), kind)
        results = [describe(i) for i in getattr(snapshot.catalog, _TABLES[kind]).values()]
        return answer({"count": len(results), "results": results})

    return unless_known(request, (snapshot.generation,), make)


@reading
@limited
def item(request: HttpRequest, kind: str, key: str | int) -> HttpResponseBase:
    snapshot = facets.current()
    found = getattr(snapshot.catalog, _TABLES[kind]).get(str(key))
    if found is None:
        raise Http404

    def make() -> HttpResponseBase:
        return answer(getattr(_Items(request, snapshot), kind)(found))

    return unless_known(request, (snapshot.generation,), make)


# --- About the API ---


@reading
@limited
def root(request: HttpRequest) -> HttpResponseBase:
    snapshot = facets.current()
    base = base_of(request)
    names = {
        "cases": "api-cases",
        "districts": "api-districts",
        "themes": "api-themes",
        "topics": "api-topics",
        "policies": "api-policies",
        "openapi": "openapi",
        "documentation": "api-docs",
        "record_schema": "record-schema",
    }
    data = {"version": openapi.VERSION, "count": len(snapshot.all)}
    links = {key: f"{base}{reverse(f'cases:{name}')}" for key, name in names.items()}
    return unless_known(request, (snapshot.generation,), lambda: answer(data | links))


@reading
@limited
def description(request: HttpRequest) -> HttpResponseBase:
    """Answer with the OpenAPI document."""
    snapshot = facets.current()
    return unless_known(
        request,
        (snapshot.generation,),
        lambda: answer(openapi.document(snapshot)),
    )


# Not limited: who has just been refused may want to read why.
@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    document = openapi.document(facets.current())
    context = {
        "document": document,
        "operations": openapi.operations(document),
        "parameters": openapi.choices(document),
        "answers": openapi.answers(document),
        "shapes": openapi.shapes(),
        "columns": exports.COLUMNS,
        "limit": settings.API_REQUESTS_PER_MINUTE,
    }
    return render(request, "api/docs.html", context)


@reading
def missing(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Lead to the address with a slash at its end, where there is one; else 404 as JSON.

    Django's own redirect lacks the header that lets scripts of other sites follow it.
    """
    slashed = "" if rest.endswith(("/", ".json")) else f"{request.path_info}/"
    if slashed and resolve(slashed).func is not missing:
        return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
    documentation_url = f"{base_of(request)}{reverse('cases:api-docs')}"
    return problem(404, _("没有这个地址。"), documentation=documentation_url)
