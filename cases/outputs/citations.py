"""Citations: GB/T 7714—2025 and —2015, RIS, BibTeX and CSL-JSON.

The forms of GB/T 7714 follow the community's CSL styles, not the standard's own text: 2025
has full-width punctuation and prints the day of access on web pages only, 2015 half-width
and on anything with an address. From four authors on, three and 等. An unknown date is left
out. RIS and BibTeX use the types that Zotero reads as web page, newspaper and statute.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Edition = Literal["2025", "2015"]
SITE = "社区治理案例库"
LANGUAGE = "zh-CN"

WEBPAGE, NEWSPAPER, POLICY, BOOK, JOURNAL, DATASET = (
    "webpage",
    "newspaper",
    "policy",
    "book",
    "journal",
    "dataset",
)
# Kind of a source -> kind of a citation.
_KINDS = {
    "网页": WEBPAGE,
    "网络新闻": WEBPAGE,
    "报纸": NEWSPAPER,
    "政府文件": POLICY,
    "图书": BOOK,
    "期刊": JOURNAL,
    "数据集": DATASET,
}
_LETTERS = {WEBPAGE: "EB", NEWSPAPER: "N", BOOK: "M", JOURNAL: "J", DATASET: "DS"}


@dataclass(frozen=True)
class Item:
    """What is cited. Dates are ISO of the known precision, or empty."""

    key: str
    kind: str
    title: str
    authors: tuple[str, ...] = ()
    # Newspaper, journal, publishing house or site.
    container: str = ""
    # 发文字号
    number: str = ""
    date: str = ""
    # Page of a newspaper.
    page: str = ""
    url: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = field(default=())


def of_case(record: dict[str, Any], base: str) -> Item:
    """Return the citation of one published version of a case; `base` is the site's address."""
    return Item(
        key=f"case{record['id']}v{record['version']}",
        kind=WEBPAGE,
        title=f"{record['title']}（第 {record['version']} 版）",
        authors=(SITE,),
        container=SITE,
        date=record["published_at"][:10],
        url=f"{base}/cases/{record['id']}/v{record['version']}/",
        abstract=record["summary"] or "",
        keywords=tuple(term["name"] for term in (*record["topics"], *record["themes"])),
    )


def of_source(source: dict[str, Any]) -> Item:
    """Return the citation of a source as a record has it.

    Without an author the body that published it stands first: of a repost, the original one.
    """
    publisher = source["publisher"] or ""
    body = source.get("reposted_from") or publisher
    return Item(
        key=re.sub(r"[^0-9A-Za-z]+", "-", source["id"]),
        kind=_KINDS.get(source["kind"], WEBPAGE),
        title=source["title"],
        authors=tuple(source["author"]) or ((body,) if body else ()),
        container=publisher,
        date=source["date"] or "",
        url=source["url"] or "",
    )


def of_policy(policy: Any, base: str) -> Item:
    """Return the citation of a policy document: a `PolicyDocument`, at its page here."""
    return Item(
        key=f"policy{policy.pk}",
        kind=POLICY,
        title=policy.title,
        authors=(policy.issuer,) if policy.issuer else (),
        number=policy.number,
        date=policy.issued,
        url=f"{base}{policy.get_absolute_url()}",
    )


def of_collection(base: str) -> Item:
    """Return the citation of the whole collection."""
    return Item(
        key="collection", kind=DATASET, title=SITE, authors=(SITE,), container=SITE, url=f"{base}/"
    )


# GB/T 7714


def gbt7714(item: Item, accessed: date, edition: Edition = "2025") -> str:
    """Return one entry of a numeric reference list, in plain text."""
    wide = edition == "2025"
    comma, colon, left, right = ("，", "：", "（", "）") if wide else (", ", ": ", "(", ")")
    online = "/OL" if item.url else ""
    title = f"{item.title}{colon}{item.number}" if item.number else item.title
    parts = [_authors(item.authors, comma), f"{title}[{_letter(item, edition)}{online}]"]
    # Which items carry the day of access differs between the editions.
    visited = f"[{accessed.isoformat()}]" if item.url else ""
    if item.kind in (NEWSPAPER, JOURNAL):
        page = f"{left}{item.page}{right}" if item.page else ""
        issue = comma.join(filter(None, [item.container, item.date]))
        parts.append(f"{issue}{page}{'' if wide else visited}")
    elif item.kind == BOOK:
        year = comma.join(filter(None, [item.container, item.date[:4]]))
        parts.append(f"{year}{'' if wide else visited}")
    elif item.url:
        day = f"{left}{item.date}{right}" if item.date else ""
        parts.append(f"{day}{visited}")
    else:
        parts.append(item.date)
    if item.url:
        parts.append(item.url)
    return f"{'. '.join(filter(None, parts))}."


def _authors(authors: tuple[str, ...], comma: str) -> str:
    shown = list(authors[:3]) + (["等"] if len(authors) > 3 else [])
    return comma.join(shown)


def _letter(item: Item, edition: Edition) -> str:
    if item.kind != POLICY:
        return _LETTERS[item.kind]
    if edition == "2015":
        return "A"
    return "EB" if item.url else "Z"


# RIS

_RIS = {
    WEBPAGE: "ELEC",
    NEWSPAPER: "NEWS",
    POLICY: "STAT",
    BOOK: "BOOK",
    JOURNAL: "JOUR",
    DATASET: "DATA",
}


def ris(items: Iterable[Item], accessed: date) -> str:
    """Return RIS records: CRLF, one blank line between them."""
    return "\r\n".join(_ris(item, accessed) for item in items)


def _ris(item: Item, accessed: date) -> str:
    lines = [("TY", _RIS[item.kind])]
    lines += [("AU", author) for author in item.authors]
    lines.append(("TI", item.title))
    if item.container:
        lines.append(("T2" if item.kind != BOOK else "PB", item.container))
    if item.number:
        lines.append(("M1", item.number))
    if item.date:
        year, month, day = ([*item.date.split("-"), "", ""])[:3]
        lines.append(("DA", f"{year}/{month}/{day}/"))
    if item.page:
        lines.append(("SP", item.page))
    if item.url:
        lines.append(("Y2", f"{accessed:%Y/%m/%d}/"))
        lines.append(("UR", item.url))
    if item.abstract:
        lines.append(("AB", item.abstract))
    lines += [("KW", word) for word in item.keywords]
    lines += [("LA", LANGUAGE), ("ID", item.key)]
    return "".join(f"{tag}  - {_one_line(value)}\r\n" for tag, value in lines) + "ER  - \r\n"


def _one_line(value: str) -> str:
    return " ".join(value.split())


# BibTeX

_BIBTEX = {
    WEBPAGE: "online",
    NEWSPAPER: "article",
    POLICY: "misc",
    BOOK: "book",
    JOURNAL: "article",
    DATASET: "misc",
}


def bibtex(items: Iterable[Item], accessed: date) -> str:
    """Return BibTeX entries. Each name is braced whole, so that it is not cut at a space."""
    return "\n".join(_bibtex(item, accessed) for item in items)


def _bibtex(item: Item, accessed: date) -> str:
    fields = {
        "author": " and ".join(f"{{{_escaped(author)}}}" for author in item.authors),
        "title": _escaped(item.title),
        {NEWSPAPER: "journal", JOURNAL: "journal", BOOK: "publisher"}.get(
            item.kind, "organization"
        ): _escaped(item.container),
        "number": _escaped(item.number),
        "date": item.date,
        "year": item.date[:4],
        "pages": item.page,
        "url": item.url,
        "urldate": accessed.isoformat() if item.url else "",
        "keywords": _escaped(", ".join(item.keywords)),
        "langid": "chinese",
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{_BIBTEX[item.kind]}{{{item.key},\n{lines}}}\n"


def _escaped(text: str) -> str:
    """Return the text safe inside braces: TeX's own characters escaped, stray braces dropped."""
    text = _one_line(text).replace("\\", "").replace("{", "").replace("}", "")
    return re.sub(r"([%&#$_])", r"\\\1", text)


# CSL-JSON

_CSL = {
    WEBPAGE: "webpage",
    NEWSPAPER: "article-newspaper",
    POLICY: "regulation",
    BOOK: "book",
    JOURNAL: "article-journal",
    DATASET: "dataset",
}


def csl(item: Item, accessed: date) -> dict[str, Any]:
    """Return one CSL-JSON item."""
    result: dict[str, Any] = {
        "id": item.key,
        "type": _CSL[item.kind],
        "title": item.title,
        "author": [{"literal": author} for author in item.authors],
        ("publisher" if item.kind == BOOK else "container-title"): item.container,
        "number": item.number,
        "page": item.page,
        "URL": item.url,
        "abstract": item.abstract,
        "keyword": ", ".join(item.keywords),
        "language": LANGUAGE,
    }
    if item.date:
        result["issued"] = {"date-parts": [[int(part) for part in item.date.split("-")]]}
    if item.url:
        result["accessed"] = {"date-parts": [[accessed.year, accessed.month, accessed.day]]}
    return {name: value for name, value in result.items() if value}
