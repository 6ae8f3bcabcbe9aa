"""Why a case was found: the passage, with the words marked, and where it stands."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from .documents import passages
from .query import Search, Word
from .text import fold, offsets, pattern, pinyin_query, pinyin_tokens

# Characters shown on either side of the first word found.
BEFORE, AFTER = 24, 72
MOST = 3


@dataclass(frozen=True)
class Why:
    """One passage in which a word was found."""

    title: str
    html: SafeString


def _spans(
    text: str, patterns: Iterable[re.Pattern[str]], folded: str | None = None
) -> list[tuple[int, int]]:
    """Return where the words stand in a text in NFC, joined where they overlap."""
    folded = fold(text) if folded is None else folded
    matches = [
        match
        for expression in patterns
        for match in expression.finditer(folded)
        if match.end() > match.start()
    ]
    if not matches:
        return []  # As in most passages.
    at = offsets(text)
    spans: list[tuple[int, int]] = []
    for start, end in sorted((at[match.start()], at[match.end() - 1] + 1) for match in matches):
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
        self._patterns = {
            word: [found for found in map(pattern, search.texts_of(word)) if found]
            for word in search.wanted
        }
        self._every = [found for patterns in self._patterns.values() for found in patterns]

    def marked(self, text: str) -> SafeString:
        """Return a short text as HTML with the words marked."""
        text = unicodedata.normalize("NFC", text)
        return _html(text, _spans(text, self._every), 0, len(text))

    def why(self, record: dict[str, Any]) -> list[Why]:
        """Return at most three passages that show the words of the query.

        Title and summary are left out: a row shows them whole, marked. A word that the text
        does not spell out was found by its pinyin or as the other name of a place or a policy;
        the line then says so.
        """
        shown: list[Why] = []
        texts = [
            (item.title, text, fold(text))
            for item in passages(record)
            if item.title not in ("标题", "摘要")
            for text in [unicodedata.normalize("NFC", item.text)]
        ]
        for word, patterns in self._patterns.items():
            if len(shown) == MOST or any(
                _found_in(strip_tags(item.html), patterns) for item in shown
            ):
                continue
            passage = self._passage(texts, patterns)
            if passage is None and not _found_in(
                f"{record['title']}\n{record['summary'] or ''}", patterns
            ):
                passage = _by_pinyin(record, word) or _by_name(record, word, self._search)
            if passage:
                shown.append(passage)
        return shown

    def _passage(
        self, texts: list[tuple[str, str, str]], patterns: list[re.Pattern[str]]
    ) -> Why | None:
        """Return the first of the texts, each with its title and folded, that has the word."""
        for title, text, folded in texts:
            spans = _spans(text, patterns, folded)
            if spans:
                short = len(text) <= BEFORE + AFTER
                first = 0 if short else max(0, spans[0][0] - BEFORE)
                last = len(text) if short else min(len(text), spans[0][0] + AFTER)
                if len(self._patterns) > 1:
                    spans = _spans(text, self._every, folded)
                return Why(title, _html(text, spans, first, last))
        return None


def _found_in(text: str, patterns: list[re.Pattern[str]]) -> bool:
    return bool(_spans(unicodedata.normalize("NFC", text), patterns))


def _by_pinyin(record: dict[str, Any], word: Word) -> Why | None:
    typed = pinyin_query(word.text)
    if typed:
        for passage in passages(record):
            if passage.typed and any(t.startswith(typed) for t in pinyin_tokens(passage.text)):
                html = format_html("<mark>{}</mark>（{}）", passage.text, _("按拼音找到"))
                return Why(passage.title, html)
    return None


def _by_name(record: dict[str, Any], word: Word, search: Search) -> Why | None:
    catalog = search.snapshot.catalog
    for name in catalog.meant_by(word.text):
        if record["id"] in search.snapshot.having(name.facet, name.value):
            label = catalog.labels[name.facet][name.value]
            html = format_html("<mark>{}</mark> → {}", word.text, label)
            return Why(str(_("别称")), html)
    return None
