"""The list of cases and the page of one case."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import facets, related
from cases.filters import CaseQuery
from cases.models import Initiative, PolicyDocument, Source
from cases.outputs import citations, markdown, metadata
from cases.outputs.exports import printable
from cases.parameters import FACETS, SORTS, Facet
from cases.records import Record
from cases.search.query import LONGEST

from .caching import until_published
from .citing import citing
from .rows import rows_of

# A long facet shows this many values, the rest behind a disclosure.
FACET_TOP = 8


def _query(request: HttpRequest) -> CaseQuery:
    return CaseQuery(request.GET, facets.current())


@require_safe
@until_published
def case_list(request: HttpRequest) -> HttpResponse:
    query = _query(request)
    if not query.is_valid:
        return _invalid(request, query)
    kept = parse_qsl(query.url(q=None)[1:])
    if query.page > query.pages():
        context = {"query": query, "kept": kept, "last": query.url(page=query.pages())}
        return render(request, "cases/no_such_page.html", context, status=404)
    context = {
        "query": query,
        "rows": rows_of(query),
        # What the search box sends along with its own field.
        "kept": kept,
        "groups": [_group(query, facet, request.GET.get("open")) for facet in FACETS.values()],
        "sorts": [
            {"label": label, "url": query.url(sort=value), "selected": value == query.sort}
            for value, label in SORTS.items()
            if value != "relevance" or query.q
        ],
        "synonyms": query.search.synonyms if query.search else {},
        "exact_url": _exact_url(query),
        "clear_url": query.url(**query.no_choices),
        "text_2015_url": query.url(edition="2015"),
        "pager": _pager(query),
    }
    if not query.total:
        context |= _ways_out(query)
    return render(request, "cases/list.html", context)


def _invalid(request: HttpRequest, query: CaseQuery) -> HttpResponse:
    """Say what is wrong, with all that was typed where it can be mended."""
    wrong = query.errors
    years = ("year_from", "year_to")
    context = {
        "query": query,
        "q": printable(request.GET.get("q", "")),
        "kept": _without(request, {*wrong, "q"}),
        # The fields of the years, where one of them is wrong.
        "years": {name: request.GET.get(name, "") for name in years if wrong.keys() & set(years)},
        "apart_from_years": _without(request, {*wrong, *years}),
    }
    return render(request, "cases/list_invalid.html", context, status=400)


def _without(request: HttpRequest, names: set[str]) -> list[tuple[str, str]]:
    """Return the parameters as they were given, but for these and the page."""
    given = request.GET.lists()
    return [(n, v) for n, values in given if n not in names | {"page"} for v in values if v]


def _exact_url(query: CaseQuery) -> str:
    """Return the query with its words in quotation marks, which asks for no synonyms.

    Empty where it would be longer than a query may be.
    """
    words = query.search.words if query.search else []
    quoted = " ".join(str(replace(word, quoted=True)) for word in words)
    return query.url(q=quoted) if len(quoted) <= LONGEST else ""


def _ways_out(query: CaseQuery) -> dict[str, Any]:
    """Return what the page of an empty result says of the words, and offers instead of them."""
    search = query.search
    if search is None:
        return {}
    alone = search.alone()
    # Each of two words alone is what is found without the other: that is said already.
    is_said = len(alone) == len(search.words) == 2 and len(query.chips) == 1
    return {
        "alone": alone,
        "nearby": search.nearby(),
        "fewer_words": [] if is_said else query.fewer_words,
        "wordless": not search.words,
    }


def _group(query: CaseQuery, facet: Facet, opened: str | None) -> dict[str, Any]:
    """Return one facet as the panel shows it: a long one is cut unless it was opened."""
    values = query.facet(facet.name)
    is_opened = not facet.short and opened == facet.name
    shown = values if facet.short or is_opened else values[:FACET_TOP]
    together = facet.name in query.all_of
    return {
        "facet": facet,
        "values": shown,
        "more": len(values) - len(shown),
        "open_url": query.url(open=facet.name),
        # Choosing a value of a list that was opened leaves it open.
        "opened": facet.name if is_opened and len(values) > FACET_TOP else "",
        "selected": sum(value.selected for value in values),
        "all_of": together,
        "all_url": query.url(**{f"{facet.name}_all": None if together else "1"})
        if facet.can_conjoin
        else "",
    }


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


def public_case(pk: int) -> Initiative:
    """Return a case that is public, or was; 404 for anything else."""
    public = Initiative.objects.published() | Initiative.objects.withdrawn()
    return get_object_or_404(public.select_related("current_revision"), pk=pk)


def gone(request: HttpRequest, initiative: Initiative) -> HttpResponse:
    """Answer for a case that is public no more: where it went, or that it was withdrawn and why."""
    if initiative.merged_into_id:
        asked = request.resolver_match
        of_case = asked is not None and set(asked.kwargs) <= {"pk", "suffix"}
        name = asked.url_name if asked is not None and of_case else "case"
        address = reverse(f"cases:{name}", args=[initiative.merged_into_id])
        return HttpResponsePermanentRedirect(address)
    context = {"initiative": initiative, "title": initiative.last_title}
    return render(request, "cases/withdrawn.html", context, status=410)


def has_public_versions(initiative: Initiative) -> bool:
    """Say whether the frozen versions of a case may be read.

    They may where the case was merged: who cited them must find them. They are hidden with the
    case into which it was merged. One that came in a data package has none.
    """
    if initiative.current_revision_id is None:
        return False
    while initiative.merged_into is not None:
        initiative = initiative.merged_into
    return initiative.is_published


@require_safe
@until_published
def case(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = public_case(pk)
    if not initiative.is_published or initiative.current_revision is None:
        return gone(request, initiative)
    revision = initiative.current_revision
    context = (
        case_context(revision.record)
        | published_context(revision.record, "case", pk=pk)
        | {
            "revision": revision,
            "is_current": True,
            "synthetic": initiative.synthetic,
            "related": related.cases(revision.record, facets.current()),
        }
    )
    return render(request, "cases/case.html", context)


def published_context(record: Record, name: str, **address: int) -> dict[str, Any]:
    """Return how a published version is cited today, and what programs read of it.

    `name` and `address` are those of its route.
    """
    steps = [(_("案例"), reverse("cases:list")), (record["title"], record["url"])]
    return {
        **citing(citations.of_case(record, settings.SITE_URL), name, **address),
        "linked_data": [
            metadata.of_case(record, settings.SITE_URL),
            metadata.trail(steps, settings.SITE_URL),
        ],
    }


def case_context(record: Record) -> dict[str, Any]:
    """Return what the case template needs, for a published record or a draft's: two queries."""
    text = markdown.render(record)
    sources = {source["id"]: source for source in record["sources"]}
    documents = PolicyDocument.objects.in_bulk([item["id"] for item in record["policies"]])
    # A draft, or an old version, may rest on what no public page rests on.
    public = set(Source.objects.public().filter(key__in=sources).values_list("key", flat=True))
    return {
        "case": record,
        "sections": text.sections,
        "evidence": [
            {
                **item,
                "source": sources[item["source"]],
                "has_page": item["source"] in public,
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
