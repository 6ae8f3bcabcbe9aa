"""Many cases stored at once: some forty queries for five hundred of them."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import publishing
from cases.models import (
    Actor,
    District,
    Event,
    Evidence,
    Figure,
    Initiative,
    Mechanism,
    Participation,
    PolicyDocument,
    PolicyLink,
    Source,
    Subdistrict,
    Theme,
    ThemeLink,
    Topic,
    TopicLink,
)
from cases.models.initiatives import SECTIONS
from cases.records import Record

CHUNK = 500


def chunks(rows: Sequence[Any]) -> Iterator[Any]:
    iterator = iter(rows)
    while some := list(islice(iterator, CHUNK)):
        yield some


def _write_fields(case: Initiative, record: Record) -> None:
    case.title = record["title"]
    case.aliases = list(record["aliases"])
    case.summary = record["summary"] or ""
    case.scope = record["scope"] or ""
    case.start, case.end = record["period"]["start"] or "", record["period"]["end"] or ""
    case.outcome = record["status"]["value"]
    case.outcome_as_of = record["status"]["as_of"] or ""
    case.theme_note = record["theme_note"] or ""
    for name in SECTIONS:
        setattr(case, name, record["sections"][name] or "")
    case.updated_at = timezone.now()


_FIELDS = [
    "title", "aliases", "summary", "scope", "start", "end", "outcome", "outcome_as_of",
    "theme_note", *SECTIONS, "updated_at",
]  # fmt: skip


def store(rows: Sequence[tuple[Initiative | None, Record]], by: User) -> None:
    """Store the content of many cases, new ones where there is none."""
    old = [case for case, _record in rows if case is not None]
    new: list[Initiative] = []
    pairs: list[tuple[Initiative, Record]] = []
    for case, record in rows:
        if case is None:
            case = Initiative(created_by=by)
            new.append(case)
        _write_fields(case, record)
        pairs.append((case, record))
    Initiative.objects.bulk_create(new)
    Initiative.objects.bulk_update(old, _FIELDS, batch_size=100)
    _store_rows(pairs, [case.pk for case in old])
    for case in old:
        if case.publish_at:
            publishing.unschedule(case, by)
    now = timezone.now()
    Event.objects.bulk_create(
        Event(
            initiative=case,
            title=case.title,
            verb=Event.Verb.CREATED,
            at=now,
            by=by,
            by_name=by.get_username(),
            note=_("由表格导入"),
        )
        for case in new
    )


def _pks(model: Any, field: str, values: Iterable[Any]) -> dict[Any, int]:
    found = model._default_manager.filter(**{f"{field}__in": set(values)})
    return dict(found.values_list(field, "pk"))


def _store_rows(pairs: Sequence[tuple[Initiative, Record]], old: list[int]) -> None:
    """Replace what hangs on the cases; figures go before the evidence that they name."""
    for model in (Figure, Evidence, ThemeLink, TopicLink, Participation, PolicyLink):
        model._default_manager.filter(initiative__in=old).delete()
    links: tuple[tuple[str, str, type[models.Model]], ...] = (
        ("districts", "slug", District),
        ("subdistricts", "code", Subdistrict),
        ("mechanisms", "slug", Mechanism),
    )
    for key, field, word in links:
        through = getattr(Initiative, key).through
        through.objects.filter(initiative__in=old).delete()
        column = f"{word._meta.model_name}_id"
        pks = _pks(word, field, (item[field] for _c, r in pairs for item in r[key]))
        through.objects.bulk_create(
            through(initiative_id=case.pk, **{column: pks[item[field]]})
            for case, record in pairs
            for item in record[key]
        )
    _bulk(ThemeLink, pairs, "themes", ("theme", Theme, "slug"), ("basis", "reason"))
    _bulk(TopicLink, pairs, "topics", ("topic", Topic, "slug"), (), "position")
    _bulk(
        Participation, pairs, "participations", ("actor", Actor, "actor"), ("name", "role"), "order"
    )
    _bulk(PolicyLink, pairs, "policies", ("policy", PolicyDocument, "key"), ("kind", "basis"))
    fields_ = ("number", "locator", "quotation", "grade", "note")
    made = _bulk(Evidence, pairs, "evidence", ("source", Source, "source"), fields_)
    numbered = {(row.initiative_id, row.number): row for row in made}
    Figure.objects.bulk_create(
        Figure(
            initiative=case,
            order=order,
            label=item["label"],
            value=Decimal(str(item["value"])),
            qualifier=item["qualifier"] or "",
            unit=item["unit"],
            period=item["period"] or "",
            evidence=numbered.get((case.pk, item["evidence"])),
        )
        for case, record in pairs
        for order, item in enumerate(record["figures"], start=1)
    )


def _bulk(
    model: Any,
    pairs: Sequence[tuple[Initiative, Record]],
    key: str,
    foreign: tuple[str, type[models.Model], str],
    names: tuple[str, ...],
    order: str = "",
) -> list[Any]:
    target, other, name = foreign
    field = "key" if name in ("key", "source") else "slug"
    pks = _pks(other, field, (item[name] for _case, record in pairs for item in record[key]))
    rows = []
    for case, record in pairs:
        for place, item in enumerate(record[key], start=1):
            values = {n: item[n] if item[n] is not None else "" for n in names}
            if values.get("role") == "":
                values["role"] = Participation.Role.UNRECORDED
            if order:
                values[order] = place
            rows.append(model(initiative=case, **{f"{target}_id": pks[item[name]]}, **values))
    made: list[Any] = model._default_manager.bulk_create(rows)
    return made
