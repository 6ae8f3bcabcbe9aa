"""What a row of a spreadsheet says of a case, read over the record that the case has.

A column that is not in the file changes nothing. Several values stand in one cell; the n-th
values of columns that belong together belong together, as in the public table.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cases.models import (
    Actor,
    District,
    Evidence,
    Figure,
    Grade,
    Initiative,
    Mechanism,
    Participation,
    PolicyDocument,
    PolicyLink,
    Subdistrict,
    Theme,
    ThemeLink,
    Topic,
)
from cases.models.dates import validate_partial_date
from cases.models.initiatives import SECTIONS
from cases.models.parts import QUOTATION_LENGTH
from cases.outputs import exports
from cases.records import Record, to_record

from . import lists
from .lists import NAMES, Names, choice
from .spreadsheets import ID, items, known, number

SECTION_COLUMNS = dict(
    zip(SECTIONS, ("背景", "做法", "机制说明", "成效", "不足与启示"), strict=True)
)
STATUS = "发布状态"


@dataclass(frozen=True)
class Group:
    """Columns that hold one kind of rows of a case; the first says how many there are."""

    key: str  # in the record
    columns: dict[str, str]  # header: name in an item of the record


GROUPS = (
    Group("themes", {"改革主题": "slug", "改革主题依据": "basis", "改革主题理由": "reason"}),
    Group("topics", {"议题": "slug"}),
    Group("participations", {"主体类型": "actor", "主体名称": "name", "主体角色": "role"}),
    Group(
        "figures",
        {
            "数据指标": "label",
            "数据数值": "value",
            "数据限定": "qualifier",
            "数据单位": "unit",
            "数据时期": "period",
            "数据出处编号": "evidence",
        },
    ),
    Group("policies", {"政策文件": "key", "政策文件关系": "kind", "政策文件依据": "basis"}),
    Group(
        "evidence",
        {
            "出处编号": "number",
            "出处来源": "source",
            "出处位置": "locator",
            "出处引文": "quotation",
            "证据等级": "grade",
            "出处说明": "note",
        },
    ),
)
PLAIN = {"标题": "title", "摘要": "summary", "范围": "scope", "无主题的理由": "theme_note"}
PERIOD = {"开始": "start", "结束": "end"}
OUTCOME = {"成效状态": "value", "成效状态截至": "as_of"}
PLACES = {"区": "districts", "街镇": "subdistricts", "机制": "mechanisms"}
HEADERS = [
    ID, "标题", "别名", "摘要", "范围", "区", "街镇", "开始", "结束", "成效状态", "成效状态截至",
    *GROUPS[0].columns, "无主题的理由", *GROUPS[1].columns, "机制", *GROUPS[2].columns,
    *SECTION_COLUMNS.values(), *GROUPS[3].columns, *GROUPS[5].columns, *GROUPS[4].columns, STATUS,
]  # fmt: skip
# Columns of the public table that follow from others: read past, so that it can be used here.
DERIVED = set(exports.HEADERS) - set(HEADERS)

_WORDS: dict[str, Any] = {
    "themes": Theme,
    "topics": Topic,
    "participations": Actor,
    "policies": PolicyDocument,
    "districts": District,
    "subdistricts": Subdistrict,
    "mechanisms": Mechanism,
}
_CHOICES: dict[tuple[str, str], Any] = {
    ("themes", "basis"): ThemeLink.Basis.choices,
    ("participations", "role"): Participation.Role.choices,
    ("policies", "kind"): PolicyLink.Kind.choices,
    ("policies", "basis"): ThemeLink.Basis.choices,
    ("evidence", "grade"): [(g.value, g.value) for g in Grade] + list(Grade.choices),
}
_DEFAULTS = {("themes", "basis"): "推断", ("policies", "basis"): "推断"}
_MODELS: dict[str, Any] = {
    "themes": ThemeLink,
    "participations": Participation,
    "figures": Figure,
    "evidence": Evidence,
}


def _limit(model: Any, name: str) -> int | None:
    return getattr(model._meta.get_field(name), "max_length", None)


class Mistakes(dict[str, list[str]]):
    """What is wrong in one row, by column."""

    def say(self, column: str, message: str) -> None:
        if message not in self.setdefault(column, []):
            self[column].append(message)


class Reader:
    """Reads rows over records; knows the closed lists by all their names."""

    def __init__(self) -> None:
        self.names: dict[str, Names] = {key: NAMES[model]() for key, model in _WORDS.items()}
        self.sources = lists.sources()

    def read(self, row: dict[str, Any], before: Record) -> tuple[Record, Mistakes]:
        wrong = Mistakes()
        record = dict(before)
        self._texts(row, record, wrong)
        self._dates(row, record, wrong)
        self._places(row, record, wrong)
        for group in GROUPS:
            if next(iter(group.columns)) in row:
                record[group.key] = self._group(group, row, before[group.key], wrong)
        self._compare(record, wrong, row)
        return record, wrong

    def _texts(self, row: dict[str, Any], record: Record, wrong: Mistakes) -> None:
        for column, name in PLAIN.items():
            if column in row:
                record[name] = known(row[column]) or None
                self._length(wrong, column, record[name], _limit(Initiative, name))
        if not record["title"]:
            wrong.say("标题", _("不能为空。"))
        if record["scope"] and "范围" in row:
            record["scope"] = self._chosen(
                wrong, "范围", Initiative.Scope.choices, str(record["scope"])
            )
        if "别名" in row:
            record["aliases"] = [item for item in items(row["别名"]) if item]
            if len(set(record["aliases"])) < len(record["aliases"]):
                wrong.say("别名", _("有重复的名称。"))
        sections = dict(record["sections"])
        for name, column in SECTION_COLUMNS.items():
            if column in row:
                sections[name] = known(row[column]) or None
        record["sections"] = sections

    def _dates(self, row: dict[str, Any], record: Record, wrong: Mistakes) -> None:
        period, status = dict(record["period"]), dict(record["status"])
        for column, name in PERIOD.items():
            if column in row:
                period[name] = self._date(wrong, column, row[column])
        if "成效状态" in row:
            text = known(row["成效状态"])
            status["value"] = (
                self._chosen(wrong, "成效状态", Initiative.Outcome.choices, text)
                if text
                else Initiative.Outcome.UNKNOWN.value
            )
        if "成效状态截至" in row:
            status["as_of"] = self._date(wrong, "成效状态截至", row["成效状态截至"])
        start, end = period["start"], period["end"]
        if start and end and start[: len(end)] > end:
            wrong.say("结束", _("结束不能早于开始。"))
        record["period"], record["status"] = period, status

    def _date(self, wrong: Mistakes, column: str, value: Any) -> str | None:
        text = known(value)
        if not text:
            return None
        try:
            validate_partial_date(text)
        except ValidationError as error:
            wrong.say(column, f"“{text}”：{error.messages[0]}")
            return None
        return text

    def _chosen(self, wrong: Mistakes, column: str, options: Any, text: str) -> str | None:
        try:
            return choice(options, text)
        except ValueError as error:
            wrong.say(column, str(error))
            return None

    def _length(self, wrong: Mistakes, column: str, text: Any, most: int | None) -> None:
        if text and most and len(text) > most:
            wrong.say(
                column,
                _("有 %(count)s 字，至多 %(most)s 字。") % {"count": len(text), "most": most},
            )

    def _places(self, row: dict[str, Any], record: Record, wrong: Mistakes) -> None:
        for column, key in PLACES.items():
            if column not in row:
                continue
            found: dict[int, Any] = {}
            for text in items(row[column]):
                if not text:
                    continue
                # A street that several districts have is the one of the districts named here.
                near = [f"{d['name']}{text}" for d in record["districts"]]
                try:
                    place = self.names[key](text, *(near if key == "subdistricts" else []))
                except ValueError as error:
                    wrong.say(column, str(error))
                else:
                    found[place.pk] = place
            record[key] = [place_item(key, p) for p in found.values()]

    def _group(
        self, group: Group, row: dict[str, Any], before: list[Any], wrong: Mistakes
    ) -> list[dict[str, Any]]:
        lead, *others = group.columns
        values = {column: items(row.get(column)) for column in group.columns}
        count = len(values[lead])
        if group.key in ("topics", "themes", "policies"):
            values[lead] = [text for text in values[lead] if text]
            count = len(values[lead])
        for column in others:
            if any(values[column][count:]):
                words = {"count": len(values[column]), "lead": lead, "leads": count}
                text = _("有 %(count)s 个值，而“%(lead)s”列有 %(leads)s 个。")
                wrong.say(column, text % words)
        found = []
        for index in range(count):
            item: dict[str, Any] = {}
            for column, name in group.columns.items():
                text = values[column][index] if index < len(values[column]) else ""
                if column in row:
                    item[name] = self._item(group.key, name, column, text, wrong)
                else:
                    item[name] = _kept(group.key, name, item, before)
            found.append(item)
        return found

    def _item(self, key: str, name: str, column: str, text: str, wrong: Mistakes) -> Any:
        options = _CHOICES.get((key, name))
        if options is not None:
            text = text or _DEFAULTS.get((key, name), "")
            if not text and name == "role":
                return None
            value = self._chosen(wrong, column, options, text)
            if (key, name) == ("evidence", "grade") and value:
                return value[0]
            return None if value == Participation.Role.UNRECORDED else value
        if name in ("slug", "actor", "key", "source"):
            try:
                row = (self.sources if name == "source" else self.names[key])(text)
            except ValueError as error:
                wrong.say(column, str(error) if text else _("不能为空。"))
                return None
            return row.key if name in ("key", "source") else row.slug
        if (key, name) == ("figures", "value"):
            try:
                amount = number(text)
            except ValueError as error:
                wrong.say(column, str(error) if text else _("不能为空。"))
                return None
            return int(amount) if amount == amount.to_integral_value() else float(amount)
        if name in ("number", "evidence"):
            if not text and name == "evidence":
                return None
            if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 9999):
                wrong.say(column, _("“%s”不是 1 至 9999 的编号。") % text)
                return None
            return int(text)
        if not text and (key, name) in (("figures", "label"), ("figures", "unit")):
            wrong.say(column, _("不能为空。"))
        most = QUOTATION_LENGTH if name == "quotation" else _limit(_MODELS[key], name)
        self._length(wrong, column, text, most)
        return text or None

    def _compare(self, record: Record, wrong: Mistakes, row: dict[str, Any]) -> None:
        if len(record["topics"]) > 3:
            wrong.say("议题", _("一个案例至多三个议题。"))
        for key, column, names in (
            ("themes", "改革主题", ("slug",)),
            ("topics", "议题", ("slug",)),
            ("evidence", "出处编号", ("number",)),
            ("participations", "主体类型", ("actor", "name", "role")),
            ("policies", "政策文件", ("key", "kind")),
        ):
            marks = [tuple(item[name] for name in names) for item in record[key]]
            if len(set(marks)) < len(marks) and column in row:
                wrong.say(column, _("有重复的值。"))
        numbers = {item["number"] for item in record["evidence"]}
        for item in record["figures"]:
            if item["evidence"] is not None and item["evidence"] not in numbers:
                column = "数据出处编号" if "数据出处编号" in row else "出处编号"
                wrong.say(column, _("没有编号为 %s 的出处。") % item["evidence"])


def place_item(key: str, place: Any) -> dict[str, Any]:
    if key == "subdistricts":
        return {"code": place.code, "name": place.name, "district": place.district.slug}
    return {"slug": place.slug, "name": place.name}


def _kept(key: str, name: str, item: dict[str, Any], before: list[Any]) -> Any:
    """Return what the case has in a column that the file does not have."""
    lead = next(iter(item), None)
    same = next((old for old in before if lead and old[lead] == item[lead]), None)
    return same[name] if same else _DEFAULTS.get((key, name))


def essence(record: Record) -> dict[str, Any]:
    """Return the content of a record without names that follow from codes, in one order."""
    found: dict[str, Any] = {name: record[name] or None for name in PLAIN.values()}
    found |= {"aliases": list(record["aliases"]), "sections": record["sections"]}
    found["period"] = [record["period"][name] for name in PERIOD.values()]
    found["status"] = [record["status"][name] for name in OUTCOME.values()]
    found["districts"] = sorted(item["slug"] for item in record["districts"])
    found["subdistricts"] = sorted(item["code"] for item in record["subdistricts"])
    found["mechanisms"] = sorted(item["slug"] for item in record["mechanisms"])
    for group in GROUPS:
        rows = [[item.get(name) for name in group.columns.values()] for item in record[group.key]]
        # The order of these is the lists' own, or that of the numbers.
        found[group.key] = (
            sorted(rows, key=str) if group.key in ("themes", "policies", "evidence") else rows
        )
    return found


def nothing() -> Record:
    """Return the record of a draft in which nothing is written."""
    draft = Initiative()
    names = ("districts", "subdistricts", "mechanisms", "theme_links", "topic_links",
             "participations", "figures", "policy_links", "evidence", "attachments")  # fmt: skip
    draft._prefetched_objects_cache = {name: [] for name in names}  # type: ignore[attr-defined]
    draft.pk = 0
    return to_record(draft) | {"id": None, "url": None}
