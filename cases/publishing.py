"""The verbs that change status. Nothing else does.

Each is one transaction: status, revision and index move together or not at all.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from . import facets, quality
from .merging import joined
from .models import Attachment, Event, Initiative, Revision
from .models.revisions import checksum
from .records import Record, for_record, from_record, to_record
from .search.documents import Document
from .search.index import index

logger = logging.getLogger(__name__)

PERMISSION = "cases.publish_initiative"


class NotReady(Exception):
    """The case is not complete; `problems` says what is missing, field by field."""

    def __init__(self, problems: list[quality.Problem]) -> None:
        super().__init__("；".join(problem.message for problem in problems))
        self.problems = problems


class WrongStatus(Exception):
    """The verb does not fit the status that the case has now; the message is Chinese."""


class Changed(Exception):
    """What was to be done is not what its reviewer was shown any more; nothing has been done."""


def may_publish(user: Any) -> bool:
    """Say whether the user may publish, send back and withdraw."""
    return bool(user.is_active and user.has_perm(PERMISSION))


def _locked(initiative: Initiative, *allowed: str) -> Initiative:
    """Return the row as it is now, locked until the transaction ends."""
    # Locked by itself: a row that had to be waited for is read as it is now, but what is joined
    # to it as it was before.
    list(Initiative.objects.select_for_update().filter(pk=initiative.pk).values_list("pk"))
    row = for_record(Initiative.objects.all()).get(pk=initiative.pk)
    if row.status not in allowed:
        raise WrongStatus(f"案例现在是“{row.get_status_display()}”，不能这样做。")
    return row


def digest(initiative: Initiative) -> str:
    """Return what tells a state of a case from every other: of its text, and of where it stands."""
    return checksum(to_record(initiative) | {"stands": initiative.status})


def public_digest(*initiatives: Initiative) -> str:
    """Return what tells the public versions of these cases from all others."""
    return " ".join(row.current_revision.checksum for row in initiatives if row.current_revision)


def _require_seen(seen: str | None, now: str) -> None:
    """Refuse what was decided by another state than the present one; None looked at nothing."""
    if seen is not None and seen != now:
        raise Changed


def _require_permission(user: User | None) -> None:
    if user is not None and not may_publish(user):
        raise PermissionDenied("您没有发布案例的权限。")


def log(
    initiative: Initiative, verb: Event.Verb, by: User | None, note: str = "", **fields: Any
) -> None:
    """Write one line of the case's history; `by` None is the operator at the console."""
    Event.objects.create(
        initiative=initiative,
        title=initiative.title,
        verb=verb,
        at=fields.pop("at", None) or timezone.now(),
        by=by,
        by_name=by.get_username() if by else "",
        note=note,
    )


@transaction.atomic
def submit(initiative: Initiative, by: User | None = None) -> None:
    """Send a draft to review. It need not be complete; what is missing is shown to the reviewer."""
    row = _locked(initiative, Initiative.Status.DRAFT)
    _set(row, status=Initiative.Status.REVIEW, returned_reason="")
    log(row, Event.Verb.SUBMITTED, by)
    initiative.refresh_from_db()


@transaction.atomic
def send_back(initiative: Initiative, by: User | None, reason: str) -> None:
    """Return a case in review to its editor with a reason."""
    _require_permission(by)
    if not reason.strip():
        raise WrongStatus("退回案例须写明理由。")
    row = _locked(initiative, Initiative.Status.REVIEW)
    _set(row, status=Initiative.Status.DRAFT, returned_reason=reason.strip(), publish_at=None)
    log(row, Event.Verb.RETURNED, by, reason.strip())
    initiative.refresh_from_db()


@transaction.atomic
def schedule(
    initiative: Initiative, by: User | None, at: datetime, seen: str | None = None
) -> None:
    """Let `publish_due` publish a complete case in review at a later time."""
    _require_permission(by)
    row = _locked(initiative, Initiative.Status.REVIEW)
    _require_seen(seen, digest(row))
    if at <= timezone.now():
        raise WrongStatus("定时发布的时间须在以后。")
    _require_complete(row)
    _set(row, publish_at=at)
    log(row, Event.Verb.SCHEDULED, by, f"{timezone.localtime(at):%Y-%m-%d %H:%M}")
    initiative.refresh_from_db()


@transaction.atomic
def unschedule(initiative: Initiative, by: User | None) -> None:
    """Drop the time set for a text that is not the present one any more."""
    row = _locked(initiative, Initiative.Status.REVIEW)
    _set(row, publish_at=None)
    log(row, Event.Verb.SCHEDULED, by, "取消：内容有改动")
    initiative.publish_at = None


def publish_due(now: datetime | None = None) -> list[Initiative]:
    """Publish what was scheduled for a time up to now; returns the cases published.

    Each is its own transaction. One that became incomplete goes back with the reason, and one
    that fails does not hold up the others.
    """
    now = now or timezone.now()
    due = Initiative.objects.filter(publish_at__lte=now).order_by("publish_at")
    done = [_publish_if_it_can(pk, now) for pk in due.values_list("pk", flat=True)]
    return [case for case in done if case]


def _publish_if_it_can(pk: int, now: datetime) -> Initiative | None:
    try:
        return _publish_or_return(pk, now)
    except Exception:
        logger.exception("定时发布没有做成：编号 %s", pk)
        return None


@transaction.atomic
def _publish_or_return(pk: int, now: datetime) -> Initiative | None:
    # Looked at again under lock: another process may have published it, or a reviewer sent it back.
    rows = Initiative.objects.select_for_update(of=("self",))
    row = rows.filter(pk=pk, publish_at__lte=now).first()
    if row is None:
        return None
    try:
        return publish(row).initiative
    except (NotReady, WrongStatus) as error:
        send_back(row, None, f"定时发布未成：{error}"[:400])
        return None


@transaction.atomic
def publish(
    initiative: Initiative,
    by: User | None = None,
    note: str = "",
    at: datetime | None = None,
    seen: str | None = None,
) -> Revision:
    """Publish the case as its next version; raises NotReady with what is missing.

    `seen` is the digest of what a reviewer judged by: only that is published, and no draft.

    A working copy replaces the content of the case that it revises, and goes. `by` is None
    for commands, which act with the operator's authority. `at` defaults to now and is cut
    to whole seconds, the unit in which publications are ordered.
    """
    _require_permission(by)
    allowed = [Initiative.Status.REVIEW, Initiative.Status.WITHDRAWN]
    if seen is None:
        allowed.append(Initiative.Status.DRAFT)
    row = _locked(initiative, *allowed)
    _require_seen(seen, digest(row))
    if row.merged_into_id:
        raise WrongStatus("案例已并入另一案例，不能再发布。")
    if row.status == Initiative.Status.WITHDRAWN and row.current_revision_id is None:
        # Its first versions are elsewhere: numbers from 1 would name other texts.
        raise WrongStatus("这个撤回的案例是从数据包还原的，没有原来的各版本，不能再发布。")
    _require_complete(row)
    if row.revises is None:
        revision = _publish(row, by, note, at, before=None)
        initiative.refresh_from_db()
        return revision
    target = _locked(row.revises, Initiative.Status.PUBLISHED)
    before = _public_record(target)
    # The copy lets go of its case first: two rows may not claim one working copy's place.
    content = to_record(row)
    row.events.update(initiative=target)
    Initiative.objects.filter(pk=row.pk).delete()
    from_record(content, into=target)
    return _publish(_locked(target, Initiative.Status.PUBLISHED), by, note, at, before=before)


def _publish(
    row: Initiative, by: User | None, note: str, at: datetime | None, before: Record | None
) -> Revision:
    """Write the next version of `row` as it stands, and move the index from `before` to it."""
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
        publish_at=None,
        withdrawn_at=None,
        withdrawal_reason="",
        returned_reason="",
    )
    facets.update(row.pk, before, record)
    if before:
        index().remove([(row.pk, Document.of(before))])
    index().add([(row.pk, Document.of(record))])
    log(row, Event.Verb.PUBLISHED, by, note, at=at)
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
    if hasattr(row, "working_copy"):
        raise WrongStatus("案例正在修订，请先发布或删除修订稿。")
    before = _public_record(row)
    at = (at or timezone.now()).replace(microsecond=0)
    _set(
        row,
        status=Initiative.Status.WITHDRAWN,
        withdrawn_at=at,
        withdrawal_reason=reason.strip(),
    )
    facets.update(row.pk, before, None)
    index().remove([(row.pk, Document.of(before))])
    log(row, Event.Verb.WITHDRAWN, by, reason.strip(), at=at)
    initiative.refresh_from_db()


@transaction.atomic
def start_revision(
    initiative: Initiative, by: User | None = None, version: int | None = None
) -> Initiative:
    """Return a new working copy of a published case, or the one that exists already.

    With `version` the copy has the content of that earlier version. The public page does
    not move until the copy is published.
    """
    row = _locked(initiative, Initiative.Status.PUBLISHED)
    existing = Initiative.objects.filter(revises=row).first()
    if existing:
        return existing
    source = row.current_revision if version is None else row.revisions.get(number=version)
    if source is None:  # The database forbids it; the type does not know.
        raise WrongStatus("案例没有版本，不能修订。")
    copy = from_record({**source.record, "id": None})
    _set(copy, revises=row, created_by=by)
    if version is None:
        log(row, Event.Verb.REVISED, by)
    else:
        log(row, Event.Verb.RESTORED, by, f"v{version}")
    return copy


@transaction.atomic
def restore(
    initiative: Initiative, version: int, by: User | None, seen: str | None = None
) -> Revision:
    """Publish the content of an earlier version again, as the next version."""
    _require_permission(by)
    row = _locked(initiative, Initiative.Status.PUBLISHED)
    if Initiative.objects.filter(revises=row).exists():
        raise WrongStatus("案例正在修订，请先发布或删除修订稿。")
    _require_seen(seen, public_digest(row))
    copy = start_revision(row, by, version)
    return publish(copy, by, note=f"恢复 v{version} 的内容")


@transaction.atomic
def merge(
    duplicate: Initiative, into: Initiative, by: User | None, seen: str | None = None
) -> Revision:
    """Join a published case to another: evidence, names and places are added to its next version.

    The address of the duplicate then leads to the other case. Its text stays in its own
    versions; the evidence is numbered on from the other's.
    """
    _require_permission(by)
    if duplicate.pk == into.pk:
        raise WrongStatus("案例不能并入它自己。")
    gone = _locked(duplicate, Initiative.Status.PUBLISHED)
    kept = _locked(into, Initiative.Status.PUBLISHED)
    if Initiative.objects.filter(revises__in=[gone, kept]).exists():
        raise WrongStatus("案例正在修订，请先发布或删除修订稿。")
    _require_seen(seen, public_digest(gone, kept))
    withdraw(gone, by, f"并入“{kept.title}”")
    Initiative.objects.filter(pk=gone.pk).update(merged_into=kept)
    before = _public_record(kept)
    from_record(joined(before, _public_record(gone)), into=kept)
    log(kept, Event.Verb.MERGED, by, gone.title)
    return _publish(
        _locked(kept, Initiative.Status.PUBLISHED), by, f"并入“{gone.title}”", None, before=before
    )


@transaction.atomic
def reinstate(versions: Sequence[tuple[Record, str]], synthetic: bool) -> Initiative:
    """Store a published case anew with all its versions, each with its note, as `load_data` does.

    The content is that of the last version. Numbers, dates and the id are the records' own. The
    index is left to the caller, who rebuilds it once (see search/rebuilding.py).
    """
    row = from_record(versions[-1][0])
    shown = {item["file"] for item in versions[-1][0].get("attachments") or []}
    for record, _note in versions[:-1]:
        for item in record.get("attachments") or []:
            if item["file"] not in shown:
                shown.add(item["file"])
                values = {key: value or "" for key, value in item.items()}
                # Only earlier versions show it.
                Attachment.objects.create(initiative=row, removed=True, **values)
    revisions = Revision.objects.bulk_create(
        Revision(
            initiative=row,
            number=record["version"],
            record=record,
            checksum=checksum(record),
            published_at=datetime.fromisoformat(record["published_at"]),
            note=note,
        )
        for record, note in versions
    )
    last = revisions[-1]
    _set(
        row,
        status=Initiative.Status.PUBLISHED,
        current_revision=last,
        published_at=last.published_at,
        synthetic=synthetic,
    )
    for revision in revisions:
        log(row, Event.Verb.PUBLISHED, None, revision.note, at=revision.published_at)
    return row


@transaction.atomic
def reinstate_withdrawn(
    pk: int, title: str, at: datetime, reason: str, synthetic: bool
) -> Initiative:
    """Store again that a case was withdrawn; its versions, public no more, are not known."""
    row = Initiative.objects.create(
        pk=pk,
        title=title,
        status=Initiative.Status.WITHDRAWN,
        withdrawn_at=at,
        withdrawal_reason=reason,
        synthetic=synthetic,
    )
    log(row, Event.Verb.WITHDRAWN, None, reason, at=at)
    return row


def reinstate_merger(pk: int, into: int) -> None:
    """Let the address of a withdrawn case lead to another again; both are stored already."""
    Initiative.objects.withdrawn().filter(pk=pk).update(merged_into=into)


@transaction.atomic
def delete_draft(initiative: Initiative, by: User | None) -> None:
    """Delete a draft that was never public; the history keeps that it was, and who did it."""
    row = _locked(initiative, Initiative.Status.DRAFT, Initiative.Status.REVIEW)
    if row.current_revision_id:
        raise WrongStatus("发布过的案例不能删除，只能撤回。")
    if row.revises is None:
        log(row, Event.Verb.DELETED, by)
    else:
        row.events.update(initiative=row.revises)
        log(row.revises, Event.Verb.DELETED, by, "放弃修订")
    row.delete()


def _require_complete(row: Initiative) -> None:
    problems = quality.problems(to_record(row))
    if problems:
        raise NotReady(problems)


def _public_record(row: Initiative) -> Record:
    if row.current_revision is None:  # The database forbids it; the type does not know.
        raise WrongStatus("案例没有版本。")
    record: Record = row.current_revision.record
    return record


def _set(row: Initiative, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=[*values, "updated_at"])
