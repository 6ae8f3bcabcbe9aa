"""Reference lists as spreadsheets, and rows found by the names that a spreadsheet gives them."""

import datetime
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets

from cases.models import (
    Actor,
    District,
    Mechanism,
    PlaceAlias,
    PolicyDocument,
    Source,
    Subdistrict,
    SynonymSet,
    Theme,
    Topic,
)
from cases.models.dates import PartialDateField
from cases.outputs.exports import UNRECORDED

from .spreadsheets import ID, Outcome, is_as_written, items, joined, known, run

# --- Names and words ---


class Names:
    """Rows of a list by everything that a spreadsheet may call them."""

    def __init__(self, noun: str, rows: Iterable[tuple[Any, Iterable[str], Iterable[str]]]) -> None:
        self.noun = noun
        self._own: dict[str, Any] = {}
        self._other: dict[str, list[Any]] = {}
        for row, own, other in rows:
            for name in own:
                self._own.setdefault(name, row)
            for name in other:
                self._other.setdefault(name, []).append(row)

    def __call__(self, text: str, *tried: str) -> Any:
        """Return the row of the first name that is known; raises ValueError in Chinese."""
        for name in (text, *tried):
            if name in self._own:
                return self._own[name]
        found = {row.pk: row for row in self._other.get(text, [])}
        if len(found) == 1:
            return next(iter(found.values()))
        words = {"text": text, "noun": self.noun}
        if found:
            raise ValueError(_("名为“%(text)s”的%(noun)s不止一个，请写代码。") % words)
        raise ValueError(_("没有名为“%(text)s”的%(noun)s") % words)


def terms(model: Any) -> Names:
    return Names(
        str(model._meta.verbose_name),
        ((row, (row.name, row.slug), ()) for row in model.objects.all()),
    )


def districts() -> Names:
    rows = District.objects.prefetch_related("aliases")
    return Names(
        "区",
        (
            (d, (d.name, d.slug, d.code, d.short_name), (a.name for a in d.aliases.all()))
            for d in rows
        ),
    )


def streets() -> Names:
    rows = Subdistrict.objects.select_related("district").prefetch_related("aliases")
    return Names(
        "街镇",
        (
            (s, (s.code, str(s), f"{s.district.name}{s.name}"),
             (s.name, *(a.name for a in s.aliases.all())))
            for s in rows
        ),
    )  # fmt: skip


def policies() -> Names:
    return Names(
        "政策文件",
        (
            (p, (p.key, *([p.number] if p.number else [])), (p.title, *p.aliases))
            for p in PolicyDocument.objects.all()
        ),
    )


def sources() -> Names:
    return Names(
        "来源",
        (
            (s, (s.key,), (s.title, *([s.url] if s.url else [])))
            for s in Source.objects.only("key", "title", "url")
        ),
    )


NAMES: dict[Any, Callable[[], Names]] = {
    District: districts,
    Subdistrict: streets,
    PolicyDocument: policies,
    Source: sources,
    **{model: partial(terms, model) for model in (Theme, Topic, Actor, Mechanism)},
}


def choice(options: Iterable[tuple[Any, Any]], text: str) -> str:
    """Return the value of a choice named by its word or its code; raises ValueError."""
    pairs = [(str(value), str(label)) for value, label in options]
    for value, label in pairs:
        if text in (value, label):
            return value
    allowed = "、".join(label for _value, label in pairs)
    raise ValueError(
        _("没有“%(text)s”这一项，可填：%(allowed)s") % {"text": text, "allowed": allowed}
    )


# --- Reference lists ---


class _Words(widgets.Widget):
    """A cell of one column of a reference list."""

    def __init__(self, column: Any) -> None:
        super().__init__()
        self.column = column
        self._names: Names | None = None

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(self.column, models.JSONField):
            return [item for item in items(value) if item]
        text = known(value)
        if self.column.choices:
            # 未记录 is a choice of its own where a list has one.
            word = str(value or "").strip() if value == UNRECORDED else text
            labels = {str(label) for _value, label in self.column.flatchoices}
            if word == UNRECORDED and word not in labels:
                word = ""
            return choice(self.column.choices, word) if word else self.column.get_default()
        if isinstance(self.column, models.ForeignKey):
            if not text:
                return None
            self._names = self._names or NAMES[self.column.remote_field.model]()
            return self._names(text)
        if isinstance(self.column, models.IntegerField):
            if not text:
                return None if self.column.null else self.column.get_default()
            if not (text.isascii() and text.isdigit()):
                raise ValueError(_("“%s”不是整数。") % text)
            return int(text)
        if isinstance(self.column, models.DateField):
            try:
                return datetime.date.fromisoformat(text) if text else None
            except ValueError as error:
                raise ValueError(_("“%s”不是日期，请写成 2014-07-01 的样子。") % text) from error
        return text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if value is None or value == "":
            return ""
        if isinstance(self.column, models.JSONField):
            return joined(value)
        if self.column.choices:
            return str(dict(self.column.flatchoices).get(value, value))
        if isinstance(self.column, models.ForeignKey):
            return getattr(value, "key", None) or getattr(value, "code", None) or str(value)
        return value if isinstance(value, int) else str(value)


class ListResource(resources.ModelResource):
    """One reference list: rows are found by number or code, and stored only where they differ."""

    # The columns that name a row where it has no number, and those that must not change.
    codes: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        rows = self._meta.model._default_manager
        number = known(row.get(ID))
        if number:
            found = rows.filter(pk=int(number)).first() if number.isdecimal() else None
            if found is None:
                raise ValidationError({ID: _("没有编号为“%s”的一行。") % number})
            return found
        values = {}
        for name in self.codes:
            column = self.fields[name]
            try:
                values[name] = column.clean(row) if column.column_name in row else None
            except ValueError:
                return None  # said again, by column, when the row is read
        if not values or all(value in (None, "", []) for value in values.values()):
            return None
        return rows.filter(**values).first()

    def import_field(
        self, field: Any, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any
    ) -> None:
        cell = row.get(field.column_name)
        if instance.pk and cell is not None and is_as_written(cell, field.export(instance)):
            return
        super().import_field(field, instance, row, is_m2m, **kwargs)

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        before = {name: getattr(instance, name) for name in self.fixed if instance.pk}
        super().import_instance(instance, row, **kwargs)
        for name, value in before.items():
            if getattr(instance, name) != value:
                raise ValidationError({name: _("代码“%s”不能改。") % value})

    def skip_row(self, instance: Any, original: Any, row: Any, errors: Any = None) -> bool:
        return instance.pk is not None and super().skip_row(instance, original, row, errors)


LISTS: dict[Any, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    **dict.fromkeys(
        (Theme, Topic, Actor, Mechanism),
        (("slug", "name", "description", "order"), ("slug",), ("slug",)),
    ),
    District: (
        ("code", "name", "short_name", "slug", "order", "established", "dissolved", "merged_into",
         "history", "tile_row", "tile_column"),
        ("slug",), ("slug", "code"),
    ),
    Subdistrict: (("code", "name", "kind", "district"), ("code",), ("code",)),
    PlaceAlias: (
        ("name", "kind", "district", "subdistrict", "until", "code"),
        ("name", "district", "subdistrict"), (),
    ),
    PolicyDocument: (
        ("key", "title", "aliases", "number", "issuer", "issued", "effective", "validity", "ended",
         "theme", "unverified", "summary", "original_url", "order"),
        ("key",), ("key",),
    ),
    Source: (
        ("key", "title", "kind", "authors", "publisher", "date", "url", "archive_url", "accessed",
         "reposted_from", "note"),
        ("key",), ("key",),
    ),
    SynonymSet: (("words",), ("words",), ()),
}  # fmt: skip


def resource_of(model: Any) -> ListResource:
    names, codes, fixed = LISTS[model]
    body: dict[str, Any] = {
        "codes": codes,
        "fixed": fixed,
        "Meta": type(
            "Meta",
            (),
            {
                "model": model,
                "fields": names,
                "import_id_fields": (),
                "skip_unchanged": True,
                "clean_model_instances": True,
                "skip_html_diff": True,
                "use_transactions": True,
            },
        ),
    }
    for name in names:
        column = model._meta.get_field(name)
        body[name] = fields.Field(
            attribute=name,
            column_name=str(column.verbose_name),
            widget=_Words(column),
            # What is left empty is emptied; the key of a new source is made by itself.
            saves_null_values=True,
        )
    kind = _Keyed if model is Source else ListResource
    resource: ListResource = type(f"{model.__name__}Resource", (kind,), body)()
    return resource


class _Keyed(ListResource):
    """Sources: a new one gets its key by itself; the same one without a key is not stored twice."""

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        if known(row.get(ID)) or known(row.get("代码")):
            return super().get_instance(instance_loader, row)
        same = Source.objects.filter(
            title=known(row.get("标题")), url=known(row.get("网址")), date=known(row.get("日期"))
        )
        return same.first()

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        if not known(row.get("代码")):
            row.pop("代码", None)


def import_list(model: Any, data: bytes, *, dry_run: bool) -> Outcome:
    """Store a table of a reference list, all of it or nothing; `dry_run` only looks."""
    resource = resource_of(model)
    columns = {f.column_name: name for name, f in resource.fields.items()}
    return run(resource, data, {ID, *columns}, dry_run=dry_run)


def list_rows(model: Any) -> tuple[list[str], Iterator[list[Any]]]:
    """Return the headers and rows of a reference list, number first."""
    resource = resource_of(model)
    columns = list(resource.fields.values())
    headers = [ID, *(column.column_name for column in columns)]
    foreign = [f.name for f in model._meta.fields if isinstance(f, models.ForeignKey)]
    rows = model._default_manager.select_related(*foreign).order_by("pk")
    return headers, ([row.pk, *(column.export(row) for column in columns)] for row in rows)


def list_allowed(model: Any) -> dict[str, list[str]]:
    """Return the values that the closed columns of a list accept."""
    found = {}
    for name in LISTS[model][0]:
        column = model._meta.get_field(name)
        if column.choices:
            found[str(column.verbose_name)] = [str(label) for _value, label in column.choices]
        elif isinstance(column, models.ForeignKey):
            rows = column.remote_field.model._default_manager.all()
            found[str(column.verbose_name)] = [str(row) for row in rows]
    return found


def list_notes(model: Any) -> dict[str, str]:
    """Return how the open columns are written."""
    notes = {ID: _("修改已有的一行时照抄导出的编号；新的一行空着")}
    for name in LISTS[model][0]:
        column = model._meta.get_field(name)
        if isinstance(column, models.JSONField):
            notes[str(column.verbose_name)] = _("几个之间用“；”隔开或换行")
        elif isinstance(column, PartialDateField | models.DateField) or column.help_text:
            notes[str(column.verbose_name)] = str(column.help_text) or "2014-07-01"
    return notes
