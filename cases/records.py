"""Initiative <-> record: the one plain dictionary that every reader and writer shares.

The shape is described, field by field, in codebook.RECORD_SCHEMA.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from .codebook import SCHEMA_VERSION
from .models import (
    Actor,
    Attachment,
    District,
    Evidence,
    Figure,
    Initiative,
    InitiativeQuerySet,
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
from .models.attachments import FILE_NAME
from .models.initiatives import SECTIONS

Record = dict[str, Any]


class RecordError(ValueError):
    """A record that cannot be read; the message is Chinese and names the field."""


def for_record(queryset: InitiativeQuerySet) -> InitiativeQuerySet:
    """Add what `to_record` reads: ten further queries for any number of initiatives."""
    return queryset.select_related("current_revision").prefetch_related(
        "districts",
        models.Prefetch("subdistricts", Subdistrict.objects.select_related("district")),
        "mechanisms",
        models.Prefetch("theme_links", ThemeLink.objects.select_related("theme")),
        models.Prefetch("topic_links", TopicLink.objects.select_related("topic")),
        models.Prefetch("participations", Participation.objects.select_related("actor")),
        models.Prefetch("figures", Figure.objects.select_related("evidence")),
        models.Prefetch("policy_links", PolicyLink.objects.select_related("policy")),
        models.Prefetch("evidence", Evidence.objects.select_related("source")),
        models.Prefetch("attachments", Attachment.objects.filter(removed=False)),
    )


def to_record(initiative: Initiative) -> Record:
    """Return the initiative as a record. Cheap only for rows that came through `for_record`."""
    revision = initiative.current_revision
    return {
        "schema_version": SCHEMA_VERSION,
        "id": initiative.pk,
        "url": initiative.get_absolute_url(),
        "version": revision.number if revision else None,
        "published_at": (
            timezone.localtime(revision.published_at).isoformat() if revision else None
        ),
        "title": initiative.title,
        "aliases": list(initiative.aliases),
        "summary": initiative.summary or None,
        "scope": initiative.scope or None,
        "districts": [
            {"slug": d.slug, "name": d.name, "code": d.code} for d in initiative.districts.all()
        ],
        "subdistricts": [
            {"code": s.code, "name": s.name, "district": s.district.slug}
            for s in initiative.subdistricts.all()
        ],
        "period": {
            "start": initiative.start or None,
            "end": initiative.end or None,
            "precision": initiative.precision,
        },
        "status": {
            "value": initiative.outcome,
            "label": initiative.get_outcome_display(),
            "as_of": initiative.outcome_as_of or None,
        },
        "themes": [
            {
                "slug": link.theme.slug,
                "name": link.theme.name,
                "basis": link.basis,
                "reason": link.reason or None,
            }
            for link in initiative.theme_links.all()
        ],
        "theme_note": initiative.theme_note or None,
        "topics": [
            {"slug": link.topic.slug, "name": link.topic.name}
            for link in initiative.topic_links.all()
        ],
        "mechanisms": [{"slug": m.slug, "name": m.name} for m in initiative.mechanisms.all()],
        "participations": [
            {
                "actor": p.actor.slug,
                "actor_name": p.actor.name,
                "name": p.name or None,
                "role": None if p.role == Participation.Role.UNRECORDED else p.role,
            }
            for p in initiative.participations.all()
        ],
        "sections": {name: getattr(initiative, name) or None for name in SECTIONS},
        "figures": [
            {
                "label": figure.label,
                "value": figure.plain_value,
                "qualifier": figure.qualifier or None,
                "unit": figure.unit,
                "period": figure.period or None,
                "evidence": figure.evidence.number if figure.evidence else None,
            }
            for figure in initiative.figures.all()
        ],
        "policies": [
            {
                "id": link.policy.pk,
                "key": link.policy.key,
                "title": link.policy.title,
                "kind": link.kind,
                "basis": link.basis,
            }
            for link in initiative.policy_links.all()
        ],
        "evidence": [
            {
                "number": e.number,
                "source": e.source.key,
                "locator": e.locator or None,
                "quotation": e.quotation or None,
                "grade": e.grade,
                "note": e.note or None,
            }
            for e in initiative.evidence.all()
        ],
        "sources": [source_record(source) for source in _used_sources(initiative)],
        "attachments": [
            _attachment(row) for row in initiative.attachments.all() if not row.removed
        ],
    }


def load(ids: Sequence[int], sort: str = "") -> list[Record]:
    """Return the published records of these ids, in their order: one query.

    For `-published` the ids need not be in order: the latest comes first, ties by id.
    """
    rows = Initiative.objects.published().filter(pk__in=ids)
    return _in_order(dict(rows.values_list("pk", "current_revision__record")), ids, sort)


def outlines(ids: Sequence[int], sort: str = "") -> list[Record]:
    """Return, of the records that `load` returns, only id, version and published_at: one query."""
    rows = Initiative.objects.published().filter(pk__in=ids)
    found = rows.values_list("pk", "current_revision__number", "current_revision__published_at")
    return _in_order(
        {
            pk: {
                "id": pk,
                "version": number,
                "published_at": timezone.localtime(at).isoformat(),
            }
            for pk, number, at in found
        },
        ids,
        sort,
    )


def _in_order(found: dict[int, Record], ids: Sequence[int], sort: str) -> list[Record]:
    if sort == "-published":
        return sorted(
            found.values(),
            key=lambda record: (record["published_at"], record["id"]),
            reverse=True,
        )
    return [found[pk] for pk in ids if pk in found]


def load_all() -> Iterator[tuple[int, Record]]:
    """Yield (id, record) of each published case by id, without holding them all."""
    rows = Initiative.objects.published().order_by("pk")
    return rows.values_list("pk", "current_revision__record").iterator(chunk_size=500)


def _used_sources(initiative: Initiative) -> Iterable[Source]:
    """Return each source once, in the order in which the evidence first uses it."""
    return {e.source_id: e.source for e in initiative.evidence.all()}.values()


def source_record(source: Source) -> Record:
    """Return a source as records name it."""
    return {
        "id": source.key,
        "title": source.title,
        "author": list(source.authors),
        "publisher": source.publisher or None,
        "date": source.date or None,
        "url": source.url or None,
        "archive_url": source.archive_url or None,
        "accessed": source.accessed.isoformat() if source.accessed else None,
        "reposted_from": source.reposted_from or None,
        "kind": source.kind,
    }


def _attachment(row: Attachment) -> Record:
    return {
        "file": row.file.name,
        "kind": row.kind,
        "alt": row.alt or None,
        "caption": row.caption or None,
    }


@transaction.atomic
def from_record(record: Record, into: Initiative | None = None) -> Initiative:
    """Store the content of a record in a new draft, or replace the content of `into`.

    Status, version and publication date are publishing.py's and are left alone. Words,
    places and policies are found by slug, code and key and must exist; a source that is
    missing is created, one that exists is left as it is. A new draft takes the record's id
    if it names one.
    """
    initiative = into or Initiative(pk=record.get("id"))
    period, status = record.get("period") or {}, record.get("status") or {}
    initiative.title = record["title"]
    initiative.aliases = list(record.get("aliases") or [])
    initiative.summary = record.get("summary") or ""
    initiative.scope = record.get("scope") or ""
    initiative.start = period.get("start") or ""
    initiative.end = period.get("end") or ""
    initiative.outcome = status.get("value") or Initiative.Outcome.UNKNOWN
    initiative.outcome_as_of = status.get("as_of") or ""
    initiative.theme_note = record.get("theme_note") or ""
    for name in SECTIONS:
        setattr(initiative, name, (record.get("sections") or {}).get(name) or "")
    initiative.save(force_insert=into is None)
    _replace_links(initiative, record)
    _replace_evidence(initiative, record)
    _replace_attachments(initiative, record)
    return initiative


def _replace_links(initiative: Initiative, record: Record) -> None:
    def found(model: type[models.Model], field: str, key: str, items: str) -> list[Any]:
        """Return the rows named in the record, in its order."""
        wanted = [item[key] for item in record.get(items) or []]
        rows = {
            getattr(row, field): row
            for row in model._default_manager.filter(**{f"{field}__in": set(wanted)})
        }
        for value in wanted:
            if value not in rows:
                raise RecordError(f"{items}：没有“{value}”。")
        return [rows[value] for value in wanted]

    subdistricts = found(Subdistrict, "code", "code", "subdistricts")
    initiative.districts.set(found(District, "slug", "slug", "districts"))
    initiative.subdistricts.set(subdistricts)
    include_parent_districts(initiative)
    initiative.mechanisms.set(found(Mechanism, "slug", "slug", "mechanisms"))
    for links in (
        initiative.theme_links,
        initiative.topic_links,
        initiative.participations,
        initiative.policy_links,
    ):
        links.all().delete()
    ThemeLink.objects.bulk_create(
        ThemeLink(
            initiative=initiative,
            theme=theme,
            basis=item["basis"],
            reason=item.get("reason") or "",
        )
        for theme, item in zip(
            found(Theme, "slug", "slug", "themes"), record.get("themes") or [], strict=True
        )
    )
    TopicLink.objects.bulk_create(
        TopicLink(initiative=initiative, topic=topic, position=position)
        for position, topic in enumerate(found(Topic, "slug", "slug", "topics"), start=1)
    )
    Participation.objects.bulk_create(
        Participation(
            initiative=initiative,
            order=order,
            actor=actor,
            name=item.get("name") or "",
            role=item.get("role") or Participation.Role.UNRECORDED,
        )
        for order, (actor, item) in enumerate(
            zip(
                found(Actor, "slug", "actor", "participations"),
                record.get("participations") or [],
                strict=True,
            ),
            start=1,
        )
    )
    PolicyLink.objects.bulk_create(
        PolicyLink(initiative=initiative, policy=policy, kind=item["kind"], basis=item["basis"])
        for policy, item in zip(
            found(PolicyDocument, "key", "key", "policies"),
            record.get("policies") or [],
            strict=True,
        )
    )


def _replace_evidence(initiative: Initiative, record: Record) -> None:
    initiative.figures.all().delete()
    initiative.evidence.all().delete()
    given = {item["id"]: item for item in record.get("sources") or []}
    wanted = {item["source"] for item in record.get("evidence") or []}
    sources = {source.key: source for source in Source.objects.filter(key__in=wanted)}
    for key in wanted - sources.keys():
        if key not in given:
            raise RecordError(f"evidence：没有来源“{key}”。")
        sources[key] = _create_source(given[key])
    evidence = {
        e.number: e
        for e in Evidence.objects.bulk_create(
            Evidence(
                initiative=initiative,
                number=item["number"],
                source=sources[item["source"]],
                locator=item.get("locator") or "",
                quotation=item.get("quotation") or "",
                grade=item["grade"],
                note=item.get("note") or "",
            )
            for item in record.get("evidence") or []
        )
    }
    figures = []
    for order, item in enumerate(record.get("figures") or [], start=1):
        number = item.get("evidence")
        if number is not None and number not in evidence:
            raise RecordError(f"figures[{order}].evidence：没有编号为 {number} 的出处。")
        try:
            value = Decimal(str(item["value"]))
        except InvalidOperation as error:
            raise RecordError(f"figures[{order}].value：“{item['value']}”不是数。") from error
        figures.append(
            Figure(
                initiative=initiative,
                order=order,
                label=item["label"],
                value=value,
                qualifier=item.get("qualifier") or "",
                unit=item["unit"],
                period=item.get("period") or "",
                evidence=evidence.get(number) if number is not None else None,
            )
        )
    Figure.objects.bulk_create(figures)


def _replace_attachments(initiative: Initiative, record: Record) -> None:
    """Name the files of the record; a file itself is only ever stored by the desk."""
    # All rows, those that only older versions show too.
    rows = {row.file.name: row for row in Attachment.objects.filter(initiative=initiative)}
    for order, item in enumerate(record.get("attachments") or [], start=1):
        if not FILE_NAME.match(item["file"]):
            raise RecordError(f"attachments[{order}].file：“{item['file']}”不是附件的文件名。")
        row = rows.pop(item["file"], None) or Attachment(initiative=initiative, file=item["file"])
        row.order, row.kind, row.removed = order, item["kind"], False
        row.alt, row.caption = item.get("alt") or "", item.get("caption") or ""
        row.save()
    for row in rows.values():
        row.delete()


def _create_source(item: Record) -> Source:
    accessed = item.get("accessed")
    return Source.objects.create(
        key=item["id"],
        title=item["title"],
        kind=item["kind"],
        authors=list(item.get("author") or []),
        publisher=item.get("publisher") or "",
        date=item.get("date") or "",
        url=item.get("url") or "",
        archive_url=item.get("archive_url") or "",
        accessed=date.fromisoformat(accessed) if accessed else None,
        reposted_from=item.get("reposted_from") or "",
    )


def include_parent_districts(initiative: Initiative) -> None:
    """Add the district of each street that the editor chose, so that it need not be typed twice."""
    parents = set(initiative.subdistricts.values_list("district", flat=True))
    here = initiative.districts.all()
    successors = set(here.values_list("merged_into", flat=True))
    initiative.districts.add(*(parents - successors))


def published_at_of(record: Record) -> Any:
    """Return the record's publication time, or None."""
    value = record.get("published_at")
    return parse_datetime(value) if value else None
