"""Cases side by side. The choice lives in the address; a cookie reminds of the last one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import facets, validity
from cases.api.manners import as_file, problem, reading
from cases.filters import CaseQuery
from cases.models import Initiative
from cases.openapi import XLSX
from cases.outputs import comparison as table
from cases.outputs.comparison import FEWEST, MOST, Column
from cases.records import load

from .caching import until_published
from .context import site

BASKET_COOKIE = "compare"
# Of an address with more, only so many are named.
MOST_NAMED = 20
_ID = re.compile(r"[1-9][0-9]{0,17}\Z")


@dataclass(frozen=True)
class Choice:
    """The ids of an address, each once, in their order; and what is wrong with it, or nothing."""

    ids: tuple[int, ...]
    error: str = ""

    @classmethod
    def of(cls, data: QueryDict, most: int = MOST) -> "Choice":
        given = [value.strip() for value in data.getlist("id")]
        bad = next((value for value in given if value and not _ID.match(value)), None)
        ids = tuple(dict.fromkeys(int(value) for value in given if _ID.match(value)))
        if bad is not None:
            shown = bad if len(bad) <= 20 else f"{bad[:20]}…"
            return cls(ids, _("“%(value)s”不是案例编号。编号是正整数。") % {"value": shown})
        if len(ids) > most:
            message = _("一次至多 %(most)d 个案例，现在选了 %(count)d 个，请去掉 %(over)d 个。")
            return cls(ids, message % {"most": most, "count": len(ids), "over": len(ids) - most})
        return cls(ids)


def address_of(ids: Sequence[int], **more: str) -> str:
    """Return the query string of these ids in this order."""
    return f"?{urlencode([*(('id', pk) for pk in ids), *more.items()])}"


def _chosen(ids: Sequence[int]) -> str:
    """Return the address at which these and no others are chosen, whatever the cookie says."""
    return address_of(ids, choose="1") if ids else "?clear=1"


def columns_of(ids: Sequence[int]) -> list[Column]:
    """Return a column an id: two queries. Drafts and ids that nobody has look alike."""
    records = {record["id"]: record for record in load(ids)}
    rest = [pk for pk in ids if pk not in records]
    gone = {
        row["pk"]: row
        for row in Initiative.objects.withdrawn()
        .filter(pk__in=rest)
        .values(
            "pk",
            "withdrawn_at",
            "withdrawal_reason",
            "merged_into",
            "title",
            last_title=F("current_revision__record__title"),
        )
    }
    columns = []
    for pk in ids:
        if pk in records:
            columns.append(Column(pk, records[pk]["title"], records[pk]))
        elif pk in gone:
            row = gone[pk]
            columns.append(
                Column(
                    pk,
                    row["last_title"] or row["title"],
                    withdrawn_on=timezone.localdate(row["withdrawn_at"]).isoformat(),
                    reason=row["withdrawal_reason"],
                    merged_into=row["merged_into"],
                )
            )
        else:
            columns.append(Column(pk, ""))
    return columns


def _compared(columns: Sequence[Column]) -> table.Table:
    """Return the table of page and files, with what is known of the policies by now."""
    policies = facets.current().catalog.policies.values()
    numbers = {policy.pk: policy.number for policy in policies}
    return table.compare(columns, settings.SITE_URL, numbers, validity.over(policies))


def _moves(ids: Sequence[int], same: str) -> list[dict[str, str]]:
    """Return for each column the addresses with it further left, further right, and gone."""
    more = {"same": same} if same else {}

    def swapped(at: int) -> str:
        order = list(ids)
        order[at], order[at + 1] = order[at + 1], order[at]
        return address_of(order, **more)

    def without(pk: int) -> str:
        rest = [other for other in ids if other != pk]
        return address_of(rest, **more) if len(rest) >= FEWEST else _chosen(rest)

    return [
        {
            "left": swapped(at - 1) if at else "",
            "right": swapped(at) if at + 1 < len(ids) else "",
            "out": without(pk),
        }
        for at, pk in enumerate(ids)
    ]


@require_safe
def comparison(request: HttpRequest) -> HttpResponseBase:
    """Show the chosen cases side by side; with fewer than two, how to choose."""
    choice = Choice.of(request.GET)
    ids = choice.ids
    clear = request.GET.get("clear") == "1"
    basket = () if clear else _basket(request)
    response: HttpResponseBase
    if choice.error:
        response = _choosing(request, ids, choice.error, status=400)
    elif len(ids) == 1 and set(request.GET) == {"id"} and set(basket) - set(ids):
        # A bare link to one case adds it to the last choice; one too many is refused there.
        both = tuple(dict.fromkeys([*basket, *ids]))
        response = HttpResponseRedirect(f"{request.path}{_chosen(both)}")
    elif len(ids) >= FEWEST and request.GET.get("choose") != "1":
        response = _side_by_side(request)
    else:
        response = _choosing(request, ids, basket=() if ids else basket)
    if clear:
        response.delete_cookie(BASKET_COOKIE, samesite="Lax")
    elif ids and response.status_code in (200, 304):
        value = "-".join(map(str, ids))
        response.set_cookie(BASKET_COOKIE, value, samesite="Lax", httponly=True)
    patch_vary_headers(response, ["Cookie"])
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _basket(request: HttpRequest) -> tuple[int, ...]:
    """Return the ids that the cookie remembers; a cookie that makes no sense is an empty one."""
    value = request.COOKIES.get(BASKET_COOKIE, "").replace("-", "&id=")
    choice = Choice.of(QueryDict(f"id={value}"))
    return () if choice.error else choice.ids


@until_published
def _side_by_side(request: HttpRequest) -> HttpResponse:
    ids = Choice.of(request.GET).ids
    columns = columns_of(ids)
    if all(column.state == "missing" for column in columns):
        return _choosing(request, (), _("没有这些编号的案例。"), status=404)
    whole = _compared(columns)
    hidden = request.GET.get("same") == "0"
    same = "0" if hidden else ""
    kept = {"same": same} if same else {}
    context = {
        "table": whole.only_differing() if hidden else whole,
        "heads": list(zip(columns, _moves(ids, same), strict=True)),
        "width": len(columns) + 1,
        "differing": whole.differing,
        "compared": whole.compared,
        "hidden": hidden,
        "address": address_of(ids, **kept),
        # Only cases that are there can be analysed.
        "there": address_of([column.id for column in columns if column.record]),
        # A brief names cases that are there no more, but not only such.
        "brief": address_of(ids) if any(column.record for column in columns) else "",
        "toggle": address_of(ids) if hidden else address_of(ids, same="0"),
        "more": address_of(ids, choose="1") if len(ids) < MOST else "",
    }
    return render(request, "compare/comparison.html", context)


def _choosing(
    request: HttpRequest,
    ids: Sequence[int],
    error: str = "",
    basket: Sequence[int] = (),
    status: int = 200,
) -> HttpResponse:
    """Show the chosen cases, each to be dropped, and cases of the list to add."""
    shown = tuple(ids)[:MOST_NAMED]
    query = CaseQuery(request.GET, facets.current())
    found = query.rows() if query.is_valid else []
    last = [column for column in columns_of(basket) if column.record] if basket else []
    context: dict[str, Any] = {
        "error": error,
        "chosen": [
            (column, _chosen([pk for pk in shown if pk != column.id]))
            for column in columns_of(shown)
        ],
        "unnamed": len(ids) - len(shown),
        "found": [record for record in found if record["id"] not in ids],
        "query": query,
        "last": last,
        "last_address": address_of([column.id for column in last]),
        "most": MOST,
    }
    return render(request, "compare/choose.html", context, status=status)


# --- Files ---


def _table(request: HttpRequest) -> table.Table | HttpResponseBase:
    """Return the table that the page of the same address shows, or why there is none."""
    choice = Choice.of(request.GET)
    if choice.error:
        return problem(400, choice.error)
    if len(choice.ids) < FEWEST:
        message = _("请在网址里写两到六个案例编号，例如 ?id=1&id=2。")
        return problem(400, message)
    columns = columns_of(choice.ids)
    if all(column.state == "missing" for column in columns):
        return problem(404, _("没有这些编号的案例。"))
    whole = _compared(columns)
    return whole.only_differing() if request.GET.get("same") == "0" else whole


@reading
def comparison_csv(request: HttpRequest) -> HttpResponseBase:
    made = _table(request)
    if not isinstance(made, table.Table):
        return made
    body = table.to_csv(made)
    return as_file(HttpResponse(body, content_type="text/csv; charset=utf-8"), "compare.csv")


@reading
def comparison_xlsx(request: HttpRequest) -> HttpResponseBase:
    made = _table(request)
    if not isinstance(made, table.Table):
        return made
    ids = [column.id for column in made.columns]
    file = BytesIO()
    notes = (
        site(request)["site_name"],
        _("%(day)s 导出") % {"day": timezone.localdate().isoformat()},
        f"{settings.SITE_URL}{reverse('cases:compare')}{address_of(ids)}",
    )
    table.write_xlsx(made, file, notes)
    return as_file(HttpResponse(file.getvalue(), content_type=XLSX), "compare.xlsx")
