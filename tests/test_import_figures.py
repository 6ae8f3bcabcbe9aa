"""Which numbers are figures, what they count, and when."""

import pytest

from cases.importing.extraction import years_in
from cases.importing.figures import find_figures
from cases.importing.numerals import read_chinese


def figures(text: str) -> list[tuple[float, str, str]]:
    return [(f.value, f.unit, f.label) for f in find_figures(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("服务老人1.2万人次", [(12000, "人次", "服务老人")]),
        ("开展三百余场活动", [(300, "场", "活动")]),
        ("百分之六十五的居民参与", [(65, "%", "居民")]),
        ("满意率达98.5%", [(98.5, "%", "满意率")]),
        ("设置了22个示范岗,122名党员定岗定责", [(22, "个", "示范岗"), (122, "名", "党员")]),
        ("投入1600万元", [(16_000_000, "元", "投入")]),
        ("街道投入85万元", [(850_000, "元", "投入")]),
        ("一间180平方米的老仓库改成客厅", [(180, "平方米", "老仓库")]),
        ("214名骑手上报问题1876件", [(214, "名", "骑手"), (1876, "件", "骑手上报问题")]),
        ("安装晾衣架326副", [(326, "副", "安装晾衣架")]),
        ("总投资3.2亿元", [(320_000_000, "元", "总投资")]),
        ("共有居民12万，其中老人3.5万户", [(120_000, "人", "居民"), (35_000, "户", "老人")]),
        ("两千多万常住人口", [(20_000_000, "人", "常住人口")]),
        ("四十余篇社区治理案例", [(40, "篇", "社区治理案例")]),
        ("发放问卷1,200份", [(1200, "份", "问卷")]),
        ("打通9个部门的数据", [(9, "个", "部门")]),
        (
            "调解成功率从70%提高到92%",
            [(70, "%", "调解成功率"), (92, "%", "调解成功率")],
        ),
        ("办理时间从15天缩短到3天", [(3, "天", "办理时间")]),
        ("近百名志愿者", [(100, "名", "志愿者")]),
        ("有九成居民同意", [(9, "成", "居民同意")]),
        ("目前35家驿站已经开门", [(35, "家", "驿站")]),
        ("分布于15个区内", [(15, "个", "区")]),
        ("四成多住户是租客，六成老人独居", [(4, "成", "住户"), (6, "成", "老人独居")]),
        ("每张床位配备5样设备，供餐26.4万客", [(5, "样", "设备"), (264_000, "客", "供餐")]),
        (
            "接到求助30分钟内上门，平均响应仅用7分钟",
            [(30, "分钟", "接到求助"), (7, "分钟", "平均响应")],
        ),
        ("湿垃圾由每日19吨增至45吨", [(19, "吨", "湿垃圾"), (45, "吨", "湿垃圾")]),
        ("劝阻违规行为1700余起", [(1700, "起", "劝阻违规行为")]),
        ("设施覆盖率达到97%", [(97, "%", "设施覆盖率")]),
        ("清理台账，将52项缩减，完成率83%", [(52, "项", "项"), (83, "%", "完成率")]),
        ("每年培训不少于40学时", [(40, "学时", "培训")]),
        ("邻里纠纷占四成五", [(4.5, "成", "邻里纠纷占")]),
        ("红色议题48小时内答复", [(48, "小时", "红色议题")]),
        ("每天巡逻，坚持了11年", [(11, "年", "连续")]),
        ("议题总数达到534个，参加人数近百名", [(534, "个", "议题总数"), (100, "名", "参加人数")]),
        ("累计存入时间112万小时", [(1_120_000, "小时", "累计存入时间")]),
        ("把87米长的旧围墙变成画廊", [(87, "米", "旧围墙")]),
        ("接待居民80人次，六成是老人", [(80, "人次", "接待居民"), (6, "成", "老人")]),
        ("25万白领每天涌来", [(250_000, "人", "白领")]),
        ("可得8万元左右的补偿", [(80_000, "元", "补偿")]),
        ("宝兴里用172天实现全部签约", [(172, "天", "宝兴里用")]),
        ("村里修路6.8公里", [(6.8, "公里", "村里修路")]),
        ("形成决议312项，其中287项已经落实", [(312, "项", "形成决议"), (287, "项", "形成决议")]),
    ],
)
def test_a_figure_has_number_unit_and_what_is_counted(
    text: str, expected: list[tuple[float, str, str]]
) -> None:
    assert figures(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "一名7岁的孩子和一位70多岁的老人，还有年过七旬的王阿姨",
        "家住123弄45号201室",
        "上午9:30到9点半，下午2时许",
        "2018年3月5日，5月初，上世纪80年代",
        "电话021-64321234或13812345678，热线12345",
        "第3届、第三届邻里节，第12次会议",
        "“1+1+X”模式、1+(1+3+1)、6+2、1+6",
        "十八届五中全会、十二届全国人大二次会议",
        "千家万户、百人百脾气、九龙治水、一心一意",
        "几十个小区，数百名居民",
        "三大举措、四个方面、两个层面",
        "80后青年住在3号楼12层",
        "“15分钟议事圈”和“村规十条”",
        "才三块五",
        "3.0版系统",
        "四个多月来，排在末三位的摊主",
        "家住明星村8组",
        "跑了七八户人家，来了三五个人",
        "算清五本账",
        "两地相隔三百公里",
        "五、四团镇“老法师带班”，七、三门路的议事会",
        "12345 市民有话说",
    ],
)
def test_ages_addresses_times_and_sayings_are_no_figures(text: str) -> None:
    assert figures(text) == []


def test_a_range_gives_its_lower_end_and_says_so() -> None:
    (figure,) = find_figures("每栋楼有20至30户居民")
    assert (figure.value, figure.upper, figure.qualifier) == (20, 30, "至 30")
    (figure,) = find_figures("每年为每家提供20万-30万元补贴")
    assert (figure.value, figure.upper) == (200_000, 300_000)
    (figure,) = find_figures("服务费每月1500元到2500元不等")
    assert (figure.value, figure.upper) == (1500, 2500)


def test_words_for_inexact_numbers_are_kept() -> None:
    found = find_figures("招募志愿者300多名，活动60余场，超过1400名，垃圾减量30%以上")
    assert [f.qualifier for f in found] == ["多", "余", "超过", "以上"]


def test_the_time_that_the_sentence_states_goes_with_the_figure() -> None:
    (figure,) = find_figures("2015年全年共开展各类活动300余场")
    assert figure.period == "2015年全年"
    (figure,) = find_figures("截至2020年底，建成驿站287个")
    assert figure.period == "截至2020年底"


def test_a_figure_is_quoted_from_the_text_itself() -> None:
    text = "据悉," + "街道多年来一直坚持做这件事情," * 8 + "共开展活动300余场。"
    (figure,) = find_figures(text)
    assert figure.quotation in text
    assert "300余场" in figure.quotation
    assert len(figure.quotation) <= 60


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("三百二十", 320),
        ("两千", 2000),
        ("十二", 12),
        ("一万五千", 15_000),
        ("二〇一五", 2015),
        ("三亿", 300_000_000),
        ("三五", 35),
        ("一" * 100, None),
    ],
)
def test_chinese_numerals_are_read(numeral: str, value: int | None) -> None:
    assert read_chinese(numeral) == value


def test_years_are_found_however_they_are_written() -> None:
    text = "2013年起；2015—2017年；二〇一八年；2019-05-01；电话20201234；1200年"
    assert years_in(text) == (2013, 2015, 2017, 2018, 2019)
