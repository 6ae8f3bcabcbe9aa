"""Synthetic cases: the same seed, number and reference data give the same case on any machine.

The rows are put together in memory and the record is what `records.to_record` makes of them,
so it cannot differ from what it would make of the stored rows.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from itertools import accumulate
from random import Random
from typing import Any, Generic, TypeVar

from django.db import models
from django.utils.timezone import localtime

from cases.models import (
    Actor,
    District,
    Evidence,
    Figure,
    Initiative,
    Mechanism,
    Participation,
    PolicyDocument,
    PolicyLink,
    Revision,
    Source,
    Subdistrict,
    Theme,
    ThemeLink,
    Topic,
    TopicLink,
)
from cases.models.revisions import checksum
from cases.records import Record, to_record

from . import words

TITLE_PREFIX = "合成案例"
SOURCES = 300
SOURCE_KEY = "synthetic-{:03}"
# Ids of evidence are given before it is known how many a case has.
MOST_EVIDENCE = 8
EARLIEST = datetime(2018, 1, 1, tzinfo=timezone.utc)
PUBLISHING_SECONDS = 7 * 365 * 24 * 3600
YEARS = range(2010, 2022)

T = TypeVar("T")


class Zipf(Generic[T]):
    """Items of which the one at place n is drawn in proportion to 1 / n ** exponent."""

    def __init__(self, items: Sequence[T], exponent: float = 1.0) -> None:
        self.items = list(items)
        self._sums = list(accumulate(1 / n**exponent for n in range(1, len(self.items) + 1)))

    def draw(self, random: Random) -> T:
        return self.items[bisect(self._sums, random.random() * self._sums[-1])]

    def several(self, random: Random, count: int) -> list[T]:
        """Return up to `count` different items, in the order of the list."""
        chosen = {bisect(self._sums, random.random() * self._sums[-1]) for _ in range(count)}
        return [self.items[place] for place in sorted(chosen)]


def _names() -> Zipf[str]:
    names = [a + b for a in words.RARE_FIRST for b in words.RARE_SECOND]
    # Neighbours in the alphabet must not be neighbours in rank.
    Random(0).shuffle(names)  # noqa: S311 - an order, not a secret
    return Zipf(names)


WHO, PLACE, WHEN = Zipf(words.WHO), Zipf(words.PLACE), Zipf(words.WHEN)
VERB, MATTER, HOW = Zipf(words.VERB), Zipf(words.MATTER), Zipf(words.HOW)
EFFECT, TROUBLE, LINK = Zipf(words.EFFECT, 0.7), Zipf(words.TROUBLE, 0.7), Zipf(words.LINK, 0.7)
SPECIAL, LATIN, NAME = Zipf(words.SPECIAL), Zipf(words.LATIN), _names()
LABEL, UNIT = Zipf(words.LABELS), Zipf(words.UNITS)
BRAND_SECOND, TITLE_THING = Zipf(words.BRAND_SECOND), Zipf(words.TITLE_THING)

SCOPES = Zipf(["街镇", "社区", "区", "全市"], 1.2)
OUTCOMES = Zipf(
    ["running", "unknown", "extended", "pilot", "completed", "planned", "explained", "stopped"]
)
GRADES = Zipf(["C", "D", "B", "A", "E"])


class Number:
    """Draws a number as text."""

    @staticmethod
    def draw(random: Random) -> str:
        return str(int(10 ** (random.random() * 4)) + 2)


Template = tuple[Any, ...]
SENTENCES: dict[str, list[Template]] = {
    "background": [
        (WHEN, "，", PLACE, "的", MATTER, "问题集中，", WHO, "和", WHO, "多次提到", MATTER, "。"),
        (NAME, "一带有", Number, "户居民，", PLACE, "少，", TROUBLE, "，", MATTER, "成了难题。"),
        (LINK, WHO, "反映", MATTER, "与", MATTER, "长期得不到解决，", TROUBLE, "。"),
    ],
    "approach": [
        (WHO, "牵头，", WHEN, "在", PLACE, VERB, MATTER, "，", HOW, VERB, MATTER, "。"),
        (LINK, WHO, VERB, WHO, "，把", MATTER, "和", MATTER, "放到", PLACE, "一起商量。"),
        (PLACE, VERB, MATTER, "时，由", WHO, HOW, "，", WHO, "负责", VERB, MATTER, "。"),
        ("“", NAME, "”小组", WHEN, VERB, MATTER, "，", Number, "名", WHO, "参加。"),
    ],
    "mechanism": [
        (HOW, "、", HOW, "并用：", WHO, "提出，", WHO, VERB, "，", WHO, "评议。"),
        (LINK, MATTER, "由", WHO, VERB, "，", MATTER, "由", WHO, VERB, "，", HOW, "。"),
    ],
    "results": [
        (WHEN, "，", EFFECT, "，", EFFECT, "；", PLACE, VERB, MATTER, Number, "件。"),
        (LINK, WHO, "说，", MATTER, "有了着落，", EFFECT, "，", NAME, "的", MATTER, "也有进展。"),
        (NAME, "的", PLACE, "共", VERB, MATTER, Number, "次，", EFFECT, "。"),
    ],
    "limits": [
        (TROUBLE, "，", TROUBLE, "；", MATTER, "还要", WHO, VERB, "。"),
        (LINK, PLACE, "的", MATTER, TROUBLE, "，", HOW, "能否长久，来源没有说。"),
    ],
}
# Sentences a section: about 1,500 Chinese characters together.
LENGTHS = {"background": 8, "approach": 18, "mechanism": 9, "results": 12, "limits": 7}


def _sentence(random: Random, template: Template) -> str:
    return "".join(part if isinstance(part, str) else part.draw(random) for part in template)


@dataclass(frozen=True)
class Reference:
    """The reference rows that cases point at, in the order in which pages sort them."""

    districts: list[District]
    streets: dict[int, list[Subdistrict]]
    themes: list[Theme]
    topics: list[Topic]
    actors: list[Actor]
    mechanisms: list[Mechanism]
    policies: list[PolicyDocument]
    sources: list[Source]

    @classmethod
    def load(cls) -> "Reference":
        """Read the tables; the sources are those that `make_sources` has stored."""
        streets: dict[int, list[Subdistrict]] = defaultdict(list)
        for street in Subdistrict.objects.select_related("district"):
            streets[street.district_id].append(street)
        keys = [SOURCE_KEY.format(n) for n in range(1, SOURCES + 1)]
        return cls(
            districts=list(District.objects.filter(dissolved="")),
            streets=streets,
            themes=list(Theme.objects.all()),
            topics=list(Topic.objects.all()),
            actors=list(Actor.objects.all()),
            mechanisms=list(Mechanism.objects.all()),
            policies=list(PolicyDocument.objects.all()),
            sources=list(Source.objects.filter(key__in=keys)),
        )


def make_sources(seed: int) -> list[Source]:
    """Return the unsaved pool of sources that the cases share."""
    random = Random(f"{seed}:sources")  # noqa: S311 - reproducible, not secret
    sources = []
    for number in range(1, SOURCES + 1):
        year = random.choice(YEARS)
        sources.append(
            Source(
                key=SOURCE_KEY.format(number),
                title=f"合成来源 {number}：{NAME.draw(random)}的{MATTER.draw(random)}",
                kind=random.choice(Source.Kind.values),
                authors=[f"作者{random.randint(1, 80)}"],
                publisher=random.choice(words.PUBLISHERS),
                date=f"{year}-{random.randint(1, 12):02}-{random.randint(1, 28):02}",
            )
        )
    return sources


@dataclass(frozen=True)
class Numbers:
    """The highest ids in use: new rows are numbered from there."""

    initiative: int
    revision: int
    evidence: int

    @classmethod
    def after_those_stored(cls) -> "Numbers":
        def highest(model: Any) -> int:
            return model.objects.aggregate(highest=models.Max("pk"))["highest"] or 0

        return cls(highest(Initiative), highest(Revision), highest(Evidence))


@dataclass
class Case:
    """The unsaved rows of one case, and its record."""

    initiative: Initiative
    record: Record = field(default_factory=dict)
    rows: dict[type[models.Model], list[Any]] = field(default_factory=lambda: defaultdict(list))


class Corpus:
    """Makes cases one by one; `case(n)` depends on nothing but seed, n, numbers and reference."""

    def __init__(self, seed: int, numbers: Numbers, reference: Reference) -> None:
        self.seed = seed
        self.numbers = numbers
        self.districts = Zipf(reference.districts, 0.8)
        self.streets = {pk: Zipf(rows) for pk, rows in reference.streets.items()}
        self.themes = Zipf(reference.themes)
        self.topics = Zipf(reference.topics, 0.8)
        self.actors = Zipf(reference.actors, 0.8)
        self.mechanisms = Zipf(reference.mechanisms, 0.8)
        self.policies = Zipf(reference.policies)
        self.sources = Zipf(reference.sources, 0.5)

    def case(self, number: int) -> Case:
        """Return the case with this number, counted from 1."""
        random = Random(f"{self.seed}:{number}")  # noqa: S311 - reproducible, not secret
        at = EARLIEST + timedelta(seconds=random.randrange(PUBLISHING_SECONDS))
        case = Case(self._initiative(random, number, at))
        related: dict[str, list[Any]] = {"attachments": []}
        self._places(random, case, related)
        self._terms(random, case, related)
        self._evidence(random, number, case, related)
        self._texts(random, case, len(related["evidence"]))
        # What `for_record` would have fetched; managers answer from it.
        case.initiative._prefetched_objects_cache = related  # type: ignore[attr-defined]
        published = {"version": 1, "published_at": localtime(at).isoformat()}
        case.record = to_record(case.initiative) | published
        case.rows[Revision].append(
            Revision(
                pk=self.numbers.revision + number,
                initiative=case.initiative,
                number=1,
                record=case.record,
                checksum=checksum(case.record),
                published_at=at,
                note="合成数据",
            )
        )
        case.initiative.current_revision_id = self.numbers.revision + number
        return case

    def _initiative(self, random: Random, number: int, at: datetime) -> Initiative:
        start = end = ""
        if random.random() < 0.96:
            year, month = YEARS[int(12 * random.random() ** 0.7)], random.randint(1, 12)
            day = random.randint(1, 28)
            start = random.choice((f"{year}", f"{year}-{month:02}", f"{year}-{month:02}-{day:02}"))
            if random.random() < 0.2:
                end = f"{year + random.randint(1, 3)}"
        brand = NAME.draw(random) + BRAND_SECOND.draw(random)
        return Initiative(
            pk=self.numbers.initiative + number,
            title=f"{TITLE_PREFIX} {number}：“{brand}”{TITLE_THING.draw(random)}",
            aliases=[brand] if random.random() < 0.5 else [],
            start=start,
            end=end,
            outcome=OUTCOMES.draw(random),
            outcome_as_of=random.choice(("", "2021", "2022-05")),
            status=Initiative.Status.PUBLISHED,
            published_at=at,
            synthetic=True,
        )

    def _places(self, random: Random, case: Case, related: dict[str, list[Any]]) -> None:
        initiative = case.initiative
        initiative.scope = SCOPES.draw(random)
        districts: list[District] = []
        streets: list[Subdistrict] = []
        if initiative.scope != Initiative.Scope.CITY:
            districts = self.districts.several(random, 2 if random.random() < 0.08 else 1)
            if initiative.scope != Initiative.Scope.DISTRICT:
                for district in districts:
                    if district.pk in self.streets:
                        streets += self.streets[district.pk].several(random, 1)
        related["districts"] = districts
        related["subdistricts"] = sorted(streets, key=lambda street: street.code)
        in_district, in_street = Initiative.districts.through, Initiative.subdistricts.through
        case.rows[in_district] += [
            in_district(initiative=initiative, district=district) for district in districts
        ]
        case.rows[in_street] += [
            in_street(initiative=initiative, subdistrict=street) for street in streets
        ]

    def _terms(self, random: Random, case: Case, related: dict[str, list[Any]]) -> None:
        initiative = case.initiative
        bases = ThemeLink.Basis.values
        themes = self.themes.several(random, random.choice((0, 1, 1, 1, 1, 2, 2, 3)))
        if not themes:
            initiative.theme_note = "合成案例，未归入主题"
        topics = self.topics.several(random, random.choice((1, 1, 2, 3)))
        random.shuffle(topics)
        actors = self.actors.several(random, random.randint(2, 5))
        policies = self.policies.several(random, random.choice((0, 0, 1, 1, 2)))
        mechanisms = self.mechanisms.several(random, random.choice((0, 1, 1, 2)))
        related["mechanisms"] = mechanisms
        related["theme_links"] = [
            ThemeLink(initiative=initiative, theme=theme, basis=random.choice(bases))
            for theme in themes
        ]
        related["topic_links"] = [
            TopicLink(initiative=initiative, topic=topic, position=position)
            for position, topic in enumerate(topics, start=1)
        ]
        related["participations"] = [
            Participation(
                initiative=initiative,
                order=order,
                actor=actor,
                name=f"{NAME.draw(random)}{actor.name}"[:80] if random.random() < 0.4 else "",
                role=random.choice(Participation.Role.values),
            )
            for order, actor in enumerate(actors, start=1)
        ]
        related["policy_links"] = [
            PolicyLink(
                initiative=initiative,
                policy=policy,
                kind=random.choice(PolicyLink.Kind.values),
                basis=random.choice(bases),
            )
            for policy in policies
        ]
        for model, name in (
            (ThemeLink, "theme_links"),
            (TopicLink, "topic_links"),
            (Participation, "participations"),
            (PolicyLink, "policy_links"),
        ):
            case.rows[model] += related[name]
        through = Initiative.mechanisms.through
        case.rows[through] += [through(initiative=initiative, mechanism=m) for m in mechanisms]

    def _evidence(
        self, random: Random, number: int, case: Case, related: dict[str, list[Any]]
    ) -> None:
        sources = self.sources.several(random, random.randint(1, 3))
        first = self.numbers.evidence + (number - 1) * MOST_EVIDENCE
        related["evidence"] = [
            Evidence(
                pk=first + n,
                initiative=case.initiative,
                number=n,
                source=random.choice(sources),
                locator=f"第 {random.randint(1, 40)} 段" if random.random() < 0.7 else "",
                quotation=_sentence(random, SENTENCES["results"][2])[:60]
                if random.random() < 0.5
                else "",
                grade=GRADES.draw(random),
            )
            for n in range(1, random.randint(2, 6))
        ]
        related["figures"] = [
            Figure(
                initiative=case.initiative,
                order=order,
                label=LABEL.draw(random),
                value=Decimal(Number.draw(random)) + random.choice((0, 0, 0, Decimal("0.5"))),
                qualifier=random.choice(words.QUALIFIERS),
                unit=UNIT.draw(random),
                period=random.choice(("", "2015 年", "2016-01 至 2018-06")),
                evidence=random.choice(related["evidence"]),
            )
            for order in range(1, random.randint(1, 6))
        ]
        case.rows[Evidence] += related["evidence"]
        case.rows[Figure] += related["figures"]

    @staticmethod
    def _texts(random: Random, case: Case, evidence: int) -> None:
        initiative = case.initiative
        initiative.summary = (
            f"{NAME.draw(random)}的{WHO.draw(random)}在{PLACE.draw(random)}{VERB.draw(random)}"
            f"{MATTER.draw(random)}，{EFFECT.draw(random)}。"
        )
        for section, length in LENGTHS.items():
            templates = SENTENCES[section]
            pieces = [_sentence(random, random.choice(templates)) for _ in range(length)]
            if random.random() < 0.3:
                pieces.append(f"当地还有{SPECIAL.draw(random)}。")
            if random.random() < 0.06:
                pieces.append(f"其中用到 {LATIN.draw(random)} 的做法。")
            pieces.insert(length // 2, "\n\n")
            text = "".join(pieces)
            setattr(initiative, section, f"{text[:-1]}[^{random.randint(1, evidence)}]。")
