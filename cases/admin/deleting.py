"""What goes with a row, told in words that a person knows."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest
from django.utils.text import capfirst


class PlainDeletion(admin.ModelAdmin):
    """Leaves out of what a deletion takes along: rows that only tie two others, and what stays."""

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        through = [field.remote_field.through for field in self.opts.many_to_many]
        # The log of the desk outlives an account; see leaving.py.
        ties = [model._meta for model in (*through, LogEntry) if model]
        names = {str(tie.verbose_name_plural) for tie in ties}
        starts = tuple(f"{capfirst(tie.verbose_name)}: " for tie in ties)
        counts = {name: count for name, count in counts.items() if str(name) not in names}
        return _without(deleted, starts), counts, lacking, protected


def _without(lines: list[Any], starts: tuple[str, ...]) -> list[Any]:
    """Return the nested list without the lines that begin so."""
    return [
        _without(line, starts) if isinstance(line, list) else line
        for line in lines
        if isinstance(line, list) or not str(line).startswith(starts)
    ]
