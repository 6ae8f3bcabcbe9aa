"""The data table: records in, CSV or XLSX out, with one list of columns for both.

Pure: no request, no query. Rows are written as they come, none is kept.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from cases.codebook import SECTION_TITLES, amount
from cases.records import Record

Cell = str | int

UNRECORDED = "未记录"
SEPARATOR = "；"
# Between values that are sentences, which may hold a semicolon themselves.
LINE_SEPARATOR = "；\n"
# Rows that leave together: a piece of about 400 kB.
ROWS_A_PIECE = 100
EXCEL_CHARACTERS = 32_767
EXCEL_ROWS = 1_048_576
CUT = "…（Excel 单元格放不下，以下截去；全文见 CSV 或网址）"

# Control characters but tab and line feed, halves of surrogate pairs, non-characters: none may
# stand in XML, and none is a letter.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
# What a spreadsheet takes for a formula, in either width and behind any space. Apostrophes that
# stand there already count, so that `plain` takes away no more than `harmless` added.
_FORMULA = re.compile(r"'*(?:[\t\n]|\s*[=+\-@＝＋－＠﹦﹢﹣﹫])")


def printable(text: str) -> str:
    """Return the text with line ends as LF and without characters that XML forbids."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def harmless(text: str) -> str:
    """Return the text so that no spreadsheet runs it: an apostrophe before what looks a formula."""
    text = printable(text)
    return f"'{text}" if _FORMULA.match(text) else text


def plain(text: str) -> str:
    """Return what `harmless` was given, for reading the table back."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


# --- Columns ---


@dataclass(frozen=True)
class Column:
    """One column: its header, the fields of the record that it holds, and how."""

    header: str
    # As the codebook writes them: `districts[].name`.
    fields: tuple[str, ...]
    make: Callable[[Record], Any] | None = None
    sentences: bool = False

    @cached_property
    def _read(self) -> Callable[[Record], Any]:
        return self.make or _reader(self.fields[0])

    def cell(self, record: Record) -> Cell:
        """Return a number, or harmless text; several values are joined, nothing is 未记录."""
        value = self._read(record)
        if isinstance(value, list):
            value = self._joined(value)
        if value is None or value == "":
            return UNRECORDED
        return value if isinstance(value, int) else harmless(str(value))

    def _joined(self, values: list[Any]) -> str:
        """Join values so that cutting at the separator gives as many again."""
        texts = (" ".join(str(UNRECORDED if v is None else v).splitlines()) for v in values)
        if self.sentences:
            return LINE_SEPARATOR.join(texts)
        return SEPARATOR.join(text.replace(SEPARATOR, ";") for text in texts)


def _reader(path: str) -> Callable[[Any], Any]:
    """Return what reads the value at a path of the record, as a list where it goes through one."""
    name, _, rest = path.partition(".")
    key = name.removesuffix("[]")
    if not rest:
        return itemgetter(key)
    inner = _reader(rest)
    if name.endswith("[]"):
        return lambda value: [inner(item) for item in value[key]]
    return lambda value: inner(value[key])


def _figures(record: Record) -> list[str]:
    return [
        f"{figure['label']} {amount(figure)}"
        + (f"（{figure['period']}）" if figure["period"] else "")
        + (f"[出处{figure['evidence']}]" if figure["evidence"] else "")
        for figure in record["figures"]
    ]


def _said(*parts: str | None) -> str:
    return "，".join(part for part in parts if part)


def _evidence(record: Record) -> list[str]:
    titles = {source["id"]: source["title"] for source in record["sources"]}
    return [
        f"[{item['number']}] "
        + _said(
            f"{item['grade']} 级",
            titles[item["source"]],
            item["locator"],
            f"“{item['quotation']}”" if item["quotation"] else "",
            item["note"],
        )
        for item in record["evidence"]
    ]


def _sources(record: Record) -> list[str]:
    return [
        _said(
            "、".join(source["author"]),
            source["title"],
            source["publisher"],
            source["date"],
            source["kind"],
            source["url"],
            f"存档 {source['archive_url']}" if source["archive_url"] else "",
            f"查阅 {source['accessed']}" if source["accessed"] else "",
            f"转载自 {source['reposted_from']}" if source["reposted_from"] else "",
        )
        for source in record["sources"]
    ]


def _attachments(record: Record) -> list[str]:
    return [
        _said(
            f"/media/{item['file']}",
            "图片" if item["kind"] == "image" else "PDF",
            item["alt"],
            item["caption"],
        )
        for item in record.get("attachments", [])
    ]


def best_grade(record: Record) -> str:
    """Return the letter of the best evidence, "" without any."""
    return min((item["grade"] for item in record["evidence"]), default="")


# Programs read the table by header and by order: add at the end, rename nothing. Of several
# columns with many values the n-th values belong together.
COLUMNS = (
    Column("编号", ("id",)),
    Column("标题", ("title",)),
    Column("别名", ("aliases[]",)),
    Column("摘要", ("summary",)),
    Column("范围", ("scope",)),
    Column("区", ("districts[].name",)),
    Column("区代码", ("districts[].code",)),
    Column("区拼音", ("districts[].slug",)),
    Column("街镇", ("subdistricts[].name",)),
    Column("街镇代码", ("subdistricts[].code",)),
    Column("街镇所属区", ("subdistricts[].district",)),
    Column("开始", ("period.start",)),
    Column("结束", ("period.end",)),
    Column("时间精度", ("period.precision",)),
    Column("成效状态", ("status.label",)),
    Column("成效状态代码", ("status.value",)),
    Column("成效状态截至", ("status.as_of",)),
    Column("改革主题", ("themes[].name",)),
    Column("改革主题代码", ("themes[].slug",)),
    Column("改革主题依据", ("themes[].basis",)),
    Column("改革主题理由", ("themes[].reason",), sentences=True),
    Column("无主题的理由", ("theme_note",)),
    Column("议题", ("topics[].name",)),
    Column("议题代码", ("topics[].slug",)),
    Column("机制", ("mechanisms[].name",)),
    Column("机制代码", ("mechanisms[].slug",)),
    Column("主体类型", ("participations[].actor_name",)),
    Column("主体类型代码", ("participations[].actor",)),
    Column("主体名称", ("participations[].name",)),
    Column("主体角色", ("participations[].role",)),
    *(
        # The word 机制 is taken by the closed list.
        Column("机制说明" if name == "mechanism" else title, (f"sections.{name}",))
        for name, title in SECTION_TITLES.items()
    ),
    Column(
        "数据",
        tuple(
            f"figures[].{name}"
            for name in ("label", "value", "qualifier", "unit", "period", "evidence")
        ),
        _figures,
        sentences=True,
    ),
    Column("政策文件", ("policies[].title",)),
    Column("政策文件编号", ("policies[].id",)),
    Column("政策文件代码", ("policies[].key",)),
    Column("政策文件关系", ("policies[].kind",)),
    Column("政策文件依据", ("policies[].basis",)),
    Column("出处数", ("evidence",), lambda record: len(record["evidence"])),
    Column("最好证据等级", ("evidence[].grade",), best_grade),
    Column(
        "出处",
        tuple(f"evidence[].{name}" for name in ("number", "locator", "quotation", "grade", "note")),
        _evidence,
        sentences=True,
    ),
    Column("出处来源代码", ("evidence[].source",)),
    Column(
        "来源",
        tuple(
            f"sources[].{name}"
            for name in (
                "author[]",
                "title",
                "publisher",
                "date",
                "kind",
                "url",
                "archive_url",
                "accessed",
                "reposted_from",
            )
        ),
        _sources,
        sentences=True,
    ),
    Column("来源代码", ("sources[].id",)),
    Column("网址", ("url",)),
    Column("版本", ("version",)),
    Column("发布时间", ("published_at",)),
    Column("记录格式版本", ("schema_version",)),
    Column(
        "附件",
        tuple(f"attachments[].{name}" for name in ("file", "kind", "alt", "caption")),
        _attachments,
        sentences=True,
    ),
)
HEADERS = [column.header for column in COLUMNS]
# The table of a set: what its owner wrote of each case stands in the key `note`.
WITH_NOTES = (*COLUMNS, Column("备注", ("note",)))


def rows(
    records: Iterable[Record], base: str, columns: Sequence[Column] = COLUMNS
) -> Iterator[list[Cell]]:
    """Yield the cells of each record; `base` stands before the addresses, without a slash."""
    for record in records:
        whole = record | {"url": f"{base}{record['url']}"}
        yield [column.cell(whole) for column in columns]


# --- Files ---


def csv_bytes(rows: Iterable[Iterable[Cell]]) -> bytes:
    """Return a small table as `csv_pieces` writes a large one. Texts must be harmless already."""
    text = io.StringIO(newline="")
    text.write("\ufeff")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def csv_pieces(
    records: Iterable[Record], base: str, columns: Sequence[Column] = COLUMNS
) -> Iterator[bytes]:
    """Yield the table as CSV: UTF-8 with a mark at its start, for Excel, and CRLF.

    The header leaves before the first record is asked for.
    """
    piece = io.StringIO(newline="")
    writer = csv.writer(piece, lineterminator="\r\n")
    piece.write("\ufeff")
    writer.writerow([column.header for column in columns])
    yield _taken(piece)
    for number, row in enumerate(rows(records, base, columns), start=1):
        writer.writerow(row)
        if number % ROWS_A_PIECE == 0:
            yield _taken(piece)
    yield _taken(piece)


def _taken(piece: io.StringIO) -> bytes:
    """Return what has been written and empty the buffer."""
    data = piece.getvalue().encode()
    piece.seek(0)
    piece.truncate()
    return data


def write_xlsx(
    records: Iterable[Record],
    base: str,
    file: IO[bytes],
    *,
    notes: Iterable[str] = (),
    rows_a_sheet: int = EXCEL_ROWS - 1,
    columns: Sequence[Column] = COLUMNS,
) -> None:
    """Write the table as a workbook, with a last sheet that says what a reader must know.

    More rows than a sheet holds go on in a further sheet; text longer than a cell holds is cut,
    and both are said. Rows go to a temporary file of openpyxl's as they come.
    """
    workbook = Workbook(write_only=True)
    sheet: Any = None
    cut = number = sheets = 0
    for number, row in enumerate(rows(records, base, columns)):
        if number % rows_a_sheet == 0:
            sheets += 1
            sheet = _sheet(workbook, "案例" if sheets == 1 else f"案例（续{sheets}）", columns)
        cells = []
        for value in row:
            shortened = fitting(value)
            cut += shortened is not value
            cells.append(_typed(sheet, shortened))
        sheet.append(cells)
    if sheet is None:
        _sheet(workbook, "案例", columns)
    said = [
        *notes,
        f"“{UNRECORDED}”表示来源没有说，不是“无”，也不是 0。",
        f"一格有多个值时以“{SEPARATOR}”隔开，成句的另起一行；名称与代码等并列的几栏，次序一一对应。",
        "以 =、+、-、@ 等开头的文字前加了一个撇号（'），以免被当作公式运行。",
    ]
    if cut:
        said.append(f"有 {cut} 格超过 Excel 的 {EXCEL_CHARACTERS:,} 个字，已截断，全文见 CSV。")
    if sheets > 1:
        said.append(f"一张表至多 {rows_a_sheet:,} 行，案例分在 {sheets} 张表里。")
    about: Any = workbook.create_sheet("说明")
    about.column_dimensions["A"].width = 100
    for line in said:
        about.append([_typed(about, harmless(line))])
    workbook.save(file)


def _sheet(workbook: Workbook, title: str, columns: Sequence[Column]) -> Any:
    """Return a new sheet with the header, which stays in view."""
    sheet: Any = workbook.create_sheet(title)
    sheet.freeze_panes = "A2"
    headers = [column.header for column in columns]
    for index, header in enumerate(headers, start=1):
        wide = {"标题": 30, "摘要": 50}.get(header, 14)
        sheet.column_dimensions[get_column_letter(index)].width = wide
    header_cells = []
    for header in headers:
        cell = WriteOnlyCell(sheet, value=header)
        cell.font = Font(bold=True)
        header_cells.append(cell)
    sheet.append(header_cells)
    return sheet


def _typed(sheet: Any, value: Cell) -> Any:
    """Return the value as openpyxl stores it: text as text, whatever it looks like."""
    if isinstance(value, str) and value.startswith(("=", "#")):
        cell = WriteOnlyCell(sheet, value=value)
        cell.data_type = "s"
        return cell
    return value


def fitting(value: Cell) -> Cell:
    """Return the value itself if a cell of Excel holds it, which counts in UTF-16."""
    if isinstance(value, int) or len(value) * 2 <= EXCEL_CHARACTERS:
        return value
    units = value.encode("utf-16-le")
    if len(units) <= EXCEL_CHARACTERS * 2:
        return value
    room = (EXCEL_CHARACTERS - len(CUT)) * 2
    return units[:room].decode("utf-16-le", "ignore") + CUT
