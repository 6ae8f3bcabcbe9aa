"""Cases as rows of a spreadsheet: new drafts, and changes of what is there, in one go."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import fields, resources
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import RowResult

from cases import publishing
from cases.models import (
    Actor,
    District,
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
from cases.records import Record, for_record, to_record

from .case_reading import (
    DERIVED,
    GROUPS,
    HEADERS,
    PERIOD,
    PLAIN,
    SECTION_COLUMNS,
    STATUS,
    Reader,
    essence,
    nothing,
    place_item,
)
from .case_storing import chunks, store
from .duplicates import KnownCases
from .spreadsheets import ID, LINE, Double, Outcome, is_as_written, joined, known, run

Status = Initiative.Status
# The columns by which a case is known to be one that is here.
_TOLD_BY = ("标题", "别名", "区", "街镇", "数据数值", "数据单位")


class CaseResource(resources.Resource):
    """Reads all rows first and stores what differs when none is wrong."""

    title = fields.Field(column_name="标题")

    class Meta:
        import_id_fields = ()
        instance_loader_class = BaseInstanceLoader
        use_transactions = True
        skip_diff = True

    def __init__(self, by: User, distinct: str = "") -> None:
        super().__init__()
        self.by = by
        # Which doubles its writer has seen, as `Outcome.seen` says.
        self.distinct = distinct
        self.outcome = Outcome()
        # Line, case and content of the rows that may be a double: new, or known by something else.
        self.telling: list[tuple[int, Initiative | None, Record]] = []
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
        self.nothing = nothing()

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Fetch what the rows may be about: by number, and for new ones by title."""
        headers = dataset.headers or []
        numbers = {known(n) for n in (dataset[ID] if ID in headers and len(dataset) else [])}
        wanted = sorted(int(n) for n in numbers if n.isdecimal() and len(n) < 18)
        titles = sorted(
            {known(t) for t in (dataset["标题"] if "标题" in headers and len(dataset) else [])}
        )
        for some in chunks(titles):
            rows = Initiative.objects.filter(title__in=some, revises__isnull=True)
            for pk, title in rows.exclude(status=Status.WITHDRAWN).values_list("pk", "title"):
                self.titles.setdefault(title, []).append(pk)
        wanted = sorted({*wanted, *(pk for pks in self.titles.values() for pk in pks)})
        for numbers_ in chunks(wanted):
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
            new = self._new(row)
            if new is not None:
                self.telling.append((row[LINE], None, new))
            return None, new
        before = _shown(case)
        changed = _changed(row, case, before)
        if not changed:
            return case, None
        record, wrong = self.reader.read(changed, before)
        if wrong:
            raise ValidationError(wrong)
        self._add_parents(record)
        if essence(record) == essence(before):
            return case, None
        copy = self.copies.get(case.pk)
        if case.is_published and copy is not None:
            now = to_record(copy)
            record, _wrong = self.reader.read(_changed(row, copy, now), now)
            self._add_parents(record)
            if essence(record) == essence(now):
                return case, None
        target = copy if case.is_published and copy is not None else case
        editable = target.status in (Status.DRAFT, Status.PUBLISHED) or self.reviewer
        if not editable or case.merged_into_id:
            words = {"number": text, "status": target.get_status_display()}
            message = _("编号 %(number)s 的案例是“%(status)s”，现在不能由您修改。")
            raise ValidationError({ID: message % words})
        if not changed.keys().isdisjoint(_TOLD_BY):
            self.telling.append((row[LINE], case, record))
        return case, record

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
                here[slug] = place_item("districts", district)
        record["districts"] = list(here.values())

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        if result.has_errors() or result.has_validation_errors():
            return
        self.outcome.doubles = list(self._doubles())
        self.outcome.is_held = self.outcome.seen != self.distinct and bool(self.outcome.doubles)
        if kwargs.get("dry_run") or self.outcome.is_held:
            return
        rows = []
        for case, record in self.found:
            if case is not None and case.is_published:
                case = self.copies.get(case.pk) or publishing.start_revision(case, self.by)
            rows.append((case, record))
        for some in chunks(rows):
            store(some, self.by)

    def _doubles(self) -> Iterator[Double]:
        if not self.telling:
            return
        known_cases = KnownCases()
        for line, case, record in self.telling:
            for pk, reason in known_cases.likely(record, case.pk if case else None):
                yield Double(line, str(record["title"]), pk, known_cases.titles[pk], reason)


# --- In and out ---


def import_cases(data: bytes, by: User, *, dry_run: bool, distinct: str = "") -> Outcome:
    """Store a table of cases as drafts, all of it or nothing; `dry_run` only looks.

    Where a row may tell of a case that is here, nothing is stored either before its writer has
    looked: `distinct` is the `seen` of an earlier outcome.
    """
    resource = CaseResource(by, distinct)
    found = run(resource, data, {*HEADERS, *DERIVED}, dry_run=dry_run)
    found.doubles, found.is_held = resource.outcome.doubles, resource.outcome.is_held
    return found


def case_rows(cases: Any) -> Iterator[list[Any]]:
    """Yield cases as rows that can be read back: drafts as they are, published ones as they are."""
    pks = list(cases.order_by("pk").values_list("pk", flat=True))
    for some in chunks(pks):
        for case in for_record(Initiative.objects.filter(pk__in=some)).order_by("pk"):
            yield _row(case, _shown(case))


def _shown(case: Initiative) -> Record:
    """Return what the table says of a case: of a published one what is public."""
    record: Record = (
        case.current_revision.record if case.is_published else to_record(case)  # type: ignore[union-attr]
    )
    return record


def _changed(row: dict[str, Any], case: Initiative, record: Record) -> dict[str, Any]:
    """Return the columns of a row that do not stand as they were written for the case.

    Columns that belong together are read together or not at all.
    """
    written = dict(zip(HEADERS, _row(case, record), strict=True))
    same = {ID, STATUS, LINE, *DERIVED}
    same |= {name for name in row if name in written and is_as_written(row[name], written[name])}
    for group in GROUPS:
        if not same.issuperset(row.keys() & group.columns.keys()):
            same.difference_update(group.columns)
    return {name: value for name, value in row.items() if name not in same}


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
