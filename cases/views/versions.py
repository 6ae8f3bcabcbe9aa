"""The published versions of a case: each frozen, and what changed between two."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cases.models import Revision
from cases.outputs import diffs

from .caching import until_published
from .cases import case_context, gone, has_public_versions, public_case, published_context


@require_safe
@until_published
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = public_case(pk)
    if not has_public_versions(initiative):
        return gone(request, initiative)
    rows = list(initiative.revisions.order_by("-number").defer("record"))
    context = {
        "case": initiative.current_revision.record if initiative.current_revision else {},
        "versions": [
            {"revision": row, "before": row.number - 1 if row.number > 1 else None} for row in rows
        ],
        "merged_into": initiative.merged_into,
        "merged_cases": initiative.merged_cases.select_related("current_revision").order_by("pk"),
    }
    return render(request, "cases/versions.html", context)


@require_safe
@until_published
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    initiative = public_case(pk)
    if not has_public_versions(initiative):
        return gone(request, initiative)
    revision = get_object_or_404(Revision, initiative=initiative, number=number)
    cited = published_context(revision.record, "version", pk=pk, number=number)
    context = (
        case_context(revision.record)
        | cited
        | {
            "revision": revision,
            "is_current": revision.pk == initiative.current_revision_id,
            "current": initiative.current_revision,
            "frozen": True,
            "merged_into": initiative.merged_into,
            "synthetic": initiative.synthetic,
        }
    )
    return render(request, "cases/case.html", context)


@require_safe
@until_published
def difference(request: HttpRequest, pk: int, first: int, second: int) -> HttpResponse:
    initiative = public_case(pk)
    if not has_public_versions(initiative):
        return gone(request, initiative)
    before = get_object_or_404(Revision, initiative=initiative, number=first)
    after = get_object_or_404(Revision, initiative=initiative, number=second)
    context = {
        "case": after.record,
        "before": before,
        "after": after,
        "changes": diffs.compare(before.record, after.record),
    }
    return render(request, "cases/difference.html", context)
