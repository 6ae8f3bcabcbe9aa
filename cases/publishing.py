"""The verbs that change status. Nothing else does.

Each is one transaction: status, revision and index move together or not at all.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from . import facets, quality
from .models import Initiative, Revision
from .models.revisions import checksum
from .records import for_record, to_record
from .search.documents import Document
from .search.index import index

PERMISSION = "cases.publish_initiative"


class NotReady(Exception):
    """The case is not complete; `problems` says what is missing, field by field."""

    def __init__(self, problems: list[quality.Problem]) -> None:
        super().__init__("；".join(problem.message for problem in problems))
        self.problems = problems


class WrongStatus(Exception):
    """The verb does not fit the status that the case has now; the message is Chinese."""


def may_publish(user: Any) -> bool:
    """Say whether the user may publish, send back and withdraw."""
    return bool(user.is_active and user.has_perm(PERMISSION))


def _locked(initiative: Initiative, *allowed: str) -> Initiative:
    """Return the row as it is now, locked until the transaction ends."""
    row = for_record(Initiative.objects.select_for_update(of=("self",))).get(pk=initiative.pk)
    if row.status not in allowed:
        raise WrongStatus(f"案例现在是“{row.get_status_display()}”，不能这样做。")
    return row


def _require_permission(user: User | None) -> None:
    if user is not None and not may_publish(user):
        raise PermissionDenied("您没有发布案例的权限。")


@transaction.atomic
def submit(initiative: Initiative) -> None:
    """Send a draft to review. It need not be complete; what is missing is shown to the reviewer."""
    row = _locked(initiative, Initiative.Status.DRAFT)
    _set(row, status=Initiative.Status.REVIEW, returned_reason="")
    initiative.refresh_from_db()


@transaction.atomic
def send_back(initiative: Initiative, by: User | None, reason: str) -> None:
    """Return a case in review to its editor with a reason."""
    _require_permission(by)
    row = _locked(initiative, Initiative.Status.REVIEW)
    _set(row, status=Initiative.Status.DRAFT, returned_reason=reason)
    initiative.refresh_from_db()


@transaction.atomic
def publish(
    initiative: Initiative,
    by: User | None = None,
    note: str = "",
    at: datetime | None = None,
) -> Revision:
    """Publish the case as its next version; raises NotReady with what is missing.

    `by` is None for commands, which act with the operator's authority. `at` defaults to now
    and is cut to whole seconds, the unit in which publications are ordered.
    """
    _require_permission(by)
    row = _locked(
        initiative,
        Initiative.Status.DRAFT,
        Initiative.Status.REVIEW,
        Initiative.Status.WITHDRAWN,
    )
    problems = quality.problems(to_record(row))
    if problems:
        raise NotReady(problems)
    at = (at or timezone.now()).replace(microsecond=0)
    last = row.revisions.order_by("-number").first()
    record = to_record(row) | {
        "version": last.number + 1 if last else 1,
        "published_at": timezone.localtime(at).isoformat(),
    }
    revision = Revision.objects.create(
        initiative=row,
        number=record["version"],
        record=record,
        checksum=checksum(record),
        published_at=at,
        published_by=by,
        published_by_name=by.get_username() if by else "",
        note=note,
    )
    _set(
        row,
        status=Initiative.Status.PUBLISHED,
        current_revision=revision,
        published_at=at,
        withdrawn_at=None,
        withdrawal_reason="",
        returned_reason="",
    )
    facets.update(row.pk, None, record)
    index().add([(row.pk, Document.of(record))])
    initiative.refresh_from_db()
    return revision


@transaction.atomic
def withdraw(
    initiative: Initiative,
    by: User | None,
    reason: str,
    at: datetime | None = None,
) -> None:
    """Take a published case out of public view; its address then says when and why."""
    _require_permission(by)
    if not reason.strip():
        raise WrongStatus("撤回案例须写明理由。")
    row = _locked(initiative, Initiative.Status.PUBLISHED)
    if row.current_revision is None:  # The database forbids it; the type does not know.
        raise WrongStatus("案例没有版本，不能撤回。")
    _set(
        row,
        status=Initiative.Status.WITHDRAWN,
        withdrawn_at=(at or timezone.now()).replace(microsecond=0),
        withdrawal_reason=reason.strip(),
    )
    facets.update(row.pk, row.current_revision.record, None)
    index().remove([(row.pk, Document.of(row.current_revision.record))])
    initiative.refresh_from_db()


def _set(row: Initiative, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=[*values, "updated_at"])
