"""A document in Word: pieces of text and tables in, the bytes of one `.docx` out.

Paper, fonts and language are those of Chinese; the library's own template is made for English.
Pure: no request, no query.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from .exports import printable

SONG, HEI, LATIN = "宋体", "黑体", "Times New Roman"
WIDTH, HEIGHT = Cm(16), Cm(12)  # A4 within its margins, and half of it.


# The JPEG or PNG of an attachment's file name, or None where it shall only be named.
ImageOf = Callable[[str], bytes | None]


class WordFile:
    """What is added stands in the file in that order; any text may hold any sign."""

    def __init__(
        self, title: str, author: str, day: date, image_of: ImageOf = lambda name: None
    ) -> None:
        self.doc: Doc = Document()
        self.image_of = image_of
        _set_up(self.doc, printable(title), author, day)

    def text(self, text: str, style: str | None = None) -> Paragraph:
        return self.doc.add_paragraph(printable(text), style)

    def title(self, text: str) -> None:
        self.text(text, "Title")

    def heading(self, text: str, level: int, new_page: bool = False) -> Paragraph:
        paragraph = self.doc.add_paragraph(printable(text))
        # By its id: finding a style by its name takes python-docx as long as all the rest.
        paragraph._p.style = f"Heading{level}"
        paragraph.paragraph_format.page_break_before = True if new_page else None
        return paragraph

    def named(self, name: str, text: str) -> None:
        paragraph = self.doc.add_paragraph()
        paragraph.add_run(f"{name}：").bold = True
        paragraph.add_run(printable(text))

    def hanging(self, text: str) -> None:
        """Add an item of a list that begins with its own number."""
        layout = self.text(text).paragraph_format
        layout.left_indent, layout.first_line_indent = Cm(1), Cm(-1)

    def picture(self, name: str, alt: str) -> None:
        """Add a picture at most as wide as the text and half a page high."""
        image = self.image_of(name)
        if image is None:
            return
        shape = self.doc.add_picture(BytesIO(image))
        scale = min(1, WIDTH / shape.width, HEIGHT / shape.height)
        shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
        shape._inline.docPr.set("descr", printable(alt))
        self.doc.paragraphs[-1].paragraph_format.keep_with_next = True

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

    def html(self, html: str, labels: Mapping[int, str], level: int) -> None:
        """Add the cleaned HTML of a section, which stands under a heading of this level.

        `labels` is what to print for a mark that leads to the evidence of that number.
        """
        reader = _Reader(self, labels, level)
        reader.feed(html)
        reader.close()

    def turn(self, wide: bool) -> None:
        """Go on on a new page that lies across, or stands again."""
        section = self.doc.add_section()
        # The paragraph that ends a section is a line of its own, which may need a page of its own.
        last = self.doc.paragraphs[-1].paragraph_format
        last.space_after, last.line_spacing = Pt(0), Pt(1)
        section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = section.page_height, section.page_width

    def to_bytes(self) -> bytes:
        file = BytesIO()
        self.doc.save(file)
        return file.getvalue()


# --- Markdown's HTML ---


class _Reader(HTMLParser):
    """Turns the cleaned HTML of a section into paragraphs and tables."""

    def __init__(self, file: WordFile, labels: Mapping[int, str], level: int) -> None:
        super().__init__(convert_charrefs=True)
        self.file, self.labels, self.level = file, labels, level
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
            self.paragraph = self.file.heading("", min(self.level + int(tag[1]) - 2, 6))
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
            self.file.table(header, rows, [width] * columns, _("正文中的表格"))
            self.rows = None

    def handle_data(self, data: str) -> None:
        # Between blocks stand line ends that mean nothing.
        outside = self.paragraph is None and self.rows is None
        if not self.in_mark and not (outside and not data.strip()):
            self._add(data)

    def _begin(self) -> None:
        self.paragraph = self.file.doc.add_paragraph()
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


# --- Elements ---


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


def _set_up(doc: Doc, title: str, author: str, day: date) -> None:
    """Set paper, fonts, page numbers and properties; a table's text is smaller."""
    section = doc.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2)
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
        if name.startswith("Heading"):
            # So that a short case with its sources stays on one page.
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(8), Pt(2)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()
        for kind, font in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", east)):
            fonts.set(qn(f"w:{kind}"), font)
        # Signs of both scripts, such as quotation marks, are set as Chinese.
        fonts.set(qn("w:hint"), "eastAsia")
    normal: Any = styles["Normal"]
    language = OxmlElement("w:lang")
    # Latin that is called Chinese is broken within a number or a word.
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    normal.element.get_or_add_rPr().append(language)
    normal.paragraph_format.line_spacing = 1.2
    normal.paragraph_format.space_after = Pt(3)
    table_format: Any = styles["TableText"]
    table_format.paragraph_format.line_spacing = 1.1
    table_format.paragraph_format.space_after = Pt(1)
    header = section.header.paragraphs[0]
    header.text = author
    header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run("第 ")
    _add_field(footer, "PAGE")
    footer.add_run(" 页，共 ")
    _add_field(footer, "NUMPAGES")
    footer.add_run(" 页")
    properties = doc.core_properties
    properties.title, properties.author, properties.language = title[:255], author, "zh-CN"
    properties.comments = properties.last_modified_by = ""
    properties.subject = day.isoformat()
    # The template has the day on which it was made.
    properties.created = properties.modified = datetime.combine(day, time())


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
