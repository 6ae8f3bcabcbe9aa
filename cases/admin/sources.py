"""Where statements come from."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from cases.models import Initiative, Source

from .doubles import DistinctSourceForm
from .fields import NameLists
from .in_use import InUseAdmin


@admin.register(Source)
class SourceAdmin(NameLists, InUseAdmin):
    form = DistinctSourceForm
    formfield_overrides = NameLists.formfield_overrides | {
        models.URLField: {"assume_scheme": "https"}
    }
    list_display = ["title", "kind", "publisher", "date"]
    list_filter = ["kind"]
    search_fields = ["title", "publisher", "url", "key"]
    # What an editor looks for is mostly what was entered last.
    ordering = ["-pk"]
    show_full_result_count = False
    # Not every source has a public page.
    view_on_site = False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets = [
            (None, {"fields": ["title", "kind", "authors", ("publisher", "date")]}),
            (_("网址"), {"fields": ["url", "archive_url", "accessed", "reposted_from"]}),
            (_("说明"), {"fields": ["note"]}),
        ]
        # A new source gets its key by itself; afterwards records name it so.
        return [*sets, (_("引用情况"), {"fields": ["key", "cases"]})] if obj else sets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["key", "cases"] if obj else []

    @admin.display(description=_("引用它的案例"))
    def cases(self, source: Source) -> Any:
        found = Initiative.objects.filter(evidence__source=source).distinct()[:50]
        return format_html_join(
            "、",
            '<a href="{}">{}</a>',
            ((reverse("admin:cases_initiative_change", args=[c.pk]), c.title) for c in found),
        )
