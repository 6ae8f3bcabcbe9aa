"""What search engines are told of a copy whose address is known."""

from collections.abc import Container, Iterator
from itertools import chain, islice
from typing import Any
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from django.contrib.sitemaps import Sitemap
from django.utils import timezone

from cases.sitemaps import SITEMAPS

from .addresses import file_of

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def files(base: str, known: Container[str]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the sitemap, divided where one file may not hold it, and of robots.

    The addresses are those of the site's own sitemap, as far as they are `known` files; `base` is
    the copy's address without a slash.
    """
    entries = _entries(base, known)
    part, following = list(islice(entries, Sitemap.limit)), list(islice(entries, 1))
    if not following:
        yield "sitemap.xml", _xml("urlset", "url", part)
    else:
        parts: list[str] = []
        while part:
            parts.append(f"sitemap-{len(parts) + 1}.xml")
            yield parts[-1], _xml("urlset", "url", part)
            rest = chain(following, entries)
            part, following = list(islice(rest, Sitemap.limit)), []
        index = [f"<loc>{escape(f'{base}/{name}')}</loc>" for name in parts]
        yield "sitemap.xml", _xml("sitemapindex", "sitemap", index)
    # Nobody looks for it anywhere but at the root of a host.
    if not urlsplit(base).path:
        yield "robots.txt", f"User-agent: *\nDisallow:\nSitemap: {base}/sitemap.xml\n".encode()


def _entries(base: str, known: Container[str]) -> Iterator[str]:
    for section in SITEMAPS.values():
        sitemap: Any = section()
        for item in sitemap.items():
            name = file_of(sitemap.location(item), "")
            if name is None or name not in known:
                continue
            changed = sitemap.lastmod(item)
            day = f"<lastmod>{timezone.localdate(changed)}</lastmod>" if changed else ""
            yield f"<loc>{escape(f'{base}/{quote(name)}')}</loc>{day}"


def _xml(root: str, child: str, entries: list[str]) -> bytes:
    lines = "".join(f"<{child}>{entry}</{child}>\n" for entry in entries)
    return f'{_HEAD}<{root} xmlns="{_NAMESPACE}">\n{lines}</{root}>\n'.encode()
