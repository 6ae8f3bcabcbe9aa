"""Citations to the letter, in both editions of GB/T 7714 and in the formats that programs read."""

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cases import publishing
from cases.outputs import citations
from cases.outputs.citations import BOOK, DATASET, JOURNAL, NEWSPAPER, POLICY, WEBPAGE, Item

from . import make

DAY = date(2023, 5, 2)
MUSEUM = Item(
    key="museum",
    kind=WEBPAGE,
    title="北京鲁迅博物馆志愿服务章程",
    authors=("北京鲁迅博物馆",),
    date="2021-04-21",
    url="http://…",
)
STATE = Item(
    key="state",
    kind=POLICY,
    title="国务院关于在全国建立农村最低生活保障制度的通知",
    authors=("国务院",),
    number="国发〔2007〕19号",
    date="2007-07-11",
    url="https://…",
    accessed="2022-10-17",
)
PAPER = Item(
    key="paper",
    kind=NEWSPAPER,
    title="李劼人轶事",
    authors=("李眉",),
    container="四川工人日报",
    date="1986-08-22",
    page="2",
)
ONLINE = Item(
    key="online",
    kind=NEWSPAPER,
    title="…",
    authors=("陈缮真",),
    container="人民日报",
    date="2022-08-16",
    page="17",
    url="http://…",
)
FOUR = ("甲", "乙", "丙", "丁")


def item(key: str, kind: str, title: str, **more: Any) -> Item:
    return Item(key=key, kind=kind, title=title, **more)


# The first four are those of conventions.md §5.3, to the character.
GOLDEN = [
    (
        MUSEUM,
        "北京鲁迅博物馆. 北京鲁迅博物馆志愿服务章程[EB/OL]. （2021-04-21）[2023-05-02]. http://….",
        "北京鲁迅博物馆. 北京鲁迅博物馆志愿服务章程[EB/OL]. (2021-04-21)[2023-05-02]. http://….",
    ),
    (
        STATE,
        "国务院. 国务院关于在全国建立农村最低生活保障制度的通知：国发〔2007〕19号[EB/OL]. "
        "（2007-07-11）[2022-10-17]. https://….",
        "国务院. 国务院关于在全国建立农村最低生活保障制度的通知: 国发〔2007〕19号[A/OL]. "
        "(2007-07-11)[2022-10-17]. https://….",
    ),
    (
        PAPER,
        "李眉. 李劼人轶事[N]. 四川工人日报，1986-08-22（2）.",
        "李眉. 李劼人轶事[N]. 四川工人日报, 1986-08-22(2).",
    ),
    (
        ONLINE,
        "陈缮真. …[N/OL]. 人民日报，2022-08-16（17）. http://….",
        "陈缮真. …[N/OL]. 人民日报, 2022-08-16(17)[2023-05-02]. http://….",
    ),
    (
        item("web-bare", WEBPAGE, "无作者无日期", url="http://e.org/d"),
        "无作者无日期[EB/OL]. [2023-05-02]. http://e.org/d.",
        "无作者无日期[EB/OL]. [2023-05-02]. http://e.org/d.",
    ),
    (
        item("web-four", WEBPAGE, "题", authors=FOUR, date="2021-04", url="http://e.org/d"),
        "甲，乙，丙，等. 题[EB/OL]. （2021-04）[2023-05-02]. http://e.org/d.",
        "甲, 乙, 丙, 等. 题[EB/OL]. (2021-04)[2023-05-02]. http://e.org/d.",
    ),
    (
        item("web-three", WEBPAGE, "题", authors=FOUR[:3], url="http://e.org/d"),
        "甲，乙，丙. 题[EB/OL]. [2023-05-02]. http://e.org/d.",
        "甲, 乙, 丙. 题[EB/OL]. [2023-05-02]. http://e.org/d.",
    ),
    (
        item("paper-nobody", NEWSPAPER, "题", container="某报", date="2020-01-02", page="3"),
        "题[N]. 某报，2020-01-02（3）.",
        "题[N]. 某报, 2020-01-02(3).",
    ),
    (
        item("paper-undated", NEWSPAPER, "题", authors=("甲",), container="某报", page="3"),
        "甲. 题[N]. 某报（3）.",
        "甲. 题[N]. 某报(3).",
    ),
    (
        item("paper-four", NEWSPAPER, "题", authors=FOUR, container="某报", date="2020-01-02"),
        "甲，乙，丙，等. 题[N]. 某报，2020-01-02.",
        "甲, 乙, 丙, 等. 题[N]. 某报, 2020-01-02.",
    ),
    (
        item("journal-four", JOURNAL, "论题", authors=FOUR, container="学报", date="2017"),
        "甲，乙，丙，等. 论题[J]. 学报，2017.",
        "甲, 乙, 丙, 等. 论题[J]. 学报, 2017.",
    ),
    (
        item("journal-bare", JOURNAL, "论题", container="学报", url="http://e.org/j"),
        "论题[J/OL]. 学报. http://e.org/j.",
        "论题[J/OL]. 学报[2023-05-02]. http://e.org/j.",
    ),
    (
        item("book", BOOK, "书名", authors=("甲",), container="出版社", date="2019-05"),
        "甲. 书名[M]. 出版社，2019.",
        "甲. 书名[M]. 出版社, 2019.",
    ),
    (item("book-bare", BOOK, "书名", container="出版社"), "书名[M]. 出版社.", "书名[M]. 出版社."),
    (
        item("book-four", BOOK, "书名", authors=FOUR, date="2019", url="http://e.org/b"),
        "甲，乙，丙，等. 书名[M/OL]. 2019. http://e.org/b.",
        "甲, 乙, 丙, 等. 书名[M/OL]. 2019[2023-05-02]. http://e.org/b.",
    ),
    (
        item("policy", POLICY, "纸上的文件", authors=("某局",), date="2015-03"),
        "某局. 纸上的文件[Z]. 2015-03.",
        "某局. 纸上的文件[A]. 2015-03.",
    ),
    (
        item("policy-nobody", POLICY, "文件", number="沪府发〔2021〕2号", date="2021"),
        "文件：沪府发〔2021〕2号[Z]. 2021.",
        "文件: 沪府发〔2021〕2号[A]. 2021.",
    ),
    (
        item("policy-undated", POLICY, "文件", authors=("某局",), number="沪民发〔2021〕2号"),
        "某局. 文件：沪民发〔2021〕2号[Z].",
        "某局. 文件: 沪民发〔2021〕2号[A].",
    ),
    (
        item("policy-four", POLICY, "文件", authors=("甲局", "乙局", "丙局", "丁局"), date="2021"),
        "甲局，乙局，丙局，等. 文件[Z]. 2021.",
        "甲局, 乙局, 丙局, 等. 文件[A]. 2021.",
    ),
    (
        item("data-undated", DATASET, "名录", authors=("某局",), url="http://e.org/e"),
        "某局. 名录[DS/OL]. [2023-05-02]. http://e.org/e.",
        "某局. 名录[DS/OL]. [2023-05-02]. http://e.org/e.",
    ),
    (
        item("data-nobody", DATASET, "名录", date="2021", url="http://e.org/e"),
        "名录[DS/OL]. （2021）[2023-05-02]. http://e.org/e.",
        "名录[DS/OL]. (2021)[2023-05-02]. http://e.org/e.",
    ),
    (
        item("data-four", DATASET, "名录", authors=FOUR, date="2021", url="http://e.org/e"),
        "甲，乙，丙，等. 名录[DS/OL]. （2021）[2023-05-02]. http://e.org/e.",
        "甲, 乙, 丙, 等. 名录[DS/OL]. (2021)[2023-05-02]. http://e.org/e.",
    ),
]


def file_of(suffix: str, *items: Item) -> str:
    return "".join(citations.FORMATS[suffix].pieces(items, DAY))


@pytest.mark.parametrize(
    ("cited", "of_2025", "of_2015"), GOLDEN, ids=lambda v: getattr(v, "key", "")
)
def test_entries_of_both_editions_are_exact(cited: Item, of_2025: str, of_2015: str) -> None:
    assert citations.gbt7714(cited, DAY, "2025") == of_2025
    assert citations.gbt7714(cited, DAY, "2015") == of_2015
    assert citations.both_editions(cited, DAY) == [("2025", of_2025), ("2015", of_2015)]


def source(**more: Any) -> dict[str, Any]:
    usual = {
        "id": "mirror-1",
        "title": "某报道",
        "kind": "网络新闻",
        "author": [],
        "publisher": "某转载站",
        "reposted_from": None,
        "date": None,
        "url": "http://e.org/m",
        "accessed": None,
    }
    return usual | more


@pytest.mark.parametrize(
    ("given", "entry"),
    [
        ({"reposted_from": "新华社"}, "新华社. 某报道[EB/OL]. [2023-05-02]. http://e.org/m."),
        ({}, "某转载站. 某报道[EB/OL]. [2023-05-02]. http://e.org/m."),
        (
            {"reposted_from": "新华社", "author": ["甲"], "date": "2015-12-19"},
            "甲. 某报道[EB/OL]. （2015-12-19）[2023-05-02]. http://e.org/m.",
        ),
        (
            {"kind": "报纸", "reposted_from": "浦东时报", "date": "2020-09-14"},
            "某报道[N/OL]. 浦东时报，2020-09-14. http://e.org/m.",
        ),
        ({"accessed": "2022-01-02"}, "某转载站. 某报道[EB/OL]. [2022-01-02]. http://e.org/m."),
    ],
)
def test_a_source_without_an_author_is_its_publishers_and_a_repost_the_originals(
    given: dict[str, Any], entry: str
) -> None:
    assert citations.gbt7714(citations.of_source(source(**given)), DAY) == entry


def test_ris_has_one_tag_a_line_and_a_blank_line_between_records() -> None:
    text = file_of("ris", STATE, ONLINE)
    first, second = text.split("\r\n\r\n")
    assert first.split("\r\n") == [
        "TY  - STAT",
        "AU  - 国务院",
        "TI  - 国务院关于在全国建立农村最低生活保障制度的通知",
        "M1  - 国发〔2007〕19号",
        "DA  - 2007/07/11/",
        "Y2  - 2022/10/17/",
        "UR  - https://…",
        "LA  - zh-CN",
        "ID  - state",
        "ER  - ",
    ]
    assert second.startswith("TY  - NEWS\r\n")
    assert "T2  - 人民日报\r\n" in second


def test_bibtex_braces_every_name_and_escapes_what_tex_would_read() -> None:
    cited = Item(
        key="k", kind=WEBPAGE, title="50% {的} A&B", authors=("徐汇区政府", "张三"), date="2014"
    )
    assert file_of("bib", cited) == (
        "@online{k,\n"
        "  author = {{徐汇区政府} and {张三}},\n"
        "  title = {50\\% 的 A\\&B},\n"
        "  date = {2014},\n"
        "  year = {2014},\n"
        "  langid = {chinese},\n"
        "}\n"
    )


def test_csl_json_keeps_names_whole_and_dates_in_parts() -> None:
    assert citations.csl(STATE, DAY) == {
        "id": "state",
        "type": "regulation",
        "title": "国务院关于在全国建立农村最低生活保障制度的通知",
        "author": [{"literal": "国务院"}],
        "number": "国发〔2007〕19号",
        "URL": "https://…",
        "language": "zh-CN",
        "issued": {"date-parts": [[2007, 7, 11]]},
        "accessed": {"date-parts": [[2022, 10, 17]]},
    }


@pytest.mark.django_db
def test_a_case_is_cited_at_the_address_of_its_version(client: Client) -> None:
    case = make.make_published(title="潮汐停车")
    text = client.get(f"/cases/{case.pk}/").content.decode()
    day = f"{timezone.localtime(case.published_at):%Y-%m-%d}"
    entry = f"社区治理案例库. 潮汐停车（第 1 版）[EB/OL]. （{day}）["
    assert entry in text
    assert f"/cases/{case.pk}/v1/." in text
    ris = client.get(f"/cases/{case.pk}.ris")
    assert ris["Content-Type"].startswith("application/x-research-info-systems")
    assert "TI  - 潮汐停车（第 1 版）\r\n" in ris.content.decode()
    assert client.get(f"/cases/{case.pk}.bib").content.decode().startswith("@online{case")
    data = json.loads(client.get(f"/cases/{case.pk}.csl.json").content)
    assert data[0]["title"] == "潮汐停车（第 1 版）"


@pytest.mark.django_db
def test_a_result_list_is_cited_whole(client: Client) -> None:
    for title in ("潮汐停车", "错时停车", "助餐"):
        make.make_published(title=title, topics=("pets",))
    ris, bibtex = (
        b"".join(client.get(f"/cases.{suffix}?q=停车").streaming_content).decode()
        for suffix in ("ris", "bib")
    )
    assert ris.count("TY  - ") == bibtex.count("@online{") == 2
    assert ris.count("ER  - \r\n\r\nTY  - ") == 1
    assert client.get("/cases.ris?page=abc").status_code == 400


@pytest.mark.django_db
def test_a_result_list_is_cited_in_plain_text_of_the_edition_asked_for(client: Client) -> None:
    for title in ("潮汐停车", "错时停车", "助餐"):
        make.make_published(title=title, topics=("pets",))

    def lines(query: str) -> list[str]:
        response = client.get(f"/cases.txt?{query}")
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        return b"".join(response.streaming_content).decode().splitlines()

    wide, narrow = lines("q=停车"), lines("q=停车&edition=2015")
    assert [line[:4] for line in wide] == ["[1] ", "[2] "]
    assert all("[EB/OL]. （" in line for line in wide)
    assert all("[EB/OL]. (" in line for line in narrow)
    data = b"".join(client.get("/cases.csl.json?q=停车").streaming_content)
    assert [entry["title"][:4] for entry in json.loads(data)] == [
        line.partition(". ")[2][:4] for line in wide
    ]
    refused = client.get("/cases.txt?edition=1987")
    assert refused.status_code == 400
    assert "2025、2015" in refused.json()["errors"]["edition"][0]
    page = client.get("/cases/?q=停车").content.decode()
    assert 'href="/cases.txt?q=%E5%81%9C%E8%BD%A6&amp;edition=2015"' in page


@pytest.mark.django_db
def test_each_version_of_a_case_is_cited_as_itself(client: Client) -> None:
    case = make.make_published(title="旧题")
    copy = publishing.start_revision(case)
    copy.title = "新题"
    copy.save()
    publishing.publish(copy)
    for address, title in (
        (f"/cases/{case.pk}/v1.ris", "旧题（第 1 版）"),
        (f"/cases/{case.pk}/v2.ris", "新题（第 2 版）"),
        (f"/cases/{case.pk}.ris", "新题（第 2 版）"),
    ):
        assert f"TI  - {title}\r\n" in client.get(address).content.decode(), address
    assert client.get(f"/cases/{case.pk}/v3.ris").status_code == 404
    frozen = client.get(f"/cases/{case.pk}/v1/").content.decode()
    assert f'href="/cases/{case.pk}/v1.bib"' in frozen


@pytest.mark.django_db
def test_the_sources_of_a_case_are_cited_together(client: Client) -> None:
    case = make.make_complete_draft()
    make.make_evidence(case, 2, source=make.make_source(key="other", title="另一来源"))
    publishing.publish(case)
    text = client.get(f"/cases/{case.pk}/sources.bib").content.decode()
    assert text.count("@online{") == 2
    assert "@online{other," in text
    assert (
        f'href="/cases/{case.pk}/sources.bib"' in client.get(f"/cases/{case.pk}/").content.decode()
    )


@pytest.mark.django_db
def test_the_collection_is_cited_as_of_its_latest_publication(client: Client) -> None:
    assert "[DS/OL]. [" in client.get("/about/").content.decode()
    case = make.make_published()
    day = f"{timezone.localtime(case.published_at):%Y-%m-%d}"
    page = client.get("/about/").content.decode()
    assert f"社区治理案例库. 社区治理案例库[DS/OL]. （{day}）[" in page
    assert f"  date = {{{day}}},\n" in client.get("/collection.bib").content.decode()


@pytest.mark.django_db
def test_what_is_not_public_cannot_be_cited(client: Client) -> None:
    draft, gone = make.make_complete_draft(), make.make_withdrawn()
    for suffix in ("ris", "bib", "csl.json"):
        assert client.get(f"/cases/{draft.pk}.{suffix}").status_code == 404
        assert client.get(f"/cases/{gone.pk}.{suffix}").status_code == 410
        assert client.get(f"/cases/{draft.pk}/sources.{suffix}").status_code == 404
        assert client.get(f"/cases/{gone.pk}/sources.{suffix}").status_code == 410
        assert client.get(f"/cases/{gone.pk}/v1.{suffix}").status_code == 410
