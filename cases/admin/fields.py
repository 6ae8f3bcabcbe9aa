"""Form fields and widgets of the desk."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import (
    AutocompleteMixin,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
)
from django.db import models
from django.utils.translation import gettext_lazy as _


class NameListField(forms.CharField):
    """A JSON list of names, written one a line. Empty lines are dropped."""

    widget = forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField names"})

    def __init__(self, *args: Any, encoder: Any = None, decoder: Any = None, **kwargs: Any) -> None:
        # JSONField.formfield() hands over how JSON is read and written, of no use to lines.
        # A default that is computed makes Django compare with a hidden box, which holds no list.
        super().__init__(*args, **kwargs | {"show_hidden_initial": False})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return _lines(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != _lines(data or "")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class _Known(AutocompleteMixin):
    """An autocomplete box that is told what it shows instead of asking for it, one query a box."""

    known: dict[str, str] = {}
    is_required: bool
    allow_multiple_selected: bool

    @property
    def media(self) -> forms.Media:
        # In this order: the second names the boxes that the first builds.
        return super().media + forms.Media(js=["admin/js/autocomplete.js", "admin-desk/names.js"])

    def optgroups(self, name: str, value: Sequence[Any], attr: Any = None) -> Any:
        chosen = [str(v) for v in value if v not in (None, "")]
        if not all(v in self.known for v in chosen):
            # Posted back with an error: something else has been chosen since.
            return super().optgroups(name, value, attr)
        rows = [(v, self.known[v], True) for v in chosen]
        if not self.is_required and not self.allow_multiple_selected:
            rows.insert(0, ("", "", not chosen))
        options = [
            self.create_option(name, *row, index)  # type: ignore[attr-defined]
            for index, row in enumerate(rows)
        ]
        return [(None, options, 0)]


class KnownSelect(_Known, AutocompleteSelect):
    """Autocomplete for a foreign key."""


class KnownSelectMultiple(_Known, AutocompleteSelectMultiple):
    """Autocomplete for a many-to-many field; each choice has its own cross, and none clears all."""

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().build_attrs(*args, **kwargs) | {"data-allow-clear": "false"}


def tell_widgets(form: forms.BaseModelForm) -> None:
    """Let the form's autocomplete boxes know the related rows that its instance already holds."""
    instance = form.instance
    if instance.pk is None:
        return
    prefetched = getattr(instance, "_prefetched_objects_cache", {})
    for name, field in form.fields.items():
        # The admin wraps the box in another widget, the one with the “+”.
        widget = getattr(field.widget, "widget", field.widget)
        if isinstance(widget, KnownSelectMultiple) and name in prefetched:
            widget.known = {str(row.pk): str(row) for row in getattr(instance, name).all()}
        elif isinstance(widget, KnownSelect) and instance._meta.get_field(name).is_cached(instance):
            row = getattr(instance, name)
            widget.known = {str(row.pk): str(row)} if row else {}


class KnownAutocomplete(BaseModelAdmin):
    """For ModelAdmins and inlines: their autocomplete boxes are told what they show.

    `related` names the joins that a box's labels need, by field.
    """

    related: dict[str, tuple[str, ...]] = {}

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs.setdefault("widget", KnownSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **self._joined(db_field, kwargs))

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs.setdefault("widget", KnownSelectMultiple(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **self._joined(db_field, kwargs))

    def _joined(self, db_field: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        if joins := self.related.get(db_field.name):
            rows = db_field.remote_field.model._default_manager
            kwargs.setdefault("queryset", rows.select_related(*joins))
        return kwargs


class NameLists(BaseModelAdmin):
    """Lists of names as lines: in a box where they are edited, as text where they are read."""

    formfield_overrides = {models.JSONField: {"form_class": NameListField}}
    name_lists = {"aliases": "aliases_read", "authors": "authors_read"}

    def readable(self, fieldsets: Any) -> list[tuple[Any, dict[str, Any]]]:
        """Return the fieldsets for a page that is only read: Django would show JSON."""
        return [
            (
                title,
                {
                    **options,
                    "fields": [
                        self.name_lists.get(field, field) if isinstance(field, str) else field
                        for field in options["fields"]
                    ],
                },
            )
            for title, options in fieldsets
        ]

    @admin.display(description=_("别名"))
    def aliases_read(self, obj: Any) -> str:
        return "\n".join(obj.aliases)

    @admin.display(description=_("作者"))
    def authors_read(self, obj: Any) -> str:
        return "\n".join(obj.authors)
