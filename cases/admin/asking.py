"""What a reviewer is asked before a case is published, scheduled or merged."""

import re
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Initiative

from .fields import KnownSelect

_NUMBER = re.compile(r"[0-9]{0,18}")


class ScheduleForm(forms.Form):
    """When a case is to be published, in the time of the site."""

    date = forms.DateField(
        label=gettext_lazy("日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("例如 2026-03-01"),
    )
    time = forms.TimeField(
        label=gettext_lazy("时间"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("例如 09:00"),
    )

    def at(self) -> datetime:
        data = self.cleaned_data
        return timezone.make_aware(datetime.combine(data["date"], data["time"]))


class NoteForm(forms.Form):
    """What a version changed, in the length of the field that keeps it."""

    revision_note = forms.CharField(label=gettext_lazy("修改说明"), max_length=200, required=False)


class MergeForm(forms.Form):
    """The case that stays: chosen by its words, or by its number where scripts are off."""

    into = forms.ModelChoiceField(
        label=gettext_lazy("并入哪个案例"), required=False, queryset=Initiative.objects.all()
    )
    number = forms.IntegerField(
        label=gettext_lazy("或写编号"),
        required=False,
        min_value=1,
        help_text=gettext_lazy("公开页地址 /cases/ 后面的数字"),
    )

    def __init__(self, data: Any, *, gone: Initiative, site: admin.AdminSite) -> None:
        if data is not None and not _NUMBER.fullmatch(data.get("into", "")):
            # The box would ask the database for what it was sent, whatever that is.
            data = data.copy()
            data["into"] = ""
        super().__init__(data)
        self.gone = gone
        field = cast(Any, Initiative._meta.get_field("merged_into"))
        choice = cast(forms.ModelChoiceField, self.fields["into"])
        choice.widget = KnownSelect(field, site)
        choice.widget.choices = choice.choices
        choice.queryset = Initiative.objects.select_related("current_revision")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kept = data.get("into")
        if kept is None and data.get("number"):
            rows = Initiative.objects.select_related("current_revision")
            kept = rows.filter(pk=data["number"]).first()
        if self.errors:
            return data
        if kept is None or not kept.is_published:
            raise forms.ValidationError(_("请选择一个已发布的案例。"))
        if kept.pk == self.gone.pk:
            raise forms.ValidationError(_("案例不能并入它自己。"))
        return data | {"into": kept}
