"""Policy documents: the list, and the page of one."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases import facets, validity
from cases.filters import CaseQuery
from cases.models import PolicyDocument, PolicyLink, PolicyRelation
from cases.outputs import citations, metadata
from cases.records import load
from cases.statistics import Matrix

from .caching import until_published
from .citing import citing

# Cases named under one kind of link; the rest is one link away.
SHOWN = 20


@require_safe
@until_published
def policy_list(request: HttpRequest) -> HttpResponse:
    snapshot = facets.current()
    rows: list[dict[str, Any]] = [
        {"policy": policy, "count": len(snapshot.having("policy", pk))}
        for pk, policy in snapshot.catalog.policies.items()
    ]
    context = {
        "reform": [row for row in rows if row["policy"].theme_id],
        "others": [row for row in rows if not row["policy"].theme_id],
    }
    return render(request, "policies/policy_list.html", context)


class DayForm(forms.Form):
    """The day on which a document is asked about."""

    on = forms.DateField(
        label=gettext_lazy("日期"),
        input_formats=["%Y-%m-%d"],
        error_messages={
            "invalid": gettext_lazy("请写成 2016-01-01 的样子，并检查有没有这一天。"),
            "required": gettext_lazy("请写明日期，例如 2016-01-01。"),
        },
    )


@require_safe
@until_published
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    snapshot = facets.current()
    document = snapshot.catalog.policies.get(str(pk))
    if document is None:
        raise Http404
    found = snapshot.having("policy", str(pk))
    relations = list(document.relations.select_related("target", "source"))
    related_by = list(document.related_by.select_related("document", "source"))
    statements = list(document.statements.select_related("source"))
    sources = [relation.source for relation in (*relations, *related_by)]
    sources += [statement.source for statement in statements]
    day = DayForm(request.GET if "on" in request.GET else None)
    asked: date | None = day.cleaned_data["on"] if day.is_valid() else None
    steps = [
        (_("政策文件"), reverse("cases:policies")),
        (document.title, document.get_absolute_url()),
    ]
    context = {
        "policy": document,
        "statements": statements,
        "sources": list(dict.fromkeys(filter(None, sources))),
        "lineage": list(_lineage(relations, related_by)),
        "day": day,
        "asked": asked.isoformat() if asked else "",
        "state": validity.state_on(document, related_by, asked) if asked else None,
        "ended": validity.ended(document, related_by),
        "total": len(found),
        "groups": _cases(snapshot, document),
        "districts": [
            {
                "district": d,
                "count": found.intersection_cardinality(snapshot.having("district", d.slug)),
            }
            for d in snapshot.catalog.todays_districts
        ],
        "matrix": Matrix(
            CaseQuery(QueryDict(f"policy={pk}"), snapshot), "district", "year", only_found=True
        ),
        **citing(citations.of_policy(document), "policy", pk=pk),
        "linked_data": [
            metadata.of_policy(document, relations, settings.SITE_URL),
            metadata.trail(steps, settings.SITE_URL),
        ],
    }
    status = 400 if day.is_bound and not asked else 200
    return render(request, "policies/policy.html", context, status=status)


def _cases(snapshot: facets.Snapshot, document: PolicyDocument) -> list[dict[str, Any]]:
    """Return the cases of a document by the kind of their link to it: one query."""
    groups: list[dict[str, Any]] = []
    for kind, label in PolicyLink.Kind.choices:
        linked = snapshot.having("policy-kind", f"{document.pk}:{kind}")
        ids = snapshot.page(linked, "-year", 0, SHOWN)
        groups.append({"kind": label, "count": len(linked), "ids": ids})
    rows = {r["id"]: r for r in load(list({i for group in groups for i in group["ids"]}))}
    for group in groups:
        group["rows"] = [
            {
                "case": rows[i],
                "basis": next(
                    p["basis"]
                    for p in rows[i]["policies"]
                    if p["id"] == document.pk and p["kind"] == group["kind"]
                ),
            }
            for i in group["ids"]
            if i in rows
        ]
    return [group for group in groups if group["count"]]


Kind = PolicyRelation.Kind
# What a relation is called on the page of the document that has it, and on that of its target.
FORWARD = {
    Kind.BASIS: gettext_lazy("它依据的文件"),
    Kind.CARRIES_OUT: gettext_lazy("它落实的文件"),
    Kind.ACCOMPANIES: gettext_lazy("它所配套的文件"),
    Kind.AMENDS: gettext_lazy("它修订的文件"),
    Kind.REPLACES: gettext_lazy("它替代的文件"),
    Kind.REPEALS: gettext_lazy("它废止的文件"),
}
BACKWARD = {
    Kind.REPEALS: gettext_lazy("废止它的文件"),
    Kind.REPLACES: gettext_lazy("替代它的文件"),
    Kind.AMENDS: gettext_lazy("修订它的文件"),
    Kind.CARRIES_OUT: gettext_lazy("落实它的文件"),
    Kind.ACCOMPANIES: gettext_lazy("与它配套的文件"),
    Kind.BASIS: gettext_lazy("以它为依据的文件"),
}


def _lineage(
    relations: Iterable[PolicyRelation], related_by: Iterable[PolicyRelation]
) -> Iterable[dict[str, Any]]:
    """Yield the relations by kind: first what the document rests on, then what rests on it."""
    related_by = sorted(related_by, key=lambda relation: relation.document.order)
    for names, rows, other in (
        (FORWARD, relations, "target"),
        (BACKWARD, related_by, "document"),
    ):
        for kind, title in names.items():
            found = [(getattr(row, other), row) for row in rows if row.kind == kind]
            if found:
                yield {"title": title, "rows": found}
