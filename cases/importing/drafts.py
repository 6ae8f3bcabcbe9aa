"""Findings → records → drafts. Nothing is published, and nothing stored is changed."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction

from cases.models import Event, Initiative, Source
from cases.models.dates import PARTIAL_DATE
from cases.models.sources import new_source_key
from cases.publishing import log
from cases.records import Record, from_record

from .article import Article
from .duplicates import likely_cases, likely_sources
from .extraction import Draft, Findings
from .gazetteer import Gazetteer
from .passages import Passages


@dataclass(frozen=True)
class Item:
    """One suggestion of a draft, to be accepted or dropped by its `id`."""

    id: str
    kind: str  # Chinese: 区, 街镇, 议题 …
    label: str
    passage: str = ""
    reason: str = ""


@dataclass
class Report:
    """What an import did. `same_source` set: the article was here, and nothing was stored."""

    source: Source | None = None
    same_source: Source | None = None
    reason: str = ""
    remark: str = ""
    created: list[Initiative] = field(default_factory=list)
    # Id of a new draft -> cases that may be the same, each with the reason.
    likely: dict[int, list[tuple[Initiative, str]]] = field(default_factory=dict)


def items_of(draft: Draft, findings: Findings, gazetteer: Gazetteer) -> list[Item]:
    """Return everything that was found for a draft, one by one, each with its passage."""
    evidence = {e.number: e.quotation for e in draft.evidence}
    passages = Passages(draft, findings)
    items = [Item("title", "标题", draft.title, next(iter(evidence.values()), ""))]
    items += [
        Item(f"alias:{name}", "别名", name, passages.of_words(name)) for name in draft.aliases
    ]
    streets = {code: gazetteer.subdistricts[code] for code in draft.subdistricts}
    places = [*draft.districts, *streets]
    if draft.scope:
        where = passages.of_place(*reversed(places)) or passages.of_words("全市", "上海")
        items.append(Item("scope", "范围", draft.scope, where, "按文中的地点推定"))
    for slug in draft.districts:
        # A district may be known by its street alone, or by the one that it was then.
        within = [code for code, street in streets.items() if street.district == slug]
        then = [s for s, d in gazetteer.districts.items() if gazetteer.today(s) == slug]
        where = passages.of_place(slug) or passages.of_place(*within, *then)
        items.append(Item(f"district:{slug}", "区", gazetteer.districts[slug].name, where))
    items += [
        Item(f"subdistrict:{code}", "街镇", street.name, passages.of_place(code))
        for code, street in streets.items()
    ]
    if (day := findings.article.date) and PARTIAL_DATE.match(day):
        items.append(Item("as_of", "状态截至", day, reason="文章的日期"))
    for kind, word, found, names in (
        ("topic", "议题", draft.topics, gazetteer.topics),
        ("mechanism", "机制", draft.mechanisms, gazetteer.mechanisms),
        ("actor", "主体", draft.actors, gazetteer.actors),
    ):
        items += [
            Item(
                f"{kind}:{s.slug}",
                word,
                names[s.slug],
                passages.of_words(*s.words),
                f"文中有：{'、'.join(s.words)}",
            )
            for s in found
        ]
    items += [
        Item(f"policy:{p.key or p.title}", "政策文件", p.title, p.quotation, _unknown(p.key))
        for p in draft.policies
    ]
    for index, f in enumerate(draft.figures):
        label = f"{f.label} {f.value}{f.qualifier}{f.unit}"
        items.append(Item(f"figure:{index}", "数据", label, f.quotation, f.period))
    items += [
        Item(f"evidence:{e.number}", "出处", f"[{e.number}] {e.locator}", evidence[e.number])
        for e in draft.evidence
    ]
    return items


def starts_of(draft: Draft, findings: Findings) -> list[Item]:
    """Return the years in which the case may have begun; one at most is for an editor to choose."""
    passages = Passages(draft, findings)
    return [Item(str(year), "开始", str(year), passages.of_year(year)) for year in draft.years]


def _unknown(key: str) -> str:
    return "" if key else "本库没有这份文件；先建文件，再在案例里关联"


def without(draft: Draft, dropped: Collection[str]) -> Draft:
    """Return the draft without what was dropped, named by `Item.id`."""

    def kept(kind: str, value: object) -> bool:
        return f"{kind}:{value}" not in dropped

    return replace(
        draft,
        scope="" if "scope" in dropped else draft.scope,
        aliases=tuple(a for a in draft.aliases if kept("alias", a)),
        districts=tuple(d for d in draft.districts if kept("district", d)),
        subdistricts=tuple(s for s in draft.subdistricts if kept("subdistrict", s)),
        topics=tuple(s for s in draft.topics if kept("topic", s.slug)),
        mechanisms=tuple(s for s in draft.mechanisms if kept("mechanism", s.slug)),
        actors=tuple(s for s in draft.actors if kept("actor", s.slug)),
        policies=tuple(p for p in draft.policies if kept("policy", p.key or p.title)),
        figures=tuple(f for i, f in enumerate(draft.figures) if kept("figure", i)),
        evidence=tuple(e for e in draft.evidence if kept("evidence", e.number)),
    )


def source_of(article: Article, key: str = "") -> Record:
    """Return the article as the source of a record."""
    if article.form == "docx":
        kind = Source.Kind.WEBPAGE if article.url else Source.Kind.NEWSPAPER
    elif re.search(r"政府|办公室|委员会|gov\.cn", f"{article.publisher} {article.url}"):
        kind = Source.Kind.WEBPAGE
    elif re.search(r"(?:报|日报|晚报|晨报)$", article.publisher) and not article.url:
        kind = Source.Kind.NEWSPAPER
    else:
        kind = Source.Kind.NEWS_ONLINE
    return {
        "id": key or new_source_key(),
        "title": article.title or "（无标题）",
        "author": list(article.authors),
        "publisher": article.publisher or None,
        "date": article.date if PARTIAL_DATE.match(article.date) else None,
        "url": article.url if re.match(r"https?://", article.url) else None,
        "kind": str(kind),
    }


def drafts_from(findings: Findings, source: Record, gazetteer: Gazetteer) -> list[Record]:
    """Return one record a case, for `records.from_record`. Themes are left to the editor."""
    return [record_of(d, findings.article, source, gazetteer) for d in findings.drafts]


def record_of(draft: Draft, article: Article, source: Record, gazetteer: Gazetteer) -> Record:
    numbers = {item.number for item in draft.evidence}
    return {
        "title": draft.title[:80],
        "aliases": list(draft.aliases),
        "scope": draft.scope or None,
        "districts": [
            {"slug": slug} for slug in _districts_then(draft.districts, article.date, gazetteer)
        ],
        "subdistricts": [{"code": code} for code in draft.subdistricts],
        "status": {"value": str(Initiative.Outcome.UNKNOWN), "as_of": source["date"]},
        "themes": [],
        "topics": [{"slug": s.slug} for s in draft.topics],
        "mechanisms": [{"slug": s.slug} for s in draft.mechanisms],
        "participations": [{"actor": s.slug, "role": None} for s in draft.actors],
        "policies": [
            {"key": p.key, "kind": "背景", "basis": "原文"} for p in draft.policies if p.key
        ],
        "figures": [
            {
                "label": f.label[:80],
                "value": f.value,
                "qualifier": f.qualifier or None,
                "unit": f.unit[:20],
                "period": f.period or None,
                "evidence": number if (number := draft.evidence_of(f)) in numbers else None,
            }
            for f in draft.figures
        ],
        "evidence": [
            {
                "number": e.number,
                "source": source["id"],
                "locator": e.locator[:100],
                "quotation": e.quotation,
                "grade": e.grade,
                "note": "从文章中自动摘出，待核对",
            }
            for e in draft.evidence
        ],
        "sources": [source],
    }


def _districts_then(slugs: Collection[str], date: str, gazetteer: Gazetteer) -> Iterator[str]:
    """Yield the district of the article's own time: 闸北 before 2015-11, 静安 since then."""
    dissolved = [slug for slug in slugs if gazetteer.districts[slug].dissolved]
    then = {slug for slug in dissolved if date and date < gazetteer.districts[slug].dissolved}
    replaced = {gazetteer.today(slug) for slug in then}
    for slug in slugs:
        if slug not in replaced and (slug in then or slug not in dissolved):
            yield slug


def known_source(article: Article) -> tuple[Source, str] | None:
    """Return the source that this article is, if it was read before, and how that shows."""
    for source, reason in likely_sources(article.title, article.date, article.url):
        same_publisher = (
            not source.publisher or not article.publisher or source.publisher == article.publisher
        )
        if reason.startswith("网址") or (reason == "标题和日期相同" and same_publisher):
            return source, reason
    return None


@transaction.atomic
def store(
    findings: Findings,
    gazetteer: Gazetteer,
    by: Any = None,
    *,
    chosen: Sequence[Record] | None = None,
) -> Report:
    """Store each draft, and the article as their one source; an article known is only reported.

    `by` is the editor, None the operator at the console. A case that may be here already is
    stored all the same, and named in the report: whether two are one is for an editor to say.
    `chosen` are the records that an editor has made of the findings one by one; a source that
    they name and that is here is used as it is.
    """
    report = Report(remark=findings.remark)
    if chosen is None and (known := known_source(findings.article)):
        report.same_source, report.reason = known
        return report
    records = (
        drafts_from(findings, source_of(findings.article), gazetteer)
        if chosen is None
        else list(chosen)
    )
    # Asked of all before any is stored: cases of one article are not each other's copies.
    answers = [likely_cases(record) for record in records]
    for record, likely in zip(records, answers, strict=True):
        initiative = from_record(record)
        if by is not None:
            initiative.created_by = by
            initiative.save(update_fields=["created_by"])
        log(initiative, Event.Verb.CREATED, by, f"从文章导入：{findings.article.title}"[:400])
        report.created.append(initiative)
        if likely:
            report.likely[initiative.pk] = likely
    if records:
        report.source = Source.objects.get(key=records[0]["sources"][0]["id"])
    return report
