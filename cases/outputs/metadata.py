"""What programs read in a page: tags for Zotero, COinS for its lists, and schema.org.

Zotero's translators “Embedded Metadata” and “COinS” (read at their version of June 2026) decide:
`z:itemType` makes the type, unless a tag like `citation_journal_title` overrules it, and any field
of Zotero may be named after `z:`.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from cases.records import Record

from .citations import (
    BOOK,
    DATASET,
    JOURNAL,
    LANGUAGE,
    NEWSPAPER,
    POLICY,
    SITE,
    WEBPAGE,
    Item,
    bodies,
)
from .dataset import LICENCE_URL

LinkedData = dict[str, Any]

_ZOTERO = {
    WEBPAGE: "webpage",
    NEWSPAPER: "newspaperArticle",
    POLICY: "statute",
    BOOK: "book",
    JOURNAL: "journalArticle",
    DATASET: "dataset",
}


# --- Zotero ---


def tags(item: Item) -> Iterator[tuple[str, str]]:
    """Yield (name, content) of the meta tags that describe what a page is about."""
    yield "z:itemType", _ZOTERO[item.kind]
    yield "citation_title", item.title
    for author in item.authors:
        yield "citation_author", author
    known = {
        "citation_publication_date": item.date.replace("-", "/"),
        {
            WEBPAGE: "z:websiteTitle",
            NEWSPAPER: "z:publicationTitle",
            JOURNAL: "citation_journal_title",
        }.get(item.kind, "citation_publisher"): item.container,
        "z:publicLawNumber": item.number,
        "citation_firstpage": item.page,
        "citation_public_url": item.url,
        "citation_abstract": item.abstract,
        "citation_keywords": ";".join(item.keywords),
        "citation_language": LANGUAGE,
    }
    for name, content in known.items():
        if content:
            yield name, content


def coins(item: Item) -> str:
    """Return the ContextObject of one row of a list (Z39.88-2004), to stand in a `title`."""
    pairs = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"),
        ("rft.type", _ZOTERO[item.kind]),
        # Zotero reads every plus sign as a space, even one that is written %2B.
        ("rft.title", item.title.replace("+", "＋")),
        *(("rft.au", author) for author in item.authors),
        ("rft.date", item.date),
        ("rft.identifier", item.url),
        ("rft.language", LANGUAGE),
    ]
    return urlencode([(name, value) for name, value in pairs if value])


# --- schema.org ---


def _linked(kind: str, /, **properties: Any) -> LinkedData:
    """Return a node without what is not recorded."""
    node: LinkedData = {"@context": "https://schema.org", "@type": kind}
    for name, value in properties.items():
        if value:
            node["@id" if name == "id" else name] = value
    return node


def _named(kind: str, name: str, **more: str) -> LinkedData:
    return {"@type": kind, "name": name} | {key: value for key, value in more.items() if value}


def _period(record: Record) -> str:
    """Return ISO 8601's interval, open where an end is not recorded."""
    start, end = record["period"]["start"], record["period"]["end"]
    return f"{start or '..'}/{end or '..'}" if start or end else ""


def of_case(record: Record, base: str) -> LinkedData:
    """Describe one published version of a case."""
    return _linked(
        "Article",
        id=f"{base}{record['url']}",
        url=f"{base}{record['url']}",
        headline=record["title"],
        alternateName=record["aliases"],
        description=record["summary"],
        inLanguage=LANGUAGE,
        author=_named("Organization", SITE, url=f"{base}/"),
        datePublished=record["published_at"][:10],
        version=str(record["version"]),
        spatialCoverage=[_named("Place", place["name"]) for place in record["districts"]],
        temporalCoverage=_period(record),
        about=[
            _named("DefinedTerm", term["name"]) for term in (*record["topics"], *record["themes"])
        ],
        citation=[
            *(_work(source) for source in record["sources"]),
            *(
                _named("Legislation", policy["title"], url=f"{base}/policies/{policy['id']}/")
                for policy in record["policies"]
            ),
        ],
        isPartOf=_named("DataCatalog", SITE, url=f"{base}/"),
        license=LICENCE_URL,
    )


_WORKS = {
    "网页": "WebPage",
    "网络新闻": "NewsArticle",
    "报纸": "NewsArticle",
    "图书": "Book",
    "期刊": "ScholarlyArticle",
    "数据集": "Dataset",
}


def _work(source: Record) -> LinkedData:
    return _named(
        _WORKS.get(source["kind"], "CreativeWork"),
        source["title"],
        url=source["url"] or "",
        datePublished=source["date"] or "",
    )


def of_source(source: Record, base: str) -> LinkedData:
    """Describe a source as records have it."""
    publisher = source["publisher"]
    return _linked(
        _WORKS.get(source["kind"], "CreativeWork"),
        id=f"{base}/sources/{source['id']}/",
        url=source["url"],
        name=source["title"],
        author=[_named("Person", author) for author in source["author"]],
        publisher=_named("Organization", publisher) if publisher else None,
        datePublished=source["date"],
        inLanguage=LANGUAGE,
    )


_FORCE = {
    "in-force": "InForce",
    "amended": "InForce",
    "replaced": "NotInForce",
    "repealed": "NotInForce",
}
# How a document stands to another -> the property that says so.
_RELATIONS = {
    "依据": "isBasedOn",
    "落实": "legislationApplies",
    "修订": "legislationChanges",
    "替代": "legislationChanges",
    "废止": "legislationChanges",
}


def of_policy(policy: Any, relations: Iterable[Any], base: str) -> LinkedData:
    """Describe a `PolicyDocument` with its own relations to others."""
    related: dict[str, list[LinkedData]] = {}
    for relation in relations:
        if name := _RELATIONS.get(relation.kind):
            target = relation.target
            url = f"{base}{target.get_absolute_url()}"
            related.setdefault(name, []).append(_named("Legislation", target.title, url=url))
    force = _FORCE.get(policy.validity)
    return _linked(
        "Legislation",
        id=f"{base}{policy.get_absolute_url()}",
        url=f"{base}{policy.get_absolute_url()}",
        sameAs=policy.original_url,
        name=policy.title,
        alternateName=policy.aliases,
        description=policy.summary,
        inLanguage=LANGUAGE,
        legislationIdentifier=policy.number,
        legislationDate=policy.issued,
        legislationPassedBy=[_named("Organization", body) for body in bodies(policy.issuer)],
        legislationLegalForce=f"https://schema.org/{force}" if force else None,
        **related,
    )


def trail(steps: Iterable[tuple[str, str]], base: str) -> LinkedData:
    """Describe the way to a page: (name, path), from the home page's child down to the page."""
    return _linked(
        "BreadcrumbList",
        itemListElement=[
            {"@type": "ListItem", "position": position, "name": name, "item": f"{base}{path}"}
            for position, (name, path) in enumerate([(SITE, "/"), *steps], start=1)
        ],
    )


def website(base: str, search: str) -> LinkedData:
    """Describe the site and how to search it; `search` is the path of the list."""
    return _linked(
        "WebSite",
        name=SITE,
        url=f"{base}/",
        inLanguage=LANGUAGE,
        potentialAction={
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{base}{search}?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    )
