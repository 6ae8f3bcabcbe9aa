"""What may be here already, told when a case or a source is saved; it is never in the way."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from cases.importing.duplicates import likely_cases, likely_sources
from cases.models import Initiative, Source
from cases.records import for_record, to_record


def warn_of_cases(request: HttpRequest, initiative: Initiative) -> None:
    """Name the cases that may be the same one; a working copy is its case's own."""
    if initiative.revises_id or initiative.current_revision_id:
        return
    record = to_record(for_record(Initiative.objects.all()).get(pk=initiative.pk))
    _warn(request, "initiative", likely_cases(record, exclude=initiative.pk))


def warn_of_sources(request: HttpRequest, source: Source) -> None:
    found = likely_sources(source.title, source.date, source.url)
    _warn(request, "source", ((row, why) for row, why in found if row.pk != source.pk))


def _warn(request: HttpRequest, model: str, found: Iterable[tuple[Any, str]]) -> None:
    for row, reason in found:
        address = reverse(f"admin:cases_{model}_change", args=[row.pk])
        messages.warning(
            request,
            format_html(
                '{}<a href="{}">{}</a>（{}）', _("可能已经有了："), address, row.title, reason
            ),
        )
