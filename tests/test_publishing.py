"""The verbs that change status, and what they leave behind."""

from datetime import datetime, timezone

import pytest
from django.core.exceptions import PermissionDenied

from cases import facets, publishing
from cases.models import Initiative, Revision
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
