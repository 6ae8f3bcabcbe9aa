"""One page of the site as a file: links lead to files, and nothing stands there that cannot work.

The text is passed on as it is; only start tags with addresses are written anew.
"""

from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

from .addresses import is_personal

_VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()  # noqa: SIM905
)
_LINKS = ("href", "src")
# Link of a page -> what to write instead.
Resolve = Callable[[str], str]


class _Rewriter(HTMLParser):
    def __init__(self, resolve: Resolve, search_note: str) -> None:
        super().__init__(convert_charrefs=False)
        self.resolve, self.search_note = resolve, search_note
        self.pieces: list[str] = []
        # Start of each open list item among the pieces, and whether something in it was left out.
        self.items: list[list[int]] = []
        self.skipping: list[str] = []
        self.searches = False

    # Forms ask the live site; without one, their fields and buttons do nothing. Nobody can sign in.

    def _skips(self, tag: str, attrs: dict[str, str | None]) -> bool:
        if tag == "a" and is_personal(urlsplit(attrs.get("href") or "").path):
            return True
        if (
            "data-signed-in" in attrs
            or tag == "form"
            or (tag == "label" and attrs.get("class") == "pick")
        ):
            return True
        return tag == "button" and "data-copy" in attrs

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self.skipping:
            if tag not in _VOID:
                self.skipping.append(tag)
            self.searches |= tag == "input" and given.get("type") == "search"
            return
        if self._skips(tag, given):
            self.skipping.append(tag)
            self.searches = False
            for item in self.items[-1:]:
                item[1] = 1
            return
        if tag == "li":
            self.items.append([len(self.pieces), 0])
        if any(name in given for name in _LINKS):
            self.pieces.append(self._tag(tag, attrs))
        else:
            self.pieces.append(self.get_starttag_text() or "")

    def _tag(self, tag: str, attrs: list[tuple[str, str | None]]) -> str:
        written = []
        for name, value in attrs:
            if name in _LINKS and value is not None and _rewritten(tag, dict(attrs)):
                value = self.resolve(value)
            written.append(name if value is None else f'{name}="{escape(value)}"')
        closed = " /" if (self.get_starttag_text() or "").endswith("/>") else ""
        return f"<{tag} {' '.join(written)}{closed}>"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.skipping:
            links = any(name in _LINKS for name, _value in attrs)
            self.pieces.append(self._tag(tag, attrs) if links else self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if self.skipping:
            self.skipping.pop()
            if not self.skipping and tag == "form" and self.searches:
                self.pieces.append(self.search_note)
            return
        self.pieces.append(f"</{tag}>")
        if tag == "li" and self.items:
            start, lacking = self.items.pop()
            if lacking and "".join(self.pieces[start + 1 : -1]).strip() == "":
                del self.pieces[start:]

    def _pass(self, text: str) -> None:
        if not self.skipping:
            self.pieces.append(text)

    def handle_data(self, data: str) -> None:
        self._pass(data)

    def handle_entityref(self, name: str) -> None:
        self._pass(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._pass(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._pass(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._pass(f"<!{decl}>")


def _rewritten(tag: str, attrs: dict[str, str | None]) -> bool:
    # The canonical address is where a page is cited, not where its copy lies.
    return not (tag == "link" and attrs.get("rel") == "canonical")


def rewrite(html: str, resolve: Resolve, search_note: str) -> str:
    """Return the page with each address resolved; a search form becomes `search_note`."""
    rewriter = _Rewriter(resolve, search_note)
    rewriter.feed(html)
    rewriter.close()
    return "".join(rewriter.pieces)
