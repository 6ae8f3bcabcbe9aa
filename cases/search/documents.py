"""What of a record can be found, and where a reader is told that it stood."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cases.codebook import SECTION_TITLES

from .text import pinyin_tokens, written


@dataclass(frozen=True)
class Passage:
    """One text of a record: the tier it ranks in and the Chinese name of its place."""

    tier: int
    title: str
    text: str


NAMES, HEAD, BODY = range(3)


def passages(record: dict[str, Any]) -> Iterator[Passage]:
    """Yield every text of a record that searching looks at, the most telling first."""
    yield Passage(NAMES, "标题", record["title"])
    for alias in record["aliases"]:
        yield Passage(NAMES, "别名", alias)
    if record["summary"]:
        yield Passage(HEAD, "摘要", record["summary"])
    for title, key in (("地点", "districts"), ("地点", "subdistricts")):
        for place in record[key]:
            yield Passage(HEAD, title, place["name"])
    for title, key in (("改革主题", "themes"), ("议题", "topics"), ("机制", "mechanisms")):
        for term in record[key]:
            yield Passage(HEAD, title, term["name"])
    for policy in record["policies"]:
        yield Passage(HEAD, "政策文件", policy["title"])
    for participation in record["participations"]:
        yield Passage(HEAD, "主体", participation["actor_name"])
        if participation["name"]:
            yield Passage(HEAD, "主体", participation["name"])
    for name, title in SECTION_TITLES.items():
        if record["sections"][name]:
            yield Passage(BODY, title, record["sections"][name])
    for figure in record["figures"]:
        value = f"{figure['value']}{figure['qualifier'] or ''}{figure['unit']}"
        yield Passage(BODY, "数据", f"{figure['label']} {value}")
    for evidence in record["evidence"]:
        if evidence["quotation"]:
            yield Passage(BODY, "引文", evidence["quotation"])
    for source in record["sources"]:
        yield Passage(BODY, "来源", source["title"])


@dataclass(frozen=True)
class Document:
    """The texts of one record as `written`, by tier, and what its names are typed as in pinyin."""

    names: list[str]
    head: list[str]
    body: list[str]
    names_pinyin: list[str]
    head_pinyin: list[str]

    @classmethod
    def of(cls, record: dict[str, Any]) -> "Document":
        texts: tuple[list[str], list[str], list[str]] = ([], [], [])
        for passage in passages(record):
            texts[passage.tier].append(written(passage.text))
        titles = (record["title"], *record["aliases"])
        heads = [place["name"] for place in (*record["districts"], *record["subdistricts"])]
        heads += [policy["title"] for policy in record["policies"]]
        return cls(*texts, _pinyin(titles), _pinyin(heads))


def _pinyin(names: Iterable[str]) -> list[str]:
    return [token for name in names for token in pinyin_tokens(name)]
