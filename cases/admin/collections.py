"""What readers have shared: a manager may take it back from the public, and see nothing else."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from cases.models import Collection, SavedQuery


@admin.register(Collection, SavedQuery)
class SharedAdmin(admin.ModelAdmin):
    """The address stops answering when the tick is taken away; the owner keeps everything."""

    fields = ["title", "description", "signed", "owner", "shared"]
    readonly_fields = ["title", "description", "signed", "owner"]
    list_display = ["title", "signed", "owner", "changed"]
    list_select_related = ["owner"]
    search_fields = ["title", "signed"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(shared=True)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # For good only what no owner is left to share again; and what is private goes with an
        # account that is deleted: it has no page here.
        kept = obj is not None and obj.shared and obj.owner_id is not None
        return super().has_delete_permission(request, obj) and not kept

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return (
            [*self.readonly_fields, "shared"] if obj and not obj.owner_id else self.readonly_fields
        )

    def view_on_site(self, obj: Any) -> str:
        return str(obj.get_absolute_url())
