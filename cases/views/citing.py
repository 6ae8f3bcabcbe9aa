"""How a page says what it is about and how that is cited."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from cases.outputs import citations

# What follows the name of a thing in that of the route of its file.
FILES = ("ris", "bib", "csl")


def citing(item: citations.Item, name: str, **kwargs: Any) -> dict[str, Any]:
    """Return what `_meta.html`, `_alternates.html` and `_cite.html` show; `name` is of its routes.

    Depends on the day, as entries name the day of access.
    """
    return {
        "cited": item,
        "citations": citations.both_editions(item, timezone.localdate()),
        "files": {short: reverse(f"cases:{name}-{short}", kwargs=kwargs) for short in FILES},
    }
