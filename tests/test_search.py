"""`?q=`: what is found on the real cases, why, and that nothing else is."""

import random
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from pyroaring import BitMap

from cases import facets, publishing, records
from cases.models import District, PlaceAlias, SynonymSet
from cases.search import postgres, rebuilding, sqlite
from cases.search.documents import passages
from cases.search.index import index
from cases.search.query import Word, parse
from cases.search.text import Phrase, fold, index_tokens, pinyin_tokens, query_tokens

from . import make

pytestmark = pytest.mark.django_db

PARTY = {3, 4, 5, 6, 7}
COMMITTEE = {1, 2, 3, 6, 7, 10, 16, 18, 19, 20}
# Query -> the ids of the real cases that it finds.
QUERIES = {
    # Names, and parts of names
    "微心愿": {5},
    "沪东微心愿": {5},
    "沪东“微心愿”": {5},
    "「微心愿」": {5},
    "心愿": {4, 5},
    "潮汐式停车": {19},
    "潮汐": {19},
    "爱照护": {14},
    "候鸟父母": {21},
    "狗妈妈巡逻队": {18},
    "双重管理法": {20},
    "墙上菜场": {16},
    "微菜场": {15},
    "满意在徐汇": {1},
    "市民文化节": {8},
    "居民说了算": {10},
    "雪龙号": {5},
    "五违": {22},
    # Two characters
    "停车": {19},
    "菜场": {15, 16},
    "厨卫": {1, 2},
    "群租": {17, 22},
    "南极": {5},
    "板桥": {11},
    # Places by official name, everyday name, village and estate
    "沪东新村街道": {4, 5},
    "沪东街道": {4, 5},
    "凌云路街道": {1, 2},
    "凌云街道": {1, 2},  # texts with the official name, too
    "延吉街道": {14},
    "打浦桥社区": {9, 10},
    "江宁社区": {7},
    "新如村": {6},
    "馨佳园": {15},
    "祥和名邸": {13},
    "徐汇": {1, 2, 15},
    "徐汇区": {1, 2, 15},
    "新虹": {11},
    "虹桥": set(),  # 新虹街道 is neither 虹桥街道 nor 虹桥镇
    # Pinyin and initials
    "wxy": {5},
    "weixinyuan": {5},
    "hudong": {4, 5},
    "hudongjiedao": {4, 5},
    "hdjd": {4, 5},
    "xuhui": {1, 2, 15},
    "minhang": {11, 15},
    "changzheng": {13},
    "jiangning": {7},
    "WXY": {5},
    # Traditional characters and full width
    "微心願": {5},
    "黨員": PARTY,
    "社區黨委": {3},
    "雙重管理": {20},
    "Ｏ２Ｏ": {15},
    "３２６９６": {9},
    # Synonyms
    "居委会": COMMITTEE,
    "居民委员会": COMMITTEE,
    "老年人": {14, 21},
    "老人": {14, 21},
    "网格": {12, 13, 16, 17},
    "网格化管理": {12, 13, 16, 17},
    "菜市场": {15, 16},
    "养狗": {18},
    # Latin, digits, formulas
    "O2O": {15},
    "o2o": {15},
    "app": {14},
    "648": {15},
    "32,696": {9},
    "1+6": {1, 3, 5, 8, 10},
    "1+(1+3+1)": {1},
    # Several words, phrases, exclusion
    "沪东 党员": {4, 5},
    "浦东　党员": {4, 5, 6},
    "老人 app": {14},
    "停车 楼宇": {19},
    '"在职党员"': {4, 5},
    "“在职党员”": {4, 5},
    "党员 -沪东": {3, 6, 7},
    "菜场 -微菜场": {16},
    "-党员": set(range(1, 23)) - PARTY,
    # One character
    "冰": {5, 15},
    "狗": {18},
    # Policies by title
    "关于深化本市街道体制改革的实施意见": {3, 4, 5, 7, 13, 14, 21},
    # Nothing
    "火星": set(),
    "党员 火星": set(),
    "愿心": set(),
    "闸北": set(),
    "!!!": set(),
    "“": set(),
    "-": set(),
}


def found(client: Client, **query: str) -> dict[str, Any]:
    response = client.get(f"/cases.json?{urlencode(query)}")
    assert response.status_code == 200, response.content
    return response.json()


def ids(client: Client, q: str) -> set[int]:
    return {case["id"] for case in found(client, q=q)["results"]}


def test_the_table_of_queries_on_the_real_cases(client: Client, real_cases: None) -> None:
    assert len(QUERIES) >= 60
    answers = {q: ids(client, q) for q in QUERIES}
    assert {q: a for q, a in answers.items() if a != QUERIES[q]} == {}


# Why


def test_a_row_says_in_which_section_the_word_stands(client: Client) -> None:
    make.make_published(approach="居民把车位让出来，潮汐停车就成了。[^1]")
    text = client.get("/cases/?q=潮汐").content.decode()
    assert "<mark>潮汐</mark>停车就成了" in text
    assert "做法" in text


def test_a_word_typed_in_pinyin_is_explained(client: Client, real_cases: None) -> None:
    text = client.get("/cases/?q=minhang").content.decode()
    assert "<mark>闵行区</mark>" in text
    assert "按拼音找到" in text


def test_the_page_says_which_synonym_was_used_and_offers_the_search_without_it(
    client: Client,
) -> None:
    SynonymSet.objects.create(words=["居委会", "居民委员会"])
    make.make_published(approach="居民委员会牵头。[^1]")
    text = client.get("/cases/?q=居委会").content.decode()
    assert "居民委员会" in text
    plain = urlencode({"q": '"居委会"'})
    assert f'href="/cases/?{plain}"' in text
    assert found(client, q='"居委会"')["count"] == 0


def test_a_synonym_of_an_excluded_word_is_named_and_can_be_left_in(client: Client) -> None:
    SynonymSet.objects.create(words=["居委会", "居民委员会"])
    case = make.make_published(approach="居民委员会牵头。[^1]")
    page = client.get("/cases/?q=-居委会")
    assert "“居委会”同时排除了居民委员会" in page.content.decode()
    assert ids(client, "-居委会") == set()
    exact = urlencode({"q": '-"居委会"'})
    assert page.context["exact_url"] == f"?{exact}"
    assert ids(client, '-"居委会"') == {case.pk}


def test_a_summary_is_no_reason_for_a_word_typed_in_pinyin(client: Client) -> None:
    make.make_published(
        title="停车", summary="小区停车。", subdistricts=[make.make_subdistrict()], topics=("pets",)
    )
    text = client.get("/cases/?q=lingyun").content.decode()
    assert "<mark>凌云路街道</mark>（按拼音找到）" in text
    assert ids(client, "xiaoqu") == set()


def test_signs_of_markdown_are_neither_found_nor_in_the_way(client: Client) -> None:
    case = make.make_published(
        summary="摘要",
        approach="居民[^1]自治，把**停*车***位让出来，见[本区`办法`](https://a.cn/zzz)。2015[^1]2016[^1]",
        results="# 结果\n\n> 满意[^1]",
    )
    for q in ("居民自治", "停车位", "本区办法", "2015", "2016", "结果", "满意"):
        assert ids(client, q) == {case.pk}, q
    for q in ("1", "zzz", "https", "20152016"):
        assert ids(client, q) == set(), q
    assert "居民<mark>自治</mark>" in client.get("/cases/?q=自治").content.decode()


def test_another_name_of_a_place_finds_the_texts_with_its_official_name(client: Client) -> None:
    street = make.make_subdistrict()
    PlaceAlias.objects.create(name="梅陇街", subdistrict=street)
    place = make.make_published(subdistricts=[street])
    named = make.make_published(approach="凌云路街道也来了。[^1]")
    make.make_published()
    assert ids(client, "梅陇街") == ids(client, "凌云路街道") == {place.pk, named.pk}
    assert ids(client, "meilongjie") == ids(client, "mlj") == {place.pk}
    assert "<mark>凌云路街道</mark>也来了" in client.get("/cases/?q=梅陇街").content.decode()


def test_a_former_name_of_a_district_is_understood(client: Client) -> None:
    district = make.make_district()
    PlaceAlias.objects.create(name="徐汇县", kind="former", district=district)
    case = make.make_published(district="xuhui")
    assert ids(client, "徐汇县") == {case.pk}


def test_brackets_and_spaces_of_a_document_number_do_not_matter(client: Client) -> None:
    policy = make.make_policy(title="某意见", number="沪委发〔2014〕14号")
    case = make.make_published(policies=((policy, "依据"),))
    for typed in (
        "沪委发〔2014〕14号",
        "沪委发[2014]14号",
        "沪委发（2014）14号",
        "沪委发 (2014) 14号",
    ):
        suggestions = client.get(f"/suggest/?{urlencode({'q': typed})}").json()["suggestions"]
        assert policy.get_absolute_url() in {item["url"] for item in suggestions}, typed
        if " " not in typed:
            assert ids(client, typed) == {case.pk}, typed


@pytest.mark.parametrize(
    ("qualifier", "written"),
    [("约", "约8765人"), ("以上", "8765人以上"), ("余", "8765余人"), ("", "8765人")],
)
def test_a_figure_is_found_as_it_is_said(client: Client, qualifier: str, written: str) -> None:
    case = make.make_complete_draft()
    make.make_figure(
        case, value=8765, unit="人", qualifier=qualifier, evidence=case.evidence.first()
    )
    publishing.publish(case)
    page = client.get(f"/cases/?q={written}").content.decode()
    assert f"参加人数 <mark>{written}</mark>" in page


def test_no_link_leads_to_a_query_that_is_too_long(client: Client) -> None:
    SynonymSet.objects.create(words=["居委会", "居民委员会"])
    words = f"居委会 {' '.join(f'{number:016}' for number in range(11))}"
    page = client.get(f"/cases/?{urlencode({'q': words})}")
    assert page.status_code == 200
    assert "居民委员会" in page.content.decode()
    assert "只查所输入的词" not in page.content.decode()


def test_more_than_twelve_words_are_refused_not_dropped(client: Client) -> None:
    make.make_published()
    words = "甲 乙 丙 丁 戊 己 庚 辛 壬 癸 子 丑"
    assert client.get(f"/cases/?{urlencode({'q': words})}").status_code == 200
    for address in ("/cases/", "/cases.json", "/cases.csv", "/api/v1/cases/"):
        response = client.get(f"{address}?{urlencode({'q': f'{words} -寅'})}")
        assert response.status_code == 400, address
        assert "一次最多查 12 个词。" in response.content.decode()


def test_a_control_character_gets_a_reason_that_makes_sense(client: Client) -> None:
    response = client.get("/cases.json?q=%00")
    assert response.status_code == 400
    assert response.json()["errors"]["q"] == ["检索词不能含有控制字符。"]


def test_words_are_not_offered_alone_where_the_filters_are_in_the_way(client: Client) -> None:
    make.make_published(approach="潮汐养老[^1]", district="pudong")
    make.make_district("xuhui")
    page = client.get("/cases/?q=潮汐 养老&district=xuhui")
    assert page.context["alone"] == []
    assert "没有案例同时含有这些词" not in page.content.decode()
    assert "去掉“徐汇区”" in page.content.decode()


def test_a_query_of_signs_is_told_so(client: Client) -> None:
    make.make_published()
    text = client.get("/cases/?q=!!!").content.decode()
    assert "检索词里没有可以查的字" in text
    assert "没有收录到" not in text


def test_an_empty_result_can_still_be_taken_along(client: Client) -> None:
    make.make_published()
    text = client.get("/cases/?q=火星").content.decode()
    for address in ("/cases.atom?q=", "/cases.csv?q=", 'data-copy="/cases/?q='):
        assert address in text
    assert text.count('<nav id="facet-') == 11
    assert '<a href="/cases/">看全部案例</a>' in text
    assert "/about/#scope" in text
    assert client.get("/cases.csv?q=火星").status_code == 200


def test_a_new_search_keeps_the_chosen_order(client: Client) -> None:
    make.make_published()
    text = client.get("/cases/?sort=year&q=居民").content.decode()
    assert '<input type="hidden" name="sort" value="year">' in text


def test_marking_cannot_be_used_to_bring_in_markup(client: Client) -> None:
    make.make_published(summary="<script>潮汐</script>", title="<b>潮汐</b>")
    text = client.get("/cases/?q=潮汐").content.decode()
    assert "<script>" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;<mark>潮汐</mark>" in text


def test_when_the_words_have_nothing_in_common_each_is_offered_alone(client: Client) -> None:
    make.make_published(approach="潮汐[^1]")
    make.make_published(approach="养老[^1]")
    make.make_published(approach="养老院[^1]")
    page = client.get("/cases/?q=潮汐 养老")
    assert [(str(w), n) for w, n in page.context["alone"]] == [("潮汐", 1), ("养老", 2)]
    assert f'href="/cases/?{urlencode({"q": "养老"})}"' in page.content.decode()


def offers(client: Client, q: str, **chosen: str) -> dict[str, int]:
    """Return what the page of an empty result offers, and hold each number against its address."""
    page = client.get(f"/cases/?{urlencode({'q': q, **chosen})}")
    text = page.content.decode().partition('id="results"')[2]
    lines = re.findall(
        r'<li><a href="/cases/\?([^"]*)"[^>]*><span>([^<]*)</span> <span class="n">(\d+)<', text
    )
    for query, label, count in lines:
        total = client.get(f"/cases.json?{unescape(query)}").json()["count"]
        assert total == int(count), label
    return {unescape(label): int(count) for _query, label, count in lines}


def test_each_word_of_an_empty_result_can_be_given_up(client: Client) -> None:
    make.make_published(title="一", approach="潮汐泊位[^1]", district="pudong")
    make.make_published(title="二", approach="潮汐养老[^1]", district="pudong")
    make.make_district("xuhui")
    assert offers(client, "潮汐 泊位 -养老", district="xuhui") == {"去掉“徐汇区”": 1}
    assert offers(client, "潮汐 泊位 养老") == {
        "潮汐": 2,
        "泊位": 1,
        "养老": 1,
        "去掉检索词“泊位”": 1,
        "去掉检索词“养老”": 1,
        "去掉“潮汐 泊位 养老”": 2,
    }
    assert offers(client, "潮汐 泊位 -潮汐") == {"不排除“潮汐”": 1, "去掉“潮汐 泊位 -潮汐”": 2}


def test_an_exclusion_is_blamed_for_what_it_took_out(client: Client) -> None:
    make.make_published(approach="潮汐停车[^1]", district="pudong")
    make.make_district("xuhui")
    page = client.get("/cases/?q=潮汐 停车 -楼宇 -停车&district=pudong")
    assert "没有案例同时含有这些词" not in page.content.decode()
    offered = offers(client, "潮汐 停车 -楼宇 -停车", district="pudong")
    assert offered["不排除“停车”"] == 1
    assert "不排除“楼宇”" not in offered


def test_near_words_are_offered_for_one_that_nothing_has(client: Client) -> None:
    SynonymSet.objects.create(words=["居委会", "居民委员会"])
    make.make_published(approach="居民委员会管停车，也管老年食堂。[^1]")
    assert offers(client, "停车难怎么办")["停车"] == 1
    assert offers(client, "居委")["居委会"] == 1
    assert offers(client, "居委会换届")["居委会"] == 1
    assert offers(client, "老年食堂、停车")["老年食堂 停车"] == 1
    assert offers(client, '"停车 老年"')["停车 老年"] == 1
    longest = [label for label in offers(client, "大老年食堂停车位") if "“" not in label]
    assert longest == ["老年食堂", "停车"]
    for q in ("火星", "停车"):
        assert "可以改查" not in client.get(f"/cases/?q={q}").content.decode()


def test_near_words_are_looked_up_a_bounded_number_of_times(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    make.make_published(approach="居民" * 50 + "[^1]")
    words = " ".join(f"{mark}{'居民' * 15}{mark}" for mark in "甲乙丙丁")
    client.get("/cases/?q=火")
    with django_assert_max_num_queries(150):
        client.get(f"/cases/?{urlencode({'q': words})}")


def test_quotation_marks_ask_for_the_very_words(client: Client) -> None:
    street = make.make_subdistrict()
    PlaceAlias.objects.create(name="梅陇街", subdistrict=street)
    named = make.make_published(subdistricts=[street], title="微心愿")
    assert ids(client, "wxy") == ids(client, "梅陇街") == ids(client, '"微心愿"') == {named.pk}
    assert ids(client, '"wxy"') == ids(client, '"梅陇街"') == set()
    assert ids(client, '"凌云路街道"') == {named.pk}
    assert ids(client, '-"wxy"') == {named.pk}


def test_a_mark_stands_only_where_the_word_is_found(client: Client) -> None:
    case = make.make_published(
        title="落实1+6文件",
        summary="全区有3.5万人，32,696平方米，10,000㎡，居民自治",
        approach="评出3个6条，又有社区_联盟[^1]",
    )
    for q, marked in {
        "6": ["6"],
        "3": ["3"],
        "1+6": ["1+6"],
        "3.5": ["3.5"],
        "32696": ["32,696"],
        "10000㎡": ["10,000㎡"],
        "10000": [],
        "社区_联盟": ["社区_联盟"],
        "社区联盟": [],
        "32": [],
        '"居民 自治"': [],
    }.items():
        page = client.get(f"/cases/?{urlencode({'q': q})}").content.decode()
        assert re.findall("<mark>(.*?)</mark>", page) == marked, q
        assert ids(client, q) == ({case.pk} if marked else set()), q


def test_names_come_before_places_and_summaries_and_these_before_the_body(client: Client) -> None:
    body = make.make_published(title="一", approach="潮汐[^1]")
    head = make.make_published(title="二", summary="关于潮汐的摘要")
    name = make.make_published(title="潮汐办法")
    alias = make.make_published(title="四", aliases=["潮汐法"])
    later = make.make_published(title="五", approach="潮汐[^1]")
    order = [case["id"] for case in found(client, q="潮汐")["results"]]
    assert order == [alias.pk, name.pk, head.pk, later.pk, body.pk]


def test_ranked_pages_follow_one_another_without_gap_or_repetition(client: Client) -> None:
    draw = random.Random(1)  # noqa: S311 - a fixed spread, not a secret
    made = set()
    for _ in range(45):
        place = draw.choice(["title", "summary", "approach"])
        made.add(make.make_published(**{place: f"潮汐{draw.random()}[^1]"}).pk)
    pages = [client.get(f"/cases/?q=潮汐&page={page}").context["rows"] for page in (1, 2, 3)]
    seen = [row.id for rows in pages for row in rows]
    assert len(seen) == len(set(seen)) == 45
    assert set(seen) == made


def test_a_search_keeps_its_words_when_a_facet_is_chosen(client: Client) -> None:
    make.make_published(approach="潮汐[^1]", district="xuhui")
    make.make_published(approach="潮汐[^1]", district="pudong")
    make.make_published(approach="养老[^1]", district="pudong")
    data = found(client, q="潮汐")
    counts = {v["value"]: v["count"] for v in data["facets"]["district"]}
    assert counts == {"xuhui": 1, "pudong": 1}
    assert client.get(data["facets"]["district"][0]["url"]).json()["count"] == 1
    assert found(client, q="潮汐", sort="year")["count"] == 2


# The index follows what is published


def test_what_is_withdrawn_or_never_published_is_not_found(client: Client) -> None:
    gone = make.make_published(title="潮汐停车")
    make.make_complete_draft(title="潮汐草稿")
    make.make_in_review(title="潮汐待审")
    assert ids(client, "潮汐") == {gone.pk}
    publishing.withdraw(gone, None, "重复收录")
    assert ids(client, "潮汐") == set()


def test_a_case_published_again_is_found_by_its_new_text_only(client: Client) -> None:
    case = make.make_published(title="旧的名称")
    publishing.withdraw(case, None, "改名")
    case.title = "新的叫法"
    case.save()
    publishing.publish(case)
    assert ids(client, "旧的") == set()
    assert ids(client, "新的叫法") == {case.pk}


def test_a_new_alias_and_a_new_synonym_count_at_once(client: Client) -> None:
    street = make.make_subdistrict()
    case = make.make_published(subdistricts=[street], approach="居民委员会[^1]")
    assert ids(client, "凌云社区") == ids(client, "居委") == set()
    PlaceAlias.objects.create(name="凌云社区", subdistrict=street)
    SynonymSet.objects.create(words=["居委", "居民委员会"])
    assert ids(client, "凌云社区") == ids(client, "居委") == {case.pk}


def test_the_cases_of_a_dissolved_district_are_found_by_both_names(client: Client) -> None:
    jingan = make.make_district("jingan")
    make.make_district("zhabei", dissolved="2015-11", merged_into=jingan)
    District.objects.filter(slug="zhabei").update(short_name="闸北")
    case = make.make_published(district="zhabei", approach="做法[^1]")
    assert ids(client, "静安区") == ids(client, "闸北") == {case.pk}


def test_reindexing_finds_the_same_and_mends_what_was_lost(client: Client) -> None:
    kept, changed = make.make_published(title="潮汐停车"), make.make_published(title="旧名")
    publishing.withdraw(changed, None, "改名")
    index().drop()
    index().create()
    assert ids(client, "潮汐") == set() or facets.store.clear() is None
    assert rebuilding.rebuild() == 1
    assert ids(client, "潮汐") == {kept.pk}
    assert ids(client, "旧名") == set()


@pytest.mark.parametrize("few", [0, 1_000], ids=["bitmaps of every word", "no bitmaps"])
def test_what_is_published_during_a_rebuild_is_found_by_its_newest_text(
    few: int, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for filling in (postgres.Filling, sqlite.Filling):
        monkeypatch.setattr(filling, "FEW", few)
    changed, gone = make.make_published(title="旧的名称"), make.make_published(title="要撤回的")
    made = []

    def meanwhile(done: int) -> None:
        copy = publishing.start_revision(changed)
        copy.title = "新的叫法"
        copy.save()
        publishing.publish(copy)
        publishing.withdraw(gone, None, "重复收录")
        made.append(make.make_published(title="后来的").pk)

    assert rebuilding.rebuild(meanwhile) == 2
    assert ids(client, "旧的") == ids(client, "撤回") == set()
    assert ids(client, "新的叫法") == {changed.pk}
    assert ids(client, "后来") == set(made)
    assert set(BitMap.union(*index().find(Phrase.of("的")))) == {changed.pk, *made}
    publishing.withdraw(changed, None, "再撤")
    made.append(make.make_published(title="最后的").pk)
    assert set(BitMap.union(*index().find(Phrase.of("的")))) == set(made)
    assert rebuilding.rebuild() == 2
    assert set(BitMap.union(*index().find(Phrase.of("的")))) == set(made)


# Tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("微心愿", ["微心", "心愿", "愿"]),
        ("沪东“微心愿”", ["沪东", "东微", "微心", "心愿", "愿"]),
        ("《上海》", ["上海", "海"]),
        ("在15分钟内", ["在", "15", "分钟", "钟内", "内"]),
        ("“1+6”文件", ["1+6", "文件", "件"]),
        ("1+(1+3+1)", ["1+(1+3+1)"]),
        ("Ｏ２Ｏ　社區", ["o2o", "社区", "区"]),
        ("32,696平方米", ["32696", "平方", "方米", "米"]),
        ("3.5万", ["3.5", "万"]),
        ("报到—认领", ["报到", "到", "认领", "领"]),
        ("a_b", ["a", "b"]),
        ("", []),
        ("，。！", []),
    ],
)
def test_tokens_of_an_indexed_text(text: str, tokens: list[str]) -> None:
    assert index_tokens(text) == tokens


@pytest.mark.parametrize(
    ("text", "tokens", "prefix"),
    [
        ("微心愿", ["微心", "心愿"], False),
        ("微", ["微"], True),
        ("在2015年", ["在", "2015", "年"], True),
        ("1+6", ["1+6"], False),
        ("“”", [], False),
    ],
)
def test_tokens_of_a_query_word(text: str, tokens: list[str], prefix: bool) -> None:
    assert query_tokens(text) == (tokens, prefix)


def test_what_is_folded_stays_so() -> None:
    assert fold("薴") == fold("苧") == fold("苎") == "苎"


def test_names_of_places_are_read_as_they_are_here() -> None:
    for name, typed in [("闵行区", "minhang"), ("长宁区", "changning"), ("庙行镇", "miaohang")]:
        assert any(token[1:].startswith(typed) for token in pinyin_tokens(name)), name


@pytest.mark.parametrize(
    ("q", "words"),
    [
        ("停车 养老", [Word("停车"), Word("养老")]),
        ("停车　-养老", [Word("停车"), Word("养老", excluded=True)]),
        ("停车 －养老", [Word("停车"), Word("养老", excluded=True)]),
        ('"停车 难"', [Word("停车 难", quoted=True)]),
        ("“停车 难", [Word("停车 难", quoted=True)]),
        ('-"停车"', [Word("停车", excluded=True, quoted=True)]),
        ("停车 停车", [Word("停车")]),
        ("- ! “”", []),
    ],
)
def test_reading_a_query(q: str, words: list[Word]) -> None:
    assert parse(q) == words


# Exactness


def texts_of_generated_cases(number: int) -> dict[int, str]:
    """Publish cases of random text and return what searching sees of each, folded."""
    draw = random.Random(11)  # noqa: S311 - a fixed text, not a secret
    alphabet = "街道居民社区治理停车养老微心愿网格协商，。 、“”1+6O2O（）-2015年，的了在和"
    for _ in range(number):
        body = "".join(draw.choice(alphabet) for _ in range(draw.randint(20, 300)))
        make.make_published(title=body[:20].strip() or "题", approach=f"{body[20:]}[^1]")
    return {
        pk: "\n".join(fold(passage.text) for passage in passages(record))
        for pk, record in records.load_all()
    }


HAN = re.compile(r"[\u4e00-\u9fff]{2,8}\Z")


def test_random_parts_of_the_texts_find_what_a_plain_scan_finds(client: Client) -> None:
    texts = texts_of_generated_cases(150)
    snapshot = facets.current()
    draw = random.Random(13)  # noqa: S311 - a fixed choice, not a secret
    checked = 0
    from cases.search.query import Search

    while checked < 1500:
        text = draw.choice(list(texts.values()))
        start = draw.randrange(len(text))
        part = text[start : start + draw.randint(2, 8)]
        if not HAN.match(part):
            continue
        expected = {pk for pk, other in texts.items() if part in other}
        assert set(Search([Word(part, quoted=True)], snapshot).found) == expected, part
        checked += 1


def test_a_phrase_does_not_reach_from_one_text_into_the_next(client: Client) -> None:
    make.make_published(title="停车", aliases=["养老"], summary="居民")
    for q in ("停车养老", "车养", "老居", "养老居民"):
        assert ids(client, q) == set(), q


def test_a_very_long_text_is_found_to_its_end(client: Client) -> None:
    long = "停车，" * 9000 + "末尾的奇词异句"
    case = make.make_published(approach=f"{long}[^1]")
    assert ids(client, "奇词异句") == {case.pk}
    assert ids(client, "停车") == {case.pk}
    publishing.withdraw(case, None, "太长")
    assert ids(client, "奇词异句") == set()


# Suggestions


def test_suggestions_name_cases_places_policies_and_words(client: Client, real_cases: None) -> None:
    def kinds(q: str) -> set[tuple[str, str]]:
        answer = client.get(f"/suggest/?{urlencode({'q': q})}")
        assert answer["Content-Type"] == "application/json"
        return {(item["kind"], item["url"]) for item in answer.json()["suggestions"]}

    assert ("案例", "/cases/5/") in kinds("微心")
    assert ("案例", "/cases/5/") in kinds("wxy")
    assert ("街镇", "/cases/?subdistrict=310104015") in kinds("凌云街道")
    assert ("区", "/districts/minhang/") in kinds("mh")
    assert ("政策文件", "/policies/1/") in kinds("1+6")
    assert ("议题", "/cases/?topic=parking") in kinds("停车")
    assert kinds("") == kinds("，") == kinds("火星人") == set()


def test_a_suggested_case_is_a_public_one_and_a_new_one_appears_at_once(client: Client) -> None:
    make.make_complete_draft(title="潮汐草稿")
    assert client.get("/suggest/?q=潮汐").json() == {"suggestions": []}
    case = make.make_published(title="潮汐停车")
    assert client.get("/suggest/?q=潮汐").json()["suggestions"][0]["url"] == f"/cases/{case.pk}/"


@pytest.mark.parametrize("q", ["停" * 201, "a\0b"])
def test_a_query_that_cannot_be_meant_gets_a_reason(client: Client, q: str) -> None:
    response = client.get(f"/suggest/?{urlencode({'q': q})}")
    assert response.status_code == 400
    assert response.json()["errors"]["q"]
