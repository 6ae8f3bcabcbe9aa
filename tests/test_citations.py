"""Citations to the letter, in both editions of GB/T 7714 and in the formats that programs read."""

import json
from datetime import date

import pytest
from django.test import Client

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
    url="http://example.org/a",
)
STATE = Item(
    key="state",
    kind=POLICY,
    title="国务院关于在全国建立农村最低生活保障制度的通知",
    authors=("国务院",),
    number="国发〔2007〕19号",
    date="2007-07-11",
    url="https://example.org/b",
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
    title="某题",
    authors=("陈缮真",),
    container="人民日报",
    date="2022-08-16",
    page="17",
    url="http://example.org/c",
)
GOLDEN = [
    (
        MUSEUM,
        "北京鲁迅博物馆. 北京鲁迅博物馆志愿服务章程[EB/OL]. （2021-04-21）[2023-05-02]. "
        "http://example.org/a.",
        "北京鲁迅博物馆. 北京鲁迅博物馆志愿服务章程[EB/OL]. (2021-04-21)[2023-05-02]. "
        "http://example.org/a.",
    ),
    (
        STATE,
        "国务院. 国务院关于在全国建立农村最低生活保障制度的通知：国发〔2007〕19号[EB/OL]. "
        "（2007-07-11）[2023-05-02]. https://example.org/b.",
        "国务院. 国务院关于在全国建立农村最低生活保障制度的通知: 国发〔2007〕19号[A/OL]. "
        "(2007-07-11)[2023-05-02]. https://example.org/b.",
    ),
    (
        PAPER,
        "李眉. 李劼人轶事[N]. 四川工人日报，1986-08-22（2）.",
        "李眉. 李劼人轶事[N]. 四川工人日报, 1986-08-22(2).",
    ),
    (
        ONLINE,
        "陈缮真. 某题[N/OL]. 人民日报，2022-08-16（17）. http://example.org/c.",
        "陈缮真. 某题[N/OL]. 人民日报, 2022-08-16(17)[2023-05-02]. http://example.org/c.",
    ),
    (
        Item(key="a", kind=WEBPAGE, title="无作者无日期", url="http://example.org/d"),
        "无作者无日期[EB/OL]. [2023-05-02]. http://example.org/d.",
        "无作者无日期[EB/OL]. [2023-05-02]. http://example.org/d.",
    ),
    (
        Item(
            key="b",
            kind=JOURNAL,
            title="论题",
            authors=("甲", "乙", "丙", "丁"),
            container="学报",
            date="2017",
        ),
        "甲，乙，丙，等. 论题[J]. 学报，2017.",
        "甲, 乙, 丙, 等. 论题[J]. 学报, 2017.",
    ),
    (
        Item(key="c", kind=BOOK, title="书名", authors=("甲",), container="出版社", date="2019-05"),
        "甲. 书名[M]. 出版社，2019.",
        "甲. 书名[M]. 出版社, 2019.",
    ),
    (
        Item(key="d", kind=POLICY, title="纸上的文件", authors=("某局",), date="2015-03"),
        "某局. 纸上的文件[Z]. 2015-03.",
        "某局. 纸上的文件[A]. 2015-03.",
    ),
    (
        Item(key="e", kind=DATASET, title="名录", authors=("某局",), url="http://example.org/e"),
        "某局. 名录[DS/OL]. [2023-05-02]. http://example.org/e.",
        "某局. 名录[DS/OL]. [2023-05-02]. http://example.org/e.",
    ),
]


@pytest.mark.parametrize(
    ("item", "of_2025", "of_2015"), GOLDEN, ids=lambda v: getattr(v, "key", "")
)
def test_entries_of_both_editions_are_exact(item: Item, of_2025: str, of_2015: str) -> None:
    assert citations.gbt7714(item, DAY, "2025") == of_2025
    assert citations.gbt7714(item, DAY, "2015") == of_2015


def test_a_repost_without_an_author_names_the_original_publisher() -> None:
    source = {
        "id": "mirror-1",
        "title": "某报道",
        "kind": "网络新闻",
        "author": [],
        "publisher": "某转载站",
        "reposted_from": "新华社",
        "date": None,
        "url": "http://example.org/m",
    }
    entry = citations.gbt7714(citations.of_source(source), DAY)
    assert entry == "新华社. 某报道[EB/OL]. [2023-05-02]. http://example.org/m."


def test_ris_has_one_tag_a_line_and_a_blank_line_between_records() -> None:
    text = citations.ris([STATE, ONLINE], DAY)
    first, second = text.split("\r\n\r\n")
    assert first.split("\r\n") == [
        "TY  - STAT",
        "AU  - 国务院",
        "TI  - 国务院关于在全国建立农村最低生活保障制度的通知",
        "M1  - 国发〔2007〕19号",
        "DA  - 2007/07/11/",
        "Y2  - 2023/05/02/",
        "UR  - https://example.org/b",
        "LA  - zh-CN",
        "ID  - state",
        "ER  - ",
    ]
    assert second.startswith("TY  - NEWS\r\n")
    assert "T2  - 人民日报\r\n" in second


def test_bibtex_braces_every_name_and_escapes_what_tex_would_read() -> None:
    item = Item(
        key="k", kind=WEBPAGE, title="50% {的} A&B", authors=("徐汇区政府", "张三"), date="2014"
    )
    assert citations.bibtex([item], DAY) == (
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
        "URL": "https://example.org/b",
        "language": "zh-CN",
        "issued": {"date-parts": [[2007, 7, 11]]},
        "accessed": {"date-parts": [[2023, 5, 2]]},
    }


@pytest.mark.django_db
def test_a_case_is_cited_at_the_address_of_its_version(client: Client) -> None:
    case = make.make_published(title="潮汐停车")
    text = client.get(f"/cases/{case.pk}/").content.decode()
    entry = f"社区治理案例库. 潮汐停车（第 1 版）[EB/OL]. （{case.published_at:%Y-%m-%d}）["
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
def test_what_is_not_public_cannot_be_cited(client: Client) -> None:
    draft, gone = make.make_complete_draft(), make.make_withdrawn()
    for suffix in ("ris", "bib", "csl.json"):
        assert client.get(f"/cases/{draft.pk}.{suffix}").status_code == 404
        assert client.get(f"/cases/{gone.pk}.{suffix}").status_code == 410
