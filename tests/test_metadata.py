"""What programs read in the pages: tags for Zotero, COinS on lists, schema.org, alternates."""

import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.sitemaps import Sitemap
from django.test import Client
from django.utils.timezone import localtime

from cases import publishing
from cases.outputs import citations, metadata
from cases.outputs.citations import Item

from . import make

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"


class _Page(HTMLParser):
    """The head of a page, and the COinS of its body."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.meta: dict[str, list[str]] = {}
        self.links: list[dict[str, str | None]] = []
        self.coins: list[str] = []
        self.data = ""
        self._in_data = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        if tag == "meta":
            name = at.get("name") or at.get("property") or ""
            self.meta.setdefault(name, []).append(at.get("content") or "")
        elif tag == "link":
            self.links.append(at)
        elif at.get("class") == "Z3988":
            self.coins.append(at.get("title") or "")
        self._in_data = tag == "script" and at.get("type") == "application/ld+json"

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data += data

    def handle_endtag(self, tag: str) -> None:
        self._in_data = False

    def linked(self, kind: str) -> Any:
        """Return the one node of a type."""
        (node,) = (node for node in json.loads(self.data) if node["@type"] == kind)
        return node

    def addresses(self, rel: str) -> list[str]:
        return [link["href"] or "" for link in self.links if link.get("rel") == rel]


def page(client: Client, address: str) -> _Page:
    response = client.get(address)
    assert response.status_code == 200, address
    return _Page(response.content.decode())


# --- Zotero ---


def zotero_type(meta: dict[str, list[str]]) -> str:
    """Return the type that Zotero's translator “Embedded Metadata” decides for."""
    for name, kind in (
        ("citation_journal_title", "journalArticle"),
        ("citation_technical_report_institution", "report"),
        ("citation_conference_title", "conferencePaper"),
        ("citation_book_title", "bookSection"),
        ("citation_dissertation_institution", "thesis"),
    ):
        if name in meta:
            return kind
    if "z:itemType" in meta:
        return meta["z:itemType"][0]
    return "journalArticle" if "citation_title" in meta else "webpage"


def test_zotero_takes_a_case_and_each_version_for_a_web_page(client: Client) -> None:
    case = make.make_published(title="潮汐停车", topics=("parking",))
    publishing.publish(publishing.start_revision(case))
    for address, version in ((f"/cases/{case.pk}/", 2), (f"/cases/{case.pk}/v1/", 1)):
        meta = page(client, address).meta
        assert zotero_type(meta) == "webpage"
        assert meta["citation_title"] == [f"潮汐停车（第 {version} 版）"]
        assert meta["citation_author"] == ["社区治理案例库"]
        assert meta["citation_public_url"] == [f"{SITE}/cases/{case.pk}/v{version}/"]
        assert meta["citation_publication_date"] == [f"{localtime(case.published_at):%Y/%m/%d}"]
        assert meta["citation_keywords"] == ["停车与交通;居民区治理"]


def test_zotero_takes_a_policy_for_a_statute_with_its_number(client: Client) -> None:
    policy = make.make_policy(
        title="条例", number="沪府发〔2021〕2号", issuer="甲委、乙府", issued="2021-03"
    )
    make.make_published(policies=((policy, "落实"),))
    found = page(client, f"/policies/{policy.pk}/")
    assert zotero_type(found.meta) == "statute"
    assert found.meta["z:publicLawNumber"] == ["沪府发〔2021〕2号"]
    assert found.meta["citation_author"] == ["甲委", "乙府"]
    assert found.meta["citation_publication_date"] == ["2021/03"]
    assert found.coins == []  # Zotero would take the cases, and not the document.


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        ("网页", "webpage"),
        ("网络新闻", "webpage"),
        ("报纸", "newspaperArticle"),
        ("期刊", "journalArticle"),
        ("图书", "book"),
        ("政府文件", "statute"),
        ("数据集", "dataset"),
    ],
)
def test_zotero_takes_a_source_for_what_it_is(client: Client, kind: str, taken: str) -> None:
    source = make.make_source(kind=kind, publisher="某处", authors=["张三", "李四"])
    make.make_policy().statements.create(
        order=1, kind="measure", text="要求", grade="C", source=source
    )
    meta = page(client, f"/sources/{source.key}/").meta
    assert zotero_type(meta) == taken
    assert meta["citation_author"] == ["张三", "李四"]


# --- COinS ---


def read_coins(title: str) -> dict[str, list[str]]:
    """Return what Zotero's parseContextObject reads, with its way of taking plus signs."""
    found: dict[str, list[str]] = {}
    for pair in title.split("&"):
        name, value = pair.split("=")
        found.setdefault(name, []).append(unquote(re.sub(r"\+|%2[bB]", " ", value)))
    return found


def test_each_row_of_a_list_is_there_to_be_taken(client: Client) -> None:
    title = "“1+(1+3+1)” & 50% = 甲<b>"
    case = make.make_published(title=title)
    addresses = ("/", "/cases/", "/cases/?q=甲", "/districts/xuhui/", "/themes/residential-areas/")
    for address in addresses:
        (coins,) = set(page(client, address).coins)
        assert read_coins(coins) == {
            "ctx_ver": ["Z39.88-2004"],
            "rft_val_fmt": ["info:ofi/fmt:kev:mtx:dc"],
            "rft.type": ["webpage"],
            "rft.title": [f"{title.replace('+', '＋')}（第 1 版）"],
            "rft.au": ["社区治理案例库"],
            "rft.date": [f"{localtime(case.published_at):%Y-%m-%d}"],
            "rft.identifier": [f"{SITE}/cases/{case.pk}/v1/"],
            "rft.language": ["zh-CN"],
        }, address


def test_the_list_of_documents_offers_statutes(client: Client) -> None:
    make.make_policy(title="条例", issuer="甲委、乙府", issued="2021")
    (coins,) = page(client, "/policies/").coins
    assert read_coins(coins)["rft.type"] == ["statute"]
    assert read_coins(coins)["rft.au"] == ["甲委", "乙府"]
    assert "rft.identifier" not in read_coins(coins)


def test_pages_of_one_thing_have_no_coins(client: Client) -> None:
    case, _ = make.make_published(), make.make_published()
    key = case.evidence.get().source.key
    for address in (f"/cases/{case.pk}/", f"/cases/{case.pk}/v1/", f"/sources/{key}/"):
        found = page(client, address)
        assert found.coins == []
        assert found.meta["z:itemType"] == ["webpage"]


# --- schema.org ---


def test_a_case_describes_itself_as_an_article_with_its_sources(client: Client) -> None:
    policy = make.make_policy(title="条例")
    case = make.make_published(
        title="</script><b>停车&", start="2014-07", policies=((policy, "落实"),)
    )
    response = client.get(f"/cases/{case.pk}/").content.decode()
    assert "</script><b>" not in response
    found = _Page(response)
    article = found.linked("Article")
    assert article["@context"] == "https://schema.org"
    assert article["headline"] == "</script><b>停车&"
    assert article["@id"] == f"{SITE}/cases/{case.pk}/"
    assert article["temporalCoverage"] == "2014-07/.."
    assert article["spatialCoverage"] == [{"@type": "Place", "name": "徐汇区"}]
    assert article["version"] == "1"
    source = case.evidence.get().source
    assert article["citation"] == [
        {"@type": "NewsArticle", "name": source.title},
        {"@type": "Legislation", "name": "条例", "url": f"{SITE}/policies/{policy.pk}/"},
    ]
    assert article["license"] == client.get("/about/data/dataset.jsonld").json()["license"]
    assert "None" not in found.data
    assert "null" not in found.data
    crumbs = found.linked("BreadcrumbList")["itemListElement"]
    assert [(step["position"], step["item"]) for step in crumbs] == [
        (1, f"{SITE}/"),
        (2, f"{SITE}/cases/"),
        (3, f"{SITE}/cases/{case.pk}/"),
    ]


def test_a_document_describes_itself_as_legislation(client: Client) -> None:
    old = make.make_policy(title="旧办法", validity="repealed")
    new = make.make_policy(
        title="新办法", number="沪府发〔2021〕2号", issued="2021-03", validity="in-force"
    )
    make.make_relation(new, "废止", old)
    node = page(client, f"/policies/{new.pk}/").linked("Legislation")
    assert node["legislationIdentifier"] == "沪府发〔2021〕2号"
    assert node["legislationDate"] == "2021-03"
    assert node["legislationLegalForce"] == "https://schema.org/InForce"
    assert [changed["name"] for changed in node["legislationChanges"]] == ["旧办法"]
    node = page(client, f"/policies/{old.pk}/").linked("Legislation")
    assert node["legislationLegalForce"] == "https://schema.org/NotInForce"
    unknown = page(client, f"/policies/{make.make_policy().pk}/").linked("Legislation")
    assert "legislationLegalForce" not in unknown


@pytest.mark.parametrize(
    ("issuer", "names"),
    [
        ("中共上海市委、上海市人民政府", ["中共上海市委", "上海市人民政府"]),
        ("上海市住房、城乡建设管理委员会", ["上海市住房、城乡建设管理委员会"]),
        ("上海市人民代表大会常务委员会", ["上海市人民代表大会常务委员会"]),
    ],
)
def test_each_body_that_issued_a_document_stands_alone(
    client: Client, issuer: str, names: list[str]
) -> None:
    found = page(client, f"/policies/{make.make_policy(issuer=issuer).pk}/")
    passed_by = found.linked("Legislation")["legislationPassedBy"]
    assert passed_by == [{"@type": "Organization", "name": name} for name in names]
    assert found.meta["citation_author"] == names


def test_the_home_page_says_how_to_search_it(client: Client) -> None:
    node = page(client, "/").linked("WebSite")
    template = node["potentialAction"]["target"]["urlTemplate"]
    assert template == f"{SITE}/cases/?q={{search_term_string}}"


def test_properties_that_are_not_recorded_are_left_out() -> None:
    bare = Item(key="k", kind=citations.WEBPAGE, title="题")
    assert dict(metadata.tags(bare)) == {
        "z:itemType": "webpage",
        "citation_title": "题",
        "citation_language": "zh-CN",
    }


# --- Canonical addresses and alternates ---


def test_a_frozen_version_has_the_case_as_its_canonical_address(client: Client) -> None:
    case = make.make_published()
    for address in (f"/cases/{case.pk}/", f"/cases/{case.pk}/v1/"):
        assert page(client, address).addresses("canonical") == [f"{SITE}/cases/{case.pk}/"]


def test_alternates_lead_to_what_they_say(client: Client) -> None:
    policy = make.make_policy()
    case = make.make_published(policies=((policy, "落实"),))
    key = case.evidence.get().source.key
    expected = {
        "/": {"application/atom+xml"},
        "/cases/?district=xuhui": {
            "application/json",
            "text/csv",
            "application/atom+xml",
            "application/x-research-info-systems",
            "application/x-bibtex",
            "application/vnd.citationstyles.csl+json",
        },
        f"/cases/{case.pk}/": {
            "application/json",
            "application/x-bibtex",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        },
        f"/cases/{case.pk}/v1/": {"application/x-bibtex"},
        "/districts/xuhui/": {"application/atom+xml", "application/json"},
        "/themes/residential-areas/": {"application/atom+xml", "application/json"},
        f"/policies/{policy.pk}/": {
            "application/atom+xml",
            "application/json",
            "application/x-research-info-systems",
        },
        "/districts/": {"application/json"},
        "/themes/": {"application/json"},
        "/policies/": {"application/json"},
        f"/sources/{key}/": {"application/x-research-info-systems"},
        "/matrix/": {"text/csv"},
        "/statistics/": {"text/csv"},
        "/about/": {"application/x-research-info-systems"},
        "/about/codebook/": {"application/schema+json"},
        f"/compare/?id={case.pk}&id={make.make_published().pk}": {"text/csv"},
    }
    for address, types in expected.items():
        found = {
            link["type"]: link["href"] or ""
            for link in page(client, address).links
            if link.get("rel") == "alternate"
        }
        assert types <= set(found), address
        for kind, target in found.items():
            response = client.get(target)
            assert response.status_code == 200, target
            assert response["Content-Type"].partition(";")[0] == kind, target


def test_the_feeds_of_a_district_a_theme_and_a_document_are_linked_for_people(
    client: Client,
) -> None:
    policy = make.make_policy()
    make.make_published(policies=((policy, "落实"),))
    for address, query in (
        ("/districts/xuhui/", "district=xuhui"),
        ("/themes/residential-areas/", "theme=residential-areas"),
        (f"/policies/{policy.pk}/", f"policy={policy.pk}"),
        ("/cases/?q=居民", "q=%E5%B1%85%E6%B0%91"),
    ):
        assert f'<a href="/cases.atom?{query}"' in client.get(address).content.decode(), address
        assert client.get(f"/cases.atom?{query}").content.count(b"<entry>") == 1


def addresses_in(text: str) -> list[str]:
    return re.findall(r"<loc>(?:https?://[^/<]+)([^<]*)</loc>", text)


def test_a_sitemap_too_long_for_one_file_is_an_index_of_files(
    client: Client, real_cases: None, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries
) -> None:
    whole = addresses_in(client.get("/sitemap.xml").content.decode())
    monkeypatch.setattr(Sitemap, "limit", 10)
    with django_assert_max_num_queries(25):
        index = client.get("/sitemap.xml").content.decode()
    assert "<sitemapindex" in index
    assert "<lastmod>" in index
    files = addresses_in(index)
    assert "/sitemap-cases.xml" in files
    assert "/sitemap-cases.xml?p=3" in files
    pieces = [addresses_in(client.get(file).content.decode()) for file in files]
    assert all(len(piece) <= 10 for piece in pieces)
    assert sorted(address for piece in pieces for address in piece) == sorted(whole)
    assert client.get("/sitemap-drafts.xml").status_code == 404
    assert client.get("/sitemap-cases.xml?p=99").status_code == 404


def test_the_sitemap_tells_when_what_a_page_lists_was_published_last(client: Client) -> None:
    policy, other = make.make_policy(), make.make_policy()
    case = make.make_published(policies=((policy, "落实"),))
    key = case.evidence.get().source.key
    text = client.get("/sitemap.xml").content.decode()
    day = f"<lastmod>{localtime(case.published_at):%Y-%m-%d}</lastmod>"
    for path in (
        "/",
        "/cases/",
        "/districts/xuhui/",
        "/themes/residential-areas/",
        f"/policies/{policy.pk}/",
        f"/sources/{key}/",
    ):
        entry = re.search(rf"<url><loc>[^<]*//[^</]+{re.escape(path)}</loc>(.*?)</url>", text)
        assert entry, path
        assert day in entry[1], path
    entry = re.search(rf"/policies/{other.pk}/</loc>(.*?)</url>", text)
    assert entry
    assert "<lastmod>" not in entry[1]
