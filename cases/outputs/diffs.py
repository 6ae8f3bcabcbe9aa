"""What changed between two records, field by field, in words a reader can follow."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cases.codebook import RECORD_SCHEMA, SECTION_TITLES
from cases.models import Attachment

# Chinese by the character, everything else by the word: runs are joined again for reading.
_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|\s+|.", re.DOTALL)
# Equal runs shorter than this between two changes are read as part of one change.
_SHORTEST_KEPT = 2
# Not content: they differ between any two versions.
_OWN = {"schema_version", "id", "url", "version", "published_at", "sections"}


# Told by the name that stands beside them.
_CODES = {"slug", "code", "actor", "key", "id", "district", "source"}


@dataclass(frozen=True)
class Change:
    """One field that differs: its Chinese name and the text with what went and what came."""

    field: str
    html: SafeString


def compare(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Return the fields in which two records differ, in the order of the record."""
    changes = []
    for title, old, new in _fields(before, after):
        if old != new:
            changes.append(Change(title, marked(old, new)))
    return changes


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the names of the fields in which two records differ, without how."""
    return [title for title, old, new in _fields(before, after) if old != new]


def _fields(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, schema in RECORD_SCHEMA["properties"].items():
        if name in _OWN:
            continue
        yield schema["title"], plain(before.get(name)), plain(after.get(name))
    for name, title in SECTION_TITLES.items():
        yield title, before["sections"][name] or "", after["sections"][name] or ""


def plain(value: Any) -> str:
    """Return a value of a record as lines of text, one item a line."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(plain(item) for item in value)
    if isinstance(value, dict):
        named = {"name", "actor_name", "title", "quotation"} & value.keys()
        shown = (_worded(k, v) for k, v in value.items() if not (named and k in _CODES))
        return "，".join(text for text in map(plain, shown) if text)
    return str(value)


def _worded(key: str, value: Any) -> Any:
    """Return what a bare number or code stands for."""
    if key == "evidence" and value is not None:
        return f"出处 {value}"
    return dict(Attachment.Kind.choices).get(value, value) if key == "kind" else value


def marked(old: str, new: str) -> SafeString:
    """Return the new text as HTML with `<del>` for what went and `<ins>` for what came."""
    pieces = []
    for verb, gone, came in _runs(_TOKEN.findall(old), _TOKEN.findall(new)):
        if verb == "equal":
            pieces.append(format_html("{}", gone))
        else:
            if gone:
                pieces.append(format_html("<del>{}</del>", gone))
            if came:
                pieces.append(format_html("<ins>{}</ins>", came))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _runs(old: list[str], new: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield runs that are equal or replaced; a stray equal character does not cut a change."""
    gone: list[str] = []
    came: list[str] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for verb, a, b, c, d in matcher.get_opcodes():
        between_changes = a > 0 and b < len(old)
        if verb == "equal" and (b - a >= _SHORTEST_KEPT or not between_changes):
            if gone or came:
                yield "change", "".join(gone), "".join(came)
                gone, came = [], []
            kept = "".join(old[a:b])
            yield "equal", kept, kept
        else:
            gone += old[a:b]
            came += new[c:d]
    if gone or came:
        yield "change", "".join(gone), "".join(came)
