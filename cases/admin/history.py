"""Who did what to which case, and when: read by those who publish, changed by nobody."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Event


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """A list only; the events of one case also stand on its page."""

    list_display = ["when", "who", "verb", "case", "note"]
    list_display_links = None
    list_filter = ["verb"]
    search_fields = ["title", "by_name", "note"]
    list_per_page = 50
    ordering = ["-id"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("时间"))
    def when(self, event: Event) -> str:
        return f"{timezone.localtime(event.at):%Y-%m-%d %H:%M}"

    @admin.display(description=gettext_lazy("办理人"))
    def who(self, event: Event) -> str:
        return event.by_name or _("命令")

    @admin.display(description=gettext_lazy("案例"))
    def case(self, event: Event) -> str:
        if event.initiative_id is None:
            return event.title
        url = reverse("admin:cases_initiative_change", args=[event.initiative_id])
        return format_html('<a href="{}">{}</a>', url, event.title)
