"""Cases side by side: the same table on the page and in the files, in the order of the address."""

import csv
import gzip
import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from openpyxl import load_workbook
from playwright.sync_api import BrowserContext

from cases import publishing
from cases.benchmark import loading
from cases.outputs.comparison import FIELDS, Column, compare
from cases.outputs.exports import plain
from cases.records import load, load_all

from . import make
from .axe import axe

FIVE = "?id=1&id=5&id=2&id=10&id=19"


def read(response: object) -> list[list[str]]:
    text = response.content.decode()  # type: ignore[attr-defined]
    assert text.startswith("\ufeff")
    return [[plain(cell) for cell in row] for row in csv.reader(io.StringIO(text[1:]))]


def on_screen(html: str) -> list[list[str]]:
    """Return the rows of the page's table as title, verdict and the text of each cell."""
    body = html[html.index('<table class="compare">') : html.index("</table>")]
    found = []
    for row in re.findall(
        r"<tr(?: class=\"differs\")?><th scope=\"row\">.*?</tr>", body, re.DOTALL
    ):
        head, *cells = re.split(r"<td[^>]*>", row)
        verdict = "不同" if 'class="tag"' in head else "相同"
        title = re.sub(r"<span.*?</span>|<[^>]+>", "", head).strip()
        texts = [
            "\n".join(
                unescape(re.sub(r"<[^>]+>", "", line)) for line in re.findall(r"<p>(.*?)</p>", cell)
            )
            for cell in cells
        ]
        found.append([title, verdict, *texts])
    return found


# Five real cases


def test_the_differing_rows_of_five_real_cases_are_those_counted_by_hand(
    client: Client, real_cases: None
) -> None:
    # Counted by reading the five records, 满意在徐汇, 微心愿, 厨卫分割, 打浦桥 and 潮汐式. Of 30
    # things compared they agree in three: none records an end, none says who carried the work
    # out, none has an attachment.
    differing = {
        "概况": ["别名", "摘要"],
        "地点与时间": ["范围", "区", "街镇", "开始", "时间精度"],
        "成效状态": ["状态", "截至"],
        "归类": ["改革主题", "议题", "机制"],
        "主体": ["牵头", "参与", "服务对象", "出资", "角色未记录"],
        "正文": ["背景", "做法", "机制说明", "成效", "不足与启示"],
        "数据与文件": ["数据", "政策文件"],
        "出处": ["最好证据等级", "出处", "来源"],
    }
    table = client.get(f"/compare/{FIVE}").context["table"]
    assert (table.differing, table.compared) == (27, 30)
    assert {
        group: [row.title for row in rows if row.differs]
        for group, rows in table.groups
        if group != "案例"
    } == differing
    assert [row.title for row in table.rows if row.differs is False] == ["结束", "承办", "附件"]
    # Values as the records print them, some of them, in the order of the address.
    said = {row.title: [cell.text for cell in row.cells] for row in table.rows}
    assert said["开始"] == ["未记录", "2014-07", "未记录", "2005", "未记录"]
    assert said["时间精度"] == ["不详", "月", "不详", "年", "不详"]
    assert said["状态"] == ["运行中", "运行中", "未解决但已说明", "运行中", "不明"]
    assert said["最好证据等级"] == ["B", "B", "C", "C", "C"]
    assert [text.count("\n") + 1 for text in said["出处"]] == [8, 7, 4, 5, 4]
    assert [text.count("\n") + 1 for text in said["来源"]] == [3, 3, 2, 3, 3]
    assert said["出处"][4].splitlines()[0] == (
        "[1] C 级，破解“最后一公里”难题 上海社会治理迈向新高度，第五部分第 3 段，"
        "“‘潮汐式’停车巧妙化解了大城市楼宇、社区停车难的问题”，一句概括；案例汇编原书未见"
    )
    assert said["来源"][4].splitlines()[:2] == [
        "[1][2] 唐小丽、轩召强，破解“最后一公里”难题 上海社会治理迈向新高度，人民网-上海频道，"
        "2016-06-02，网络新闻",
        "[3] 永乐苑“潮汐车位”的报道，laitimes.com，网页，https://laitimes.com/article/74q4r_7l2dq.html，"
        "查阅 2026-11-24",
    ]
    assert [text.count("：") for text in said["数据"]] == [0, 13, 0, 3, 0]


def test_csv_and_xlsx_equal_the_screen(client: Client, real_cases: None) -> None:
    for address in (FIVE, f"{FIVE}&same=0"):
        shown = on_screen(client.get(f"/compare/{address}").content.decode())
        head, *rows = read(client.get(f"/compare.csv{address}"))
        assert head[3:] == [
            "“1+(1+3+1)满意在徐汇”行动",
            "沪东“微心愿”",
            "凌云路街道厨卫分割走访",
            "打浦桥社区文化活动中心“居民说了算”",
            "塘桥街道“潮汐式”停车",
        ]
        assert [[row[1], row[2] or "相同", *row[3:]] for row in rows] == shown
        file = io.BytesIO(client.get(f"/compare.xlsx{address}").content)
        sheet = load_workbook(file).worksheets[0]
        cells = [[plain(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
        assert cells == [head, *rows]


def test_the_order_of_the_address_is_kept_and_can_be_changed(
    client: Client, real_cases: None
) -> None:
    page = client.get("/compare/?id=10&id=2&id=5&id=2")
    assert [column.id for column in page.context["table"].columns] == [10, 2, 5]
    moves = [move for _column, move in page.context["heads"]]
    assert moves[0] == {"left": "", "right": "?id=2&id=10&id=5", "out": "?id=2&id=5"}
    assert moves[1]["left"] == "?id=2&id=10&id=5"
    assert moves[2] == {"left": "?id=10&id=5&id=2", "right": "", "out": "?id=10&id=2"}
    for address in ("?id=2&amp;id=10&amp;id=5", "?id=10&amp;id=2"):
        assert f'href="{address}"' in page.content.decode()


def test_every_source_is_one_step_away(client: Client, real_cases: None) -> None:
    html = client.get("/compare/?id=5&id=1").content.decode()
    assert 'href="/cases/5/#evidence-5"' in html
    assert 'href="/cases/1/#evidence-8"' in html
    assert 'id="evidence-5"' in client.get("/cases/5/").content.decode()


def weight(page: bytes) -> int:
    """Return what a page weighs, compressed, with the style sheet, script and icon it loads."""
    files = ("css/site.css", "js/site.js", "favicon.svg")
    loaded = [(settings.BASE_DIR / "static" / name).read_bytes() for name in files]
    return sum(len(gzip.compress(body)) for body in (page, *loaded))


def test_six_real_cases_weigh_less_than_sixty_kilobytes(client: Client, real_cases: None) -> None:
    for address in (f"/compare/{FIVE}&id=3", f"/compare/{FIVE}&choose=1"):
        assert weight(client.get(address).content) <= 60 * 1024


def test_files_taken_home_have_whole_addresses(
    client: Client, real_cases: None, settings: Any
) -> None:
    settings.SITE_URL = "https://cases.example"
    rows = {row[1]: row[3:] for row in read(client.get(f"/compare.csv{FIVE}"))}
    assert rows["网址"] == [f"https://cases.example/cases/{pk}/" for pk in (1, 5, 2, 10, 19)]
    assert "http://www.shobserver.com/news/detail?id=80013" in rows["来源"][1]
    # Every mark in the text of a file leads to a source, and most sources to their address.
    for index in range(5):
        cited = {mark for cells in rows.values() for mark in re.findall(r"\[\d+\]", cells[index])}
        assert cited <= set(re.findall(r"\[\d+\]", rows["来源"][index]))
    text = client.get(f"/compare/{FIVE}").content.decode()
    assert '<a href="/cases/19/">https://cases.example/cases/19/</a>' in text
    assert 'href="http://www.shobserver.com/news/detail?id=80013"' in text


@pytest.mark.django_db
def test_a_document_that_is_over_by_now_is_marked_and_named_by_its_number(client: Client) -> None:
    policy = make.make_policy(title="关于停车的意见", number="沪停〔2015〕1号")
    ids = [make.make_published(policies=((policy, "依据"),)).pk for _ in range(2)]
    address = f"?id={ids[0]}&id={ids[1]}"

    def row() -> tuple[list[str], bool]:
        table = client.get(f"/compare/{address}").context["table"]
        found = next(row for row in table.rows if row.title == "政策文件")
        return [cell.text for cell in found.cells], found.differs

    said = "关于停车的意见（沪停〔2015〕1号，依据，推断）"
    assert row() == ([said, said], False)
    policy.validity = "repealed"
    policy.save()
    assert row() == ([f"{said}【已废止】"] * 2, False)
    rows = {row[1]: row[2:] for row in read(client.get(f"/compare.csv{address}"))}
    assert rows["政策文件"] == ["相同", f"{said}【已废止】", f"{said}【已废止】"]


# What is not there


@pytest.mark.django_db
def test_unrecorded_is_not_none(client: Client) -> None:
    first = make.make_published(
        themes=(), theme_note="早于改革", end="2016", mechanisms=("sharing",)
    )
    second = make.make_published()
    rows = {
        row.title: row
        for row in client.get(f"/compare/?id={first.pk}&id={second.pk}").context["table"].rows
    }
    themes, mechanisms = rows["改革主题"].cells, rows["机制"].cells
    assert (themes[0].state, themes[0].text) == ("none", "无：不属于七个主题。早于改革")
    assert (mechanisms[1].state, mechanisms[1].text) == ("unrecorded", "未记录")
    assert rows["结束"].differs is True


@pytest.mark.django_db
def test_why_a_theme_was_given_and_others_not_is_compared(client: Client) -> None:
    first, second = make.make_complete_draft(theme_note="文件早于其余各项"), make.make_published()
    first.theme_links.update(reason="居民自己商量")
    publishing.publish(first)
    table = client.get(f"/compare/?id={first.pk}&id={second.pk}").context["table"]
    row = next(row for row in table.rows if row.title == "改革主题")
    assert row.cells[0].text == "居民区治理（推断）：居民自己商量\n无主题的理由：文件早于其余各项"
    assert row.differs is True


@pytest.mark.django_db
def test_attachments_are_listed_and_a_case_without_any_has_none() -> None:
    name = f"{'0' * 32}.png"
    case, other = make.make_complete_draft(), make.make_published()
    make.make_attachment(case, file=name, alt="楼前的停车位", caption="改造后")
    publishing.publish(case)
    columns = [Column(r["id"], r["title"], r) for r in load([case.pk, other.pk])]
    row = next(row for row in compare(columns).rows if row.title == "附件")
    assert [(cell.text, cell.state) for cell in row.cells] == [("图片：改造后", ""), ("无", "none")]
    assert row.cells[0].lines[0][1].url == f"/media/{name}"
    assert row.differs is True


@pytest.mark.django_db
def test_a_withdrawn_case_says_so_and_nothing_else(client: Client) -> None:
    case = make.make_published(title="公开的案例")
    gone = make.make_withdrawn(title="撤回的", summary="不可外传", reason="来源有误")
    for address in (f"?id={gone.pk}&id={case.pk}", f"?id={case.pk}&id={gone.pk}"):
        page = client.get(f"/compare/{address}")
        text = page.content.decode()
        for words in ("已撤回", "撤回的", "来源有误", f"{gone.withdrawn_at:%Y-}"):
            assert words in text
        assert "不可外传" not in text
        head = read(client.get(f"/compare.csv{address}"))[0]
        assert any("来源有误" in cell for cell in head)


@pytest.mark.django_db
def test_a_single_case_that_is_left_is_compared_with_nothing_and_that_is_said(
    client: Client,
) -> None:
    case, gone = make.make_published(), make.make_withdrawn()
    for address in (f"?id={gone.pk}&id={case.pk}", f"?id={case.pk}&id=987654&same=0"):
        text = client.get(f"/compare/{address}").content.decode()
        assert "没有作比较" in text
        assert "项不同" not in text
        assert "只看不同的项" not in text
        _head, *rows = read(client.get(f"/compare.csv{address}"))
        assert {row[2] for row in rows} == {""}
        assert [row[1] for row in rows][-1] == FIELDS[-1].title
        file = io.BytesIO(client.get(f"/compare.xlsx{address}").content)
        lines = list(load_workbook(file).worksheets[0].iter_rows(min_row=2, values_only=True))
        assert {line[2] for line in lines} == {None}
        assert [line[1] for line in lines] == [row[1] for row in rows]


@pytest.mark.django_db
def test_the_brief_of_a_comparison_is_of_the_same_cases(client: Client) -> None:
    first, gone, last = make.make_published(), make.make_withdrawn(), make.make_published()
    text = unescape(
        client.get(f"/compare/?id={last.pk}&id={gone.pk}&id={first.pk}").content.decode()
    )
    for path in ("/cases.docx", "/brief/"):
        address = f"{path}?id={last.pk}&id={gone.pk}&id={first.pk}"
        assert f'href="{address}"' in text
        assert client.get(address).status_code == 200


@pytest.mark.django_db
def test_a_short_result_is_compared_in_one_click(client: Client) -> None:
    ids = [make.make_published(topics=(topic,)).pk for topic in ("parking", "market", "care")]
    text = unescape(client.get("/cases/?topic=parking&topic=market").content.decode())
    address = f"/compare/?id={ids[1]}&id={ids[0]}"
    assert f'href="{address}"' in text
    assert client.get(address).context["table"].columns[0].id == ids[1]
    assert "并排比较这" not in client.get("/cases/?topic=care").content.decode()
    for _ in range(5):
        make.make_published()
    assert "并排比较这" not in client.get("/cases/").content.decode()


@pytest.mark.django_db
def test_a_draft_and_a_number_nobody_has_look_alike(client: Client) -> None:
    case = make.make_published()
    draft = make.make_complete_draft(title="不可外传")
    texts = []
    for pk in (draft.pk, 987654):
        text = client.get(f"/compare/?id={case.pk}&id={pk}").content.decode()
        assert "没有这个案例" in text
        assert "不可外传" not in text
        texts.append(re.sub(rf"(id=|编号 |移：|移除：){pk}\b", r"\1N", text))
    assert texts[0] == texts[1]
    assert client.get(f"/compare/?id={draft.pk}&id=987654").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value", ["abc", "-1", "0", "1.5", "%00", "١", "9" * 30, "1%20or%201=1", "<script>"]
)
def test_a_bad_number_is_a_400_in_chinese(client: Client, value: str) -> None:
    case = make.make_published()
    page = client.get(f"/compare/?id={case.pk}&id={value}")
    assert page.status_code == 400
    assert "不是案例编号" in page.content.decode()
    assert case.title in page.content.decode()
    assert "<script>" not in page.content.decode().partition("<main")[2]
    for suffix in ("csv", "xlsx"):
        answer = client.get(f"/compare.{suffix}?id={case.pk}&id={value}")
        assert answer.status_code == 400
        assert "不是案例编号" in answer.json()["error"]


@pytest.mark.django_db
def test_more_than_six_lose_nothing(client: Client) -> None:
    ids = [make.make_published().pk for _ in range(7)]
    page = client.get(f"/compare/?{'&'.join(f'id={pk}' for pk in ids)}")
    assert page.status_code == 400
    text = unescape(page.content.decode())
    assert "一次至多 6 个案例，现在选了 7 个" in text
    for pk in ids:
        rest = "&".join(f"id={other}" for other in ids if other != pk)
        assert f'href="?{rest}&choose=1"' in text
        assert re.search(rf'value="{pk}" checked', text)
    assert client.get(f"/compare/?{rest}").status_code == 200


@pytest.mark.django_db
def test_thousands_of_numbers_are_refused_quickly(client: Client) -> None:
    address = "/compare/?" + "&".join(f"id={pk}" for pk in range(1, 900))
    page = client.get(address)
    assert page.status_code == 400
    assert len(page.content) < 60_000


# Choosing


@pytest.mark.django_db
def test_fewer_than_two_explain_how_to_choose(client: Client) -> None:
    case, other = make.make_published(title="甲案"), make.make_published(title="乙案")
    text = client.get(f"/compare/?id={case.pk}").content.decode()
    assert "勾选两到" in text
    assert f'value="{case.pk}" checked' in text
    assert f'name="id" value="{other.pk}">' in text
    found = client.get(f"/compare/?id={case.pk}&q=乙案&choose=1").context["found"]
    assert [record["id"] for record in found] == [other.pk]


@pytest.mark.django_db
def test_list_and_case_lead_to_the_comparison(client: Client) -> None:
    case = make.make_published()
    text = client.get("/cases/").content.decode()
    assert '<form id="compare"' in text
    assert f'name="id" value="{case.pk}" form="compare"' in text
    assert f'href="/compare/?id={case.pk}"' in client.get(f"/cases/{case.pk}/").content.decode()
    assert 'form="compare"' not in client.get("/").content.decode()


def chosen(page: object) -> list[int]:
    return [column.id for column, _without in page.context["chosen"]]  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_the_cookie_only_reminds(client: Client) -> None:
    ids = [make.make_published().pk for _ in range(3)]
    client.get(f"/compare/?id={ids[0]}")
    assert chosen(client.get(f"/compare/?id={ids[1]}", follow=True)) == ids[:2]
    # What is in the address decides, whatever the cookie says.
    page = client.get(f"/compare/?id={ids[2]}&id={ids[0]}")
    assert [column.id for column in page.context["table"].columns] == [ids[2], ids[0]]
    assert [c.id for c in client.get("/compare/").context["last"]] == [ids[2], ids[0]]
    client.get("/compare/?clear=1")
    assert client.get("/compare/").context["last"] == []
    client.cookies["compare"] = "x-1-;drop"
    assert client.get("/compare/").status_code == 200


@pytest.mark.django_db
def test_the_address_says_what_the_page_shows_to_a_reader_without_the_cookie(
    client: Client,
) -> None:
    ids = [make.make_published().pk for _ in range(4)]
    client.cookies["compare"] = "-".join(map(str, ids[:3]))
    added = client.get(f"/compare/?id={ids[3]}")
    assert added.status_code == 302
    assert added["Location"] == f"/compare/?{'&'.join(f'id={pk}' for pk in ids)}&choose=1"
    assert "compare" not in added.cookies
    for reader in (client, Client()):
        assert chosen(reader.get(added["Location"])) == ids
    # What is chosen already adds nothing; a form and a link to drop say all that is chosen.
    assert client.get(f"/compare/?id={ids[0]}").status_code == 302
    for more in ("q=", "choose=1"):
        assert chosen(client.get(f"/compare/?id={ids[0]}&{more}")) == ids[:1]
    assert client.get(f"/compare/?id={ids[0]}").status_code == 200


@pytest.mark.django_db
def test_a_seventh_case_is_not_taken_in_silence_and_the_six_are_kept(client: Client) -> None:
    *six, seventh = [make.make_published().pk for _ in range(7)]
    client.get(f"/compare/?{'&'.join(f'id={pk}' for pk in six)}")
    page = client.get(f"/compare/?id={seventh}", follow=True)
    text = unescape(page.content.decode())
    assert "至多 6 个案例，现在选了 7 个，请去掉 1 个" in text
    assert chosen(page) == [*six, seventh]
    assert client.cookies["compare"].value == "-".join(map(str, six))
    rest = [*six[1:], seventh]
    address = f"?{'&'.join(f'id={pk}' for pk in rest)}&choose=1"
    assert f'href="{address}"' in text
    assert chosen(client.get(f"/compare/{address}")) == rest
    assert client.cookies["compare"].value == "-".join(map(str, rest))


@pytest.mark.django_db
def test_all_but_the_last_case_can_be_taken_away_again(client: Client) -> None:
    first, second = (make.make_published().pk for _ in range(2))
    page = client.get(f"/compare/?id={first}&id={second}")
    out = page.context["heads"][1][1]["out"]
    page = client.get(f"/compare/{out}")
    assert chosen(page) == [first]
    (_column, without), *_rest = page.context["chosen"]
    page = client.get(f"/compare/{without}")
    assert chosen(page) == page.context["last"] == []


@pytest.mark.django_db
def test_choices_add_up_without_cookies(client: Client) -> None:
    first, second = make.make_published(), make.make_published(title="第二个")
    text = client.get(f"/compare/?id={first.pk}").content.decode()
    client.cookies.clear()
    form = text[text.index('class="choose"') :]
    assert f'name="id" value="{first.pk}" checked' in form
    # What the form sends when the words are looked for, and when a second case is ticked.
    found = client.get(f"/compare/?id={first.pk}&q=第二个&choose=1")
    assert chosen(found) == [first.pk]
    client.cookies.clear()
    both = client.get(f"/compare/?id={first.pk}&q=第二个&id={second.pk}")
    assert [column.id for column in both.context["table"].columns] == [first.pk, second.pk]


@pytest.mark.django_db
def test_no_shared_cache_keeps_what_depends_on_the_cookie(client: Client) -> None:
    ids = [make.make_published().pk for _ in range(3)]
    both = f"/compare/?id={ids[0]}&id={ids[1]}"
    for address in ("/compare/", both, both, f"/compare/?id={ids[2]}", "/compare/?id=x"):
        page = client.get(address)
        assert "Cookie" in page["Vary"], address
        assert "private" in page["Cache-Control"], address


@pytest.mark.django_db
def test_a_published_change_shows_and_queries_are_few(
    client: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    rows = [make.make_published(scope="街镇") for _ in range(6)]
    address = f"/compare/?{'&'.join(f'id={row.pk}' for row in rows)}"
    for path in (address, address.replace("/compare/", "/compare.csv"), f"{address}&choose=1"):
        with django_assert_max_num_queries(12):
            assert client.get(path).status_code == 200
    with django_assert_max_num_queries(1):
        client.get(address)
    publishing.withdraw(rows[0], None, "重复收录")
    assert "重复收录" in client.get(address).content.decode()


@pytest.mark.django_db
def test_five_hundred_cases_ask_as_little_as_five(
    client: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    loading.prepare()
    loading.generate(500, seed=5, processes=1)
    ids = [record["id"] for _id, record in load_all()][:6]
    chosen = "&".join(f"id={pk}" for pk in ids)
    for address in (
        "/compare/",
        f"/compare/?{chosen}&choose=1",
        f"/compare/?{chosen}",
        f"/compare.xlsx?{chosen}",
        "/compare/qca/",
        "/compare/qca/?cond=theme:social-forces&cond=scope:街镇&outcome=status:running",
        "/compare/qca.csv?cond=theme:social-forces&outcome=status:running",
        f"/brief/?{chosen}",
        "/matrix/",
        "/matrix/?rows=year&columns=topic",
        "/statistics/",
        "/cases/?topic=parking",
    ):
        client.get("/about/")  # Whatever a worker has to load is loaded.
        with django_assert_max_num_queries(12):
            page = client.get(address)
        assert page.status_code == 200, address
        assert weight(page.content) <= 60 * 1024, address


def test_every_key_of_the_record_is_somewhere_in_the_table() -> None:
    # An empty record says 未记录 everywhere but where the case names itself.
    record = {
        "id": 1, "url": "/cases/1/", "version": 1, "published_at": "2026-01-01T00:00:00+08:00",
        "title": "空", "aliases": [], "summary": None, "scope": None, "districts": [],
        "subdistricts": [], "period": {"start": None, "end": None, "precision": "不详"},
        "status": {"value": "unknown", "label": "不明", "as_of": None}, "themes": [],
        "theme_note": None, "topics": [], "mechanisms": [], "participations": [],
        "sections": dict.fromkeys(("background", "approach", "mechanism", "results", "limits")),
        "figures": [], "policies": [], "evidence": [], "sources": [],
    }  # fmt: skip
    table = compare([Column(1, "空", record), Column(1, "空", record)])
    assert len(table.rows) == len(FIELDS)
    assert {row.cells[0].state for row in table.rows if row.differs is not None} == {
        "unrecorded",
        "",
        "none",
    }
    said = [row.title for row in table.rows if row.cells[0].state == ""]
    assert said[4:] == ["时间精度", "状态"]


def test_every_word_of_a_record_stands_in_the_table() -> None:
    words = iter(f"词{number}。" for number in range(100))
    record = {
        "id": 1, "url": "/cases/1/", "version": 1, "published_at": "2026-01-01T00:00:00+08:00",
        "title": "题", "aliases": [next(words)], "summary": next(words), "scope": next(words),
        "districts": [{"slug": "x", "name": next(words), "code": "310104"}],
        "subdistricts": [{"code": "310104015", "name": next(words), "district": "x"}],
        "period": {"start": next(words), "end": next(words), "precision": next(words)},
        "status": {"value": "running", "label": next(words), "as_of": next(words)},
        "themes": [
            {"slug": "x", "name": next(words), "basis": next(words), "reason": next(words)}
        ],
        "theme_note": next(words), "topics": [{"slug": "x", "name": next(words)}],
        "mechanisms": [{"slug": "x", "name": next(words)}],
        "participations": [
            {"actor": "x", "actor_name": next(words), "name": next(words), "role": role}
            for role in ("牵头", None)
        ],
        "sections": {
            name: next(words)
            for name in ("background", "approach", "mechanism", "results", "limits")
        },
        "figures": [
            {"label": next(words), "value": "1", "qualifier": next(words), "unit": next(words),
             "period": next(words), "evidence": 1}
        ],
        "policies": [
            {"id": 1, "key": "x", "title": next(words), "kind": next(words), "basis": next(words)}
        ],
        "evidence": [
            {"number": 1, "source": "x", "locator": next(words), "quotation": next(words),
             "grade": "C", "note": next(words)}
        ],
        "sources": [
            {"id": "x", "title": next(words), "author": [next(words)], "publisher": next(words),
             "date": next(words), "url": f"https://{next(words)}/", "kind": next(words),
             "archive_url": f"https://{next(words)}/", "accessed": next(words),
             "reposted_from": next(words)}
        ],
        "attachments": [
            {"file": "x.png", "kind": "image", "alt": next(words), "caption": next(words)},
        ],
    }  # fmt: skip
    last = int(next(words)[1:-1])
    text = "".join(row.cells[0].text for row in compare([Column(1, "题", record)]).rows)
    # A caption stands for the description that replaces the picture.
    alt = record["attachments"][0]["alt"]  # type: ignore[index]
    missing = [f"词{n}。" for n in range(last) if f"词{n}。" not in text]
    assert missing == [alt]


# In the browser


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "elder"), [(1280, False), (390, False), (390, True)])
def test_axe_finds_nothing_and_the_first_column_stays(
    real_cases: None, context_for: Callable[..., BrowserContext], width: int, elder: bool
) -> None:
    page = context_for(width=width, elder=elder).new_page()
    for address in (f"/compare/{FIVE}", "/compare/", "/compare/?id=5", "/compare/?id=5&id=999"):
        page.goto(address)
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    # Five columns fit the screen of a desk: there is something to scroll on a narrower one.
    page.set_viewport_size({"width": min(width, 700), "height": 800})
    page.goto(f"/compare/{FIVE}")
    place = "document.querySelector('.compare tr.differs th').getBoundingClientRect().x"
    before = page.evaluate(place)
    page.evaluate("document.querySelector('.compared').scrollLeft = 100")
    assert page.evaluate("document.querySelector('.compared').scrollLeft") == 100
    assert page.evaluate(place) == before


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_keyboard_without_javascript_chooses_compares_and_reorders(
    real_cases: None, context_for: Callable[..., BrowserContext]
) -> None:
    page = context_for(javascript=False).new_page()
    page.goto("/cases/")
    boxes = page.locator("input[form=compare]")
    chosen = [boxes.nth(index).get_attribute("value") for index in (0, 2)]
    for index in (0, 2):
        boxes.nth(index).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="比较勾选的案例").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/compare/?id={chosen[0]}&id={chosen[1]}")
    page.locator(".moves a", has_text="右移").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/compare/?id={chosen[1]}&id={chosen[0]}")
