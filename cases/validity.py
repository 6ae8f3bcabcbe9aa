"""Whether a policy document was in force on some day, as far as its record can tell.

Dates may be known to the year only, so every comparison has three answers: it had happened by
then, it had not, or that cannot be told. The last is never turned into one of the others.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from .models import PolicyDocument, PolicyRelation
from .models.dates import span

Kind = PolicyRelation.Kind
Validity = PolicyDocument.Validity
OVER = (Validity.REPLACED, Validity.REPEALED)
ENDING = (Kind.REPLACES, Kind.REPEALS)


@dataclass(frozen=True)
class State:
    """A verdict in a few words, whether it is certain, and what it follows from."""

    label: str
    is_certain: bool
    reasons: list[str] = field(default_factory=list)


def over(documents: Iterable[PolicyDocument]) -> dict[int, str]:
    """Return the state, in words, of each document that is replaced or repealed, by id."""
    return {d.pk: d.get_validity_display() for d in documents if d.validity in OVER}


def ended(document: PolicyDocument, related_by: Iterable[PolicyRelation]) -> str:
    """Return when the document ceased to be in force: as recorded, else as what ended it says."""
    if document.ended or document.validity not in OVER:
        return document.ended
    dates = (r.document.effective or r.document.issued for r in related_by if r.kind in ENDING)
    return min(filter(None, dates), default="")


def state_on(document: PolicyDocument, related_by: Iterable[PolicyRelation], asked: date) -> State:
    """Return the state on a day; `related_by` are the relations of other documents to this one."""
    related_by = list(related_by)
    end = ended(document, related_by)
    reasons = [
        _("%(what)s：%(when)s") % {"what": what, "when": when or _("未记录")}
        for what, when in (
            (_("成文日期"), document.issued),
            (_("施行日期"), document.effective),
            (_("失效日期"), end),
        )
        if when or what != _("失效日期")
    ]
    reasons.append(_("现记的效力状态：%s") % document.get_validity_display())
    for relation in related_by:
        since = relation.document.effective or relation.document.issued
        if relation.kind == Kind.AMENDS and _happened(since, asked):
            reasons.append(_("此前已由《%s》修订") % relation.document)
    label, is_certain = _verdict(document, end, asked)
    return State(label, is_certain, reasons)


def _happened(when: str, asked: date) -> bool | None:
    """Return whether a partial date lay on or before the day; None if that cannot be told."""
    if not when:
        return None
    first, last = span(when)
    if asked >= last:
        return True
    return False if asked < first else None


def _verdict(document: PolicyDocument, end: str, asked: date) -> tuple[str, bool]:
    issued, effective = _happened(document.issued, asked), _happened(document.effective, asked)
    over = _happened(end, asked)
    if over:
        return _("已失效（%s）") % document.get_validity_display(), True
    if issued is False:
        return _("尚未成文"), True
    if effective is False:
        return (_("已成文，尚未施行"), True) if issued else (_("尚未施行"), True)
    if effective is None:
        if document.effective:
            return _("不能确定：施行日期没有记到日"), False
        return _("不能确定：施行日期未记录"), False
    if document.validity in OVER and over is None:
        known = _("失效日期没有记到日") if end else _("失效日期未记录")
        return _("不能确定：%s") % known, False
    if over is False:
        return _("施行中"), True
    if document.validity == Validity.UNKNOWN:
        return _("已施行；此后是否失效未记录"), False
    if asked > timezone.localdate():
        return _("不能确定：这一天还没有到"), False
    return _("施行中"), True
