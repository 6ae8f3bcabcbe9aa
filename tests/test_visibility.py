"""Drafts, cases in review and withdrawn cases appear nowhere in public: address by address."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.timezone import localtime

from cases.models import Collection, Initiative, SavedQuery, Source

from . import make

pytestmark = pytest.mark.django_db
SECRET = "不可外传"
QCA = "?cond=theme:residential-areas&outcome=scope:社区"


@pytest.fixture
def hidden() -> list[Initiative]:
    """One case of each status that is not public, each with values that no public case has."""
    policy = make.make_policy(title="公开的政策")
    street = make.make_subdistrict()
    rows = []
    for number, factory in enumerate((make.make_complete_draft, make.make_in_review)):
        rows.append(
            factory(
                title=f"{SECRET}{number}",
                summary=f"{SECRET}的摘要",
                aliases=[f"{SECRET}的别名"],
                subdistricts=[street],
                mechanisms=("sharing",),
                actors=(("firm", "牵头"),),
                policies=((policy, "落实"),),
                start="1999",
                outcome="stopped",
                scope="社区",
                grade="A",
            )
        )
    rows.append(
        make.make_withdrawn(
            title="已撤回的案例",
            summary=f"{SECRET}的摘要",
            aliases=[f"{SECRET}的别名"],
            approach=f"{SECRET}的正文[^1]",
            subdistricts=[street],
            start="1999",
            outcome="stopped",
        )
    )
    return rows


def public_addresses() -> list[str]:
    """Return an address of every public route, for the rows that the tests have made."""
    ids = list(Initiative.objects.values_list("pk", flat=True))
    policy = make.make_policy().pk
    # Enough for a look; the rest are like them.
    published = Source.objects.filter(evidence__initiative__status="published")
    sources = list(published.order_by("-pk").values_list("key", flat=True)[:3])
    owner = make.make_user()
    kept = Collection.objects.create(owner=owner, title="公开的案例集", shared=True)
    kept.add(ids)
    query = SavedQuery.objects.create(owner=owner, title="公开的检索", shared=True)
    known = {
        "home": ["/"],
        "about": ["/about/"],
        "codebook": ["/about/codebook/"],
        "record-schema": ["/about/codebook/record.schema.json"],
        "dataset": ["/about/data/"],
        "dataset-schema-org": ["/about/data/dataset.jsonld"],
        "dataset-dcat": ["/about/data/dcat.jsonld"],
        "list": [
            "/cases/",
            "/cases/?sort=year",
            "/cases/?sort=-year",
            "/cases/?q=%E6%A1%88%E4%BE%8B",
        ],
        "list-json": ["/cases.json"],
        "list-csv": ["/cases.csv"],
        "list-xlsx": [],  # A zip archive: test_exports.py looks inside.
        "list-atom": ["/cases.atom"],
        "case": [f"/cases/{pk}/" for pk in ids],
        "case-json": [f"/cases/{pk}.json" for pk in ids],
        "version": [f"/cases/{pk}/v1/" for pk in ids],
        "list-text": ["/cases.txt"],
        "versions": [f"/cases/{pk}/versions/" for pk in ids],
        "difference": [f"/cases/{pk}/versions/1..1/" for pk in ids],
        "compare": [
            "/compare/",
            f"/compare/?{urlencode([('id', pk) for pk in ids[:6]])}",
            f"/compare/?{urlencode([('id', pk) for pk in ids[:6]])}&choose=1",
        ],
        "compare-csv": [f"/compare.csv?{urlencode([('id', pk) for pk in ids[:6]])}"],
        "qca": ["/compare/qca/", f"/compare/qca/{QCA}"],
        "qca-csv": [f"/compare/qca.csv{QCA}"],
        "qca-codebook": [f"/compare/qca-codebook.csv{QCA}"],
        "qca-truth": [f"/compare/qca-truth.csv{QCA}"],
        "qca-r": [f"/compare/qca.R{QCA}"],
        "compare-xlsx": [],  # test_comparison.py looks inside.
        "suggest": [f"/suggest/?{urlencode({'q': SECRET})}", "/suggest/?q=%E6%A1%88"],
        "districts": ["/districts/"],
        "district": ["/districts/xuhui/"],
        "themes": ["/themes/"],
        "theme": ["/themes/residential-areas/"],
        "policies": ["/policies/"],
        "policy": [f"/policies/{pk}/" for pk in range(policy - 1, policy + 1)],
        "source": [f"/sources/{key}/" for key in sources],
        "brief": [],  # test_briefs.py looks inside: it refuses what is not there, and too much.
        "collection": [f"/collections/{kept.key}/"],
        "collection-file": [
            f"/collections/{kept.key}.{suffix}"
            for suffix in ("csv", "json", "ris", "bib", "csl.json", "txt", "atom")
        ],
        "saved": [f"/saved/{query.key}/"],
        "login": ["/login/"],
        # Lead to the log-in; test_collections.py tells what their owners see.
        "my": ["/my/"],
        "my-password": ["/my/password/"],
        "my-add": [f"/my/add/?id={ids[0]}"],
        "my-save": ["/my/save/"],
        "my-collection": [f"/my/collections/{kept.key}/"],
        "my-saved": [f"/my/saved/{query.key}/"],
        "my-delete": [f"/my/saved/{query.key}/delete/"],
        "list-docx": [],  # test_briefs.py looks inside.
        "case-docx": [],
        "version-docx": [],
        "attachment": [],  # test_attachments.py tells who may see which file.
        "matrix": ["/matrix/", "/matrix/?rows=year&columns=topic"],
        "matrix-csv": ["/matrix.csv"],
        "statistics": ["/statistics/"],
        "statistics-csv": ["/statistics.csv"],
        "api-docs": ["/api/docs/"],
        "api-root": ["/api/v1/"],
        "openapi": ["/api/v1/openapi.json"],
        "api-cases": ["/api/v1/cases/"],
        # Few enough for the number of requests that the API answers in a minute.
        "api-case": [f"/api/v1/cases/{pk}/" for pk in ids[:5]],
        "api-districts": ["/api/v1/districts/"],
        "api-district": ["/api/v1/districts/xuhui/"],
        "api-themes": ["/api/v1/themes/"],
        "api-theme": ["/api/v1/themes/residential-areas/"],
        "api-topics": ["/api/v1/topics/"],
        "api-topic": ["/api/v1/topics/parking/"],
        "api-policies": ["/api/v1/policies/"],
        "api-policy": [f"/api/v1/policies/{pk}/" for pk in range(policy - 1, policy + 1)],
        "api-missing": [],
        "sitemap": ["/sitemap.xml"],
        "sitemap-section": [f"/sitemap-{name}.xml" for name in ("pages", "cases", "sources")],
        "opensearch": ["/opensearch.xml"],
        "robots": ["/robots.txt"],
        "healthz": ["/healthz"],
        "readyz": ["/readyz"],
    }
    for name, stems in {
        "list": ["/cases"],
        "case": [f"/cases/{pk}" for pk in ids],
        "version": [f"/cases/{pk}/v1" for pk in ids],
        "case-sources": [f"/cases/{pk}/sources" for pk in ids],
        "policy": [f"/policies/{policy}"],
        "source": [f"/sources/{key}" for key in sources],
        "collection": ["/collection"],
        "set": [f"/collections/{kept.key}/citation"],
        "saved": [f"/saved/{query.key}/citation"],
    }.items():
        for suffix, short in (("ris", "ris"), ("bib", "bib"), ("csl.json", "csl")):
            known[f"{name}-{short}"] = [f"{stem}.{suffix}" for stem in stems]
    not_pages = {"display", "logout", "my-new"}
    routes = {name for name in route_names() if name not in not_pages}
    assert routes == set(known), "a new route needs an address here"
    return [address for addresses in known.values() for address in addresses]


def route_names() -> set[str]:
    resolver = next(
        pattern
        for pattern in get_resolver().url_patterns
        if isinstance(pattern, URLResolver) and pattern.namespace == "cases"
    )
    return {
        pattern.name
        for pattern in resolver.url_patterns
        if isinstance(pattern, URLPattern) and pattern.name
    }


def test_no_public_address_shows_anything_of_a_hidden_case(
    client: Client, hidden: list[Initiative]
) -> None:
    make.make_published(title="公开的案例")
    for address in public_addresses():
        response = client.get(address)
        body = b"".join(response).decode() if response.streaming else response.content.decode()
        assert SECRET not in body, address
        # Where a withdrawn case is asked for by its number it is named, with date and reason.
        if not address.startswith(("/cases/", "/api/v1/cases/", "/compare", "/collections/")):
            assert "已撤回的案例" not in body, address


def test_a_draft_and_a_case_in_review_have_no_address(
    client: Client, hidden: list[Initiative]
) -> None:
    draft, review, _ = hidden
    for row in (draft, review):
        for address in (
            f"/cases/{row.pk}/",
            f"/cases/{row.pk}.json",
            f"/cases/{row.pk}/v1/",
            f"/api/v1/cases/{row.pk}/",
        ):
            assert client.get(address).status_code == 404, address


def test_not_even_an_administrator_sees_a_draft_at_a_public_address(
    client: Client, hidden: list[Initiative]
) -> None:
    client.force_login(make.make_user("manager", is_superuser=True))
    assert client.get(f"/cases/{hidden[0].pk}/").status_code == 404


def test_a_withdrawn_case_says_that_it_was_when_and_why_and_nothing_else(
    client: Client, hidden: list[Initiative]
) -> None:
    gone = hidden[2]
    for address in (
        f"/cases/{gone.pk}/",
        f"/cases/{gone.pk}.json",
        f"/cases/{gone.pk}/v1/",
        f"/api/v1/cases/{gone.pk}/",
    ):
        response = client.get(address)
        text = response.content.decode()
        assert response.status_code == 410, address
        for shown in ("已撤回的案例", "重复收录", str(gone.withdrawn_at.year)):
            assert shown in text, (address, shown)
        assert SECRET not in text


def test_hidden_cases_count_nowhere(client: Client, hidden: list[Initiative]) -> None:
    make.make_published(title="公开的案例")
    data = client.get("/cases.json").json()
    assert data["count"] == 1
    for name, values in data["facets"].items():
        assert sum(value["count"] for value in values) <= 3, name  # grade counts cumulate: C, D, E
    for name in ("subdistrict", "mechanism", "actor", "policy"):
        assert data["facets"][name] == []
    assert [value["value"] for value in data["facets"]["year"]] == []


def test_a_source_of_hidden_cases_alone_has_no_page(
    client: Client, hidden: list[Initiative]
) -> None:
    for row in hidden:
        key = row.evidence.get().source.key
        for address in (f"/sources/{key}/", f"/sources/{key}.ris", f"/sources/{key}.csl.json"):
            assert client.get(address).status_code == 404, address
        assert f"/sources/{key}/" not in client.get("/sitemap.xml").content.decode()
    case = make.make_published()
    key = case.evidence.get().source.key
    make.make_evidence(hidden[0], 2, source=case.evidence.get().source)
    text = client.get(f"/sources/{key}/").content.decode()
    assert case.title in text
    assert SECRET not in text
    assert "共 1 条" in text


def test_asking_for_a_value_that_only_hidden_cases_have_finds_nothing(
    client: Client, hidden: list[Initiative]
) -> None:
    for query in (
        {"subdistrict": "310104015"},
        {"mechanism": "sharing"},
        {"actor": "firm"},
        {"year_from": "1999", "year_to": "1999"},
        {"status": "stopped"},
        {"grade": "A"},
    ):
        assert client.get(f"/cases.json?{urlencode(query)}").json()["count"] == 0, query


def test_related_cases_are_public_ones(client: Client, hidden: list[Initiative]) -> None:
    case = make.make_published(title="公开的案例", subdistricts=[make.make_subdistrict()])
    other = make.make_published(title="另一个公开的案例")
    related = client.get(f"/cases/{case.pk}/").context["related"]
    assert [item.case["id"] for item in related] == [other.pk]


def test_the_sitemap_lists_published_cases_with_the_day_of_their_last_change(
    client: Client, hidden: list[Initiative]
) -> None:
    case = make.make_published()
    text = client.get("/sitemap.xml").content.decode()
    assert f"/cases/{case.pk}/</loc>" in text
    assert f"<lastmod>{localtime(case.published_at):%Y-%m-%d}</lastmod>" in text
    for row in hidden:
        assert f"/cases/{row.pk}/" not in text
