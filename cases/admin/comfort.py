"""What makes writing a case easier: typing that is not lost, previews, examples, short ways.

Everything here only shortens the way; the form works without any of it.
"""

import re
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from cases.models.initiatives import SECTIONS
from cases.outputs.markdown import to_html

# What a section of a case may hold to be shown while it is written.
MOST_CHARACTERS = 100_000
# The cookie names the typing that has been stored, so that the browser forgets its own copy.
SAVED_COOKIE = "desk_saved"
SAVED_KEPT = 8
_KEY = re.compile(r"[a-z0-9]{8,40}\Z")

# Added to what the models say of their fields: an example is understood faster than a rule.
EXAMPLES = {
    "title": _("例如“凌云路街道：小区停车位夜间共享”"),
    "aliases": _("例如“绿主妇”"),
    "summary": _("例如“某街道与三家单位共用夜间车位，120 户停车有了着落”"),
    "background": _("例如“小区建于 1990 年代，车位不足 80 个。[^1]”"),
    "approach": _("例如“居委会先逐户询问，再与单位签约。[^1][^2]”"),
    "mechanism": _("它为什么行得通，例如“单位夜间空位按时段有偿共享。[^1]”"),
    "results": _("例如“签约后新增夜间车位 120 个。[^2]”"),
    "limits": _("例如“单位周末加班时车位仍然紧张。[^3]”"),
    "quotation": _("例如“新增夜间车位 120 个”"),
    "note": _("例如“数字与街道年报一致”"),
    "value": _("只写数，例如 120 或 86.5"),
    "unit": _("例如“个”“户”“%”"),
    "name": _("原文的称呼，例如“凌云路街道办事处”“梅陇三村居委会”"),
}


class Examples(admin.options.BaseModelAdmin):
    """Adds an example to the help text of a field."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        example = EXAMPLES.get(db_field.name)
        if field is not None and example:
            help_text = field.help_text
            field.help_text = f"{help_text}；{example}" if help_text else example
        return field


class ComfortAdmin(Examples, admin.ModelAdmin):
    """Scripts of the form, and what they ask the server."""

    class Media:
        js = ["admin-desk/autosave.js", "admin-desk/writing.js"]
        css = {"all": ["admin-desk/form.css"]}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.render_view))
        return [path("render/", view, name="cases_initiative_render"), *super().get_urls()]

    def render_view(self, request: HttpRequest) -> HttpResponse:
        """Return the HTML of one section as it is being written; nothing is stored."""
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        section, text = request.POST.get("section", ""), request.POST.get("text", "")
        if section not in SECTIONS:
            return HttpResponse(_("没有这个栏目。"), status=400, content_type="text/plain")
        if len(text) > MOST_CHARACTERS:
            return HttpResponse(_("太长，不能边写边看。"), status=413, content_type="text/plain")
        return HttpResponse(to_html(text, section, {}))

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        return _remember(request, super().response_add(request, obj, *args))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return _remember(request, super().response_change(request, obj))


def _remember(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Tell the browser, by a cookie that its script reads, which typing has been stored."""
    key = request.POST.get("typing", "")
    if _KEY.match(key):
        kept = [k for k in request.COOKIES.get(SAVED_COOKIE, "").split(".") if _KEY.match(k)]
        response.set_cookie(
            SAVED_COOKIE,
            ".".join([*kept, key][-SAVED_KEPT:]),
            max_age=30 * 24 * 60 * 60,
            path="/admin/",
            secure=request.is_secure(),
            samesite="Lax",
        )
    return response
