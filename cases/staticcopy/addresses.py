"""Which addresses of the site become files, and which only the live site can answer."""

import re
from posixpath import relpath
from urllib.parse import parse_qsl, unquote

from django.urls import reverse

from cases.parameters import FACETS

# Answers that differ with every query, or are of use to programs only.
_LIVE = re.compile(
    r"/(api|suggest|display|healthz|readyz|compare)(/|$)"
    r"|/(cases\.json|compare\.csv|compare\.xlsx|sitemap(-[a-z]+)?\.xml|robots\.txt|opensearch\.xml)$"
)
# What only somebody who is signed in has a use for: no copy leads there.
_PERSONAL = re.compile(r"/(admin|login|logout|my)(/|$)")
_WORD = re.compile(r"[0-9A-Za-z_.-]+\Z")


def is_personal(path: str) -> bool:
    return _PERSONAL.match(unquote(path)) is not None


def file_of(path: str, query: str) -> str | None:
    """Return the file that stands for an address, or None where only the live site has an answer.

    Of the list there is a copy of every page, for all cases, for each single value of a facet, and
    with each long facet opened. Several conditions at once and searches are too many to write down.
    """
    path = unquote(path)
    if _LIVE.match(path) or is_personal(path):
        return None
    if query:
        if path != reverse("cases:list"):
            return None
        chosen = _chosen(query)
        if chosen is None:
            return None
        return f"cases/{'/'.join(chosen)}/index.html"
    name = path.lstrip("/")
    return f"{name}index.html" if not name or name.endswith("/") else name


def _chosen(query: str) -> list[str] | None:
    """Return the folders for a query of one value, one page, or both."""
    given = parse_qsl(query, keep_blank_values=True)
    names = [name for name, _value in given]
    facets = [name for name in names if name != "page"]
    # The years have two parameters of their own; asked from and to the same they are one value.
    if facets == ["year_from", "year_to"] and given[0][1] == given[1][1]:
        facets, given = ["year"], [("year", given[0][1]), *given[2:]]
    # A choice from a list that was opened: the copy shows it with the list as it usually is.
    if "open" in facets and len(facets) > 1:
        given = [pair for pair in given if pair[0] != "open"]
        facets.remove("open")
        names.remove("open")
    known = len(facets) <= 1 and all(name in (*FACETS, "open", "none") for name in facets)
    if not known or len(set(names)) != len(names):
        return None
    folders = []
    for name, value in given:
        if name == "page" and not (value.isdigit() and int(value) > 1):
            return None
        # A name for a folder on any system; Chinese values stand for themselves.
        if not (_WORD.match(value) or value.isalnum()):
            return None
        folders.append(f"page-{value}" if name == "page" else f"{name}-{value}")
    return sorted(folders, key=lambda folder: folder.startswith("page-"))


def relative(target: str, page: str) -> str:
    """Return the way from one file of the copy to another."""
    folder = page.rpartition("/")[0]
    return relpath(target, folder or ".")
