"""Cases side by side: records in, one table out, and the same table as CSV or XLSX.

Pure: no request, no query. A cell is lines of text, some of it linked, so that page and
file say the same words.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import unescape
from itertools import groupby
from typing import IO, Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from cases.codebook import SECTION_TITLES, amount
from cases.models import Participation
from cases.records import Record

from . import exports, markdown

FEWEST, MOST = 2, 6
UNRECORDED = exports.UNRECORDED
# What a cell of a column says that has no record to show.
WITHDRAWN, MISSING = "已撤回", "没有这个案例"


@dataclass(frozen=True)
class Part:
    """A run of text, with the address that it leads to or none."""

    text: str
    url: str = ""
    # A mark that leads to evidence is not content: two cases number theirs differently.
    is_mark: bool = False


Line = tuple[Part, ...]


@dataclass(frozen=True)
class Column:
    """One chosen case, in its place: a record, or why there is none."""

    id: int
    title: str
    record: Record | None = None
    withdrawn_on: str = ""
    reason: str = ""
    merged_into: int | None = None

    @property
    def state(self) -> str:
        if self.record is not None:
            return "case"
        return "withdrawn" if self.withdrawn_on else "missing"

    @property
    def words(self) -> str:
        """Return the head of the column as the files have it: a page has its parts apart."""
        if self.state == "case":
            return self.title
        if self.state == "missing":
            return f"{MISSING}（编号 {self.id}）"
        return f"{self.title}（{self.withdrawn_on} {WITHDRAWN}：{self.reason}）"


@dataclass(frozen=True)
class Cell:
    """What one case says of one field. `state`: "", unrecorded, none (recorded as none), gone."""

    lines: tuple[Line, ...]
    state: str = ""

    @property
    def text(self) -> str:
        return "\n".join("".join(part.text for part in line) for line in self.lines)

    @property
    def content(self) -> tuple[str, ...]:
        """Return the lines without their marks, for telling whether two cells differ."""
        return tuple(
            "".join(part.text for part in line if not part.is_mark).strip() for line in self.lines
        )


@dataclass(frozen=True)
class Row:
    group: str
    title: str
    cells: tuple[Cell, ...]
    # None where the row tells which case it is, which always differs and says nothing; and
    # where fewer than two cases are left.
    differs: bool | None

    @property
    def verdict(self) -> str:
        if self.differs is None:
            return ""
        return "不同" if self.differs else "相同"


@dataclass(frozen=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @cached_property
    def differing(self) -> int:
        return sum(row.differs is True for row in self.rows)

    @cached_property
    def compared(self) -> int:
        return sum(row.differs is not None for row in self.rows)

    @property
    def groups(self) -> list[tuple[str, list[Row]]]:
        return [(name, list(rows)) for name, rows in groupby(self.rows, lambda row: row.group)]

    def only_differing(self) -> "Table":
        """Return the table without the rows in which the cases agree."""
        return replace(self, rows=tuple(row for row in self.rows if row.differs is not False))


# --- Fields ---


@dataclass(frozen=True)
class _Field:
    group: str
    title: str
    read: Callable[[Record], Iterable[Line]]
    compared: bool = True
    # The order of the lines means nothing.
    as_set: bool = False


def _words(*texts: str | None) -> list[Line]:
    return [(Part(text),) for text in texts if text]


def _mark(record: Record, number: int) -> Part:
    return Part(f"[{number}]", f"{record['url']}#evidence-{number}", is_mark=True)


_INNER_QUOTES = str.maketrans("“”", "‘’")
_SUP = re.compile(r'<sup class="mark">.*?>(\d+)</a></sup>', re.DOTALL)
_BLOCK_END = re.compile(r"</(?:p|li|h\d|tr|blockquote|pre)>|<br ?/?>")
_CELL_END = re.compile(r"</t[dh]>")
_MARKED = re.compile("\x02(\\d+)\x03")


def _section(name: str) -> Callable[[Record], list[Line]]:
    def read(record: Record) -> list[Line]:
        source = record["sections"][name]
        if not source:
            return []
        html = _SUP.sub("\x02\\1\x03", markdown.to_html(source, name, {}))
        text = unescape(strip_tags(_CELL_END.sub("　", _BLOCK_END.sub("\n", html))))
        return [
            tuple(
                _mark(record, int(piece)) if index % 2 else Part(piece)
                for index, piece in enumerate(_MARKED.split(line.strip()))
                if piece
            )
            for line in text.splitlines()
            if line.strip()
        ]

    return read


def _themes(record: Record) -> list[Line]:
    note = record["theme_note"]
    if not record["themes"]:
        return _words(f"无：不属于七个主题。{note}" if note else None)
    given = (
        f"{theme['name']}（{theme['basis']}）" + (f"：{theme['reason']}" if theme["reason"] else "")
        for theme in record["themes"]
    )
    return _words(*given, f"无主题的理由：{note}" if note else None)


def _role(role: str | None) -> Callable[[Record], list[Line]]:
    def read(record: Record) -> list[Line]:
        return _words(
            *(
                f"{item['name']}（{item['actor_name']}）" if item["name"] else item["actor_name"]
                for item in record["participations"]
                if item["role"] == role
            )
        )

    return read


def _figures(record: Record) -> Iterator[Line]:
    for figure in record["figures"]:
        period = f"（{figure['period']}）" if figure["period"] else ""
        words = Part(f"{figure['label']}：{amount(figure)}{period}")
        number = figure["evidence"]
        yield (words, _mark(record, number)) if number else (words,)


def _policies(record: Record) -> Iterator[Line]:
    for item in record["policies"]:
        more = "，".join(filter(None, (item["number"], item["kind"], item["basis"])))
        yield (
            Part(item["title"], f"/policies/{item['id']}/"),
            Part(f"（{more}）" + (f"【{item['over']}】" if item["over"] else "")),
        )


def _attachments(record: Record) -> Iterator[Line]:
    found = record.get("attachments", [])
    if not found:
        yield (Part("无"),)
    for item in found:
        kind = "图片" if item["kind"] == "image" else "PDF"
        words = item["caption"] or item["alt"] or item["file"]
        yield (Part(f"{kind}："), Part(words, f"/media/{item['file']}"))


def _evidence(record: Record) -> Iterator[Line]:
    titles = {source["id"]: source["title"] for source in record["sources"]}
    for item in record["evidence"]:
        quotation = (item["quotation"] or "").translate(_INNER_QUOTES)
        quoted = f"“{quotation}”" if quotation else None
        grade, title = f"{item['grade']} 级", titles[item["source"]]
        said = filter(None, (grade, title, item["locator"], quoted, item["note"]))
        yield _mark(record, item["number"]), Part(f" {'，'.join(said)}")


def _web(url: str | None) -> str:
    return url if url and url.startswith(("http://", "https://")) else ""


def _sources(record: Record) -> Iterator[Line]:
    """Yield each source after the marks that lead to it: a file has no other way there."""
    for source in record["sources"]:
        key, url, archive = source["id"], source["url"], source["archive_url"]
        said = (
            Part("、".join(source["author"])),
            *(Part(source[name] or "") for name in ("title", "publisher", "date", "kind")),
            Part(url or "", _web(url)),
            Part(f"存档 {archive}" if archive else "", _web(archive)),
            Part(f"查阅 {source['accessed']}" if source["accessed"] else ""),
            Part(f"转载自 {source['reposted_from']}" if source["reposted_from"] else ""),
        )
        yield (
            *(
                Part(f"[{item['number']}]", is_mark=True)
                for item in record["evidence"]
                if item["source"] == key
            ),
            Part(" "),
            *_with_commas(part for part in said if part.text),
        )


def _with_commas(parts: Iterable[Part]) -> Iterator[Part]:
    for index, part in enumerate(parts):
        if index:
            yield Part("，")
        yield part


# Where a record that has nothing says so, and the key that is empty then.
_NONE: dict[Any, str] = {_themes: "themes", _attachments: "attachments"}

FIELDS = (
    _Field("案例", "编号", lambda r: _words(str(r["id"])), compared=False),
    _Field("案例", "网址", lambda r: [(Part(r["address"], r["url"]),)], compared=False),
    _Field("案例", "版本", lambda r: _words(f"第 {r['version']} 版"), compared=False),
    _Field("案例", "发布日期", lambda r: _words(r["published_at"][:10]), compared=False),
    _Field("概况", "别名", lambda r: _words(*r["aliases"]), as_set=True),
    _Field("概况", "摘要", lambda r: _words(r["summary"])),
    _Field("地点与时间", "范围", lambda r: _words(r["scope"])),
    _Field("地点与时间", "区", lambda r: _words(*(d["name"] for d in r["districts"])), as_set=True),
    _Field(
        "地点与时间", "街镇", lambda r: _words(*(s["name"] for s in r["subdistricts"])), as_set=True
    ),
    _Field("地点与时间", "开始", lambda r: _words(r["period"]["start"])),
    _Field("地点与时间", "结束", lambda r: _words(r["period"]["end"])),
    _Field("地点与时间", "时间精度", lambda r: _words(r["period"]["precision"])),
    _Field("成效状态", "状态", lambda r: _words(r["status"]["label"])),
    _Field("成效状态", "截至", lambda r: _words(r["status"]["as_of"])),
    _Field("归类", "改革主题", _themes, as_set=True),
    # The first topic is the main one.
    _Field("归类", "议题", lambda r: _words(*(t["name"] for t in r["topics"]))),
    _Field("归类", "机制", lambda r: _words(*(m["name"] for m in r["mechanisms"])), as_set=True),
    *(
        _Field("主体", str(role), _role(str(role)), as_set=True)
        for role in Participation.Role.values
        if role != Participation.Role.UNRECORDED
    ),
    _Field("主体", "角色未记录", _role(None), as_set=True),
    *(
        _Field("正文", "机制说明" if name == "mechanism" else title, _section(name))
        for name, title in SECTION_TITLES.items()
    ),
    _Field("数据与文件", "数据", _figures),
    _Field("数据与文件", "政策文件", _policies, as_set=True),
    _Field("数据与文件", "附件", _attachments),
    _Field("出处", "最好证据等级", lambda r: _words(exports.best_grade(r))),
    _Field("出处", "出处", _evidence),
    _Field("出处", "来源", _sources, as_set=True),
)


def compare(
    columns: Sequence[Column],
    site: str = "",
    numbers: Mapping[int, str] | None = None,
    over: Mapping[int, str] | None = None,
) -> Table:
    """Return the table of these cases in their order; only columns with a record are compared.

    `site` stands before their addresses. `numbers` and `over` tell of policies, by id, what
    records do not: their 文号, and their state if they are in force no more.
    """
    told = [
        replace(column, record=_told(column.record, site, numbers or {}, over or {}))
        if column.record
        else column
        for column in columns
    ]
    return Table(tuple(told), tuple(_row(field, told) for field in FIELDS))


def _told(record: Record, site: str, numbers: Mapping[int, str], over: Mapping[int, str]) -> Record:
    policies = [
        item | {"number": numbers.get(item["id"]), "over": over.get(item["id"])}
        for item in record["policies"]
    ]
    return record | {"address": f"{site}{record['url']}", "policies": policies}


def _row(field: _Field, columns: Sequence[Column]) -> Row:
    cells = tuple(_cell(field, column) for column in columns)
    if not field.compared:
        return Row(field.group, field.title, cells, None)
    said = [
        tuple(sorted(cell.content)) if field.as_set else cell.content
        for cell in cells
        if cell.state != "gone"
    ]
    differs = len(set(said)) > 1 if len(said) >= FEWEST else None
    return Row(field.group, field.title, cells, differs)


def _cell(field: _Field, column: Column) -> Cell:
    if column.record is None:
        word = WITHDRAWN if column.state == "withdrawn" else MISSING
        return Cell(((Part(word),),), "gone")
    lines = tuple(field.read(column.record))
    if not lines:
        return Cell(((Part(UNRECORDED),),), "unrecorded")
    key = _NONE.get(field.read)
    return Cell(lines, "none" if key and not column.record.get(key) else "")


# --- Files ---


def grid(table: Table) -> Iterator[list[str]]:
    """Yield the table as both files have it, head first, with texts that no spreadsheet runs."""
    yield ["组", "项目", "比较", *(exports.harmless(column.words) for column in table.columns)]
    for row in table.rows:
        cells = (exports.harmless(cell.text) for cell in row.cells)
        yield [row.group, row.title, row.verdict, *cells]


def to_csv(table: Table) -> bytes:
    return exports.csv_bytes(grid(table))


def write_xlsx(table: Table, file: IO[bytes], notes: Iterable[str] = ()) -> None:
    """Write the table as a workbook, with a second sheet that says what a reader must know."""
    workbook = Workbook(write_only=True)
    sheet: Any = workbook.create_sheet("比较")
    sheet.freeze_panes = "D2"
    for index in range(1, len(table.columns) + 4):
        sheet.column_dimensions[get_column_letter(index)].width = 12 if index < 4 else 40
    for number, row in enumerate(grid(table)):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=exports.fitting(value))
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    about: Any = workbook.create_sheet("说明")
    about.column_dimensions["A"].width = 100
    said = (
        *notes,
        _("“未记录”表示来源没有说，不是“无”，也不是 0。"),
        _("“不同”表示所选案例在这一项上至少有两种说法；已撤回的案例不参加比较。"),
    )
    for line in said:
        about.append([exports.harmless(line)])
    workbook.save(file)
