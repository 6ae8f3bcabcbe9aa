"""What waits for whom: the reviewer's queue, and what an editor has in hand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import quality
from cases.models import Event, Initiative
from cases.models.initiatives import SECTIONS
from cases.outputs import diffs
from cases.records import for_record, to_record

from .workflow import WorkflowAdmin

PER_PAGE = 20
Status = Initiative.Status
# What a person does who writes: the cases of these events are that person's work.
WRITING = (Event.Verb.CREATED, Event.Verb.SUBMITTED, Event.Verb.REVISED)


class Listing:
    """One page of a list, chosen by a parameter of the address; others of the address are kept."""

    def __init__(
        self, request: HttpRequest, rows: Any, parameter: str = "page", heading: str = ""
    ) -> None:
        self.request, self.parameter, self.heading = request, parameter, heading
        self.page: Page[Any] = Paginator(rows, PER_PAGE).get_page(request.GET.get(parameter))

    @cached_property
    def rows(self) -> list[Any]:
        return list(self.page.object_list)

    @property
    def count(self) -> int:
        return self.page.paginator.count

    @property
    def pages(self) -> int:
        return self.page.paginator.num_pages

    @property
    def number(self) -> int:
        return self.page.number

    @property
    def previous(self) -> str:
        return self._url(self.number - 1) if self.page.has_previous() else ""

    @property
    def next(self) -> str:
        return self._url(self.number + 1) if self.page.has_next() else ""

    def _url(self, number: int) -> str:
        query = self.request.GET.copy()
        query[self.parameter] = str(number)
        return f"?{query.urlencode()}"


@dataclass(frozen=True)
class Waiting:
    """One row of the queue: the case, and what its reviewer wants to know before opening it."""

    case: Any
    missing: int
    changes: list[str]


def submitted(rows: Any) -> Any:
    """Add who submitted each case last, and when."""
    last = Event.objects.filter(initiative=OuterRef("pk"), verb=Event.Verb.SUBMITTED)
    last = last.order_by("-id")
    return rows.annotate(
        submitted_at=Subquery(last.values("at")[:1]),
        submitted_by=Subquery(last.values("by_name")[:1]),
    )


def waiting(cases: list[Any]) -> list[Waiting]:
    """Return the rows of the queue for cases that came through `for_record`."""
    found = []
    for case in cases:
        record, before = to_record(case), public_record(case)
        found.append(
            Waiting(
                case,
                len(quality.problems(record)),
                diffs.changed_fields(before, record) if before else [],
            )
        )
    return found


def public_record(case: Initiative) -> dict[str, Any] | None:
    """Return what was published last of the case, or of the case that it revises."""
    revision = (case.revises or case).current_revision
    return revision.record if revision else None


class QueueAdmin(WorkflowAdmin):
    """Two pages of the desk that are lists of cases."""

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return self.admin_site.admin_view(require_safe(view))

        return [
            path("queue/", wrap(self.queue_view), name="cases_initiative_queue"),
            path("my-work/", wrap(self.my_work_view), name="cases_initiative_my_work"),
            *super().get_urls(),
        ]

    def queue_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = submitted(Initiative.objects.filter(status=Status.REVIEW))
        # What was submitted before there were events comes first: it has waited longest.
        rows = rows.select_related("revises__current_revision").order_by("submitted_at", "pk")
        listing = Listing(request, for_record(rows))
        return self.desk_page(
            request,
            "admin/desk/queue.html",
            title=_("待审队列"),
            here="queue",
            listing=listing,
            waiting=waiting(listing.rows),
        )

    def my_work_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        written = Event.objects.filter(by=request.user.pk, verb__in=WRITING)
        mine = (
            Initiative.objects.filter(
                Q(created_by=request.user.pk) | Q(pk__in=written.values("initiative"))
            )
            .select_related("revises")
            .defer(*SECTIONS, *(f"revises__{name}" for name in SECTIONS))
        )
        drafts = mine.filter(status=Status.DRAFT).order_by("-updated_at", "-pk")
        parts = [
            ("returned", _("被退回的"), drafts.exclude(returned_reason="")),
            ("drafts", _("草稿"), drafts.filter(returned_reason="")),
            (
                "review",
                _("待审"),
                submitted(mine.filter(status=Status.REVIEW)).order_by("submitted_at", "pk"),
            ),
            (
                "published",
                _("已发布"),
                mine.filter(status=Status.PUBLISHED).order_by("-published_at", "-pk"),
            ),
        ]
        return self.desk_page(
            request,
            "admin/desk/my_work.html",
            title=_("我的工作"),
            here="my-work",
            parts=[Listing(request, rows, name, heading) for name, heading, rows in parts],
        )
