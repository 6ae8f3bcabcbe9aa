"""A list of the desk as a spreadsheet: out, a template to fill in, and in again.

A file is looked through first; only a file without a mistake goes in, and then as a whole.
"""

import base64
import binascii
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.importing import case_rows, lists, spreadsheets
from cases.importing.spreadsheets import MOST_BYTES, Outcome, Unreadable
from cases.models import Initiative

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
PROBLEMS_SHOWN = 1000
# What is sent to and fro in the page, so that it need not be chosen again; larger files must.
MOST_CARRIED = 3 * 1024 * 1024


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("表格文件"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=gettext_lazy(".xlsx 或 .csv，第一行是各列的名称；至多 20,000 行、10 MB"),
    )
    carried = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("file")
        if file is not None:
            if file.size > MOST_BYTES:
                raise forms.ValidationError(_("文件超过 10 MB，请分成几份。"))
            data["bytes"] = file.read()
        elif data.get("carried"):
            try:
                data["bytes"] = base64.b64decode(data["carried"], validate=True)
            except (binascii.Error, ValueError) as error:
                raise forms.ValidationError(_("请重新选择文件。")) from error
        elif not self.errors:
            raise forms.ValidationError(_("请选择文件。"))
        return data


class SpreadsheetAdmin(admin.ModelAdmin):
    """Adds to a list of the desk: 导出, 模板 and 导入."""

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return self.admin_site.admin_view(view)

        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("spreadsheet/", wrap(self.spreadsheet_view), name=f"{name}_spreadsheet"),
            path(
                "spreadsheet/<str:what>.<str:kind>",
                wrap(require_safe(self.file_view)),
                name=f"{name}_spreadsheet_file",
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_spreadsheet"
        return super().changelist_view(
            request, (extra_context or {}) | {"spreadsheet_url": reverse(name)}
        )

    def may_import(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    # --- Out ---

    def file_view(self, request: HttpRequest, what: str, kind: str) -> HttpResponse:
        """The whole list, or a template: the same columns without rows."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if what not in ("rows", "template") or kind not in TYPES:
            raise Http404
        headers, rows = self._table()
        response = HttpResponse(content_type=TYPES[kind])
        day = f"{timezone.localtime():%Y%m%d}" if what == "rows" else "template"
        response["Content-Disposition"] = (
            f'attachment; filename="{self.opts.model_name}-{day}.{kind}"'
        )
        chosen: Any = rows if what == "rows" else []
        if kind == "csv":
            text = io.StringIO(newline="")
            spreadsheets.write_csv(headers, chosen, text)
            response.write(text.getvalue().encode())
        else:
            allowed, notes = self._help()
            spreadsheets.write_xlsx(headers, chosen, response, allowed=allowed, notes=notes)  # type: ignore[arg-type]
        return response

    def _table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        if self.model is Initiative:
            # A working copy is exported as its case, whose number it is changed by.
            cases = Initiative.objects.filter(revises__isnull=True, synthetic=False)
            return case_rows.HEADERS, case_rows.case_rows(cases)
        headers, rows = lists.list_rows(self.model)
        return headers, rows

    def _help(self) -> tuple[dict[str, list[str]], dict[str, str]]:
        if self.model is Initiative:
            return case_rows.case_allowed(), case_rows.case_notes()
        return lists.list_allowed(self.model), lists.list_notes(self.model)

    # --- In ---

    def spreadsheet_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("%s：表格") % self.opts.verbose_name,
            "opts": self.opts,
            "may_import": self.may_import(request),
            "form": FileForm(),
        }
        if request.method == "POST":
            if not self.may_import(request):
                raise PermissionDenied(_("您没有导入的权限。"))
            if done := self._take(request, context):
                return done
        return TemplateResponse(request, "admin/spreadsheet.html", context)

    def _take(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse | None:
        """Look through the file that was sent, and store it if that was asked and it may be."""
        form = FileForm(request.POST, request.FILES)
        context["form"] = form
        if not form.is_valid():
            return None
        data = form.cleaned_data["bytes"]
        dry_run = "_import" not in request.POST
        try:
            outcome = self._run(request, data, dry_run)
        except Unreadable as error:
            form.add_error(None, str(error))
            return None
        if not (dry_run or outcome.problems or outcome.is_held):
            words = {
                "created": outcome.created,
                "updated": outcome.updated,
                "unchanged": outcome.unchanged,
            }
            text = _("已导入：新建 %(created)s 行，修改 %(updated)s 行，%(unchanged)s 行没有不同。")
            self.message_user(request, text % words, messages.SUCCESS)
            self._log(request, text % words)
            return HttpResponseRedirect(request.get_full_path())
        context |= {
            "outcome": outcome,
            "problems": [str(problem) for problem in outcome.problems[:PROBLEMS_SHOWN]],
            "doubles": outcome.doubles[:PROBLEMS_SHOWN],
            "are_distinct": not outcome.is_held,
            "was_held": outcome.is_held and not dry_run,
            "total": outcome.created + outcome.updated + outcome.unchanged,
        }
        context["form"] = FileForm()
        if not outcome.problems and len(data) <= MOST_CARRIED:
            carried = base64.b64encode(data).decode("ascii")
            context["form"] = FileForm(initial={"carried": carried})
            context["is_carried"] = True
        return None

    @transaction.atomic
    def _run(self, request: HttpRequest, data: bytes, dry_run: bool) -> Outcome:
        if self.model is Initiative:
            user, distinct = cast(User, request.user), request.POST.get("distinct", "")
            return case_rows.import_cases(data, user, dry_run=dry_run, distinct=distinct)
        return lists.import_list(self.model, data, dry_run=dry_run)

    def _log(self, request: HttpRequest, text: str) -> None:
        """Write one line for the whole file: thousands would hide everything else."""
        LogEntry.objects.create(
            user=cast(User, request.user),
            content_type=ContentType.objects.get_for_model(self.model),
            object_id=None,
            object_repr=str(_("表格")),
            action_flag=CHANGE,
            change_message=text,
        )
