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
from .text import fold, fold_with_offsets, pattern, pinyin_query, pinyin_tokens

# Characters shown on either side of the first word found.
BEFORE, AFTER = 24, 72
MOST = 3


@dataclass(frozen=True)
class Why:
    """One passage in which a word was found."""

    title: str
    html: SafeString


def patterns_of(search: Search) -> list[re.Pattern[str]]:
    """Return what finds each wanted word, and its synonyms, in a folded text."""
    texts = (text for word in search.wanted for text in search.texts_of(word))
    return [found for found in map(pattern, texts) if found]


def _spans(text: str, patterns: Iterable[re.Pattern[str]]) -> list[tuple[int, int]]:
    """Return where the words stand in a text in NFC, joined where they overlap."""
    patterns = list(patterns)
    plain = fold(text)
    if not any(expression.search(plain) for expression in patterns):
        return []  # Most passages end here; offsets would take ten times as long.
    folded, offsets = fold_with_offsets(text)
    found = sorted(
        (offsets[match.start()], offsets[match.end() - 1] + 1)
        for expression in patterns
        for match in expression.finditer(folded)
        if match.end() > match.start()
    )
    spans: list[tuple[int, int]] = []
    for start, end in found:
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def marked(text: str, patterns: Iterable[re.Pattern[str]]) -> SafeString:
    """Return a short text as HTML with the words marked."""
    text = unicodedata.normalize("NFC", text)
    return _html(text, _spans(text, patterns), 0, len(text))


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


def why(record: dict[str, Any], search: Search) -> list[Why]:
    """Return at most three passages that show the words of the query.

    Title and summary are left out: a row shows them whole, marked. A word that the text
    does not spell out was found by its pinyin or as the other name of a place or a policy;
    the line then says so.
    """
    shown: list[Why] = []
    every = patterns_of(search)
    for word in search.wanted:
        if len(shown) == MOST or any(_spells(item, word, search) for item in shown):
            continue
        patterns = [p for p in map(pattern, search.texts_of(word)) if p]
        passage = _passage(record, patterns, every)
        if passage is None and not _found_in(
            f"{record['title']}\n{record['summary'] or ''}", patterns
        ):
            passage = _by_pinyin(record, word) or _by_name(record, word, search)
        if passage:
            shown.append(passage)
    return shown


def _found_in(text: str, patterns: list[re.Pattern[str]]) -> bool:
    return bool(_spans(unicodedata.normalize("NFC", text), patterns))


def _spells(item: Why, word: Word, search: Search) -> bool:
    """Say whether a passage shown for another word shows this one as well."""
    patterns = [p for p in map(pattern, search.texts_of(word)) if p]
    return _found_in(strip_tags(item.html), patterns)


def _passage(
    record: dict[str, Any], patterns: list[re.Pattern[str]], every: list[re.Pattern[str]]
) -> Why | None:
    for passage in passages(record):
        if passage.title in ("标题", "摘要"):
            continue
        text = unicodedata.normalize("NFC", passage.text)
        spans = _spans(text, patterns)
        if spans:
            short = len(text) <= BEFORE + AFTER
            first = 0 if short else max(0, spans[0][0] - BEFORE)
            last = len(text) if short else min(len(text), spans[0][0] + AFTER)
            return Why(passage.title, _html(text, _spans(text, every), first, last))
    return None


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
