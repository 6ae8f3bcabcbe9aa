"""Which 《…》 are policy documents."""

import pytest

from cases.importing.titles import find_policies

from .articles import known


def titles(text: str) -> list[str]:
    return [p.title for p in find_policies(text, known()) if p.titled]


@pytest.mark.parametrize(
    "text",
    [
        "根据《上海市居民委员会工作条例》",
        "出台《关于加强社区治理的实施意见》",
        "印发《静安区停车难治理三年行动计划（2018-2020年）》",
        "《中华人民共和国反家庭暴力法》施行以来",
        "贯彻《上海市实施〈中华人民共和国老年人权益保障法〉办法》",
        "《朱家角镇河道志愿巡查管理办法》规定",
        "《住宅小区管理办法（试行）》",
        "《民法典》规定，业主共同决定",
        "《中华人民共和国民法总则》颁布",
        "对照《中华人民共和国水污染防治法》",
        "《长宁区社会治理“十三五”规划》提出",
    ],
)
def test_a_document_of_an_authority_is_a_policy(text: str) -> None:
    title = text[text.index("《") + 1 : text.rindex("》")]
    assert titles(text) == [title]


@pytest.mark.parametrize(
    "text",
    [
        "《解放日报》《新民晚报》《浦东时报》报道",
        "合唱《我的祖国》，沪剧《板桥霜》",
        "《以民为本 以人为本——2015年上海社区治理优秀案例汇编》一书",
        "出版《社区工作法》一书，读《孙子兵法》",
        "修订了《居民公约》，签订《合作协议》",
        "微电影《邻里的规定》首映，电影《百年计划》上映",
        "编印《垃圾分类指南》",
        "专家建议出台《时间银行管理条例》",
        "《意见》明确，《计划》提出",
        "小说《没有单位的人》，期刊《社会学研究》",
    ],
)
def test_papers_books_songs_and_compacts_are_none(text: str) -> None:
    assert titles(text) == []


def test_a_known_document_is_recognised_by_title_alias_and_number() -> None:
    found = find_policies(
        "按照《上海市街道办事处条例》、沪委发〔2021〕22号文件和“1+6”文件精神", known()
    )
    assert [(p.key, p.titled) for p in found] == [
        ("subdistrict-office-rules-2016", True),
        ("shanghai-grassroots-2021", False),
        ("1plus6-overall", False),
    ]


def test_another_formula_is_not_the_1_plus_6_set() -> None:
    assert find_policies("探索“1+6”楼组模式", known()) == []
