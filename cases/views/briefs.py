"""The brief in Word of a case, of chosen cases, or of a result list."""

import re
from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import facets
from cases.api.manners import in_words, unless_known
from cases.filters import CaseQuery
from cases.outputs import briefs
from cases.records import Record, load

from .cases import gone, public_case
from .statistics import invalid

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_ID = re.compile(r"[1-9][0-9]{0,17}")


@require_safe
def of_list(request: HttpRequest) -> HttpResponseBase:
    """Answer with the cases of a query; or with those of `id=…`, in that order, if any is given."""
    if "id" in request.GET:
        return _of_ids(request, request.GET.getlist("id"))
    query = CaseQuery(request.GET, facets.current())
    if not query.is_valid:
        return invalid(request, query)
    if query.total > briefs.MOST:
        return _too_many(request, query.total, f"{reverse('cases:list')}{query.url()}")

    def make() -> HttpResponse:
        return _answer(
            request,
            list(query.every_row(briefs.MOST)),
            title=_("案例简报"),
            question=in_words(query),
            path=f"{reverse('cases:list')}{query.url()}".removesuffix("?"),
            name=f"cases-{timezone.localdate():%Y%m%d}",
        )

    about = (query.snapshot.generation, query.url(), timezone.localdate())
    return unless_known(request, about, make)


def _of_ids(request: HttpRequest, given: list[str]) -> HttpResponse:
    ids = list(dict.fromkeys(int(value) for value in given if _ID.fullmatch(value)))
    if len(ids) > briefs.MOST:
        return _too_many(request, len(ids), reverse("cases:list"))
    records = load(ids)
    missing = [value for value in given if not _ID.fullmatch(value)]
    missing += [str(pk) for pk in ids if pk not in {record["id"] for record in records}]
    if missing or not records:
        context = {"missing": [value[:20] for value in missing[:20]]}
        return render(request, "statistics/no_brief.html", context, status=400)
    return _answer(
        request,
        records,
        title=_("案例比较简报"),
        question=_("比较：%s") % "、".join(record["title"] for record in records),
        path=f"{request.path}?{urlencode([('id', pk) for pk in ids])}",
        name=f"cases-{timezone.localdate():%Y%m%d}",
    )


def _too_many(request: HttpRequest, total: int, list_url: str) -> HttpResponse:
    context = {"total": total, "most": briefs.MOST, "list_url": list_url}
    return render(request, "statistics/no_brief.html", context, status=400)


@require_safe
def of_case(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = public_case(pk)
    if not initiative.is_published or initiative.current_revision is None:
        return gone(request, initiative)
    record = initiative.current_revision.record
    return _answer(
        request,
        [record],
        title=record["title"],
        question=_("案例：%s") % record["title"],
        path=record["url"],
        name=f"case-{pk}-v{record['version']}",
    )


def _answer(
    request: HttpRequest,
    records: Sequence[Record],
    *,
    title: str,
    question: str,
    path: str,
    name: str,
) -> HttpResponse:
    body = b""
    if request.method == "GET":  # Nobody reads the body of a HEAD.
        body = briefs.write(
            records,
            title=title,
            question=question,
            address=f"{settings.SITE_URL}{path}",
            base=settings.SITE_URL,
            day=timezone.localdate(),
        )
    return HttpResponse(
        body,
        content_type=DOCX,
        headers={"Content-Disposition": f'attachment; filename="{name}.docx"'},
    )
