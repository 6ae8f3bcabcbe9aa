"""Districts, streets and towns, and their other names."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.models import District, PlaceAlias, Subdistrict

from .fields import KnownAutocomplete
from .in_use import InUseAdmin
from .rows import AliasFormSet, RowForm
from .spreadsheets import SpreadsheetAdmin


class AliasInline(admin.TabularInline):
    model = PlaceAlias
    form = RowForm
    formset = AliasFormSet
    fields = ["name", "kind", "until", "code"]
    extra = 1
    verbose_name = _("别称")
    verbose_name_plural = _("别称")


@admin.register(District)
class DistrictAdmin(KnownAutocomplete, InUseAdmin):
    fieldsets = [
        (None, {"fields": [("name", "short_name"), ("code", "slug"), "order"]}),
        (_("沿革"), {"fields": [("established", "dissolved"), "merged_into", "history"]}),
        (_("方块图"), {"fields": [("tile_row", "tile_column")]}),
    ]
    list_display = ["name", "short_name", "code", "slug", "dissolved", "merged_into"]
    list_select_related = ["merged_into"]
    search_fields = ["name", "short_name", "slug", "code", "aliases__name"]
    ordering = ["order", "code"]
    autocomplete_fields = ["merged_into"]
    inlines = [AliasInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Addresses, frozen versions and the index name the district by them.
        return ["code", "slug"] if obj else []


@admin.register(Subdistrict)
class SubdistrictAdmin(KnownAutocomplete, InUseAdmin):
    fields = ["name", "kind", "district", "code"]
    list_display = ["name", "kind", "district", "code"]
    list_filter = ["kind", "district"]
    list_select_related = ["district"]
    search_fields = ["name", "code", "district__name", "aliases__name"]
    ordering = ["code"]
    autocomplete_fields = ["district"]
    inlines = [AliasInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # A street is shown with its district, also by the autocomplete boxes.
        return super().get_queryset(request).select_related("district")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(PlaceAlias)
class PlaceAliasAdmin(KnownAutocomplete, SpreadsheetAdmin):
    fields = ["name", "kind", "district", "subdistrict", "until", "code"]
    list_display = ["name", "kind", "district", "subdistrict", "until"]
    list_filter = ["kind"]
    list_select_related = ["district", "subdistrict__district"]
    search_fields = ["name", "district__name", "subdistrict__name"]
    autocomplete_fields = ["district", "subdistrict"]
    related = {"subdistrict": ("district",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("district", "subdistrict__district")
