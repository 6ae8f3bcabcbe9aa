"""《…》: which are policy documents, and which are newspapers, books, films and songs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .article import plain, quote
from .gazetteer import Gazetteer, PolicyName

_STATE = (
    r"(?:[((](?:试行|暂行|草案|征求意见稿|送审稿|修订草案|修订|修正|修正案|审议稿|讨论稿"
    r"|\d{4}年?[^()]{0,12}|[^()]{0,8}版)[))])*$"
)
_STRONG = re.compile(
    rf"(?:条例|办法|实施意见|指导意见|的意见|若干意见|规定|的通知|的决定|的决议|的批复"
    rf"|的通告|的公告|纲要|实施细则|细则|管理规范|导则|规程|准则|总则|通则"
    rf"|若干措施|行动方案|实施方案|工作方案|行动计划|实施计划|工作要点|工作指引|建设指南"
    rf"|规划|公报|民法典){_STATE}"
)
_WEAK = re.compile(
    rf"(?:意见|通知|决定|决议|方案|计划|标准|规范|指南|指引|清单|目录|措施|要点|规则|公告"
    rf"|通告|法|法典|白皮书|建议){_STATE}"
)
_OFFICIAL = re.compile(
    r"关于|上海市|本市|中华人民共和国|国家|全国|[\u4e00-\u9fff]{2}(?:区|市|省|新区)|管理"
    r"|工作|实施|建设|治理|发展|若干|服务|改革|十[二三四五]五|城乡|社区|街道|居民|基层"
)
_ISSUED = re.compile(
    r"(?:出台|印发|颁布|公布|发布|施行|实施|下发|制定|制订|根据|按照|依据|依照|依|贯彻|落实"
    r"|通过|修订|修改|执行|宣传|学习|审议|违反|起草|解读|编制)"
    r"[^。;《》]{0,16}$"
)
_WISHED = re.compile(
    r"(?:建议|呼吁|期待|希望|盼望)[^。;《》]{0,8}(?:出台|制定|制订)[^。;《》]{0,4}$"
)
_ISSUED_AFTER = re.compile(
    r"[^。;《》]{0,6}(?:出台|印发|颁布|公布|发布|施行|实施|生效|规定|明确|要求|提出|通过"
    r"|修订|修改|正式|全文|第\d+条|第[一二三四五六七八九十百]+条)"
)
_WORK = re.compile(
    r"(?:电影|影片|微电影|歌曲|主题歌|一首|沪剧|越剧|京剧|话剧|小品|舞蹈|小说|图书|专著"
    r"|著作|书籍|绘本|杂志|报纸|期刊|丛书|节目|栏目|纪录片|电视剧|微视频"
    r"|短片|合唱|演唱|演奏|表演|朗诵|排演|快板|画册|刊物|论文|文章|课程|读本|一书|名著|诗"
    r"|相声|专栏|自编自演的)[^。;,《》]{0,8}$"
)
_WORK_AFTER = re.compile(
    r"[^。;,《》]{0,3}(?:一书|这本书|这首歌|一歌|等歌曲|杂志|报道|一文|影片|剧组|首演|演出"
    r"|专栏|节目|微电影|纪录片|系列丛书|读本)"
)
_NOT_LAW = re.compile(
    r"(?:工作|兵|书|方|做|心|疗|想|看|魔|剑|刀|章|技|手|说|用|教|治|步|拳|画|唱|语|句|文|作"
    r"|打|玩|吃|养生)法$"
)
_PRESS = re.compile(r"(?:报|周刊|杂志|月刊|学报|年鉴|文摘|画报)$")
# A compact among residents or bodies is no policy document.
_PRIVATE = re.compile(
    r"(?:居民|楼道|楼组|小区|村民|自治|业主|文明|家庭|社区)(?:公约|章程)$|(?:倡议书|协议"
    r"|协议书|合同|承诺书|公开信)$"
)
_BARE = re.compile(
    r"(?:实施|指导|若干)?(?:意见|条例|办法|规定|通知|决定|方案|规划|纲要|细则|计划|标准"
    r"|规范|指南|措施|清单|公报)$"
)


@dataclass(frozen=True)
class FoundPolicy:
    """A document named at a point of a paragraph; `key` if the project knows it."""

    paragraph: int
    start: int
    end: int
    title: str
    quotation: str
    key: str = ""
    # Named within 《》, and so by its title; else by what people call it.
    titled: bool = True


def find_policies(text: str, gazetteer: Gazetteer, paragraph: int = 0) -> list[FoundPolicy]:
    flat = plain(text)
    known = _known(gazetteer)
    found: list[FoundPolicy] = []
    spans = list(_in_brackets(flat))
    for start, end in spans:
        inner = flat[start + 1 : end - 1]
        policy = known.get(_normal(inner))
        if policy or _is_policy(inner, flat[max(0, start - 24) : start], flat[end : end + 24]):
            title = " ".join(text[start + 1 : end - 1].split())
            quotation = quote(text, start, end)
            key = policy.key if policy else ""
            found.append(FoundPolicy(paragraph, start, end, title, quotation, key))
    for start, end, policy in _named(flat, gazetteer):
        if not any(s <= start < e for s, e in spans):
            quotation = quote(text, start, end)
            found.append(
                FoundPolicy(paragraph, start, end, policy.title, quotation, policy.key, False)
            )
    return sorted(found, key=lambda f: f.start)


def _in_brackets(flat: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each outermost 《…》."""
    depth, start = 0, 0
    for position, character in enumerate(flat):
        if character == "\n":
            depth = 0
        elif character == "《":
            start = position if depth == 0 else start
            depth += 1
        elif character == "》" and depth:
            depth -= 1
            if depth == 0:
                yield start, position + 1


def _is_policy(title: str, before: str, after: str) -> bool:
    if _PRESS.search(title) or _PRIVATE.search(title) or _BARE.fullmatch(title):
        return False
    if _WISHED.search(before) or _WORK.search(before) or _WORK_AFTER.match(after):
        return False
    if _NOT_LAW.search(title) and not title.startswith("中华人民共和国"):
        return False
    official = bool(_OFFICIAL.search(title))
    issued = bool(_ISSUED.search(before) or _ISSUED_AFTER.match(after))
    if _STRONG.search(title):
        return official or issued
    return (
        bool(_WEAK.search(title))
        and (
            title.startswith(("关于", "中华人民共和国"))
            or (official and issued)
            or (issued and len(title) >= 8)
        )
        or bool(
            re.search(
                r"(?:组织|管理|保护|促进|安全|保障|处罚|许可|义务教育|劳动|物权|合同|消防"
                r"|食品安全|慈善|宪)法$",
                title,
            )
        )
    )


def _normal(title: str) -> str:
    title = re.sub(r"[((][^()]*(?:修订|试行|暂行|修正)[^()]*[))]$", "", plain(title))
    return re.sub(r"[\s“”《》〈〉、,·]", "", title)


def _known(gazetteer: Gazetteer) -> dict[str, PolicyName]:
    known: dict[str, PolicyName] = {}
    for policy in gazetteer.policies:
        for name in (policy.title, *policy.aliases):
            known.setdefault(_normal(name), policy)
    known.pop("1+6", None)
    return known


def _named(flat: str, gazetteer: Gazetteer) -> Iterator[tuple[int, int, PolicyName]]:
    """Yield known documents named without 《》: by number, or by a name of their own."""
    for policy in gazetteer.policies:
        for name in (policy.number, policy.title, *policy.aliases):
            pattern = plain(name)
            if pattern == "1+6":
                # The set of documents, not some other 1+6.
                match = re.search(r"“?1\+6”?(?=系列|文件|改革|政策|配套)", flat)
            elif len(pattern) < 5:
                continue
            else:
                match = re.search(re.escape(pattern), flat)
            if match:
                yield match.start(), match.end(), policy
                break
