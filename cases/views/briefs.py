"""The brief in Word of a case, of chosen cases, or of a result list."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from PIL import Image

from cases import facets
from cases.api.manners import as_file, in_words, unless_known
from cases.filters import CaseQuery
from cases.outputs import briefs
from cases.records import Record, load

from .cases import gone, public_case
from .comparison import MOST, Choice, address_of
from .statistics import invalid

# Of the longer side: 16 cm at about 200 dots an inch.
PIXELS = 1280
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
def of_list(request: HttpRequest) -> HttpResponseBase:
    """Answer with the cases of a query; or with those of `id=…`, in that order, if any is given."""
    if "id" in request.GET:
        return _of_ids(request)
    query = CaseQuery(request.GET, facets.current())
    if not query.is_valid:
        return invalid(request, query)
    if query.total > briefs.MOST:
        list_url = f"{reverse('cases:list')}{query.url()}"
        return _none(request, total=query.total, most=briefs.MOST, list_url=list_url)

    def make() -> HttpResponse:
        return _answer(
            request,
            list(query.every_row(briefs.MOST)),
            title=_("案例简报"),
            question=in_words(query),
            path=f"{reverse('cases:list')}{query.url()}".removesuffix("?"),
            name="cases.docx",
        )

    about = (query.snapshot.generation, query.url(), timezone.localdate())
    return unless_known(request, about, make)


def _of_ids(request: HttpRequest) -> HttpResponse:
    choice = Choice.of(request.GET, briefs.MOST)
    ids = choice.ids
    if choice.error:
        return _none(request, error=choice.error)
    records = load(ids)
    known = {record["id"] for record in records}
    missing = [pk for pk in ids if pk not in known]
    if missing or not records:
        return _none(request, missing=missing[:20])
    return _answer(
        request,
        records,
        title=_("案例比较简报"),
        question=_("比较：%s") % "、".join(record["title"] for record in records),
        path=f"{reverse('cases:compare')}{address_of(ids)}",
        name="compare.docx",
    )


def _none(request: HttpRequest, **why: Any) -> HttpResponse:
    context = {"list_url": reverse("cases:list"), **why}
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
        name=f"case-{pk}-v{record['version']}.docx",
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
            # A long brief names its pictures: it must stay small enough to send.
            picture=_picture if len(records) <= MOST else lambda _name: None,
        )
    return as_file(HttpResponse(body, content_type=DOCX), name)


def _picture(name: str) -> bytes | None:
    """Return an image in the size and the format that Word takes; None if it cannot be had."""
    out = BytesIO()
    try:
        with default_storage.open(name) as file, Image.open(file) as image:
            image.thumbnail((PIXELS, PIXELS))
            if image.mode not in ("RGB", "L"):
                background = Image.new("RGB", image.size, "white")
                background.paste(image, mask=image.convert("RGBA").getchannel("A"))
                image = background
            image.save(out, "JPEG", quality=85)
    except OSError:
        return None
    return out.getvalue()
