"""Dates as sources give them: a year, a year and month, or a day."""

import calendar
import datetime
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Length, Substr
from django.db.models.lookups import In
from django.utils.translation import gettext_lazy as _

PARTIAL_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?\Z")
PRECISIONS = {4: "年", 7: "月", 10: "日"}


def validate_partial_date(value: str) -> None:
    """Accept ISO 8601 with reduced precision: `2014`, `2014-07` or `2014-07-01`."""
    if not PARTIAL_DATE.match(value):
        raise ValidationError(_("请写成 2014、2014-07 或 2014-07-01 的样子。"), code="partial_date")
    if len(value) == 10:
        try:
            datetime.date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError(_("没有这一天，请检查日期。"), code="partial_date") from error


def span(value: str) -> tuple[datetime.date, datetime.date]:
    """Return the first and the last day that a date of reduced precision may mean."""
    year, month, day = (int(part) for part in (*value.split("-"), "0", "0")[:3])
    if day:
        return datetime.date(year, month, day), datetime.date(year, month, day)
    first = datetime.date(year, month or 1, 1)
    last = datetime.date(year, month or 12, calendar.monthrange(year, month or 12)[1])
    return first, last


class PartialDateField(models.CharField):
    """ISO date of the precision that is known, as text; empty means unrecorded.

    Text sorts by time within one precision; use `not_after` to compare two precisions.
    """

    default_validators = [validate_partial_date]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 10
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        kwargs.setdefault(
            "help_text", _("知道到哪一级就写到哪一级，例如 2014、2014-07、2014-07-01")
        )
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, list(args), dict(kwargs)


def not_after(first: str, second: str) -> models.Q:
    """Condition: `first` does not lie after `second`, as far as both are known.

    Compares at the precision of `second`, so `2014-07` to `2014` is in order.
    """
    return (
        models.Q(**{first: ""})
        | models.Q(**{second: ""})
        | models.Q(**{f"{second}__gte": Substr(first, 1, Length(second))})
    )


def is_partial_date(field: str) -> models.Q:
    """Condition: the text is as long as a year, a month or a day (its shape is left to forms).

    A pattern match would need a function that SQLite has only while Django runs.
    """
    return models.Q(In(Length(field), [0, 4, 7, 10]))
