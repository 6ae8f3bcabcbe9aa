"""What other rows rest on is not deleted; the page says which rows these are."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from cases.models import Initiative, PolicyDocument, Subdistrict

from .spreadsheets import SpreadsheetAdmin

SHOWN = 20


class InUseAdmin(SpreadsheetAdmin):
    """Refuses to delete a row that a case, a policy or a place names, and links to these."""

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        objs = list(objs)
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        users = list(self._users(objs))
        if users:
            protected = users[:SHOWN]
            if len(users) > SHOWN:
                protected.append(_("…等，共 %(count)s 处") % {"count": len(users)})
        return deleted, counts, lacking, protected

    def _users(self, objs: list[Any]) -> Iterable[str]:
        """Yield a line for each row that rests on one of these.

        Links of plain many-to-many fields count: the database would let them go in silence.
        """
        for relation in self.opts.related_objects:
            kept = getattr(relation, "on_delete", None) in (models.PROTECT, models.RESTRICT)
            if not kept and not relation.many_to_many:
                continue
            rows = relation.related_model._default_manager.filter(
                **{f"{relation.field.name}__in": objs}
            )
            joins = [
                field.name
                for field in rows.model._meta.concrete_fields
                if field.name in ("initiative", "document")
            ]
            for row in rows.select_related(*joins).distinct():
                yield _line(row)


def _line(row: models.Model) -> str:
    """Name a row by the case or document that it is a part of, where that has a page."""
    whole = getattr(row, "initiative", None) or getattr(row, "document", None) or row
    name = f"{whole._meta.verbose_name}：{whole}"
    if not isinstance(whole, (Initiative, PolicyDocument, Subdistrict)):
        return name
    url = reverse(f"admin:cases_{whole._meta.model_name}_change", args=[whole.pk])
    return format_html('{}：<a href="{}">{}</a>', whole._meta.verbose_name, url, whole)
