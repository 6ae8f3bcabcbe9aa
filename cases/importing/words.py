"""Words that lead to a topic, a mechanism or an actor. Suggestions only, each with its words.

One word that merely points somewhere suggests nothing by itself. The words stand in words.txt.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from .article import plain

# slug -> (pattern of words that say it, pattern of words that only point to it).
Words = dict[str, tuple[str, str]]


def _read(kind: str) -> Words:
    found: Words = {}
    lines = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith(f"{kind} "):
            slug, words = line.removeprefix(f"{kind} ").split(" = ")
            saying, _, pointing = words.partition(" / ")
            found[slug] = ("|".join(saying.split()), "|".join(pointing.split()))
    return found


TOPICS = _read("topic")
MECHANISMS = _read("mechanism")
ACTORS = _read("actor")


@dataclass(frozen=True)
class Suggestion:
    """One word of a closed list, and what in the text led to it."""

    slug: str
    words: tuple[str, ...]
    score: int


def suggest(lists: Words, main: str, whole: str, most: int, least: int = 2) -> list[Suggestion]:
    """Return the best words for a case: `main` says what it is, `whole` all that is told of it."""
    main, whole = plain(main), plain(whole)
    found: list[Suggestion] = []
    for slug, (saying, pointing) in lists.items():
        words: dict[str, None] = {}
        score = 0
        for pattern, weight in ((saying, 2), (pointing, 1)):
            if not pattern:
                continue
            hits = dict.fromkeys(m.group() for m in re.finditer(pattern, whole))
            leading = {m.group() for m in re.finditer(pattern, main)}
            words.update(hits)
            # A word in the first passage says more, if it says anything by itself.
            score += sum(4 if weight == 2 and word in leading else weight for word in hits)
        if score >= least and words:
            found.append(Suggestion(slug, tuple(words)[:6], score))
    found.sort(key=lambda s: -s.score)
    if found:
        # What scores far less than the best is about something else.
        found = [s for s in found if s.score * 3 >= found[0].score]
    return found[:most]
