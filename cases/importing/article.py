"""An article as the rules read it, and the small tools that all of them share."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from cases.search.text import fold

QUOTATION_LENGTH = 60
_NEAR = 200
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯董萧曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段钱汤尹黎易武乔贺赖龚文施洪褚"
)
HAN = "\u3400-\u4dbf\u4e00-\u9fff〇"


@dataclass(frozen=True)
class Paragraph:
    """One paragraph; `number` counts the paragraphs of running text, from 1."""

    text: str
    kind: str = "text"  # or "heading", "caption"
    number: int = 0
    section: str = ""

    @property
    def locator(self) -> str:
        """Where a reader finds it, in words."""
        if self.kind == "heading":
            return f"小标题“{_short(self.text)}”"
        after = "后的图片说明" if self.kind == "caption" else ""
        place = f"第 {self.number} 段{after}" if self.number else "文首"
        return f"{place}（“{_short(self.section)}”一节）" if self.section else place


@dataclass(frozen=True)
class Article:
    title: str
    authors: tuple[str, ...] = ()
    publisher: str = ""
    date: str = ""  # ISO 8601, of the precision that is known
    url: str = ""
    paragraphs: tuple[Paragraph, ...] = ()
    # How it came: "text", "html" or "docx".
    form: str = "text"
    # What stands under the title.
    subtitle: str = ""


def listed(text: str) -> list[str]:
    """Return the words of a list that is written as one string, to be read at a glance."""
    return text.split()


def _short(text: str, length: int = 24) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1]}…"


class _Plain(dict[int, str]):
    """Code point -> one character: half width, simplified; quotation marks and 《》 stay."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        simple = unicodedata.normalize("NFKC", character)
        # 乾 is not always 干: 乾溪 is a place.
        if "\u3400" <= character <= "\u9fff" and character != "乾":
            simple = fold(character)
        elif simple in "﹣－−":
            simple = "-"
        elif simple.isspace() and character != "\n":
            simple = " "
        self[code] = simple if len(simple) == 1 else character
        return self[code]


_plain = _Plain({ord(a): b for a, b in zip("「」『』〝〞", "“”‘’“”", strict=True)})
_STRAIGHT = re.compile(r'"([^"\n]{1,200})"')


def plain(text: str) -> str:
    """Return the text in one notation, character for character, so that offsets still hold."""
    return _STRAIGHT.sub(r"“\1”", text.translate(_plain))


_SENTENCE = re.compile(r"(?:[^。!?;…\n]|…(?!…))+(?:[。!?;\n]|……)*[”’)]*|[。!?;…\n]+")
_CLAUSE_END = re.compile(r"[,。;:!?、…]+[”’)]*")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each sentence of a plain text; `;` ends one, as in an enumeration."""
    for match in _SENTENCE.finditer(text):
        if match.group().strip():
            yield match.span()


def window(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of at most 60 characters that quotes a fact, cut where clauses end."""
    # Looked at from near by: a paragraph may be long, and hold many facts.
    near = max(0, start - _NEAR)
    begin, finish = _window(text[near : end + _NEAR], start - near, end - near)
    return near + begin, near + finish


def _window(text: str, start: int, end: int) -> tuple[int, int]:
    flat = plain(text)
    first, last = 0, len(text)
    for s, e in sentences(flat):
        if s <= start < e:
            first, last = s, max(e, min(end, len(text)))
            break
    end = min(end, start + QUOTATION_LENGTH)
    stops = [first, *(m.end() for m in _CLAUSE_END.finditer(flat, first, last)), last]
    before = [stop for stop in stops if stop <= start and end - stop <= QUOTATION_LENGTH]
    begin = min(before) if before else max(first, start - (QUOTATION_LENGTH - (end - start)) // 2)
    after = [stop for stop in stops if end <= stop <= begin + QUOTATION_LENGTH]
    finish = max(after) if after else min(last, begin + QUOTATION_LENGTH)
    while begin < start and flat[begin] in " ,。;:!?、”’)\n":
        begin += 1
    while finish > end and flat[finish - 1] in " ,;:、\n":
        finish -= 1
    return begin, finish


def quote(text: str, start: int, end: int) -> str:
    begin, finish = window(text, start, end)
    return text[begin:finish]
