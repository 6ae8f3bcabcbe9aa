"""What a practice is called: “quoted” names that are names, and named 行动, 平台, 联盟, 工作法."""

import re
from dataclasses import dataclass

from .article import HAN, listed, plain

# What a practice may be, as a word after its name or at its end.
_KINDS = listed(
    "微信公众号 公众号 小程序 APP 工作法 管理法 议事法 服务法 治理法 行动计划 行动 平台 "
    "联盟 模式 机制 系统 项目 计划 工程 品牌 制度 公约 "
    "巡逻队 志愿队 服务队 宣讲团 智囊团 志愿者队伍 志愿团队 团队 队伍 队 工作室 工作站 "
    "服务站 服务点 服务中心 睦邻中心 睦邻点 中心 之家 家园 "
    "热线 驿站 菜场 停车 食堂 超市 银行 课堂 学堂 讲堂 学校 基金 议事会 理事会 自治会 "
    "议事厅 会客厅 客厅 花园 口袋公园 联席会议 联席会 恳谈会 听证会 "
    "文化节 邻里节 互助会 俱乐部 沙龙 市集 集市 小组 地图 清单 积分卡 积分 小屋 小站 书房 活动 "
    "服务 试点 改革 创建 课程 社 站 岗 亭 坊"
)
_RIGHT = re.compile(
    rf"(?:的)?(?:微信|智慧|志愿者?|党建|社区|自治|服务|公益|互助|为老|便民|文化|治理|共享"
    rf"|错时|阅读推广|基层|综合|特色|居民|邻里|联动|共治|惠民|信息|线上|智能|管理|工作)"
    rf"{{0,3}}(?P<kind>{'|'.join(sorted(_KINDS, key=len, reverse=True))})"
)
# After these no word is needed that says what sort of practice it is: “老朱讲事”调解工作室.
_SURE = (
    r"(?:工作法|管理法|议事法|行动计划|行动|平台|联盟|机制|工作室|工作站|服务站|服务点|志愿队|巡逻队|服务队"
    r"|宣讲团|志愿团队|议事会|理事会|自治会|互助会|议事厅|会客厅|驿站|热线|俱乐部|小程序|公众号|联席会|品牌|项目)"
)
_RIGHT_SURE = re.compile(
    rf"(?:(?![的了等和与及在是把被让为将从由到成])[{HAN}]){{1,4}}?(?P<kind>{_SURE})"
)
_INNER = re.compile(
    r"(?:行动|平台|联盟|工作法|管理法|议事法|模式|机制|系统|项目|计划|工程|[队团社]|工作室"
    r"|[站岗亭坊屋]|堂间|之家|热线|菜场|食堂|饭堂|超市|银行|课堂|学堂|讲堂|学校|基金"
    r"|议事会|理事会|自治会|议事厅|客厅|花园|恳谈会|节|互助会|俱乐部|沙龙|市集|集市|地图"
    r"|清单|中心|社区|家园|小区|楼组|弄堂|车位|积分|书房|心愿|护照|驾驶舱|管家|一网|码|法"
    r"|菜园|大赛|[馆铺吧廊墙角帮]|[十百\d]条|泊位|议事圈"
    r"|夜校|老年大学|书院|学院|(?<![教科病浴居卧公])室|(?<![社机开晚大动训谈进布场学协工商年代两展宴聚])会)$"
)
_VERBS = listed(
    "推出 打造 开展 创设 创建 创立 建立 设立 设置 成立 组建 探索 推行 实施 启动 首创 自创 "
    "独创 试点 搭建 形成 引入 上线 开通 名为 叫做 取名 命名为 称为 称之为 称它 称其为 唤作 "
    "发起 举办 推广 运用 总结 提炼 改造成 改建成 变成 连成 开设 建起 办起 制定 建设 构建 开发 "
    "打响 创新 培育 推进 组织 引进 开办 开出 建成 诞生 采用 借助 运行 实行 定下 订立 制订 "
    "创办 组成 试行 提出 叫响 评选 策划 发明 布局 摸索 打磨 琢磨 凝练 孵化 编入 编成"
)
VERB = re.compile("|".join(_VERBS))
_LEFT_VERB = re.compile(
    rf"(?:{'|'.join(_VERBS)}|名叫|叫|称作)(?:了|起|出|着|为|以)?[^。;!?,“”]{{0,16}}$"
)
_LEFT_KIND = re.compile(
    r"(?:项目|品牌|平台|活动|服务|系统|公众号|艺术节|机制|工作法|模式|队伍|工程|行动"
    r"|制度)(?:——|:|-|,)?$"
)
# 我们的办法是“微网格”: said to be the name of it.
_LEFT_IS = re.compile(r"(?:办法|做法|法宝|秘诀|经验|名字|名称|答案)(?:就是|是|叫做?|为)$")
# 获“优秀社区”称号, “技能大赛”第一名: won elsewhere, not set up here.
_AWARD_BEFORE = re.compile(
    r"(?:荣?获得?|获评|评为|评选为|入选|摘得|捧回|荣膺)(?:了|过)?[^,。;“”]{0,12}$"
)
_AWARD_AFTER = re.compile(
    r"第[一二三\d]+名|冠军|亚军|季军|[金银铜]奖|[特一二三]等奖|称号|荣誉|获得者|大奖"
)
# 把“物业体检”请进小区: what is brought in is a name.
# “夜归人驿站”亮着灯: it is there now.
_OPENED = re.compile(
    r"(?:已经|已|正式|也|就|终于|今[天日]|近日|日前|随之|于[^,。“”]{1,10})*"
    r"(?:上线|启用|开门|揭牌|成立|亮着灯|亮灯|投用|投入使用|开业|营业|开张|落成|应运而生|诞生|建成|组建)"
)
_BROUGHT_BEFORE = re.compile(r"[把将]$")
_BROUGHT_AFTER = re.compile(r"(?:请|搬|送|开|引|办|建|设|嵌|装|带)(?:进|到|入|上|在)")
_ORGANISATION = re.compile(r"(?:社会组织|企业|公司|机构|单位|民非|社工站|基金会)$")
# 小东门街道的“…”, 以“…”: whose or by what.
# 凉城新村街道水电路上的“白发网管”: a road or estate may stand between.
_LEFT_PLACE = re.compile(
    rf"(?:街道|[镇乡村区]|社区)[{HAN}]{{1,8}}(?:路|弄|坊|苑|里|园|小区|邨|新村|湾|桥)[上里]?的$|(?:(?:街道|[镇乡村区]|社区)[的:]?\s*|以|通过|依托|借助|凭借|靠着?)$"
)
# Figures of speech and the reform's own words; not what one place calls its practice.
_NO_NAME = frozenset(
    listed(
        "最后一公里 最后一米 最后100米 两新 一号课题 1+6 补短板 短板 五违 五违四必 互联网+ "
        "十三五 十四五 三会 大数据 牛皮癣 定心丸 老大难 金点子 主心骨 零距离 获得感 "
        "上海经验 掌舵者 划桨者 大格局 主力军 火车头 门槛 瓶颈 痛点 难点 堵点 绣花 绣花功夫 "
        "人民城市 不忘初心 牢记使命 以人为本 共建共治共享 一条龙 一站式 高大上 接地气 "
        "旗帜 底色 样本 名片 软实力 硬骨头 敢啃硬骨头 老字号 你好 谢谢 心结 结 家 根 魂 两会 "
        "四史 进博会 城市病 大城市病 候鸟 沪漂 阳春白雪 下里巴人 土著 螺蛳壳里做道场 句号 逗号 "
        "九龙治水 百人百脾气 社会管理 社会治理 一厢情愿 独角戏 大合唱 加减法 组合拳 新引擎 "
        "试金石 压舱石 放管服 一带一路 中国梦 三个代表 两学一做 六乱 三无 硬件 软件 亮点 看点 "
        "一把手 领头羊 领头雁 零投诉 零接触 朋友圈 同心圆 红绿灯 老娘舅"
    )
)
_SPEECH = re.compile(
    r"[,。!?;…、]|^(?:我|你|他|她|咱|俺)|(?:了|吗|呢|啊|(?<![书酒茶水聊咖网话影])吧)$"
)
_SLOGAN = re.compile(
    r"(?:版|格局|组合拳|新路|之路|高招|妙招|样板|标杆|名片|引擎|合力|难题|顽疾|痛点|堵点"
    r"|公里|难|病|味|感|题|结|账|关|火|谱|曲|歌|梦|情|(?<!中)心)$"
)
# “缔造中国的曼联”: something to be done, not the name of something.
_PHRASE = re.compile(r"^(?:缔造|创造|建设|打造|争当|争做|争创|成为|实现|当好|做好|努力|让|使)")
# “停车难”治理项目: what is done away with is not what it is called.
_TROUBLE = re.compile(r"(?:难|难题|顽疾|痛点|堵点|乱象|老破小)$")
_SAYS = re.compile(r"[,。]?[\u4e00-\u9fff]{2,8}(?<!听)(?:说|表示|坦言|感慨|感叹)(?:[,。:]|$)")
# What is always called by a name, whatever the name looks like: “融情”工作法.
_OF_PEOPLE = frozenset(
    listed(
        "工作法 管理法 议事法 工作室 工作站 服务站 巡逻队 志愿队 服务队 议事会 理事会 自治会 互助会"
    )
)
_RENAMED = re.compile(r"”(?:变|变成|变为|改成|升级为|升级成|变身)(?:了|为|成)*“$")
_UNQUOTED_KINDS = listed(
    "平台 联盟 工作法 模式 行动计划 行动 系统 议事会 理事会 自治会 联席会议 服务站 驿站 "
    "工作室 志愿队 巡逻队 服务队 文化节 邻里节 艺术节 小程序 公众号 基金会 互助会 睦邻点 "
    "睦邻中心 助餐点 社区食堂 食堂 学堂 市集 议事厅 会客厅 体制改革 报到制度 轮值制度 "
    "积分制 责任制 制度 机制 试点 服务中心 公约 花园 工程 社区党委 自治章程"
)
_ANY_KIND = "|".join(sorted(_UNQUOTED_KINDS, key=len, reverse=True))
_UNQUOTED = re.compile(
    rf"(?:{'|'.join(_VERBS)}|深化|新建|深化推进)(?:了|起|出|的)?"
    rf"(?:全[市区国]首[个家]|首[个批家]|一[个批套支项家]|第一[个家处]|\d+[个家支处]|多[个家])?"
    rf"(?:集[{HAN}、]{{2,16}}于一体的)?"
    rf"(?P<name>[{HAN}]{{0,12}}?(?:{_ANY_KIND}))(?![{HAN}]?(?:建设|的))"
)
_PUT_ON = re.compile(
    rf"(?P<name>[{HAN}]{{2,12}}?(?:{_ANY_KIND}))"
    rf"(?:已|正式|于[^,。]{{1,10}}|全面|近日|日前|也|今[天日])*"
    r"(?:上线|启用|投用|投入使用|成立|揭牌|运行|开张|开放|亮相|启动|落成|开业|应运而生)"
)
_HELD = re.compile(
    rf"(?:举办|举行|创办)(?:了"
    rf"|的)?(?:[{HAN}]{{2,8}}[、,])?(?:[^,。;“”]{{0,16}}的)?(?P<name>[{HAN}]{{2,8}}(?:文化节"
    rf"|邻里节|艺术节|睦邻节|市民节|社区节))"
)
_LONGEST = 20


@dataclass(frozen=True)
class Name:
    """A name at a point of a text: `text` alone, `kind` the word that says what it is."""

    start: int
    end: int
    text: str
    kind: str = ""
    # 3: a quoted name that is said to be one; 2: a name without quotation marks; 1: maybe one.
    strength: int = 3
    # The text says that it was set up here.
    introduced: bool = False
    quoted: bool = True

    @property
    def full(self) -> str:
        name = f"“{self.text}”" if self.quoted else self.text
        return f"{name}{self.kind}"


_PART = re.compile(r"“([^“”]{2,40})”")


def find_names(text: str) -> list[Name]:
    """Return the names in a text, in its order."""
    flat = plain(text)
    found: list[Name] = []
    spans = [(m.start(), m.end(), m[1]) for m in _PART.finditer(flat)]
    for index, (start, end, inner) in enumerate(spans):
        if name := _quoted(flat, start, end, inner):
            found.append(name)
            if _RENAMED.search(flat[: start + 1]) and index and len(found) > 1:
                # “弄堂菜场”变“墙上菜场”: the practice is called by what it became.
                found[-2], found[-1] = found[-1], found[-2]
    titles = [m.span() for m in re.finditer(r"《[^《》]*》", flat)]
    for pattern in (_HELD, _UNQUOTED, _PUT_ON):
        for match in pattern.finditer(flat):
            start, end = match.span("name")
            if (
                any(begin < start < close for begin, close in titles)
                or end - start < 4
                or any(n.start < end and start < n.end for n in found)
                or _SPEECHLIKE.search(match["name"])
            ):
                continue
            found.append(Name(start, end, _stripped(match["name"]), "", 2, True, False))
    return found


_SPEECHLIKE = re.compile(
    r"^(?:这|该|此|其|各|相关|有关|一些|长效|工作|社会|政府|居民|我们|全国|统一"
    r"|国家)?(?:平台|机制|制度|模式|系统|行动|试点|工程|花园|服务中心|食堂)$"
)


def _stripped(name: str) -> str:
    return re.sub(
        r"^(?:了|的|以|和|与|及|并|个|该|其|由|为|从|在|贯穿全年的|辖区内?|区域内?|全市|全区)+",
        "",
        name,
    )


def _quoted(flat: str, start: int, end: int, inner: str) -> Name | None:
    if len(inner) > _LONGEST or _SPEECH.search(inner) or inner.strip(" ") in _NO_NAME:
        return None
    if re.fullmatch(r"[\d+()\sXxNn×]+", inner) and not _RIGHT.match(flat[end:]):
        return None
    before, after = flat[max(0, start - 30) : start], flat[end:]
    right = _RIGHT.match(after) or _RIGHT_SURE.match(after)
    said = bool(_LEFT_VERB.search(before) or _LEFT_KIND.search(before))
    inner_kind = bool(_INNER.search(inner)) and len(inner) >= 3
    kind = right.group().removeprefix("的") if right else ""
    if kind and kind.endswith(("活动", "服务", "课程")) and len(kind) > 6:
        kind = right["kind"] if right else ""
    said = said or bool(_OPENED.match(after[len(right.group()) if right else 0 :]))
    listed = _in_list(flat, start, end)
    if _TROUBLE.search(inner) or _SAYS.match(after):
        return None
    if _AWARD_BEFORE.search(before) or _AWARD_AFTER.match(after):
        return None
    if _ORGANISATION.search(before):
        return None  # Who runs it, not what it is called.
    if right and not (listed and right["kind"] in ("课程", "活动")):
        if _SLOGAN.search(inner) and not (said or right["kind"] in _OF_PEOPLE):
            return None
        return Name(start, end, inner, kind, 3, said)
    if inner_kind and not (_SLOGAN.search(inner) or _PHRASE.search(inner)):
        return Name(start, end, inner, "", 3 if (said or not listed) else 2, said)
    if _LEFT_KIND.search(before):
        return Name(start, end, inner, "", 3, True)
    if _SLOGAN.search(inner) or _PHRASE.search(inner) or len(inner) > 12 or listed:
        return None
    if _BROUGHT_BEFORE.search(before) and _BROUGHT_AFTER.match(after):
        return Name(start, end, inner, "", 2, True)
    if _LEFT_IS.search(before):
        return Name(start, end, inner, "", 3, True)
    if said:
        return Name(start, end, inner, "", 2, True)
    if _LEFT_PLACE.search(before):
        return Name(start, end, inner, "", 2, False)
    return None


def _in_list(flat: str, start: int, end: int) -> bool:
    """Say whether it is one of several: “茶文化”、“剪纸艺术”."""
    return flat[end : end + 2] in ("、“", ",“") or flat[max(0, start - 2) : start] in ("”、", "”,")
