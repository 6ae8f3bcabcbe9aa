"""What of a record can be found, and where a reader is told that it stood."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cases.codebook import SECTION_TITLES, amount

from .text import pinyin_tokens, written


@dataclass(frozen=True)
class Passage:
    """One text of a record: the tier it ranks in and the Chinese name of its place."""

    tier: int
    title: str
    text: str
    # Whether it is found in pinyin, too.
    typed: bool = False


TIERS = NAMES, HEAD, BODY = range(3)

# Begins with what the engine of expressions can leap to.
_MARKS = re.compile(r"\[\^\d{1,4}\](?:\[\^\d{1,4}\])*")
_LINK = re.compile(r"\[([^][\n]*)\]\([^()\s]*\)")
_PAIR = re.compile(r"(\*{1,3}|`+)(?=\S)(.+?)(?<=\S)\1")
_START = re.compile(r"^[ >#]+", re.MULTILINE)


def plain(markdown: str) -> str:
    """Return a section as a reader sees it: without marks, signs and addresses of Markdown."""

    def gap(match: re.Match[str]) -> str:
        # Two numbers stay two; elsewhere a mark stands within a word and does not end it.
        around = markdown[match.start() - 1 : match.start()] + markdown[match.end() :][:1]
        return " " if len(around) == 2 and around.isascii() and around.isalnum() else ""

    text = _LINK.sub(r"\1", _MARKS.sub(gap, markdown))
    if "*" in text or "`" in text:
        text = _PAIR.sub(r"\2", _PAIR.sub(r"\2", text))  # One pair may stand within another.
    return _START.sub("", text)


def passages(record: dict[str, Any]) -> Iterator[Passage]:
    """Yield every text of a record that searching looks at, the most telling first."""
    yield Passage(NAMES, "标题", record["title"], typed=True)
    for alias in record["aliases"]:
        yield Passage(NAMES, "别名", alias, typed=True)
    if record["summary"]:
        yield Passage(HEAD, "摘要", record["summary"])
    for title, key in (("地点", "districts"), ("地点", "subdistricts")):
        for place in record[key]:
            yield Passage(HEAD, title, place["name"], typed=True)
    for title, key in (("改革主题", "themes"), ("议题", "topics"), ("机制", "mechanisms")):
        for term in record[key]:
            yield Passage(HEAD, title, term["name"])
    for policy in record["policies"]:
        yield Passage(HEAD, "政策文件", policy["title"], typed=True)
    for participation in record["participations"]:
        yield Passage(HEAD, "主体", participation["actor_name"])
        if participation["name"]:
            yield Passage(HEAD, "主体", participation["name"])
    for name, title in SECTION_TITLES.items():
        if record["sections"][name]:
            yield Passage(BODY, title, plain(record["sections"][name]))
    for figure in record["figures"]:
        yield Passage(BODY, "数据", f"{figure['label']} {amount(figure)}")
    for evidence in record["evidence"]:
        if evidence["quotation"]:
            yield Passage(BODY, "引文", evidence["quotation"])
    for source in record["sources"]:
        yield Passage(BODY, "来源", source["title"])


@dataclass(frozen=True)
class Document:
    """By tier, the texts of one record as `written`, and what its names are typed as in pinyin."""

    texts: tuple[list[str], list[str], list[str]]
    typed: tuple[list[str], list[str], list[str]]

    @classmethod
    def of(cls, record: dict[str, Any]) -> "Document":
        document = cls(([], [], []), ([], [], []))
        for passage in passages(record):
            document.texts[passage.tier].append(written(passage.text))
            if passage.typed:
                document.typed[passage.tier].extend(pinyin_tokens(passage.text))
        return document
