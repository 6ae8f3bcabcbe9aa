"""Lines → Article: which line is the title, who wrote it, where and when, and where it ends."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cases.models.dates import PARTIAL_DATE

from .article import HAN, SURNAMES, Article, Paragraph, plain, sentences

_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s*(?:年|[-/.])\s*(0?[1-9]|1[0-2])\s*(?:月|[-/.])\s*(0?[1-9]"
    r"|[12]\d|3[01])(?!\d)日?"
)
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)年(0?[1-9]|1[0-2])月(?=[\s|)]|$)")
# Who publishes or signs, by how such names end.
_BODY = re.compile(
    rf"[{HAN}]{{1,24}}(?:[报网刊社台厅局委办处]|杂志|观察|融媒|在线|频道|客户端|新闻|发布|政府|委员会|办公室"
    rf"|中心|协会|学会|联合会|研究会|研究院|联盟|联席会议|党委|党工委|街道)"
)
_OFFICES = re.compile(rf"[{HAN}]{{2,22}}(?:[局厅委]|政府|委员会|办公室|党委|党工委|街道办事处)")
_SOURCE = re.compile(
    r"(?:信息来源|稿件来源|文章来源|来源|稿源|转载自|发布单位|发布机构|发布者"
    r"|出处)\s*[::]\s*([^\s|,。;]{2,40})"
)
# 沈 洁: a name of two characters is often set as wide as one of three.
_WIDE = rf"(?<![{HAN}])([{HAN}]) {{1,2}}([{HAN}])(?![{HAN}])"
_EXCERPT = re.compile(
    r"(?:(?:摘自|选自|原载|转自)\s*|(?=《[^《》]{2,20}》(?:杂志|周刊)?\s*(?:(?:19|20)\d\d年)?第?\d+期))"
    r"《([^《》]{2,20})》(?:杂志|周刊)?\s*(?:(?:(?:19|20)\d\d年)?第?\d+期(?:\([上下]\))?)?"
)
_ISSUE_YEAR = re.compile(
    r"》(?:杂志|周刊)?\s*((?:19|20)\d\d)年第?\d+期|^\s*((?:19|20)\d\d)年第?\d+期\s*《", re.M
)
_ISSUE = re.compile(
    r"^\s*(?:19|20)\d\d年第?\d+期\s*《([^《》]{2,20})》(?:杂志|周刊)?(?=\s|$)", re.M
)
_ACCOUNT = re.compile(r"(?:[侧小札]记|纪实|纪事|见闻|[型动程新建治理践探走]记)$")
# Who speaks in an interview is told under its title.
_SPEAKER = re.compile(r"^(?:口述|讲述|受访|对话|采访对象|嘉宾)[人者]?\s*[::]")
# Such lines are not the rest of the line before.
_TOLD = re.compile(rf"^(?:[{HAN}]{{2}}[者人]|采访对象|时间|地点|整理|嘉宾|[问答])\s*[::]")
_NAME = rf"[{HAN}·]{{2,4}}(?![{HAN}·]{{0,3}}\s*:)"
_ROLES = re.compile(r"(?:本报)?(?:实习生|(?:实习|见习)?(?:记者|通讯员))")
_NAMES = rf"{_NAME}(?:[ 、,/]+(?:(?:本报)?(?:实习|见习)?(?:记者|通讯员)\s*)?{_NAME})*"
_PERSON = rf"[{SURNAMES}][{HAN}]{{1,2}}"
_AUTHOR = re.compile(
    rf"(?:(?m:^)\s*[■●◎◆□]\s*(?={_PERSON}(?:[ 、]+{_PERSON})*\s*(?m:$))"
    r"|(?:作者|撰文|撰稿|采写|采访|文字|供稿人?|文)\s*[::/丨|]"
    r"|(?:文\s*/\s*图|图\s*/\s*文|图文)\s*[::]?)"
    rf"\s*(?:(?:本[报刊网])?记者\s*)?({_NAMES})"
)
_REPORTER = re.compile(
    rf"(?:本报|本网|本刊|[{HAN}]{{2,8}}(?:网|报|社))?(?:首席|特约|实习|见习)?(?:记者"
    rf"|通讯员|撰稿人?)\s*[::]?\s*({_NAMES})"
)
_DATELINE = re.compile(
    rf"^(?:[{HAN}]{{0,8}}(?:讯|电)|([{HAN}]{{2,8}}(?:社|网"
    rf"|报))[{HAN}]{{0,6}}\d{{1,2}}月\d{{1,2}}日(?:电|讯)|本报讯)"
    rf"\s*[((]?(?:(?:本报|见习|实习|通讯员|首席)*记者\s*({_NAMES}))?"
)
_PAPER = re.compile(
    rf"(?:《(?P<journal>[^《》]{{2,12}})》(?:杂志|周刊)?|(?P<paper>[{HAN}]{{2,6}}(?:报|社|网)))"
    r"(?:首席|特约|实习|见习)?记者"
)
_LABEL = re.compile(
    r"^(标题|题目|作者|日期|时间|发布时间|发布日期|来源|发布者|发布单位"
    r"|原标题)\s*[::]\s*(.{1,120})$"
)
_BREADCRUMB = re.compile(
    r">>|>\s*\S+\s*>|^(?:首页|人民网首页|当前位置|您现在的位置|您的位置|返回首页|登录|注册|导航)"
)
_CHROME = re.compile(
    r"^(?:[{(【]?(?:手机看新闻|字号|字体|打印|分享|收藏|纠错|大|中|小|视力保护色|浏览次数"
    r"|阅读|点击)[::\d\s次】)]*)+$"
)
_END = re.compile(
    r"^(?:[•·\s]*(?:相关链接|相关阅读|相关新闻|相关报道|延伸阅读|推荐阅读|热门推荐|更多阅读"
    r"|往期(?:推荐|回顾|精选)"
    r"|猜你喜欢|上一篇|下一篇|版权声明"
    r"|免责声明|网友评论|最新评论|查看全部留言|打印本页|关闭窗口|扫一扫|分享到|返回顶部"
    r"|责任编辑|责编|编辑\s*[::]|值班编辑"
    r"|[\[((【]?\s*(?:责编|责任编辑|编辑|校对|审核)\s*[::])|copyright|©)",
    re.I,
)
_CAPTION = re.compile(
    r"(?:供图|供稿图|提供图片|资料图|摄影|[((][^()()]{0,24}(?:摄|供图|图))\s*[))]?\s*$"
    r"|^(?:图为|图片|图[::\d①-⑩]|▲|△)"
)
_ENUMERATED = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.]|[((][一二三四五六七八九十\d]{1,3}[))]"
    r"|\d{1,2}[、.](?!\d))"
)
_SENTENCE_END = re.compile(r"[。!?;…,::][”’)]*$")
_HEADING_LENGTH = 45
_HEAD_LINES = 16
_LONG_PARAGRAPH = 2000
_ADDRESS_DATE = re.compile(r"/((?:19|20)\d\d)[-/]?(0[1-9]|1[0-2])[-/]?(0[1-9]|[12]\d|3[01])(?!\d)")


@dataclass(frozen=True)
class Line:
    text: str
    heading: bool = False  # known to be one, from the markup
    caption: bool = False  # stands under a picture


def date_in(text: str) -> str:
    """Return the first date as ISO 8601, or ""."""
    match = _DATE.search(plain(text))
    if not match:
        return ""
    found = f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
    return found if PARTIAL_DATE.match(found) else ""


def authors_in(text: str) -> tuple[str, ...]:
    flat = re.sub(_WIDE, r"\1\2", plain(text))
    found: dict[str, None] = {}
    for pattern in (_AUTHOR, _REPORTER):
        for match in pattern.finditer(flat):
            # Who took the pictures stands after who wrote.
            names = _ROLES.sub(" ", match[1].split("摄影")[0])
            found.update(dict.fromkeys(n for n in re.split(r"[\s、,/]+", names) if n))
    return tuple(name for name in found if name not in _NO_NAMES)


_NO_NAMES = {
    "来源",
    "编辑",
    "时间",
    "日期",
    "上海",
    "报道",
    "摄影",
    "摄",
    "整理",
    "字号",
    "字体",
    "责编",
    "审核",
}


def _month_in(text: str) -> str:
    match = _MONTH.search(plain(text))
    return f"{match[1]}-{int(match[2]):02}" if match else ""


def publisher_in(text: str) -> str:
    flat = plain(text)
    match = _SOURCE.search(flat) or _EXCERPT.search(flat) or _ISSUE.search(flat)
    return match[1].strip("()《》 ") if match else ""


def signed_in(text: str) -> str:
    """Return who stands beside the day in one of these lines."""
    return _signed(text.split("\n"))


def _signed(lines: Sequence[str]) -> str:
    """Return who stands beside the day, as in 青浦报 2017-02-15, or in a line before it."""
    for number, line in enumerate(lines):
        rest, dated = _without_data(plain(line))
        if not dated:
            continue
        beside = re.split(r"[\s|丨·/()《》]+", rest)
        if number and not any(beside):
            beside = [plain(lines[number - 1]).strip()]
        for part in beside:
            if _BODY.fullmatch(part):
                return part
    return ""


def _is_signature(paragraphs: Sequence[Paragraph], index: int) -> bool:
    """Say whether a line is the day under the name of an office."""
    day = _DATE.fullmatch(plain(paragraphs[index].text).strip(" ()"))
    return bool(day and index and _BODY.fullmatch(plain(paragraphs[index - 1].text).strip()))


def from_lines(text: str, url: str = "") -> Article:
    lines = [Line(line.lstrip("# "), line.startswith("#")) for line in _joined(text)]
    return build(lines, url, "text")


def _joined(text: str) -> list[str]:
    """Return one string a paragraph; lines that were only wrapped are put together again."""
    paragraphs: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        rows = [row for row in block.split("\n") if row.strip()]
        longest = max((len(row.strip()) for row in rows), default=0)
        full = [row for row in rows[:-1] if len(row.strip()) >= longest * 0.9]
        wrapped = 20 <= longest <= 60 and len(full) * 2 > len(rows) - 1 and len(rows) > 2
        parts: list[str] = []
        for number, row in enumerate(rows):
            before = rows[number - 1].rstrip() if number else ""
            goes_on = (
                wrapped
                and before
                and len(before.strip()) >= longest * 0.9
                and not re.search(r"[。!?!?;;]”?$", before)
                and not row.startswith(("　", "    ", "•", "-"))
                and not is_data(row)
                and not _TOLD.match(plain(row).strip())
                and not by_line(row)
            )
            if goes_on and parts:
                parts[-1] += row.strip()
            else:
                parts.append(row.strip())
        paragraphs += parts
    return paragraphs


def build(
    lines: Sequence[Line],
    url: str = "",
    form: str = "text",
    *,
    title: str = "",
    authors: Sequence[str] = (),
    publisher: str = "",
    date: str = "",
) -> Article:
    """Put an article together; what the caller knows already stands, the rest is looked for."""
    rest = [line for line in lines if line.text.strip()]
    body = 0
    head: list[str] = []
    for number, line in enumerate(rest[:_HEAD_LINES]):
        if number and _begins_a_list(line.text):
            break
        if _is_running(line.text):
            if number and _is_abstract(rest, number):
                continue
            break
        if is_data(line.text) or (title and _same(line.text, title)):
            head = [item.text for item in rest[: number + 1]]
            body = number + 1
    if not head and not title and len(rest) > 1 and _are_bodies(rest[0].text):
        # Those who issue a notice stand above its title.
        head, body = [line.text for line in rest[:2]], 2
    elif not head and rest and not title and (rest[0].heading or _may_be_title(rest)):
        head, body = [rest[0].text], 1
    labels = {m[1]: m[2].strip() for text in head if (m := _LABEL.match(plain(text)))}
    data = "\n".join(text for text in head if is_data(text))
    if not title:
        title, by_line = _title(head, labels)
        authors = authors or by_line
    summary = [line for line in rest[:body] if _is_running(line.text)]
    paragraphs, signature, tail = _paragraphs([*summary, *rest[body:]], title)
    # A notice is signed before what it sends round.
    signature += [
        paragraph.text
        for index in range(len(paragraphs))
        if _is_signature(paragraphs, index)
        for paragraph in paragraphs[index - 1 : index + 1]
    ]
    opening = paragraphs[0].text if paragraphs else ""
    dateline = _DATELINE.match(plain(opening[:80]))
    authors = (
        tuple(authors)
        or authors_in(data)
        or (_split(dateline[2]) if dateline and dateline[2] else ())
        or authors_in("\n".join(signature))
        or authors_in(tail)
    )
    paper = _PAPER.search(plain("\n".join(t for t in head if is_data(t) or authors_in(t))))
    publisher = (
        publisher
        or publisher_in(data)
        or (dateline[1] if dateline else "")
        or (paper["journal"] or paper["paper"] if paper else "")
        or _signed(data.split("\n"))
        or _signed(signature)
        or publisher_in("\n".join(signature))
        or next((plain(text).split()[0] for text in head if _are_bodies(text)), "")
    )
    told = "\n".join(signature)
    date = date or date_in(data) or date_in(told) or date_in(tail) or _date_in_address(url)
    day = next((p.text for p in paragraphs if _DATE.fullmatch(plain(p.text).strip())), "")
    date = date or date_in(day) or _month_in(data) or _month_in(told)
    issue = _ISSUE_YEAR.search(plain(f"{data}\n{told}"))
    date = date or (issue[1] or issue[2] if issue else "")
    return Article(
        title=" ".join(title.split())[:200],
        subtitle=_subtitle(head, title)[:200],
        authors=tuple(dict.fromkeys(authors)),
        publisher=(publisher or "")[:100],
        date=date,
        url=url,
        paragraphs=tuple(paragraphs),
        form=form,
    )


def _split(names: str) -> tuple[str, ...]:
    parts = re.split(r"[\s、,/]+", _ROLES.sub(" ", names))
    return tuple(name for name in parts if name and name not in _NO_NAMES)


def _is_running(text: str) -> bool:
    """Say whether this is the article's own text."""
    flat = plain(text)
    if _LABEL.match(flat):
        return False
    whole = len(flat) > 25 and flat.rstrip().endswith("。")
    return whole or len(flat) > 60 and bool(re.search(r"[。;!?]", flat))


def _is_abstract(lines: Sequence[Line], number: int) -> bool:
    """Say whether the next line tells source or author: what stands before it sums up."""
    after = lines[number + 1].text if number + 2 < len(lines) else ""
    known = _SOURCE.search(plain(after)) or authors_in(after)
    return bool(known) and is_data(after)


def _begins_a_list(text: str) -> bool:
    """Say whether this is whom a notice addresses, or the first of what it counts up."""
    flat = plain(text).strip()
    return bool(_ENUMERATED.match(flat)) or (flat.endswith(":") and not is_data(text))


def is_data(text: str) -> bool:
    """Say whether the line only tells date, source or author."""
    flat = plain(text.strip())
    if len(flat) > 120 or re.search(r"。.", flat):
        return False
    if _LABEL.match(flat):
        return True
    rest, dated = _without_data(flat)
    changed = len(flat) - len(rest.strip()) > 4
    return changed and len("".join(rest.split())) <= (24 if dated else 8)


def _without_data(flat: str) -> tuple[str, bool]:
    """Return what a line says besides date, source and author, and whether it has a date."""
    flat = re.sub(_WIDE, r"\1\2", flat)
    rest = _DATE.sub(" ", flat)
    if not re.search(r"[,。;]", flat):
        rest = _MONTH.sub(" ", rest)
    dated = rest != flat
    rest = re.sub(r"\d{1,2}:\d\d(?::\d\d)?", " ", rest)
    for pattern in (_SOURCE, _EXCERPT, _ISSUE, _AUTHOR, _REPORTER):
        rest = pattern.sub(" ", rest)
    rest = re.sub(
        r"(?:发布|更新|发表|刊发)?(?:时间|日期)\s*[::]?|手机看新闻|字号|字体|阅读\S*|浏览\S*|\(以下简称[^()]*\)",
        " ",
        rest,
    )
    return rest, dated


def _are_bodies(text: str) -> bool:
    """Say whether a line is only of offices: 某市民政局 某市财政局."""
    parts = plain(text).split()
    return bool(parts) and all(len(p) >= 4 and _OFFICES.fullmatch(p) for p in parts)


def _may_be_title(lines: Sequence[Line]) -> bool:
    flat = plain(lines[0].text)
    return len(lines) > 1 and len(flat) <= 60 and not re.search(r"[。;,]$|。", flat)


def _same(a: str, b: str) -> bool:
    return "".join(plain(a).split()) == "".join(plain(b).split())


def _title(head: Sequence[str], labels: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the title, which stands last before the data, and names in a line of their own."""
    if named := labels.get("标题") or labels.get("题目"):
        return named, ()
    candidates = [
        text
        for text in head
        if not (is_data(text) or _is_running(text) or _BREADCRUMB.search(plain(text)))
    ]
    candidates = [
        text
        for text in candidates
        if not _CHROME.match(plain(text).strip()) and not _SPEAKER.match(plain(text).strip())
    ]
    names: tuple[str, ...] = ()
    if len(candidates) > 1 and (found := by_line(candidates[-1])):
        names = found
        candidates.pop()
    while len(candidates) > 1 and _is_subtitle(candidates[-1], candidates[-2]):
        candidates.pop()
    # A rubric such as “要闻” is shorter than a title.
    longer = [text for text in candidates if len(text.strip()) >= 6]
    return (longer or candidates or [""])[-1].strip(), names


def _is_subtitle(text: str, before: str) -> bool:
    """Say whether a line stands under the title: after a dash, or as 某街道社区治理侧记."""
    if text.strip().startswith(("—", "-", "(", "(", "【")) or _SPEAKER.match(plain(text).strip()):
        return True
    return bool(_ACCOUNT.search(plain(text).strip())) and len(before.strip()) >= 8


def _subtitle(head: Sequence[str], title: str) -> str:
    """Return what stands under the title, which often says where all of it happened."""
    at = next((n for n, text in enumerate(head) if _same(text, title)), len(head))
    under = (text.strip() for text in head[at + 1 :] if not is_data(text))
    return next((text for text in under if _is_subtitle(text, title)), "")


def by_line(text: str) -> tuple[str, ...]:
    flat = re.sub(_WIDE, r"\1\2", plain(text).strip())
    if found := authors_in(flat):
        return found
    return _split(flat) if len(flat) <= 30 and re.fullmatch(_NAMES, flat) else ()


def _date_in_address(url: str) -> str:
    match = _ADDRESS_DATE.search(url)
    return f"{match[1]}-{match[2]}-{match[3]}" if match else ""


def _paragraphs(lines: Sequence[Line], title: str) -> tuple[list[Paragraph], list[str], str]:
    """Return the paragraphs up to where the page's own links begin, the lines that sign the
    text, and what stands after."""
    found: list[Paragraph] = []
    number, section = 0, ""
    for index, line in enumerate(lines):
        text = line.text.strip()
        flat = plain(text)
        if _END.match(flat) and number:
            signature = _take_signature(found)
            return found, signature, "\n".join(item.text for item in lines[index:])
        if _CHROME.match(flat) or (title and _same(text, title)):
            continue
        last = index == len(lines) - 1
        under = line.caption and len(flat) <= 60 and not _SENTENCE_END.search(flat)
        if (under or _CAPTION.search(flat) and len(flat) <= 90) and not line.heading:
            found.append(Paragraph(text, "caption", number, section))
        elif line.heading or (not last and _is_heading(flat) and not _is_item(lines, index)):
            section = text
            found.append(Paragraph(text, "heading", number, section))
        else:
            for part in _parts(text):
                number += 1
                found.append(Paragraph(part, "text", number, section))
    return found, _take_signature(found), ""


def _parts(text: str) -> Iterator[str]:
    """Cut a text without paragraphs where sentences end: the rules look at one at a time."""
    begin = 0
    for _, end in sentences(plain(text)) if len(text) > _LONG_PARAGRAPH else ():
        while end - begin > 2 * _LONG_PARAGRAPH:
            yield text[begin : begin + 2 * _LONG_PARAGRAPH]
            begin += 2 * _LONG_PARAGRAPH
        if end - begin >= _LONG_PARAGRAPH:
            yield text[begin:end]
            begin = end
    if begin < len(text):
        yield text[begin:]


def _is_heading(flat: str) -> bool:
    if len(flat) > _HEADING_LENGTH or _SENTENCE_END.search(flat):
        return False
    return bool(_ENUMERATED.match(flat)) or not re.search(r"[。;]|^•|^“.*”$", flat)


def _is_item(lines: Sequence[Line], index: int) -> bool:
    """Say whether the line is one of a list: its neighbour counts on in the same way."""
    kinds = [_counter(line.text) for line in lines[max(0, index - 1) : index + 2]]
    own = _counter(lines[index].text)
    return bool(own) and kinds.count(own) > 1 or _is_row(lines, index)


def _is_row(lines: Sequence[Line], index: int) -> bool:
    """Say whether the line is one of four short ones and not their last.

    A heading has text under it, if perhaps below a second one.
    """
    first = last = index
    while first > max(0, index - 3) and _is_heading(plain(lines[first - 1].text.strip())):
        first -= 1
    while last < min(len(lines) - 1, index + 3) and _is_heading(
        plain(lines[last + 1].text.strip())
    ):
        last += 1
    return last - first >= 3 and last > index


def _counter(text: str) -> str:
    """Return how a line counts: 一、 and （一） and 1. are levels of their own."""
    match = _ENUMERATED.match(plain(text).strip())
    return (
        re.sub(r"[一二三四五六七八九十]+", "一", re.sub(r"\d+", "1", match.group()))
        if match
        else ""
    )


def _take_signature(found: list[Paragraph]) -> list[str]:
    """Take last lines that only name the author, the office or the day off the text."""
    signature: list[str] = []
    while found and (
        is_data(found[-1].text) or re.fullmatch(r"\(.{2,30}\)", plain(found[-1].text))
    ):
        flat = plain(found[-1].text)
        if found[-1].kind == "caption" or not (
            date_in(flat) or _month_in(flat) or authors_in(flat) or _EXCERPT.search(flat)
        ):
            break
        lines = 2 if _is_signature(found, len(found) - 1) else 1
        signature = [p.text for p in found[-lines:]] + signature
        del found[-lines:]
    return signature
