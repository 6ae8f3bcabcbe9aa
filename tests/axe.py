"""The accessibility rules of axe-core, run on a page that is open in the browser."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN = """
async (tags) => {
    const found = await axe.run(document, {
        runOnly: {type: "tag", values: tags},
        // It would fetch what style sheets import, which the content policy refuses.
        preload: false,
    });
    return found.violations.map((rule) => ({
        rule: rule.id,
        help: rule.help,
        nodes: rule.nodes.map((node) => node.target.join(" ")),
    }));
}
"""


@cache
def _source() -> str:
    return (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


def axe(page: Page) -> list[dict[str, Any]]:
    """Return the rules broken, each with the places where; an empty list is a clean page."""
    # Not as a script element, which the content policy of the site refuses.
    page.evaluate(_source())
    violations: list[dict[str, Any]] = page.evaluate(RUN, TAGS)
    return violations
