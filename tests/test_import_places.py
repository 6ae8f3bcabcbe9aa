"""Which places an article names."""

import pytest

from cases.importing.places import find_places

from .articles import article, known, names_of


def places(text: str, title: str = "", date: str = "") -> tuple[set[str], set[str], list[str]]:
    """Return districts, names of streets and towns, and places elsewhere."""
    found = find_places(article(text, title, date), known())
    return set(found.districts), names_of(list(found.subdistricts)), list(found.outside)


@pytest.mark.parametrize(
    ("text", "districts", "subdistricts"),
    [
        ("闵行区虹桥镇的老年公寓", {"minhang"}, {"虹桥镇"}),
        ("长宁区虹桥街道的议事厅", {"changning"}, {"虹桥街道"}),
        ("闵行区新虹街道的楼宇", {"minhang"}, {"新虹街道"}),
        ("浦东新区新场镇祝桥村", {"pudong"}, {"新场镇"}),
        ("浦东新区祝桥镇新如村", {"pudong"}, {"祝桥镇"}),
        ("张江镇的居民区", {"pudong"}, {"张江镇"}),
        ("徐汇区凌云街道", {"xuhui"}, {"凌云路街道"}),
        ("浦东新区沪东街道", {"pudong"}, {"沪东新村街道"}),
        ("黄浦区打浦桥社区文化活动中心", {"huangpu"}, {"打浦桥街道"}),
        ("宝山区馨佳园小区", {"baoshan"}, {"顾村镇"}),
        ("南京西路街道与四川北路街道", {"jingan", "hongkou"}, {"南京西路街道", "四川北路街道"}),
        ("静安寺街道", {"jingan"}, {"静安寺街道"}),
        ("古美街道和五角场街道", {"minhang", "yangpu"}, {"古美路街道", "五角场街道"}),
        ("提篮桥街道当年的做法", {"hongkou"}, {"北外滩街道"}),
        ("金山卫镇与南汇新城镇", {"jinshan", "pudong"}, {"金山卫镇", "南汇新城镇"}),
        ("真如镇街道", {"putuo"}, {"真如镇街道"}),
        ("浦东花木推出新服务", {"pudong"}, {"花木街道"}),
        ("奉贤南桥的睦邻点", {"fengxian"}, {"南桥镇"}),
        (
            "徐汇天平、湖南两个街道，黄浦区南京东路、外滩和小东门等街道，闵行莘庄、梅陇等镇",
            {"xuhui", "huangpu", "minhang"},
            {
                "天平路街道",
                "湖南路街道",
                "南京东路街道",
                "外滩街道",
                "小东门街道",
                "莘庄镇",
                "梅陇镇",
            },
        ),
        ("闵行区毗邻普陀，居民来往多", {"minhang", "putuo"}, set()),
    ],
)
def test_a_street_or_town_is_found_by_any_of_its_names(
    text: str, districts: set[str], subdistricts: set[str]
) -> None:
    assert places(text) == (districts, subdistricts, [])


@pytest.mark.parametrize(
    ("text", "districts"),
    [
        ("徐汇、静安、长宁等区先行试点", {"xuhui", "jingan", "changning"}),
        ("普陀区委书记来到现场", {"putuo"}),
        ("在静安，居民自己商量", {"jingan"}),
        ("浦东的经验", {"pudong"}),
        ("沿河步道从普陀到静安都已贯通", {"putuo", "jingan"}),
        ("嘉定区安排专项资金", {"jiading"}),
        ("普陀区长寿路100号", {"putuo"}),
        ("家住静安区江宁路、虹口区四川北路", {"jingan", "hongkou"}),
        ("上海金山推出新办法", {"jinshan"}),
    ],
)
def test_a_district_is_found_by_name_and_by_short_form(text: str, districts: set[str]) -> None:
    assert places(text) == (districts, set(), [])


@pytest.mark.parametrize(
    "text",
    [
        "静安寺香火旺盛，静安雕塑公园游人如织",
        "虹桥火车站、虹桥机场和虹桥商务区",
        "徐家汇路、南京西路、南京路、长宁路、宝山路、四川北路",
        "去普陀山看海",
        "绿水青山就是金山银山",
        "杭州湾北岸的风",
        "唐镇路上的梅陇镇广场",
        "岳阳医院的医生",
        "宝山钢铁股份有限公司",
        "黄浦江边的崇明岛轮渡",
        "嘉定古城与松江大学城",
        "张江高科技园区",
        "浦东国际机场、上海南站",
        "居民王长宁和老书记李金山、张静安是邻居",
        "教师徐汇明今年66岁，徐汇明的学生都来了",
        "村民孙崇明家住河边，孙崇明回来开了店",
        "苏州河北岸的步道，苏州河南岸的公园",
        "大学教授杨浦生认为，力量要下沉",
        "黄浦生说：“这是黄浦生的家。”",
        "《浦东时报》《松江报》作了报道",
        "加快建设镇级平台，培育新村乡风文明",
        "中山公园里有孙中山像，外高桥港区",
        "长治久安，延安精神，三明治",
        "分布在除崇明以外的15个区",
    ],
)
def test_a_name_inside_another_name_is_no_place(text: str) -> None:
    assert places(text) == (set(), set(), [])


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("南京市浦口区的网格茶馆", ["南京市浦口区"]),
        ("北京市朝阳区双井街道", ["北京市朝阳区双井街道"]),
        ("杭州市西湖区北山街道开展走访", ["杭州市西湖区北山街道"]),
        ("深圳南山、苏州工业园区也在探索", ["深圳南山", "苏州工业园区"]),
        ("浙江省舟山市普陀区沈家门街道", ["浙江省舟山市普陀区沈家门街道"]),
        ("湖北武汉、四川成都", ["湖北武汉", "四川成都"]),
        ("昆山市和嘉善县", ["昆山市", "嘉善县"]),
        ("来自四川的刘师傅", ["四川"]),
        ("杭州市拱墅区和睦街道的食堂", ["杭州市拱墅区和睦街道"]),
        # Elsewhere a district is called 西安区, another 海南区.
        ("从西安到海南，各地都在探索", ["西安", "海南"]),
        ("四川的三地老乡", ["四川"]),
        ("来自浙江嘉善的客人说，嘉善姚庄镇也有", ["浙江嘉善", "嘉善姚庄镇"]),
        ("江西省景德镇市珠山区的居民", ["江西省景德镇市珠山区"]),
        ("河南省郑州市管城区的街坊", ["河南省郑州市管城区"]),
        ("出台《杭州市城乡社区治理促进办法》", ["杭州市"]),
        ("江苏昆山来客：“我们昆山周市镇也有。”", ["江苏昆山", "昆山周市镇"]),
    ],
)
def test_places_of_other_cities_are_told_apart(text: str, outside: list[str]) -> None:
    assert places(text) == (set(), set(), outside)


def test_a_shared_name_is_elsewhere_in_an_article_about_elsewhere() -> None:
    assert places("中山街道与大桥街道派人前来", title="杭州小巷里的“红管家”")[1] == set()
    assert places("松江区的社区节上，中山街道派人前来")[1] == {"中山街道"}


def test_shanghai_is_the_talk_of_one_paragraph_in_an_article_about_elsewhere() -> None:
    text = "上海的经验很有启发，浦东也去看过\n金山社区、宝山社区的居民代表散了会"
    assert places(text, title="杭州：绣花针握得更牢") == ({"pudong"}, set(), ["杭州"])


def test_the_short_form_of_a_street_named_before_is_no_city_elsewhere() -> None:
    text = "松江区岳阳街道有了“岳阳记忆墙”\n中山街道也来参观"
    assert places(text) == ({"songjiang"}, {"岳阳街道", "中山街道"}, [])


def test_a_dissolved_district_stands_beside_that_of_today() -> None:
    assert places("闸北区彭浦镇")[0] == {"zhabei", "jingan"}
    assert places("卢湾区五里桥街道")[0] == {"luwan", "huangpu"}
    assert places("崇明县城桥镇")[0] == {"chongming-county", "chongming"}


def test_before_2016_chongming_was_a_county() -> None:
    assert places("崇明的村民", date="2015-03-01")[0] == {"chongming-county", "chongming"}
    assert places("崇明的村民", date="2018-03-01")[0] == {"chongming"}


def test_a_district_before_another_districts_street_does_not_make_it_its_own() -> None:
    assert places("宝山区中山街道")[1] == set()
