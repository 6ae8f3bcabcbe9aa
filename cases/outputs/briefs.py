"""The brief: records in, one document out, as a file of Word or as a page to print.

Every sentence is a record's own or a count. Sources are numbered through the whole document,
and a mark in the text is the number of its source: where one source is used in several places
by one case, a letter tells the places apart, as in [3a]. Pure: no request, no query.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from string import ascii_lowercase
from typing import Protocol

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cases import validity
from cases.codebook import SECTION_TITLES
from cases.models import Grade, PolicyDocument
from cases.records import Record

from . import citations, comparison, markdown
from .exports import UNRECORDED, best_grade
from .printing import Sheet
from .word import ImageOf, WordFile

MOST = 50
# A page has to stay light.
MOST_ON_PAGE = 25
# Signs of a cell of the comparison: what is longer stands with its case.
SHORT = 80


class File(Protocol):
    """What a brief is written into: `WordFile` or `Sheet`."""

    def title(self, text: str) -> object: ...
    def text(self, text: str) -> object: ...
    def heading(self, text: str, level: int, new_page: bool = False) -> object: ...
    def named(self, name: str, text: str) -> object: ...
    def hanging(self, text: str) -> object: ...
    def picture(self, name: str, alt: str) -> object: ...
    def html(self, html: str, labels: Mapping[int, str], level: int) -> object: ...
    def turn(self, wide: bool) -> object: ...
    def table(
        self,
        header: Sequence[str],
        rows: Iterable[Sequence[str]],
        widths: Sequence[float],
        description: str,
    ) -> object: ...


@dataclass(frozen=True)
class Brief:
    """The records in their order and what was asked; `write` puts them into a file of any kind.

    `question` says in words what was asked, `address` where that is answered; `base` is the
    site's address without a slash.
    """

    records: Sequence[Record]
    title: str
    question: str
    address: str
    base: str
    day: date
    # By id, as they are that day: a record only names them.
    policies: Mapping[int, PolicyDocument] = field(default_factory=dict)
    # Of cases chosen by hand, those that have no record as well.
    columns: Sequence[comparison.Column] = ()

    def write(self, file: File) -> None:
        _Writer(self, file).write()

    def to_docx(self, image_of: ImageOf = lambda name: None) -> bytes:
        file = WordFile(self.title, citations.SITE, self.day, image_of)
        self.write(file)
        return file.to_bytes()

    def to_html(self) -> SafeString:
        sheet = Sheet()
        self.write(sheet)
        return sheet.to_html()


# --- Words ---


def overview(records: Sequence[Record]) -> str:
    """Return one paragraph about the records, made of counts only."""
    if not records:
        return _("没有找到符合这个问题的案例。")
    districts = {d["slug"] for record in records for d in record["districts"]}
    citywide = sum(record["scope"] == "全市" for record in records)
    years = sorted(r["period"]["start"][:4] for r in records if r["period"]["start"])
    outcomes = Counter(record["status"]["label"] for record in records)
    grades = Counter(best_grade(record) for record in records)
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


def _day(value: str | None) -> str:
    """`2014-07` -> 2014 年 7 月; nothing -> 未记录."""
    if not value:
        return UNRECORDED
    return " ".join(f"{int(n)} {unit}" for n, unit in zip(value.split("-"), "年月日", strict=False))


def _place(record: Record) -> str:
    names = [record["scope"]] if record["scope"] == "全市" else []
    names += [d["name"] for d in record["districts"]] + [s["name"] for s in record["subdistricts"]]
    return "、".join(names) or UNRECORDED


def _policy(item: Record, document: PolicyDocument | None) -> str:
    """Name a document a case rests on, with its number and its state as far as they are known."""
    number = f"{document.number}；" if document and document.number else ""
    named = f"《{item['title'].strip('《》')}》（{number}{item['kind']}，{item['basis']}）"
    if document is None:
        return named
    if document.validity == PolicyDocument.Validity.UNKNOWN:
        return named + _("【效力未记录】")
    return f"{named}【{document.get_validity_display()}】"


def _short(cell: comparison.Cell) -> str:
    """Return what a cell says, without marks: those of a brief have other numbers."""
    text = "\n".join(line for line in cell.content if line)
    return text if len(text) <= SHORT else f"{text[:SHORT].rstrip()}……"


def _facts(record: Record, documents: Mapping[int, PolicyDocument]) -> list[tuple[str, str]]:
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
    policies = [_policy(item, documents.get(item["id"])) for item in record["policies"]]
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


class _Writer:
    def __init__(self, brief: Brief, file: File) -> None:
        self.brief, self.file = brief, file
        self.records, self.base, self.day = brief.records, brief.base, brief.day
        # Source -> its number, in the order of first use.
        self.sources: dict[str, tuple[int, Record]] = {}
        for record in brief.records:
            for source in record["sources"]:
                self.sources.setdefault(source["id"], (len(self.sources) + 1, source))

    def write(self) -> None:
        self.file.title(self.brief.title)
        self.file.named(_("问题"), self.brief.question)
        self.file.named(_("网址"), self.brief.address)
        self.file.named(_("日期"), _day(self.day.isoformat()))
        absent = [column.words for column in self.brief.columns if column.record is None]
        if absent:
            self.file.named(_("没有列入"), "；".join(absent))
        self.file.heading(_("概况"), 1)
        self.file.text(overview(self.records))
        self.file.text(_("未收录不等于没有做；未记录不等于没有。"))
        if not self.records:
            return
        alone = len(self.records) == 1
        if not alone:
            self.file.heading(_("案例一览"), 1)
            self.file.table(
                [_("序号"), _("案例"), _("地点"), _("开始"), _("成效状态"), _("证据")],
                [
                    [
                        str(number),
                        record["title"],
                        _place(record),
                        _day(record["period"]["start"]),
                        record["status"]["label"],
                        f"{best_grade(record)} 级" if best_grade(record) else UNRECORDED,
                    ]
                    for number, record in enumerate(self.records, start=1)
                ],
                (1.2, 5.4, 3.6, 2.4, 2, 1.4),
                _("案例一览：每行一个案例"),
            )
        self.comparison()
        for number, record in enumerate(self.records, start=1):
            if not alone:
                self.file.heading(f"{number}　{record['title']}", 1, new_page=True)
            self.case(record, 1 if alone else 2)
        self.reference_list()

    def comparison(self) -> None:
        """Set chosen cases side by side, as many as a page has room for."""
        columns = [column for column in self.brief.columns if column.record is not None]
        if not comparison.FEWEST <= len(columns) <= comparison.MOST:
            return
        known = self.brief.policies
        numbers = {pk: policy.number for pk, policy in known.items()}
        over = validity.over(known.values())
        whole = comparison.compare(columns, self.base, numbers, over)
        self.file.turn(wide=True)
        self.file.heading(_("并排比较"), 1)
        said = _(
            "共比较 %(compared)d 项，下面是不同的 %(differing)d 项；"
            "长的内容只录开头，全文见各案例。“未记录”表示来源没有说，不是“无”。"
        )
        self.file.text(said % {"compared": whole.compared, "differing": whole.differing})
        if whole.differing:
            name, all_others = 2.3, 22.4
            self.file.table(
                [_("项目"), *(f"{n}　{column.title}" for n, column in enumerate(columns, start=1))],
                [[row.title, *map(_short, row.cells)] for row in whole.rows if row.differs],
                (name, *[all_others / len(columns)] * len(columns)),
                _("并排比较：每行一项，每列一个案例"),
            )
        self.file.turn(wide=False)

    def case(self, record: Record, level: int) -> None:
        if record.get("note"):  # What the owner of a set wrote of it.
            self.file.named(_("备注"), record["note"])
        if record["summary"]:
            self.file.text(record["summary"])
        self.file.table(
            [_("项目"), _("内容")],
            [[name, text] for name, text in self.facts(record) if text],
            (3, 13),
            _("案例要素：%s") % record["title"],
        )
        labels = self.labels(record)
        for name, title in SECTION_TITLES.items():
            if source := record["sections"][name]:
                self.file.heading(title, level)
                self.file.html(str(markdown.to_html(source, name, {})), labels, level)
        if record["figures"]:
            self.file.heading(_("数据"), level)
            self.file.table(
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
        self.attachments(record, level)
        self.file.heading(_("出处"), level)
        for item in record["evidence"]:
            parts = [f"{labels[item['number']]} {Grade(item['grade']).label}"]
            parts += [item["locator"]] if item["locator"] else []
            parts += [f"“{item['quotation']}”"] if item["quotation"] else []
            parts += [item["note"]] if item["note"] else []
            self.file.hanging("；".join(parts))
        if record["version"]:
            cited = citations.gbt7714(citations.of_case(record, self.base), self.day)
            self.file.named(_("引用本案例"), cited)

    def attachments(self, record: Record, level: int) -> None:
        found = record.get("attachments", [])
        if found:
            self.file.heading(_("图片与附件"), level)
        for item in found:
            is_image = item["kind"] == "image"
            if is_image:
                self.file.picture(item["file"], item["alt"])
            said = [
                item["caption"],
                _("图中：%s") % item["alt"] if is_image else item["alt"],
                f"{self.base}/media/{item['file']}",
            ]
            self.file.text("；".join(text for text in said if text))

    def facts(self, record: Record) -> list[tuple[str, str]]:
        address = f"{self.base}/cases/{record['id']}/" if record["version"] else ""
        return [*_facts(record, self.brief.policies), (_("网址"), address)]

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
        self.file.heading(_("来源"), 1, new_page=True)
        self.file.text(_("著录格式：GB/T 7714—2025。"))
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
            self.file.hanging(f"[{number}] {entry}{f'（{rest}）' if rest else ''}")


def _letter(index: int) -> str:
    """Return a, b … z, aa, ab …"""
    before, last = divmod(index, 26)
    return (_letter(before - 1) if before else "") + ascii_lowercase[last]
