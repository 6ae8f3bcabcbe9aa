"""Markdown of a case's sections to safe HTML, with marks that lead to the evidence."""

from dataclasses import dataclass, field
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from mdit_py_cjk_friendly import cjk_friendly

from cases.codebook import SECTION_TITLES
from cases.quality import MARK


@dataclass(frozen=True)
class Section:
    """One section as HTML."""

    name: str
    title: str
    html: SafeString


@dataclass
class Text:
    """A case's sections, and the anchors of the marks that use each evidence number."""

    sections: list[Section] = field(default_factory=list)
    uses: dict[int, list[str]] = field(default_factory=dict)


def _mark(state: StateInline, silent: bool) -> bool:
    """Read `[^1]` as a link to evidence 1 and remember where it stands."""
    match = MARK.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        number = int(match.group(1))
        uses = state.env["uses"].setdefault(number, [])
        anchor = f"{state.env['section']}-{number}-{len(uses) + 1}"
        uses.append(anchor)
        token = state.push("mark", "", 0)
        token.meta = {"number": number, "anchor": anchor}
    state.pos = match.end()
    return True


def _render_mark(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    number, anchor = tokens[index].meta["number"], tokens[index].meta["anchor"]
    return (
        f'<sup class="mark"><a id="{anchor}" href="#evidence-{number}" '
        f'aria-label="出处 {number}">{number}</a></sup>'
    )


# CommonMark alone leaves **重点：**后续 as asterisks; the plugin reads Chinese punctuation rightly.
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table").use(cjk_friendly)
_markdown.disable(["image", "html_inline", "html_block"])
_markdown.inline.ruler.before("link", "mark", _mark)
_markdown.add_render_rule("mark", _render_mark)

_TAGS = {
    "p", "br", "hr", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "sup", "a",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "id", "title", "aria-label"}, "sup": {"class"}, "ol": {"start"}}


def to_html(text: str, section: str, uses: dict[int, list[str]]) -> SafeString:
    """Return cleaned HTML of one Markdown text; adds the anchors of its marks to `uses`."""
    html = _markdown.render(text, {"section": section, "uses": uses})
    clean = nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"}
    )
    return mark_safe(clean)  # noqa: S308 - nh3 is what makes it safe


def render(record: dict[str, Any]) -> Text:
    """Return the sections of a record as HTML, empty ones left out."""
    text = Text()
    for name, title in SECTION_TITLES.items():
        source = record["sections"][name]
        if source:
            text.sections.append(Section(name, title, to_html(source, name, text.uses)))
    return text
