"""Who may do what on the desk: through the pages, and by requests made by hand."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import connection
from django.forms import modelform_factory
from django.test import Client

from cases.admin.initiatives import InitiativeForm
from cases.models import Initiative, Revision, Topic
from cases.records import for_record

from . import make

pytestmark = pytest.mark.django_db

ROLES: Any = import_module("cases.migrations.0002_roles")
PEOPLE = ("visitor", "editor", "reviewer", "manager", "inactive", "staff")
ROWS = ("theme_links", "topic_links", "participations", "figures", "evidence", "policy_links")


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


def by_hand(case: Initiative | None = None, **more: str) -> dict[str, str]:
    """Return what a request needs to be taken for the form of a case."""
    data = {f"{name}-{count}_FORMS": "0" for name in ROWS for count in ("TOTAL", "INITIAL")}
    data |= {"title": "手写的题目", "outcome": "unknown", "summary": "摘要。", "scope": "区"}
    if case is not None:
        data |= {
            "opened": _opened(case),
            "approach": case.approach,
            "districts": str(case.districts.get().pk),
        }
    return data | more


def _opened(case: Initiative) -> str:
    """Return what the form says of the state in which it was opened."""
    row = for_record(Initiative.objects.all()).get(pk=case.pk)
    form = modelform_factory(Initiative, form=InitiativeForm, fields=["title"])
    return str(form(instance=row).initial["opened"])


def change(case: Initiative) -> str:
    return f"/admin/cases/initiative/{case.pk}/change/"


def verb(case: Initiative, name: str) -> str:
    return f"/admin/cases/initiative/{case.pk}/{name}/"


# --- Cases ---

# What is tried, and who succeeds. The others get the login page or a refusal, and nothing changes.
TRIALS: dict[str, tuple[Any, Any, Any, set[str]]] = {
    "write a draft": (
        lambda: None,
        lambda client, _: client.post("/admin/cases/initiative/add/", by_hand()),
        lambda _: Initiative.objects.filter(title="手写的题目").exists(),
        {"editor", "reviewer", "manager"},
    ),
    "change a draft": (
        make.make_complete_draft,
        lambda client, case: client.post(change(case), by_hand(case)),
        lambda case: case.title == "手写的题目",
        {"editor", "reviewer", "manager"},
    ),
    "submit a draft": (
        make.make_complete_draft,
        lambda client, case: client.post(change(case), by_hand(case, _submit="1")),
        lambda case: case.status == "review",
        {"editor", "reviewer", "manager"},
    ),
    "publish a draft": (
        make.make_complete_draft,
        lambda client, case: client.post(change(case), by_hand(case, _publish="1")),
        lambda case: case.status == "published",
        {"reviewer", "manager"},
    ),
    "publish a new case at once": (
        lambda: None,
        lambda client, _: client.post("/admin/cases/initiative/add/", by_hand(_publish="1")),
        lambda _: Initiative.objects.exists(),  # saved, though not ready
        {"reviewer", "manager"},
    ),
    "change what waits for review": (
        make.make_in_review,
        lambda client, case: client.post(change(case), by_hand(case)),
        lambda case: case.title == "手写的题目",
        {"reviewer", "manager"},
    ),
    "publish what waits for review": (
        make.make_in_review,
        lambda client, case: client.post(change(case), by_hand(case, _publish="1")),
        lambda case: case.status == "published",
        {"reviewer", "manager"},
    ),
    "send back": (
        make.make_in_review,
        lambda client, case: client.post(verb(case, "send-back"), {"reason": "不全"}),
        lambda case: case.returned_reason == "不全",
        {"reviewer", "manager"},
    ),
    "withdraw": (
        make.make_published,
        lambda client, case: client.post(verb(case, "withdraw"), {"reason": "有误"}),
        lambda case: case.status == "withdrawn",
        {"reviewer", "manager"},
    ),
    "change a published case": (
        make.make_published,
        lambda client, case: client.post(change(case), by_hand(case)),
        lambda case: case.title == "手写的题目",
        set(),
    ),
    "change a withdrawn case": (
        make.make_withdrawn,
        lambda client, case: client.post(change(case), by_hand(case)),
        lambda case: case.title == "手写的题目",
        {"reviewer", "manager"},
    ),
    "set the status by hand": (
        make.make_complete_draft,
        lambda client, case: client.post(change(case), by_hand(case, status="published")),
        lambda case: case.status != "draft",
        set(),
    ),
    "delete somebody's draft": (
        make.make_complete_draft,
        lambda client, case: client.post(verb(case, "delete"), {"post": "yes"}),
        lambda case: case is None,
        {"reviewer", "manager"},
    ),
    "delete a published case": (
        make.make_published,
        lambda client, case: client.post(verb(case, "delete"), {"post": "yes"}),
        lambda case: case is None,
        set(),
    ),
    "delete a withdrawn case": (
        make.make_withdrawn,
        lambda client, case: client.post(verb(case, "delete"), {"post": "yes"}),
        lambda case: case is None,
        set(),
    ),
}


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("trial", TRIALS)
def test_each_may_do_what_the_role_says(trial: str, name: str) -> None:
    given, act, done, allowed = TRIALS[trial]
    case = given()
    response = act(person(name), case)
    now = Initiative.objects.filter(pk=case.pk).first() if case else None
    assert done(now) is (name in allowed)
    if name in ("visitor", "inactive"):
        assert response.url.startswith("/admin/login/")
    elif name not in allowed and trial != "set the status by hand":
        assert response.status_code == 403


@pytest.mark.parametrize("status", ["draft", "in_review", "published", "withdrawn"])
@pytest.mark.parametrize("name", PEOPLE)
def test_each_may_look(name: str, status: str) -> None:
    given = {
        "draft": make.make_complete_draft,
        "in_review": make.make_in_review,
        "published": make.make_published,
        "withdrawn": make.make_withdrawn,
    }
    case = given[status]()
    client = person(name)
    seen = {"editor": 200, "reviewer": 200, "manager": 200, "staff": 403}.get(name, 302)
    for url in ("/admin/cases/initiative/", change(case), verb(case, "preview")):
        assert client.get(url).status_code == seen


@pytest.mark.parametrize(
    ("given", "name", "offered"),
    [
        (make.make_complete_draft, "editor", {"_continue", "_save", "_preview", "_submit"}),
        (
            make.make_complete_draft,
            "reviewer",
            {"_continue", "_save", "_preview", "_submit", "_publish", "delete"},
        ),
        (make.make_in_review, "editor", set()),
        (
            make.make_in_review,
            "reviewer",
            {"_continue", "_save", "_preview", "_publish", "send-back", "delete"},
        ),
        (make.make_published, "editor", set()),
        (make.make_published, "reviewer", {"withdraw"}),
        (make.make_withdrawn, "editor", set()),
        (make.make_withdrawn, "reviewer", {"_continue", "_save", "_preview", "_publish"}),
    ],
)
def test_the_page_offers_what_may_be_done(given: Any, name: str, offered: set[str]) -> None:
    case = given()
    text = person(name).get(change(case)).content.decode()
    buttons = ("_continue", "_save", "_preview", "_submit", "_publish")
    found = {button for button in buttons if f'name="{button}"' in text}
    found |= {page for page in ("send-back", "withdraw", "delete") if verb(case, page) in text}
    assert found == offered


def test_an_editor_deletes_only_the_draft_that_is_the_editors_own() -> None:
    editor = make.make_user("editor")
    client = Client()
    client.force_login(editor)
    own = make.make_complete_draft(created_by=editor)
    make.make_figure(own, evidence=own.evidence.get())
    waiting = make.make_in_review(created_by=editor)
    client.post(verb(own, "delete"), {"post": "yes"})
    client.post(verb(waiting, "delete"), {"post": "yes"})
    assert list(Initiative.objects.all()) == [waiting]


def test_cases_are_not_deleted_in_a_heap() -> None:
    case = make.make_complete_draft()
    client = person("manager")
    data = {"action": "delete_selected", "_selected_action": [case.pk], "post": "yes"}
    client.post("/admin/cases/initiative/", data)
    assert Initiative.objects.filter(pk=case.pk).exists()


@pytest.mark.parametrize("page", ["change", "send-back", "withdraw", "delete"])
def test_a_request_without_the_token_is_refused(page: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.make_user("reviewer"))
    case = make.make_in_review()
    assert client.post(verb(case, page), {"reason": "不全", "post": "yes"}).status_code == 403
    case.refresh_from_db()
    assert case.status == "review"


def test_verbs_do_not_answer_to_get() -> None:
    case = make.make_in_review()
    client = person("reviewer")
    client.get(verb(case, "send-back"), {"reason": "不全"})
    client.get(change(case), {"_publish": "1"})
    case.refresh_from_db()
    assert case.status == "review"


# --- What everybody with an account keeps ---


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize(
    "page", ["", "add/?id=1", "save/", "password/", "collections/abc/", "saved/abc/"]
)
def test_own_pages_need_an_account_and_no_role(name: str, page: str) -> None:
    response = person(name).get(f"/my/{page}")
    if name in ("visitor", "inactive"):
        assert response.url.startswith("/login/?next=/my/")
    else:
        known = {"add/?id=1": 400, "collections/abc/": 404, "saved/abc/": 404}
        assert response.status_code == known.get(page, 200)


# --- Everything else ---


@pytest.mark.parametrize(
    ("model", "action", "allowed"),
    [
        ("source", "add", {"editor", "reviewer", "manager"}),
        ("source", "change", {"editor", "reviewer", "manager"}),
        ("source", "delete", {"reviewer", "manager"}),
        ("policydocument", "add", {"reviewer", "manager"}),
        ("policydocument", "delete", {"manager"}),
        ("topic", "add", {"reviewer", "manager"}),
        ("topic", "change", {"editor", "reviewer", "manager"}),  # the editor only looks
        ("topic", "delete", {"manager"}),
        ("placealias", "add", {"reviewer", "manager"}),
        ("district", "add", {"manager"}),
        ("subdistrict", "add", {"manager"}),
    ],
)
@pytest.mark.parametrize("name", PEOPLE)
def test_words_places_and_sources(name: str, model: str, action: str, allowed: set[str]) -> None:
    rows = {
        "source": make.make_source,
        "policydocument": make.make_policy,
        "topic": make.make_topic,
    }
    key = f"{rows[model]().pk}/" if action != "add" else ""
    response = person(name).get(f"/admin/cases/{model}/{key}{action}/")
    if name in ("visitor", "inactive"):
        assert response.url.startswith("/admin/login/")
    else:
        assert response.status_code == (200 if name in allowed else 403)


def test_an_editor_changes_no_word() -> None:
    topic = make.make_topic()
    data = {"name": "另一个", "order": "1", "description": ""}
    url = f"/admin/cases/topic/{topic.pk}/change/"
    assert person("editor").post(url, data).status_code == 403
    assert person("reviewer").post(url, data).status_code == 302
    assert Topic.objects.get().name == "另一个"


@pytest.mark.parametrize("name", ["editor", "reviewer", "manager"])
def test_who_keeps_the_relations_of_documents(name: str) -> None:
    policy = make.make_policy()
    text = person(name).get(f"/admin/cases/policydocument/{policy.pk}/change/").content.decode()
    assert ("relations-__prefix__-kind" in text) is (name != "editor")
    user = make.make_user(name)
    for verb in ("add", "change", "delete"):
        assert user.has_perm(f"cases.{verb}_policyrelation") is (name != "editor")
    assert user.has_perm("cases.view_policyrelation")


def test_versions_have_no_page_on_the_desk() -> None:
    case = make.make_published()
    client = person("manager")
    for address in ("", f"{Revision.objects.get().pk}/change/", "add/"):
        assert client.get(f"/admin/cases/revision/{address}").status_code == 404
    assert case.revisions.count() == 1


class TestAccounts:
    def test_the_page_of_a_new_one_says_what_it_may_do(self) -> None:
        text = person("manager").get("/admin/auth/user/add/").content.decode()
        assert "没有角色的只能在公开站登录" in text

    def test_a_new_account_can_sign_in_and_has_its_role(self) -> None:
        client = person("manager")
        data = {
            "username": "xin",
            "usable_password": "true",
            "password1": "correct horse battery",
            "password2": "correct horse battery",
            "groups": [Group.objects.get(name="编辑").pk],
        }
        client.post("/admin/auth/user/add/", data)
        user = User.objects.get(username="xin")
        assert user.is_staff
        assert not user.is_superuser
        assert user.has_perm("cases.add_initiative")
        assert not user.has_perm("cases.publish_initiative")

    def test_nobody_makes_himself_a_superuser(self) -> None:
        manager = make.make_user("manager")
        client = Client()
        client.force_login(manager)
        url = f"/admin/auth/user/{manager.pk}/change/"
        text = client.get(url).content.decode()
        assert "is_superuser" not in text
        assert "user_permissions" not in text
        data = {"username": manager.username, "is_active": "on", "is_staff": "on"}
        data |= {"is_superuser": "on", "groups": str(manager.groups.get().pk)}
        assert client.post(url, data).status_code == 302
        manager.refresh_from_db()
        assert not manager.is_superuser

    def test_a_superusers_account_is_out_of_a_managers_reach(self) -> None:
        root = make.make_user(is_staff=True, is_superuser=True)
        client = person("manager")
        address = f"/admin/auth/user/{root.pk}"
        assert client.post(f"{address}/change/", {"username": "mine"}).status_code == 403
        assert client.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
        data = {"password1": "correct horse battery", "password2": "correct horse battery"}
        assert client.post(f"{address}/password/", data).status_code == 403

    def test_a_superuser_sees_everything(self) -> None:
        root = make.make_user(is_staff=True, is_superuser=True)
        client = Client()
        client.force_login(root)
        text = client.get(f"/admin/auth/user/{root.pk}/change/").content.decode()
        assert "is_superuser" in text

    @pytest.mark.parametrize("name", ["editor", "reviewer"])
    def test_only_managers_keep_accounts(self, name: str) -> None:
        client = person(name)
        for model in ("user", "group"):
            assert client.get(f"/admin/auth/{model}/").status_code == 403


# --- The roles themselves ---


class TestRoles:
    def test_each_role_has_what_the_one_before_has(self) -> None:
        assert ROLES.EDITOR < ROLES.REVIEWER < ROLES.MANAGER

    def test_no_role_touches_versions_or_the_index(self) -> None:
        for name in ROLES.ROLES:
            kept = Group.objects.get(name=name).permissions.values_list("codename", flat=True)
            frozen = {code for code in kept if code.endswith(("revision", "bitmap", "indexstate"))}
            assert frozen == {"view_revision"}

    def test_making_them_again_adds_and_takes_nothing(self) -> None:
        editor = Group.objects.get(name="编辑")
        extra = Group.objects.get(name="管理员").permissions.get(codename="add_user")
        editor.permissions.add(extra)
        editor.permissions.remove(editor.permissions.get(codename="add_source"))
        for _ in range(2):
            ROLES.make_roles(apps, SimpleNamespace(connection=connection))
        codes = set(editor.permissions.values_list("codename", flat=True))
        assert {"add_user", "add_source"} <= codes
        # What later migrations gave is kept too.
        later = {"view_policyrelation"}
        assert codes == {code.partition(".")[2] for code in ROLES.EDITOR} | later | {"add_user"}
        assert Group.objects.count() == 3
