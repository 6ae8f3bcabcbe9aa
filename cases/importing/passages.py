"""Where an article says what was found in it: the passage that stands beside a suggestion."""

from collections.abc import Iterator

from .article import plain, quote
from .extraction import Draft, Findings

_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")


class Passages:
    """Looks in the passages of a draft first, then in the whole article, then in its title."""

    def __init__(self, draft: Draft, findings: Findings) -> None:
        self.draft, self.findings = draft, findings
        self.texts = {-1: findings.article.title}
        self.texts |= {i: p.text for i, p in enumerate(findings.article.paragraphs)}
        self.plain = {number: plain(text) for number, text in self.texts.items()}

    def _spans(self) -> Iterator[tuple[int, int, int]]:
        yield from self.draft.passages
        for number in sorted(self.texts, key=lambda number: (number < 0, number)):
            yield number, 0, len(self.texts[number])

    def of_words(self, *words: str) -> str:
        """Return the first passage with one of the words; "" where none stands anywhere."""
        for number, start, end in self._spans():
            for word in words:
                if word and (at := self.plain[number].find(word, start, end)) >= 0:
                    return quote(self.texts[number], at, at + len(word))
        return ""

    def of_place(self, *keys: str) -> str:
        """Return the first passage that names a place by one of its codes or slugs."""
        for number, start, end in self._spans():
            for mention in self.findings.places.mentions.get(number, ()):
                if start <= mention.start < end and not set(keys).isdisjoint(mention.keys):
                    return quote(self.texts[number], mention.start, mention.end)
        return ""

    def of_year(self, year: int) -> str:
        spelt = str(year).translate(_DIGITS)
        zeros = (spelt, spelt.replace("〇", "零"), spelt.replace("〇", "○"))
        return self.of_words(str(year), *zeros)
