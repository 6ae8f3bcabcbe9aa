"""Articles of many kinds, and what is found in each."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.importing import extraction, reading
from cases.importing.names import find_names

from .articles import FOLDER, article, found_in, known, names_of


@dataclass(frozen=True)
class Expected:
    """What an article holds. A draft: part of its title, its streets and towns, its figures."""

    districts: set[str]
    drafts: list[tuple[str, set[str], set[tuple[float, str]]]]
    subdistricts: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    policies: set[str] = field(default_factory=set)


ARTICLES = {
    "several-districts.txt": Expected(
        {"jingan", "yangpu", "qingpu"},
        [
            ("楼道会客厅", {"临汾路街道"}, {(126, "个"), (3800, "户")}),
            ("潮享泊位", {"控江路街道"}, {(5, "家"), (210, "个"), (10, "元"), (62, "%")}),
            ("护河大妈", {"朱家角镇"}, {(400, "条"), (7, "人"), (318, "人")}),
        ],
        {"临汾路街道", "控江路街道", "朱家角镇"},
        policies={"朱家角镇河道志愿巡查管理办法"},
    ),
    "one-case.txt": Expected(
        {"hongkou"},
        [
            (
                "睦邻客厅",
                {"广中路街道"},
                {(480, "平方米"), (150, "人次"), (64, "门"), (23_000, "人次"), (96.4, "%")},
            )
        ],
        {"广中路街道"},
    ),
    "long-feature.txt": Expected(
        {"songjiang"},
        [
            (
                "幸福合伙人",
                {"方松街道"},
                {(425_000, "元"), (78, "个"), (156, "名"), (83.3, "%"), (17, "个"), (1400, "名")},
            )
        ],
        {"方松街道"},
    ),
    "two-in-one-street.txt": Expected(
        {"putuo"},
        [
            ("楼组会客日", {"真如镇街道"}, {(4200, "人次"), (516, "个")}),
            ("旧衣银行", {"真如镇街道"}, {(65, "只"), (28, "吨"), (3100, "户")}),
        ],
        {"真如镇街道"},
    ),
    "list-of-cases.txt": Expected(
        {"huangpu", "changning", "putuo", "fengxian", "jinshan", "baoshan"},
        [
            ("老城厢议事厅", {"小东门街道"}, set()),
            ("社区营造大赛", {"新华路街道"}, {(23, "处")}),
            ("一平米菜园", {"曹杨新村街道"}, set()),
            ("宅基睦邻点", {"南桥镇"}, {(85, "个")}),
            ("垃圾分类积分超市", {"漕泾镇"}, {(21_000, "名")}),
            ("村民夜市谈", {"罗泾镇"}, set()),
        ],
        {"小东门街道", "新华路街道", "曹杨新村街道", "南桥镇", "漕泾镇", "罗泾镇"},
    ),
    "hongqiao.txt": Expected(
        {"minhang", "changning"},
        [
            ("乐龄公寓", {"虹桥镇"}, {(120, "间")}),
            ("古北市民议事厅", {"虹桥街道"}, {(37, "个")}),
            ("楼宇管家", {"新虹街道"}, {(960, "家")}),
        ],
        {"虹桥镇", "虹桥街道", "新虹街道"},
    ),
    "old-districts.txt": Expected(
        {"zhabei", "jingan", "chongming-county", "chongming"},
        [
            ("民情气象站", {"彭浦新村街道"}, {(2000, "件"), (1830, "件")}),
            ("一户一档", {"城桥镇"}, {(36_000, "户")}),
        ],
        {"彭浦新村街道", "城桥镇"},
    ),
    "districts-only.txt": Expected(
        {"xuhui", "jingan", "changning"},
        [("社区云", set(), {(9, "个"), (128, "份"), (16, "份"), (873, "个")})],
    ),
    "district-brand.txt": Expected(
        {"minhang"},
        [
            ("邻里中心", set(), {(47, "个"), (3_000_000, "人次")}),
            ("江川路街道", {"江川路街道"}, {(600, "份"), (12, "元")}),
            ("古美小管家", {"古美路街道"}, {(38, "支")}),
            ("新梅人", {"梅陇镇"}, {(15_000, "人次")}),
        ],
        {"江川路街道", "古美路街道", "梅陇镇"},
    ),
    "district-sections.txt": Expected(
        {"jingan"},
        [
            ("美丽家园", {"彭浦镇"}, {(21, "次"), (478, "条"), (156, "个")}),
            ("花样年华", {"曹家渡街道"}, {(800, "平方米"), (38, "名")}),
            ("白领驿家", {"大宁路街道"}, {(56_000, "人")}),
        ],
        {"彭浦镇", "曹家渡街道", "大宁路街道"},
    ),
    "village.txt": Expected(
        {"pudong"},
        [("村规十条", {"新场镇"}, {(12_000, "平方米"), (7.5, "公里"), (412, "户")})],
        # Neighbours from 祝桥镇 came to look.
        {"新场镇", "祝桥镇"},
    ),
    "countryside.txt": Expected(
        {"fengxian"},
        [
            ("四堂间", {"庄行镇"}, {(20_000, "元"), (523, "间"), (7000, "名"), (3, "元")}),
            ("生活驿站", set(), {(287, "个"), (935_000, "人次")}),
        ],
        {"庄行镇", "奉浦街道"},
    ),
    "town-and-communities.txt": Expected(
        {"pudong"},
        [
            (
                "镇管社区",
                {"三林镇"},
                {(34.19, "平方公里"), (360_000, "人"), (31, "人"), (260, "项"), (43, "%")},
            )
        ],
        {"三林镇"},
        policies={"关于加强本市大型居住社区建设管理的意见"},
    ),
    "waste-sorting.txt": Expected(
        {"changning"},
        [("绿色账户", {"仙霞新村街道"}, {(47, "名"), (98, "%"), (1100, "户"), (34, "个")})],
        {"仙霞新村街道"},
    ),
    "policies.txt": Expected(
        {"xuhui"},
        [("三驾马车", {"田林街道"}, {(137, "个"), (40, "%"), (95, "%")})],
        {"田林街道"},
        policies={
            "上海市住宅物业管理规定",
            "关于加强本市住宅小区综合治理工作的意见",
            "徐汇区住宅小区综合治理三年行动计划（2018-2020年）",
            "上海市居民委员会工作条例",
        },
    ),
    "mixed-cities.txt": Expected(
        {"songjiang"},
        [("五色工作法", {"泗泾镇"}, {(8560, "件"), (99.2, "%")})],
        {"泗泾镇"},
        {"南京市浦口区", "浙江省宁波市", "南京市浦口区江浦街道", "宁波"},
    ),
    "government.html": Expected(
        {"jiading"},
        [("15分钟议事圈", {"真新街道"}, {(48, "个"), (41, "%"), (560, "场"), (312, "项")})],
        {"真新街道"},
    ),
    "neighbour-centres.txt": Expected(
        {"yangpu"},
        [
            ("睦邻中心", {"殷行街道"}, {(50, "家"), (33_000, "平方米"), (1_800_000, "人次")}),
            ("NGO联合会", {"五角场街道"}, {(46, "家")}),
            ("睦邻委员会", {"延吉新村街道"}, {(13, "人")}),
            ("睦邻点", {"长海路街道"}, set()),
        ],
        {"殷行街道", "五角场街道", "延吉新村街道", "长海路街道"},
    ),
    "joined-forces.txt": Expected(
        {"minhang"},
        [
            (
                "大联动",
                {"浦江镇"},
                {(8, "支"), (1200, "人"), (47_000, "件"), (1560, "套"), (112, "起"), (95, "%")},
            )
        ],
        {"浦江镇"},
    ),
    "dashes.txt": Expected(
        {"putuo"},
        [("同心家园", {"曹杨新村街道"}, {(68, "家"), (132, "个"), (8_600_000, "元"), (215, "件")})],
        {"曹杨新村街道"},
    ),
    "micro-samples.txt": Expected(
        {"hongkou", "pudong", "jiading"},
        [
            ("市民驿站", {"北外滩街道"}, {(35, "家"), (8, "个")}),
            ("楼事会", {"陆家嘴街道"}, {(285, "幢"), (88, "个"), (1300, "项")}),
            ("睦邻点", {"嘉定镇街道"}, {(178, "个"), (2046, "个"), (40_000, "人")}),
            ("双城睦邻联盟", {"安亭镇"}, {(97, "次")}),
        ],
        {"北外滩街道", "陆家嘴街道", "嘉定镇街道", "安亭镇"},
        {"江苏昆山花桥镇", "昆山市花桥镇"},
    ),
    # A notice: its list is text, not headings, and its last line no title.
    "notice-of-cases.txt": Expected(
        {"huangpu", "xuhui", "putuo", "pudong", "qingpu", "chongming", "fengxian"},
        [
            ("田林十二村", {"田林街道"}, set()),
            ("石泉里", {"石泉路街道"}, set()),
            ("昌里花园", {"周家渡街道"}, set()),
            ("盈邻里", {"盈浦街道"}, set()),
            ("叶子说事", {"新河镇"}, set()),
            ("宅基睦邻四堂间", {"四团镇"}, set()),
        ],
        {
            "五里桥街道",
            "田林街道",
            "石泉路街道",
            "周家渡街道",
            "盈浦街道",
            "新河镇",
            "四团镇",
        },
    ),
    "five-keys.txt": Expected(
        {"yangpu", "baoshan", "jiading", "jingan", "songjiang"},
        [
            ("三张清单", {"殷行街道"}, {(287, "台"), (131, "台")}),
            ("共享菜园", {"大场镇"}, {(60, "户"), (50, "元"), (46, "起"), (98, "%")}),
            ("物业服务联盟", {"真新街道"}, {(52, "%"), (6, "家"), (91.5, "%")}),
            ("乐龄互助社", {"彭浦新村街道"}, {(214, "名"), (387, "对")}),
            ("数字家园", {"泗泾镇"}, {(43_000, "人"), (48, "小时"), (6, "小时")}),
        ],
        {"殷行街道", "大场镇", "真新街道", "彭浦新村街道", "泗泾镇"},
        policies={"关于加强基层治理体系和治理能力现代化建设的意见"},
    ),
    "wharf.txt": Expected(
        {"hongkou"},
        [
            (
                "老码头驿站",
                {"北外滩街道"},
                {
                    (11, "个"),
                    (5200, "户"),
                    (12, "项"),
                    (214, "名"),
                    (1876, "件"),
                    (97.4, "%"),
                    (850_000, "元"),
                    (180, "平方米"),
                    (23, "家"),
                },
            )
        ],
        {"北外滩街道"},
    ),
    # Those that tell of no case.
    "hangzhou.html": Expected(
        set(),
        [],
        outside={"杭州", "杭州市余杭区良渚街道", "临平区东湖街道", "浙江省"},
        policies={"浙江省平安建设条例"},
    ),
    "new-rules.txt": Expected(
        set(),
        [],
        policies={
            "上海市社区工作者管理办法（试行）",
            "关于进一步创新社会治理加强基层建设的意见",
        },
    ),
    "other-cities.txt": Expected(
        set(),
        [],
        outside={
            "杭州",
            "杭州市拱墅区大关街道",
            "杭州市西湖区北山街道",
            "北京市朝阳区",
            "成都市武侯区",
            "深圳南山",
            "苏州工业园区",
            "江苏省昆山市",
            "安徽省六安市",
        },
    ),
    "outside-visit.txt": Expected(
        set(),
        [],
        outside={
            "广州",
            "广州市荔湾区",
            "成都",
            "重庆",
            "武汉",
            "成都市成华区",
            "重庆市江北区",
            "北京",
            "南京",
            "天津",
        },
    ),
    "traps.txt": Expected(set(), [], outside={"北京", "杭州市西湖区", "云南省"}),
    "no-case.txt": Expected(set(), []),
    "meeting.txt": Expected({"jingan"}, [], policies={"关于加强基层建设的若干意见"}),
    "crime.txt": Expected({"baoshan"}, [], {"大场镇"}, {"湖北武汉", "广东深圳"}),
    "statistics.txt": Expected(set(), [], policies={"上海市养老服务条例"}),
}


def test_every_article_is_held_against_what_it_holds() -> None:
    files = {p.name for p in FOLDER.iterdir() if p.suffix in (".txt", ".html")}
    assert files == set(ARTICLES)


@pytest.mark.parametrize("name", ARTICLES)
def test_places_are_all_found_and_none_is_false(name: str) -> None:
    found, expected = found_in(name)["places"], ARTICLES[name]
    assert set(found["districts"]) == expected.districts
    assert names_of(found["subdistricts"]) == expected.subdistricts
    assert set(found["outside"]) == expected.outside


@pytest.mark.parametrize("name", ARTICLES)
def test_policies_are_all_found_and_none_is_false(name: str) -> None:
    assert set(found_in(name)["policies"]) == ARTICLES[name].policies


@pytest.mark.parametrize("name", ARTICLES)
def test_there_is_one_draft_a_case(name: str) -> None:
    found, expected = found_in(name)["drafts"], ARTICLES[name].drafts
    assert [d["title"] for d in found if not any(part in d["title"] for part, *_ in expected)] == []
    assert len(found) == len(expected)
    for draft, (part, subdistricts, figures) in zip(found, expected, strict=True):
        assert part in draft["title"]
        assert names_of(draft["subdistricts"]) == subdistricts
        assert figures <= {(f["value"], f["unit"]) for f in draft["figures"]}


@pytest.mark.parametrize("name", ARTICLES)
def test_every_quotation_stands_in_the_article(name: str) -> None:
    read = reading.read((FOLDER / name).read_bytes())
    text = "\n".join(p.text for p in read.paragraphs)
    for draft in found_in(name)["drafts"]:
        assert [e["number"] for e in draft["evidence"]] == list(
            range(1, len(draft["evidence"]) + 1)
        )
        assert draft["evidence"]
        for item in (*draft["evidence"], *draft["figures"]):
            assert item["quotation"] in text
            assert 0 < len(item["quotation"]) <= 60
        for figure in draft["figures"]:
            quoted = draft["evidence"][figure["evidence"] - 1]["quotation"]
            assert figure["quotation"] in text
            assert quoted


@pytest.mark.parametrize("name", ["no-case.txt", "traps.txt", "meeting.txt", "other-cities.txt"])
def test_an_article_without_a_case_says_so(name: str) -> None:
    assert "没有生成草稿" in found_in(name)["remark"]


def test_the_object_has_the_promised_shape() -> None:
    found = found_in("several-districts.txt")
    assert set(found) >= {"article", "places", "policies", "years", "drafts"}
    assert set(found["article"]) >= {"title", "authors", "publisher", "date"}
    assert set(found["places"]) >= {"districts", "subdistricts", "outside"}
    assert found["years"] == [2015, 2016, 2017, 2018]
    promised = {"title", "aliases", "districts", "subdistricts"}
    promised |= {"topics", "policies", "figures", "evidence"}
    for draft in found["drafts"]:
        assert set(draft) >= promised
        for figure in draft["figures"]:
            assert set(figure) >= {"value", "unit", "label", "quotation"}
        for item in draft["evidence"]:
            assert set(item) >= {"number", "locator", "quotation"}


def draft_of(text: str, **kw: Any) -> dict[str, Any]:
    findings = extraction.find(article(text, **kw), known())
    (draft,) = extraction.to_json(findings, known())["drafts"]
    return draft


def test_a_topic_is_suggested_with_the_words_that_led_to_it() -> None:
    draft = draft_of("杨浦区控江路街道推出“潮享泊位”共享停车，缓解停车难。")
    assert draft["topics"] == ["parking"]
    assert "停车" in draft["topic_reasons"]["parking"]


def test_one_word_that_only_points_somewhere_suggests_nothing() -> None:
    draft = draft_of("金山区朱泾镇推出“三色联动”机制，效果明显，居民的示范作用也好。")
    assert draft["topics"] == []


def test_the_name_is_the_one_that_is_said_to_be_a_name() -> None:
    draft = draft_of("为破解“最后一公里”，徐汇区长桥街道打造“睦邻家园”品牌，居民吃了“定心丸”。")
    assert draft["title"] == "长桥街道“睦邻家园”品牌"
    assert draft["aliases"] == ["睦邻家园"]


def test_what_something_became_is_its_name() -> None:
    draft = draft_of("黄浦区外滩街道把“弄堂角落”变成了“弄堂花园”，居民很满意。")
    assert draft["title"] == "外滩街道“弄堂花园”"


def test_a_name_without_quotation_marks_is_a_name_too() -> None:
    draft = draft_of("5月初，普陀区长征镇智慧社区服务平台正式上线，方便居民办事。")
    assert "智慧社区服务平台" in draft["title"]


def titles_of(text: str, **kw: Any) -> list[str]:
    return [d.title for d in extraction.find(article(text, **kw), known()).drafts]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("青浦区练塘镇的办法是“阿婆看河”，河道整洁了。", "练塘镇“阿婆看河”"),
        ("杨浦区四平路街道把食堂搬进写字楼，居民称它“共享饭堂”。", "四平路街道“共享饭堂”"),
        ("闵行区古美路街道拆去围墙，把绿地连成“平南绿廊”，居民欢迎。", "古美路街道“平南绿廊”"),
        (
            "闵行区吴泾镇聘请规划师，“永德里”口袋公园由居民投票选出方案，大家满意。",
            "吴泾镇“永德里”口袋公园",
        ),
        ("金山区金山卫镇的“法治茶馆”开讲86期，调解纠纷，村民满意。", "金山卫镇“法治茶馆”"),
        (
            "金山区朱泾镇“老朱讲事”调解工作室开了六年，化解了邻里纠纷，村民满意。",
            "朱泾镇“老朱讲事”调解工作室",
        ),
        ("长宁区虹桥街道打磨出“融情”工作法，居民一起种花，关系改善。", "虹桥街道“融情”工作法"),
        (
            "虹口区广中路街道的做法不同，他们把“物业体检”请进小区，给物业打分。",
            "广中路街道“物业体检”",
        ),
        ("虹口区凉城新村街道的“凉亭圆桌会”议了不少事，居民都说好。", "凉城新村街道“凉亭圆桌会”"),
        (
            "奉贤区庄行镇的大棚旁边，“田间调解室”接待了一百多批村民，纠纷少了。",
            "庄行镇“田间调解室”",
        ),
        (
            "静安区曹家渡街道武定坊的“车棚书吧”由旧车棚改建，居民都来看书。",
            "曹家渡街道“车棚书吧”",
        ),
        (
            "虹口区凉城新村街道水电路上的“白发网管”，教会一千多名老人用手机挂号，方便了居民。",
            "凉城新村街道“白发网管”",
        ),
        ("宝山区杨行镇把快递小哥编入“蜂鸟哨”，随手拍下隐患，治理有了帮手。", "杨行镇“蜂鸟哨”"),
        # What was set up goes before what belongs to it.
        (
            "嘉定区外冈镇试行“乡风卡”，积分可在“乡风超市”换米换油，村民很满意。",
            "外冈镇“乡风卡”",
        ),
    ],
)
def test_a_name_is_known_by_how_it_is_given(text: str, title: str) -> None:
    assert titles_of(text) == [title]


def test_what_was_won_elsewhere_is_no_practice() -> None:
    text = (
        "杨浦区四平路街道的护理员，是全区“护理技能大赛”第一名，也曾获“最美服务站”称号，居民很满意。"
    )
    assert titles_of(text) == []


def test_a_case_may_begin_by_being_there() -> None:
    text = (
        "今年四月，“一号路会客厅”开门迎客，楼上楼下都是修修补补的小铺，居民都说方便。\n"
        "隔壁吴泾镇、马桥镇的居民坐着公交赶来。"
    )
    read = reading.read(
        "修伞、磨刀，都在这条街上\n闵行区江川路街道社区商业转型记\n2023年5月9日 江畔报\n\n".encode()
        + text.encode()
    )
    (found,) = extraction.find(read, known()).drafts
    assert found.title == "江川路街道“一号路会客厅”"


def test_an_interview_is_about_where_the_one_asked_works() -> None:
    text = (
        "对话街道书记：我们为什么要办“市民夜校”\n"
        "受访者：秦亮（静安区共和新路街道党工委书记）\n"
        "采访者：《江畔治理》记者 白露\n时间：2023年10月\n\n"
        "问：听说街道办的“市民夜校”很火？\n\n答：是的。今年有34门课，居民的名额很快抢光。\n\n"
        "问：白领来吗？\n\n答：改到晚上以后，白领占到71%，大宁路街道也来谈过合作。"
    )
    read = reading.read(text.encode())
    assert read.title == "对话街道书记：我们为什么要办“市民夜校”"
    assert (read.authors, read.publisher, read.date) == (("白露",), "江畔治理", "2023-10")
    (found,) = extraction.find(read, known()).drafts
    assert found.title == "共和新路街道“市民夜校”"


def test_a_name_keeps_its_own_characters() -> None:
    assert titles_of("宝山区大场镇推出“乾溪云议厅”项目，方便居民议事。") == [
        "大场镇“乾溪云议厅”项目"
    ]


@pytest.mark.parametrize(
    "text",
    ["徐汇区推出“停车难”治理项目", "来自田林街道“这个办法好”，老王说。", "浦东新区把“老破小”改了"],
)
def test_a_trouble_and_what_is_said_are_no_names(text: str) -> None:
    assert find_names(text) == []


def test_what_somebody_calls_for_is_no_name() -> None:
    text = "崇明区东平镇的足球基地提出“缔造最好的球队”，训练很苦。"
    assert titles_of(text) == []


def test_a_passage_without_a_place_is_where_the_article_was_last() -> None:
    text = (
        "南京市浦口区的社区每月开一次会。\n社区还推出“板凳议事”平台，居民议事方便了。\n"
        "徐汇区田林街道推出“邻里汇”平台，居民议事方便了。"
    )
    assert titles_of(text) == ["田林街道“邻里汇”平台"]


def test_an_article_about_another_city_gives_no_draft_and_says_so() -> None:
    text = (
        "社区推出“民情气象台”平台，居民议事方便了，大家都满意。\n"
        "“上海的经验很有启发。”民政局的同志说，今年去上海学习过两次。"
    )
    findings = extraction.find(article(text, title="杭州：把治理的绣花针握牢"), known())
    assert findings.drafts == ()
    assert "外地（杭州）" in findings.remark


def test_a_partner_in_shanghai_has_no_case_in_an_article_about_elsewhere() -> None:
    text = (
        "龙华区民治街道与上海市浦东新区塘桥街道结成“友好社区”联盟，两地社工互访，居民受益。\n"
        "深圳市南山区的社区工作，跟着人走。"
    )
    assert titles_of(text, title="深圳：社区治理先行") == []


def test_where_somebody_comes_from_does_not_end_a_case() -> None:
    text = (
        "徐汇区田林街道推出“骑手驿站”平台，方便骑手歇脚。\n"
        "来自安徽的骑手小李每天来坐坐。\n驿站开门一年，接待骑手3200人次。"
    )
    draft = draft_of(text)
    assert [(f["value"], f["unit"]) for f in draft["figures"]] == [(3200, "人次")]


def test_what_a_district_does_is_not_done_in_the_street_named_before() -> None:
    text = (
        "家住凉城新村街道的吴阿姨最近发现，办事不用出小区了。\n"
        "区民政局在各街道推出“家门口办事”平台，居民少跑了路。"
    )
    (found,) = extraction.find(article(text, title="虹口：办事不出小区"), known()).drafts
    assert (found.subdistricts, found.districts) == ((), ("hongkou",))


def test_a_residents_area_is_no_officer() -> None:
    text = "长宁区华阳路街道西一居民区长宁路上的一栋楼，推出“四张桌子”工作法，居民满意。"
    assert titles_of(text) == ["华阳路街道“四张桌子”工作法"]


def test_a_case_that_the_title_names_takes_what_grew_out_of_it() -> None:
    text = (
        "嘉定区江桥镇的居民把绘本搬到楼道，取名“共享书柜”，孩子们都来看书。\n"
        "江桥镇顺势推出“一楼一书柜”计划，镇里补贴木料，居民自己动手。"
    )
    assert titles_of(text, title="楼道里长出“共享书柜”") == ["江桥镇“共享书柜”"]


def test_a_place_that_has_nothing_to_do_with_a_case_is_not_its_own() -> None:
    draft = draft_of("浦东新区新场镇的“桃花合作社”和祝桥镇没有关系，村民增收，人人满意。")
    assert names_of(draft["subdistricts"]) == {"新场镇"}


def test_what_is_only_planned_is_no_practice() -> None:
    text = "下一步，闵行区将按照《美丽街区建设三年行动计划》要求，三年内改造150片街区，居民受益。"
    assert titles_of(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "会前，与会代表参观了徐汇区田林街道。会议要求，各区要落实指导意见，推进社区服务，方便居民。",
        "今年前三季度，全市共新建社区综合为老服务中心37家、社区助餐场所206个，惠及老人。",
    ],
)
def test_a_meeting_and_a_statistic_are_no_practice(text: str) -> None:
    assert titles_of(text) == []


def test_those_who_come_to_learn_have_no_case_of_their_own() -> None:
    text = (
        "长宁区天山路街道推出“居民打分台”机制，菜场的摊位由居民打分，大家满意。\n"
        "仙霞新村街道、北新泾街道已派人前来取经，预计今年底各有一家菜场试行。"
    )
    assert titles_of(text) == ["天山路街道“居民打分台”机制"]


def test_where_visitors_come_from_is_not_where_a_case_lies() -> None:
    text = (
        "金山区金山卫镇开出“法治茶馆”，村民一边喝茶一边说事，纠纷少了。\n"
        "石化街道、山阳镇的村干部都来喝过茶。今年，“法治茶馆”打造成了“话法”品牌。"
    )
    assert titles_of(text) == ["金山卫镇“法治茶馆”"]


def test_each_line_of_a_list_without_numbers_is_a_case() -> None:
    text = (
        "社区生活圈优秀案例公示\n\n现将拟入选的名单公示如下，公示期为五个工作日，如有异议请来电。\n\n"
        "黄浦区外滩街道  “第一立面”更新\n长宁区新华路街道  “番禺路”步行街\n"
        "杨浦区大桥街道  “宁武路”驿站\n奉贤区南桥镇  “古华园”更新\n\n江畔市规划局\n2023年10月31日"
    )
    found = extraction.find(reading.read(text.encode()), known()).drafts
    assert [d.title[:4] for d in found] == ["外滩街道", "新华路街", "大桥街道", "南桥镇“"]


def test_a_case_lies_in_the_only_town_named_so_far() -> None:
    text = (
        "从市区坐车到崇明区港沿镇，要一个半小时，年轻人都不愿意留下。\n"
        "党总支书记在树下摆了一张方桌，取名“方桌会”，请大家出主意。\n"
        "如今“方桌会”有了二十处。竖新镇、向化镇也来看过。"
    )
    assert titles_of(text) == ["港沿镇“方桌会”"]
    assert titles_of(text, title="崇明：一张方桌的故事") == ["港沿镇“方桌会”"]


def test_a_picture_supplied_by_the_body_described_is_weaker_evidence() -> None:
    draft = found_in("government.html")["drafts"][0]
    assert [e["grade"] for e in draft["evidence"]].count("D") == 1
    assert draft["evidence"][-1]["quotation"].endswith("（真新街道供图）")


def test_an_officials_place_alone_begins_no_case() -> None:
    text = "徐汇区委书记表示，要多跟群众打交道，解决停车难，推出更多便民服务。"
    assert extraction.find(article(text), known()).drafts == ()


@given(
    st.text(
        alphabet="徐汇区静安街道镇村“”《》（）123万千百余名,，。；：、推出打造平台法 \n",
        max_size=200,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_text_at_all_is_read_without_failing(text: str) -> None:
    try:
        read = reading.read(text.encode())
    except reading.ReadingError:
        return
    found = extraction.to_json(extraction.find(read, known()), known())
    for draft in found["drafts"]:
        assert len(draft["title"]) <= 80
        assert all(len(e["quotation"]) <= 60 for e in draft["evidence"])
