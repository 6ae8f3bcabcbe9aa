"""Spreadsheets of cases and reference lists: what both share, and the reference lists.

A table is read whole and checked whole. One mistake anywhere and nothing is stored; each is named
by the line and the column that an editor sees. Reading is by django-import-export; what its
widgets say of a bad value is said here, in Chinese.
"""

import csv
import datetime
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _
from import_export.results import RowResult
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from tablib import Dataset

from cases.outputs.exports import UNRECORDED, harmless, plain, printable

LINE = "\0line"  # no header of a spreadsheet can be this
ID = "编号"
MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_CHARACTERS = 32_767  # in a cell of Excel
SEPARATOR = "；"
# One long text of a case is one cell; more than this is refused before it is read.
csv.field_size_limit(MOST_BYTES)


@dataclass(frozen=True)
class Problem:
    """Why a table does not go in: the line and the column as the spreadsheet shows them."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        if not self.line:
            return self.message
        if not self.column:
            return _("第 %(line)s 行：%(message)s") % {"line": self.line, "message": self.message}
        return _("第 %(line)s 行，“%(column)s”列：%(message)s") % {
            "line": self.line,
            "column": self.column,
            "message": self.message,
        }


class Unreadable(Exception):
    """The file is no table that can be read; the message is Chinese."""


@dataclass(frozen=True)
class Double:
    """A line that may tell of what is here already: its title, the row that is here, and why."""

    line: int
    title: str
    known: int
    known_title: str
    reason: str


@dataclass
class Outcome:
    """What an import did, or would do; where there are problems it did nothing."""

    problems: list[Problem] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    doubles: list[Double] = field(default_factory=list)
    # Nothing was stored because nobody has looked at these doubles.
    is_held: bool = False

    @property
    def seen(self) -> str:
        """What says that these doubles were looked at: others have another."""
        told = "\n".join(f"{d.line} {d.title} {d.known}" for d in self.doubles)
        return hashlib.sha256(told.encode()).hexdigest()[:16] if told else ""


# --- Reading a file ---


def read(data: bytes) -> tuple[Dataset, list[Problem]]:
    """Return the table of an XLSX or CSV file, told apart by content, and cells that are no data.

    Empty lines are left out; each row knows the line that it stood in.
    """
    if len(data) > MOST_BYTES:
        raise Unreadable(_("文件超过 10 MB，请分成几份。"))
    rows = _xlsx(data) if data.startswith(b"PK") else _csv(data)
    headers: list[str] = []
    table = Dataset()
    problems: list[Problem] = []
    for line, values in rows:
        if not headers:
            headers = [value.strip() if isinstance(value, str) else "" for value in values]
            while headers and not headers[-1]:
                headers.pop()
            _check_headers(headers)
            table.headers = [*headers, LINE]
            continue
        cells = []
        for header, value in zip(headers, [*values, *[""] * len(headers)], strict=False):
            if isinstance(value, Problem):
                problems.append(Problem(line, header, value.message))
                value = ""
            cells.append(value)
        if any(cell.strip() for cell in cells) or any(p.line == line for p in problems):
            table.append([*cells, line])
            if len(table) > MOST_ROWS:
                raise Unreadable(_("超过 %s 行，请分成几份。") % f"{MOST_ROWS:,}")
    if not headers:
        raise Unreadable(_("表是空的：第一行应是各列的名称。"))
    return table, problems


def _check_headers(headers: list[str]) -> None:
    if len(headers) > MOST_COLUMNS:
        raise Unreadable(_("列数超过 %s。") % MOST_COLUMNS)
    if not headers:
        raise Unreadable(_("表是空的：第一行应是各列的名称。"))
    if "" in headers:
        raise Unreadable(_("第 %s 列没有名称。") % (headers.index("") + 1))
    twice = {header for header in headers if headers.count(header) > 1}
    if twice:
        raise Unreadable(_("“%s”列出现了两次。") % sorted(twice)[0])


def _csv(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    for encoding in ("utf-8-sig", "gb18030"):  # the second is what Excel writes in China
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Unreadable(_("不是能读的表格文件：请存为 .xlsx，或 UTF-8 的 .csv。"))
    if "\0" in text:
        raise Unreadable(_("不是能读的表格文件：请存为 .xlsx，或 UTF-8 的 .csv。"))
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for line, row in enumerate(reader, start=1):
            yield line, [_text(value) for value in row]
    except csv.Error as error:
        raise Unreadable(_("CSV 文件有误：%s") % error) from error


def _xlsx(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
                raise Unreadable(_("文件展开后太大，请分成几份。"))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
        sheet = book.worksheets[0]
        for line, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
            yield line, [_value(cell) for cell in row]
    except Unreadable:
        raise
    except Exception as error:  # whatever a damaged file makes openpyxl say
        raise Unreadable(_("不是可读的 Excel 文件（.xlsx），或文件已损坏。")) from error


def _value(cell: Any) -> Any:
    """Return a cell as text; a formula is a mistake, for what it gives is not in the file."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Problem(0, "", _("这一格是公式，请改写为它的值。"))
    if cell.data_type == "e":
        return Problem(0, "", _("这一格是 Excel 的出错值“%s”。") % value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime):
        # A month typed as 2014-07 becomes a day in Excel, shown as a month.
        shown = (cell.number_format or "").lower()
        return f"{value:%Y-%m-%d}" if "d" in shown or "y" not in shown else f"{value:%Y-%m}"
    return _text(str(value))


def _text(written: str) -> str:
    """Return the text of a cell; a line end at its end counts, as `joined` writes it."""
    return plain(printable(written)).strip(" \t\u3000\xa0")


def is_as_written(cell: Any, value: Any) -> bool:
    """Say whether a cell that was read is the one that would be written for the value.

    Not every text comes back as it was, of long ones Excel has only the beginning. What nobody
    touched in a spreadsheet must not change all the same.
    """
    written = harmless("" if value is None else str(value))
    return str(cell) in (_text(written), _text(written[:MOST_CHARACTERS]))


def known(value: Any) -> str:
    """Return the text of a cell; what is unrecorded is empty."""
    text = str(value or "").strip()
    return "" if text == UNRECORDED else text


def items(value: Any) -> list[str]:
    """Return the values of one cell: one a line, or separated by “；” where it has one line."""
    text = str(value or "")
    if not text.strip():
        return []
    parts = text.split("\n") if "\n" in text else text.replace(";", SEPARATOR).split(SEPARATOR)
    return [known(part) for part in parts]


def joined(values: Sequence[Any]) -> str:
    """Return the values as one cell, so that `items` gives as many again."""
    texts = [" ".join(str(value).split("\n")) if value else UNRECORDED for value in values]
    if any(SEPARATOR in text or ";" in text for text in texts) or len(texts) > 1:
        return "\n".join(texts) + ("\n" if len(texts) == 1 else "")
    return "".join(texts)


# --- Checking and storing ---


def run(resource: Any, data: bytes, columns: set[str], *, dry_run: bool) -> Outcome:
    """Let a resource import a file and say what came of it."""
    table, problems = read(data)
    problems += [
        Problem(1, header, _("没有这一列，请对照模板。"))
        for header in (table.headers or [])
        if header not in columns and header != LINE
    ]
    # What cannot be read is told together with what can be read and is wrong.
    result = resource.import_data(
        table,
        dry_run=dry_run or bool(problems),
        use_transactions=True,
        rollback_on_validation_errors=True,
    )
    lines = table[LINE] if len(table) else []
    problems += [Problem(0, "", str(error.error)) for error in result.base_errors]
    for invalid in result.invalid_rows:
        problems += _named(resource, lines[invalid.number - 1], invalid.error)
    for failed in result.error_rows:
        problems += [
            Problem(lines[failed.number - 1], "", _("不能保存：%s") % error.error)
            for error in failed.errors
        ]
    told = {(p.line, p.column): p for p in reversed(problems)}
    totals = result.totals
    return Outcome(
        sorted(told.values(), key=lambda p: (p.line, p.column)),
        created=totals[RowResult.IMPORT_TYPE_NEW],
        updated=totals[RowResult.IMPORT_TYPE_UPDATE],
        unchanged=totals[RowResult.IMPORT_TYPE_SKIP],
    )


def _named(resource: Any, line: int, error: ValidationError) -> Iterator[Problem]:
    if not hasattr(error, "error_dict"):
        yield Problem(line, "", "；".join(error.messages))
        return
    for name, errors in error.message_dict.items():
        column = resource.fields[name].column_name if name in resource.fields else name
        yield Problem(line, "" if name == NON_FIELD_ERRORS else column, "；".join(errors))


# --- Writing files ---


def write_csv(headers: list[str], rows: Iterable[Sequence[Any]], file: IO[str]) -> None:
    file.write("\ufeff")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(headers)
    for row in rows:
        writer.writerow([value if isinstance(value, int) else harmless(value) for value in row])


def write_xlsx(
    headers: list[str],
    rows: Iterable[Sequence[Any]],
    file: IO[bytes],
    *,
    allowed: dict[str, list[str]],
    notes: dict[str, str],
) -> None:
    """Write a workbook that can be filled in: the table, the values allowed, how to write."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(_("表"))
    sheet.freeze_panes = "A2"
    for index, header in enumerate(headers, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = max(14, 2 * len(header) + 4)
    for number, (header, values) in enumerate(allowed.items(), start=1):
        if header not in headers or not values:
            continue
        letter = get_column_letter(number)
        # A hint, not a bar: several values may stand in one cell, which the import checks.
        rule = DataValidation(
            "list", f"'可填的值'!${letter}$2:${letter}${len(values) + 1}", allow_blank=True
        )
        rule.showErrorMessage = False
        column = get_column_letter(headers.index(header) + 1)
        rule.add(f"{column}2:{column}{MOST_ROWS}")
        sheet.data_validations.append(rule)
    sheet.append([_bold(sheet, header) for header in headers])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    lists: Any = book.create_sheet("可填的值")
    lists.append([_bold(lists, header) for header in allowed])
    for position in range(max((len(values) for values in allowed.values()), default=0)):
        lists.append(
            [_cell(lists, v[position]) if position < len(v) else None for v in allowed.values()]
        )
    about: Any = book.create_sheet(_("说明"))
    about.column_dimensions["B"].width = 90
    for header, note in notes.items():
        about.append([_cell(about, header), _cell(about, note)])
    book.save(file)


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    """Return a cell that no spreadsheet runs: a whole number, or text as text."""
    if isinstance(value, int) or value is None:
        return value
    cell = WriteOnlyCell(sheet, value=harmless(str(value))[:MOST_CHARACTERS])
    cell.data_type = "s"
    return cell


def number(text: str) -> Decimal:
    """Return the number written in a cell, with or without commas; raises ValueError."""
    try:
        value = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation as error:
        raise ValueError(_("“%s”不是数。") % text) from error
    if not value.is_finite() or abs(value) >= 10**14 or value != round(value, 4):
        raise ValueError(_("“%s”太大，或小数超过四位。") % text)
    return value
