"""The brief of a case, of chosen cases, or of a result list, in Word or as a page to print."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from PIL import Image

from cases import facets
from cases.api.manners import as_file, in_words, unless_known
from cases.filters import CaseQuery
from cases.models import PolicyDocument, Revision
from cases.outputs import briefs
from cases.outputs.comparison import Column
from cases.records import Record

from .caching import until_published
from .cases import gone, has_public_versions, public_case
from .comparison import MOST, Choice, address_of, columns_of
from .statistics import invalid

# Of the longer side: 16 cm at about 200 dots an inch.
PIXELS = 1280
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Asked:
    """What an address asks to be briefed on; words and records are fetched when needed."""

    title: str
    # Where the question is answered.
    path: str
    snapshot: facets.Snapshot
    question: Callable[[], str]
    records: Callable[[], Sequence[Record]]
    columns: Sequence[Column] = ()

    def brief(self) -> briefs.Brief:
        address = f"{settings.SITE_URL}{self.path}"
        policies = self.snapshot.catalog.policies.values()
        said = self.title, self.question(), address
        return brief_of(self.records(), *said, policies, self.columns)


def brief_of(
    records: Sequence[Record],
    title: str,
    question: str,
    address: str,
    policies: Iterable[PolicyDocument],
    columns: Sequence[Column] = (),
) -> briefs.Brief:
    """Return today's brief, which tells the present state of the policies."""
    known = {policy.pk: policy for policy in policies}
    site, today = settings.SITE_URL, timezone.localdate()
    return briefs.Brief(records, title, question, address, site, today, known, columns)


def _asked(request: HttpRequest, most: int) -> Asked | HttpResponse:
    """Return the cases of a query; or those of `id=…`, in that order, if any is given."""
    if "id" in request.GET:
        return _asked_by_ids(request, most)
    query = CaseQuery(request.GET, facets.current())
    if not query.is_valid:
        return invalid(request, query)
    path = f"{reverse('cases:list')}{query.url()}".removesuffix("?")
    if query.total > most:
        return _none(request, total=query.total, most=most, list_url=path)
    return Asked(
        _("案例简报"),
        path,
        query.snapshot,
        lambda: in_words(query),
        lambda: list(query.every_row(most)),
    )


def _asked_by_ids(request: HttpRequest, most: int) -> Asked | HttpResponse:
    choice = Choice.of(request.GET, most)
    if choice.error:
        return _none(request, error=choice.error)
    columns = columns_of(choice.ids)
    records = [column.record for column in columns if column.record is not None]
    if not records:
        return _none(request, missing=choice.ids[:20])
    names = "、".join(record["title"] for record in records)
    # More cases than have room side by side are a list.
    if len(choice.ids) <= MOST:
        title, question, where = _("案例比较简报"), _("比较：%s") % names, "cases:compare"
    else:
        title, question, where = _("案例简报"), _("所选案例：%s") % names, "cases:brief"
    path = f"{reverse(where)}{address_of(choice.ids)}"
    return Asked(title, path, facets.current(), lambda: question, lambda: records, columns)


def _none(request: HttpRequest, **why: Any) -> HttpResponse:
    context = {"list_url": reverse("cases:list"), **why}
    return render(request, "statistics/no_brief.html", context, status=400)


@require_safe
@until_published
def page(request: HttpRequest) -> HttpResponse:
    """Show the brief as a page to print."""
    asked = _asked(request, briefs.MOST_ON_PAGE)
    if isinstance(asked, HttpResponse):
        return asked
    context = {"title": asked.title, "path": asked.path, "brief": asked.brief().to_html()}
    return render(request, "statistics/brief.html", context)


@require_safe
def of_list(request: HttpRequest) -> HttpResponseBase:
    asked = _asked(request, briefs.MOST)
    if isinstance(asked, HttpResponse):
        return asked
    name = "compare.docx" if "id" in request.GET else "cases.docx"
    about = (asked.snapshot.generation, asked.path, timezone.localdate())
    return unless_known(request, about, lambda: word(request, asked.brief, name))


@require_safe
def of_case(request: HttpRequest, pk: int, number: int | None = None) -> HttpResponse:
    """Answer with a version of a case; the current one if no number is given."""
    initiative = public_case(pk)
    revision = initiative.current_revision
    if number is not None and has_public_versions(initiative):
        revision = get_object_or_404(Revision, initiative=initiative, number=number)
    elif not initiative.is_published or revision is None:
        return gone(request, initiative)
    record = revision.record
    title, question = record["title"], _("案例：%s") % record["title"]
    if number is not None:
        question += _("（第 %d 版）") % number
    path = record["url"] if number is None else revision.get_absolute_url()
    address = f"{settings.SITE_URL}{path}"
    policies = PolicyDocument.objects.filter(pk__in=[item["id"] for item in record["policies"]])
    return word(
        request,
        lambda: brief_of([record], title, question, address, policies),
        f"case-{pk}-v{record['version']}.docx",
    )


def word(request: HttpRequest, make: Callable[[], briefs.Brief], name: str) -> HttpResponse:
    """Answer with a brief as a Word file, with its pictures if it is short."""
    body = b""
    if request.method == "GET":  # Nobody reads the body of a HEAD.
        brief = make()
        # A long brief names its pictures: it must stay small enough to send.
        body = brief.to_docx(_picture) if len(brief.records) <= MOST else brief.to_docx()
    return as_file(HttpResponse(body, content_type=DOCX), name)


def _picture(name: str) -> bytes | None:
    """Return an image in the size and the format that Word takes; None if it cannot be had."""
    out = BytesIO()
    try:
        with default_storage.open(name) as file, Image.open(file) as image:
            image.thumbnail((PIXELS, PIXELS))
            on_white = Image.new("RGB", image.size, "white")
            on_white.paste(image, mask=image.convert("RGBA").getchannel("A"))
            on_white.save(out, "JPEG", quality=85)
    except OSError:
        return None
    return out.getvalue()
