"""Citations: GB/T 7714—2025 and —2015, RIS, BibTeX and CSL-JSON.

The forms of GB/T 7714 follow the community's CSL styles, not the standard's own text: 2025
has full-width punctuation and prints the day of access on web pages only, 2015 half-width
and on anything with an address. From four authors on, three and 等. An unknown date is left
out. RIS and BibTeX use the types that Zotero reads as web page, newspaper and statute.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from django.utils import timezone

Edition = Literal["2025", "2015"]
# The current one first.
EDITIONS: tuple[Edition, ...] = ("2025", "2015")
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
    # The day on which this library saw it.
    accessed: str = ""


def _visited(item: Item, today: date) -> str:
    """Return the day of access; where the library did not note its own, the reader's."""
    return item.accessed or today.isoformat()


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

    Of a repost, the body that published it first counts. A web page without an author is the
    body's; a paper or a publisher has its own place, so nobody stands before the title.
    """
    kind = _KINDS.get(source["kind"], WEBPAGE)
    publisher = source["publisher"] or ""
    body = source.get("reposted_from") or publisher
    owned = kind in (WEBPAGE, POLICY, DATASET) and body
    return Item(
        key=re.sub(r"[^0-9A-Za-z]+", "-", source["id"]),
        kind=kind,
        title=source["title"],
        authors=tuple(source["author"]) or ((body,) if owned else ()),
        container=body if kind in (NEWSPAPER, JOURNAL) else publisher,
        date=source["date"] or "",
        url=source["url"] or "",
        accessed=source.get("accessed") or "",
    )


# What the name of a public body ends with.
_BODY = re.compile("(?:委|府|局|厅|署|会|会议|院|部|办|室|处|组|中心|公司|社|团|区|县|镇|乡|街道)$")


def bodies(issuer: str) -> tuple[str, ...]:
    """Return the bodies that issued a document: one whose own name has a 、 stays whole."""
    parts = tuple(filter(None, map(str.strip, re.split("[、，]", issuer))))
    return parts if all(map(_BODY.search, parts)) else (issuer,)


def of_policy(policy: Any) -> Item:
    """Return the citation of a policy document: a `PolicyDocument`.

    It is the document that is cited, not the page that tells of it here, so it is online only
    where its own text is.
    """
    return Item(
        key=f"policy{policy.pk}",
        kind=POLICY,
        title=policy.title,
        authors=bodies(policy.issuer),
        number=policy.number,
        date=policy.issued,
        url=policy.original_url,
    )


def of_collection(base: str, latest: str = "") -> Item:
    """Return the citation of the whole collection as of its latest publication."""
    return Item(
        key="collection",
        kind=DATASET,
        title=SITE,
        authors=(SITE,),
        container=SITE,
        date=latest[:10],
        url=f"{base}/",
    )


def of_kept(kept: Any, base: str) -> Item:
    """Return the citation of a shared set of cases or a shared query, as of its last change."""
    return Item(
        key=f"set-{kept.key}",
        kind=WEBPAGE,
        title=kept.title,
        authors=(kept.signed,) if kept.signed else (),
        container=SITE,
        date=timezone.localdate(kept.changed).isoformat(),
        url=f"{base}{kept.get_absolute_url()}",
        abstract=kept.description,
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
    visited = f"[{_visited(item, accessed)}]" if item.url else ""
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


def both_editions(item: Item, accessed: date) -> list[tuple[str, str]]:
    """Return (edition, entry), the current edition first."""
    return [(edition, gbt7714(item, accessed, edition)) for edition in EDITIONS]


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


def _ris(item: Item, accessed: date) -> str:
    """Return one RIS record, in lines that end with CRLF."""
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
        lines.append(("Y2", f"{_visited(item, accessed).replace('-', '/')}/"))
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


def _bibtex(item: Item, accessed: date) -> str:
    """Return one BibTeX entry. Names are braced whole, so that they are not cut at a space."""
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
        "urldate": _visited(item, accessed) if item.url else "",
        "keywords": _escaped(", ".join(item.keywords)),
        "langid": "chinese",
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{_BIBTEX[item.kind]}{{{item.key},\n{lines}}}\n"


# What TeX would not print as it stands. Braces are dropped: even escaped ones count for BibTeX.
_TEX = {
    **{character: f"\\{character}" for character in "%&#$_"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "{": "",
    "}": "",
}


def _escaped(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in _one_line(text))


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
        result["issued"] = _date_parts(item.date)
    if item.url:
        result["accessed"] = _date_parts(_visited(item, accessed))
    return {name: value for name, value in result.items() if value}


def _date_parts(value: str) -> dict[str, Any]:
    return {"date-parts": [[int(part) for part in value.split("-")]]}


def _csl(item: Item, accessed: date) -> str:
    return json.dumps(csl(item, accessed), ensure_ascii=False)


# Files


@dataclass(frozen=True)
class Format:
    """How a file of citations is made up, of whatever length."""

    media_type: str
    write: Callable[[Item, date], str]
    opening: str = ""
    between: str = ""
    closing: str = ""

    def pieces(self, items: Iterable[Item], accessed: date) -> Iterator[str]:
        yield self.opening
        for number, item in enumerate(items):
            yield (self.between if number else "") + self.write(item, accessed)
        yield self.closing


# By what follows the name in an address.
FORMATS = {
    "ris": Format("application/x-research-info-systems", _ris, between="\r\n"),
    "bib": Format("application/x-bibtex", _bibtex, between="\n"),
    "csl.json": Format("application/vnd.citationstyles.csl+json", _csl, "[", ", ", "]"),
}


def reference_list(items: Iterable[Item], accessed: date, edition: Edition) -> Iterator[str]:
    """Yield the numbered lines of a list of references in GB/T 7714."""
    for number, item in enumerate(items, start=1):
        yield f"[{number}] {gbt7714(item, accessed, edition)}\n"
