"""Figures: a number, its unit, what is counted and when. Ages, addresses, dates are none."""

import re
from dataclasses import dataclass, replace

from .article import HAN, listed, plain, quote
from .numerals import Number, numbers, read_chinese

# The longest first: 人次 before 人, 平方米 before 米.
_UNITS = sorted(
    listed(
        "个百分点 平方公里 平方千米 平方米 立方米 个工作日 人次 户次 场次 车次 件次 班次 家次 "
        "课时 学时 小时 分钟 公里 千米 公顷 公斤 千克 个 名 人 位 户 家 场 次 项 件 条 处 套 幢 栋 "
        "座 只 支 张 台 辆 本 篇 册 部 门 间 所 片 块 面 米 亩 吨 元 天 组 对 批 期 轮 类 种 "
        "堂 节 份 封 桶 箱 把 盏 根 棵 株 盆 杯 餐 顿 宗 起 例 笔 团 队 款 道 段 代 倍 成 % ‰ "
        "副 幅 ㎡ m² km 平米 个月 年 周 声 句 枚 艘 架 匹 头 口 股 卷 站 档"
    ),
    key=len,
    reverse=True,
)
# Those that begin other words as well: 5样设备, but 20样本 is none.
_OTHER_UNITS = (
    r"样(?![本板品])|客(?![户人流房商厅机栈车服座运])|桌(?![面椅子])|双(?![方向休重创减])"
)
_UNIT = re.compile(f"{'|'.join(map(re.escape, _UNITS))}|{_OTHER_UNITS}")
# What may be counted without a measure word, and the unit it then has.
_BARE = (
    (
        re.compile(
            r"(?:常住|户籍|流动|老年|外来)?人口|居民|市民|村民|党员|志愿者|老人|学生|职工"
            r"|用户|人群|群众|业主|白领|租客|骑手|员工|青年|儿童|游客"
        ),
        "人",
    ),
    (re.compile(r"户?家庭"), "户"),
    (re.compile(r"(?:大|小|家)?企业|商户"), "家"),
    (re.compile(r"小区|社区|街镇|村|居民区|楼组|网格|车位|床位|岗位|站点"), "个"),
)
_PEOPLE = re.compile(
    r"(?:人口|人员|居民|党员|老人|职工|用户|志愿者)(?:总数|数量|数)?(?:约|近|超|达|有|共|已)*$"
)
_NOT_AFTER = re.compile(
    r"\s*(?:岁|周岁|旬|后(?![,。])|号|弄|室|单元|栋\d|路(?:公交|车)|号线|届|月|日(?!均)|点"
    r"|时(?!间)|秒|世纪|年代|楼|层|版|中全会"
    r"|[:]\d|[+×xX/]|[A-Za-z]|次会议|次全会|次全体|大报告|大精神|级(?!台阶)|-|热线|平台"
    r"|方面|环节|层面|维度)"
)
_NOT_BEFORE = re.compile(
    r"(?:第|相隔|相距|[+×/:.(]|\d[-—]|[A-Za-z]-?|(?<![目以之])前|No\.?|十二届|党的|年过|年近|年满"
    r"|年逾|编号|电话"
    r"|热线|拨打|手机|号码|弄|(?<![修筑铺])路)$"
)
_ABSTRACT = re.compile(
    r"(?:大|个|类|种|项|条|级|方面|环节|层面|重)?(?:方面|环节|层面|问题|难题|原则|阶段|意识"
    r"|自信|维度|特点|优势|转变|关键|重点|层次"
    r"|抓手|要素|步骤|统一|结合|字|词|关系|梦|声音|目标|月|时代|世界|城市(?!书房)|家|账"
    r"|人(?!次)|小时|心)"
)
# An indefinite “some”: 一个、两种 are not data.
_SMALL = 10
_DURATION = {"年", "个月", "天", "周", "小时", "分钟", "个工作日"}
_SHORTENED = re.compile(
    r"(?:缩短|压缩|减少|仅需|只需|只要|仅用|只用|用时|不超过|控制在|降|提速|耗时|全程|办结|完成|响应"
    r"|连续|坚持)[^,。;]{0,12}$"
)
_WITHIN = re.compile(
    r"(?:之内|以内|内)(?:必须|可|能|就|即|便)?"
    r"(?:上门|到达|赶到|到场|响应|回应|回复|答复|反馈|办结|完成|处置|解决|送达)"
)
_CONSECUTIVE = re.compile(r"(?:连续|连着|已连续|连续举办|坚持了?)$")
_ORDINAL_ITEM = re.compile(r"(?:^|[\n。;])\s*$")
_MORE_OR_LESS = re.compile(r"以上|以下|以内|左右|不等|之多|(?<=成)多")
_PERIOD = re.compile(
    r"(?:截至|截止|到|至)?(?:去年底|今年底|目前)?(?:(?:19"
    r"|20)\d\d年(?:\d{1,2}月(?:\d{1,2}日)?|全年|底|初|上半年|下半年)?)"
    r"(?:以来|起)?|(?:去年|今年|前年|近年来|每年|每月|每周|上半年"
    r"|下半年)(?:\d{1,2}月)?(?:以来|全年|底|初)?"
)
_NOUN_END = re.compile(
    r"参与|参加|参观|定岗|进行|开展|提供|实现|完成|在(?!职|线|校|册)|被|已|将|可(?!回收)|正"
    r"|由|向|对(?!接|象|口)|从|到(?!位)|都|均|也|让|使(?!用)|把|给"
    r"|前来|加入|受益|获(?!得感)|享受|成为|入驻|投入|上门|共同|分别|分布|以及|和|与"
    r"|及(?!时)|是|有|为(?!老|民)|来(?!沪)|后|内|左右|以上|以下|以内|之多|不等"
    r"|组成|建成|报名|推广|上线|减少|增加|增[至到]|[升降][至到]|涨|提高|上升|下降|缩短|缩减|压减|精简|得到|已经|发展|养成|签|形成"
    r"|全部|轮流|值守|坚持|拿到|用上|建立|代办|住进|进入|认领|签约|走进|通过|顺利|先后|陆续"
    r"|成立|设立|安装|上报|改成|改建|变成|里|的"
)
_PAID = re.compile(r"(投入|出资|筹集|筹资|募集|捐款|捐赠|补贴|资助|奖励|缴纳|收费)[^,。;]{0,6}$")
_TRIM_LABEL = re.compile(
    r"(?:共计|总共|共有|一共|累计|合计|总计|共|达到|达|多达|高达|约为|约|近|超过|超|逾|突破"
    r"|(?<!行)为|是|有|了|已|现有|拥有|仅用?|只用?|就|的|开展|举办|服务|吸引|提供"
    r"|组织|设立|设置|建成|建立|完成|招募|发放|收到|收集|解决|处理|化解|投入|新增|增加|减少"
    r"|提高|上升|下降|至|到|从|由|每年|全年|各类|各种|目前|其中|先后|前后|已经|累计有"
    r"|包括)+$"
)
_LEAD_LABEL = re.compile(
    r"^(?:目前|其中|据悉|据了解|截至|并|还|也|已|共|全年|今年|去年|其|该|同时|现在|如今"
    r"|通过|每年|辖区内?|全区|全镇|街道|社区内|区内|镇内|现有|已有|拥有|共有|多形式)+"
)
_ADJECTIVE = re.compile(
    r"优秀|热心|退休|困难|不同|全新|大小|长的|宽的|来自|不等|左右|专业|高质量|优质"
)
_LABEL_LENGTH = 18


@dataclass(frozen=True)
class FoundFigure:
    """A figure at a point of a paragraph; `value` is written out, so 5万 is 50000."""

    paragraph: int
    start: int
    end: int
    value: int | float
    unit: str
    label: str
    quotation: str
    qualifier: str = ""
    period: str = ""
    upper: int | float | None = None


def find_figures(text: str, paragraph: int = 0) -> list[FoundFigure]:
    flat = plain(text)
    found: list[FoundFigure] = []
    done = 0
    # “15分钟议事圈”, “村规十条”: a name is no figure.
    names = [m.span() for m in re.finditer(r"“[^“”,。;!?]{2,12}”", flat)]
    every = numbers(flat)
    for index, number in enumerate(every):
        if number.start < done or _is_no_count(flat, number):
            continue
        unit, end = _unit(flat, number)
        if unit and any(start < number.start < stop for start, stop in names):
            continue
        if not unit or not _counts(flat, number, unit, end):
            continue
        if found and number.start < found[-1].end:
            continue
        if index + 1 < len(every):
            number, end = _range(flat, number, every[index + 1], unit, end)
            done = end
        if unit == "成" and (half := re.match("[一二三四五六七八九]", flat[end:])):
            # 八成五: eight tenths and a half.
            tenths = number.value + (read_chinese(half.group()) or 0) / 10
            number, end = replace(number, value=tenths), end + 1
        label = _label(flat, number.start, end, unit)
        if (
            label == unit
            and found
            and flat[max(0, number.start - 3) : number.start].endswith("其中")
        ):
            label = found[-1].label
        found.append(
            FoundFigure(
                paragraph,
                number.start,
                end,
                number.value,
                unit,
                label,
                quote(text, number.start, end),
                _qualifier(flat, number, end),
                _period(flat, number.start),
                number.upper,
            )
        )
    return found


def _range(flat: str, number: Number, following: Number, unit: str, end: int) -> tuple[Number, int]:
    """Return 1500元到2500元 as one range; from 15天 to 3天 is a change, and stays two numbers."""
    if not re.fullmatch(r"\s*[-—~至到]{1,2}\s*", flat[end : following.start]):
        return number, end
    clause = re.split(r"[,。;]", flat[: number.start])[-1]
    unit_after, end_after = _unit(flat, following)
    changed = unit_after != unit or re.search(r"[从由]", clause)
    if changed or number.upper is not None or following.value <= number.value:
        return number, end
    return replace(number, upper=following.value), end_after


def _is_no_count(flat: str, number: Number) -> bool:
    before, after = flat[max(0, number.start - 6) : number.start], flat[number.end :]
    return bool(_NOT_AFTER.match(after) or _NOT_BEFORE.search(before)) or _in_formula(flat, number)


def _in_formula(flat: str, number: Number) -> bool:
    """1+1, 1+(1+3+1), 3.0版 and 2016-05-31 are names and dates."""
    around = flat[max(0, number.start - 1) : number.start] + flat[number.end : number.end + 1]
    return any(c in "+×=/:#" for c in around)


def _unit(flat: str, number: Number) -> tuple[str, int]:
    if number.percent:
        return "%", number.end
    end = number.end
    if flat[end : end + 1] == " ":
        end += 1
    if match := _UNIT.match(flat, end):
        unit = match.group()
        if unit in ("㎡", "m²", "平米"):
            unit = "平方米"
        # 亿元 and 万元 were read into the value.
        return unit, match.end()
    if number.value >= 10 and number.arabic or number.qualifier in ("余", "多"):
        for pattern, unit in _BARE:
            if pattern.match(flat, number.end) and not flat[number.end - 1].isspace():
                return unit, end
    # 居民12万: what is counted stands before.
    if (
        number.value >= 10_000
        and re.match(r"[,。;)]|$", flat[end:])
        and _PEOPLE.search(flat[: number.start])
    ):
        return "人", end
    return "", end


def _counts(flat: str, number: Number, unit: str, end: int) -> bool:
    after, before = flat[end : end + 12], flat[max(0, number.start - 16) : number.start]
    if number.percent or unit in ("%", "‰", "个百分点", "元"):
        return True
    if unit in _DURATION:
        if number.value > 1 and unit != "年" and re.search(r"(?<![利使运采])用了?$", before):
            return True
        if unit == "年" and _CONSECUTIVE.search(before):
            return number.value >= 2 and not 1900 <= number.value <= 2100
        average = before.endswith("平均") and _WITHIN.match(f"内{after}")
        told = average or _SHORTENED.search(before) or _WITHIN.match(after)
        # 112万小时 are counted, 两小时 pass.
        much = unit == "小时" and number.value >= 1000
        return unit != "年" and number.value > 1 and bool(told or much)
    if number.value <= 1 or (unit == "家" and after.startswith(("人", "庭"))):
        return False
    # 四团镇, 三门路: names of places.
    if unit in ("团", "门") and not number.arabic and re.match(r"[镇乡村路]", after):
        return False
    if unit == "块" and re.match(r"[\d一二三四五六七八九]|钱", after):
        return False
    # 四个多月 is a time, 明星村8组 an address, 末三位 a rank.
    if unit == "个" and re.match(r"多?(?:月|小时|工作日|年头|星期|季度)", after):
        return False
    if (unit in ("组", "队") and before.endswith("村")) or before.endswith(("末", "倒数")):
        return False
    if (
        unit in ("道", "面", "块", "堂", "声", "句", "头", "口", "代", "站", "成")
        and not number.arabic
    ):
        # 四成多, 七成住户, but not 三五成群.
        return unit == "成" and not re.match(r"[立为功长员果本就熟年绩效分群形型天都]", after)
    if number.arabic:
        return not (number.value < _SMALL and _ABSTRACT.match(after))
    if number.value < _SMALL:
        if number.value <= 2 or unit in ("类", "种", "次", "段", "对"):
            return False
        return bool(re.match(rf"[{HAN}“]", after)) and not _ABSTRACT.match(after)
    # 百人百脾气, 千家万户: sayings.
    return not re.match(rf"[{HAN}]?[百千万]", after)


def _qualifier(flat: str, number: Number, end: int) -> str:
    if number.qualifier:
        return number.qualifier[:10]
    after = _MORE_OR_LESS.match(flat, end)
    if after:
        return after.group()
    return f"至 {number.upper}"[:10] if number.upper is not None else ""


def _label(flat: str, start: int, end: int, unit: str) -> str:
    """Return what is counted: the noun after the unit, else the one before the number."""
    for pattern, _ in _BARE:
        if not flat[:end].endswith(unit) and (bare := pattern.match(flat, end)):
            return bare.group()
    if unit == "年":
        return "连续"
    following = _following(flat, end)
    preceding = _preceding(flat, start)
    if unit in (
        "%",
        "‰",
        "平方米",
        "平方公里",
        "元",
        "小时",
        "分钟",
        "天",
        "个工作日",
        "倍",
        "成",
        "年",
    ):
        # 一间180平方米的仓库: what is that large follows.
        if re.match(r"(?:左右|以上|以下|以内)?的", flat[end:]) and following:
            return following
        paid = _PAID.search(flat[:start]) if unit == "元" else None
        return preceding or following or (paid[1] if paid else unit)
    if unit in ("人次", "户次"):
        took_part = re.match(r"(?:积极|踊跃|先后)?(参与|参加|受益|参观|体验|报名|观看)", flat[end:])
        return preceding or (took_part[1] if took_part else "") or following or unit
    return following or preceding or ("人数" if unit in ("人", "名", "位") else unit)


def _following(flat: str, end: int) -> str:
    match = re.match(rf"[{HAN}“”‘’A-Za-z0-9、]*", flat[end:])
    phrase = match.group() if match else ""
    phrase = re.sub(r"^(?:左右|以上|以下|以内|[长宽高深])?的", "", phrase)
    if flat[end - 1] in "成%":
        phrase = phrase.removeprefix("多").removeprefix("是")
    phrase = re.sub(r"^\d+多?岁(?:以上|以下)?的?", "", phrase)
    if short := re.match(r"(区县|区|村|镇)(?:内|里|共|都|$)", phrase):
        return short[1]
    # 9个部门的数据: departments are counted, not data.
    if (owner := re.match(rf"([{HAN}]{{2,4}})的", phrase)) and not (
        _ADJECTIVE.match(owner[1]) or _NOUN_END.match(owner[1])
    ):
        return owner[1]
    if (stop := phrase.find("、")) >= 0 and "的" not in phrase:
        phrase = phrase[:stop]
    # 多形式、广覆盖的各类文化活动和赛事: what is counted stands after the last 的.
    if "的" in phrase and phrase.index("的") > 1 and not _NOUN_END.search(phrase.split("的")[0]):
        phrase = phrase.rsplit("的", 1)[1]
        phrase = re.sub(r"^(?:各类|各种|优质|特色)", "", phrase)
        return phrase[:_LABEL_LENGTH].strip("“”")
    phrase = re.split(r"\d", phrase)[0] or phrase
    stop_at = _NOUN_END.search(phrase)
    phrase = phrase[: stop_at.start()] if stop_at else phrase
    return _balanced(phrase[:_LABEL_LENGTH]) if len(phrase) >= 2 else ""


def _preceding(flat: str, start: int) -> str:
    clause = re.split(r"[,。;:!?、()\n]", flat[max(0, start - 30) : start])[-1]
    clause = re.sub(r"(?:19|20)\d\d年(?:全年|底|初)?|\d{1,2}月(?:\d{1,2}日)?", "", clause)
    # 分出量由每日19吨增至45吨: what changes stands before all of it.
    clause = re.sub(
        r"[从由][^\d]{0,10}[\d%.万千余多]+[^\d]{0,8}[增升涨降减提缩变到至][^\d]*$", "", clause
    )
    clause = re.sub(r"[从由](?:每[日天周月年]|[一二三四五六七八九十\d]+月的?)$", "", clause)
    clause = re.sub(r"^.*\d[余多万千]*[个支名家条张项处]", "", clause)
    clause = re.sub(r"(?:由|从)(?:原来的|最初的|原先的|过去的|不足|不到|约)?\d.*$", "", clause)
    clause = re.sub(r"(?:由|从)(?:原来的|最初的|原先的|过去的|不足|不到|约|近)*$", "", clause)
    clause = _TRIM_LABEL.sub("", clause) or clause
    clause = re.split(
        r"开展|举办|提供|组织|实现|建成|吸引|完成(?!率)|设立|帮助|覆盖(?![率面])|服务了|发放|收集|的",
        clause,
    )[-1]
    clause = _LEAD_LABEL.sub("", clause).removeprefix("有")
    return _balanced(clause[-_LABEL_LENGTH:]) if len(clause) >= 2 else ""


def _balanced(text: str) -> str:
    """Do not leave half a pair of quotation marks."""
    text = text.strip("、,的")
    return text if text.count("“") == text.count("”") else text.replace("“", "").replace("”", "")


def _period(flat: str, start: int) -> str:
    """Return the time stated before the number in its sentence."""
    sentence = re.split(r"[。!?;\n]", flat[max(0, start - 200) : start])[-1]
    stated = list(_PERIOD.finditer(sentence))
    return stated[-1].group()[:40] if stated else ""
