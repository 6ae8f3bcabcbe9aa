"""Every public page: it works for any number of cases, and bad input gets a Chinese answer."""

import json
import re

import pytest
from django.test import Client

from cases.models import Initiative

from . import make
from .test_visibility import public_addresses

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


@pytest.mark.parametrize("number", [10, 500])
def test_no_page_needs_more_than_twelve_queries(
    client: Client, number: int, django_assert_max_num_queries
) -> None:
    policy = make.make_policy()
    street = make.make_subdistrict()
    for index in range(number):
        make.make_published(
            subdistricts=[street],
            mechanisms=("sharing",),
            policies=((policy, "落实"),),
            actors=(("firm", "参与"),),
            start=str(2010 + index % 9),
        )
    few = Initiative.objects.latest("pk").pk
    Initiative.objects.exclude(pk=few)
    addresses = [
        a
        for a in public_addresses()
        if not re.match(r"/cases/\d+", a) or re.match(rf"/cases/{few}\b", a)
    ]
    assert len(addresses) > 18
    for address in addresses:
        with django_assert_max_num_queries(MOST_QUERIES, info=address):
            # A person's own pages lead to the log-in; test_collections.py counts theirs.
            expected = 302 if address.startswith("/my/") else 200
            assert client.get(address).status_code == expected, address


def test_every_page_of_the_real_cases_opens(client: Client, real_cases: None) -> None:
    home = client.get("/").content.decode()
    seen: set[str] = set()
    todo = {"/"}
    while todo:
        address = todo.pop()
        seen.add(address)
        client.cookies.clear()  # The cases chosen on one page would be asked for on the next.
        response = client.get(address)
        assert response.status_code == 200, address
        # The API's documentation links to examples of errors as well; its own test follows them.
        if "text/html" not in response["Content-Type"] or address == "/api/docs/":
            continue
        for link in re.findall(r'href="(/[^"#]*)', response.content.decode()):
            # One parameter is enough: their combinations are tested elsewhere.
            if (
                "&" not in link
                and not link.startswith(("/admin", "/my", "/static"))
                and link not in seen
            ):
                todo.add(link)
    assert len(seen) > 120, home


@pytest.mark.parametrize(
    "address",
    [
        "/cases/999999/",
        "/cases/99999999999999999999999/",
        "/cases/0/",
        "/cases/999999.json",
        "/cases/1/v9/",
        "/districts/nowhere/",
        "/themes/nothing/",
        "/policies/999999/",
        "/policies/99999999999999999999999/",
        "/nothing/here/",
        "/cases/%00/",
        "/districts/" + "a" * 10_000 + "/",
        "/cases/?page=2",
    ],
)
def test_what_does_not_exist_is_a_404_in_chinese(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert re.search("[一-龥]", response.content.decode())


def test_a_page_that_fails_says_so_in_chinese(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError

    monkeypatch.setattr("cases.facets.current", broken)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert "出错" in response.content.decode()


def test_the_real_cases_meet_what_the_collection_promises(client: Client, real_cases: None) -> None:
    data = client.get("/cases.json").json()
    assert data["count"] == len(data["results"]) >= 22
    for case in data["results"]:
        assert case["districts"] or case["subdistricts"] or case["scope"] == "全市", case["title"]
        assert case["sources"], case["title"]
        assert case["themes"] or case["theme_note"], case["title"]
        assert all(figure["evidence"] for figure in case["figures"]), case["title"]
        assert all(len(e["quotation"] or "") <= 60 for e in case["evidence"]), case["title"]


@pytest.mark.parametrize(
    "query",
    [
        "district=xuhui",
        "theme=residential-areas",
        "district=jingan",
        "subdistrict=310115011",
        "status=explained",
        "status=running",
        "year_from=2015",
        "scope=全市",
    ],
)
def test_page_number_and_json_agree_on_the_real_cases(
    client: Client, real_cases: None, query: str
) -> None:
    data = client.get(f"/cases.json?{query}").json()
    page = client.get(f"/cases/?{query}")
    name, value = query.split("=")
    shown = client.get("/cases.json").json()["facets"]
    if name in shown:
        count = next((v["count"] for v in shown[name] if v["value"] == value), 0)
        assert count == data["count"]
    assert page.context["query"].total == data["count"] == len(data["results"])


def test_the_codebook_describes_every_key_of_a_real_record(
    client: Client, real_cases: None
) -> None:
    page = client.get("/about/codebook/").content.decode()
    schema = json.loads(client.get("/about/codebook/record.schema.json").content)
    record = client.get("/cases.json").json()["results"][0]
    assert set(schema["properties"]) == set(record)
    for key in record:
        assert f">{key}<" in page, key


def test_the_large_type_version_is_kept_in_a_cookie_and_leads_back(client: Client) -> None:
    response = client.post("/display/", {"mode": "elder", "next": "/districts/?a=1"})
    assert response["Location"] == "/districts/?a=1"
    assert client.cookies["display"].value == "elder"
    assert client.get("/").context["elder"] is True
    client.post("/display/", {"mode": "", "next": "/"})
    assert client.get("/").context["elder"] is False


def test_the_switch_leads_nowhere_else(client: Client) -> None:
    for address in ("https://example.org/", "//example.org/", "javascript:alert(1)"):
        response = client.post("/display/", {"mode": "elder", "next": address})
        assert response["Location"] == "/"
    assert client.get("/display/").status_code == 405


def test_a_district_page_names_the_themes_without_cases(client: Client) -> None:
    make.make_theme("grid", "网格化管理")
    make.make_published(district="xuhui")
    response = client.get("/districts/xuhui/")
    assert [theme.name for theme in response.context["unrecorded"]] == ["网格化管理"]
    assert "未收录" in response.content.decode()


def test_a_dissolved_district_answers_and_leads_to_its_successor(client: Client) -> None:
    jingan = make.make_district("jingan")
    make.make_district("zhabei", dissolved="2015-11", merged_into=jingan)
    response = client.get("/districts/zhabei/")
    assert response.status_code == 200
    assert 'href="/districts/jingan/"' in response.content.decode()


def test_a_theme_without_cases_says_so(client: Client) -> None:
    make.make_theme("workers", "社区工作者")
    response = client.get("/themes/workers/")
    assert response.status_code == 200
    assert "未收录" in response.content.decode()


def test_a_policy_page_groups_cases_by_the_kind_of_their_link(client: Client) -> None:
    policy = make.make_policy()
    make.make_published(title="落实的案例", policies=((policy, "落实"),))
    make.make_published(title="背景的案例", policies=((policy, "背景"),))
    groups = client.get(f"/policies/{policy.pk}/").context["groups"]
    assert [(g["kind"], [row["case"]["title"] for row in g["rows"]]) for g in groups] == [
        ("落实", ["落实的案例"]),
        ("背景", ["背景的案例"]),
    ]


# Pages are remembered until something is published


def test_a_page_is_made_anew_when_something_is_published(
    client: Client, django_assert_num_queries
) -> None:
    make.make_published(title="第一个")
    first = client.get("/cases/").content
    with django_assert_num_queries(1):
        assert client.get("/cases/").content == first
    make.make_published(title="第二个")
    assert "第二个" in client.get("/cases/").content.decode()


def test_a_page_is_made_anew_when_a_word_or_a_policy_statement_changes(client: Client) -> None:
    policy = make.make_policy(title="旧题名")
    address = f"/policies/{policy.pk}/"
    assert "旧题名" in client.get(address).content.decode()
    policy.title = "新题名"
    policy.save()
    policy.statements.create(order=1, kind="measure", text="新的要求", grade="E")
    text = client.get(address).content.decode()
    assert "新题名" in text
    assert "新的要求" in text


def test_a_browser_that_has_the_page_already_is_told_so(client: Client) -> None:
    make.make_published()
    etag = client.get("/cases/")["ETag"]
    assert client.get("/cases/", headers={"If-None-Match": etag}).status_code == 304
    make.make_published()
    assert client.get("/cases/", headers={"If-None-Match": etag}).status_code == 200


def test_an_update_of_the_program_makes_its_pages_anew(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = client.get("/cases/")["ETag"]
    monkeypatch.setattr("cases.views.caching.program", lambda: "another")
    assert client.get("/cases/", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip, br", True),
        ("gzip;q=0.5", True),
        ("gzip;q=0, identity", False),
        ("br, gzip; q=0.0", False),
        ("identity", False),
    ],
)
def test_a_page_is_packed_for_those_who_take_it(
    client: Client, accepted: str, packed: bool
) -> None:
    response = client.get("/cases/", headers={"Accept-Encoding": accepted})
    assert (response.get("Content-Encoding") == "gzip") is packed


def test_the_large_type_version_is_remembered_apart(client: Client) -> None:
    plain = client.get("/").content
    client.cookies["display"] = "elder"
    assert client.get("/").content != plain
