"""Policy documents: the list, and the page of one."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases import facets
from cases.models import PolicyLink
from cases.records import load

from .caching import until_published

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


@require_safe
@until_published
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    snapshot = facets.current()
    document = snapshot.catalog.policies.get(str(pk))
    if document is None:
        raise Http404
    found = snapshot.having("policy", str(pk))
    groups: list[dict[str, Any]] = []
    for kind, label in PolicyLink.Kind.choices:
        linked = snapshot.having("policy-kind", f"{pk}:{kind}")
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
                    if p["id"] == pk and p["kind"] == group["kind"]
                ),
            }
            for i in group["ids"]
            if i in rows
        ]
    context = {
        "policy": document,
        "statements": list(document.statements.select_related("source")),
        "total": len(found),
        "groups": [group for group in groups if group["count"]],
        "districts": [
            {
                "district": d,
                "count": found.intersection_cardinality(snapshot.having("district", d.slug)),
            }
            for d in snapshot.catalog.todays_districts
        ],
    }
    return render(request, "policies/policy.html", context)
