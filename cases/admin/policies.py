"""Policy documents and what is known of them."""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from cases import validity
from cases.models import PolicyDocument, PolicyRelation, PolicyStatement

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


class RelationInline(KnownAutocomplete, admin.StackedInline):
    model = PolicyRelation
    fk_name = "document"
    verbose_name = _("关系")
    verbose_name_plural = _("与其他文件的关系")
    form = rows.LabelledForm
    formset = rows.RelationFormSet
    fields = [("kind", "target"), ("basis", "grade"), ("source", "locator"), "note"]
    autocomplete_fields = ["target", "source"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("target", "source")


@admin.register(PolicyDocument)
class PolicyDocumentAdmin(KnownAutocomplete, NameLists, AliasSearch, InUseAdmin):
    formfield_overrides = NameLists.formfield_overrides | {
        models.URLField: {"assume_scheme": "https"}
    }
    fieldsets = [
        (None, {"fields": ["title", "aliases", "number", "issuer", "original_url"]}),
        (_("日期与效力"), {"fields": [("issued", "effective"), ("validity", "ended")]}),
        (_("内容"), {"fields": ["theme", "summary", "unverified"]}),
        (_("排列"), {"fields": ["key", "order"]}),
    ]
    list_display = ["title", "number", "issuer", "issued", "validity", "theme", "to_verify"]
    list_filter = ["validity", "theme"]
    list_select_related = ["theme"]
    search_fields = ["title", "number", "issuer", "key"]
    search_help_text = _("在标题、别称、发文字号、发文机关和代码里查找")
    ordering = ["order", "key"]
    autocomplete_fields = ["theme"]
    inlines = [RelationInline, StatementInline]

    @admin.display(description=_("待核"), ordering="unverified")
    def to_verify(self, document: PolicyDocument) -> str:
        return Truncator(document.unverified).chars(12)

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
        if formset.model is PolicyRelation:
            self._warn_of_what_it_ends(request, form.instance)

    def _warn_of_what_it_ends(self, request: HttpRequest, document: PolicyDocument) -> None:
        """Name the documents that are said to be at an end and are not recorded so."""
        ended = PolicyRelation.objects.filter(document=document, kind__in=validity.ENDING)
        for relation in ended.exclude(target__validity__in=validity.OVER).select_related("target"):
            url = reverse("admin:cases_policydocument_change", args=[relation.target_id])
            text = _("本文件%(kind)s它，但它的效力状态还是“%(state)s”，请一并改正：")
            told = text % {
                "kind": relation.get_kind_display(),
                "state": relation.target.get_validity_display(),
            }
            line = format_html('{}<a href="{}">{}</a>', told, url, relation.target)
            messages.warning(request, line)
