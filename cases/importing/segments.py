"""Paragraphs → passages about one place each, and how much each looks like a case."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .article import HAN, Article, plain, sentences
from .gazetteer import Gazetteer
from .names import VERB, Name, find_names
from .places import Mention, Places
from .words import TOPICS

_OUTCOME = re.compile(
    r"解决|化解|效果|成效|受益|方便|满意|破解|改善|好评|欢迎|上线|惠及|实现|减少|下降|提高"
    r"|提升|缓解|整洁|覆盖|荣获|获评|投用|启用|养眼|新路|认可|不再|吸引"
)
_PRACTICE = re.compile(
    rf"{VERB.pattern}|走访|整合|答疑|治理|改造|整治|认领|牵头|自治|试行|化解|解决|招募|协商"
    rf"|说了算|聘请|盘活|腾出|变成|设计|制订|约定|上门|协调|联合|开放|引导|发动|动员|鼓励"
    rf"|邀请|自发|摸索|调解|联手|共享|设有|建有|配备"
)
_TALK = re.compile(
    r"座谈会|交流会|论坛|峰会|培训班|推进会|研讨会|新闻发布会|指出|强调|视察|人代会|党代会"
    r"|全体会议|工作会议|会议(?:要求|指出|强调)|与会代表|致辞|印发|颁布|下发|拘留|嫌疑人|判处|火灾|车祸|气温|楼盘|房价|开盘"
    r"|股份|签约仪式|招聘会"
    r"|下一步|取经|前来(?:学习|参观|考察)|参观学习|也在(?:学习|筹备|谋划)|同样的(?:办法|做法)"
    r"|同比增长|生产总值|降雨|台风|肇事|起诉|比赛|夺冠"
)
_TOPIC = re.compile("|".join(saying for saying, _ in TOPICS.values()))
_CLAUSE_START = re.compile(
    r"(?:^|[,。;:!?、)”\n])\s*(?:而|在|如|像|又如|再如|比如|例如|其中|以及|还有)?,?\s*$"
)
_CONTINUES = re.compile(
    r"^(?:对此|该|此外|同时|据悉|据了解|目前|如今|此|其|“|为此|随后|接下来|街道|居民|他|她"
    r"|不仅|除了|通过|这)"
)
NEW_ITEM = re.compile(r"还有|另一|另外|此外|除此之外|与此同时|同样")
# 石化街道、山阳镇的干部都来看过: whence visitors come, not where the practice is; and what has
# nothing to do with it.
_VISITS = re.compile(
    r"[^。;!?,]{0,3}?(?:没有关系|毫无关系|无关|不是一回事)|[^。;!?,]{0,24}?(?:(?:都|也|纷纷|先后|专程|慕名|派人)来|来过|前来(?:学习|参观|考察|取经)|取经)"
)
_CITY_START = 60
_BEGINS = 16
_LEAD_LENGTH = 60


@dataclass(frozen=True)
class Segment:
    """A run of sentences of one paragraph about the same place."""

    paragraph: int
    start: int
    end: int
    text: str
    mentions: tuple[Mention, ...] = ()  # of Shanghai, and not only somebody's office
    names: tuple[Name, ...] = ()
    outside: bool = False
    city: bool = False
    # The place was taken over from the heading or the title.
    inherited: bool = False
    points: tuple[str, ...] = field(default=())

    @property
    def subdistricts(self) -> tuple[str, ...]:
        found = (code for m in self.mentions if m.kind == "subdistrict" for code in m.keys)
        return tuple(dict.fromkeys(found))

    @property
    def district_slugs(self) -> tuple[str, ...]:
        found = (slug for m in self.mentions if m.kind == "district" for slug in m.keys)
        return tuple(dict.fromkeys(found))

    @property
    def begins_with_place(self) -> bool:
        if not self.mentions or self.inherited:
            return False
        before = plain(self.text[: self.mentions[0].start - self.start])
        return len(before) <= _BEGINS or bool(_CLAUSE_START.search(before))

    @property
    def strength(self) -> int:
        return max((n.strength for n in self.names), default=0)

    @property
    def is_continuation(self) -> bool:
        return bool(_CONTINUES.match(self.text.strip()))

    @property
    def has_practice(self) -> bool:
        return self.strength >= 2 or bool(_PRACTICE.search(plain(self.text)))

    @property
    def score(self) -> int:
        """How much the passage looks like the account of a practice; 4 and more is one."""
        flat = plain(self.text)
        points = {3: 3, 2: 2}.get(self.strength, 0)
        points += bool(_PRACTICE.search(flat)) + bool(_TOPIC.search(flat))
        points += bool(_OUTCOME.search(flat)) + bool(self.subdistricts) + self.begins_with_place
        return points - 2 * bool(_TALK.search(flat))


def segments_of(
    article: Article, index: int, places: Places, gazetteer: Gazetteer
) -> list[Segment]:
    """Return the paragraph's passages in order; together they are the whole of it."""
    text = article.paragraphs[index].text
    flat = plain(text)
    mentions = places.mentions.get(index, ())
    names = find_names(text)
    found: list[Segment] = []
    for start, end in _pieces(flat, mentions, names):
        inside = [m for m in mentions if start <= m.start < end]
        here = tuple(
            m
            for m in inside
            if m.kind in ("district", "subdistrict")
            and not (m.of_office or _VISITS.match(flat, m.end))
        )
        if places.about_elsewhere and inside and inside[0].kind == "outside":
            # Of a partner in Shanghai: 民治街道与塘桥街道结成友好社区 is told of the former.
            here = ()
        piece = Segment(
            index,
            start,
            end,
            text[start:end],
            here,
            tuple(n for n in names if start <= n.start < end),
            outside=not here and any(m.kind == "outside" and not m.of_origin for m in inside),
            city=not here
            and any(
                m.kind == "city"
                and m.start - start <= _CITY_START
                and bool(_CLAUSE_START.search(flat[start : m.start]))
                for m in inside
            ),
        )
        if found and _leads_up(found, piece):
            lead = found.pop()
            found.append(
                replace(
                    piece,
                    start=lead.start,
                    text=text[lead.start : end],
                    names=lead.names + piece.names,
                )
            )
        elif found and not _elsewhere(found[-1], piece, gazetteer):
            before = found[-1]
            found[-1] = replace(
                before,
                end=end,
                text=text[before.start : end],
                mentions=before.mentions + piece.mentions,
                names=before.names + piece.names,
            )
        else:
            found.append(piece)
    return found


def _leads_up(found: Sequence[Segment], piece: Segment) -> bool:
    """Say whether the paragraph's first sentence only leads up to the place after it."""
    lead = found[0]
    return (
        len(found) == 1
        and bool(piece.mentions)
        and not (lead.mentions or lead.outside or lead.city or lead.is_continuation)
        and len(lead.text) <= _LEAD_LENGTH
        and not plain(lead.text).endswith(":")
    )


def _elsewhere(before: Segment, piece: Segment, gazetteer: Gazetteer) -> bool:
    """Say whether the piece goes on to another place."""
    if piece.outside != before.outside:
        return piece.outside or bool(piece.mentions)
    if not piece.mentions:
        return False
    if not before.mentions:
        return True
    if piece.subdistricts:
        return set(piece.subdistricts) != set(before.subdistricts)
    within = {gazetteer.today(slug) for slug in before.district_slugs}
    within |= {gazetteer.subdistricts[code].district for code in before.subdistricts}
    return not {gazetteer.today(slug) for slug in piece.district_slugs} <= within


def _pieces(flat: str, mentions: Sequence[Mention], names: Sequence[Name]) -> list[tuple[int, int]]:
    """Return sentences, cut once more where one sentence tells of one place after another."""
    pieces: list[tuple[int, int]] = []
    for start, end in sentences(flat):
        # 徐汇区、静安区 are one list; 静安区江宁路街道 is one place.
        cuts = [
            m.start
            for m in mentions
            if start < m.start < end
            and m.kind in ("district", "subdistrict")
            and not m.of_office
            and _CLAUSE_START.search(flat[start : m.start])
        ]
        begin = start
        opening = next(
            (
                m.start
                for m in mentions
                if start < m.start < end and m.kind in ("district", "subdistrict")
            ),
            start,
        )
        if opening > start and flat[opening - 1] == ":":
            # 其中包括:黄浦区… : what stands before is about all of them.
            pieces.append((start, opening))
            begin = opening
        for position, cut in enumerate(cuts):
            following = cuts[position + 1] if position + 1 < len(cuts) else end
            first = any(begin <= m.start < cut for m in mentions)
            if first and _tells(flat, begin, cut, names) and _tells(flat, cut, following, names):
                pieces.append((begin, cut))
                begin = cut
        pieces.append((begin, end))
    return pieces


def _tells(flat: str, start: int, end: int, names: Sequence[Name]) -> bool:
    if end - start < 8:
        return False
    return any(start <= n.start < end and n.strength >= 2 for n in names) or bool(
        _PRACTICE.search(flat, start, end) and re.search(rf"[{HAN}]{{8}}", flat[start:end])
    )
