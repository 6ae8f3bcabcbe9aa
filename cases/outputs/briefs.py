"""The brief: records in, one Word document out.

Every sentence is a record's own or a count. Sources are numbered through the whole document,
and a mark in the text is the number of its source: where one source is used in several places
by one case, a letter tells the places apart, as in [3a]. Pure: no request, no query.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from string import ascii_lowercase
from typing import Any

from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from cases.codebook import SECTION_TITLES
from cases.models import Grade
from cases.records import Record

from . import citations, markdown
from .exports import UNRECORDED, printable

MOST = 50
SONG, HEI, LATIN = "宋体", "黑体", "Times New Roman"
WIDTH = Cm(16)  # A4 within its margins.


def write(
    records: Sequence[Record], *, title: str, question: str, address: str, base: str, day: date
) -> bytes:
    """Return the brief of these records, in their order.

    `question` says in words what was asked, `address` where that is answered; `base` is the
    site's address without a slash.
    """
    return _Brief(records, base, day).write(title, question, address)


# --- Words ---


def overview(records: Sequence[Record]) -> str:
    """Return one paragraph about the records, made of counts only."""
    districts = {d["slug"] for record in records for d in record["districts"]}
    citywide = sum(record["scope"] == "全市" for record in records)
    years = sorted(r["period"]["start"][:4] for r in records if r["period"]["start"])
    outcomes = Counter(record["status"]["label"] for record in records)
    grades = Counter(_best(record) for record in records)
    parts = [
        _("共 %d 个案例") % len(records),
        _("涉及 %d 个区") % len(districts),
        *([_("范围为全市的 %d 个") % citywide] if citywide else []),
    ]
    if years:
        span = years[0] if years[0] == years[-1] else f"{years[0]}–{years[-1]}"
        parts.append(_("开始年份 %s") % span)
    if len(years) < len(records):
        parts.append(_("开始年份未记录的 %d 个") % (len(records) - len(years)))
    sentences = ["，".join(parts)]
    sentences.append(
        _("成效状态：")
        + "，".join(f"{label} {count} 个" for label, count in outcomes.most_common())
    )
    sentences.append(
        _("最好的证据等级：")
        + "，".join(
            f"{f'{grade} 级' if grade else UNRECORDED} {grades[grade]} 个"
            for grade in sorted(grades)
        )
    )
    sources = {source["id"] for record in records for source in record["sources"]}
    sentences.append(
        _("数据 %(figures)d 项，出处 %(evidence)d 处，来源 %(sources)d 个")
        % {
            "figures": sum(len(record["figures"]) for record in records),
            "evidence": sum(len(record["evidence"]) for record in records),
            "sources": len(sources),
        }
    )
    return "。".join(sentences) + "。"


def _best(record: Record) -> str:
    return min((item["grade"] for item in record["evidence"]), default="")


def _day(value: str | None) -> str:
    """`2014-07` -> 2014 年 7 月; nothing -> 未记录."""
    if not value:
        return UNRECORDED
    return " ".join(f"{int(n)} {unit}" for n, unit in zip(value.split("-"), "年月日", strict=False))


def _place(record: Record) -> str:
    names = [record["scope"]] if record["scope"] == "全市" else []
    names += [d["name"] for d in record["districts"]] + [s["name"] for s in record["subdistricts"]]
    return "、".join(names) or UNRECORDED


def _facts(record: Record) -> list[tuple[str, str]]:
    """Return what the record says apart from its text, by name."""
    period, status = record["period"], record["status"]
    themes = [
        f"{item['name']}（{item['basis']}）" + (f"：{item['reason']}" if item["reason"] else "")
        for item in record["themes"]
    ]
    people = [
        (f"{item['name']}（{item['actor_name']}）" if item["name"] else item["actor_name"])
        + f"：{item['role'] or _('角色未记录')}"
        for item in record["participations"]
    ]
    policies = [
        f"《{item['title'].strip('《》')}》（{item['kind']}，{item['basis']}）"
        for item in record["policies"]
    ]
    return [
        (_("又称"), "、".join(record["aliases"])),
        (_("地点"), _place(record)),
        (_("范围"), record["scope"] or UNRECORDED),
        (
            _("时间"),
            _("开始：%(start)s；结束：%(end)s；精度：%(precision)s")
            % {
                "start": _day(period["start"]),
                "end": _day(period["end"]),
                "precision": period["precision"],
            },
        ),
        (_("成效状态"), f"{status['label']}（截至：{_day(status['as_of'])}）"),
        (_("改革主题"), "\n".join(themes) or record["theme_note"] or UNRECORDED),
        (_("无主题的理由"), record["theme_note"] or "" if themes else ""),
        (_("议题"), "、".join(item["name"] for item in record["topics"]) or UNRECORDED),
        (_("机制"), "、".join(item["name"] for item in record["mechanisms"]) or UNRECORDED),
        (_("参与"), "\n".join(people) or UNRECORDED),
        (_("政策文件"), "\n".join(policies) or UNRECORDED),
    ]


# --- The document ---


class _Brief:
    def __init__(self, records: Sequence[Record], base: str, day: date) -> None:
        self.records, self.base, self.day = records, base, day
        # Source -> its number, in the order of first use.
        self.sources: dict[str, tuple[int, Record]] = {}
        for record in records:
            for source in record["sources"]:
                self.sources.setdefault(source["id"], (len(self.sources) + 1, source))
        self.doc: Doc = Document()

    def write(self, title: str, question: str, address: str) -> bytes:
        _set_up(self.doc, printable(title), self.day)
        self.text(title, "Title")
        self.named(_("问题"), question)
        self.named(_("网址"), address)
        self.named(_("日期"), _day(self.day.isoformat()))
        self.heading(_("概况"), 1)
        self.text(overview(self.records))
        self.text(_("未收录不等于没有做；未记录不等于没有。"))
        alone = len(self.records) == 1
        if not alone:
            self.heading(_("案例一览"), 1)
            self.table(
                [_("序号"), _("案例"), _("地点"), _("开始"), _("成效状态"), _("证据")],
                [
                    [
                        str(number),
                        record["title"],
                        _place(record),
                        _day(record["period"]["start"]),
                        record["status"]["label"],
                        f"{_best(record)} 级" if _best(record) else UNRECORDED,
                    ]
                    for number, record in enumerate(self.records, start=1)
                ],
                (1.2, 5.4, 3.6, 2.4, 2, 1.4),
                _("案例一览：每行一个案例"),
            )
        for number, record in enumerate(self.records, start=1):
            if not alone:
                heading = self.heading(f"{number}　{record['title']}", 1)
                heading.paragraph_format.page_break_before = True
            self.case(record, 1 if alone else 2)
        self.reference_list()
        file = BytesIO()
        self.doc.save(file)
        return file.getvalue()

    # Pieces

    def text(self, text: str, style: str | None = None) -> Paragraph:
        return self.doc.add_paragraph(printable(text), style)

    def heading(self, text: str, level: int) -> Paragraph:
        paragraph = self.doc.add_paragraph(printable(text))
        # By its id: finding a style by its name takes python-docx as long as all the rest.
        paragraph._p.style = f"Heading{level}"
        return paragraph

    def named(self, name: str, text: str) -> None:
        paragraph = self.doc.add_paragraph()
        paragraph.add_run(f"{name}：").bold = True
        paragraph.add_run(printable(text))

    def table(
        self,
        header: Sequence[str],
        rows: Iterable[Sequence[str]],
        widths: Sequence[float],
        description: str,
    ) -> None:
        """Add a table: its header comes again on each page, no row is torn apart.

        Made of elements, not of python-docx's cells, which look their row up each time.
        """
        table = self.doc.add_table(0, len(header))
        table._tbl.tblStyle_val = "TableGrid"
        table.autofit = False
        for name in ("w:tblCaption", "w:tblDescription"):
            table._tbl.tblPr.append(_element(name, description))
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        for number, texts in enumerate([header, *rows]):
            row = OxmlElement("w:tr")
            properties = OxmlElement("w:trPr")
            properties.append(OxmlElement("w:cantSplit"))
            if not number:
                properties.append(OxmlElement("w:tblHeader"))
            row.append(properties)
            for text, width in zip(texts, widths, strict=True):
                row.append(_cell(printable(text), Cm(width).twips, bold=not number))
            table._tbl.append(row)
        after = self.doc.add_paragraph().paragraph_format
        after.space_after, after.line_spacing = Pt(0), 0.6

    # A case

    def case(self, record: Record, level: int) -> None:
        if record["summary"]:
            self.text(record["summary"])
        self.table(
            [_("项目"), _("内容")],
            [[name, text] for name, text in _facts(record) if text],
            (3, 13),
            _("案例要素：%s") % record["title"],
        )
        labels = self.labels(record)
        for name, title in SECTION_TITLES.items():
            if source := record["sections"][name]:
                self.heading(title, level)
                reader = _Reader(self, labels, level)
                reader.feed(str(markdown.to_html(source, name, {})))
                reader.close()
        if record["figures"]:
            self.heading(_("数据"), level)
            self.table(
                [_("指标"), _("限定"), _("数值"), _("单位"), _("时期"), _("出处")],
                [
                    [
                        item["label"],
                        item["qualifier"] or "",
                        str(item["value"]),
                        item["unit"],
                        item["period"] or UNRECORDED,
                        labels.get(item["evidence"], UNRECORDED),
                    ]
                    for item in record["figures"]
                ],
                (6, 1.8, 2.2, 1.8, 2.6, 1.6),
                _("数据：%s") % record["title"],
            )
        self.heading(_("出处"), level)
        for item in record["evidence"]:
            parts = [f"{labels[item['number']]} {Grade(item['grade']).label}"]
            parts += [item["locator"]] if item["locator"] else []
            parts += [f"“{item['quotation']}”"] if item["quotation"] else []
            parts += [item["note"]] if item["note"] else []
            _hang(self.text("；".join(parts)))
        if record["version"]:
            self.named(_("网址"), f"{self.base}/cases/{record['id']}/")
            cited = citations.gbt7714(citations.of_case(record, self.base), self.day)
            self.named(_("引用本案例"), cited)

    def labels(self, record: Record) -> dict[int, str]:
        """Return the mark of each of a case's evidence numbers."""
        used = Counter(item["source"] for item in record["evidence"])
        seen: Counter[str] = Counter()
        labels = {}
        for item in record["evidence"]:
            source = item["source"]
            letter = _letter(seen[source]) if used[source] > 1 else ""
            seen[source] += 1
            labels[item["number"]] = f"[{self.sources[source][0]}{letter}]"
        return labels

    def reference_list(self) -> None:
        heading = self.heading(_("来源"), 1)
        heading.paragraph_format.page_break_before = True
        self.text(_("著录格式：GB/T 7714—2025。"))
        for number, source in self.sources.values():
            visited = date.fromisoformat(source["accessed"]) if source["accessed"] else self.day
            entry = citations.gbt7714(citations.of_source(source), visited)
            more = [
                (_("作者"), "、".join(source["author"]) if len(source["author"]) > 3 else ""),
                (_("发布者"), source["publisher"]),
                (_("转载自"), source.get("reposted_from")),
                (_("类别"), source["kind"]),
                (_("存档"), source["archive_url"]),
                (_("查阅"), source["accessed"]),
            ]
            rest = "；".join(f"{name}：{text}" for name, text in more if text and text not in entry)
            _hang(self.text(f"[{number}] {entry}{f'（{rest}）' if rest else ''}"))


def _letter(index: int) -> str:
    """Return a, b … z, aa, ab …"""
    before, last = divmod(index, 26)
    return (_letter(before - 1) if before else "") + ascii_lowercase[last]


# --- Markdown's HTML ---


class _Reader(HTMLParser):
    """Turns the cleaned HTML of a section into paragraphs and tables."""

    def __init__(self, brief: _Brief, labels: dict[int, str], level: int) -> None:
        super().__init__(convert_charrefs=True)
        self.brief, self.labels, self.level = brief, labels, level
        self.paragraph: Paragraph | None = None
        self.bold = 0
        # Of each open list, the number of its next item; 0 for a list without numbers.
        self.lists: list[int] = []
        self.quoted = 0
        self.link = ""
        self.in_mark = False
        self.rows: list[list[str]] | None = None
        # Whether an item has its number but no text yet.
        self.is_fresh_item = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("p", "pre") and self.rows is None:
            # The first paragraph of an item stands beside its number.
            if self.paragraph is None or self.paragraph.runs and not self.is_fresh_item:
                self._begin()
            self.is_fresh_item = False
        elif tag in ("h3", "h4", "h5", "h6"):
            self.paragraph = self.brief.heading("", min(self.level + int(tag[1]) - 2, 6))
        elif tag in ("ul", "ol"):
            self.lists.append(int(given.get("start") or 1) if tag == "ol" else 0)
        elif tag == "li":
            self._begin_item()
        elif tag == "blockquote":
            self.quoted += 1
        elif tag in ("strong", "em"):
            self.bold += 1
        elif tag == "sup":
            self.in_mark = True
        elif tag == "a" and self.in_mark:
            number = int(given["href"].removeprefix("#evidence-"))
            self._add(self.labels.get(number, f"[^{number}]"), superscript=True)
        elif tag == "a":
            self.link = given.get("href", "")
        elif tag == "br":
            self._add("\n")
        elif tag == "table":
            self.rows = []
        elif tag == "tr" and self.rows is not None:
            self.rows.append([])
        elif tag in ("td", "th") and self.rows is not None:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "pre", "h3", "h4", "h5", "h6", "li"):
            self.paragraph = None
        elif tag in ("ul", "ol"):
            self.lists.pop()
            self.paragraph = None
        elif tag == "blockquote":
            self.quoted -= 1
        elif tag in ("strong", "em"):
            self.bold -= 1
        elif tag == "sup":
            self.in_mark = False
        elif tag == "a" and self.link:
            self._add(f"（{self.link}）")
            self.link = ""
        elif tag == "table" and self.rows:
            columns = max(map(len, self.rows))
            header, *rows = ([*row, *[""] * (columns - len(row))] for row in self.rows)
            width = WIDTH.cm / columns
            self.brief.table(header, rows, [width] * columns, _("正文中的表格"))
            self.rows = None

    def handle_data(self, data: str) -> None:
        # Between blocks stand line ends that mean nothing.
        outside = self.paragraph is None and self.rows is None
        if not self.in_mark and not (outside and not data.strip()):
            self._add(data)

    def _begin(self) -> None:
        self.paragraph = self.brief.doc.add_paragraph()
        indent = len(self.lists) + self.quoted
        if indent:
            self.paragraph.paragraph_format.left_indent = Cm(0.8 * indent)

    def _begin_item(self) -> None:
        """Begin an item with its own sign: Word would number all lists of a document as one."""
        self._begin()
        assert self.paragraph is not None  # noqa: S101 - for the type
        self.paragraph.paragraph_format.first_line_indent = Cm(-0.6)
        number = self.lists[-1] if self.lists else 0
        self.paragraph.add_run(f"{number}. " if number else "• ")
        if number:
            self.lists[-1] += 1
        self.is_fresh_item = True

    def _add(self, text: str, superscript: bool = False) -> None:
        text = printable(text)
        if self.rows is not None:
            if self.rows and self.rows[-1]:
                self.rows[-1][-1] += text.strip("\n")
            return
        if self.paragraph is None:
            self._begin()
        assert self.paragraph is not None  # noqa: S101 - for the type
        run = self.paragraph.add_run(text)
        run.bold = True if self.bold else None
        run.font.superscript = True if superscript else None


# --- Word ---


def _element(name: str, value: str) -> Any:
    element = OxmlElement(name)
    element.set(qn("w:val"), printable(value))
    return element


def _cell(text: str, width: int, *, bold: bool) -> Any:
    cell = OxmlElement("w:tc")
    properties = OxmlElement("w:tcPr")
    size = OxmlElement("w:tcW")
    size.set(qn("w:w"), str(width))
    size.set(qn("w:type"), "dxa")
    properties.append(size)
    if bold:
        shade = _element("w:shd", "clear")
        shade.set(qn("w:fill"), "EEEEEE")
        properties.append(shade)
    cell.append(properties)
    for line in text.split("\n"):
        paragraph = OxmlElement("w:p")
        layout = OxmlElement("w:pPr")
        layout.append(_element("w:pStyle", "TableText"))
        paragraph.append(layout)
        run = OxmlElement("w:r")
        if bold:
            look = OxmlElement("w:rPr")
            look.append(OxmlElement("w:b"))
            run.append(look)
        piece = OxmlElement("w:t")
        piece.text = line
        piece.set(qn("xml:space"), "preserve")
        run.append(piece)
        paragraph.append(run)
        cell.append(paragraph)
    return cell


def _hang(paragraph: Paragraph) -> None:
    paragraph.paragraph_format.left_indent = Cm(1)
    paragraph.paragraph_format.first_line_indent = Cm(-1)


def _set_up(doc: Doc, title: str, day: date) -> None:
    """Set paper, fonts, page numbers and properties; the template is made for English."""
    section = doc.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.5)
    styles = doc.styles
    table_text = styles.add_style("TableText", 1)
    table_text.base_style = styles["Normal"]
    looks = [("Normal", SONG, 10.5), ("TableText", SONG, 9.5), ("Title", HEI, 22)]
    looks += [(f"Heading {n}", HEI, size) for n, size in enumerate((16, 13, 12, 11, 11, 11), 1)]
    for name, east, size in looks:
        style: Any = styles[name]
        style.font.size = Pt(size)
        style.font.italic = False
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()
        for kind, font in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", east)):
            fonts.set(qn(f"w:{kind}"), font)
    normal: Any = styles["Normal"]
    language = OxmlElement("w:lang")
    for kind in ("val", "eastAsia"):
        language.set(qn(f"w:{kind}"), "zh-CN")
    normal.element.get_or_add_rPr().append(language)
    normal.paragraph_format.line_spacing = 1.3
    normal.paragraph_format.space_after = Pt(4)
    table_format: Any = styles["TableText"]
    table_format.paragraph_format.line_spacing = 1.1
    table_format.paragraph_format.space_after = Pt(1)
    header = section.header.paragraphs[0]
    header.text = citations.SITE
    header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run("第 ")
    _add_field(footer, "PAGE")
    footer.add_run(" 页，共 ")
    _add_field(footer, "NUMPAGES")
    footer.add_run(" 页")
    properties = doc.core_properties
    properties.title, properties.author, properties.language = title[:255], citations.SITE, "zh-CN"
    properties.comments = properties.last_modified_by = ""
    properties.subject = day.isoformat()


def _add_field(paragraph: Paragraph, code: str) -> None:
    """Add a number that the program counts; what it shows before is 1."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)
