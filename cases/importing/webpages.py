"""HTML → Article: government pages' meta tags, common news layouts, and Word through mammoth."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from . import heads
from .article import Article, listed, plain

_SKIPPED = {"script", "style", "noscript", "template", "svg", "iframe", "select", "button", "form"}
_FURNITURE = {"nav", "footer", "aside"}
_BLOCKS = {
    *listed("p div section article main header li ul ol dl dd dt table tr td th blockquote figure"),
    *listed("figcaption h1 h2 h3 h4 h5 h6 body html center pre"),
}
_VOID = set(listed("br hr img input meta link area base col embed source track wbr"))
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
# How editorial systems name the part of the page that holds the article.
_HOLDER = re.compile(
    r"rm_txt_con|text_con|TRS_Editor|trs_editor|trs-editor|Article_content"
    r"|article[-_]?(?:content|body|text|main|con)"
    r"|^article$|content[-_]?(?:main|text|body|detail|article)|main[-_]?content|ivs_content"
    r"|zoom|detail[-_]?(?:content|con|text)"
    r"|news[-_]?(?:content|text|detail)|js_content|rich_media_content|xxgk_content"
    r"|pages_content|UCAP-CONTENT",
    re.I,
)
_ASIDE = re.compile(
    r"(?:^|[-_ ])(?:nav|menu|crumbs?|breadcrumb|footer|foot|sidebar|share|related|relate"
    r"|recommend|comment|comments|copyright"
    r"|hot|rank|ad|ads|advert|tools?|pagination|editor-list|qrcode|login|search)(?:$|[-_ ])",
    re.I,
)
_SIGNER = re.compile(r"(?:^|[-_ ])(?:author|byline|writer|zuozhe)(?:$|[-_ ])", re.I)
_SITE_SUFFIX = re.compile(r"\s*(?:[-_|—–]+|--)\s*[^-_|—–]{1,24}$")
_META = {
    "title": ("articletitle", "og:title", "twitter:title"),
    "date": ("pubdate", "publishdate", "article:published_time", "og:release_date", "pubtime"),
    "publisher": ("contentsource", "og:article:source", "source"),
    "author": ("author", "article:author", "og:article:author"),
    "site": ("og:site_name", "sitename"),
}


@dataclass
class _Node:
    tag: str
    marks: str = ""
    children: list["_Node | str"] = field(default_factory=list)

    def text(self) -> str:
        return "".join(c if isinstance(c, str) else c.text() for c in self.children)

    def nodes(self) -> Iterator["_Node"]:
        yield self
        for child in self.children:
            if isinstance(child, _Node):
                yield from child.nodes()


class _Tree(HTMLParser):
    """Builds the tree of what is seen, and keeps the meta tags. Depth is bounded."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("root")
        self.stack = [self.root]
        self.meta: dict[str, str] = {}
        self.title = ""
        self.skipping = 0
        self.in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = (values.get("name") or values.get("property") or "").lower()
            if name and values.get("content"):
                self.meta.setdefault(name, values["content"].strip())
        if tag == "title":
            self.in_title = True
        if tag in _SKIPPED:
            self.skipping += 1
        if self.skipping or tag in ("meta", "link"):
            return
        if tag == "br":
            self.stack[-1].children.append("\n")
        if tag == "img":
            self.stack[-1].children.append(_Node("img"))
        if tag in _VOID:
            return
        if tag == "p" and self.stack[-1].tag == "p":
            self.stack.pop()
        node = _Node(tag, f"{values.get('class', '')} {values.get('id', '')}".strip())
        self.stack[-1].children.append(node)
        if len(self.stack) < 200:
            self.stack.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self.in_title = False
        if tag in _SKIPPED:
            self.skipping = max(0, self.skipping - 1)
            return
        for depth in range(len(self.stack) - 1, 0, -1):
            if self.stack[depth].tag == tag:
                del self.stack[depth:]
                return

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.title += data
        elif not self.skipping:
            self.stack[-1].children.append(re.sub(r"[ \t\r\n\f]+", " ", data))


def read_page(html: str, url: str = "") -> Article:
    tree = _parsed(html)
    page = _lines(tree.root)
    holder = _holder(tree.root)
    body = _lines(holder)
    known = {
        key: next((tree.meta[name] for name in names if tree.meta.get(name)), "")
        for key, names in _META.items()
    }
    title = known["title"] or _first_heading(tree.root) or _without_site(tree.title)
    account = _account(tree.root)
    around = "\n".join(line.text for line in page if heads.is_data(line.text))
    return heads.build(
        body,
        url or tree.meta.get("og:url", ""),
        "html",
        title=" ".join(title.split()),
        authors=[n for n in _names(known["author"]) if n != account]
        or heads.authors_in(around)
        or _signers(tree.root),
        publisher=heads.publisher_in(known["publisher"])
        or known["publisher"]
        or account
        or heads.publisher_in(around)
        or known["site"]
        or heads.signed_in(around),
        date=heads.date_in(known["date"]) or heads.date_in(around),
    )


def read_document(html: str, url: str = "") -> Article:
    """Read what mammoth made of a Word file: the whole of it is the article."""
    return heads.build(_lines(_parsed(html).root), url, "docx")


def _parsed(html: str) -> _Tree:
    tree = _Tree()
    tree.feed(html)
    tree.close()
    return tree


def _names(text: str) -> tuple[str, ...]:
    """Return authors from a meta tag, where there may also be an office or an account."""
    flat = re.sub(r"^(?:作者|记者|本报记者)\s*[::]?", "", plain(text).strip())
    parts = [part for part in re.split(r"[\s、,/;|]+", flat) if part]
    return (
        tuple(parts) if parts and all(2 <= len(p) <= 4 and not p.isascii() for p in parts) else ()
    )


def _first_heading(root: _Node) -> str:
    for node in root.nodes():
        if node.tag == "h1" and len(text := " ".join(node.text().split())) >= 5:
            return text
    return ""


def _signers(root: _Node) -> tuple[str, ...]:
    """Return the names in a part of the page that is marked as the author's."""
    texts = (n.text() for n in root.nodes() if _SIGNER.search(n.marks))
    return next((names for t in texts if (names := heads.by_line(" ".join(t.split())))), ())


def _account(root: _Node) -> str:
    """Return whose WeChat account it is: the page names the platform as its site."""
    named = (n for n in root.nodes() if "js_name" in n.marks.split())
    return next((" ".join(n.text().split()) for n in named), "")


def _without_site(title: str) -> str:
    title = " ".join(title.split())
    while (shorter := _SITE_SUFFIX.sub("", title)) != title and len(shorter) >= 6:
        title = shorter
    return title


def _holder(root: _Node) -> _Node:
    """Return the part of the page that holds the article: named so, else with the most text."""
    named = [n for n in root.nodes() if n.tag == "article" or _HOLDER.search(n.marks)]
    named = [node for node in named if len(node.text().strip()) >= 80]
    if named:
        return max(named, key=_weight)
    bodies = [n for n in root.nodes() if n.tag in ("div", "section", "td", "main", "body")]
    return max(bodies, key=_weight, default=root)


def _weight(node: _Node) -> int:
    """Text in paragraphs directly within, and some of what stands two deep; links count nothing."""
    total = 0
    for child in node.children:
        if isinstance(child, str):
            total += len(child.strip())
        elif child.tag in ("p", "figure", "blockquote", "span", "strong", "h2", "h3"):
            total += len(child.text().strip())
        elif child.tag in ("div", "section"):
            total += sum(
                len(c.text().strip())
                for c in child.children
                if isinstance(c, _Node) and c.tag in ("p", "span")
            )
    return total


def _lines(node: _Node) -> list[heads.Line]:
    lines: list[heads.Line] = []
    run: list[str] = []
    pictures = 0

    def flush(heading: bool = False) -> None:
        nonlocal pictures
        for part in "".join(run).split("\n"):
            text = re.sub(r"^[ \u3000\xa0]+|[ \u3000\xa0]+$", "", part)
            if text:
                lines.append(heads.Line(text, heading and len(text) <= 60, pictures > 0))
                pictures = 0
        run.clear()

    def walk(node: _Node, bold: bool) -> None:
        nonlocal pictures
        if node.tag in _FURNITURE or _ASIDE.search(node.marks):
            return
        block = node.tag in _BLOCKS
        if block:
            flush()
        for child in node.children:
            if isinstance(child, str):
                run.append(child)
            elif child.tag == "img":
                # One within a line is an ornament.
                pictures += not "".join(run).strip() and not node.text().strip()
            else:
                walk(child, bold)
        if block:
            flush(node.tag in _HEADINGS or _all_bold(node))

    walk(node, False)
    flush()
    return lines


def _all_bold(node: _Node) -> bool:
    """Say whether a paragraph is set in bold throughout, as headings in articles often are."""
    parts = [c for c in node.children if not (isinstance(c, str) and not c.strip())]
    if node.tag != "p" or not parts:
        return False
    text = node.text().strip()
    bold = all(isinstance(c, _Node) and c.tag in ("strong", "b") for c in parts)
    return bold and 2 <= len(text) <= 45 and text[-1] not in "。;!?”"
