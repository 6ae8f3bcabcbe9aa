"""The tables of the package: one for each list of words and for each list of the record.

They are for people and their programs. What is restored stands in the JSON lines beside them.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from django.db import models

from cases.codebook import RECORD_SCHEMA
from cases.models import (
    Actor,
    District,
    Mechanism,
    PlaceAlias,
    PolicyDocument,
    PolicyRelation,
    PolicyStatement,
    Source,
    Subdistrict,
    SynonymSet,
    Theme,
    Topic,
)
from cases.outputs import exports
from cases.records import Record

# In the order in which they are stored again: each names only rows of those before it.
REFERENCE: dict[type[models.Model], str] = {
    District: "districts",
    Subdistrict: "subdistricts",
    PlaceAlias: "place_aliases",
    Theme: "themes",
    Topic: "topics",
    Actor: "actors",
    Mechanism: "mechanisms",
    Source: "sources",
    PolicyDocument: "policies",
    PolicyStatement: "policy_statements",
    PolicyRelation: "policy_relations",
    SynonymSet: "synonyms",
}
# What editors write for each other.
_PRIVATE = {(Source, "note")}
# Rows whose ids are addresses, or which have no other name.
KEEPS_ID = (PolicyDocument, SynonymSet)


def public_fields(model: type[models.Model]) -> list[str]:
    """Return the fields of a reference table that everybody may see."""
    return [
        f.name
        for f in model._meta.concrete_fields
        if not f.primary_key and (model, f.name) not in _PRIVATE
    ]


def public_rows(model: type[models.Model]) -> Iterable[Any]:
    """Yield the rows of a reference table in an order that does not depend on their ids."""
    if model is Source:
        return Source.objects.public().order_by("key").iterator(chunk_size=500)
    if model is District:
        # The one that took another in comes first.
        rows = {row.pk: row for row in District.objects.select_related("merged_into")}

        def depth(row: Any) -> int:
            return 1 + depth(rows[row.merged_into_id]) if row.merged_into_id else 0

        return sorted(rows.values(), key=lambda row: (depth(row), row.order, row.code))
    order = {
        PlaceAlias: ("name", "district__slug", "subdistrict__code"),
        PolicyDocument: ("pk",),
        PolicyStatement: ("document__pk", "order"),
        PolicyRelation: ("document__pk", "kind", "target__pk"),
        SynonymSet: ("pk",),
        Subdistrict: ("code",),
    }.get(model, ("order", "slug"))
    joined = [f.name for f in model._meta.concrete_fields if f.is_relation]
    rows_of = model._default_manager.select_related(*joined) if joined else model._default_manager
    return rows_of.order_by(*order)


@dataclass(frozen=True)
class Table:
    """One CSV file: its name, and its fields as Frictionless describes them."""

    name: str
    title: str
    fields: list[dict[str, Any]]
    key: list[str] = field(default_factory=list)
    missing: str = ""

    @property
    def path(self) -> str:
        return f"tables/{self.name}.csv"

    @property
    def schema(self) -> dict[str, Any]:
        described: dict[str, Any] = {"fields": self.fields, "missingValues": [self.missing]}
        return described | ({"primaryKey": self.key} if self.key else {})


def _described(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return one field of a record as a table describes it."""
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kind = next(t for t in types if t != "null")
    described = {
        "name": name,
        "type": kind if kind in ("integer", "number") else "string",
        "title": schema["title"],
        "description": schema["description"],
    }
    constraints: dict[str, Any] = dict(more)
    if "null" not in types and kind != "array":
        constraints["required"] = True
    if values := [value for value in schema.get("enum", []) if value is not None]:
        constraints["enum"] = values
    return described | ({"constraints": constraints} if constraints else {})


CASES = Table(
    "cases",
    "案例（每个案例当前的版本）",
    [
        {
            "name": column.header,
            "type": "integer" if column.header in ("编号", "版本", "出处数") else "string",
            "description": f"记录的 {'、'.join(column.fields)}",
        }
        for column in exports.COLUMNS
    ],
    key=["编号"],
    missing=exports.UNRECORDED,
)
_CASE_ID = {"name": "case", "type": "integer", "title": "案例编号", "description": "案例的 id"}
_POSITION = {"name": "position", "type": "integer", "title": "次序", "description": "从 1 起"}
VERSIONS = Table(
    "versions",
    "已发布案例的全部版本",
    [
        _CASE_ID,
        {"name": "version", "type": "integer", "title": "版本号", "description": "第几次发布"},
        {"name": "published_at", "type": "string", "title": "发布时间", "description": "ISO 8601"},
        {"name": "note", "type": "string", "title": "修改说明", "description": "发布时所写"},
        {
            "name": "checksum",
            "type": "string",
            "title": "校验值",
            "description": "记录（records.jsonl 中的一行，不含换行）的 SHA-256",
        },
        {"name": "url", "type": "string", "title": "网址", "description": "这一版本的固定网址"},
    ],
    key=["case", "version"],
)
WITHDRAWN = Table(
    "withdrawn",
    "已撤回或并入别处的案例",
    [
        _CASE_ID,
        {"name": "title", "type": "string", "title": "标题", "description": "撤回前的标题"},
        {"name": "withdrawn_at", "type": "string", "title": "撤回时间", "description": "ISO 8601"},
        {"name": "reason", "type": "string", "title": "理由", "description": "撤回的理由"},
        {
            "name": "merged_into",
            "type": "integer",
            "title": "并入的案例",
            "description": "原网址现在转到这个案例",
        },
    ],
    key=["case"],
)


def _of_list(name: str, schema: dict[str, Any]) -> Table:
    """Return the table of one list of the record, with a row an item."""
    items = schema["items"]["properties"]
    fields = [_described(key, value) for key, value in items.items()]
    return Table(
        f"case_{name}", f"案例的{schema['title']}", [_CASE_ID, _POSITION, *fields],
        key=["case", "position"],
    )  # fmt: skip


# Name of the list in the record -> its table.
LISTS = {
    name: _of_list(name, schema)
    for name, schema in RECORD_SCHEMA["properties"].items()
    if schema["type"] == "array" and schema["items"]["type"] == "object"
}


def _of_model(model: type[models.Model], name: str) -> Table:
    fields: list[dict[str, Any]] = []
    if model in KEEPS_ID:
        fields.append({"name": "id", "type": "integer", "title": "编号", "description": "不变"})
    for field_name in public_fields(model):
        column = model._meta.get_field(field_name)
        number = isinstance(column, models.IntegerField)
        related = column.related_model if column.is_relation else None
        described: dict[str, Any] = {
            "name": field_name,
            "type": "integer" if number else "string",
            "title": str(getattr(column, "verbose_name", field_name)),
        }
        if isinstance(related, type):
            described["description"] = f"{REFERENCE[related]} 表中的代码"
        elif help_text := str(getattr(column, "help_text", "")):
            described["description"] = help_text
        if values := [value for value, _ in getattr(column, "choices", None) or []]:
            described["constraints"] = {"enum": values}
        fields.append(described)
    unique = {f.name for f in model._meta.concrete_fields if f.unique}
    named = [f["name"] for f in fields if f["name"] in unique]
    key = next((k for k in ("slug", "code", "key", "id") if k in named), None)
    title = str(model._meta.verbose_name)
    return Table(name, title, fields, key=[key] if key else [])


REFERENCE_TABLES = {model: _of_model(model, name) for model, name in REFERENCE.items()}
TABLES = [CASES, VERSIONS, WITHDRAWN, *LISTS.values(), *REFERENCE_TABLES.values()]


def reference_cells(model: type[models.Model], row: Any) -> list[Any]:
    """Return the cells of one reference row; a link is the code of the row it leads to."""
    cells = [row.pk] if model in KEEPS_ID else []
    for name in public_fields(model):
        value = getattr(row, name)
        is_row = isinstance(value, models.Model)
        cells.append(cast(Any, value).natural_key()[0] if is_row else value)
    return cells


def list_cells(name: str, record: Record) -> Iterator[list[Any]]:
    """Yield the rows that one record has in the table of one of its lists."""
    columns = [f["name"] for f in LISTS[name].fields[2:]]
    # Versions from before there were attachments do not have the key.
    for position, item in enumerate(record.get(name) or [], start=1):
        yield [record["id"], position, *(item[column] for column in columns)]


class Writer:
    """Writes rows of one table to a binary file: UTF-8 with a mark at its start, for Excel."""

    def __init__(self, file: Any, table: Table) -> None:
        self.file = file
        self.file.write(b"\xef\xbb\xbf")
        self.rows = csv.writer(self, lineterminator="\r\n")
        self.rows.writerow([f["name"] for f in table.fields])

    def write(self, line: str) -> None:
        """Take one line from the csv module."""
        self.file.write(line.encode())

    def add(self, cells: Iterable[Any]) -> None:
        self.rows.writerow([_cell(value) for value in cells])


def _cell(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        value = exports.SEPARATOR.join(map(str, value))
    return value if isinstance(value, (int, float)) else exports.harmless(str(value))
