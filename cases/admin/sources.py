"""Where statements come from."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
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

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        chosen = request.POST.get("_use", "")
        if object_id is None and chosen and self.has_add_permission(request):
            return self._use(request, chosen)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _use(self, request: HttpRequest, chosen: str) -> HttpResponse:
        """Answer as if the source that is here already had been added just now."""
        source = self.get_object(request, chosen)
        if source is None:
            raise Http404
        if IS_POPUP_VAR in request.POST:
            return self.response_add(request, source)
        return HttpResponseRedirect(reverse("admin:cases_source_change", args=[source.pk]))

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
