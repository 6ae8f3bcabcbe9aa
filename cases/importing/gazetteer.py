"""What the project knows of places, documents and words, as the rules of the import need it."""

from dataclasses import dataclass, field
from functools import cached_property

from cases.models import (
    Actor,
    District,
    Mechanism,
    PlaceAlias,
    PolicyDocument,
    Subdistrict,
    Topic,
)

from . import elsewhere
from .article import plain


@dataclass(frozen=True)
class DistrictName:
    slug: str
    name: str
    short: str
    dissolved: str = ""
    merged_into: str = ""


@dataclass(frozen=True)
class SubdistrictName:
    code: str
    name: str
    district: str

    @property
    def stem(self) -> str:
        """The name without what kind of unit it is."""
        return stem_of(self.name)


@dataclass(frozen=True)
class AliasName:
    """Another name: of a street or town by its code, else of a district by its slug."""

    name: str
    kind: str
    place: str
    until: str = ""


@dataclass(frozen=True)
class PolicyName:
    key: str
    title: str
    number: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One spelling and what it may stand for; `kind` says under which conditions it counts."""

    name: str
    kind: str  # district, short, subdistrict, locality, community, stem, city; free, word, part
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gazetteer:
    districts: dict[str, DistrictName] = field(default_factory=dict)
    subdistricts: dict[str, SubdistrictName] = field(default_factory=dict)
    aliases: tuple[AliasName, ...] = ()
    policies: tuple[PolicyName, ...] = ()
    # Slug -> name of the words that may be suggested.
    topics: dict[str, str] = field(default_factory=dict)
    mechanisms: dict[str, str] = field(default_factory=dict)
    actors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "Gazetteer":
        """Read it from the database: seven queries."""
        aliases = PlaceAlias.objects.select_related("district", "subdistrict")
        return cls(
            districts={
                d.slug: DistrictName(
                    d.slug,
                    d.name,
                    d.short_name,
                    d.dissolved,
                    d.merged_into.slug if d.merged_into else "",
                )
                for d in District.objects.select_related("merged_into")
            },
            subdistricts={
                s.code: SubdistrictName(s.code, s.name, s.district.slug)
                for s in Subdistrict.objects.select_related("district")
            },
            aliases=tuple(
                AliasName(
                    a.name,
                    str(a.kind),
                    a.subdistrict.code if a.subdistrict else a.district.slug,  # type: ignore[union-attr]
                    a.until,
                )
                for a in aliases
            ),
            policies=tuple(
                PolicyName(p.key, p.title, p.number, tuple(p.aliases))
                for p in PolicyDocument.objects.all()
            ),
            topics=dict(Topic.objects.values_list("slug", "name")),
            mechanisms=dict(Mechanism.objects.values_list("slug", "name")),
            actors=dict(Actor.objects.values_list("slug", "name")),
        )

    def today(self, slug: str) -> str:
        """Return the district that a dissolved one belongs to now."""
        seen = {slug}
        while (after := self.districts[slug].merged_into) and after not in seen:
            seen.add(after)
            slug = after
        return slug

    @cached_property
    def lexicon(self) -> dict[str, list[Entry]]:
        """First two characters -> entries, the longest first."""
        entries: dict[tuple[str, str], set[str]] = {}

        def add(name: str, kind: str, *keys: str) -> None:
            if len(name) >= 2:
                entries.setdefault((plain(name), kind), set()).update(keys)

        for name, kind in elsewhere.names().items():
            add(name, kind)
        for d in self.districts.values():
            add(d.name, "district", d.slug)
            if d.short != d.name and d.short != "崇明县":
                add(d.short, "short", d.slug)
        for s in self.subdistricts.values():
            add(s.name, "subdistrict", s.code)
            for stem in {s.stem, road_stem_of(s.stem)}:
                add(stem, "stem", s.code)
                add(f"{stem}社区", "community", s.code)
        for a in self.aliases:
            if a.place in self.subdistricts:
                add(a.name, "locality" if a.kind == "locality" else "subdistrict", a.place)
            elif a.name not in {d.short for d in self.districts.values()} | {
                d.name for d in self.districts.values()
            }:
                add(a.name, "short", a.place)
        for name in ("上海市", "上海", "申城", "本市", "全市", "沪上"):
            add(name, "city")
        found: dict[str, list[Entry]] = {}
        for (name, kind), keys in entries.items():
            found.setdefault(name[:2], []).append(Entry(name, kind, tuple(sorted(keys))))
        order = ["district", "subdistrict", "locality", "community", "short", "city"]
        for group in found.values():
            group.sort(key=lambda e: (-len(e.name), order.index(e.kind) if e.kind in order else 9))
        return found


def stem_of(name: str) -> str:
    for suffix in ("街道", "镇", "乡"):
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def road_stem_of(stem: str) -> str:
    """江宁路 → 江宁, 曹杨新村 → 曹杨: what people call the street."""
    for suffix in ("新村", "路", "镇"):
        if stem.endswith(suffix) and len(stem) - len(suffix) >= 2:
            return stem[: -len(suffix)]
    return stem
