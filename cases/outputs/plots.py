"""Plots as SVG for a page: horizontal bars, each a link, coloured by classes of the style sheet.

The drawing has no scale of its own: places are in `em` or per cent, so that text keeps its size
on a narrow screen and in the large-type version. Pure: no request, no query.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# In em, with the text's own size: a bar with its text is a target of 44 px at 16 px.
STEP = 2.8
TEXT, BAR, THICK = 1.35, 1.8, 0.55


@dataclass(frozen=True)
class Item:
    """One bar. Without an address it is drawn but leads nowhere."""

    label: str
    number: int
    shade: int
    url: str = ""


def bars(items: Iterable[Item], labelled_by: str) -> SafeString:
    """Return the plot, named by the element with the id `labelled_by`.

    A group, not an image: an image may hold no links.
    """
    drawn = list(items)
    most = max((item.number for item in drawn), default=0) or 1
    return format_html(
        '<svg class="bars" role="group" aria-labelledby="{}" width="100%" height="{}em">{}</svg>',
        labelled_by,
        f"{STEP * len(drawn):.2f}",
        format_html_join(
            "\n", "{}", ((_bar(item, STEP * index, most),) for index, item in enumerate(drawn))
        ),
    )


def _bar(item: Item, top: float, most: int) -> SafeString:
    inside = format_html(
        '<rect class="hit" y="{hit}em" width="100%" height="{step}em"/>'
        '<text y="{text}em">{label}</text> '
        '<text x="100%" y="{text}em" text-anchor="end">{number}</text>'
        '<rect class="base" y="{base}em" width="100%" height="1"/>'
        '<rect class="q{shade}" y="{bar}em" width="{width}%" height="{thick}em"/>',
        hit=f"{top:.2f}",
        step=STEP,
        text=f"{top + TEXT:.2f}",
        label=item.label,
        number=item.number,
        base=f"{top + BAR + THICK:.2f}",
        shade=item.shade,
        bar=f"{top + BAR:.2f}",
        width=f"{100 * item.number / most:.1f}",
        thick=THICK,
    )
    if not item.url:
        return format_html("<g>{}</g>", inside)
    return format_html('<a href="{}" rel="nofollow">{}</a>', item.url, inside)
