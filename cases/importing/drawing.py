"""Passages → cases: where one begins, what goes on with it, and where the next begins."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .article import Article, plain
from .gazetteer import Gazetteer
from .names import Name, find_names
from .places import Mention, Places
from .segments import NEW_ITEM, Segment, segments_of

_ENOUGH = 4
# What the district does is not done in the one street that was named before.
_OF_ALL = re.compile(r"全[区县市]|区(?:里|委|政府|[\u4e00-\u9fff]{1,4}局)|各街[道镇]|\d+个街[道镇]")


@dataclass
class Case:
    """One practice while the article is being read; the first passage says what it is."""

    passages: list[Segment]
    mentions: list[Mention]
    names: list[Name] = field(default_factory=list)
    captions: list[int] = field(default_factory=list)
    city: bool = False

    @property
    def subdistricts(self) -> set[str]:
        return {c for m in self.mentions if m.kind == "subdistrict" for c in m.keys}

    @property
    def districts(self) -> set[str]:
        return {s for m in self.mentions if m.kind == "district" for s in m.keys}

    @property
    def strong_names(self) -> set[str]:
        return {n.text for n in self.names if n.strength >= 2}

    def takes(self, segment: Segment) -> None:
        self.passages.append(segment)
        known = {n.text for n in self.names}
        self.names += [n for n in segment.names if n.text not in known]


def draw(article: Article, places: Places, gazetteer: Gazetteer) -> list[Case]:
    """Return the cases that an article tells of, in its order; only those in Shanghai."""
    return _Drawing(article, places, gazetteer).cases()


class _Drawing:
    def __init__(self, article: Article, places: Places, gazetteer: Gazetteer) -> None:
        self.article = article
        self.places = places
        self.gazetteer = gazetteer
        self.found: list[Case] = []
        self.left: list[Segment] = []
        # What a continuation would go on with.
        self.last: Case | None = None
        self.section: tuple[Mention, ...] = ()
        self.section_names: set[str] = set()
        self.fresh_section = False
        self.default = self._default()
        self.title = plain(article.title)
        # The place named last is not in Shanghai: what follows without a place is there too.
        self.away = places.about_elsewhere
        self.elsewhere = not places.in_shanghai and bool(places.outside)

    def cases(self) -> list[Case]:
        if self.elsewhere:
            return []
        for index, paragraph in enumerate(self.article.paragraphs):
            if paragraph.kind == "heading":
                self._heading(index)
            elif paragraph.kind == "caption":
                self._caption(index)
            else:
                self._paragraph(index)
        if len(self.found) == 1:
            self._gather(self.found[0])
        return self.found

    def _default(self) -> tuple[Mention, ...]:
        """Return the place of an article that is about one place: of its title, or its only one."""
        title, under = self._of_shanghai(-1), self._of_shanghai(-2)
        nearer = any(m.kind == "subdistrict" for m in under)
        if not title or nearer and all(m.kind == "district" for m in title):
            title = under or title
        streets = self.places.subdistricts
        if title and not (len(streets) == 1 and all(m.kind == "district" for m in title)):
            return title
        if len(self.places.subdistricts) == 1 or (
            not self.places.subdistricts and len(self.places.districts) == 1
        ):
            everywhere = [m for i in sorted(self.places.mentions) for m in self._of_shanghai(i)]
            wanted = "subdistrict" if self.places.subdistricts else "district"
            return tuple(m for m in everywhere if m.kind == wanted)[:1]
        return ()

    def _place_of(self, segment: Segment) -> tuple[Mention, ...]:
        """Return the place of a passage that names none, and begins a case.

        It is that of the article, or the only street or town that has been named so far.
        """
        named = [
            m
            for index in sorted(self.places.mentions)
            for m in self.places.mentions[index]
            if 0 <= index < segment.paragraph and m.kind != "city"
        ]
        streets = [m for m in named if m.kind == "subdistrict"]
        within = self._districts(self.default)
        fits = not self.default or (
            all(m.kind == "district" for m in self.default) and self._districts(streets) <= within
        )
        one = len({m.keys for m in streets}) == 1 and named[-1].kind != "outside"
        begin = min((n.start for n in segment.names if n.strength >= 2), default=segment.end)
        of_all = _OF_ALL.search(plain(segment.text[: begin - segment.start]))
        if of_all:
            return tuple(m for m in self._of_shanghai(-1) if m.kind == "district") or self.default
        return (streets[-1],) if one and fits else self.default

    def _of_shanghai(self, index: int) -> tuple[Mention, ...]:
        kinds = ("district", "subdistrict")
        return tuple(m for m in self.places.mentions.get(index, ()) if m.kind in kinds)

    def _heading(self, index: int) -> None:
        here = tuple(m for m in self._of_shanghai(index) if not m.of_office)
        names = find_names(self.article.paragraphs[index].text)
        self.section = here
        self.section_names = {n.text for n in names if n.strength >= 2}
        self.fresh_section = True
        self.last = None
        away = any(m.kind == "outside" for m in self.places.mentions.get(index, ()))
        self.away = not here and (away or self.places.about_elsewhere)

    def _caption(self, index: int) -> None:
        here = self._of_shanghai(index)
        codes = {code for m in here for code in m.keys if m.kind == "subdistrict"}
        for case in reversed(self.found):
            if codes & case.subdistricts or (not codes and case is self.last):
                case.captions.append(index)
                return

    def _paragraph(self, index: int) -> None:
        segments = segments_of(self.article, index, self.places, self.gazetteer)
        before = len(self.found)
        for number, segment in enumerate(segments):
            self._segment(segment, first=number == 0)
        if len(self.found) - before > 1:
            # After an enumeration nobody can say which of its cases goes on.
            self.last = None
        self.fresh_section = False

    def _segment(self, segment: Segment, *, first: bool) -> None:
        if segment.outside:
            self.last = None
            self.away = True
            return
        if segment.mentions or segment.city:
            self.away = False
        segment = self._placed(segment)
        if case := self._same(segment):
            case.takes(segment)
            self.last = case
        elif self._begins(segment, first):
            self.last = self._new(segment)
        elif self.last and self._goes_on(segment, first):
            self.last.takes(segment)
        else:
            self.last = None if first and (segment.city or segment.mentions) else self.last
            self.left.append(segment)

    def _placed(self, segment: Segment) -> Segment:
        """Give a passage without a place that of its heading."""
        if segment.mentions or not self.section:
            return segment
        return replace(segment, mentions=self.section, inherited=True)

    def _same(self, segment: Segment) -> Case | None:
        """Return the case that the passage is about although it may begin one."""
        names = {n.text for n in segment.names if n.strength >= 2}
        new = {
            n.text
            for n in segment.names
            if n.quoted and (n.strength == 3 or n.strength == 2 and n.introduced)
        }
        for case in reversed(self.found):
            if case.strong_names & names and self._compatible(case, segment):
                # A passage may look back at one case and set up the next.
                unknown = new - case.strong_names
                if not (unknown and case.strong_names & names <= {""}):
                    return case
            elif self._mentions_name(case, segment) and not new and self._compatible(case, segment):
                return case
        if not segment.mentions or segment.inherited and self.fresh_section:
            return None
        for case in reversed(self.found):
            here = set(segment.subdistricts)
            same_street = here and (
                here == case.subdistricts
                or here <= case.subdistricts
                and len(case.subdistricts) == 1
            )
            same_district = (
                not segment.subdistricts
                and not case.subdistricts
                and segment.district_slugs
                and set(segment.district_slugs) <= case.districts
                and case is self.last
            )
            if (same_street or same_district) and not self._another(case, segment, new):
                return case
        return None

    def _mentions_name(self, case: Case, segment: Segment) -> bool:
        flat = plain(segment.text)
        return any(f"“{name}”" in flat for name in case.strong_names if len(name) >= 3)

    def _compatible(self, case: Case, segment: Segment) -> bool:
        if segment.inherited and self.fresh_section:
            return not self.section_names or bool(self.section_names & case.strong_names)
        if segment.subdistricts and case.subdistricts:
            return bool(set(segment.subdistricts) & case.subdistricts)
        within = self._districts(segment.mentions)
        return not within or not case.mentions or bool(within & self._districts(case.mentions))

    def _districts(self, mentions: Sequence[Mention]) -> set[str]:
        found = {self.gazetteer.today(s) for m in mentions if m.kind == "district" for s in m.keys}
        return found | {
            self.gazetteer.subdistricts[c].district
            for m in mentions
            if m.kind == "subdistrict"
            for c in m.keys
        }

    def _another(self, case: Case, segment: Segment, new: set[str]) -> bool:
        """Say whether a passage at the place of a case sets up something else there."""
        # A case without a name so far was the introduction to this one.
        if not new - case.strong_names or not case.strong_names:
            return False
        if self._mentions_name(case, segment) or not segment.begins_with_place:
            return False
        about_one = any(name in self.title for name in case.strong_names)
        return not about_one or bool(NEW_ITEM.search(segment.text))

    def _begins(self, segment: Segment, first: bool) -> bool:
        if not segment.has_practice:
            return False
        if segment.mentions and not segment.inherited:
            return segment.score >= _ENOUGH
        if segment.inherited:
            return self.fresh_section or segment.strength == 3 and self.last is None
        named = segment.strength >= 2 and any(
            n.introduced or n.strength >= 2 and n.text in self.title for n in segment.names
        )
        if segment.city:
            # “全市已建成三百家” is a statistic, not the account of a practice.
            counted = re.search(r"建成|共新[建增]", segment.text)
            return first and named and not counted and segment.score >= _ENOUGH
        if self.fresh_section and self.section_names and first:
            return bool(self.section_names & {n.text for n in segment.names}) or named
        if self.last is not None or not named or self.away:
            return False
        # No place here: that of the article, if it is about one; or none is told at all.
        alone = not self.places.districts and segment.strength == 3
        return (bool(self._place_of(segment)) and not self.found and segment.score >= 3) or (
            alone and not self.found and segment.score >= _ENOUGH
        )

    def _new(self, segment: Segment) -> Case:
        mentions = list(segment.mentions)
        if not mentions and not segment.city:
            mentions = list(self._place_of(segment))
        case = Case([segment], mentions, list(segment.names), city=segment.city)
        self.found.append(case)
        return case

    def _goes_on(self, segment: Segment, first: bool) -> bool:
        assert self.last is not None  # noqa: S101 - asked only then
        if segment.city and first:
            return False
        if not segment.mentions or segment.inherited:
            return not first or not self.fresh_section
        return bool(self._districts(segment.mentions) & self._districts(self.last.mentions)) and (
            segment.score < _ENOUGH and not segment.subdistricts
        )

    def _gather(self, case: Case) -> None:
        """An article about one case: what stands elsewhere in it is about that case as well.

        Before the case is named, only from where its place is named.
        """
        begin = case.passages[0].paragraph
        reached = False
        for segment in self.left:
            fits = not segment.city and (not segment.mentions or self._compatible(case, segment))
            reached = reached or bool(segment.mentions and fits) or segment.paragraph >= begin
            if fits and reached:
                case.takes(segment)
        case.passages.sort(key=lambda p: (p.paragraph, p.start))
