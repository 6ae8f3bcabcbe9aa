"""Two people at one draft: whoever saves second sees what the first one changed, field by field.

The form carries what its reader saw: a short digest of each field of the record, rows included.
Where a digest no longer fits when the form comes back, nothing is stored yet. Fields that only
the other person changed are taken over from the database, those that both changed stand beside
each other, and saving again goes through. Rows are looked at one by one, in clashes.py.
"""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cases.codebook import RECORD_SCHEMA, SECTION_TITLES
from cases.models import Evidence, Figure, Initiative
from cases.models.initiatives import SECTIONS
from cases.outputs import diffs
from cases.records import Record, for_record, to_record

from .clashes import Clash, Digests, clash, compare, digest, row_digests

# The fields of the record that the form holds itself, and the boxes in which they are written.
FIELDS: dict[str, tuple[str, ...]] = {
    "title": ("title",),
    "aliases": ("aliases",),
    "summary": ("summary",),
    "scope": ("scope",),
    "districts": ("districts",),
    "subdistricts": ("subdistricts",),
    "period": ("start", "end"),
    "status": ("outcome", "outcome_as_of"),
    "theme_note": ("theme_note",),
    "mechanisms": ("mechanisms",),
    **{name: (name,) for name in SECTIONS},
}
# Those that stand in rows of their own, and the prefix of these.
GROUPS = {
    "themes": "theme_links",
    "topics": "topic_links",
    "participations": "participations",
    "figures": "figures",
    "evidence": "evidence",
    "policies": "policy_links",
    "attachments": "attachments",
}
_MANY = ("districts", "subdistricts", "mechanisms")
# As the database puts them in order; new rows have no key yet and come last.
_ORDER: dict[str, Callable[[Any], Any]] = {
    "theme_links": lambda row: (row.theme.order, row.theme.slug),
    "topic_links": lambda row: row.position or 0,
    "participations": lambda row: (row.order or 0, row.pk or float("inf")),
    "figures": lambda row: (row.order or 0, row.pk or float("inf")),
    "evidence": lambda row: row.number or 0,
    "policy_links": lambda row: (row.policy.order, row.policy.key, row.kind),
    "attachments": lambda row: (row.order or 0, row.pk or float("inf")),
}


def content(record: Record) -> dict[str, Any]:
    """Return what an editor writes of a record, by field; sections count one by one."""
    found = {name: record[name] for name in (*FIELDS, *GROUPS) if name in record}
    # The section and the closed list of words have one name.
    return {**found, **record["sections"]}


def digests(record: Record) -> dict[str, str]:
    return {name: digest(value) for name, value in content(record).items()}


def _rows(initiative: Initiative) -> dict[str, Digests]:
    """Return the digests of all rows of a case, by the prefix of their kind."""
    return {prefix: row_digests(getattr(initiative, prefix).all()) for prefix in GROUPS.values()}


def _read(text: str) -> tuple[dict[str, str], dict[str, Digests]]:
    """Return the digests that a form came back with; none where they are damaged."""
    try:
        found = json.loads(text)
        fields, rows = found["fields"], found["rows"]
        whole = all(isinstance(boxes, dict) for group in rows.values() for boxes in group.values())
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}, {}
    return (fields, rows) if whole and isinstance(fields, dict) else ({}, {})


class SeenForm(forms.ModelForm):
    """A form of a case that knows the state which its reader saw."""

    instance: Initiative
    clash = False
    seen: dict[str, str]
    seen_rows: dict[str, Digests]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            # As it was loaded: an invalid form leaves its traces in the instance.
            self.stored_digests = digests(to_record(self.instance))
            opened = {"fields": self.stored_digests, "rows": _rows(self.instance)}
            self.initial["opened"] = json.dumps(opened, separators=(",", ":"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.pk is None:
            return data
        self.seen, self.seen_rows = _read(data.get("opened") or "")
        if self.seen != self.stored_digests:
            self.clash = True
            posted = cast(QueryDict, self.data).copy()
            posted["opened"] = self.initial["opened"]
            self.data = posted
            raise forms.ValidationError(
                _(
                    "您打开这一页之后，别人保存过这个案例。您写的内容还在下面，尚未保存；"
                    "请核对两边的不同，再次保存将以这一页的内容为准。"
                ),
                code="changed_meanwhile",
            )
        return data


class ConflictAdmin(admin.ModelAdmin):
    """Shows the page again with both versions where somebody else saved in between."""

    def settle(self, context: dict[str, Any]) -> None:
        """Take over what is only the other person's, and tell the rest."""
        form = context["adminform"].form
        if getattr(form, "clash", False):
            stored = for_record(Initiative.objects.all()).get(pk=form.instance.pk)
            context |= {
                "clashes": list(_settle(form, context["inline_admin_formsets"], stored)),
                "last_saved": stored.updated_at,
                "last_saved_by": _last_writer(stored),
            }


def _last_writer(stored: Initiative) -> Any:
    """Return who saved last as the admin's log has it: None where a command did."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Initiative),
        object_id=str(stored.revises_id or stored.pk),
    )
    entry = entries.select_related("user").order_by("-action_time", "-pk").first()
    # The log is written a moment after the case.
    if entry and abs((entry.action_time - stored.updated_at).total_seconds()) < 60:
        return entry.user
    return None


def _settle(form: SeenForm, inlines: Any, stored: Initiative) -> Iterator[Clash]:
    """Yield what the other person changed, after taking over what the writer had not touched."""
    formsets = {inline.formset.prefix: inline for inline in inlines}
    theirs = content(to_record(stored))
    yours, broken = _typed(form, {prefix: i.formset for prefix, i in formsets.items()})
    now = form.stored_digests
    typed = {name: digest(value) for name, value in yours.items()}
    for name, present in now.items():
        if form.seen.get(name) == present:
            continue
        untouched = name not in broken and form.seen.get(name) == typed[name]
        if prefix := GROUPS.get(name):
            if inline := formsets.get(prefix):
                rows = list(getattr(stored, prefix).all())
                yield from list(compare(inline, rows, form.seen_rows.get(prefix, {})))
                if untouched:
                    # So that the new rows stand in the form, too.
                    _take_rows(inline, stored)
            continue
        same = name not in broken and typed[name] == present
        if untouched:
            _take_field(form, name, stored)
        ours = theirs[name] if untouched or same else yours[name]
        text, other = diffs.plain(broken.get(name, ours)), diffs.plain(theirs[name])
        yield clash(
            SECTION_TITLES.get(name) or RECORD_SCHEMA["properties"][name]["title"],
            f"id_{FIELDS[name][0]}",
            other,
            text,
            taken=untouched or same or text == other,
        )


def _typed(form: SeenForm, formsets: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the content that the form holds, and what of it cannot be read, as it was typed."""
    typed = copy.copy(form.instance)
    known: dict[str, list[Any]] = {
        name: list(form.cleaned_data.get(name) or []) for name in _MANY if name in form.fields
    }
    broken: dict[str, Any] = {}
    for name, boxes in FIELDS.items():
        if any(box in form.errors for box in boxes):
            broken[name] = [form[box].value() for box in boxes]
    for name, prefix in GROUPS.items():
        formset = formsets.get(prefix)
        if formset is None:
            continue
        good = [row for row in formset.kept if not row.errors]
        if len(good) < len(formset.kept):
            broken[name] = None
        rows = [_standing_alone(row) for row in good]
        try:
            rows.sort(key=_ORDER[prefix])
        except ObjectDoesNotExist:
            broken[name] = None
            rows = []
        known[prefix] = rows
    before = getattr(form.instance, "_prefetched_objects_cache", {})
    typed._prefetched_objects_cache = before | known  # type: ignore[attr-defined]
    return content(to_record(typed)), broken


def _standing_alone(row: Any) -> Any:
    """Return a row as it will be stored: a figure with the evidence of the number typed."""
    if not isinstance(row.instance, Figure):
        return row.instance
    figure = copy.copy(row.instance)
    number = row.cleaned_data.get("evidence_number")
    figure.evidence = Evidence(number=number) if number is not None else None
    return figure


def _take_field(form: SeenForm, name: str, stored: Initiative) -> None:
    data = cast(QueryDict, form.data)
    for box in FIELDS[name]:
        if box in _MANY:
            data.setlist(box, [str(row.pk) for row in getattr(stored, box).all()])
        else:
            field = form.fields[box]
            data[box] = field.prepare_value(getattr(stored, box))


def _take_rows(inline: Any, stored: Initiative) -> None:
    """Put the stored rows of one kind in place of the posted ones."""
    posted = inline.formset
    fresh = type(posted)(instance=stored, prefix=posted.prefix)
    # The admin asked each form whether its row may be changed; the answer is the same.
    inline.formset = fresh
