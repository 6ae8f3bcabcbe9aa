"""Every address, asked for and posted to by everybody: who gets in, and that others change nothing.

test_roles.py tries what a role may do with complete forms; here no address is left out.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from cases import publishing
from cases.models import (
    Attachment,
    Collection,
    Initiative,
    PlaceAlias,
    SavedQuery,
    SynonymSet,
    Topic,
)

from . import make
from .axe import axe
from .test_admin import change
from .test_roles import PEOPLE, by_hand, person
from .test_visibility import public_addresses

pytestmark = pytest.mark.django_db

NOBODY: set[str] = set()
MANAGERS = {"manager"}
REVIEWERS = {"reviewer", "manager"}
EDITORS = {"editor", *REVIEWERS}
STAFF = {"staff", *EDITORS}

# Who may see, add, change and delete a row of each kind that has pages on the desk.
MODELS: dict[str, tuple[set[str], set[str], set[str], set[str]]] = {
    "cases_initiative": (EDITORS, EDITORS, EDITORS, REVIEWERS),
    "cases_source": (EDITORS, EDITORS, EDITORS, REVIEWERS),
    "cases_policydocument": (EDITORS, REVIEWERS, REVIEWERS, MANAGERS),
    "cases_placealias": (EDITORS, REVIEWERS, REVIEWERS, REVIEWERS),
    "cases_synonymset": (REVIEWERS, REVIEWERS, REVIEWERS, REVIEWERS),
    "cases_theme": (EDITORS, REVIEWERS, REVIEWERS, MANAGERS),
    "cases_topic": (EDITORS, REVIEWERS, REVIEWERS, MANAGERS),
    "cases_actor": (EDITORS, REVIEWERS, REVIEWERS, MANAGERS),
    "cases_mechanism": (EDITORS, REVIEWERS, REVIEWERS, MANAGERS),
    "cases_district": (EDITORS, MANAGERS, MANAGERS, MANAGERS),
    "cases_subdistrict": (EDITORS, MANAGERS, MANAGERS, MANAGERS),
    "cases_event": (REVIEWERS, NOBODY, NOBODY, NOBODY),
    # What readers shared: taken back, but never written or deleted while they have it.
    "cases_collection": (MANAGERS, NOBODY, MANAGERS, NOBODY),
    "cases_savedquery": (MANAGERS, NOBODY, MANAGERS, NOBODY),
    "auth_user": (MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "auth_group": (MANAGERS, MANAGERS, MANAGERS, MANAGERS),
}
WITHOUT_SPREADSHEET = {"cases_event", "cases_collection", "cases_savedquery"}


@dataclass
class Address:
    """Who may ask for an address and who may post to it; None: nobody is answered, with 405."""

    url: str
    get: set[str] | None
    post: set[str] | None
    data: dict[str, Any] = field(default_factory=dict)
    # What those who may ask are answered.
    shown: int = 200


def desk_addresses(given: Any) -> Iterator[tuple[str, Address]]:
    """Yield every route of the desk by its name, as an address of the rows given."""
    sheet = "代码,名称\nnew-word,新词\n".encode()
    for name, (see, add, edit, delete) in MODELS.items():
        app, model = name.split("_")
        root = f"/admin/{app}/{model}/"
        row = f"{root}{given.rows[name]}/"
        names = {"name": "改了", "title": "改了", "username": "gaile", "order": "1"}
        yield f"{name}_changelist", Address(root, see, see, {"action": "delete_selected"})
        yield f"{name}_add", Address(f"{root}add/", add, add, names)
        yield f"{name}_change", Address(f"{row}change/", see | edit, edit, names)
        yield f"{name}_delete", Address(f"{row}delete/", delete, delete, {"post": "yes"})
        yield f"{name}_history", Address(f"{row}history/", see, see)
        if app != "cases" or name in WITHOUT_SPREADSHEET:
            continue
        yield (
            f"{name}_spreadsheet",
            Address(
                f"{root}spreadsheet/",
                see,
                add & edit,
                {"file": SimpleUploadedFile("a.csv", sheet), "_import": "1"},
            ),
        )
        yield f"{name}_spreadsheet_file", Address(f"{root}spreadsheet/rows.csv", see, None)
        yield f"{name}_spreadsheet_file", Address(f"{root}spreadsheet/template.xlsx", see, None)
    yield from verbs(given)
    passwords = {"password1": "correct horse battery", "password2": "correct horse battery"}
    user = f"/admin/auth/user/{given.rows['auth_user']}/password/"
    asked = "app_label=cases&model_name=initiative&field_name=districts&term="
    yield "auth_user_password_change", Address(user, MANAGERS, MANAGERS, passwords)
    yield "index", Address("/admin/", STAFF, STAFF)
    yield "app_list", Address("/admin/cases/", EDITORS, EDITORS)
    yield "autocomplete", Address(f"/admin/autocomplete/?{asked}", EDITORS, None)
    yield "jsi18n", Address("/admin/jsi18n/", STAFF, None)
    yield "view_on_site", Address(given.on_site, STAFF, STAFF, shown=302)
    yield "password_change", Address("/admin/password_change/", STAFF, STAFF, {"old_password": "?"})
    yield "password_change_done", Address("/admin/password_change/done/", STAFF, None)


def verbs(given: Any) -> Iterator[tuple[str, Address]]:
    def at(case: Any, verb: str, *rest: Any, **data: Any) -> tuple[str, Address]:
        return f"cases_initiative_{verb.strip('/').split('/')[0].replace('-', '_')}", Address(
            f"/admin/cases/initiative/{case.pk}/{verb}", *rest, data
        )

    draft, review, public, other = given.draft, given.review, given.public, given.other
    as_read = {"seen": publishing.digest(Initiative.objects.get(pk=review.pk))}
    yield at(draft, "preview/", EDITORS, None)
    yield at(review, "review/", EDITORS, None)
    yield at(public, "revise/", None, EDITORS)
    yield at(review, "publish/", None, REVIEWERS, **as_read)
    yield at(review, "send-back/", REVIEWERS, REVIEWERS, reason="不全")
    when = {"date": "2100-01-01", "time": "09:00"}
    yield at(review, "schedule/", REVIEWERS, REVIEWERS, **when, **as_read)
    yield at(public, "withdraw/", REVIEWERS, REVIEWERS, reason="有误")
    seen = publishing.public_digest(public)
    yield at(public, "restore/1/", REVIEWERS, REVIEWERS, seen=seen)
    seen = publishing.public_digest(public, other)
    yield at(public, "merge/", REVIEWERS, REVIEWERS, into=other.pk, seen=seen)
    root = "/admin/cases/initiative/"
    text = {"section": "approach", "text": "字"}
    yield "cases_initiative_render", Address(f"{root}render/", None, EDITORS, text)
    yield (
        "cases_initiative_import",
        Address(
            f"{root}import/",
            EDITORS,
            EDITORS,
            {"text": "在徐汇区凌云路街道，居民组成“护花行动队”。"},
        ),
    )
    for page in ("queue", "my-work", "quality"):
        name = f"cases_initiative_{page.replace('-', '_')}"
        yield name, Address(f"{root}{page}/", EDITORS, None)
    yield "cases_initiative_quality_list", Address(f"{root}quality/figures/", EDITORS, None)


# Open to everybody, or not a page: tried one by one below.
BY_THEMSELVES = {
    "login",
    "logout",
    "admin_password_reset",
    "password_reset_done",
    "password_reset_confirm",
    "password_reset_complete",
}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def given() -> Any:
    """Rows of every kind, a case of every status."""

    class Given:
        draft = make.make_complete_draft(title="草稿")
        review = make.make_in_review(title="待审")
        public = make.make_published(title="公开")
        other = make.make_published(title="另一个公开")
        on_site = ""
        rows: dict[str, Any]

    user = make.make_user("editor", username="somebody", email="somebody@example.org")
    aside = make.make_complete_draft(title="另一份草稿", topics=())
    Given.rows = {
        "cases_initiative": aside.pk,
        "cases_source": make.make_source().pk,
        "cases_policydocument": make.make_policy().pk,
        "cases_placealias": PlaceAlias.objects.create(
            name="凌云社区", subdistrict=make.make_subdistrict()
        ).pk,
        "cases_synonymset": SynonymSet.objects.create(words=["停车", "泊车"]).pk,
        "cases_theme": make.make_theme("overall", "总体意见").pk,
        "cases_topic": make.make_topic("noise", "噪声").pk,
        "cases_actor": make.make_actor().pk,
        "cases_mechanism": make.make_mechanism().pk,
        "cases_district": make.make_district("pudong").pk,
        "cases_subdistrict": make.make_subdistrict("310115011", "沪东新村街道").pk,
        "cases_collection": Collection.objects.create(owner=user, title="甲", shared=True).pk,
        "cases_savedquery": SavedQuery.objects.create(owner=user, title="乙", shared=True).pk,
        "cases_event": Given.public.events.latest("id").pk,
        "auth_user": user.pk,
        "auth_group": user.groups.get().pk,
    }
    kind = apps.get_model("contenttypes", "ContentType").objects.get_for_model(Given.public)
    Given.on_site = f"/admin/r/{kind.pk}/{Given.public.pk}/"
    return Given


def everything() -> list[Any]:
    """Return what is stored, without sessions and the time of the last log-in."""
    models = [*apps.get_app_config("cases").get_models(include_auto_created=True)]
    models += [*apps.get_app_config("auth").get_models(include_auto_created=True)]
    models.append(apps.get_model("admin", "LogEntry"))
    return [
        sorted(model._default_manager.values_list(*_fields(model)), key=repr) for model in models
    ]


def _fields(model: Any) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.name != "last_login"]


def answer(client: Client, method: str, address: Address) -> int:
    """Return the status of the answer, and undo what the request did: 0 for the log-in page."""
    for value in address.data.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        if method == "get":
            response = client.get(address.url)
        else:
            response = client.post(address.url, address.data)
        transaction.set_rollback(True)
    client.cookies = cookies
    is_login = response.status_code == 302 and response["Location"].startswith("/admin/login/")
    return 0 if is_login else response.status_code


def names() -> set[str]:
    """Return the names of all routes of the desk, its log-in and its passwords."""
    found = set()
    for pattern in get_resolver().url_patterns:
        if hasattr(pattern, "url_patterns"):
            if pattern.namespace == "cases":
                continue
            found |= _names_below(pattern)
        elif pattern.name:
            found.add(pattern.name)
    return found


def _names_below(resolver: Any) -> set[str]:
    found = set()
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            found |= _names_below(pattern)
        elif pattern.name:
            found.add(pattern.name)
    return found


def test_no_route_of_the_desk_is_left_out(given: Any) -> None:
    assert {name for name, _address in desk_addresses(given)} | BY_THEMSELVES == names()


@pytest.mark.parametrize("name", PEOPLE)
def test_each_address_of_the_desk_answers_those_whom_it_is_for(given: Any, name: str) -> None:
    client = person(name)
    before = everything()
    wrong = []
    for route, address in desk_addresses(given):
        for method, allowed in (("get", address.get), ("post", address.post)):
            status = answer(client, method, address)
            if name in ("visitor", "inactive"):
                good = status == 0
            elif allowed is None:
                good = status == 405
            elif name not in allowed:
                good = status == 403 or (route == "app_list" and status == 404)
            elif method == "get":
                good = status == address.shown
            else:
                good = status in (200, 302, 400)
            if not good:
                wrong.append((route, method, status))
    assert wrong == [], wrong
    assert everything() == before


@pytest.mark.parametrize("name", PEOPLE)
def test_a_post_by_those_whom_it_is_not_for_changes_nothing(given: Any, name: str) -> None:
    client = person(name)
    before = everything()
    for route, address in desk_addresses(given):
        if name in (address.post or NOBODY):
            continue
        client.post(address.url, address.data)
        client.get(address.url)
        assert everything() == before, route


@pytest.mark.parametrize("name", PEOPLE)
def test_the_log_in_and_the_forgotten_password_are_for_everybody(given: Any, name: str) -> None:
    client = person(name)
    before = everything()
    is_in = name not in ("visitor", "inactive")
    assert client.get("/admin/login/").status_code == (302 if is_in else 200)
    wrong = {"username": "somebody", "password": "wrong"}
    assert client.post("/admin/login/", wrong).status_code == 200
    for url in ("/admin/password_reset/", "/admin/password_reset/done/", "/admin/reset/done/"):
        assert client.get(url).status_code == 200, url
    for email in ("somebody@example.org", "nobody@example.org"):
        sent = client.post("/admin/password_reset/", {"email": email})
        assert sent["Location"] == "/admin/password_reset/done/"
    pk = given.rows["auth_user"]
    passwords = {"new_password1": "correct horse", "new_password2": "correct horse"}
    assert "重设" in client.get(f"/admin/reset/{pk}/set-password/").content.decode()
    client.post(f"/admin/reset/{pk}/x-y/", passwords)
    assert everything() == before
    assert client.get("/admin/logout/").status_code == (405 if is_in else 302)
    assert client.post("/admin/logout/").status_code == (200 if is_in else 302)
    assert everything() == before


@pytest.mark.parametrize("name", PEOPLE)
def test_public_addresses_answer_everybody_alike_and_take_nothing(given: Any, name: str) -> None:
    # A reader's own pages: test_roles.py and test_collections.py.
    own = ("/my/", "/login/")
    addresses = [url for url in public_addresses() if not url.startswith(own)]
    visitor, client = person("visitor"), person(name)
    before = everything()
    for url in addresses:
        assert client.get(url).status_code == visitor.get(url).status_code, url
        assert client.post(url, {"title": "手写的题目"}).status_code in (403, 405), url
    assert everything() == before


@pytest.mark.parametrize("name", PEOPLE)
def test_a_file_is_for_those_who_may_see_its_case(given: Any, name: str) -> None:
    client = person(name)
    for case, seen in ((given.draft, EDITORS), (given.review, EDITORS), (given.public, PEOPLE)):
        file = f"{case.pk:032x}.pdf"
        default_storage.save(file, ContentFile(b"%PDF-1.7"))
        Attachment.objects.create(initiative=case, file=file, kind="pdf")
        response = client.get(f"/media/{file}")
        assert response.status_code == (200 if name in seen else 404), case
        if response.streaming:
            b"".join(response.streaming_content)  # type: ignore[arg-type]
        assert client.post(f"/media/{file}").status_code == 405


def _files(case: Any, **row: Any) -> dict[str, Any]:
    initial = "1" if "id" in row else "0"
    data = by_hand(case, title=case.title)
    data |= {"attachments-TOTAL_FORMS": "1", "attachments-INITIAL_FORMS": initial}
    return data | {f"attachments-0-{name}": value for name, value in row.items()}


@pytest.mark.parametrize("name", PEOPLE)
def test_a_file_is_added_and_taken_away_by_those_who_may_change_its_case(
    given: Any, name: str
) -> None:
    client = person(name)
    for case, allowed in (
        (given.draft, EDITORS),
        (given.review, REVIEWERS),
        (given.public, NOBODY),
    ):
        file = SimpleUploadedFile("a.pdf", make.PDF)
        client.post(change(case), _files(case, file=file, caption="加的"))
        assert case.attachments.filter(caption="加的").exists() is (name in allowed), case
        case.attachments.all().delete()
        row = case.attachments.create(file="0" * 32 + ".pdf", kind="pdf")
        client.post(change(case), _files(case, id=row.pk, caption="改的"))
        assert case.attachments.filter(caption="改的").exists() is (name in allowed), case
        client.post(change(case), _files(case, id=row.pk, DELETE="on"))
        assert case.attachments.exists() is (name not in allowed), case


@pytest.mark.parametrize("name", PEOPLE)
def test_nobody_writes_over_what_was_saved_meanwhile_without_seeing_it(
    given: Any, name: str
) -> None:
    data = by_hand(given.draft, title="没看过就保存")
    given.draft.summary = "别人刚改的摘要。"
    given.draft.save()
    for opened in (data["opened"], "", "{}", "不是"):
        person(name).post(change(given.draft), data | {"opened": opened})
    given.draft.refresh_from_db()
    assert given.draft.title == "草稿"


@pytest.mark.parametrize("name", PEOPLE)
def test_fields_that_no_form_shows_are_set_by_nobody(given: Any, name: str) -> None:
    hidden = {
        "status": "published",
        "revises": given.public.pk,
        "merged_into": given.public.pk,
        "current_revision": given.public.current_revision_id,
        "created_by": given.rows["auth_user"],
        "publish_at_0": "2020-01-01",
        "publish_at_1": "09:00",
        "returned_reason": "手写",
        "synthetic": "on",
    }
    person(name).post(change(given.draft), by_hand(given.draft) | hidden)
    row = Initiative.objects.get(pk=given.draft.pk)
    assert (row.title == "手写的题目") is (name in EDITORS)
    assert (row.status, row.revises, row.merged_into, row.current_revision) == (
        "draft",
        None,
        None,
        None,
    )
    assert (row.created_by, row.publish_at, row.returned_reason) == (None, None, "")
    assert not row.synthetic


@pytest.mark.parametrize("name", PEOPLE)
def test_a_spreadsheet_goes_in_where_rows_may_be_added_and_changed(given: Any, name: str) -> None:
    client = person(name)
    file = SimpleUploadedFile("a.csv", "代码,名称,次序\nnew-topic,新议题,9\n".encode())
    data = {"file": file, "_import": "1"}
    client.post("/admin/cases/topic/spreadsheet/", data)
    assert Topic.objects.filter(name="新议题").exists() is (name in REVIEWERS)


# A line of text that stands upright had no room left.
UPRIGHT = """links => links
    .filter(link => link.textContent.trim().length > 3 && link.offsetWidth)
    .filter(link => link.offsetHeight > 3 * link.offsetWidth)
    .map(link => link.textContent)"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_on_any_page_of_the_desk(
    desk: Callable[..., Any],
    context_for: Callable[..., Any],
    given: Any,
    width: int,
    scheme: str,
) -> None:
    not_pages = ("autocomplete", "jsi18n", "_spreadsheet_file")
    addresses = [
        address.url
        for name, address in desk_addresses(given)
        if address.get and address.shown == 200 and not name.endswith(not_pages)
    ]
    addresses += [f"{address}?q=nothing" for address in addresses if address.endswith("topic/")]
    how = {"width": width, "scheme": scheme}
    open_to_all = ["/admin/login/", "/admin/password_reset/", "/admin/password_reset/done/"]
    open_to_all += ["/admin/reset/done/", "/admin/reset/x/x-y/"]
    problems = {}
    for page, urls in (
        (desk("manager", **how), addresses),
        (context_for(**how).new_page(), open_to_all),
    ):
        for url in urls:
            page.goto(url)
            if rules := axe(page):
                problems[url] = rules
            squeezed = page.get_by_role("link").evaluate_all(UPRIGHT)
            if squeezed:
                problems[f"{url} has text one character wide"] = squeezed
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                problems[f"{url} is wider than the screen"] = []
    assert problems == {}
