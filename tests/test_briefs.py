"""The brief: no text of a record is lost, nothing is invented, and Word finds what it needs."""

import gzip
import io
import re
import time
import zipfile
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils.html import strip_tags
from docx import Document
from docx.enum.section import WD_ORIENT
from PIL import Image

from cases import publishing, records
from cases.benchmark import loading
from cases.outputs import briefs, markdown
from cases.outputs.comparison import Column

from . import make

pytestmark = pytest.mark.django_db
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DAY = date(2026, 11, 24)


def part(body: bytes, name: str = "word/document.xml") -> Any:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return ElementTree.fromstring(archive.read(name))  # noqa: S314 - our own


def lines_of(body: bytes) -> list[str]:
    """Return the text of each paragraph, marks left out."""
    lines = []
    for paragraph in part(body).iter(f"{W}p"):
        runs = [run for run in paragraph.iter(f"{W}r") if run.find(f".//{W}vertAlign") is None]
        lines.append("".join(text.text or "" for run in runs for text in run.iter(f"{W}t")))
    return lines


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def brief(rows: list[records.Record], **more: Any) -> bytes:
    given = {"title": "案例简报", "question": "全部案例", "address": "https://x.cn/cases/"} | more
    return briefs.Brief(rows, base="https://x.cn", day=DAY, **given).to_docx()


def texts_of(record: records.Record) -> list[str]:
    """Return every text of a record that a reader can be shown."""
    found = [record["title"], record["summary"], *record["aliases"], record["theme_note"]]
    found += [record["status"]["label"], record["scope"], record["period"]["precision"]]
    for name in ("districts", "subdistricts", "topics", "mechanisms"):
        found += [item["name"] for item in record[name]]
    for item in record["themes"]:
        found += [item["name"], item["basis"], item["reason"]]
    for item in record["participations"]:
        found += [item["name"], item["actor_name"], item["role"]]
    for item in record["figures"]:
        found += [item["label"], str(item["value"]), item["unit"], item["period"]]
        found.append(item["qualifier"])
    for item in record["policies"]:
        found += [item["title"].strip("《》"), item["kind"], item["basis"]]
    for item in record["evidence"]:
        found += [item["locator"], item["quotation"], item["note"], item["grade"]]
    for item in record["sources"]:
        found += [item["title"], *item["author"], item["publisher"], item["date"], item["url"]]
        found += [item["archive_url"], item["accessed"], item["reposted_from"], item["kind"]]
    for item in record["attachments"]:
        found += [item["alt"], item["caption"], item["file"]]
    for section in markdown.render(record).sections:
        html = re.sub(r"<sup.*?</sup>", "", str(section.html))
        blocks = re.split(r"</?(?:p|li|ul|ol|h\d|blockquote|td|th|tr|table|pre|br|a)\b.*?>", html)
        found += [unescape(strip_tags(block)) for block in blocks]
    return [text for text in found if text and text.strip()]


def test_no_text_of_a_record_is_lost(real_cases: None) -> None:
    rows = [record for _, record in records.load_all()]
    whole = squeezed("\n".join(lines_of(brief(rows))))
    for record in rows:
        alone = squeezed("\n".join(lines_of(brief([record]))))
        for text in texts_of(record):
            assert squeezed(text) in alone, (record["id"], text)
            assert squeezed(text) in whole, (record["id"], text)


def test_a_picture_is_shown_with_its_description_and_named_where_it_cannot_be(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    case = make.make_complete_draft()
    shown, lost = "a" * 32 + ".webp", "b" * 32 + ".png"
    Image.new("RGBA", (3000, 2000), (200, 30, 30, 128)).save(tmp_path / shown)
    make.make_attachment(case, file=shown, alt='夜间"停车"', caption="改造后", order=1)
    make.make_attachment(case, file=lost, alt="白天", order=2)
    make.make_attachment(case, file="c" * 32 + ".pdf", kind="pdf", alt="", caption="方案", order=3)
    make.publishing.publish(case)
    body = client.get(f"/cases/{case.pk}.docx").content
    text = squeezed("\n".join(lines_of(body)))
    for said in texts_of(records.load([case.pk])[0]):
        assert squeezed(said) in text, said
    names = zipfile.ZipFile(io.BytesIO(body)).namelist()
    assert [name for name in names if name.startswith("word/media/")] == ["word/media/image1.jpg"]
    described = [e.get("descr") for e in part(body).iter() if e.tag.endswith("}docPr")]
    assert described == ['夜间"停车"']
    # A list's brief is sent around: it names pictures and stays small.
    for _ in range(6):
        make.make_published()
    body = client.get("/cases.docx").content
    assert shown in "".join(lines_of(body))
    assert not [e for e in part(body).iter() if e.tag.endswith("}docPr")]


def test_every_kind_of_markdown_arrives() -> None:
    text = (
        "**重点：**后续[^1]。\n\n1. 第一\n2. 第二\n   - 里面\n\n> 引语\n\n"
        "| 甲 | 乙 |\n|---|---|\n| 一[^1] | 二 |\n\n### 小题\n\n[链接](https://a.cn/?x=1&y=2) `码`"
        "\n\n- 松\n\n  又一段\n\n- 散\n\n3. 三起"
    )
    case = make.make_published(approach=text)
    body = brief(records.load([case.pk]))
    lines = lines_of(body)
    expected = (
        "重点：后续。", "1. 第一", "2. 第二", "• 里面", "引语", "一[1]", "二", "小题",
        "链接（https://a.cn/?x=1&y=2） 码", "• 松", "又一段", "• 散", "3. 三起",
    )  # fmt: skip
    for line in expected:
        assert line in lines, line
    marks = [
        "".join(t.text or "" for t in run.iter(f"{W}t"))
        for run in part(body).iter(f"{W}r")
        if run.find(f".//{W}vertAlign") is not None
    ]
    assert marks == ["[1]"]


def test_signs_that_xml_forbids_or_reads_as_markup_do_no_harm() -> None:
    case = make.make_published(title="<b>&甲\x0b乙", summary="]]>\x01末")
    lines = lines_of(brief(records.load([case.pk]), title="<题>\x1f"))
    assert "<题>" in lines
    assert "]]>末" in lines


def test_sources_are_numbered_through_the_document_and_places_by_letters() -> None:
    shared, other = make.make_source(title="共用来源"), make.make_source(title="另一来源")
    first = make.make_complete_draft(title="甲", approach="一[^2]二[^3]。[^1]")
    make.make_evidence(first, 2, source=shared, locator="第二段")
    make.make_evidence(first, 3, source=shared, locator="第三段")
    make.publishing.publish(first)
    second = make.make_complete_draft(title="乙")
    second.evidence.all().delete()
    make.make_evidence(second, 1, source=shared)
    make.make_evidence(second, 2, source=other)
    make.publishing.publish(second)
    body = brief(records.load([first.pk, second.pk]))
    lines = lines_of(body)
    at = lines.index("来源")
    assert [line[:3] for line in lines[at + 2 :] if line.startswith("[")] == ["[1]", "[2]", "[3]"]
    assert [line.partition(" ")[0] for line in lines[:at] if re.match(r"\[\d", line)] == [
        "[1]", "[2a]", "[2b]", "[2]", "[3]",
    ]  # fmt: skip


def test_word_finds_headings_header_rows_page_numbers_fonts_and_descriptions(
    real_cases: None,
) -> None:
    rows = [record for _, record in records.load_all()][:3]
    body = brief(rows)
    doc = Document(io.BytesIO(body))
    first_level = [p.text for p in doc.paragraphs if p.style and p.style.name == "Heading 1"]
    assert first_level == [
        "概况",
        "案例一览",
        *(f"{number}　{record['title']}" for number, record in enumerate(rows, start=1)),
        "来源",
    ]
    said = doc.core_properties
    assert (said.title, said.author, said.language) == ("案例简报", "社区治理案例库", "zh-CN")
    assert said.created.date() == said.modified.date() == DAY
    tables = list(part(body).iter(f"{W}tbl"))
    assert len(tables) >= 4
    for table in tables:
        row = table.find(f"{W}tr")
        assert row is not None
        assert row.find(f"{W}trPr/{W}tblHeader") is not None
        assert table.find(f"{W}tblPr/{W}tblDescription") is not None
    fields = [f.attrib[f"{W}instr"] for f in part(body, "word/footer1.xml").iter(f"{W}fldSimple")]
    assert fields == ["PAGE", "NUMPAGES"]
    fonts = {
        style.attrib[f"{W}styleId"]: style.find(f"{W}rPr/{W}rFonts").attrib[f"{W}eastAsia"]
        for style in part(body, "word/styles.xml").iter(f"{W}style")
        if style.attrib[f"{W}styleId"] in ("Normal", "Title", "Heading1")
    }
    assert fonts == {"Normal": "宋体", "Title": "黑体", "Heading1": "黑体"}


def test_fifty_cases_take_less_than_five_seconds(real_cases: None) -> None:
    rows = [record for _, record in records.load_all()]
    rows = [{**row, "id": number} for number, row in enumerate((rows * 3)[: briefs.MOST])]
    began = time.perf_counter()
    body = brief(rows)
    assert time.perf_counter() - began < 5
    assert sum(line.startswith("引用本案例") for line in lines_of(body)) == briefs.MOST == 50


def test_the_overview_is_made_of_counts_only() -> None:
    make.make_published(start="2014", grade="B")
    make.make_published(district=None, start="", grade="C")
    rows = [record for _, record in records.load_all()]
    assert briefs.overview(rows) == (
        "共 2 个案例，涉及 1 个区，范围为全市的 1 个，开始年份 2014，开始年份未记录的 1 个。"
        "成效状态：不明 2 个。最好的证据等级：B 级 1 个，C 级 1 个。"
        "数据 0 项，出处 2 处，来源 2 个。"
    )


# The addresses


def test_a_list_a_comparison_and_a_case_have_a_brief(
    client: Client, django_assert_max_num_queries
) -> None:
    first, second = make.make_published(title="甲案"), make.make_published(title="乙案")
    make.make_published(title="丙案", district="pudong")
    with django_assert_max_num_queries(12):
        response = client.get("/cases.docx?district=xuhui")
    lines = lines_of(response.content)
    assert response["Content-Type"] == (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    )
    assert "问题：区：徐汇区" in lines
    assert any(line.startswith("共 2 个案例") for line in lines)
    assert "丙案" not in "".join(lines)
    lines = lines_of(client.get(f"/cases.docx?id={second.pk}&id={first.pk}").content)
    assert lines.index("1　乙案") < lines.index("2　甲案")
    assert "问题：比较：乙案、甲案" in lines
    with django_assert_max_num_queries(12):
        response = client.get(f"/cases/{first.pk}.docx")
    lines = lines_of(response.content)
    assert lines[0] == "甲案"
    assert any(line.endswith(f"/cases/{first.pk}/v1/.") for line in lines)
    head = client.head("/cases.docx")
    assert (head.status_code, head.content) == (200, b"")


def test_the_brief_of_chosen_cases_sets_them_side_by_side_where_they_differ(
    client: Client, real_cases: None, django_assert_max_num_queries: Any
) -> None:
    chosen = "?id=19&id=1&id=16"
    whole = client.get(f"/compare/{chosen}").context["table"]
    with django_assert_max_num_queries(12):
        body = client.get(f"/cases.docx{chosen}").content
    doc = Document(io.BytesIO(body))
    names = [s.orientation for s in doc.sections]
    assert names == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT]
    (table,) = [t for t in doc.tables if t.cell(0, 0).text == "项目" and len(t.columns) == 4]
    heads = [cell.text for cell in table.rows[0].cells][1:]
    assert heads == [f"{n}　{c.title}" for n, c in enumerate(whole.columns, start=1)]
    rows = [[cell.text for cell in row.cells] for row in table.rows][1:]
    assert [row[0] for row in rows] == [row.title for row in whole.rows if row.differs]
    for row, (name, *cells) in zip([r for r in whole.rows if r.differs], rows, strict=True):
        for cell, said in zip(row.cells, cells, strict=True):
            assert len(said) <= briefs.SHORT + 2
            assert squeezed("".join(cell.content)).startswith(squeezed(said.rstrip("…"))), name
    page = client.get(f"/brief/{chosen}").content.decode()
    at = page.index('<div class="wide">')
    assert page.index("案例一览") < at < page.index('<h2 class="new-page">')
    for title in (row[0] for row in rows):
        assert f'<th scope="row">{title}</th>' in page[at:]
    # No mark: those of the brief have numbers of their own.
    assert not re.search(r"\[\d+\]", page[at : page.index("</table>", at)])


def test_cases_that_are_no_more_are_named_in_the_brief_of_a_comparison(client: Client) -> None:
    first, last = make.make_published(title="甲案"), make.make_published(title="乙案")
    gone = make.make_withdrawn(title="撤回的案例", reason="来源不实", summary="不可外传")
    draft = make.make_complete_draft(title="不可外传的草稿")
    chosen = f"?id={first.pk}&id={gone.pk}&id={draft.pk}&id={last.pk}&id=999999"
    expected = (
        f"没有列入：撤回的案例（{gone.withdrawn_at:%Y-%m-%d} 已撤回：来源不实）；"
        f"没有这个案例（编号 {draft.pk}）；没有这个案例（编号 999999）"
    )
    assert expected in lines_of(client.get(f"/cases.docx{chosen}").content)
    page = client.get(f"/brief/{chosen}").content.decode()
    assert expected in strip_tags(page)
    assert "不可外传" not in page
    assert "2　乙案" in page


def test_more_cases_than_have_room_side_by_side_are_a_list(client: Client) -> None:
    chosen = f"?{'&'.join(f'id={make.make_published().pk}' for _ in range(7))}"
    lines = lines_of(client.get(f"/cases.docx{chosen}").content)
    assert lines[0] == "案例简报"
    assert any(line.startswith("网址：") and f"/brief/{chosen}" in line for line in lines)
    assert "并排比较" not in lines


def test_cases_that_agree_in_everything_are_said_to() -> None:
    case = make.make_published(title="甲案")
    rows = records.load([case.pk]) * 2
    columns = [Column(1, "甲案", rows[0]), Column(2, "甲案", rows[1])]
    lines = lines_of(brief(rows, columns=columns))
    assert any("下面是不同的 0 项" in line for line in lines)
    assert lines.count("项目") == 2  # The tables of the two cases, and no other.


def test_each_version_of_a_case_is_taken_as_it_was(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    case = make.make_published(title="旧名")
    draft = publishing.start_revision(case)
    draft.title = "新名"
    draft.save()
    publishing.publish(draft)
    stem = f"/cases/{case.pk}"
    assert f'href="{stem}/v1.docx"' in client.get(f"{stem}/v1/").content.decode()
    assert f'href="{stem}.docx"' in client.get(f"{stem}/").content.decode()
    with django_assert_max_num_queries(12):
        response = client.get(f"{stem}/v1.docx")
    lines = lines_of(response.content)
    assert lines[0] == "旧名"
    assert "问题：案例：旧名（第 1 版）" in lines
    assert any(line.startswith("网址：") and line.endswith(f"{stem}/v1/") for line in lines)
    assert lines_of(client.get(f"{stem}/v2.docx").content)[0] == "新名"
    assert lines_of(client.get(f"{stem}.docx").content)[0] == "新名"
    assert client.get(f"{stem}/v3.docx").status_code == 404
    publishing.withdraw(case, None, "来源不实")
    assert client.get(f"{stem}/v1.docx").status_code == 410


@pytest.mark.parametrize("address", ["/cases/{}.docx", "/cases.docx"])
def test_the_number_and_the_state_of_a_policy_are_given_as_far_as_they_are_known(
    client: Client, address: str
) -> None:
    known = make.make_policy(title="新办法", number="沪府发〔2014〕1号", validity="in-force")
    case = make.make_published(
        policies=((known, "依据"), (make.make_policy(title="某办法"), "背景"))
    )
    text = "".join(lines_of(client.get(address.format(case.pk)).content))
    assert "《新办法》（沪府发〔2014〕1号；依据，推断）【现行有效】" in text
    assert "《某办法》（背景，推断）【效力未记录】" in text


@pytest.mark.parametrize("address", ["/cases/{}.docx", "/cases.docx"])
def test_a_policy_that_is_over_by_now_is_said_to_be(client: Client, address: str) -> None:
    policy = make.make_policy(title="旧办法")
    case = make.make_published(policies=((policy, "依据"),))
    address = address.format(case.pk)
    assert "已废止" not in "".join(lines_of(client.get(address).content))
    policy.validity = "repealed"
    policy.save()
    text = "".join(lines_of(client.get(address).content))
    assert "《旧办法》（依据，推断）【已废止】" in text


def test_a_browser_that_has_the_brief_is_told_so(client: Client) -> None:
    make.make_published()
    tag = client.get("/cases.docx")["ETag"]
    assert client.get("/cases.docx", headers={"If-None-Match": tag}).status_code == 304


def test_more_than_fifty_cases_are_refused_with_the_reason(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(briefs, "MOST", 2)
    for _ in range(3):
        make.make_published()
    response = client.get("/cases.docx?district=xuhui")
    assert response.status_code == 400
    text = response.content.decode()
    assert "一份简报至多 2 个案例，这里有 3 个" in text
    assert 'href="/cases/?district=xuhui"' in text
    assert client.get("/cases.docx?id=1&id=2&id=3").status_code == 400


def test_the_page_to_print_says_what_the_word_file_says(
    client: Client, real_cases: None, django_assert_max_num_queries: Any
) -> None:
    query = "?theme=residential-areas"
    with django_assert_max_num_queries(12):
        page = client.get(f"/brief/{query}")
    html = page.content.decode()
    html = html[html.index('<article class="brief-page">') : html.index("</article>")]
    said = squeezed(unescape(strip_tags(re.sub(r"<sup>.*?</sup>", "", html))))
    signs = re.compile(r"^[•·]|^\d+\.")  # The browser draws those of lists itself.
    for line in lines_of(client.get(f"/cases.docx{query}").content):
        text = squeezed(signs.sub("", line.strip()))
        assert text in said, line
    # A heading never skips a level.
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", html)]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert (
        'href="/brief/?theme=residential-areas"' in client.get(f"/cases/{query}").content.decode()
    )


def test_the_page_to_print_shows_pictures_and_marks_with_their_own_numbers(client: Client) -> None:
    case = make.make_complete_draft(approach="<b>一[^1]\n\n### 小题\n\n二")
    make.make_attachment(case, file="a" * 32 + ".png", alt="夜间“停车”", caption="改造后")
    make.publishing.publish(case)
    html = client.get(f"/brief/?id={case.pk}").content.decode()
    assert f'<img src="/media/{"a" * 32}.png" alt="夜间“停车”">' in html
    assert "&lt;b&gt;一<sup>[1]</sup>" in html
    assert html.index("<h2>做法</h2>") < html.index(">小题</h3>")


def test_a_grade_and_a_date_stay_on_one_line_of_the_page_to_print(client: Client) -> None:
    make.make_published(start="2014-12", grade="B")
    make.make_published(start="", grade="A")
    html = client.get("/brief/").content.decode()
    for text in ("B 级", "A 级", "2014 年 12 月", "未记录"):
        assert f'<td class="whole">{text}</td>' in html, text


def test_a_page_to_print_has_fewer_cases_than_word(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(briefs, "MOST_ON_PAGE", 2)
    for _ in range(3):
        make.make_published()
    page = client.get("/brief/")
    assert page.status_code == 400
    assert "一份简报至多 2 个案例，这里有 3 个" in page.content.decode()
    text = client.get("/cases/").content.decode()
    assert 'href="/brief/' not in text
    assert 'href="/cases.docx' in text
    monkeypatch.setattr(briefs, "MOST", 2)
    assert 'href="/cases.docx' not in client.get("/cases/?sort=year").content.decode()


def test_the_longest_page_to_print_is_sent_in_sixty_kilobytes(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    loading.prepare()
    loading.generate(40, seed=3, processes=1)
    rows = [(len(str(row)), pk) for pk, row in records.load_all()]
    ids = [pk for _length, pk in sorted(rows, reverse=True)[: briefs.MOST_ON_PAGE]]
    address = f"/brief/?{'&'.join(f'id={pk}' for pk in ids)}"
    client.get("/about/")  # Whatever a worker has to load is loaded.
    packs = {"Accept-Encoding": "gzip"}
    with django_assert_max_num_queries(12):
        packed = client.get(address, headers=packs)
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) <= 60 * 1024
    plain = client.get(address)
    assert "Content-Encoding" not in plain
    assert gzip.decompress(packed.content) == plain.content
    again = client.get(address, headers=packs | {"If-None-Match": packed["ETag"]})
    assert (again.status_code, again.content, again["Vary"]) == (304, b"", packed["Vary"])
    head = client.head(address, headers=packs)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", packed["ETag"])


@pytest.mark.parametrize(
    "query", ["district=atlantis", "grade=Z", "id=abc", "id=999999", "id=", "id=1%00"]
)
def test_a_bad_value_is_a_400(client: Client, query: str) -> None:
    for path in ("/cases.docx", "/brief/"):
        response = client.get(f"{path}?{query}")
        assert response.status_code == 400
        assert re.search("[一-龥]", response.content.decode())


def test_nothing_found_makes_a_brief_that_says_so(client: Client) -> None:
    make.make_published()
    body = client.get("/cases.docx?q=不会有的词").content
    page = client.get("/brief/?q=不会有的词")
    assert page.status_code == 200
    for text in ("".join(lines_of(body)), strip_tags(page.content.decode())):
        assert "问题：检索词：不会有的词" in text
        assert "没有找到符合这个问题的案例。" in text
        for broken in ("。。", "：。", "共 0 个", "案例一览", "著录格式"):
            assert broken not in text
    assert not list(part(body).iter(f"{W}tbl"))
    assert "<table" not in page.content.decode()


def test_what_is_not_public_has_no_brief(client: Client) -> None:
    make.make_published(title="公开的案例")
    draft = make.make_complete_draft(title="不可外传")
    gone = make.make_withdrawn(title="已撤回的案例")
    assert client.get(f"/cases/{draft.pk}.docx").status_code == 404
    assert client.get(f"/cases/{gone.pk}.docx").status_code == 410
    for row in (draft, gone):
        response = client.get(f"/cases.docx?id={row.pk}")
        assert response.status_code == 400
        assert row.title not in response.content.decode()
        page = client.get(f"/brief/?id={row.pk}")
        assert page.status_code == 400
        assert row.title not in page.content.decode()
    page = client.get("/brief/").content.decode()
    assert "公开的案例" in page
    assert "不可外传" not in page
    assert "已撤回" not in page
    text = "".join(lines_of(client.get("/cases.docx").content))
    assert "公开的案例" in text
    assert "不可外传" not in text
    assert "已撤回" not in text
