"""Article → Findings: what an article tells, each thing with its passage. No database."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .article import QUOTATION_LENGTH, Article, plain, sentences, window
from .drawing import Case, draw
from .figures import FoundFigure, find_figures
from .gazetteer import Gazetteer
from .names import Name
from .places import Places, districts_of, find_places
from .titles import FoundPolicy, find_policies
from .words import ACTORS, MECHANISMS, TOPICS, Suggestion, suggest

_YEAR = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?=年|[-/.](?:0?[1-9]|1[0-2])(?!\d)|\s*[-—~至]\s*(?:19|20)\d\d年?)"
)
_YEAR_CHINESE = re.compile(r"([一二][〇零○九][〇零○一二三四五六七八九]{2})年")
_RANGE_END = re.compile(r"(?:19|20)\d\d\s*[-—~至]\s*((?:19|20)\d\d)(?!\d)")
_TOLD = re.compile(
    r"解决|效果|成效|受益|满意|推出|开设|设置|打造|实现|认领|没能|方便|欢迎|好评|上线"
)
_MOST_EVIDENCE = 10
_MOST_TOPICS = 3


@dataclass(frozen=True)
class FoundEvidence:
    """One passage of the article, quoted in at most 60 characters."""

    number: int
    locator: str
    quotation: str
    grade: str
    paragraph: int
    start: int
    end: int


@dataclass(frozen=True)
class Draft:
    """One case as the article tells it. Everything in it is a suggestion."""

    title: str
    aliases: tuple[str, ...]
    scope: str
    districts: tuple[str, ...]
    subdistricts: tuple[str, ...]
    topics: tuple[Suggestion, ...]
    mechanisms: tuple[Suggestion, ...]
    actors: tuple[Suggestion, ...]
    policies: tuple[FoundPolicy, ...]
    figures: tuple[FoundFigure, ...]
    evidence: tuple[FoundEvidence, ...]
    years: tuple[int, ...] = ()
    # Paragraph, start and end of all that the article tells of the case.
    passages: tuple[tuple[int, int, int], ...] = ()

    def evidence_of(self, figure: FoundFigure) -> int | None:
        """Return the number of the evidence that quotes the figure."""
        for item in self.evidence:
            here = item.paragraph == figure.paragraph
            if here and item.start <= figure.start and figure.end <= item.end:
                return item.number
        return None


@dataclass(frozen=True)
class Findings:
    article: Article
    places: Places
    policies: tuple[FoundPolicy, ...]
    years: tuple[int, ...]
    figures: tuple[FoundFigure, ...]
    drafts: tuple[Draft, ...]

    @property
    def remark(self) -> str:
        """What an editor must know when no draft came of it; else ""."""
        if self.drafts:
            return ""
        elsewhere = self.places.about_elsewhere or not self.places.in_shanghai
        if self.places.outside and elsewhere:
            names = "、".join(self.places.outside[:5])
            return f"文中说的是外地（{names}），不是上海的做法，没有生成草稿。"
        return "文中没有找到可以成为案例的做法，没有生成草稿。"


def find(article: Article, gazetteer: Gazetteer) -> Findings:
    places = find_places(article, gazetteer)
    policies = [p for i, t in _texts(article) for p in find_policies(t, gazetteer, i)]
    figures = [
        f
        for i, paragraph in enumerate(article.paragraphs)
        if paragraph.kind != "heading"
        for f in find_figures(paragraph.text, i)
    ]
    whole = "\n".join([article.title, *(p.text for p in article.paragraphs)])
    drafts = [
        _draft(case, article, gazetteer, figures, policies)
        for case in draw(article, places, gazetteer)
    ]
    return Findings(
        article,
        places,
        tuple(policies),
        years_in(f"{article.date[:4]}年\n{whole}"),
        tuple(figures),
        tuple(drafts),
    )


def _texts(article: Article) -> list[tuple[int, str]]:
    return [(-1, article.title), *((i, p.text) for i, p in enumerate(article.paragraphs))]


def years_in(text: str) -> tuple[int, ...]:
    flat = plain(text)
    found = {int(m[1]) for pattern in (_YEAR, _RANGE_END) for m in pattern.finditer(flat)}
    digits = str.maketrans("〇零○一二三四五六七八九", "000123456789")
    found |= {int(m[1].translate(digits)) for m in _YEAR_CHINESE.finditer(flat)}
    return tuple(sorted(year for year in found if 1900 <= year <= 2100))


def _draft(
    case: Case,
    article: Article,
    gazetteer: Gazetteer,
    figures: Sequence[FoundFigure],
    policies: Sequence[FoundPolicy],
) -> Draft:
    spans = [(p.paragraph, p.start, p.end) for p in case.passages]
    spans += [(i, 0, len(article.paragraphs[i].text)) for i in case.captions]

    def inside(paragraph: int, start: int) -> bool:
        return any(p == paragraph and s <= start < e for p, s, e in spans)

    own_figures = [f for f in figures if inside(f.paragraph, f.start)]
    own_policies: dict[str, FoundPolicy] = {}
    for policy in policies:
        if inside(policy.paragraph, policy.start):
            own_policies.setdefault(policy.key or policy.title, policy)
    opening = case.passages[0].text
    whole = "\n".join(article.paragraphs[p].text[s:e] for p, s, e in spans)
    main = _main_name(case, article)
    topics = suggest(_known(TOPICS, gazetteer.topics), opening, whole, _MOST_TOPICS)
    title = _title(case, main, topics, gazetteer, whole)
    return Draft(
        title=title,
        aliases=_aliases(case, main, title),
        scope=_scope(case),
        districts=tuple(districts_of(case.mentions, gazetteer, article.date)),
        subdistricts=tuple(
            dict.fromkeys(c for p in case.mentions for c in p.keys if c in gazetteer.subdistricts)
        ),
        topics=tuple(topics),
        mechanisms=tuple(suggest(_known(MECHANISMS, gazetteer.mechanisms), opening, whole, 3)),
        actors=tuple(suggest(_known(ACTORS, gazetteer.actors), opening, whole, 6)),
        policies=tuple(own_policies.values()),
        figures=tuple(own_figures),
        evidence=_evidence(case, article, own_figures, main),
        years=years_in(whole),
        passages=tuple(spans),
    )


def _known(lists: dict[str, tuple[str, str]], names: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {slug: words for slug, words in lists.items() if slug in names}


def _main_name(case: Case, article: Article) -> Name | None:
    names = [n for n in case.names if n.strength >= 2]
    in_title = [n for n in names if n.text in plain(article.title)]
    if in_title:
        return in_title[0]
    strong = ([n.text for n in p.names if n.strength >= 2] for p in case.passages)
    first = next(filter(None, strong), [])
    ranked = sorted(
        names, key=lambda n: (n.text not in first, not (n.introduced and n.quoted), -n.strength)
    )
    return ranked[0] if ranked else None


def _place_label(case: Case, gazetteer: Gazetteer) -> str:
    codes = dict.fromkeys(c for m in case.mentions if m.kind == "subdistrict" for c in m.keys)
    slugs = dict.fromkeys(s for m in case.mentions if m.kind == "district" for s in m.keys)
    names = [gazetteer.subdistricts[code].name for code in codes]
    names = names or [gazetteer.districts[slug].name for slug in slugs]
    if not names:
        return "上海市" if case.city else ""
    return "、".join(names[:3]) + ("等" if len(names) > 3 else "")


def _title(
    case: Case,
    main: Name | None,
    topics: Sequence[Suggestion],
    gazetteer: Gazetteer,
    whole: str,
) -> str:
    place = _place_label(case, gazetteer)
    if main:
        # “沪东在职党员” says itself where it is.
        name = main.full
        for district in () if main.quoted else gazetteer.districts.values():
            name = name.removeprefix(district.name)
        named = place[:2] and place[:2] in name
        if place.endswith("市") and name.startswith("市"):
            place = place[:-1]
        return ("" if named else place) + name[:60]
    if topics:
        opening = plain(case.passages[0].text)
        words = [
            next((w for w in topic.words if len(w) >= 2 and w in opening), "")
            for topic in topics[:2]
        ]
        about = "、".join(filter(None, words)) or gazetteer.topics[topics[0].slug]
        return f"{place}：{about}"[:80]
    first = next(iter(sentences(plain(whole))), (0, 30))
    return f"{place}：{whole[first[0] : first[0] + 30]}".strip("：")[:80]


def _aliases(case: Case, main: Name | None, title: str) -> tuple[str, ...]:
    names = [n for n in case.names if n.strength >= 2 and n.quoted]
    ordered = ([main] if main else []) + [n for n in names if n is not main]
    return tuple(dict.fromkeys(n.text for n in ordered if n.text != title))[:8]


def _scope(case: Case) -> str:
    streets = [m for m in case.mentions if m.kind == "subdistrict"]
    if streets and all(m.locality for m in streets):
        return "社区"
    if case.subdistricts:
        return "街镇"
    return "区" if case.districts else "全市" if case.city else ""


def _evidence(
    case: Case, article: Article, figures: Sequence[FoundFigure], main: Name | None
) -> tuple[FoundEvidence, ...]:
    """Quote what says that there is a case, every figure, and what came of it; then pictures."""
    wanted: list[tuple[int, int, int]] = []
    for number, passage in enumerate(case.passages):
        text = article.paragraphs[passage.paragraph].text
        flat = plain(text)
        names = [n for n in passage.names if main and n.text == main.text][:1]
        names += [n for n in passage.names if main and n.text != main.text and n.strength >= 2]
        spans = [s for s in sentences(flat) if passage.start <= s[0] < passage.end]
        wanted += [(passage.paragraph, *window(text, n.start, n.end)) for n in names]
        if passage.mentions and not passage.inherited and not (names and number):
            place = passage.mentions[-1] if number else passage.mentions[0]
            wanted.append((passage.paragraph, *window(text, place.start, place.end)))
        elif spans and not names:
            wanted.append((passage.paragraph, *window(text, spans[0][0], spans[0][0] + 1)))
        for start, end in spans:
            if match := _TOLD.search(flat, start, end):
                wanted.append((passage.paragraph, *window(text, match.start(), match.end())))
    must = [
        (f.paragraph, *window(article.paragraphs[f.paragraph].text, f.start, f.end))
        for f in figures
    ]
    kept: list[tuple[int, int, int]] = []
    for span in [*wanted[:1], *must, *wanted[1:]]:
        overlaps = any(p == span[0] and s < span[2] and span[1] < e for p, s, e in kept)
        if (span in must and span not in kept) or (
            not overlaps and len(kept) < max(_MOST_EVIDENCE, len(must) + 2)
        ):
            kept.append(span)
    kept = sorted(s for s in kept if not any(_within(s, other) for other in kept))
    grades = ["C"] * len(kept)
    for index in dict.fromkeys(case.captions):
        text = article.paragraphs[index].text
        end = min(len(text), QUOTATION_LENGTH)
        kept.append((index, 0, end))
        supplied = re.search(r"供图|提供图片|供稿", text)
        grades.append("D" if supplied else "C")
    return tuple(
        FoundEvidence(
            number,
            article.paragraphs[paragraph].locator,
            article.paragraphs[paragraph].text[start:end],
            grade,
            paragraph,
            start,
            end,
        )
        for number, ((paragraph, start, end), grade) in enumerate(
            zip(kept, grades, strict=True), start=1
        )
    )


def _within(span: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    """Say whether another passage quotes all of this one and more."""
    return span != other and span[0] == other[0] and other[1] <= span[1] and span[2] <= other[2]


def to_json(findings: Findings, gazetteer: Gazetteer) -> dict[str, Any]:
    """Return the promised object; keys beside the promised ones are extra."""
    article, places = findings.article, findings.places
    titled = [p for p in findings.policies if p.titled]
    return {
        "article": {
            "title": article.title,
            "authors": list(article.authors),
            "publisher": article.publisher or None,
            "date": article.date or None,
            "url": article.url or None,
        },
        "places": {
            "districts": list(places.districts),
            "subdistricts": list(places.subdistricts),
            "outside": list(places.outside),
            "names": {c: gazetteer.subdistricts[c].name for c in places.subdistricts},
        },
        "policies": list(dict.fromkeys(p.title for p in titled)),
        "policies_named": [
            {"key": p.key, "title": p.title, "quotation": p.quotation}
            for p in {p.key: p for p in findings.policies if not p.titled}.values()
        ],
        "years": list(findings.years),
        "figures": [_figure(f) for f in findings.figures],
        "drafts": [_draft_json(draft) for draft in findings.drafts],
        "remark": findings.remark or None,
    }


def _figure(figure: FoundFigure) -> dict[str, Any]:
    return {
        "value": figure.value,
        "unit": figure.unit,
        "label": figure.label,
        "quotation": figure.quotation,
        "qualifier": figure.qualifier or None,
        "period": figure.period or None,
        "value_to": figure.upper,
    }


def _draft_json(draft: Draft) -> dict[str, Any]:
    def reasons(found: Sequence[Suggestion]) -> dict[str, list[str]]:
        return {s.slug: list(s.words) for s in found}

    return {
        "title": draft.title,
        "aliases": list(draft.aliases),
        "scope": draft.scope or None,
        "districts": list(draft.districts),
        "subdistricts": list(draft.subdistricts),
        "topics": [s.slug for s in draft.topics],
        "topic_reasons": reasons(draft.topics),
        "mechanisms": [s.slug for s in draft.mechanisms],
        "mechanism_reasons": reasons(draft.mechanisms),
        "actors": [s.slug for s in draft.actors],
        "actor_reasons": reasons(draft.actors),
        "policies": list(dict.fromkeys(p.title for p in draft.policies if p.titled)),
        "policies_named": [p.title for p in draft.policies if not p.titled],
        "years": list(draft.years),
        "figures": [{**_figure(f), "evidence": draft.evidence_of(f)} for f in draft.figures],
        "evidence": [
            {
                "number": e.number,
                "locator": e.locator,
                "quotation": e.quotation,
                "grade": e.grade,
            }
            for e in draft.evidence
        ],
    }
