"""The rows of a case as they are edited on its page: their forms, and how they are stored.

A row refers to another by the number an editor sees, never by an id: a figure names its
evidence as the text does. Numbers are compared as they will be once everything is saved,
so two rows may exchange theirs.
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AdminIntegerFieldWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.formsets import INITIAL_FORM_COUNT
from django.forms.models import BaseInlineFormSet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cases.models import Evidence, Figure

from .fields import tell_widgets

HIGHEST = 9999
# Where numbers wait while others take theirs; above every number that a form accepts.
ASIDE = 10_000


class LabelledForm(forms.ModelForm):
    """One row, on lines of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tell_widgets(self)


class RowForm(LabelledForm):
    """One row in a table; its fields have no labels but the heads of the columns."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget: Any = getattr(field.widget, "widget", field.widget)
            widget.attrs.setdefault("aria-label", field.label)


class RowFormSet(BaseInlineFormSet):
    """All rows of one kind that a case has."""

    model: type[models.Model]
    # The field that is numbered by itself where the editor leaves it empty.
    numbered = ""
    # Whether a number that is deleted in the same form may be given again by itself.
    gives_again = True
    # Messages for what stands twice, by the field that must differ.
    twice: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The stored rows in the order of the posted ones, which the admin pairs with each other.
        self._rows: list[Any] | None = None
        # The keys of rows that somebody deleted meanwhile, by the places where they now stand.
        self.gone: dict[int, str] = {}
        if self.is_bound and self.instance.pk is not None and self.management_form.is_valid():
            self._meet_stored_rows()

    def _meet_stored_rows(self) -> None:
        """Post rows anew that somebody deleted while this form was open, as if just written."""
        stored = {str(row.pk): row for row in self.get_queryset()}
        pk, data = self.model._meta.pk.name, cast(QueryDict, self.data)
        total, initial = self.total_form_count(), self.initial_form_count()
        ids = [data.get(f"{self.prefix}-{index}-{pk}", "") for index in range(initial)]
        gone = [index for index in range(initial) if ids[index] not in stored]
        if gone:
            order = [index for index in range(total) if index not in gone] + gone
            self.data = self._reordered(data, order)
            for index, old in enumerate(gone, start=total - len(gone)):
                self.gone[index] = ids[old]
                self.data[f"{self.prefix}-{index}-{pk}"] = ""
            self.data[f"{self.prefix}-{INITIAL_FORM_COUNT}"] = str(initial - len(gone))
            del self.management_form  # kept from before
        seen = [stored.pop(key) for key in ids if key in stored]
        self._rows = [*seen, *stored.values()]

    def _reordered(self, data: QueryDict, order: list[int]) -> QueryDict:
        """Return the data with this formset's rows numbered in another order."""
        result = data.copy()
        places = {f"{self.prefix}-{old}": f"{self.prefix}-{new}" for new, old in enumerate(order)}
        fields = [key for key in data if key.rpartition("-")[0] in places]
        for key in fields:
            del result[key]
        for key in fields:
            row, _separator, field = key.rpartition("-")
            result.setlist(f"{places[row]}-{field}", data.getlist(key))
        return result

    def get_queryset(self) -> Any:
        if getattr(self, "_rows", None) is not None:
            return self._rows
        accessor = self.fk.remote_field.get_accessor_name()
        if accessor in getattr(self.instance, "_prefetched_objects_cache", {}):
            return getattr(self.instance, accessor).all()
        return super().get_queryset()

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if self.numbered in form.fields:
            form.fields[self.numbered].required = False
            form.fields[self.numbered].widget.attrs["placeholder"] = _("自动")
            if form.instance.pk is None:
                form.initial[self.numbered] = None
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = _("删除此行")

    @property
    def kept(self) -> list[Any]:
        """The forms of rows that will be there once everything is saved."""
        return [
            form
            for index, form in enumerate(self.forms)
            if (index < self.initial_form_count() or form.has_changed())
            and not self._should_delete_form(form)  # type: ignore[attr-defined]
        ]

    @property
    def unseen(self) -> list[Any]:
        """The rows that somebody added while this form was open, and that it says nothing of."""
        seen = {form.instance.pk for form in self.forms}
        return [row for row in self.get_queryset() if row.pk not in seen]

    def clean(self) -> None:
        self._number_rows()
        super().clean()
        self._compare_with_unseen()

    def _number_rows(self) -> None:
        if not self.numbered:
            return
        kept = self.kept
        used = {form.cleaned_data.get(self.numbered) or 0 for form in kept}
        used |= {getattr(row, self.numbered) for row in self.unseen}
        if not self.gives_again:
            used |= {getattr(form.instance, self.numbered) or 0 for form in self.forms}
        for form in kept:
            if self.numbered in form.cleaned_data and form.cleaned_data[self.numbered] is None:
                number = self._free_number(used)
                form.cleaned_data[self.numbered] = number
                setattr(form.instance, self.numbered, number)
                used.add(number)

    def _free_number(self, used: set[int]) -> int:
        return max(used, default=0) + 1

    def _compare_with_unseen(self) -> None:
        unseen = self.unseen
        for constraint in self.model._meta.constraints:
            if not unseen or not isinstance(constraint, models.UniqueConstraint):
                continue
            names = [name for name in constraint.fields if name != self.fk.name]
            taken = [[getattr(row, name) for name in names] for row in unseen]
            for form in self.kept:
                if [form.cleaned_data.get(name) for name in names] in taken:
                    form.add_error(None, _("与别人刚加的一行重复，请打开新的一页核对。"))

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        for field in unique_check:
            if field in self.twice:
                return str(self.twice[field])
        return super().get_unique_error_message(unique_check)

    def get_form_error(self) -> str:
        return str(_("与另一行重复。"))


class EvidenceForm(LabelledForm):
    number = forms.IntegerField(
        label=_("编号"),
        min_value=1,
        max_value=HIGHEST,
        widget=AdminIntegerFieldWidget,
        help_text=_("正文里写 [^1] 就是引用编号 1 的出处；空着则自动接着编"),
    )


class EvidenceFormSet(RowFormSet):
    numbered = "number"
    # The text may still have marks with the number of what goes.
    gives_again = False
    twice = {"number": _("同一案例里出处编号不能重复。")}

    def numbers(self) -> tuple[set[int], set[int]]:
        """Return the numbers that stay or come, and those that go."""
        self.is_valid()  # cleans the forms, where that has not been done
        kept = self.kept
        stay = {form.cleaned_data.get("number") for form in kept} - {None}
        go = {form.instance.number for form in self.forms if form not in kept} - {None}
        return stay, go - stay


class FigureForm(RowForm):
    evidence_number = forms.IntegerField(
        label=_("出处编号"),
        required=False,
        min_value=1,
        max_value=HIGHEST,
        help_text=_("下面“出处”里的编号，与正文 [^1] 的写法一致；发布前必须填写"),
        widget=AdminIntegerFieldWidget(attrs={"placeholder": _("如 1")}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["value"] = self.instance.plain_value
            if self.instance.evidence is not None:
                self.initial["evidence_number"] = self.instance.evidence.number


class FigureFormSet(RowFormSet):
    numbered = "order"
    # Set by the desk: the formset that figures refer to, posted in the same form.
    evidence: EvidenceFormSet | None = None

    def clean(self) -> None:
        super().clean()
        if self.evidence is None:
            return
        stay, go = self.evidence.numbers()
        for form in self.kept:
            number = form.cleaned_data.get("evidence_number")
            if number in go:
                form.add_error(
                    "evidence_number",
                    _("编号 %(number)s 的出处正要删除：请改用另一个编号，或把这条数据也删去。")
                    % {"number": number},
                )
            elif number is not None and number not in stay:
                form.add_error(
                    "evidence_number", _("没有编号为 %(number)s 的出处。") % {"number": number}
                )


class TopicFormSet(RowFormSet):
    MOST = 3
    numbered = "position"
    twice = {"topic": _("同一个议题选了两次。"), "position": _("两个议题的次序相同。")}

    def clean(self) -> None:
        super().clean()
        if len(self.kept) > self.MOST:
            raise ValidationError(_("一个案例至多三个议题，请删去多余的。"), code="too_many")

    def _free_number(self, used: set[int]) -> int:
        return next(n for n in range(1, HIGHEST) if n not in used)


class ThemeFormSet(RowFormSet):
    twice = {"theme": _("同一个改革主题选了两次。")}


class ParticipationFormSet(RowFormSet):
    numbered = "order"
    twice = {"actor": _("同一主体以同一角色写了两次。")}


class PolicyFormSet(RowFormSet):
    twice = {"policy": _("同一政策文件的同一种关系写了两次。")}


class StatementFormSet(RowFormSet):
    numbered = "order"
    twice = {"order": _("两条内容的次序相同。")}


class RelationFormSet(RowFormSet):
    twice = {"document": _("对同一文件的同一种关系写了两次。")}


class AliasFormSet(RowFormSet):
    twice = {"name": _("同一个别称写了两次。")}


def link(formsets: Iterable[Any]) -> None:
    """Let the figures of a form know the evidence that is posted with them."""
    evidence = next((f for f in formsets if isinstance(f, EvidenceFormSet)), None)
    for formset in formsets:
        if isinstance(formset, FigureFormSet):
            formset.evidence = evidence


def save(initiative: Any, formsets: Sequence[Any]) -> None:
    """Store all rows of a case: evidence first, then what refers to it by number."""
    figures = [f for f in formsets if isinstance(f, FigureFormSet)]
    others = [f for f in formsets if not isinstance(f, FigureFormSet)]
    for formset in figures:
        _sort(formset)
        _delete(formset)
    for formset in others:
        _sort(formset)
        if figures and formset.model is Evidence:
            # What stays of the figures names another number in the same form.
            initiative.figures.filter(evidence__in=formset.deleted_objects).update(evidence=None)
        _delete(formset)
        _store(formset)
    evidence = {row.number: row for row in Evidence.objects.filter(initiative=initiative)}
    for formset in figures:
        _store_figures(formset, evidence)


def save_one(formset: Any) -> None:
    """Store rows of one kind, to which no others refer."""
    _sort(formset)
    _delete(formset)
    _store(formset)


def _sort(formset: Any) -> None:
    """Tell new, changed and deleted rows apart, as the admin's log needs them; stores nothing."""
    formset.save(commit=False)


def _delete(formset: Any) -> None:
    for row in formset.deleted_objects:
        row.delete()


def _store(formset: Any) -> None:
    """Store new and changed rows. Two may exchange what must differ at every moment.

    Evidence, which figures refer to, takes other numbers on the way; other rows are taken
    out and put back.
    """
    changed = [row for row, _fields in formset.changed_objects]
    rows = formset.model._default_manager.filter(pk__in=[row.pk for row in changed])
    aside = formset.model is Evidence
    if aside:
        rows.update(number=models.F("number") + ASIDE)
    else:
        rows.delete()
    for row in changed:
        row.save(force_insert=not aside)
    for form in formset.kept:
        if form.instance.pk is None:
            form.instance.save()


def _store_figures(formset: FigureFormSet, evidence: dict[int, Evidence]) -> None:
    changed = [row for row, _fields in formset.changed_objects]
    for form in formset.kept:
        figure: Figure = form.instance
        wanted = evidence.get(form.cleaned_data.get("evidence_number"))
        moved = figure.evidence_id != (wanted.pk if wanted else None)
        figure.evidence = wanted
        if moved or figure in changed or figure.pk is None:
            figure.save()
