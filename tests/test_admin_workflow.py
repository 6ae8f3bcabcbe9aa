"""The way of a case over the desk: working copies, review, versions, merging, and who may what."""

import re
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.utils import timezone

from cases import publishing
from cases.models import Event, Initiative, Source, SynonymSet

from . import axe as axe_module
from . import make

pytestmark = pytest.mark.django_db

CASES = "/admin/cases/initiative/"
ALL = {"editor", "reviewer", "manager"}
REVIEWERS = {"reviewer", "manager"}
PEOPLE = ("visitor", "editor", "reviewer", "manager", "inactive", "staff")


def person(name: str) -> Client:
    """Return the browser of somebody; `staff` has an account but no role."""
    client = Client()
    if name == "inactive":
        client.force_login(user := make.make_user("reviewer"))
        user.is_active = False
        user.save()
    elif name == "staff":
        client.force_login(make.make_user(is_staff=True))
    elif name != "visitor":
        client.force_login(make.make_user(name))
    return client


def at(case: Initiative, page: str) -> str:
    return f"{CASES}{case.pk}/{page}/"


def make_copy(**kw: Any) -> Initiative:
    case = make.make_published(**kw)
    return publishing.start_revision(case, by=None)


def press(client: Client, url: str, data: dict[str, Any] | None = None, **seen: Any) -> Any:
    """Open a page of the desk and press its button, as somebody does who has read the page."""
    response = client.get(url, seen)
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', response.text)
    action = re.search(r'<form method="post" action="([^"]+)"', response.text)
    where = action[1] if action else url
    return client.post(where, {**dict(found), **(data or {})}, follow=True)


def tomorrow() -> dict[str, str]:
    return {"date": f"{timezone.localdate() + timedelta(days=1):%Y-%m-%d}", "time": "09:30"}


@pytest.fixture
def editor(client: Client) -> Any:
    user = make.make_user("editor")
    client.force_login(user)
    return user


@pytest.fixture
def reviewer(client: Client) -> Any:
    user = make.make_user("reviewer")
    client.force_login(user)
    return user


# --- Who may what: every address, every role, both methods ---

# The case it is tried on, the address, what is posted, who may GET it and who may POST to it;
# None where the method is refused to all.
ADDRESSES: dict[str, tuple[Any, str, dict[str, Any], set[str] | None, set[str] | None]] = {
    "queue": (make.make_in_review, "queue/", {}, ALL, None),
    "my work": (make.make_in_review, "my-work/", {}, ALL, None),
    "quality": (make.make_in_review, "quality/", {}, ALL, None),
    "quality list": (make.make_in_review, "quality/incomplete/", {}, ALL, None),
    "revise": (make.make_published, "{pk}/revise/", {}, None, ALL),
    "review": (make.make_in_review, "{pk}/review/", {}, ALL, None),
    "publish": (make.make_in_review, "{pk}/publish/", {}, None, REVIEWERS),
    "schedule": (make.make_in_review, "{pk}/schedule/", {}, REVIEWERS, REVIEWERS),
    "restore": (make.make_published, "{pk}/restore/1/", {}, REVIEWERS, REVIEWERS),
    "merge": (make.make_published, "{pk}/merge/", {}, REVIEWERS, REVIEWERS),
    "withdraw": (make.make_published, "{pk}/withdraw/", {"reason": "有误"}, REVIEWERS, REVIEWERS),
    "send back": (make.make_in_review, "{pk}/send-back/", {"reason": "缺"}, REVIEWERS, REVIEWERS),
    "synonyms": (make.make_initiative, "/admin/cases/synonymset/", {}, REVIEWERS, REVIEWERS),
    "a synonym": (make.make_initiative, "/admin/cases/synonymset/add/", {}, REVIEWERS, REVIEWERS),
    "history": (make.make_initiative, "/admin/cases/event/", {}, REVIEWERS, REVIEWERS),
    "an event": (make.make_initiative, "/admin/cases/event/add/", {}, set(), set()),
}


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_each_address_is_for_whom_it_is_meant(address: str, method: str, name: str) -> None:
    given, path, data, may_get, may_post = ADDRESSES[address]
    case = given()
    before = Initiative.objects.values().get()
    allowed = may_get if method == "get" else may_post
    client = person(name)
    url = path if path.startswith("/") else CASES + path.format(pk=case.pk)
    response = getattr(client, method)(url, data)
    if name in ("visitor", "inactive"):
        assert response.url.startswith("/admin/login/")
    elif allowed is None:
        assert response.status_code == 405
    elif name not in allowed:
        assert response.status_code == 403
    else:
        # Whoever posts without having looked is shown the page.
        assert response.status_code in (200, 302, 409)
        return
    assert Initiative.objects.values().get() == before
    assert not SynonymSet.objects.exists()


@pytest.mark.parametrize("page", ["revise", "publish", "schedule", "restore/1", "merge"])
def test_a_request_without_the_token_is_refused(page: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.make_user("reviewer"))
    assert client.post(at(make.make_published(), page), {}).status_code == 403


def test_what_is_not_there_is_a_404(client: Client, reviewer: Any) -> None:
    case = make.make_published()
    assert client.post(f"{CASES}999/revise/").status_code == 404
    assert client.post(f"{CASES}999/publish/").status_code == 404
    for page in ("999/review", "999/schedule", "999/merge", f"{case.pk}/restore/9", "quality/no"):
        assert client.get(f"{CASES}{page}/").status_code == 404


# --- Working copies ---


class TestWorkingCopies:
    def test_an_editor_starts_one_and_the_public_page_stays(
        self, client: Client, editor: Any
    ) -> None:
        case = make.make_published(title="公开的题目")
        assert at(case, "revise") in client.get(at(case, "change")).content.decode()
        response = client.post(at(case, "revise"), follow=True)
        copy = Initiative.objects.get(revises=case)
        assert response.redirect_chain[-1][0] == at(copy, "change")
        text = response.content.decode()
        assert "这是“公开的题目”第 1 版的修订稿；发布后成为第 2 版" in text
        assert f'href="/cases/{case.pk}/"' in text
        assert f'href="{at(copy, "review")}"' in text
        assert copy.created_by == editor
        Initiative.objects.filter(pk=copy.pk).update(title="改过的题目")
        assert "改过的题目" not in client.get(f"/cases/{case.pk}/").content.decode()

    def test_there_is_one_at_a_time(self, client: Client, editor: Any) -> None:
        case = make.make_published()
        client.post(at(case, "revise"))
        response = client.post(at(case, "revise"), follow=True)
        copy = Initiative.objects.get(revises=case)
        assert "已有修订稿" in response.content.decode()
        text = client.get(at(case, "change")).content.decode()
        assert f'href="{at(copy, "change")}"' in text
        assert at(case, "revise") not in text

    def test_only_a_published_case_is_revised(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft()
        response = client.post(at(case, "revise"), follow=True)
        assert "案例现在是“草稿”，不能这样做" in response.content.decode()
        assert Initiative.objects.count() == 1

    def test_publishing_it_leads_to_the_case(self, client: Client, reviewer: Any) -> None:
        case = make.make_published()
        copy = publishing.start_revision(case, by=reviewer)
        Initiative.objects.filter(pk=copy.pk).update(summary="改过的摘要。")
        publishing.submit(copy, by=reviewer)
        response = press(client, at(copy, "review"), {"revision_note": "改摘要"})
        assert response.redirect_chain[-1][0] == at(case, "change")
        case.refresh_from_db()
        assert case.current_revision is not None
        assert (case.current_revision.number, case.current_revision.note) == (2, "改摘要")
        assert case.current_revision.record["summary"] == "改过的摘要。"
        assert not Initiative.objects.filter(pk=copy.pk).exists()

    def test_deleting_it_gives_the_revision_up(self, client: Client, editor: Any) -> None:
        case = make.make_published()
        client.post(at(case, "revise"))
        copy = Initiative.objects.get(revises=case)
        assert "放弃修订" in client.get(at(copy, "change")).content.decode()
        asked = client.get(at(copy, "delete")).content.decode()
        assert "只删去这份修订稿" in asked
        assert f'href="/cases/{case.pk}/"' in asked
        assert "<title>放弃修订" in asked
        client.post(at(copy, "delete"), {"post": "yes"})
        assert list(Initiative.objects.all()) == [case]
        last = Event.objects.latest("id")
        assert (last.verb, last.by_name, last.initiative) == ("deleted", editor.username, case)

    def test_what_waits_for_it_is_not_offered(self, client: Client, reviewer: Any) -> None:
        copy = make_copy()
        case = copy.revises
        assert case is not None
        text = client.get(at(case, "change")).content.decode()
        for page in ("withdraw", "merge", "restore/1"):
            assert at(case, page) not in text
        response = client.post(at(case, "withdraw"), {"reason": "有误"}, follow=True)
        assert "案例正在修订" in response.content.decode()
        response = client.post(at(case, "restore/1"), follow=True)
        assert "案例正在修订" in response.content.decode()


# --- The reviewer's page ---


class TestReview:
    def test_it_shows_what_changed(self, client: Client, reviewer: Any) -> None:
        copy = make_copy(summary="街道解决了停车。")
        Initiative.objects.filter(pk=copy.pk).update(summary="街道解决了养老。")
        text = client.get(at(copy, "review")).content.decode()
        assert "与第 1 版的不同" in text
        assert "<del>停车</del><ins>养老</ins>" in text
        assert "<dt>标题</dt>" not in text

    def test_it_says_what_is_missing_and_where(self, client: Client, reviewer: Any) -> None:
        case = make.make_initiative()
        publishing.submit(case)
        text = client.get(at(case, "review")).content.decode()
        assert "还没有公开过" in text
        assert f'<a href="{at(case, "change")}#id_summary">请写一两句摘要。</a>' in text
        response = press(client, at(case, "review"))
        assert "缺 6 项" in response.content.decode()

    def test_an_editor_looks_but_is_offered_nothing(self, client: Client, editor: Any) -> None:
        case = make.make_in_review()
        text = client.get(at(case, "review")).content.decode()
        for page in ("publish", "schedule", "send-back"):
            assert at(case, page) not in text

    def test_markup_of_a_writer_stays_text(self, client: Client, reviewer: Any) -> None:
        copy = make_copy()
        Initiative.objects.filter(pk=copy.pk).update(
            title="<script>alert(1)</script>", summary="<b>粗</b>"
        )
        publishing.submit(copy)
        for url in (at(copy, "review"), f"{CASES}queue/", f"{CASES}my-work/"):
            text = client.get(url).content.decode()
            assert "<script>alert" not in text
            assert "<b>粗" not in text

    def test_the_history_says_who_did_what(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft()
        publishing.log(case, Event.Verb.CREATED, editor)
        publishing.submit(case, by=editor)
        client.force_login(make.make_user("reviewer", username="shen"))
        client.post(at(case, "send-back"), {"reason": "缺第二个来源"})
        for page in ("change", "review"):
            text = client.get(at(case, page)).content.decode()
            block = text[text.index('id="events-heading"') :]
            for words in ("新建", "提交审核", "退回", "缺第二个来源", editor.username, "shen"):
                assert words in block

    def test_the_history_is_bounded(self, client: Client, editor: Any) -> None:
        case = make.make_initiative()
        for number in range(60):
            publishing.log(case, Event.Verb.SUBMITTED, editor, f"第{number}次")
        text = client.get(at(case, "review")).content.decode()
        assert "第59次" in text
        assert "第10次" in text
        assert "第9次" not in text

    def test_a_new_case_is_logged(self, client: Client, editor: Any) -> None:
        from .test_admin import ADD, form_of

        client.post(ADD, form_of(client, ADD) | {"title": "新", "_submit": "1"})
        events = Event.objects.order_by("id").values_list("verb", "by_name")
        assert list(events) == [("created", editor.username), ("submitted", editor.username)]


class TestWhatWasShownIsDone:
    def test_nothing_is_published_that_its_reviewer_did_not_see(
        self, client: Client, reviewer: Any
    ) -> None:
        copy = make_copy(summary="原来的摘要。")
        publishing.submit(copy)
        seen = client.get(at(copy, "review")).context["seen"]
        Initiative.objects.filter(pk=copy.pk).update(summary="半句")
        data = {"seen": seen, "revision_note": "改<摘要>"}
        response = client.post(at(copy, "publish"), data)
        assert response.status_code == 409
        text = response.content.decode()
        assert "没有办理：您打开这一页之后，内容有变动" in text
        assert "<ins>半句</ins>" in text
        assert 'value="改&lt;摘要&gt;"' in text
        assert Initiative.objects.filter(pk=copy.pk, status="review").exists()
        client.post(at(copy, "publish"), data | {"seen": response.context["seen"]})
        assert not Initiative.objects.filter(pk=copy.pk).exists()

    def test_a_mended_source_is_a_change_too(self, client: Client, reviewer: Any) -> None:
        case = make.make_in_review()
        seen = client.get(at(case, "review")).context["seen"]
        Source.objects.update(title="另一个来源")
        assert client.post(at(case, "publish"), {"seen": seen}).status_code == 409

    def test_what_was_sent_back_is_not_published_from_there(
        self, client: Client, reviewer: Any
    ) -> None:
        case = make.make_in_review()
        seen = client.get(at(case, "review")).context["seen"]
        publishing.send_back(case, None, "缺第二个来源")
        response = client.post(at(case, "publish"), {"seen": seen})
        assert response.status_code == 409
        text = response.content.decode()
        assert "案例现在是“草稿”，不能这样做" in text
        assert at(case, "publish") not in text
        again = client.post(at(case, "publish"), {"seen": response.context["seen"]})
        assert again.status_code == 409
        case.refresh_from_db()
        assert case.status == "draft"

    def test_a_note_that_is_too_long_is_named_and_kept(self, client: Client, reviewer: Any) -> None:
        copy = make_copy()
        publishing.submit(copy)
        note = "改" * 201
        response = press(client, at(copy, "review"), {"revision_note": note})
        assert response.status_code == 409
        assert f'value="{note}"' in response.content.decode()

    def test_a_time_is_set_for_the_text_that_was_read(self, client: Client, reviewer: Any) -> None:
        case = make.make_in_review()
        text = client.get(at(case, "review")).content.decode()
        link = re.search(rf"{at(case, 'schedule')}\?seen=\w+", text)
        assert link is not None
        Initiative.objects.update(summary="半句")
        when = tomorrow()
        response = press(client, link[0], when)
        assert response.status_code == 409
        assert f'value="{when["date"]}"' in response.content.decode()
        case.refresh_from_db()
        assert case.publish_at is None

    def test_changing_a_scheduled_case_cancels_the_time(
        self, client: Client, reviewer: Any
    ) -> None:
        from .test_admin import form_of

        case = make.make_in_review()
        press(client, at(case, "schedule"), tomorrow())
        url = at(case, "change")
        client.post(url, form_of(client, url))
        case.refresh_from_db()
        assert case.publish_at is not None
        data = form_of(client, url) | {"summary": "改过的摘要。"}
        response = client.post(url, data | {"_continue": "1"}, follow=True)
        assert "定时发布已取消" in response.content.decode()
        case.refresh_from_db()
        assert (case.publish_at, case.status) == (None, "review")
        assert Event.objects.latest("id").note == "取消：内容有改动"

    def test_a_version_is_restored_over_the_one_that_was_shown(
        self, client: Client, reviewer: Any
    ) -> None:
        case = make.make_published()
        publishing.publish(publishing.start_revision(case))
        hidden = client.get(at(case, "restore/1")).context["hidden"]
        publishing.publish(publishing.start_revision(case))
        response = client.post(at(case, "restore/1"), hidden)
        assert response.status_code == 409
        assert "发布为第 4 版" in response.content.decode()
        assert case.revisions.count() == 3

    def test_cases_are_merged_as_they_were_shown(self, client: Client, reviewer: Any) -> None:
        gone, kept = make.make_published(), make.make_published(title="留下的")
        hidden = client.get(at(gone, "merge"), {"into": kept.pk}).context["hidden"]
        copy = publishing.start_revision(kept)
        Initiative.objects.filter(pk=copy.pk).update(title="改过的")
        publishing.publish(copy)
        response = client.post(at(gone, "merge"), hidden)
        assert response.status_code == 409
        assert "并入“改过的”" in response.content.decode()
        gone.refresh_from_db()
        assert gone.is_published


class TestSchedule:
    def test_a_time_is_set_shown_and_cancelled(self, client: Client, reviewer: Any) -> None:
        case = make.make_in_review()
        assert at(case, "schedule") in client.get(at(case, "change")).content.decode()
        when = tomorrow()
        response = press(client, at(case, "schedule"), when)
        shown = f"定于 {when['date']} 09:30 发布"
        assert shown in response.content.decode()
        for url in (at(case, "change"), f"{CASES}queue/"):
            assert shown in client.get(url).content.decode()
        assert f'value="{when["date"]}"' in client.get(at(case, "schedule")).content.decode()
        client.post(at(case, "send-back"), {"reason": "再等等"})
        case.refresh_from_db()
        assert (case.publish_at, case.status) == (None, "draft")

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({"date": "2020-01-01", "time": "09:00"}, "须在以后"),
            ({"date": "明天", "time": "09:00"}, "日期"),
            ({"date": "2020-01-01"}, "必填"),
        ],
    )
    def test_a_mistake_is_named_and_kept(
        self, client: Client, reviewer: Any, data: dict[str, str], message: str
    ) -> None:
        case = make.make_in_review()
        response = press(client, at(case, "schedule"), data)
        text = response.content.decode()
        assert message in text
        assert f'value="{data["date"]}"' in text
        case.refresh_from_db()
        assert case.publish_at is None

    def test_what_is_incomplete_is_not_scheduled(self, client: Client, reviewer: Any) -> None:
        case = make.make_initiative()
        publishing.submit(case)
        assert "请写一两句摘要" in press(client, at(case, "schedule"), tomorrow()).content.decode()

    def test_only_what_is_in_review(self, client: Client, reviewer: Any) -> None:
        case = make.make_complete_draft()
        response = client.post(at(case, "schedule"), tomorrow(), follow=True)
        assert "案例现在是“草稿”，不能这样做" in response.content.decode()


# --- Versions and merging ---


class TestVersions:
    def two_versions(self) -> Initiative:
        case = make.make_published(title="旧题")
        copy = publishing.start_revision(case)
        Initiative.objects.filter(pk=copy.pk).update(title="新题")
        publishing.publish(copy)
        return case

    def test_an_earlier_one_is_restored_as_the_next(self, client: Client, reviewer: Any) -> None:
        case = self.two_versions()
        text = client.get(at(case, "change")).content.decode()
        assert f'href="/cases/{case.pk}/v1/"' in text
        assert f'href="/cases/{case.pk}/versions/1..2/"' in text
        assert f'href="{at(case, "restore/1")}"' in text
        assert at(case, "restore/2") not in text
        confirm = client.get(at(case, "restore/1")).content.decode()
        assert "发布为第 3 版" in confirm
        assert "<ins>旧题</ins>" in confirm or "<del>新</del><ins>旧</ins>" in confirm
        assert case.revisions.count() == 2
        press(client, at(case, "restore/1"))
        case.refresh_from_db()
        assert case.current_revision is not None
        assert (case.current_revision.number, case.title) == (3, "旧题")

    def test_an_editor_is_not_offered_it(self, client: Client, editor: Any) -> None:
        case = self.two_versions()
        assert at(case, "restore/1") not in client.get(at(case, "change")).content.decode()

    def test_a_withdrawn_case_is_not_restored(self, client: Client, reviewer: Any) -> None:
        case = make.make_withdrawn()
        response = client.post(at(case, "restore/1"), follow=True)
        assert "案例现在是“已撤回”，不能这样做" in response.content.decode()


class TestMerging:
    def test_it_is_chosen_shown_and_done(self, client: Client, reviewer: Any) -> None:
        gone, kept = make.make_published(title="重复的"), make.make_published(title="留下的")
        choose = client.get(at(gone, "merge")).content.decode()
        assert 'name="number"' in choose
        assert "/admin/autocomplete/" in choose
        confirm = client.get(at(gone, "merge"), {"number": kept.pk, "into": ""}).content.decode()
        assert "并入“留下的”" in confirm
        assert "<ins>重复的</ins>" in confirm
        assert kept.revisions.count() == 1
        response = press(client, at(gone, "merge"), into=kept.pk)
        assert "已并入“留下的”" in response.content.decode()
        assert client.get(f"/cases/{gone.pk}/").status_code == 301
        assert kept.evidence.count() == 2
        text = client.get(at(gone, "change")).content.decode()
        assert "已并入" in text
        assert 'name="_publish"' not in text

    def test_restoring_a_version_from_before_says_which_evidence_goes(
        self, client: Client, reviewer: Any
    ) -> None:
        gone, kept = make.make_published(title="重复的"), make.make_published()
        publishing.merge(gone, kept, None)
        told = f"案例 {gone.pk}“重复的”是在这一版之后并入的：恢复后，从它并入的 1 条出处"
        assert told in client.get(at(kept, "restore/1")).content.decode()
        publishing.publish(publishing.start_revision(kept))
        assert "之后并入" not in client.get(at(kept, "restore/2")).content.decode()

    @pytest.mark.parametrize("into", ["x", "9" * 25, "-1", "0"])
    def test_what_no_case_is_called_is_no_choice(
        self, client: Client, reviewer: Any, into: str
    ) -> None:
        gone = make.make_published()
        assert client.get(at(gone, "merge"), {"into": into}).status_code == 200
        assert client.post(at(gone, "merge"), {"into": into}).status_code == 200

    @pytest.mark.parametrize("chosen", ["draft", "itself", "nothing", "999999", "x"])
    def test_it_must_be_another_published_case(
        self, client: Client, reviewer: Any, chosen: str
    ) -> None:
        gone, draft = make.make_published(), make.make_complete_draft()
        number = {"draft": str(draft.pk), "itself": str(gone.pk), "nothing": ""}.get(chosen, chosen)
        for method in (client.get, client.post):
            response = method(at(gone, "merge"), {"number": number, "into": ""})
            assert response.status_code == 200
            assert "errorlist" in response.content.decode()
        gone.refresh_from_db()
        assert gone.status == "published"


# --- Lists ---


class TestQueue:
    def test_the_oldest_comes_first(self, client: Client, editor: Any, reviewer: Any) -> None:
        second, first = (make.make_complete_draft(title=name) for name in ("后交的", "先交的"))
        publishing.submit(first, by=editor)
        publishing.submit(second, by=editor)
        make.make_complete_draft(title="没交的")
        text = client.get(f"{CASES}queue/").content.decode()
        assert text.index("先交的") < text.index("后交的")
        assert "没交的" not in text
        assert f"{editor.username} 提交于" in text
        assert "内容齐备" in text

    def test_it_says_what_changed_and_what_is_missing(self, client: Client, reviewer: Any) -> None:
        copy = make_copy()
        Initiative.objects.filter(pk=copy.pk).update(title="新题", summary="")
        publishing.submit(copy)
        text = client.get(f"{CASES}queue/").content.decode()
        assert "修订第 1 版" in text
        assert "还缺 1 项" in text
        assert "改动：标题、摘要" in text

    def test_it_has_pages_of_few_queries(
        self, client: Client, reviewer: Any, django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        for _ in range(22):
            make.make_in_review()
        with django_assert_max_num_queries(25):
            text = client.get(f"{CASES}queue/").content.decode()
        assert "第 1 页，共 2 页" in text
        assert 'href="?page=2"' in text
        for page in ("2", "99", "x"):
            assert client.get(f"{CASES}queue/", {"page": page}).status_code == 200


class TestMyWork:
    def test_it_is_sorted_by_where_it_stands(
        self, client: Client, reviewer: Any, editor: Any
    ) -> None:
        make.make_complete_draft(title="我的草稿", created_by=editor)
        make.make_complete_draft(title="别人的草稿")
        waiting = make.make_complete_draft(title="我提交的")
        publishing.submit(waiting, by=editor)
        back = make.make_complete_draft(title="退回我的", created_by=editor)
        publishing.submit(back, by=editor)
        publishing.send_back(back, reviewer, "缺第二个来源")
        make.make_published(title="我发布的", created_by=editor)
        case = make.make_published(title="我修订的")
        publishing.start_revision(case, by=editor)
        text = client.get(f"{CASES}my-work/").content.decode()
        parts = [text.index(f'id="{name}-heading"') for name in WORK] + [len(text)]
        part = dict(
            zip(WORK, (text[a:b] for a, b in zip(parts, parts[1:], strict=False)), strict=True)
        )
        assert "缺第二个来源" in part["returned"]
        assert "我的草稿" in part["drafts"]
        assert "修订稿" in part["drafts"]
        assert "我提交的" in part["review"]
        assert "我发布的" in part["published"]
        assert "别人的草稿" not in text

    def test_each_part_has_pages(
        self, client: Client, editor: Any, django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        for _ in range(25):
            make.make_initiative(created_by=editor)
        with django_assert_max_num_queries(25):
            text = client.get(f"{CASES}my-work/", {"published": "3"}).content.decode()
        assert "?published=3&amp;drafts=2" in text


WORK = ("returned", "drafts", "review", "published")


def test_the_front_page_leads_to_each_list(client: Client, editor: Any) -> None:
    text = client.get("/admin/").content.decode()
    for page in ("queue", "my-work", "quality"):
        assert f'href="{CASES}{page}/"' in text
        there = client.get(f"{CASES}{page}/").content.decode()
        assert all(f'href="{CASES}{other}/"' in there for other in ("queue", "my-work", "quality"))
    assert client.get("/admin/cases/synonymset/").status_code == 403


def test_case_pages_stay_within_few_queries(
    client: Client, reviewer: Any, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    copy = make_copy()
    other = make.make_published()
    publishing.submit(copy)
    for url in (
        at(copy, "review"),
        at(copy, "change"),
        at(copy, "schedule"),
        at(other, "change"),
        at(other, "restore/1"),
        at(other, "merge"),
        f"{at(other, 'merge')}?number={copy.revises_id}",
        f"{CASES}?status__exact=review",
        "/admin/cases/event/",
        "/admin/cases/synonymset/",
    ):
        with django_assert_max_num_queries(25):
            assert client.get(url).status_code == 200


class TestSynonyms:
    def test_words_are_written_one_a_line(self, client: Client, reviewer: Any) -> None:
        url = "/admin/cases/synonymset/add/"
        assert "同义词至少要有两个" in client.post(url, {"words": "居委会"}).content.decode()
        client.post(url, {"words": "居委会\n居民委员会\n"})
        row = SynonymSet.objects.get()
        assert row.words == ["居委会", "居民委员会"]
        text = client.get(f"/admin/cases/synonymset/{row.pk}/change/").content.decode()
        assert "居委会\n居民委员会</textarea>" in text
        assert "居委会 = 居民委员会" in client.get("/admin/cases/synonymset/").content.decode()

    def test_the_roles_are_given_it_once(self) -> None:
        migration: Any = import_module("cases.migrations.0006_desk_roles")
        count = Group.objects.get(name="审核").permissions.count()
        migration.add_permissions(apps, SimpleNamespace(connection=connection))
        assert Group.objects.get(name="审核").permissions.count() == count


def test_an_event_is_nobodys_to_change(client: Client, reviewer: Any) -> None:
    case = make.make_in_review()
    event = Event.objects.get()
    text = client.get("/admin/cases/event/").content.decode()
    assert f'href="{at(case, "change")}"' in text
    for page in ("change", "delete"):
        url = f"/admin/cases/event/{event.pk}/{page}/"
        assert client.post(url, {"post": "yes", "note": "改"}).status_code == 403
    assert Event.objects.get().note == ""


# --- In the browser ---


class TestInTheBrowser:
    pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

    @pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
    def test_every_page_keeps_the_rules_of_accessibility(
        self, desk: Callable[..., Any], width: int, scheme: str
    ) -> None:
        copy = make_copy(title="潮汐停车：街道与单位共用车位", summary="街道解决了停车。")
        Initiative.objects.filter(pk=copy.pk).update(summary="街道解决了养老，还少一个来源。")
        publishing.submit(copy)
        other = make.make_published(title="另一个案例")
        publishing.publish(publishing.start_revision(other), note="第二版")
        make.make_evidence(make.make_initiative(title="草稿", background="没有标记"), grade="E")
        SynonymSet.objects.create(words=["居委会", "居民委员会"])
        pages = [
            "/admin/",
            *(f"{CASES}{page}/" for page in ("queue", "my-work", "quality", "quality/incomplete")),
            f"{CASES}quality/grade-e/",
            *(at(copy, page) for page in ("review", "change", "schedule")),
            *(at(other, page) for page in ("change", "restore/1", "merge")),
            f"{at(other, 'merge')}?number={copy.revises_id}&into=",
            "/admin/cases/event/",
            "/admin/cases/synonymset/add/",
        ]
        page = desk("reviewer", width=width, scheme=scheme)
        found = {}
        for address in pages:
            page.goto(address)
            found[address] = axe_module.axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert {address: rules for address, rules in found.items() if rules} == {}

    def test_a_revision_is_started_with_a_click(self, desk: Callable[..., Any]) -> None:
        case = make.make_published()
        page = desk("reviewer")
        page.goto(at(case, "change"))
        page.get_by_role("button", name="开始修订").click()
        page.get_by_text("发布之前公开页不变").first.wait_for()
        copy = Initiative.objects.get(revises=case)
        assert page.url.endswith(at(copy, "change"))
