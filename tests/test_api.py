"""`/api/v1/`, and what it has in common with `/cases.json`."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from cases import facets, publishing
from cases.api import manners

from . import make
from .test_case_list import get_json, queries, some_cases  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
SECRET = "不可外传"
ADDRESSES = [
    "/api/v1/",
    "/api/v1/cases/",
    "/api/v1/districts/",
    "/api/v1/districts/xuhui/",
    "/api/v1/themes/",
    "/api/v1/themes/residential-areas/",
    "/api/v1/topics/",
    "/api/v1/topics/parking/",
    "/api/v1/policies/",
    "/api/v1/openapi.json",
    "/cases.json",
]
OTHERS = ["/cases.csv", "/cases.xlsx", "/cases.atom"]


@pytest.fixture(autouse=True)
def _no_limit(settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 0


def get(client: Client, address: str, status: int = 200, **headers: str) -> Any:
    response = client.get(address, headers=headers)
    assert response.status_code == status, (address, response.content)
    assert response["Content-Type"] == "application/json"
    return response.json()


# --- The list ---


def test_the_list_is_that_of_the_page(client: Client, some_cases: None) -> None:  # noqa: F811
    for query in queries()[::7]:
        here = get(client, f"/api/v1/cases/?{query}&page_size=100".replace("?&", "?"))
        there = get_json(client, query)
        assert here["count"] == there["count"], query
        assert here["results"] == there["results"], query
        for name, values in there["facets"].items():
            assert [(v["value"], v["count"]) for v in here["facets"][name]] == [
                (v["value"], v["count"]) for v in values
            ]


def test_a_value_says_what_choosing_it_gives(client: Client, some_cases: None) -> None:  # noqa: F811
    data = get(client, "/api/v1/cases/?topic=parking&page_size=3")
    for name in ("district", "theme", "year", "grade"):
        for value in data["facets"][name]:
            chosen = get(client, value["url"])
            assert chosen["count"] == value["count"]
            assert len(chosen["results"]) == min(3, value["count"])


def test_pages_are_as_long_as_asked_for_and_follow_one_another(client: Client) -> None:
    made = [make.make_published().pk for _ in range(45)]
    assert len(get(client, "/api/v1/cases/")["results"]) == 20
    for size, number in ((20, 3), (7, 7), (100, 1), (1, 45)):
        address: str | None = f"/api/v1/cases/?page_size={size}"
        seen: list[int] = []
        pages = 0
        previous = None
        while address:
            data = get(client, address)
            assert data["previous"] == previous
            previous = data["next"] and client.get(data["next"]).json()["previous"]
            seen += [case["id"] for case in data["results"]]
            pages += 1
            address = data["next"]
        assert (pages, sorted(seen)) == (number, sorted(made)), size


def test_the_links_keep_the_query(client: Client) -> None:
    for _ in range(6):
        make.make_published(start="2015")
    address = "/api/v1/cases/?district=xuhui&page_size=2&page=2&sort=year&year_from=2015&colour=red"
    data = get(client, address)
    for link, page in ((data["next"], "3"), (data["previous"], "1")):
        assert sorted(parse_qsl(urlsplit(link).query)) == sorted(
            {
                "district": "xuhui",
                "page": page,
                "page_size": "2",
                "sort": "year",
                "year_from": "2015",
            }.items()
        )
    header = client.get(address)["Link"]
    assert header == f'<{data["next"]}>; rel="next", <{data["previous"]}>; rel="prev"'


def test_a_link_that_a_proxy_would_refuse_stays_in_the_body(client: Client) -> None:
    streets = [make.make_subdistrict(f"310104{n:03}", f"第{n}街道") for n in range(120)]
    for _ in range(2):
        make.make_published(subdistricts=streets)
    query = "&".join(f"subdistrict={street.code}" for street in streets)
    response = client.get(f"/api/v1/cases/?{query}&page_size=1")
    assert response.json()["next"]
    assert "Link" not in response


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("page_size=0", ["page_size"]),
        ("page_size=101", ["page_size"]),
        ("page_size=abc", ["page_size"]),
        ("page_size=99999999999999999999999", ["page_size"]),
        ("page_size=0&page=0&district=nowhere", ["district", "page", "page_size"]),
        ("year_from=%EF%BC%A1", ["year_from"]),
        ("q=a%00b", ["q"]),
    ],
)
def test_a_bad_value_is_an_error_that_names_the_parameter(
    client: Client, query: str, names: list[str]
) -> None:
    data = get(client, f"/api/v1/cases/?{query}", 400)
    assert sorted(data["errors"]) == names
    assert set(data) == {"error", "errors"}


def test_a_page_that_is_not_there_is_a_404_in_json(client: Client) -> None:
    make.make_published()
    assert get(client, "/api/v1/cases/?page=2", 404)["errors"]["page"]
    assert get(client, "/api/v1/cases/?page=1000000", 404)
    assert get(client, "/api/v1/cases/?page=1000001", 400)


def test_more_parameters_than_can_be_read_are_an_error_in_json(client: Client) -> None:
    query = "district=xuhui&" * 6_000
    for address in ("/api/v1/cases/", "/cases.json", *OTHERS):
        assert get(client, f"{address}?{query}", 400)["error"]


# --- One case ---


def test_a_case_is_the_record_with_whole_addresses(client: Client) -> None:
    case = make.make_published()
    data = get(client, f"/api/v1/cases/{case.pk}/")
    assert data == get(client, f"/cases/{case.pk}.json")
    assert data == get(client, "/api/v1/cases/")["results"][0]
    assert data["url"] == f"http://testserver/cases/{case.pk}/"
    assert client.get(data["url"]).status_code == 200


def test_a_withdrawn_case_says_when_and_why_and_a_draft_does_not_exist(client: Client) -> None:
    gone = make.make_withdrawn(title="已撤回的案例", summary=SECRET)
    for address in (f"/api/v1/cases/{gone.pk}/", f"/cases/{gone.pk}.json"):
        data = get(client, address, 410)
        assert data["title"] == "已撤回的案例"
        assert data["reason"] == "重复收录"
        assert data["withdrawn_at"].startswith(str(gone.withdrawn_at.year))
        assert SECRET not in str(data)
    for row in (make.make_complete_draft(), make.make_in_review()):
        get(client, f"/api/v1/cases/{row.pk}/", 404)
    get(client, f"/api/v1/cases/{10**30}/", 404)


# --- Places, words, policies ---


def test_lists_have_everything_with_the_number_of_cases_behind_each(client: Client) -> None:
    jingan = make.make_district("jingan")
    make.make_district("zhabei", dissolved="2015-11", merged_into=jingan)
    policy = make.make_policy(title="意见", number="", theme=make.make_theme())
    make.make_published(district="zhabei", policies=((policy, "落实"),))
    make.make_published(district="jingan", topics=("pets",))
    make.make_published(subdistricts=[make.make_subdistrict()])
    make.make_topic("market", "集市")
    for kind, key, counts in (
        ("districts", "slug", {"jingan": 2, "zhabei": 1, "xuhui": 1}),
        ("themes", "slug", {"residential-areas": 3}),
        ("topics", "slug", {"parking": 2, "pets": 1, "market": 0}),
        ("policies", "id", {policy.pk: 1}),
    ):
        data = get(client, f"/api/v1/{kind}/")
        assert data["count"] == len(data["results"])
        assert {item[key]: item["count"] for item in data["results"]} == counts
        for item in data["results"]:
            assert get(client, item["self"]) == item
            assert get(client, item["cases"])["count"] == item["count"]
            assert client.get(item["url"]).status_code == 200


def test_what_is_not_recorded_is_null(client: Client) -> None:
    policy = make.make_policy()
    make.make_district("xuhui")
    data = get(client, f"/api/v1/policies/{policy.pk}/")
    for name in ("number", "issuer", "issued", "effective", "validity", "theme", "summary"):
        assert data[name] is None, name
    data = get(client, "/api/v1/districts/xuhui/")
    for name in ("established", "dissolved", "merged_into", "history"):
        assert data[name] is None, name


def test_a_place_says_what_became_of_it_and_what_is_in_it(client: Client) -> None:
    jingan = make.make_district("jingan")
    make.make_district("zhabei", dissolved="2015-11", merged_into=jingan)
    make.make_subdistrict("310106001", "江宁路街道", district=jingan)
    assert get(client, "/api/v1/districts/zhabei/")["merged_into"] == "jingan"
    assert get(client, "/api/v1/districts/jingan/")["subdistricts"] == [
        {"code": "310106001", "name": "江宁路街道", "count": 0}
    ]


def test_a_change_of_a_word_is_seen_at_once(client: Client) -> None:
    topic = make.make_topic("parking", "停车")
    response = client.get("/api/v1/topics/parking/")
    topic.name = "停车难"
    topic.save()
    again = client.get("/api/v1/topics/parking/", headers={"If-None-Match": response["ETag"]})
    assert again.json()["name"] == "停车难"


# --- Addresses ---


def test_every_address_of_the_root_answers(client: Client) -> None:
    data = get(client, "/api/v1/")
    links = {name: link for name, link in data.items() if str(link).startswith("http")}
    assert len(links) == 8
    for link in links.values():
        assert client.get(link).status_code == 200, link


@pytest.mark.parametrize(
    "address",
    [
        "/api/",
        "/api/v2/cases/",
        "/api/v1/nothing",
        "/api/v1/cases/a%0Ab/",
        "/api/v1/cases/abc/",
        "/api/v1/cases/-1/",
        "/api/v1/cases/1.5/",
        "/api/v1/cases/999999/",
        "/api/v1/districts/nowhere/",
        "/api/v1/themes/%E4%B8%BB%E9%A2%98/",
        "/api/v1/topics/" + "a" * 10_000 + "/",
        "/api/v1/policies/99999999999999999999999/",
        "/api/v1/policies/%00/",
        "/api/v1//evil.example.org",
        "/cases/abc.json",
        "/cases/%00.json",
        "/cases/-1.json",
        "/cases/999999.json",
    ],
)
def test_what_does_not_exist_is_a_404_in_json(client: Client, address: str) -> None:
    assert get(client, address, 404)["error"]


def test_an_address_without_its_slash_leads_to_the_one_with_it(client: Client) -> None:
    make.make_published()
    for address in [a for a in ADDRESSES if a.endswith("/")]:
        response = client.get(f"{address[:-1]}?page=1&q=%E5%B1%85%E6%B0%91")
        assert response.status_code == 301
        assert response["Location"] == f"{address}?page=1&q=%E5%B1%85%E6%B0%91"
        assert response["Access-Control-Allow-Origin"] == "*"


# --- Manners ---


@pytest.mark.parametrize("address", [*ADDRESSES, *OTHERS])
def test_scripts_of_any_site_may_read(client: Client, address: str) -> None:
    make.make_published()
    for response in (client.get(address), client.get(f"{address}?page=x"), client.options(address)):
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "ETag" in response["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in response
    asked = client.options(
        address, headers={"origin": "https://example.org", "access-control-request-method": "GET"}
    )
    assert asked.status_code == 204
    assert asked["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in asked["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("address", [*ADDRESSES, *OTHERS])
def test_only_reading_is_allowed(address: str) -> None:
    make.make_published()
    strict = Client(enforce_csrf_checks=True)
    for method in ("post", "put", "patch", "delete"):
        response = getattr(strict, method)(address)
        assert response.status_code == 405, method
        assert response["Allow"] == "GET, HEAD, OPTIONS"
        assert response.json()["error"]
    head = strict.head(address)
    assert head.status_code == 200
    assert b"".join(head) == b""


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_has_the_answer_already_gets_304_before_anything_is_made(
    client: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.make_published()
    first = client.get(address)
    assert first["ETag"].startswith('W/"')
    assert first["Cache-Control"] == "no-cache"
    facets.current()

    def broken(*args: Any) -> None:
        raise AssertionError("rendered for nothing")

    with monkeypatch.context() as patch:
        patch.setattr("cases.api.views.answer", broken)
        patch.setattr("cases.filters.load", broken)
        for known in (first["ETag"], first["ETag"][2:], f'"x", {first["ETag"]}', "*"):
            again = client.get(address, headers={"If-None-Match": known})
            assert again.status_code == 304, known
            assert again.content == b""
            assert again["ETag"] == first["ETag"]
            assert again["Access-Control-Allow-Origin"] == "*"
    assert client.get(address, headers={"If-None-Match": '"x"'}).status_code == 200
    make.make_published()
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_the_tag_of_a_case_changes_with_its_versions_alone(client: Client) -> None:
    case = make.make_published()
    for address in (f"/api/v1/cases/{case.pk}/", f"/cases/{case.pk}.json"):
        tag = {"If-None-Match": client.get(address)["ETag"]}
        make.make_published()
        assert client.get(address, headers=tag).status_code == 304
        publishing.withdraw(case, None, "重复收录")
        assert client.get(address, headers=tag).status_code == 410
        publishing.publish(case)
        assert client.get(address, headers=tag).status_code == 200


def test_the_tag_is_the_same_for_the_same_query_and_only_for_that(
    client: Client, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]
    make.make_published()
    make.make_published(district="pudong", topics=("pets",))

    def tag(query: str, **headers: str) -> str:
        return str(client.get(f"/api/v1/cases/?{query}", headers=headers)["ETag"])

    assert tag("district=xuhui&topic=parking") == tag("topic=parking&district=xuhui&colour=red")
    different = ["", "district=xuhui", "district=pudong", "page_size=1", "page_size=1&page=2"]
    tags = {tag(query) for query in different} | {tag("", host="localhost")}
    assert len(tags) == len(different) + 1  # Its addresses name the host.


def test_an_answer_costs_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    case = make.make_published()
    facets.current()
    for address, most in (
        ("/api/v1/cases/", 2),
        (f"/api/v1/cases/{case.pk}/", 2),
        ("/api/v1/districts/", 1),
        ("/api/v1/policies/", 2),
        ("/api/v1/openapi.json", 1),
    ):
        with django_assert_max_num_queries(most, info=address):
            client.get(address)


def test_a_document_names_those_that_it_stands_to(client: Client) -> None:
    old, new = make.make_policy(validity="replaced", ended="2021-03"), make.make_policy()
    source = make.make_source(key="told")
    make.make_relation(new, "替代", old, basis="原文", grade="C", source=source)
    data = client.get(f"/api/v1/policies/{new.pk}/").json()
    assert data["relations"] == [
        {
            "kind": "替代",
            "policy": old.pk,
            "title": old.title,
            "basis": "原文",
            "grade": "C",
            "source": "told",
        }
    ]
    assert data["ended"] is None
    data = client.get(f"/api/v1/policies/{old.pk}/").json()
    assert (data["ended"], data["relations"]) == ("2021-03", [])


# --- The limit ---


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time as the API sees it, to be set by the test."""
    now = [1_000_000_020.0]  # A minute begins.
    monkeypatch.setattr(manners.time, "time", lambda: now[0])
    return now


def test_a_client_that_asks_too_often_is_told_when_to_come_back(
    client: Client, settings: Any, clock: list[float]
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    make.make_published()
    clock[0] += 15.5
    for address in ("/api/v1/cases/", "/api/v1/topics/", "/api/v1/cases/999999/"):
        assert client.get(address).status_code in (200, 404)
    for address in ("/api/v1/cases/", "/api/v1/openapi.json", "/api/v1/"):
        response = client.get(address)
        assert response.status_code == 429
        assert response["Retry-After"] == "45"
        assert "45 秒" in response.json()["error"]
        assert response["Access-Control-Allow-Origin"] == "*"
    for address in ("/cases.json", "/cases/", "/cases.csv", "/api/docs/"):
        assert client.get(address).status_code == 200, address
    clock[0] += 45
    assert client.get("/api/v1/cases/").status_code == 200


def test_the_limit_is_counted_for_each_address_that_our_proxy_saw(
    client: Client, settings: Any, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    monkeypatch.setattr("governance.settings.BEHIND_PROXY", True)

    def status(forwarded: str) -> int:
        return client.get("/api/v1/", headers={"X-Forwarded-For": forwarded}).status_code

    assert status("198.51.100.7") == 200
    assert status("203.0.113.1, 198.51.100.7") == 429
    assert status("198.51.100.7, 203.0.113.1") == 200
    # One subscriber has a whole network of the newer addresses.
    assert status("2001:db8:0:1::1") == 200
    assert status("2001:db8:0:1:ffff::2") == 429
    assert status("2001:db8:0:2::1") == 200
    # Written in the newer way, addresses of the older kind are still one each.
    assert status("::ffff:192.0.2.1") == 200
    assert status("::ffff:192.0.2.2") == 200
    assert status("192.0.2.1") == 429
    assert status("nonsense \x01" + "x" * 500) == 200


def test_without_a_limit_nothing_is_counted(client: Client, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 0
    for _ in range(130):
        assert client.get("/api/v1/topics/").status_code == 200
