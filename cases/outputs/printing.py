"""The pieces of a document as HTML, for a page that is read on paper: as `word.py` has them.

Pure: no request, no query.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_MARK = re.compile(r'<sup class="mark">.*?>(\d+)</a></sup>', re.DOTALL)
# Signs of a cell that stays on one line: 2014 年 12 月 has eleven.
SHORT = 11
_WHOLE = mark_safe(' class="whole"')  # noqa: S308 - a constant
_HEADING = re.compile(r"(?<=<)(/?)h([3-6])\b")


class Sheet:
    """What is added stands on the page in that order; any text may hold any sign."""

    def __init__(self) -> None:
        self.parts: list[SafeString] = []

    def to_html(self) -> SafeString:
        return format_html_join("\n", "{}", ((part,) for part in self.parts))

    def title(self, text: str) -> None:
        self.parts.append(format_html("<h1>{}</h1>", text))

    def text(self, text: str) -> None:
        self.parts.append(format_html("<p>{}</p>", text))

    def heading(self, text: str, level: int, new_page: bool = False) -> None:
        kind = mark_safe(' class="new-page"') if new_page else ""  # noqa: S308 - a constant
        self.parts.append(format_html("<h{0}{1}>{2}</h{0}>", level + 1, kind, text))

    def named(self, name: str, text: str) -> None:
        if text.startswith(("https://", "http://")):
            text = format_html('<a href="{0}">{0}</a>', text)
        self.parts.append(format_html("<p><strong>{}：</strong>{}</p>", name, text))

    def hanging(self, text: str) -> None:
        self.parts.append(format_html('<p class="hanging">{}</p>', text))

    def turn(self, wide: bool) -> None:
        """Begin what is printed on pages that lie across, or end it."""
        self.parts.append(mark_safe('<div class="wide">' if wide else "</div>"))  # noqa: S308 - constants

    def picture(self, name: str, alt: str) -> None:
        self.parts.append(
            format_html('<p class="picture"><img src="/media/{}" alt="{}"></p>', name, alt)
        )

    def table(
        self,
        header: Sequence[str],
        rows: Iterable[Sequence[str]],
        widths: Sequence[float],
        description: str,
    ) -> None:
        """Add a table; the browser finds its own widths."""
        self.parts.append(
            format_html(
                '<div class="scroll" role="group" aria-label="{}" tabindex="0"><table>'
                "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
                description,
                format_html_join("", '<th scope="col">{}</th>', ((text,) for text in header)),
                format_html_join("\n", "<tr>{}</tr>", ((_cells(row),) for row in rows)),
            )
        )

    def html(self, html: str, labels: Mapping[int, str], level: int) -> None:
        """Add the cleaned HTML of a section; its headings come below the one of this level."""
        html = _MARK.sub(lambda match: f"<sup>{labels[int(match[1])]}</sup>", html)
        html = _HEADING.sub(lambda match: f"{match[1]}h{min(int(match[2]) + level - 1, 6)}", html)
        self.parts.append(mark_safe(html))  # noqa: S308 - cleaned by markdown.py


def _cells(row: Sequence[str]) -> SafeString:
    first, *rest = row
    return format_html(
        '<th scope="row">{}</th>{}',
        _lines(first),
        format_html_join(
            "",
            "<td{}>{}</td>",
            # A date or a grade is never torn apart.
            ((_WHOLE if len(text) <= SHORT else "", _lines(text)) for text in rest),
        ),
    )


def _lines(text: str) -> SafeString:
    lines = ((line,) for line in text.split("\n"))
    return format_html_join(mark_safe("<br>"), "{}", lines)  # noqa: S308 - a constant
