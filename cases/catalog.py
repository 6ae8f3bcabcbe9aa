"""What searchers and lists know of places, policies and words: the small reference tables."""

from dataclasses import dataclass, field
from functools import cached_property

from .models import (
    Actor,
    District,
    Grade,
    Initiative,
    Mechanism,
    PlaceAlias,
    PolicyDocument,
    Subdistrict,
    SynonymSet,
    Theme,
    Topic,
)
from .search.suggest import Entry, entries
from .search.text import pinyin_query, pinyin_tokens, written


@dataclass(frozen=True)
class Name:
    """What a searcher means by a name: a value of a facet, and what texts call it officially."""

    facet: str
    value: str
    official: str


@dataclass(frozen=True)
class Catalog:
    """The small reference tables as one worker holds them; nine queries to load."""

    districts: dict[str, District]
    subdistricts: dict[str, Subdistrict]
    themes: dict[str, Theme]
    topics: dict[str, Topic]
    actors: dict[str, Actor]
    mechanisms: dict[str, Mechanism]
    policies: dict[str, PolicyDocument]
    # District slug -> the slugs whose cases are found under it: itself and what it took in.
    members: dict[str, list[str]]
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    # Name of a place or a policy, as `written` -> what it stands for.
    names: dict[str, list[Name]] = field(default_factory=dict)
    # What can be typed in pinyin for a name that no record has: an alias.
    typed: list[tuple[str, Name]] = field(default_factory=list)
    # Word, as `written` -> its synonyms.
    synonyms: dict[str, list[str]] = field(default_factory=dict)
    # Code of a street or town -> its other names.
    aliases: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def entries(self) -> list[Entry]:
        """Return what can be suggested besides cases, made when first asked for."""
        return list(entries(self))

    @classmethod
    def load(cls) -> "Catalog":
        districts = {d.slug: d for d in District.objects.select_related("merged_into")}
        subdistricts = {
            s.code: s for s in Subdistrict.objects.select_related("district").order_by("code")
        }
        members = {slug: [slug] for slug in districts}
        for district in districts.values():
            successor = district.merged_into
            seen = {district.slug}
            while successor and successor.slug not in seen:
                members[successor.slug].append(district.slug)
                seen.add(successor.slug)
                successor = districts[successor.slug].merged_into
        catalog = cls(
            districts=districts,
            subdistricts=subdistricts,
            themes={t.slug: t for t in Theme.objects.all()},
            topics={t.slug: t for t in Topic.objects.all()},
            actors={a.slug: a for a in Actor.objects.all()},
            mechanisms={m.slug: m for m in Mechanism.objects.all()},
            policies={str(p.pk): p for p in PolicyDocument.objects.select_related("theme")},
            members=members,
        )
        catalog._read_names()
        for group in SynonymSet.objects.all():
            for word in group.words:
                others = catalog.synonyms.setdefault(written(word), [])
                others += [w for w in group.words if w != word and w not in others]
        catalog.labels.update(
            district={d.slug: d.name for d in districts.values()},
            subdistrict={s.code: str(s) for s in subdistricts.values()},
            theme={t.slug: t.name for t in catalog.themes.values()},
            topic={t.slug: t.name for t in catalog.topics.values()},
            actor={a.slug: a.name for a in catalog.actors.values()},
            mechanism={m.slug: m.name for m in catalog.mechanisms.values()},
            policy={pk: p.title for pk, p in catalog.policies.items()},
            status={str(v): str(label) for v, label in Initiative.Outcome.choices},
            scope={str(v): str(label) for v, label in Initiative.Scope.choices},
            grade={str(v): str(label) for v, label in Grade.choices},
        )
        return catalog

    def _read_names(self) -> None:
        """Collect what places and policies are called, for searchers who type just that."""
        for slug, district in self.districts.items():
            self._add_name(district.name, Name("district", slug, district.name))
            self._add_name(district.short_name, Name("district", slug, district.name))
        of_districts = set(self.names)
        for code, street in self.subdistricts.items():
            self._add_name(street.name, Name("subdistrict", code, street.name))
        for alias in PlaceAlias.objects.select_related("district", "subdistrict"):
            if alias.subdistrict:
                street = alias.subdistrict
                self._add_name(alias.name, Name("subdistrict", street.code, street.name))
                self.aliases.setdefault(street.code, []).append(alias.name)
            elif alias.district and written(alias.name) not in of_districts:
                # A dissolved district answers to its own name, with its own cases.
                district = alias.district
                self._add_name(alias.name, Name("district", district.slug, district.name))
        for pk, policy in self.policies.items():
            for known in filter(None, (policy.title, policy.number, *policy.aliases)):
                self._add_name(known, Name("policy", pk, policy.title))

    def _add_name(self, known: str, name: Name) -> None:
        meant = self.names.setdefault(written(known), [])
        if name not in meant:
            meant.append(name)
            if known != name.official:
                self.typed.extend((token, name) for token in pinyin_tokens(known))

    def meant_by(self, typed: str) -> list[Name]:
        """Return what a whole name stands for, or the beginning of an alias in pinyin."""
        found = list(self.names.get(written(typed), ()))
        if start := pinyin_query(typed):
            found += [name for token, name in self.typed if token.startswith(start)]
        return list(dict.fromkeys(found))

    @property
    def todays_districts(self) -> list[District]:
        return [d for d in self.districts.values() if not d.dissolved]
