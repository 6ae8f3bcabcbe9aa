"""The words that cases are described with."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from cases.models import Actor, Mechanism, Theme, Topic

from .in_use import InUseAdmin


@admin.register(Theme, Topic, Actor, Mechanism)
class TermAdmin(InUseAdmin):
    fields = ["name", "slug", "description", "order"]
    list_display = ["name", "slug", "description", "order"]
    search_fields = ["name", "slug", "description"]
    ordering = ["order", "slug"]
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Addresses, frozen versions and the index name the word by its slug.
        return ["slug"] if obj else []
