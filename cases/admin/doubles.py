"""What may be here already, shown before a case or a source is stored; its writer decides."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.importing.duplicates import likely_cases, likely_sources
from cases.models import Initiative

from .conflicts import SeenForm

Found = list[tuple[Any, str]]
LARGEST = 10**12


class DistinctForm(forms.ModelForm):
    """A form that is stored once its writer has seen the rows which may be the same.

    They are looked for where a row is new or one of `told_by` has changed. The page shows them
    beside a box to tick whose value says which these were: others are shown in their turn.
    """

    told_by: tuple[str, ...] = ()
    doubles: Found = []
    are_distinct = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.doubles = self.likely(data) if self.tells_more() else []
        seen = set(self.data.get("distinct", "").split())
        self.are_distinct = seen.issuperset(str(row.pk) for row, _reason in self.doubles)
        if not self.are_distinct:
            raise forms.ValidationError(
                _("尚未保存：可能已经有了同一个，请先核对下面列出的。"), code="may_be_here"
            )
        return data

    def tells_more(self) -> bool:
        """Say whether the form has what a double may be known by and nobody has seen yet."""
        return self.instance.pk is None or not set(self.told_by).isdisjoint(self.changed_data)

    def likely(self, data: dict[str, Any]) -> Found:
        """Return the rows that may be the same, each with the reason in Chinese."""
        raise NotImplementedError

    @property
    def shown(self) -> str:
        return " ".join(str(row.pk) for row, _reason in self.doubles)


class DistinctCaseForm(DistinctForm, SeenForm):
    told_by = ("title", "aliases", "districts", "subdistricts")

    def tells_more(self) -> bool:
        # Figures stand in rows of their own; one that goes tells nothing.
        return super().tells_more() or bool(
            {(figure["value"], figure["unit"]) for figure in _figures(self.data)}
            - {(float(row.value), row.unit) for row in self.instance.figures.all()}
        )

    def likely(self, data: dict[str, Any]) -> Found:
        case: Initiative = self.instance
        if not data.get("title"):
            return []
        record = {
            "title": data["title"],
            "aliases": data.get("aliases"),
            "districts": [{"slug": row.slug} for row in data.get("districts") or []],
            "subdistricts": [{"code": row.code} for row in data.get("subdistricts") or []],
            "figures": list(_figures(self.data)),
        }
        # A working copy is its case's own.
        return list(likely_cases(record, exclude=case.revises_id or case.pk))


class DistinctSourceForm(DistinctForm):
    told_by = ("title", "date", "url")

    def likely(self, data: dict[str, Any]) -> Found:
        if not data.get("title"):
            return []
        found = likely_sources(data["title"], data.get("date") or "", data.get("url") or "")
        return [(row, reason) for row, reason in found if row.pk != self.instance.pk]


def _figures(posted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the figures that are posted with a case and can be read."""
    for name, value in posted.items():
        prefix, _separator, field = name.rpartition("-")
        if not prefix.startswith("figures-") or field != "value" or posted.get(f"{prefix}-DELETE"):
            continue
        try:
            number = float(value)
        except ValueError:
            continue
        # What no figure can be is refused by its own field.
        if abs(number) < LARGEST:
            yield {"value": number, "unit": posted.get(f"{prefix}-unit", "").strip()}
