"""Which places an article names: of Shanghai by official name, short form and alias; others apart.

The longest name wins, then its neighbours decide: 静安寺 is a temple, 长宁路 a road, 杭州市西湖区
is elsewhere, and 祝桥村 belongs to 新场镇 whatever its name.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from . import elsewhere
from .article import HAN, SURNAMES, Article, listed, plain
from .gazetteer import Entry, Gazetteer, road_stem_of

_FUNCTION = frozenset(
    "在于到从自和与、及向赴往去来由经至为是如像有让把被对以据等原位省国的了过给跟同离距因当称即叫后前时年月日说内将们"
)
_PERSON_AFTER = re.compile(
    r"(?:说|表示|介绍|告诉|认为|坦言|回忆|同志|书记|先生|女士|老人|师傅|阿姨|大爷|医生|老师"
    r"|今年|等人|[,(]?\d+岁)"
)
_PERSON_SPEAKS = re.compile(
    r"(?:说|表示|介绍|告诉|坦言|回忆)(?:[,:]|[^,。]{0,6}“)|今年\d+岁|[,(]\d+岁"
)
_ROLES = (
    r"(?:居民|村民|业主|书记|主任|记者|队长|老党员|党员|志愿者|校长|老人|会长|站长|经理|教授|作者"
    r"|教师|老师|摊主|店主|民警|律师|名叫|叫)"
)
_ROLE_BEFORE = re.compile(rf"{_ROLES}$")
_PERSON_BEFORE = re.compile(rf"{_ROLES}[A-Za-z]?.?$")
# What follows a district, or a verb, and not the rest of a name.
_NO_GIVEN_NAME = "区县市镇人里各也都还就将已曾正可会能要有全多常"
_AFTER_NAME = re.compile(
    rf"[^{HAN}]|[说的和与等是在家今]|表示|介绍|告诉|认为|指出|分析|建议|提出|感慨|感叹|带|$"
)
_ROAD = r"(?:[东西南北中]?[一二三四]?(?:路|支路|街(?!道|镇)|大道|公路|高架|弄))"
# What makes of a short name the name of something else.
_NOT_DISTRICT = re.compile(
    rf"{_ROAD}|江(?!镇|湾)|寺|山(?!镇)|岛|钢|火车|高铁|地铁|站|机场|国际机场|航站|大学|学院"
    rf"|干部学院|中学|小学|古城"
    r"|银山|石化|卫(?!健|生|计)|铁路|足球|体育|大桥|隧道|高速|发展银行|银行|时报|报社|日报"
    r"|晚报|河|湖|海(?!派)|岭"
    r"|公园|宾馆|饭店|大厦|商厦|广场|医院|话|菜|籍|人(?:民(?!政府|法院|检察院))|嘴|软件园"
    r"|科技园|创意园|雕塑"
    r"|庙|塔|园林|新城|老街|县(?!委|政府)"
)
_MOUNTAIN = re.compile(r"[上下脚顶水云屯间]")
_OLD_COUNTIES = frozenset(
    ["jiading", "songjiang", "qingpu", "fengxian", "jinshan", "baoshan", "nanhui"]
)
# Short names of districts that are also a temple, a mountain, a county elsewhere or a first name.
_AMBIGUOUS = frozenset(listed("静安 普陀 长宁 宝山 金山 黄浦 嘉定 松江 南汇"))
_ADMINISTRATIVE = re.compile(
    r"(?:区|区委|区政府|街道|社区|居民|市民|警方|民政|城管|公安|检察|法院|房管|绿化|卫健"
    r"|文旅|教育局|市场监管|团委|团区委"
    r"|妇联|残联|工会|消防|各街|各镇|全区|推出|试点|率先|首创|探索|开展|推进|启动|两区|三区|四区)"
)
_LOCATED = re.compile(
    r"(?:上海|上海的|上海市|沪上|来自|位于|走进|地处|落户|落地|申城|同在|毗邻|家住|在)$"
)
_NOT_ELSEWHERE = re.compile(
    rf"{_ROAD}|大学|学院|银行|话|菜|籍|烤鸭|时间|大厦|饭店|宾馆|晚报|日报|晨报|河(?!县|区"
    rf"|北|南)|(?<=苏州)河|新村|公园|小吃|医院|楼(?!道|组)|湾"
    r"|人(?!民|大|口|才|社|工|员|士)|火车站|站|小区|家园|花园|苑|式|菜馆|方案"
)
_ORIGIN = re.compile(r"(?:来自|老家|原籍|祖籍|籍贯|出生于|出生在|生于|家乡)[^,。]{0,3}$")
_REST_ELSEWHERE = re.compile(
    rf"(?:[{HAN}]{{2,5}}?(?:街道|镇|(?<![老同家故他水])乡|村|社区|新区|工业园区|经济开发区|高新区|开发区"
    rf"|(?<![小社片园地城辖街景校山郊市])区|县))"
)
_ELSEWHERE_TOWN = re.compile(rf"[{HAN}]{{2,3}}(?:镇|乡|街道)")
# 和睦街道 is one name, and what stands after another 和 is another place.
_STOPS = re.compile(r"[在与及的等有了到是、]|和(?![睦平谐顺])")
_LEFT_OUT = re.compile(
    r"除了?([^,。;]{1,20}?)(?:以外|之外|外)(?=的|[,]?(?:其他|其余|均|都|全市|各))"
)
_NEWSPAPER = re.compile(r"《[^《》]{1,20}(?:报|周刊|杂志|月刊|学报)》")
# Ordinary words in which the name of a street or town may happen to stand.
_WEAK_STEMS = frozenset(
    listed(
        "建设 新村 中山 大桥 永丰 三星 中兴 友谊 新华 长征 新桥 新河 东平 绿华 海湾 长兴 向化 "
        "石化 万里 金海 庙 堡 唐 书院 建设 豫园 外滩 马桥 青村"
    )
)
_WORDY_RIGHT = re.compile(r"[级风域愁亲情土域容]")
_STEM_RIGHT = re.compile(
    r"[^\u4e00-\u9fff]|[的在推开打创设成建组有为将把探以让从也与和及等居率首试]|$"
)
_AND = ("、", "和", "与", "及", "以及")
_LIST_END = re.compile(
    rf"[{HAN}]{{2,5}}(?:(?:、|和|与|及|以及)[{HAN}]{{2,5}}){{0,8}}?"
    r"(?:等|[两三四五六七八九十\d]+个)*(?:街道|街镇|[镇乡])"
)
_STREETS_LISTED = re.compile(rf"推出|打造|探索|试点|[、和与][{HAN}、和与]{{2,20}}?街道")
# 唐镇路, 梅陇镇广场: what is only called after a town.
_AFTER_TOWN = re.compile(r"路(?!口|边)|港(?!口)|广场|酒家|饭店|公园站|站(?!点|长|在)")
_OFFICE = re.compile(
    rf"[{HAN}()]{{0,14}}?(?:书记|(?<!居民)(?<!社)区长(?!宁)|县长|镇长(?!期)|乡长|主任|部长|局长|处长|科长|所长|常委"
    rf"|负责人|工作人员)"
)
_DEED = re.compile(r"推出|打造|开展|探索|成立|建立|组建|设立|创新|启动")


@dataclass(frozen=True)
class Mention:
    """A place at a point of a text; `start`, `end` count in that text."""

    start: int
    end: int
    kind: str  # subdistrict, district, city (all Shanghai) or outside
    keys: tuple[str, ...] = ()
    name: str = ""
    # A village or estate, by which the street or town was found.
    locality: bool = False
    # The place only says whose officer somebody is.
    of_office: bool = False
    # The place only says where somebody comes from.
    of_origin: bool = False


@dataclass(frozen=True)
class Places:
    """What an article names, in its order.

    `mentions` are by paragraph, -1 for the title, -2 for what stands under it.
    """

    districts: tuple[str, ...] = ()
    subdistricts: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    mentions: dict[int, tuple[Mention, ...]] = field(default_factory=dict)
    # The article is about another city, though it may name Shanghai.
    about_elsewhere: bool = False

    @property
    def in_shanghai(self) -> bool:
        return bool(self.districts or self.subdistricts) or any(
            m.kind == "city" for found in self.mentions.values() for m in found
        )


def _in_title(text: str, at: int) -> bool:
    return text.rfind("《", 0, at) > text.rfind("》", 0, at)


def find_places(article: Article, gazetteer: Gazetteer) -> Places:
    texts = {
        -1: article.title,
        -2: article.subtitle,
        **{i: p.text for i, p in enumerate(article.paragraphs)},
    }
    flat = {index: plain(text) for index, text in texts.items()}
    whole = "\n".join(flat.values())
    known = {d.slug for d in gazetteer.districts.values() if d.name in whole}
    people = _people(whole, article, gazetteer)
    first = _Scanner(gazetteer, known, people, at_home=True)
    drawn = {index: first.scan(text) for index, text in flat.items()}
    about_elsewhere = _about_elsewhere(drawn)
    if about_elsewhere:
        second = _Scanner(gazetteer, known, people, at_home=False)
        drawn = {index: second.scan(text) for index, text in flat.items()}
    mentions = {index: tuple(found) for index, found in drawn.items()}
    districts: dict[str, None] = {}
    subdistricts: dict[str, None] = {}
    outside: dict[str, None] = {}
    for found in mentions.values():
        for m in found:
            if m.kind == "outside":
                outside[m.name] = None
            elif m.kind == "subdistrict":
                subdistricts.update(dict.fromkeys(m.keys))
            districts.update(dict.fromkeys(districts_of([m], gazetteer, article.date)))
    return Places(tuple(districts), tuple(subdistricts), tuple(outside), mentions, about_elsewhere)


def _people(whole: str, article: Article, gazetteer: Gazetteer) -> set[str]:
    """Return names of persons that begin or end like a district: 徐汇明, 李金山.

    Once is enough to tell: as an author, after 居民 and the like, or because somebody speaks.
    """
    shorts = [d.short for d in gazetteer.districts.values() if len(d.short) == 2]
    first = "|".join(short for short in shorts if short[0] in SURNAMES)
    pattern = re.compile(rf"(?=((?:{first})[{HAN}]|[{SURNAMES}](?:{'|'.join(shorts)})))")
    found = {name for name in article.authors if pattern.match(name)}
    for match in pattern.finditer(whole):
        name, end = match[1], match.end(1)
        if name[2] in _NO_GIVEN_NAME or name[2] in _FUNCTION:
            continue
        role = _ROLE_BEFORE.search(whole[max(0, match.start() - 6) : match.start()])
        if (role and _AFTER_NAME.match(whole, end)) or _PERSON_SPEAKS.match(whole, end):
            found.add(name)
    return found


def _about_elsewhere(drawn: dict[int, list[Mention]]) -> bool:
    """Say whether the article turns out to be about another city: it is scanned again as such."""

    def has(kinds: Iterable[str], index: int | None = None) -> bool:
        picked = drawn.values() if index is None else [drawn[index]]
        return any(m.kind in kinds for found in picked for m in found)

    of_shanghai = ("district", "city")
    return has(["outside"]) and (
        not has(of_shanghai)
        or (has(["outside"], -1) and not has((*of_shanghai, "subdistrict"), -1))
    )


def districts_of(mentions: Sequence[Mention], gazetteer: Gazetteer, date: str) -> list[str]:
    """Return the districts of these mentions: as they were called then, and today's."""
    found: dict[str, None] = {}
    for m in mentions:
        slugs: list[str] = []
        if m.kind == "district":
            slugs = list(m.keys)
        elif m.kind == "subdistrict":
            slugs = [gazetteer.subdistricts[code].district for code in m.keys]
        for slug in slugs:
            # 崇明 was a county until 2016-07; 闸北 is asked for by its name or not at all.
            for d in gazetteer.districts.values():
                same = d.merged_into == slug and d.short[:2] == gazetteer.districts[slug].short[:2]
                if same and date and d.dissolved and date[: len(d.dissolved)] < d.dissolved:
                    found[d.slug] = None
            found[slug] = None
            found[gazetteer.today(slug)] = None
    return list(found)


class _Scanner:
    """Reads text after text; remembers whether the talk is of Shanghai or of elsewhere."""

    def __init__(
        self, gazetteer: Gazetteer, known: set[str], people: set[str], *, at_home: bool
    ) -> None:
        self.gazetteer = gazetteer
        self.known = known
        self.people = people
        self.home = at_home
        # Counties that were named with their city or province before.
        self.told: set[str] = set()
        # What the streets and towns named before are called in short: 岳阳街道, then 岳阳.
        self.own: set[str] = set()
        self.at_home = at_home
        self.shared = elsewhere.shared_names()

    def scan(self, text: str) -> list[Mention]:
        blocked = [m.span() for m in _NEWSPAPER.finditer(text)]
        blocked += [m.span(1) for m in _LEFT_OUT.finditer(text)]
        blocked += [m.span() for name in self.people for m in re.finditer(name, text)]
        # In an article about elsewhere, Shanghai is the talk of one paragraph at most.
        self.at_home = self.at_home and self.home
        found: list[Mention] = []
        position = 0
        while position < len(text):
            mention = None
            entries = self.gazetteer.lexicon.get(text[position : position + 2], [])
            if self._goes_on_listing(text, position, found):
                # 天平、湖南两个街道: here 湖南 is a street.
                entries = sorted(entries, key=lambda e: e.kind != "stem")
            for entry in entries:
                if text.startswith(entry.name, position) and (
                    mention := self._accept(entry, text, position, found)
                ):
                    break
            if mention is None:
                position += 1
                continue
            position = mention.end
            if any(start <= mention.start < end for start, end in blocked):
                continue
            if found and mention.start <= found[-1].start:
                found.pop()  # A longer chain takes the place of its beginning.
            if mention.kind == "outside" and _ORIGIN.search(
                text[max(0, mention.start - 8) : mention.start]
            ):
                mention = replace(mention, of_origin=True)
            found.append(mention)
            if mention.kind != "outside":
                self.at_home = True
                for code in mention.keys if mention.kind == "subdistrict" else ():
                    stem = self.gazetteer.subdistricts[code].stem
                    self.own |= {stem, road_stem_of(stem)}
            elif not mention.of_origin:
                self.at_home = False
        return found

    def _accept(self, entry: Entry, text: str, start: int, found: list[Mention]) -> Mention | None:
        end = start + len(entry.name)
        chain = found[-1] if found and text[found[-1].end : start] in ("", "的", "·") else None
        if entry.kind == "stem" and self._goes_on_listing(text, start, found):
            district = self.gazetteer.subdistricts[found[-1].keys[0]].district
            of = self.gazetteer.subdistricts
            codes = tuple(c for c in entry.keys if of[c].district == district)
            return Mention(start, end, "subdistrict", codes, entry.name) if codes else None
        if chain and chain.kind == "outside" and entry.kind != "city":
            joined = text[chain.end : start] == ""
            # 《浙江省平安建设条例》: in a title its subject follows, which may look like a name.
            bare = entry.kind in ("part", "short", "stem")
            if joined and not (bare and _in_title(text, start)):
                if entry.kind == "part":
                    self.told.add(entry.name)
                return self._outside(text, chain.start, end)
        if entry.kind in ("free", "word", "part"):
            return self._elsewhere(entry, text, start, end, chain)
        accept = getattr(self, f"_{entry.kind}")
        mention: Mention | None = accept(entry, text, start, end, chain)
        return mention

    def _outside(self, text: str, start: int, end: int) -> Mention:
        for suffix in ("街道", "工业园区", "经济开发区", "高新区", "开发区"):
            if text.startswith(suffix, end):
                end += len(suffix)
        while True:
            # 江西省景德镇市: a name that is known goes before one that only ends like a name.
            if known := self._known_elsewhere(text, end):
                end += len(known)
                continue
            # 《杭州市城乡社区治理促进办法》: what follows in a title is its subject.
            rest = None if _in_title(text, start) else _REST_ELSEWHERE.match(text, end)
            if not rest or _STOPS.search(rest.group()) or rest.group().startswith(("市民", "社")):
                break
            end = rest.end()
        return Mention(start, end, "outside", (), text[start:end])

    def _known_elsewhere(self, text: str, at: int) -> str:
        """Return the full name of a city or county elsewhere that stands here, or ""."""
        group = self.gazetteer.lexicon.get(text[at : at + 2], ())
        names = (e.name for e in group if e.kind == "free" and e.name[-1] in "市区县")
        return next((name for name in names if text.startswith(name, at)), "")

    def _elsewhere(
        self, entry: Entry, text: str, start: int, end: int, chain: Mention | None
    ) -> Mention | None:
        before = text[start - 1] if start else ""
        if entry.name in self.own and not chain:
            return None
        told = entry.name in self.told and _ELSEWHERE_TOWN.match(text, end)
        if not (entry.kind == "free" or told) or _NOT_ELSEWHERE.match(text, end):
            return None
        if before and "\u4e00" <= before <= "\u9fff" and before not in _FUNCTION and not chain:
            # 湖北武汉 needs nothing before it.
            rest = self.gazetteer.lexicon.get(text[end : end + 2], ())
            if not any(e.kind == "free" and text.startswith(e.name, end) for e in rest):
                return None
        return self._outside(text, start, end)

    def _city(
        self, entry: Entry, text: str, start: int, end: int, chain: Mention | None
    ) -> Mention | None:
        if entry.name in ("全市", "本市") and not self.at_home:
            return None
        if re.compile(rf"{_ROAD}|大学|银行|话|菜").match(text, end):
            return None
        return Mention(start, end, "city", (), entry.name)

    def _district(
        self, entry: Entry, text: str, start: int, end: int, chain: Mention | None
    ) -> Mention | None:
        return self._named(Mention(start, end, "district", entry.keys, entry.name), text)

    def _short(
        self, entry: Entry, text: str, start: int, end: int, chain: Mention | None
    ) -> Mention | None:
        name, after = entry.name, text[end : end + 8]
        county = after.startswith("县") and set(entry.keys) <= _OLD_COUNTIES
        if not county and _NOT_DISTRICT.match(after):
            return None
        if name.endswith("山") and (
            _MOUNTAIN.match(after) or text[start - 1 : start] in ("旧", "鸭", "佛")
        ):
            return None
        if not self.at_home and not (chain and chain.kind == "city"):
            return None
        before = text[max(0, start - 6) : start]
        surname = bool(before) and before[-1] in SURNAMES and not chain
        if surname and (
            name in _AMBIGUOUS or _PERSON_AFTER.match(after) or _PERSON_BEFORE.search(before)
        ):
            return None
        mention = Mention(start, end, "district", entry.keys, name)
        if name not in _AMBIGUOUS or set(entry.keys) & self.known:
            return self._named(mention, text)
        listed = (chain and chain.kind in ("district", "city")) or self._in_list(text, start, end)
        if listed or _ADMINISTRATIVE.match(after) or _LOCATED.search(before):
            return self._named(mention, text)
        return None

    def _in_list(self, text: str, start: int, end: int) -> bool:
        """Say whether another district stands beside it: 徐汇、静安、长宁."""
        shorts = {d.short for d in self.gazetteer.districts.values()}
        names = shorts | {d.name for d in self.gazetteer.districts.values()}
        after = re.match(r"区?[、和与及到至]", text[end:])
        if after and text.startswith(tuple(names), end + after.end()):
            return True
        before = re.search(r"[、和与及到至]$", text[:start])
        return bool(before) and text[: start - 1].endswith(tuple(names))

    def _subdistrict(
        self, entry: Entry, text: str, start: int, end: int, chain: Mention | None
    ) -> Mention | None:
        before = text[start - 1 : start]
        if before and before in "外新大小" and not chain:
            return None
        if entry.name.endswith("镇") and _AFTER_TOWN.match(text, end):
            return None
        codes = self._consistent(entry.keys, chain)
        stem = entry.name.rstrip("街道镇乡")
        if not chain and (stem in _WEAK_STEMS or len(stem) < 2):
            if _WORDY_RIGHT.match(text, end):
                return None
            if "\u4e00" <= before <= "\u9fff" and before not in _FUNCTION:
                return None
        if not codes or (not chain and not self.at_home and entry.name in self.shared):
            return None
        return self._named(Mention(start, end, "subdistrict", codes, entry.name), text)

    def _locality(
        self, entry: Entry, text: str, start: int, end: int, chain: Mention | None
    ) -> Mention | None:
        if chain and chain.kind == "subdistrict" and not set(chain.keys) & set(entry.keys):
            return None
        codes = self._consistent(entry.keys, chain)
        if not codes or not self.at_home:
            return None
        return Mention(start, end, "subdistrict", codes, entry.name, locality=True)

    def _community(
        self, entry: Entry, text: str, start: int, end: int, chain: Mention | None
    ) -> Mention | None:
        """打浦桥社区 is the street where its district is named, else it may be any community."""
        codes = self._consistent(entry.keys, chain)
        if not chain:
            weak = entry.name.removesuffix("社区") in _WEAK_STEMS
            codes = tuple(c for c in codes if self._district_known(c)) if not weak else ()
        if len(codes) != 1 or not self.at_home:
            return None
        return self._named(Mention(start, end, "subdistrict", codes, entry.name), text)

    def _stem(
        self, entry: Entry, text: str, start: int, end: int, chain: Mention | None
    ) -> Mention | None:
        """浦东花木: the bare name counts right after its district."""
        if not chain or chain.kind != "district" or text[chain.end : start] != "":
            return None
        codes = self._consistent(entry.keys, chain)
        if len(codes) != 1 or entry.name in _WEAK_STEMS or not _STEM_RIGHT.match(text[end:]):
            return None
        # 普陀区长寿路100号 is a road; 静安区江宁路、石门二路街道 are not.
        if entry.name.endswith("路") and not _STREETS_LISTED.match(text, end):
            return None
        return Mention(start, end, "subdistrict", codes, entry.name)

    def _goes_on_listing(self, text: str, at: int, found: list[Mention]) -> bool:
        """Say whether the next of several streets or towns stands here: 莘庄、梅陇等镇."""
        if not found or found[-1].kind != "subdistrict" or text[found[-1].end : at] not in _AND:
            return False
        rest = _LIST_END.match(text, at)
        return bool(rest) and not found[-1].name.endswith(("街道", "镇", "乡"))

    def _district_known(self, code: str) -> bool:
        today = self.gazetteer.subdistricts[code].district
        return any(self.gazetteer.today(slug) == today for slug in self.known)

    def _consistent(self, codes: tuple[str, ...], chain: Mention | None) -> tuple[str, ...]:
        """Return those that lie in the district named just before, if one is."""
        if chain is None or chain.kind != "district":
            return codes
        within = {self.gazetteer.today(slug) for slug in chain.keys}
        return tuple(c for c in codes if self.gazetteer.subdistricts[c].district in within)

    def _named(self, mention: Mention, text: str) -> Mention:
        office = _OFFICE.match(text, mention.end)
        if office and not _DEED.search(office.group()):
            return Mention(
                mention.start, mention.end, mention.kind, mention.keys, mention.name, of_office=True
            )
        return mention
