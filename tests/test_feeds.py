"""`/cases.atom`: any query as a feed."""

import xml.etree.ElementTree as ET
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from cases import publishing
from cases.models import Initiative

from . import make
from .test_case_list import get_json

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
SECRET = "不可外传"


def get_feed(client: Client, query: str = "", **headers: Any) -> ET.Element:
    response = client.get(f"/cases.atom?{query}" if query else "/cases.atom", **headers)
    assert response.status_code == 200, query
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ET.fromstring(response.content)  # noqa: S314 - our own answer


def text(element: ET.Element, name: str) -> str:
    found = element.find(f"{ATOM}{name}")
    assert found is not None
    return found.text or ""


def links(element: ET.Element) -> dict[str, str]:
    return {link.attrib["rel"]: link.attrib["href"] for link in element.findall(f"{ATOM}link")}


def entries(feed: ET.Element) -> list[ET.Element]:
    return feed.findall(f"{ATOM}entry")


def test_a_feed_has_what_readers_ask_for(client: Client) -> None:
    case = make.make_published(
        title="甲<乙>&丙", summary="摘要 <b>不是标记</b>", topics=("parking",)
    )
    feed = get_feed(client)
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "zh-CN"
    assert text(feed, "title") == "社区治理案例库：全部案例"
    assert text(feed.find(f"{ATOM}author"), "name") == "社区治理案例库"  # type: ignore[arg-type]
    assert links(feed)["self"] == "http://testserver/cases.atom"
    assert links(feed)["alternate"] == "http://testserver/cases/"
    (entry,) = entries(feed)
    assert text(entry, "title") == "甲<乙>&丙"
    assert text(entry, "summary") == "摘要 &lt;b&gt;不是标记&lt;/b&gt;"  # As HTML it shows itself.
    assert links(entry) == {"alternate": f"http://testserver/cases/{case.pk}/"}
    category = entry.find(f"{ATOM}category")
    assert category is not None
    assert category.attrib == {"term": "parking", "label": "停车与交通"}


def test_a_feed_has_the_cases_of_the_query_latest_first(client: Client) -> None:
    start = timezone.now()
    for number in range(6):
        make.make_published(
            district=("xuhui", "pudong")[number % 2], at=start + timedelta(seconds=number)
        )
    for query in ("", "district=xuhui", "district=pudong&sort=year", "q=%E5%B1%85%E6%B0%91"):
        found = [text(entry, "id") for entry in entries(get_feed(client, query))]
        ids = [case["id"] for case in get_json(client, query)["results"]]
        assert found == [f"tag:governance-cases,2026:case/{pk}" for pk in sorted(ids)[::-1]]


def test_ids_stay_whatever_the_host_and_the_order_of_the_parameters(
    client: Client, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]
    make.make_published()
    first = get_feed(client, "topic=parking&district=xuhui")
    second = get_feed(client, "district=xuhui&topic=parking&page=1", headers={"host": "localhost"})
    assert text(first, "id") == text(second, "id")
    assert text(first, "id") == "tag:governance-cases,2026:cases?district=xuhui&topic=parking"
    assert [text(e, "id") for e in entries(first)] == [text(e, "id") for e in entries(second)]
    assert links(second)["self"].startswith("http://localhost/")


def test_updated_changes_with_a_publication_and_with_nothing_else(client: Client) -> None:
    at = timezone.now().replace(microsecond=0) - timedelta(days=3)
    old = make.make_published(at=at - timedelta(days=1))
    case = make.make_published(at=at)
    feed = get_feed(client)
    assert datetime.fromisoformat(text(feed, "updated")) == at
    assert datetime.fromisoformat(text(entries(feed)[1], "updated")) == at - timedelta(days=1)
    Initiative.objects.filter(pk=case.pk).update(summary="编辑正在改")
    make.make_complete_draft()
    assert client.get("/cases.atom").content == client.get("/cases.atom").content
    assert text(get_feed(client), "updated") == text(feed, "updated")
    publishing.withdraw(old, None, "重复收录")
    publishing.publish(old, at=at + timedelta(days=1))
    feed = get_feed(client)
    assert datetime.fromisoformat(text(feed, "updated")) == at + timedelta(days=1)
    assert text(entries(feed)[0], "id").endswith(f"case/{old.pk}")


def test_pages_of_fifty_follow_one_another(client: Client) -> None:
    start = timezone.now()
    made = [make.make_published(at=start + timedelta(seconds=n)).pk for n in range(51)]
    first = get_feed(client, "topic=parking")
    second = get_feed(client, links(first)["next"].partition("?")[2])
    found = [text(e, "id").rpartition("/")[2] for f in (first, second) for e in entries(f)]
    assert found == [str(pk) for pk in made[::-1]]
    assert "previous" not in links(first)
    assert "next" not in links(second)
    assert links(second)["previous"] == links(first)["self"] == links(first)["first"]
    assert links(first)["last"] == links(second)["self"]
    assert text(first, "updated") == text(second, "updated")
    assert text(first, "id") == text(second, "id")
    response = client.get("/cases.atom?page=3")
    assert response.status_code == 404
    assert response.json()["errors"]["page"]


def test_an_empty_feed_is_a_feed_and_does_not_change(client: Client) -> None:
    make.make_topic("pets", "宠物")
    make.make_published()
    feed = get_feed(client, "topic=pets")
    assert entries(feed) == []
    assert text(feed, "updated") == text(get_feed(client, "topic=pets"), "updated")


def test_control_characters_of_a_case_and_of_a_query_are_left_out(client: Client) -> None:
    make.make_published(title="甲\x0b乙\x01", summary="摘\x1f要")
    (entry,) = entries(get_feed(client))
    assert (text(entry, "title"), text(entry, "summary")) == ("甲乙", "摘要")
    for word in ("\x01a", "\x1b[0m", "\uffff", "<b>&"):
        assert entries(get_feed(client, f"q={quote(word)}")) == []


def test_a_case_that_is_not_public_is_in_no_feed(client: Client) -> None:
    make.make_complete_draft(title=SECRET)
    make.make_in_review(title=SECRET)
    make.make_withdrawn(title=SECRET)
    feed = get_feed(client)
    assert entries(feed) == []


def test_who_has_the_feed_already_is_told_so(client: Client) -> None:
    make.make_published()
    tag = {"If-None-Match": client.get("/cases.atom?sort=year")["ETag"]}
    assert client.get("/cases.atom", headers=tag).status_code == 304
    make.make_published()
    assert client.get("/cases.atom", headers=tag).status_code == 200


def test_a_bad_value_is_an_error_in_json(client: Client) -> None:
    response = client.get("/cases.atom?sort=random")
    assert response.status_code == 400
    assert response.json()["errors"]["sort"]
