"""The list of cases and the page of one case."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cases import facets, related
from cases.filters import FACETS, SORTS, CaseQuery
from cases.models import Initiative, PolicyDocument, Revision
from cases.outputs import markdown
from cases.records import Record

JSON_PAGE_SIZE = 100
# A long facet shows this many values, the rest behind a disclosure.
FACET_TOP = 8


def _query(request: HttpRequest) -> CaseQuery:
    return CaseQuery(request.GET, facets.current())


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    query = _query(request)
    if not query.is_valid:
        return render(request, "cases/list_invalid.html", {"query": query}, status=400)
    if query.page > query.pages():
        raise Http404
    groups = []
    for facet in FACETS.values():
        values = query.facet(facet.name)
        top = len(values) if facet.short else FACET_TOP
        groups.append(
            {
                "facet": facet,
                "values": values[:top],
                "more": values[top:],
                "selected": sum(value.selected for value in values),
                "all_of": facet.name in query.all_of,
                "all_url": query.url(
                    **{f"{facet.name}_all": None if facet.name in query.all_of else "1"}
                )
                if facet.can_conjoin
                else "",
            }
        )
    context = {
        "query": query,
        "rows": query.rows(),
        "groups": groups,
        "sorts": [
            {"label": label, "url": query.url(sort=value), "selected": value == query.sort}
            for value, label in SORTS.items()
        ],
        "clear_url": reverse("cases:list"),
        "pager": _pager(query),
    }
    return render(request, "cases/list.html", context)


def _pager(query: CaseQuery) -> dict[str, Any]:
    """Return the page links: first, last and those around the current one, None for a gap."""
    last = query.pages()
    shown = sorted({1, last, *range(max(1, query.page - 2), min(last, query.page + 2) + 1)})
    links: list[dict[str, Any] | None] = []
    for before, number in zip([0, *shown], shown, strict=False):
        if number - before > 1:
            links.append(None)
        links.append({"number": number, "url": query.url(page=number if number > 1 else None)})
    return {
        "links": links if last > 1 else [],
        "page": query.page,
        "pages": last,
        "previous": query.url(page=query.page - 1) if query.page > 1 else "",
        "next": query.url(page=query.page + 1) if query.page < last else "",
    }


@require_safe
def case_list_json(request: HttpRequest) -> JsonResponse:
    query = _query(request)
    if not query.is_valid:
        return _json({"error": "参数有误", "errors": query.errors}, status=400)
    if query.page > query.pages(JSON_PAGE_SIZE):
        return _json({"error": "没有这一页", "errors": {"page": ["没有这么多页。"]}}, status=404)

    def address(query_string: str) -> str:
        return request.build_absolute_uri(request.path + query_string)

    return _json(
        {
            "count": query.total,
            "next": address(query.url(page=query.page + 1))
            if query.page < query.pages(JSON_PAGE_SIZE)
            else None,
            "previous": address(query.url(page=query.page - 1)) if query.page > 1 else None,
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
            "results": [absolute(request, record) for record in query.rows(JSON_PAGE_SIZE)],
        }
    )


def absolute(request: HttpRequest, record: Record) -> Record:
    """Return the record with a whole address."""
    return record | {"url": request.build_absolute_uri(record["url"])}


def _json(data: Any, status: int = 200) -> JsonResponse:
    return JsonResponse(data, status=status, json_dumps_params={"ensure_ascii": False})


def _public(pk: int) -> Initiative:
    """Return a case that is public, or was; 404 for anything else."""
    public = Initiative.objects.published() | Initiative.objects.withdrawn()
    return get_object_or_404(public.select_related("current_revision"), pk=pk)


def _withdrawn(request: HttpRequest, initiative: Initiative) -> HttpResponse:
    return render(request, "cases/withdrawn.html", {"initiative": initiative}, status=410)


@require_safe
def case(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = _public(pk)
    if not initiative.is_published or initiative.current_revision is None:
        return _withdrawn(request, initiative)
    return _case_page(request, initiative.current_revision, is_current=True)


@require_safe
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    initiative = _public(pk)
    if not initiative.is_published:
        return _withdrawn(request, initiative)
    revision = get_object_or_404(Revision, initiative=initiative, number=number)
    return _case_page(
        request, revision, is_current=revision.pk == initiative.current_revision_id, frozen=True
    )


def _case_page(
    request: HttpRequest, revision: Revision, *, is_current: bool, frozen: bool = False
) -> HttpResponse:
    context = case_context(revision.record)
    context |= {"revision": revision, "is_current": is_current, "frozen": frozen}
    if not frozen:
        context["related"] = related.cases(revision.record, facets.current())
    return render(request, "cases/case.html", context)


def case_context(record: Record) -> dict[str, Any]:
    """Return what the case template needs, for a published record or a draft's: one query."""
    text = markdown.render(record)
    sources = {source["id"]: source for source in record["sources"]}
    documents = PolicyDocument.objects.in_bulk([item["id"] for item in record["policies"]])
    return {
        "case": record,
        "sections": text.sections,
        "evidence": [
            {
                **item,
                "source": sources[item["source"]],
                "uses": text.uses.get(item["number"], []),
                "figures": [
                    index
                    for index, figure in enumerate(record["figures"], start=1)
                    if figure["evidence"] == item["number"]
                ],
            }
            for item in record["evidence"]
        ],
        "policies": [
            {**item, "document": documents.get(item["id"])} for item in record["policies"]
        ],
    }


@require_safe
def case_json(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = _public(pk)
    if not initiative.is_published or initiative.current_revision is None:
        return _json(
            {
                "error": "案例已撤回",
                "title": initiative.title,
                "withdrawn_at": initiative.withdrawn_at,
                "reason": initiative.withdrawal_reason,
            },
            status=410,
        )
    return _json(absolute(request, initiative.current_revision.record))
