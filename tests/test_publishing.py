"""The verbs that change status, and what they leave behind."""

from datetime import datetime, timedelta, timezone
from threading import Thread
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.timezone import now as timezone_now

from cases import facets, publishing
from cases.models import Event, Initiative, Revision
from cases.models.revisions import checksum

from . import make

pytestmark = pytest.mark.django_db


def test_publishing_writes_the_first_version_and_the_index() -> None:
    reviewer = make.make_user("reviewer")
    draft = make.make_in_review(title="潮汐停车")
    at = datetime(2026, 5, 1, 8, 30, 15, 999, tzinfo=timezone.utc)
    revision = publishing.publish(draft, by=reviewer, note="首次发布", at=at)
    assert draft.status == "published"
    assert (revision.number, revision.record["title"], revision.record["version"]) == (
        1,
        "潮汐停车",
        1,
    )
    assert draft.published_at == revision.published_at == at.replace(microsecond=0)
    assert revision.record["published_at"] == "2026-05-01T16:30:15+08:00"
    assert revision.checksum == checksum(revision.record)
    assert revision.published_by_name == reviewer.get_username()
    assert draft.pk in facets.current().all


def test_a_case_published_again_gets_the_next_version_and_keeps_the_first() -> None:
    case = make.make_published(title="旧名")
    publishing.withdraw(case, None, "改名")
    case.title = "新名"
    case.save()
    publishing.publish(case)
    assert [(r.number, r.record["title"]) for r in case.revisions.order_by("number")] == [
        (1, "旧名"),
        (2, "新名"),
    ]
    assert case.withdrawal_reason == ""
    assert case.withdrawn_at is None


def test_an_incomplete_draft_is_not_published_and_every_gap_is_named() -> None:
    draft = make.make_initiative(scope="区", background="没有标记的话", results="标记指错了[^9]")
    make.make_figure(draft, label="人数")
    with pytest.raises(publishing.NotReady) as caught:
        publishing.publish(draft)
    assert {problem.field for problem in caught.value.problems} == {
        "summary",
        "districts",
        "topics",
        "themes",
        "evidence",
        "background",
        "results",
        "figures",
    }
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert not Revision.objects.exists()
    assert draft.pk not in facets.current().all


def test_a_citywide_case_needs_no_district() -> None:
    assert make.make_published(district=None, scope="全市").is_published


def test_a_case_outside_the_seven_themes_needs_the_reason() -> None:
    draft = make.make_complete_draft(themes=())
    with pytest.raises(publishing.NotReady, match="无主题的理由"):
        publishing.publish(draft)
    draft.theme_note = "早于 1+6 改革"
    draft.save()
    publishing.publish(draft)
    assert draft.is_published


@pytest.mark.parametrize("role", ["editor", ""])
def test_only_a_reviewer_publishes_sends_back_and_withdraws(role: str) -> None:
    user = make.make_user(role)
    for attempt in (
        lambda: publishing.publish(make.make_complete_draft(), by=user),
        lambda: publishing.send_back(make.make_in_review(), user, "补充出处"),
        lambda: publishing.withdraw(make.make_published(), user, "重复"),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_a_reviewer_who_is_no_longer_active_cannot_publish() -> None:
    user = make.make_user("reviewer", is_active=False)
    with pytest.raises(PermissionDenied):
        publishing.publish(make.make_complete_draft(), by=user)


def test_a_case_sent_back_is_a_draft_with_the_reason() -> None:
    draft = make.make_in_review()
    publishing.send_back(draft, make.make_user("reviewer"), "请补充出处")
    assert (draft.status, draft.returned_reason) == ("draft", "请补充出处")
    publishing.submit(draft)
    assert (draft.status, draft.returned_reason) == ("review", "")


def test_a_verb_that_does_not_fit_the_status_is_refused() -> None:
    published, draft = make.make_published(), make.make_complete_draft()
    for attempt in (
        lambda: publishing.publish(published),
        lambda: publishing.submit(published),
        lambda: publishing.send_back(draft, None, "理由"),
        lambda: publishing.withdraw(draft, None, "理由"),
    ):
        with pytest.raises(publishing.WrongStatus):
            attempt()


def test_withdrawing_needs_a_reason() -> None:
    case = make.make_published()
    with pytest.raises(publishing.WrongStatus, match="理由"):
        publishing.withdraw(case, None, "  ")
    assert Initiative.objects.published().get() == case


def test_a_failure_in_the_index_undoes_the_publication(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = make.make_complete_draft()

    def broken(*args: object) -> None:
        raise RuntimeError("index")

    monkeypatch.setattr(facets, "update", broken)
    with pytest.raises(RuntimeError):
        publishing.publish(draft)
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert not Revision.objects.exists()


def test_versions_outlive_the_account_that_published_them() -> None:
    reviewer = make.make_user("reviewer", username="wang")
    draft = make.make_complete_draft()
    publishing.publish(draft, by=reviewer)
    reviewer.delete()
    revision = Revision.objects.get()
    assert revision.published_by is None
    assert revision.published_by_name == "wang"


# Working copies


def test_revising_makes_one_copy_and_the_public_record_does_not_move() -> None:
    case = make.make_published(title="旧名")
    copy = publishing.start_revision(case)
    assert publishing.start_revision(case) == copy
    copy.title = "新名"
    copy.save()
    case.refresh_from_db()
    assert (case.title, case.current_revision.record["title"]) == ("旧名", "旧名")
    assert list(Initiative.objects.published()) == [case]


def test_publishing_the_copy_replaces_the_content_as_the_next_version_and_the_copy_goes() -> None:
    editor, reviewer = make.make_user("editor"), make.make_user("reviewer")
    case = make.make_published(title="旧名", topics=("parking",))
    copy = publishing.start_revision(case, editor)
    copy.title = "新名"
    copy.save()
    publishing.submit(copy, editor)
    revision = publishing.publish(copy, reviewer, note="改名")
    case.refresh_from_db()
    assert (revision.initiative, revision.number, case.title) == (case, 2, "新名")
    assert not Initiative.objects.filter(pk=copy.pk).exists()
    assert case.revisions.get(number=1).record["title"] == "旧名"
    verbs = [event.verb for event in case.events.order_by("id")]
    assert verbs == ["published", "revised", "submitted", "published"]


def test_the_index_moves_with_the_copy_and_not_before() -> None:
    case = make.make_published(title="潮汐停车", district="xuhui")
    copy = publishing.start_revision(case)
    copy.title = "错时停车"
    copy.save()
    copy.districts.set([make.make_district("pudong")])
    assert case.pk in facets.current().having("district", "xuhui")
    publishing.publish(copy)
    snapshot = facets.current()
    assert case.pk not in snapshot.having("district", "xuhui")
    assert case.pk in snapshot.having("district", "pudong")
    assert list(snapshot.all) == [case.pk]


def test_restoring_publishes_an_earlier_content_as_a_new_version() -> None:
    case = make.make_published(title="旧名")
    copy = publishing.start_revision(case)
    Initiative.objects.filter(pk=copy.pk).update(title="新名")
    publishing.publish(Initiative.objects.get(pk=copy.pk))
    revision = publishing.restore(case, 1, make.make_user("reviewer"))
    assert (revision.number, revision.record["title"]) == (3, "旧名")
    first = case.revisions.get(number=1)
    content = {"version", "published_at"}
    assert {k: v for k, v in first.record.items() if k not in content} == {
        k: v for k, v in revision.record.items() if k not in content
    }


def test_a_case_under_revision_is_neither_withdrawn_nor_restored() -> None:
    case = make.make_published()
    publishing.start_revision(case)
    with pytest.raises(publishing.WrongStatus, match="修订"):
        publishing.withdraw(case, None, "理由")
    with pytest.raises(publishing.WrongStatus, match="修订"):
        publishing.restore(case, 1, None)


def test_merging_keeps_all_evidence_and_takes_the_duplicate_out() -> None:
    kept = make.make_published(title="潮汐停车", district="xuhui")
    double = make.make_published(
        title="潮汐式停车", aliases=["错时停车"], district="pudong", grade="B"
    )
    revision = publishing.merge(double, kept, make.make_user("reviewer"))
    record = revision.record
    assert revision.initiative == kept
    assert record["aliases"] == ["潮汐式停车", "错时停车"]
    assert [(e["number"], e["grade"]) for e in record["evidence"]] == [(1, "C"), (2, "B")]
    assert {d["slug"] for d in record["districts"]} == {"xuhui", "pudong"}
    double.refresh_from_db()
    assert (double.status, double.merged_into) == ("withdrawn", kept)
    assert list(facets.current().all) == [kept.pk]
    with pytest.raises(publishing.WrongStatus, match="并入"):
        publishing.publish(double)


def test_a_scheduled_case_is_published_when_its_time_has_come() -> None:
    reviewer = make.make_user("reviewer")
    now = timezone_now()
    case = make.make_in_review()
    publishing.schedule(case, reviewer, now + timedelta(hours=1))
    assert publishing.publish_due(now) == []
    assert publishing.publish_due(now + timedelta(hours=2)) == [case]
    case.refresh_from_db()
    assert case.is_published
    assert case.publish_at is None


def test_a_scheduled_case_that_became_incomplete_goes_back_with_the_reason() -> None:
    case = make.make_in_review()
    publishing.schedule(case, None, timezone_now() + timedelta(hours=1))
    case.evidence.all().delete()
    assert publishing.publish_due(timezone_now() + timedelta(hours=2)) == []
    case.refresh_from_db()
    assert case.status == "draft"
    assert "出处" in case.returned_reason


def test_what_was_sent_back_or_published_meanwhile_is_not_published_by_its_timer() -> None:
    now = timezone_now()
    later = now + timedelta(hours=2)
    returned, published, waiting = (make.make_in_review() for _ in range(3))
    for case in (returned, published, waiting):
        publishing.schedule(case, None, now + timedelta(hours=1))

    def look(pk: int, at: Any) -> Any:
        # Another process is first, after both have asked what is due.
        if pk == returned.pk:
            publishing.send_back(returned, None, "再改")
        elif pk == published.pk:
            publishing.publish(published)
        return one(pk, at)

    one = publishing._publish_or_return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "_publish_or_return", look)
        assert publishing.publish_due(later) == [waiting]
    returned.refresh_from_db()
    assert (returned.status, published.revisions.count()) == ("draft", 1)


def test_one_scheduled_case_that_fails_does_not_hold_up_the_others() -> None:
    now = timezone_now()
    broken, good = make.make_in_review(), make.make_in_review()
    for case in (broken, good):
        publishing.schedule(case, None, now + timedelta(hours=1))
    one = publishing._publish_or_return

    def look(pk: int, at: Any) -> Any:
        if pk == broken.pk:
            raise RuntimeError("数据库不理会")
        return one(pk, at)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "_publish_or_return", look)
        assert publishing.publish_due(now + timedelta(hours=2)) == [good]


def test_who_did_what_outlives_the_account_and_the_draft() -> None:
    editor = make.make_user("editor", username="li")
    draft = make.make_complete_draft(title="未成的案例")
    publishing.submit(draft, editor)
    publishing.delete_draft(draft, editor)
    editor.delete()
    assert [(e.verb, e.by_name, e.title) for e in Event.objects.order_by("id")] == [
        ("submitted", "li", "未成的案例"),
        ("deleted", "li", "未成的案例"),
    ]


def test_what_was_once_public_cannot_be_deleted() -> None:
    case = make.make_published()
    publishing.withdraw(case, None, "理由")
    with pytest.raises(publishing.WrongStatus):
        publishing.delete_draft(case, None)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_publication_goes_on_from_its_version() -> None:
    case = make.make_published()
    copy = publishing.start_revision(case)
    refused: list[Exception] = []

    def withdraw() -> None:
        try:
            publishing.withdraw(case, None, "重复收录")
        except publishing.WrongStatus as error:
            refused.append(error)
        finally:
            connection.close()

    other = Thread(target=withdraw)
    with transaction.atomic():
        publishing.publish(copy)
        other.start()
        with connection.cursor() as cursor:
            waiting = False
            while other.is_alive() and not waiting:
                cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
                waiting = cursor.fetchone()[0]
    other.join()
    assert waiting
    assert refused == []
    case.refresh_from_db()
    assert case.status == "withdrawn"
    assert case.current_revision is not None
    assert case.current_revision.number == 2
