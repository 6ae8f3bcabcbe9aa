"""Why a case was found: the passage, with the words marked, and where it stands."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from .documents import passages
from .query import Search, Word
from .text import Finder, fold, offsets, pinyin_query, pinyin_tokens

# Characters shown on either side of the first word found.
BEFORE, AFTER = 24, 72
MOST = 3


@dataclass(frozen=True)
class Why:
    """One passage in which a word was found."""

    title: str
    html: SafeString
    # What of it a reader sees.
    text: str


class _Text:
    """A text in NFC and as it is searched."""

    def __init__(self, text: str) -> None:
        self.text = unicodedata.normalize("NFC", text)
        self.folded = fold(self.text)

    def has(self, finders: Iterable[Finder]) -> bool:
        return any(finder.stands_in(self.folded) for finder in finders)

    def spans(self, finders: Iterable[Finder]) -> list[tuple[int, int]]:
        """Return where the words stand, joined where they overlap."""
        matches = [span for finder in finders for span in finder.spans(self.folded)]
        at = offsets(self.text) if matches else []
        spans: list[tuple[int, int]] = []
        for start, end in sorted((at[start], at[end - 1] + 1) for start, end in matches):
            if spans and start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((start, end))
        return spans


def _html(text: str, spans: list[tuple[int, int]], first: int, last: int) -> SafeString:
    pieces = []
    at = first
    for start, end in spans:
        if start >= last or end <= first:
            continue
        start, end = max(start, first), min(end, last)
        pieces += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    pieces.append(escape(text[at:last]))
    before, after = "…" if first else "", "…" if last < len(text) else ""
    return mark_safe(f"{before}{''.join(pieces)}{after}")  # noqa: S308 - each piece is escaped


class Marker:
    """Marks the words of one query in the rows of a page."""

    def __init__(self, search: Search) -> None:
        self._search = search
        # What finds each wanted word, and its synonyms, in a folded text.
        self._finders = {
            word: [Finder(text) for text in search.texts_of(word)] for word in search.wanted
        }
        self._every = [finder for finders in self._finders.values() for finder in finders]

    def marked(self, text: str) -> SafeString:
        """Return a short text as HTML with the words marked."""
        read = _Text(text)
        return _html(read.text, read.spans(self._every), 0, len(read.text))

    def why(self, record: dict[str, Any]) -> list[Why]:
        """Return at most three passages that show the words of the query.

        Title and summary are left out: a row shows them whole, marked. A word that the text
        does not spell out was found by its pinyin or as the other name of a place or a policy;
        the line then says so.
        """
        shown: list[Why] = []
        first = self._first(record)
        for word, finders in self._finders.items():
            if len(shown) == MOST or any(_Text(item.text).has(finders) for item in shown):
                continue
            if word in first:
                shown.append(self._cut(*first[word], finders))
            elif not _Text(f"{record['title']}\n{record['summary'] or ''}").has(finders):
                other = _by_pinyin(record, word) or _by_name(record, word, self._search)
                shown += [other] if other else []
        return shown

    def _first(self, record: dict[str, Any]) -> dict[Word, tuple[str, _Text]]:
        """Return for each word that is spelt out the first passage with it, by title and text."""
        found: dict[Word, tuple[str, _Text]] = {}
        for passage in passages(record):
            if len(found) == len(self._finders):
                break
            if passage.title in ("标题", "摘要"):
                continue
            read = _Text(passage.text)
            for word, finders in self._finders.items():
                if word not in found and read.has(finders):
                    found[word] = passage.title, read
        return found

    def _cut(self, title: str, read: _Text, finders: list[Finder]) -> Why:
        """Cut a passage around the first place of a word, and mark all words in it."""
        first, last = 0, len(read.text)
        if last > BEFORE + AFTER:
            start = read.spans(finders)[0][0]
            first, last = max(0, start - BEFORE), min(last, start + AFTER)
        html = _html(read.text, read.spans(self._every), first, last)
        return Why(title, html, read.text[first:last])


def _by_pinyin(record: dict[str, Any], word: Word) -> Why | None:
    typed = pinyin_query(word.text)
    if typed:
        for passage in passages(record):
            if passage.typed and any(t.startswith(typed) for t in pinyin_tokens(passage.text)):
                html = format_html("<mark>{}</mark>（{}）", passage.text, _("按拼音找到"))
                return Why(passage.title, html, passage.text)
    return None


def _by_name(record: dict[str, Any], word: Word, search: Search) -> Why | None:
    catalog = search.snapshot.catalog
    for name in catalog.meant_by(word.text):
        if record["id"] in search.snapshot.having(name.facet, name.value):
            label = catalog.labels[name.facet][name.value]
            html = format_html("<mark>{}</mark> → {}", word.text, label)
            return Why(str(_("别称")), html, f"{word.text} → {label}")
    return None
