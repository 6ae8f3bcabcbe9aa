"""Policy documents and what is known of them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.models import PolicyDocument, PolicyStatement

from . import rows
from .fields import KnownAutocomplete, NameLists
from .in_use import InUseAdmin
from .searching import AliasSearch


class StatementInline(KnownAutocomplete, admin.StackedInline):
    model = PolicyStatement
    form = rows.LabelledForm
    formset = rows.StatementFormSet
    fields = [("kind", "grade", "order"), "text", ("source", "locator")]
    autocomplete_fields = ["source"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("source")


@admin.register(PolicyDocument)
class PolicyDocumentAdmin(KnownAutocomplete, NameLists, AliasSearch, InUseAdmin):
    fieldsets = [
        (None, {"fields": ["title", "aliases", "number", "issuer"]}),
        (_("日期与效力"), {"fields": [("issued", "effective"), "validity"]}),
        (_("内容"), {"fields": ["theme", "summary", "unverified"]}),
        (_("排列"), {"fields": ["key", "order"]}),
    ]
    list_display = ["title", "number", "issuer", "issued", "validity", "theme", "unverified"]
    list_filter = ["validity", "theme"]
    list_select_related = ["theme"]
    search_fields = ["title", "number", "issuer", "key"]
    search_help_text = _("在标题、别称、发文字号、发文机关和代码里查找")
    ordering = ["order", "key"]
    autocomplete_fields = ["theme"]
    inlines = [StatementInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Records name the document by its key.
        return ["key"] if obj else []

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        read_only = obj is not None and not self.has_change_permission(request, obj)
        return self.readable(self.fieldsets) if read_only else self.fieldsets

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("theme")

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows.save_one(formset)
