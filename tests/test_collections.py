"""Sets of cases and saved queries: `/my/…` for their owners, `/collections/…` and `/saved/…` for
whoever has the address."""

import csv
import gzip
import io
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, expect

from cases import publishing
from cases.models import Collection, CollectionItem, Initiative, SavedQuery
from cases.models import collections as rules
from cases.views import my

from . import make
from .axe import axe

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"  # noqa: S105 - of make_user
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def reader() -> Any:
    return make.make_user(username="reader")


@pytest.fixture
def signed_in(reader: Any) -> Client:
    client = Client()
    client.force_login(reader)
    return client


def keep(owner: Any, *cases: Initiative, shared: bool = True, **kw: Any) -> Collection:
    kept = Collection.objects.create(owner=owner, title="停车三例", shared=shared, **kw)
    kept.add([case.pk for case in cases])
    return kept


def form(kept: Collection, **more: Any) -> dict[str, Any]:
    """Return what the owner's page sends when nothing is changed, with some of it changed."""
    data: dict[str, Any] = {"title": kept.title, "description": kept.description}
    data |= {"signed": kept.signed} | ({"shared": "on"} if kept.shared else {})
    for number, item in enumerate(kept.items.all(), start=1):
        data |= {f"{item.pk}-note": item.note, f"{item.pk}-position": number}
    return data | more


def order(kept: Collection) -> list[int]:
    return list(kept.items.values_list("initiative_id", flat=True))


# --- Signing in ---


def test_a_reader_without_a_role_signs_in_comes_back_and_signs_out(
    client: Client, reader: Any
) -> None:
    case = make.make_published()
    asked = client.get(f"/my/add/?id={case.pk}")
    assert asked.status_code == 302
    assert asked["Location"] == f"/login/?next=/my/add/%3Fid%3D{case.pk}"
    page = client.get(asked["Location"])
    assert "不开放注册" in page.content.decode()
    assert "<title>登录 · 社区治理案例库</title>" in page.content.decode()
    data = {"username": "reader", "password": PASSWORD, "next": page.context["next"]}
    assert client.post("/login/", data)["Location"] == f"/my/add/?id={case.pk}"
    assert client.get("/my/").status_code == 200
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/"
    assert client.get("/my/").status_code == 302


def test_the_public_log_in_leads_nowhere_else(client: Client, reader: Any) -> None:
    data = {"username": "reader", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/login/", data)["Location"] == "/my/"


def test_five_wrong_passwords_lock_the_public_log_in_as_the_desks(
    client: Client, reader: Any
) -> None:
    data = {"username": "reader", "password": "wrong"}
    assert [client.post("/login/", data).status_code for _ in range(5)] == [200] * 4 + [429]
    assert client.post("/login/", data | {"password": PASSWORD}).status_code == 429


def test_an_inactive_account_does_not_get_in(client: Client, reader: Any) -> None:
    client.force_login(reader)
    reader.is_active = False
    reader.save()
    assert client.get("/my/").status_code == 302
    assert client.post("/login/", {"username": "reader", "password": PASSWORD}).status_code == 200


def test_a_reader_changes_the_own_password(signed_in: Client, reader: Any) -> None:
    new = {"new_password1": "a quite new pass 7", "new_password2": "a quite new pass 7"}
    response = signed_in.post("/my/password/", {"old_password": PASSWORD, **new})
    assert response["Location"] == "/my/"
    reader.refresh_from_db()
    assert reader.check_password("a quite new pass 7")


def test_an_account_made_without_a_role_is_a_readers(client: Client) -> None:
    client.force_login(make.make_user("manager"))
    data = {"username": "du", "usable_password": "true", "password1": PASSWORD}
    client.post("/admin/auth/user/add/", data | {"password2": PASSWORD})
    assert User.objects.get(username="du").is_staff is False


def test_public_pages_are_the_same_for_everybody(client: Client, signed_in: Client) -> None:
    case = make.make_published()
    for address in ("/", "/cases/", f"/cases/{case.pk}/"):
        page = client.get(address)
        assert page.content == signed_in.get(address).content
        assert b"csrfmiddlewaretoken" not in page.content
        assert "sessionid" not in page.cookies
    assert f"/my/add/?id={case.pk}" in page.content.decode()
    assert 'formaction="/my/add/"' in client.get("/cases/").content.decode()


# --- Keeping ---


def test_chosen_cases_go_into_a_new_set_and_then_into_that_one(
    signed_in: Client, reader: Any
) -> None:
    first, second, third = (make.make_published() for _ in range(3))
    page = signed_in.get(f"/my/add/?id={second.pk}&id={first.pk}&id={second.pk}&id=abc")
    assert first.title in page.content.decode()
    assert not Collection.objects.exists()  # Looking writes nothing.
    data = {"id": [second.pk, first.pk], "title": "停车", "note": "先看这两个"}
    response = signed_in.post("/my/add/", data, follow=True)
    kept = Collection.objects.get()
    assert (kept.owner, kept.title, kept.shared) == (reader, "停车", False)
    assert order(kept) == [second.pk, first.pk]
    assert "收入了 2 个案例" in response.content.decode()
    data = {"id": [first.pk, third.pk], "collection": kept.key}
    response = signed_in.post("/my/add/", data, follow=True)
    assert order(kept) == [second.pk, first.pk, third.pk]
    assert "收入了 1 个案例。另外 1 个早就在里面" in response.content.decode()
    assert kept.items.get(initiative=first).note == "先看这两个"  # kept as it was


def test_a_draft_is_not_taken_in_whoever_asks(signed_in: Client) -> None:
    draft, case = make.make_complete_draft(title="不可外传"), make.make_published()
    response = signed_in.get(f"/my/add/?id={draft.pk}")
    assert response.status_code == 400
    assert "不可外传" not in response.content.decode()
    signed_in.post("/my/add/", {"id": [draft.pk, case.pk], "title": "试"})
    assert order(Collection.objects.get()) == [case.pk]


def test_what_was_typed_stays_where_something_is_missing(signed_in: Client) -> None:
    case = make.make_published()
    response = signed_in.post("/my/add/", {"id": case.pk, "note": "很长的备注"})
    text = response.content.decode()
    assert response.status_code == 400
    assert "请选一个案例集" in text
    assert "很长的备注" in text
    assert f'name="id" value="{case.pk}"' in text


def test_nothing_chosen_and_too_much_chosen_are_said(signed_in: Client) -> None:
    assert "勾选" in signed_in.get("/my/add/").content.decode()
    many = "&".join(f"id={n}" for n in range(1, 52))
    response = signed_in.get(f"/my/add/?{many}")
    assert response.status_code == 400
    assert "一次至多收入 50 个" in response.content.decode()


def test_a_set_and_a_person_have_their_limits(
    signed_in: Client, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make.make_published(), make.make_published()
    kept = keep(reader, first)
    monkeypatch.setattr(rules, "MOST_CASES", 1)
    monkeypatch.setattr(my, "MOST_CASES", 1)
    monkeypatch.setattr(my, "MOST_KEPT", 1)
    response = signed_in.post("/my/add/", {"id": second.pk, "collection": kept.key})
    assert response.status_code == 400
    assert "至多 1 个案例，“停车三例”放不下了" in response.content.decode()
    for address, data in (
        ("/my/add/", {"id": second.pk, "title": "又一个"}),
        ("/my/collections/", {"title": "又一个"}),
    ):
        response = signed_in.post(address, data)
        assert response.status_code == 400
        assert "每人至多 1 个案例集" in response.content.decode()
    assert order(Collection.objects.get()) == [first.pk]
    assert signed_in.post("/my/save/", {"title": "一"}).status_code == 302
    assert (
        "每人至多 1 个保存的检索" in signed_in.post("/my/save/", {"title": "二"}).content.decode()
    )


def test_notes_order_and_removal_are_saved_together(signed_in: Client, reader: Any) -> None:
    cases = [make.make_published() for _ in range(4)]
    a, b, c, d = (case.pk for case in cases)
    kept = keep(reader, *cases, shared=False)
    ia, ib, ic, item_d = kept.items.all()
    address = f"/my/collections/{kept.key}/"
    data = form(kept, title="改了名", shared="on")
    data |= {f"{item_d.pk}-position": 1, f"{ib.pk}-remove": "on", f"{ia.pk}-note": "为什么"}
    assert signed_in.post(address, data).status_code == 302
    kept.refresh_from_db()
    assert (kept.title, kept.shared) == ("改了名", True)
    assert order(kept) == [d, a, c]
    assert [item.position for item in kept.items.all()] == [1, 2, 3]
    assert kept.items.get(initiative=a).note == "为什么"
    assert not kept.items.filter(initiative=b).exists()


def test_a_bad_value_changes_nothing_and_loses_nothing(signed_in: Client, reader: Any) -> None:
    kept = keep(reader, make.make_published())
    item = kept.items.get()
    data = form(kept, title="") | {f"{item.pk}-note": "新的备注", f"{item.pk}-position": "0"}
    response = signed_in.post(f"/my/collections/{kept.key}/", data)
    assert response.status_code == 400
    assert "新的备注" in response.content.decode()
    item.refresh_from_db()
    assert item.note == ""
    assert Collection.objects.get().title == "停车三例"


def test_a_long_set_has_pages_and_a_page_saves_only_its_own(signed_in: Client, reader: Any) -> None:
    cases = [make.make_published() for _ in range(52)]
    kept = keep(reader, *cases)
    page = signed_in.get(f"/my/collections/{kept.key}/?page=2")
    assert len(page.context["rows"]) == 2
    last = kept.items.last()
    data = {"title": "停车三例", f"{last.pk}-note": "最后", f"{last.pk}-position": 52}
    assert signed_in.post(f"/my/collections/{kept.key}/?page=2", data).status_code == 302
    assert order(kept) == [case.pk for case in cases]
    assert signed_in.get(f"/collections/{kept.key}/").status_code == 404  # shared was not ticked
    assert signed_in.get(f"/my/collections/{kept.key}/?page=3").status_code == 404
    assert signed_in.get(f"/my/collections/{kept.key}/?page=x").status_code == 404


def test_a_set_is_deleted_when_it_was_asked_for(signed_in: Client, reader: Any) -> None:
    kept = keep(reader, make.make_published())
    address = f"/my/collections/{kept.key}/delete/"
    assert "网址会失效" in signed_in.get(address).content.decode()
    assert Collection.objects.exists()
    assert signed_in.post(address)["Location"] == "/my/"
    assert not Collection.objects.exists()
    assert signed_in.get("/my/others/abc/delete/").status_code == 404


# --- Who may see and change ---


@pytest.mark.parametrize("name", ["", "editor", "manager"])
def test_nobody_reaches_the_pages_of_another_person(reader: Any, name: str) -> None:
    kept = keep(reader, make.make_published(), shared=True)
    query = SavedQuery.objects.create(owner=reader, title="别人的检索", shared=True)
    other = Client()
    other.force_login(make.make_user(name, is_superuser=name == "manager"))
    for address in (f"/my/collections/{kept.key}/", f"/my/saved/{query.key}/"):
        for method in (other.get, other.post):
            assert method(address, {"title": "改"}).status_code == 404
            assert method(f"{address}delete/").status_code == 404
    data = {"id": make.make_published().pk, "collection": kept.key}
    assert other.post("/my/add/", data).status_code == 400
    assert "停车三例" not in other.get("/my/").content.decode()
    assert order(kept) == order(Collection.objects.get(title="停车三例"))
    assert SavedQuery.objects.get().title == "别人的检索"


def test_a_request_without_the_token_is_refused(reader: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(reader)
    kept = keep(reader)
    for address in ("/my/add/", "/my/save/", "/my/collections/", f"/my/collections/{kept.key}/"):
        assert client.post(address, {"title": "外站"}).status_code == 403
    assert client.post(f"/my/collections/{kept.key}/delete/").status_code == 403
    assert Collection.objects.get().title == "停车三例"


def test_personal_pages_are_not_kept_by_anybody(signed_in: Client, reader: Any) -> None:
    kept = keep(reader)
    for address in ("/my/", f"/my/collections/{kept.key}/", "/my/save/"):
        control = signed_in.get(address)["Cache-Control"]
        assert "no-store" in control and "private" in control


def test_what_is_private_has_no_public_address(client: Client, reader: Any) -> None:
    kept = keep(reader, make.make_published(), shared=False)
    query = SavedQuery.objects.create(owner=reader, title="自己的检索")
    suffixes = ("csv", "xlsx", "json", "ris", "bib", "csl.json", "txt", "docx", "atom")
    files = [f"/collections/{kept.key}.{suffix}" for suffix in suffixes]
    for suffix in ("ris", "bib", "csl.json"):
        files.append(f"/collections/{kept.key}/citation.{suffix}")
        files.append(f"/saved/{query.key}/citation.{suffix}")
    for address in (f"/collections/{kept.key}/", *files, f"/saved/{query.key}/"):
        assert client.get(address).status_code == 404, address


def test_when_an_account_goes_only_what_was_shared_stays_without_it(
    client: Client, reader: Any
) -> None:
    shared, private = keep(reader, make.make_published()), keep(reader, shared=False)
    SavedQuery.objects.create(owner=reader, title="自己的检索")
    reader.delete()
    assert not Collection.objects.filter(pk=private.pk).exists()
    assert not SavedQuery.objects.exists()
    shared.refresh_from_db()
    assert shared.owner is None
    assert client.get(f"/collections/{shared.key}/").status_code == 200


def test_a_manager_takes_a_shared_set_back_and_sees_no_private_one(
    client: Client, reader: Any
) -> None:
    shared, private = keep(reader, make.make_published()), keep(reader, shared=False)
    manager = Client()
    manager.force_login(make.make_user("manager"))
    listed = manager.get("/admin/cases/collection/")
    assert list(listed.context["cl"].queryset) == [shared]
    assert manager.get(f"/admin/cases/collection/{private.pk}/change/").status_code == 302
    assert manager.get("/admin/cases/collection/add/").status_code == 403
    address = f"/admin/cases/collection/{shared.pk}/"
    assert manager.get(f"{address}delete/").status_code == 403
    assert manager.post(f"{address}change/", {"title": "改"}).status_code == 302
    assert client.get(f"/collections/{shared.key}/").status_code == 404
    shared.refresh_from_db()
    assert (shared.title, shared.owner) == ("停车三例", reader)
    assert manager.get("/admin/cases/savedquery/").status_code == 200


@pytest.mark.parametrize("name", ["editor", "reviewer"])
def test_only_managers_take_sets_back(name: str, reader: Any) -> None:
    kept = keep(reader)
    client = Client()
    client.force_login(make.make_user(name))
    assert client.post(f"/admin/cases/collection/{kept.pk}/change/", {}).status_code == 403
    assert Collection.objects.get().shared


def test_a_manager_deletes_an_account_with_sets(reader: Any) -> None:
    kept = keep(reader)
    keep(reader, make.make_published(), shared=False)
    manager = Client()
    manager.force_login(make.make_user("manager"))
    address = f"/admin/auth/user/{reader.pk}/delete/"
    assert manager.get(address).status_code == 200
    assert manager.post(address, {"post": "yes"}).status_code == 302
    assert list(Collection.objects.all()) == [kept]


def test_the_database_keeps_the_rules(reader: Any) -> None:
    kept = keep(reader, case := make.make_published())
    wrong: list[Callable[[], object]] = [
        lambda: Collection.objects.create(owner=None, title="无主", shared=False),
        lambda: SavedQuery.objects.create(owner=reader, title=""),
        lambda: CollectionItem.objects.create(collection=kept, initiative=case, position=2),
        lambda: kept.items.update(position=0),
    ]
    for act in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


# --- What others see ---


def test_a_shared_set_shows_its_cases_in_order_with_notes_and_never_the_account(
    client: Client, reader: Any
) -> None:
    first, second = make.make_published(title="甲案例"), make.make_published(title="乙案例")
    kept = keep(reader, second, first, description="为课程<b>准备</b>", signed="张三")
    kept.items.filter(initiative=first).update(note="看它的做法")
    response = client.get(f"/collections/{kept.key}/")
    text = response.content.decode()
    assert text.index("乙案例") < text.index("甲案例") < text.index("看它的做法")
    assert "为课程&lt;b&gt;准备&lt;/b&gt;" in text
    assert "共 <strong>2</strong> 个案例" in text
    assert "由读者整理" in text and "张三" in text
    assert "reader" not in text
    assert 'content="noindex"' in text
    assert f"/compare/?id={second.pk}&amp;id={first.pk}" in text
    assert kept.key not in client.get("/sitemap.xml").content.decode()


def test_a_withdrawn_case_says_so_and_is_in_no_file(client: Client, reader: Any) -> None:
    case, gone = make.make_published(title="留下的"), make.make_published(title="撤回的")
    kept = keep(reader, gone, case)
    publishing.withdraw(gone, None, "数字有误")
    text = client.get(f"/collections/{kept.key}/").content.decode()
    assert "共 <strong>1</strong> 个案例，另有 1 个已撤回" in text
    assert "理由：数字有误" in text
    data = client.get(f"/collections/{kept.key}.json").json()
    assert (data["count"], [row["title"] for row in data["results"]]) == (1, ["留下的"])
    assert data["withdrawn"][0]["reason"] == "数字有误"
    for suffix in ("csv", "ris", "bib", "csl.json", "txt", "atom"):
        response = client.get(f"/collections/{kept.key}.{suffix}")
        body = b"".join(response).decode() if response.streaming else response.content.decode()
        assert "留下的" in body
        assert "撤回的" not in body, suffix


def test_the_files_have_the_sets_cases_in_its_order_with_the_notes(
    client: Client, reader: Any
) -> None:
    first, second = make.make_published(title="甲案例"), make.make_published(title="乙案例")
    kept = keep(reader, second, first)
    kept.items.filter(initiative=first).update(note="=1+1 看它的做法")
    body = b"".join(client.get(f"/collections/{kept.key}.csv").streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(body[1:])))
    assert [row["标题"] for row in rows] == ["乙案例", "甲案例"]
    assert [row["备注"] for row in rows] == ["未记录", "'=1+1 看它的做法"]
    book = load_workbook(io.BytesIO(client.get(f"/collections/{kept.key}.xlsx").content))
    table = [list(row) for row in book["案例"].iter_rows(values_only=True)]
    assert table[0] == list(rows[0])
    assert [row[1] for row in table[1:]] == ["乙案例", "甲案例"]
    data = client.get(f"/collections/{kept.key}.json").json()
    assert data["results"] == [client.get(f"/cases/{c.pk}.json").json() for c in (second, first)]
    assert data["notes"] == {str(first.pk): "=1+1 看它的做法"}
    word = client.get(f"/collections/{kept.key}.docx")
    assert word.status_code == 200
    from docx import Document

    said = "\n".join(p.text for p in Document(io.BytesIO(word.content)).paragraphs)
    assert "停车三例" in said and "备注：=1+1 看它的做法" in said
    empty = keep(reader)
    assert client.get(f"/collections/{empty.key}.docx").status_code == 400
    assert client.get(f"/collections/{empty.key}.json").json()["count"] == 0
    assert client.get(f"/collections/{empty.key}/").status_code == 200


def test_a_follower_hears_of_cases_that_were_added_or_changed(client: Client, reader: Any) -> None:
    old = make.make_published(title="旧案例", at=timezone.now() - timedelta(days=9))
    new = make.make_published(title="新案例", at=timezone.now() - timedelta(days=5))
    kept = keep(reader, new, old)
    kept.items.filter(initiative=old).update(
        added=timezone.now() - timedelta(days=1), note="看<它>"
    )
    kept.items.filter(initiative=new).update(added=timezone.now() - timedelta(days=3))
    response = client.get(f"/collections/{kept.key}.atom")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(response.content)  # noqa: S314 - our own answer
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["旧案例", "新案例"]
    assert "看&lt;它&gt;" in (entries[0].findtext(f"{ATOM}summary") or "")
    assert feed.findtext(f"{ATOM}title") == "社区治理案例库：停车三例"
    links = {link.attrib["rel"]: link.attrib["href"] for link in feed.findall(f"{ATOM}link")}
    assert links["alternate"] == f"http://testserver/collections/{kept.key}/"


def test_a_shared_set_is_cited_to_the_letter(client: Client, reader: Any) -> None:
    kept = keep(reader, signed="张三")
    day, today = timezone.localdate(kept.changed), timezone.localdate()
    text = client.get(f"/collections/{kept.key}/").content.decode()
    url = f"http://127.0.0.1:8000/collections/{kept.key}/"
    assert f"张三. 停车三例[EB/OL]. （{day}）[{today}]. {url}." in text
    assert f"张三. 停车三例[EB/OL]. ({day})[{today}]. {url}." in text
    kept.signed = ""
    kept.save()
    text = client.get(f"/collections/{kept.key}/").content.decode()
    assert f"<p>停车三例[EB/OL]. （{day}）" in text


def test_a_set_is_taken_as_a_list_of_references_in_either_edition_and_as_csl(
    client: Client, reader: Any
) -> None:
    first, second = make.make_published(title="甲案例"), make.make_published(title="乙案例")
    kept = keep(reader, second, first)
    stem = f"/collections/{kept.key}"
    page = client.get(f"{stem}/").content.decode()
    for suffix in ("csl.json", "txt", "txt?edition=2015"):
        assert f'href="{stem}.{suffix}"' in page
    items = client.get(f"{stem}.csl.json").json()
    assert [item["id"] for item in items] == [f"case{c.pk}v1" for c in (second, first)]
    response = client.get(f"{stem}.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.content.decode().splitlines()
    assert [line[:17] for line in lines] == [
        "[1] 社区治理案例库. 乙案例（",
        "[2] 社区治理案例库. 甲案例（",
    ]
    old = client.get(f"{stem}.txt?edition=2015").content.decode()
    assert "[EB/OL]. (" in old
    assert client.get(f"{stem}.txt?edition=1999").status_code == 400


def test_a_set_and_a_saved_query_are_cited_in_files_as_well(client: Client, reader: Any) -> None:
    kept = keep(reader, make.make_published(title="甲案例"), signed="张三")
    query = SavedQuery.objects.create(owner=reader, title="停车的案例", shared=True)
    for thing, title in ((kept, "停车三例"), (query, "停车的案例")):
        address = thing.get_absolute_url()
        page = client.get(address).content.decode()
        for suffix in ("ris", "bib", "csl.json"):
            assert f'href="{address}citation.{suffix}"' in page
        (item,) = client.get(f"{address}citation.csl.json").json()
        assert (item["title"], item["URL"]) == (title, f"http://testserver{address}")
        ris = client.get(f"{address}citation.ris").content.decode()
        assert f"TI  - {title}\r\n" in ris
        assert "甲案例" not in ris
        assert title in client.get(f"{address}citation.bib").content.decode()
    assert "AU  - 张三\r\n" in client.get(f"/collections/{kept.key}/citation.ris").content.decode()


# --- Queries ---


def test_a_query_is_kept_in_canonical_form_and_shared(
    client: Client, signed_in: Client, reader: Any
) -> None:
    make.make_published(topics=("parking",), title="停车案例")
    address = "/my/save/?topic=parking&district=xuhui&page=7&junk=1&sort=year"
    page = signed_in.get(address)
    assert "区：徐汇区；议题：停车与交通" in page.content.decode()
    assert not SavedQuery.objects.exists()
    response = signed_in.post(address, {"title": "徐汇停车", "signed": "李四", "shared": "on"})
    kept = SavedQuery.objects.get()
    assert response["Location"] == f"/my/saved/{kept.key}/"
    assert (kept.owner, kept.query) == (reader, "district=xuhui&topic=parking&sort=year")
    text = client.get(f"/saved/{kept.key}/").content.decode()
    assert "区：徐汇区；议题：停车与交通" in text
    assert "共 <strong>1</strong> 个案例" in text
    for start in ("/cases/", "/cases.atom", "/cases.csv"):
        assert f"{start}?district=xuhui&amp;topic=parking&amp;sort=year" in text
    assert "李四. 徐汇停车[EB/OL]." in text
    make.make_published(topics=("parking",))
    assert "共 <strong>2</strong> 个案例" in client.get(f"/saved/{kept.key}/").content.decode()
    data = {"title": "改名", "description": "说明"}
    assert signed_in.post(f"/my/saved/{kept.key}/", data).status_code == 302
    assert client.get(f"/saved/{kept.key}/").status_code == 404
    assert signed_in.post(f"/my/saved/{kept.key}/delete/").status_code == 302
    assert not SavedQuery.objects.exists()


def test_a_query_whose_value_is_gone_says_so(
    client: Client, signed_in: Client, reader: Any
) -> None:
    kept = SavedQuery.objects.create(owner=reader, title="旧", query="topic=gone", shared=True)
    for response in (client.get(f"/saved/{kept.key}/"), signed_in.get(f"/my/saved/{kept.key}/")):
        assert response.status_code == 200
        assert "现在已经没有的值" in response.content.decode()


def test_a_bad_query_is_not_kept(signed_in: Client) -> None:
    assert signed_in.post("/my/save/?topic=nonsense", {"title": "坏"}).status_code == 400
    assert not SavedQuery.objects.exists()


# --- Cost and looks ---


def test_no_page_asks_more_than_twelve_queries_however_long_the_set(
    client: Client, signed_in: Client, reader: Any
) -> None:
    kept = keep(reader, *(make.make_published() for _ in range(60)))
    query = SavedQuery.objects.create(owner=reader, title="全部", shared=True)
    for _ in range(8):
        keep(reader)
    case = kept.items.first().initiative_id
    asked: dict[str, int] = {}
    suffixes = ("csv", "xlsx", "json", "ris", "bib", "csl.json", "txt", "atom")
    for browser, address in (
        (client, f"/collections/{kept.key}/"),
        *((client, f"/collections/{kept.key}.{suffix}") for suffix in suffixes),
        (client, f"/saved/{query.key}/"),
        (signed_in, "/my/"),
        (signed_in, f"/my/collections/{kept.key}/"),
        (signed_in, f"/my/add/?id={case}"),
        (signed_in, f"/my/saved/{query.key}/"),
        (signed_in, "/my/save/"),
    ):
        browser.get("/cases/")  # The worker knows the reference tables.
        with CaptureQueriesContext(connection) as queries:
            response = browser.get(address)
            body = b"".join(response) if response.streaming else response.content
        assert response.status_code == 200
        asked[address] = len(queries)
        # The page itself; style and script take nine kilobytes more.
        assert not address.endswith("/") or len(gzip.compress(body)) < 40 * 1024
    assert {address: n for address, n in asked.items() if n > 12} == {}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("javascript", [True, False])
def test_from_the_list_to_a_shared_set_by_hand(
    real_cases: None, context_for: Callable[..., BrowserContext], javascript: bool
) -> None:
    make.make_user(username="reader")
    page = context_for(javascript=javascript, width=390).new_page()
    page.goto("/cases/?district=xuhui")
    boxes = page.locator(".rows input[name=id]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.get_by_role("button", name="收入案例集").focus()
    page.keyboard.press("Enter")
    page.get_by_label("用户名").fill("reader")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("[name=title]").fill("徐汇两例")
    page.locator("[name=note]").fill("课上讨论")
    page.get_by_role("button", name="收入", exact=True).click()
    page.get_by_text("名称、说明、公开").click()
    page.locator("[name=shared]").check()
    page.get_by_role("button", name="保存").click()
    page.locator("a[href^='/collections/']").first.click()
    expect(page.locator("h1")).to_have_text("徐汇两例")
    expect(page.locator(".kept > li")).to_have_count(2)
    expect(page.get_by_text("课上讨论")).to_have_count(2)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("elder", [False, True])
def test_axe_finds_nothing_on_the_own_pages(
    real_cases: None,
    context_for: Callable[..., BrowserContext],
    width: int,
    scheme: str,
    elder: bool,
) -> None:
    user = make.make_user(username="reader", is_staff=True)
    kept = keep(user, *Initiative.objects.published()[:3], description="说明", signed="张三")
    publishing.withdraw(kept.items.first().initiative, None, "有误")
    kept.items.update(note="备注")
    query = SavedQuery.objects.create(owner=user, title="徐汇", query="district=xuhui", shared=True)
    old = SavedQuery.objects.create(owner=user, title="旧", query="topic=gone", shared=True)
    page = context_for(width=width, scheme=scheme, elder=elder).new_page()
    found = {}

    def look(address: str, status: int = 200) -> None:
        response = page.goto(address)
        assert response is not None
        assert response.status == status, address
        if problems := axe(page):
            found[address] = problems
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address

    look("/login/")
    for address in (f"/collections/{kept.key}/", f"/saved/{query.key}/", f"/saved/{old.key}/"):
        look(address)
    page.goto("/login/")
    page.get_by_label("用户名").fill("reader")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/my/")
    look("/my/")
    look(f"/my/collections/{kept.key}/")
    page.get_by_text("名称、说明、公开").click()
    assert axe(page) == []
    for address in (
        f"/my/collections/{kept.key}/delete/",
        f"/my/saved/{query.key}/",
        "/my/save/?district=xuhui",
        "/my/add/?id=5&id=2",
        "/my/password/",
    ):
        look(address)
    look("/my/add/", 400)
    assert found == {}
