"""Cases as rows of a spreadsheet: new drafts, and changes of what is there.

A row is read into a record over the record that the case has, so that a column which is not in
the file changes nothing. Several values stand in one cell; the n-th values of columns that belong
together belong together, as in the public table. All rows are stored in one go.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export import fields, resources
from import_export.results import RowResult

from cases import publishing
from cases.models import (
    Actor,
    District,
    Event,
    Evidence,
    Figure,
    Grade,
    Initiative,
    Mechanism,
    Participation,
    PolicyDocument,
    PolicyLink,
    Source,
    Subdistrict,
    Theme,
    ThemeLink,
    Topic,
    TopicLink,
)
from cases.models.dates import validate_partial_date
from cases.models.initiatives import SECTIONS
from cases.models.parts import QUOTATION_LENGTH
from cases.outputs import exports
from cases.records import Record, for_record, to_record

from . import lists
from .lists import NAMES, Names, choice
from .spreadsheets import ID, Outcome, items, joined, known, number, run

Status = Initiative.Status
CHUNK = 500
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
            record[key] = [_place(key, place) for place in found.values()]

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
                value = number(text)
            except ValueError as error:
                wrong.say(column, str(error) if text else _("不能为空。"))
                return None
            return int(value) if value == value.to_integral_value() else float(value)
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


def _place(key: str, place: Any) -> dict[str, Any]:
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


def empty() -> Record:
    return to_record_of_nothing() | {"title": ""}


def to_record_of_nothing() -> Record:
    """Return the record of a draft in which nothing is written."""
    draft = Initiative()
    names = ("districts", "subdistricts", "mechanisms", "theme_links", "topic_links",
             "participations", "figures", "policy_links", "evidence")  # fmt: skip
    draft._prefetched_objects_cache = {name: [] for name in names}  # type: ignore[attr-defined]
    draft.pk = 0
    return to_record(draft) | {"id": None, "url": None}


class CaseResource(resources.Resource):
    """Reads all rows first and stores what differs when none is wrong."""

    title = fields.Field(column_name="标题")

    class Meta:
        import_id_fields = ()
        use_transactions = True
        skip_diff = True

    def __init__(self, by: User) -> None:
        super().__init__()
        self.by = by
        self.reviewer = publishing.may_publish(by)
        self.reader = Reader()
        self.before: dict[int, Initiative] = {}
        self.copies: dict[int, Initiative] = {}
        self.titles: dict[str, list[int]] = {}
        self.seen: dict[str, Any] = {}
        self.found: list[tuple[Initiative | None, Record]] = []
        self.successors = dict(
            District.objects.filter(merged_into__isnull=False).values_list(
                "slug", "merged_into__slug"
            )
        )
        self.nothing = empty()

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Fetch what the rows may be about: by number, and for new ones by title."""
        headers = dataset.headers or []
        numbers = {known(n) for n in (dataset[ID] if ID in headers and len(dataset) else [])}
        wanted = sorted(int(n) for n in numbers if n.isdecimal() and len(n) < 18)
        titles = sorted(
            {known(t) for t in (dataset["标题"] if "标题" in headers and len(dataset) else [])}
        )
        for some in _chunks(titles):
            rows = Initiative.objects.filter(title__in=some, revises__isnull=True)
            for pk, title in rows.exclude(status=Status.WITHDRAWN).values_list("pk", "title"):
                self.titles.setdefault(title, []).append(pk)
        wanted = sorted({*wanted, *(pk for pks in self.titles.values() for pk in pks)})
        for numbers_ in _chunks(wanted):
            for row in for_record(Initiative.objects.filter(pk__in=numbers_)):
                self.before[row.pk] = row
            for row in for_record(Initiative.objects.filter(revises__in=numbers_)):
                self.copies[row.revises_id] = row  # type: ignore[index]

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> RowResult:
        result = RowResult()
        try:
            case, record = self._understood(row)
        except ValidationError as error:
            result.import_type = RowResult.IMPORT_TYPE_INVALID
            result.validation_error = error
            return result
        if record is None:
            result.import_type = RowResult.IMPORT_TYPE_SKIP
        else:
            self.found.append((case, record))
            result.import_type = RowResult.IMPORT_TYPE_UPDATE if case else RowResult.IMPORT_TYPE_NEW
        return result

    def _understood(self, row: dict[str, Any]) -> tuple[Initiative | None, Record | None]:
        """Return the case of a row, if it is there, and its new content, if that differs."""
        text = known(row.get(ID))
        case = None
        if text:
            case = self.before.get(int(text)) if text.isdecimal() and len(text) < 18 else None
            if case is None:
                raise ValidationError({ID: _("没有编号为“%s”的案例。") % text})
            if ID + text in self.seen:
                raise ValidationError({ID: _("编号 %s 在表里出现了两次。") % text})
            self.seen[ID + text] = True
        if case is None:
            return None, self._new(row)
        before = self._public(case) if case.is_published else to_record(case)
        record, wrong = self.reader.read(row, before)
        if wrong:
            raise ValidationError(wrong)
        self._add_parents(record)
        if essence(record) == essence(before):
            return case, None
        copy = self.copies.get(case.pk)
        if case.is_published and copy is not None:
            record, _wrong = self.reader.read(row, to_record(copy))
            self._add_parents(record)
            if essence(record) == essence(to_record(copy)):
                return case, None
        target = copy if case.is_published and copy is not None else case
        editable = target.status in (Status.DRAFT, Status.PUBLISHED) or self.reviewer
        if not editable or case.merged_into_id:
            words = {"number": text, "status": target.get_status_display()}
            message = _("编号 %(number)s 的案例是“%(status)s”，现在不能由您修改。")
            raise ValidationError({ID: message % words})
        return case, record

    def _public(self, case: Initiative) -> Record:
        record: Record = case.current_revision.record  # type: ignore[union-attr]
        return record

    def _new(self, row: dict[str, Any]) -> Record | None:
        record, wrong = self.reader.read(row, self.nothing)
        if wrong:
            raise ValidationError(wrong)
        self._add_parents(record)
        content, title = essence(record), str(record["title"])
        # A table that is read a second time must not store its new cases again.
        if title in self.seen:
            raise ValidationError({"标题": _("表里前面已有同名的一行。")})
        self.seen[title] = True
        same = [self.before[pk] for pk in self.titles.get(title, [])]
        if any(essence(to_record(case)) == content for case in same):
            return None
        if same:
            message = _("已有同名案例，编号 %s；要修改它，请填上编号。") % same[0].pk
            raise ValidationError({"标题": message})
        return record

    def _add_parents(self, record: Record) -> None:
        """Add the districts of the streets, as the form does when it is saved."""
        here = {item["slug"]: item for item in record["districts"]}
        gone = {self.successors[slug] for slug in here if slug in self.successors}
        for street in record["subdistricts"]:
            slug = street["district"]
            if slug not in here and slug not in gone:
                district = self.reader.names["districts"](slug)
                here[slug] = _place("districts", district)
        record["districts"] = list(here.values())

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        if result.has_errors() or result.has_validation_errors() or kwargs.get("dry_run"):
            return
        rows = []
        for case, record in self.found:
            if case is not None and case.is_published:
                case = self.copies.get(case.pk) or publishing.start_revision(case, self.by)
            rows.append((case, record))
        for some in _chunks(rows):
            store(some, self.by)


def _chunks(rows: Sequence[Any]) -> Iterator[Any]:
    iterator = iter(rows)
    while some := list(islice(iterator, CHUNK)):
        yield some


# --- Storing many at once ---


def _write_fields(case: Initiative, record: Record) -> None:
    case.title = record["title"]
    case.aliases = list(record["aliases"])
    case.summary = record["summary"] or ""
    case.scope = record["scope"] or ""
    case.start, case.end = record["period"]["start"] or "", record["period"]["end"] or ""
    case.outcome = record["status"]["value"]
    case.outcome_as_of = record["status"]["as_of"] or ""
    case.theme_note = record["theme_note"] or ""
    for name in SECTIONS:
        setattr(case, name, record["sections"][name] or "")
    case.updated_at = timezone.now()


_FIELDS = [
    "title", "aliases", "summary", "scope", "start", "end", "outcome", "outcome_as_of",
    "theme_note", *SECTIONS, "updated_at",
]  # fmt: skip


def store(rows: Sequence[tuple[Initiative | None, Record]], by: User) -> None:
    """Store the content of many cases, new ones where there is none; some forty queries in all."""
    old = [case for case, _record in rows if case is not None]
    new: list[Initiative] = []
    pairs: list[tuple[Initiative, Record]] = []
    for case, record in rows:
        if case is None:
            case = Initiative(created_by=by)
            new.append(case)
        _write_fields(case, record)
        pairs.append((case, record))
    Initiative.objects.bulk_create(new)
    Initiative.objects.bulk_update(old, _FIELDS, batch_size=100)
    _store_rows(pairs, [case.pk for case in old])
    now = timezone.now()
    Event.objects.bulk_create(
        Event(
            initiative=case,
            title=case.title,
            verb=Event.Verb.CREATED,
            at=now,
            by=by,
            by_name=by.get_username(),
            note=_("由表格导入"),
        )
        for case in new
    )


def _pks(model: Any, field: str, values: Iterable[Any]) -> dict[Any, int]:
    found = model._default_manager.filter(**{f"{field}__in": set(values)})
    return dict(found.values_list(field, "pk"))


def _store_rows(pairs: Sequence[tuple[Initiative, Record]], old: list[int]) -> None:
    """Replace what hangs on the cases; figures go before the evidence that they name."""
    for model in (Figure, Evidence, ThemeLink, TopicLink, Participation, PolicyLink):
        model._default_manager.filter(initiative__in=old).delete()
    for name, key, field, model in (
        ("districts", "districts", "slug", District),
        ("subdistricts", "subdistricts", "code", Subdistrict),
        ("mechanisms", "mechanisms", "slug", Mechanism),
    ):
        through = getattr(Initiative, name).through
        through.objects.filter(initiative__in=old).delete()
        column = f"{model._meta.model_name}_id"
        pks = _pks(model, field, (item[field] for _c, r in pairs for item in r[key]))
        through.objects.bulk_create(
            through(initiative_id=case.pk, **{column: pks[item[field]]})
            for case, record in pairs
            for item in record[key]
        )
    _bulk(ThemeLink, pairs, "themes", ("theme", Theme, "slug"), ("basis", "reason"))
    _bulk(TopicLink, pairs, "topics", ("topic", Topic, "slug"), (), "position")
    _bulk(
        Participation, pairs, "participations", ("actor", Actor, "actor"), ("name", "role"), "order"
    )
    _bulk(PolicyLink, pairs, "policies", ("policy", PolicyDocument, "key"), ("kind", "basis"))
    fields_ = ("number", "locator", "quotation", "grade", "note")
    made = _bulk(Evidence, pairs, "evidence", ("source", Source, "source"), fields_)
    numbered = {(row.initiative_id, row.number): row for row in made}
    Figure.objects.bulk_create(
        Figure(
            initiative=case,
            order=order,
            label=item["label"],
            value=Decimal(str(item["value"])),
            qualifier=item["qualifier"] or "",
            unit=item["unit"],
            period=item["period"] or "",
            evidence=numbered.get((case.pk, item["evidence"])),
        )
        for case, record in pairs
        for order, item in enumerate(record["figures"], start=1)
    )


def _bulk(
    model: Any,
    pairs: Sequence[tuple[Initiative, Record]],
    key: str,
    foreign: tuple[str, type[models.Model], str],
    names: tuple[str, ...],
    order: str = "",
) -> list[Any]:
    target, other, name = foreign
    field = "key" if name in ("key", "source") else "slug"
    pks = _pks(other, field, (item[name] for _case, record in pairs for item in record[key]))
    rows = []
    for case, record in pairs:
        for place, item in enumerate(record[key], start=1):
            values = {n: item[n] if item[n] is not None else "" for n in names}
            if values.get("role") == "":
                values["role"] = Participation.Role.UNRECORDED
            if order:
                values[order] = place
            rows.append(model(initiative=case, **{f"{target}_id": pks[item[name]]}, **values))
    made: list[Any] = model._default_manager.bulk_create(rows)
    return made


# --- In and out ---


def import_cases(data: bytes, by: User, *, dry_run: bool) -> Outcome:
    """Store a table of cases as drafts, all of it or nothing; `dry_run` only looks."""
    return run(CaseResource(by), data, {*HEADERS, *DERIVED}, dry_run=dry_run)


def case_rows(cases: Any) -> Iterator[list[Any]]:
    """Yield cases as rows that can be read back: drafts as they are, published ones as they are."""
    pks = list(cases.order_by("pk").values_list("pk", flat=True))
    for some in _chunks(pks):
        for case in for_record(Initiative.objects.filter(pk__in=some)).order_by("pk"):
            record = case.current_revision.record if case.is_published else to_record(case)  # type: ignore[union-attr]
            yield _row(case, record)


def _row(case: Initiative, record: Record) -> list[Any]:
    cells: dict[str, Any] = {
        ID: case.pk,
        "别名": joined(record["aliases"]),
        "成效状态": record["status"]["label"],
        "成效状态截至": record["status"]["as_of"] or "",
        STATUS: case.get_status_display(),
        "区": joined([d["name"] for d in record["districts"]]),
        "街镇": joined([s["code"] for s in record["subdistricts"]]),
        "机制": joined([m["name"] for m in record["mechanisms"]]),
    }
    cells |= {column: record[name] or "" for column, name in PLAIN.items()}
    cells |= {column: record["period"][name] or "" for column, name in PERIOD.items()}
    cells |= {column: record["sections"][name] or "" for name, column in SECTION_COLUMNS.items()}
    shown = {"slug": "name", "actor": "actor_name"}
    for group in GROUPS:
        for column, name in group.columns.items():
            cells[column] = joined([i[shown.get(name, name)] for i in record[group.key]])
    return [cells[header] for header in HEADERS]


def case_allowed() -> dict[str, list[str]]:
    """Return the values that the closed columns of a case accept."""

    def labels(options: Any) -> list[str]:
        return [str(label) for _value, label in options]

    return {
        "范围": labels(Initiative.Scope.choices),
        "区": [d.name for d in District.objects.all()],
        "街镇": [str(s) for s in Subdistrict.objects.select_related("district")],
        "成效状态": labels(Initiative.Outcome.choices),
        "改革主题": [t.name for t in Theme.objects.all()],
        "改革主题依据": labels(ThemeLink.Basis.choices),
        "议题": [t.name for t in Topic.objects.all()],
        "机制": [m.name for m in Mechanism.objects.all()],
        "主体类型": [a.name for a in Actor.objects.all()],
        "主体角色": labels(Participation.Role.choices),
        "证据等级": [g.value for g in Grade],
        "政策文件": [p.title for p in PolicyDocument.objects.all()],
        "政策文件关系": labels(PolicyLink.Kind.choices),
        "政策文件依据": labels(ThemeLink.Basis.choices),
    }


def case_notes() -> dict[str, str]:
    many = _("几个之间用“；”隔开；值里本来有“；”的，每行写一个")
    return {
        ID: _("修改已有案例时照抄导出的编号；新案例空着。同名的新案例不重复建立"),
        "标题": _("必填，至多 80 字"),
        **dict.fromkeys(("别名", "区", "街镇", "机制", "议题", "改革主题"), many),
        **dict.fromkeys(("开始", "结束", "成效状态截至"), "2014、2014-07 或 2014-07-01"),
        "主体名称": _("与“主体类型”一一对应；没有记录的写“未记录”"),
        "数据数值": _("与“数据指标”一一对应，只写数"),
        "出处来源": _("来源的代码、标题或网址；来源须先在“来源”里建好"),
        "出处引文": _("与“出处编号”一一对应，每条至多 60 字"),
        STATUS: _("只供查看；导入的都是草稿，已发布的改在修订稿里"),
    }
