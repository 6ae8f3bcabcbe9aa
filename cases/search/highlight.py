"""Why a case was found: the passage, with the words marked, and where it stands."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from .documents import passages
from .query import Search
from .text import fold_with_offsets, pattern

# Characters shown on either side of the first word found.
BEFORE, AFTER = 24, 72
_MARKDOWN = re.compile(r"\[\^\d+\]|[*_`#>]+")


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


def why(record: dict[str, Any], patterns: list[re.Pattern[str]]) -> list[Why]:
    """Return one passage a word, outside the title, that shows it; at most three."""
    shown: list[Why] = []
    missing = list(patterns)
    for passage in passages(record):
        if not missing or len(shown) == 3:
            break
        if passage.title == "标题":
            continue
        text = unicodedata.normalize("NFC", _MARKDOWN.sub("", passage.text))
        spans = _spans(text, missing)
        if not spans:
            continue
        start = spans[0][0]
        first = max(0, start - BEFORE) if len(text) > BEFORE + AFTER else 0
        last = min(len(text), start + AFTER) if len(text) > BEFORE + AFTER else len(text)
        shown.append(Why(passage.title, _html(text, _spans(text, patterns), first, last)))
        folded = fold_with_offsets(text)[0]
        missing = [expression for expression in missing if not expression.search(folded)]
    return shown
