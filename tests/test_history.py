"""Who did what when is kept for good: also when an account or a working copy goes."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import ProtectedError
from django.test import Client

from cases import publishing
from cases.leaving import SUCCESSOR
from cases.models import Event, Initiative, Source

from . import make
from .test_admin import change, form_of

pytestmark = pytest.mark.django_db

USERS = "/admin/auth/user/"


def signed_in(role: str, **kw: Any) -> Client:
    client = Client()
    client.force_login(make.make_user(role, **kw))
    return client


def history(client: Client, model: str, pk: int) -> str:
    response = client.get(f"/admin/cases/{model}/{pk}/history/", follow=True)
    assert response.status_code == 200
    text: str = response.content.decode()
    return text[text.index('id="change-history"') :]


class TestAnAccountThatGoes:
    def mended_source(self) -> Source:
        source = make.make_source()
        url = f"/admin/cases/source/{source.pk}/change/"
        client = signed_in("editor", username="wang")
        client.post(url, form_of(client, url) | {"title": "改过的题名"})
        assert "wang" in history(client, "source", source.pk)
        return source

    @pytest.mark.parametrize("way", ["page", "action", "shell"])
    def test_what_it_did_stays_in_every_history(self, way: str) -> None:
        source = self.mended_source()
        user = User.objects.get(username="wang")
        manager = signed_in("manager")
        if way == "page":
            manager.post(f"{USERS}{user.pk}/delete/", {"post": "yes"})
        elif way == "action":
            chosen = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
            manager.post(USERS, chosen)
        else:
            user.delete()
        assert not User.objects.filter(username="wang").exists()
        text = history(manager, "source", source.pk)
        assert "已修改标题。" in text
        assert "（办理人：wang）" in text
        assert SUCCESSOR in text

    def test_its_page_does_not_announce_that_the_log_goes(self) -> None:
        self.mended_source()
        user = User.objects.get(username="wang")
        text = signed_in("manager").get(f"{USERS}{user.pk}/delete/").content.decode()
        assert "wang" in text
        assert "日志记录" not in text
        assert not User.objects.filter(username=SUCCESSOR).exists()

    def test_what_it_leaves_behind_is_nobodys_account(self) -> None:
        self.mended_source()
        User.objects.get(username="wang").delete()
        nobody = User.objects.get(username=SUCCESSOR)
        assert not (nobody.is_active or nobody.is_staff or nobody.has_usable_password())
        manager = signed_in("manager")
        assert SUCCESSOR not in manager.get(USERS).content.decode()
        assert manager.post(f"{USERS}{nobody.pk}/delete/", {"post": "yes"}).status_code == 302
        with pytest.raises(ProtectedError), transaction.atomic():
            nobody.delete()
        assert LogEntry.objects.filter(user=nobody).exists()

    def test_an_account_that_did_nothing_leaves_nothing(self) -> None:
        make.make_user().delete()
        assert not User.objects.exists()


class TestAWorkingCopy:
    def saved_copy(self, client: Client) -> Initiative:
        case = make.make_published()
        client.post(f"/admin/cases/initiative/{case.pk}/revise/")
        copy = Initiative.objects.get(revises=case)
        assert "开始修订" in history(client, "initiative", copy.pk)
        client.post(change(copy), form_of(client, change(copy)) | {"summary": "改过的摘要。"})
        return copy

    @pytest.mark.parametrize("then", ["open", "published", "given up"])
    def test_what_was_saved_in_it_stands_in_the_history_of_its_case(self, then: str) -> None:
        client = signed_in("editor", username="wang")
        copy = self.saved_copy(client)
        case = copy.revises
        assert case is not None
        if then == "published":
            publishing.publish(copy)
        elif then == "given up":
            client.post(f"/admin/cases/initiative/{copy.pk}/delete/", {"post": "yes"})
        text = history(client, "initiative", case.pk)
        assert text.count("wang") == 2 + (then == "given up")
        assert "摘要" in text
        assert ("放弃修订" in text) == (then == "given up")

    def test_what_was_done_with_one_that_is_given_up_stays_with_its_case(self) -> None:
        client = signed_in("reviewer", username="shen")
        copy = self.saved_copy(client)
        publishing.submit(copy, User.objects.get())
        client.post(f"/admin/cases/initiative/{copy.pk}/delete/", {"post": "yes"})
        events = Event.objects.filter(initiative=copy.revises_id).order_by("id")
        verbs = list(events.values_list("verb", "note"))
        assert verbs[-2:] == [("submitted", ""), ("deleted", "放弃修订")]
