"""Where the rows of a case stand on its page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.models import (
    Evidence,
    Figure,
    Participation,
    PolicyLink,
    ThemeLink,
    TopicLink,
)

from . import rows
from .comfort import Examples
from .fields import KnownAutocomplete
from .workflow import may_edit


class Rows(Examples, KnownAutocomplete, admin.TabularInline):
    form = rows.RowForm
    extra = 1


class ThemeLinkInline(Rows):
    model = ThemeLink
    formset = rows.ThemeFormSet
    fields = ["theme", "basis", "reason"]
    autocomplete_fields = ["theme"]


class TopicLinkInline(Rows):
    model = TopicLink
    formset = rows.TopicFormSet
    fields = ["topic", "position"]
    autocomplete_fields = ["topic"]
    max_num = rows.TopicFormSet.MOST


class ParticipationInline(Rows):
    model = Participation
    formset = rows.ParticipationFormSet
    fields = ["actor", "name", "role", "order"]
    autocomplete_fields = ["actor"]
    verbose_name = _("主体")
    verbose_name_plural = _("主体")


class FigureInline(Rows):
    model = Figure
    form = rows.FigureForm
    formset = rows.FigureFormSet
    fields = ["label", "value", "qualifier", "unit", "period", "evidence_number", "order"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or may_edit(request.user, obj):
            return self.fields
        return ["plain_value" if name == "value" else name for name in self.fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [] if obj is None or may_edit(request.user, obj) else ["plain_value"]

    # What stands in place of the form's fields where the case may only be looked at:

    @admin.display(description=_("数值"))
    def plain_value(self, figure: Figure) -> int | float:
        return figure.plain_value

    @admin.display(description=_("出处编号"))
    def evidence_number(self, figure: Figure) -> int | None:
        return figure.evidence.number if figure.evidence else None


class EvidenceInline(Examples, KnownAutocomplete, admin.StackedInline):
    model = Evidence
    form = rows.EvidenceForm
    formset = rows.EvidenceFormSet
    extra = 1
    fields = [("number", "source"), ("quotation", "grade"), ("note", "locator")]
    autocomplete_fields = ["source"]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        if request.user.has_perm("cases.change_figure"):
            # The admin refuses what a stored figure uses; here the figures of the form count.
            formset.form.hand_clean_DELETE = lambda form: None  # type: ignore[attr-defined]
        return formset


class PolicyLinkInline(Rows):
    model = PolicyLink
    formset = rows.PolicyFormSet
    fields = ["policy", "kind", "basis"]
    autocomplete_fields = ["policy"]
