"""What two people did to the rows of one case, told row by row and box by box.

Of the state in which a form was opened its digests are known, of the present one everything, and
of the typed one what stands in the form: so it can be said who changed what. Rows are known by
their key. A box that only the other person changed takes the other value; one that both changed
keeps what was typed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django.db import models
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cases.models import Figure
from cases.models.revisions import checksum
from cases.outputs import diffs

DIGEST = 10  # hex digits: it tells states apart, and guards nothing
# Where a row stands among the others, which is not worth reading.
PLACES = ("order", "position")
Digests = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Clash:
    """One thing that somebody else changed meanwhile."""

    title: str
    anchor: str
    theirs: str
    yours: str
    html: SafeString  # from theirs to yours
    taken: bool  # the form now holds theirs: its writer had not touched it


def clash(title: str, anchor: str, theirs: str, yours: str, taken: bool = False) -> Clash:
    return Clash(title, anchor, theirs, yours, diffs.marked(theirs, yours), taken)


def digest(value: Any) -> str:
    return checksum({"": value})[:DIGEST]


def row_digests(rows: Any) -> Digests:
    """Return what tells the state of each box of each stored row, by key and name."""
    return {
        str(row.pk): {name: digest(text) for name, text in _boxes(row).items()}
        for row in rows
        if not getattr(row, "removed", False)
    }


def _boxes(row: Any) -> dict[str, str]:
    """Return what stands in each box of a row, written so that equal values look the same."""
    boxes = {
        field.name: _plain(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.editable and not field.primary_key and field.name != "initiative"
    }
    if isinstance(row, Figure):
        del boxes["evidence"]
        boxes["evidence_number"] = str(row.evidence.number) if row.evidence else ""
    return boxes


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value).replace("\r\n", "\n")


def _shown(row: Any, name: str) -> str:
    """Return what a box says to a reader: the name of what is chosen, not its key."""
    if name == "evidence_number":
        return str(row.evidence.number) if row.evidence else ""
    field = row._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        return str(getattr(row, name)) if getattr(row, field.attname) else ""
    if field.choices:
        return str(getattr(row, f"get_{name}_display")())
    return _plain(getattr(row, name))


def _whole(row: Any) -> str:
    """Return all that a row says, for reading."""
    return _joined(_shown(row, name) for name in _boxes(row) if name not in PLACES)


def _joined(texts: Iterable[str]) -> str:
    return "，".join(text for text in texts if text)


class Typed:
    """A row as it stands in the form; what cannot be stored counts as it was typed."""

    def __init__(self, form: Any) -> None:
        self.form = form
        self.row = form.instance
        self.boxes = _boxes(self.row)
        if "evidence_number" in self.boxes:
            self.boxes["evidence_number"] = _plain(form.cleaned_data.get("evidence_number"))
        for name in form.errors:
            if name in self.boxes:
                self.boxes[name] = self.raw(name)

    def raw(self, name: str) -> str:
        return _plain(self.form[name].value())

    def shown(self, name: str) -> str:
        if name in self.form.errors or name == "evidence_number":
            return self.raw(name)
        return _shown(self.row, name)

    def whole(self) -> str:
        return _joined(self.shown(name) for name in self.boxes if name not in PLACES)

    def put(self, name: str, value: Any) -> None:
        data = cast(QueryDict, self.form.data).copy()
        data[self.form.add_prefix(name)] = "" if value is None else str(value)
        self.form.data = data
        self.form.errors.pop(name, None)

    def clear(self) -> None:
        """Make it an empty row, which is not stored."""
        for name in self.boxes:
            self.put(name, self.form.initial.get(name))
        self.form._errors = ErrorDict()


def compare(inline: Any, stored: list[Any], seen: Digests) -> Iterator[Clash]:
    """Yield what the other person did to the rows of one kind, after taking over what is theirs.

    `stored` are the rows as they are now, `seen` the digests of those that the form was made of.
    """
    formset = inline.formset
    now = {str(row.pk): row for row in stored if not getattr(row, "removed", False)}
    kept = formset.kept
    posted = {str(form.instance.pk): form for form in formset.forms if form.instance.pk}
    posted |= {pk: formset.forms[index] for index, pk in formset.gone.items()}
    for pk in [*now, *(pk for pk in posted if pk not in now)]:
        form, row, before = posted.get(pk), now.get(pk), seen.get(pk, {})
        title = _title(inline, form.instance if form else row, formset, form)
        group = f"{formset.prefix}-group"
        if form is None:
            if pk not in seen:
                yield clash(_("%s：对方新加") % title, group, _whole(row), "", taken=True)
            continue
        typed = Typed(form)
        mine = {name for name, text in typed.boxes.items() if digest(text) != before.get(name)}
        if row is None:
            if form not in kept:
                continue
            if mine:
                yield clash(_("%s：对方已删除") % title, group, "", typed.whole())
            else:
                text = typed.whole()
                typed.clear()
                yield clash(_("%s：对方已删除") % title, group, "", text, taken=True)
            continue
        boxes = _boxes(row)
        theirs = [name for name, text in boxes.items() if digest(text) != before.get(name)]
        if form not in kept:
            if theirs:
                text = _("（您删除了这一行）")
                yield clash(_("%s：对方改过") % title, group, _whole(row), text)
            continue
        for name in theirs:
            if typed.boxes[name] == boxes[name]:
                continue
            label = form.fields[name].label
            anchor = form[name].id_for_label or group
            other, own = _shown(row, name), typed.shown(name)
            if name not in mine:
                typed.put(name, boxes[name])
            yield clash(
                _("%(row)s“%(box)s”") % {"row": title, "box": label},
                anchor,
                other,
                own,
                taken=name not in mine,
            )


def _title(inline: Any, row: Any, formset: Any, form: Any) -> str:
    """Name a row as the page does: evidence by its number, others by their place."""
    group = str(inline.opts.verbose_name_plural)
    if formset.numbered == "number":
        return f"{group} {row.number}"
    if form is None:
        return group
    place = formset.forms.index(form) + 1
    return _("%(group)s第 %(number)s 行") % {"group": group, "number": place}
