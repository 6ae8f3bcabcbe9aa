"""Following the site's own links from the home page until every page is a file."""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from cases.models import Initiative, PolicyDocument, Revision

from .addresses import file_of, relative
from .discovery import files
from .rewriting import rewrite

# Not every one of these is linked from a page.
_STARTS = ("home", "list", "about", "codebook", "dataset", "list-csv", "list-xlsx", "list-atom")
Progress = Callable[[int, int], None]


class CopyError(Exception):
    """A copy that cannot be made; the message is Chinese."""


def write(root: Path, progress: Progress = lambda done, known: None, address: str = "") -> int:
    """Write the copy into an empty or absent folder; returns how many files it has.

    The pages are those that the site itself answers with, to nobody in particular. `progress` is
    told how many files are written and how many are known of so far. The home page is written
    last: a folder without it is no copy. `address` is where the copy will be found; search
    engines are told of its pages only if that is known.
    """
    host = urlsplit(address)
    if address and (host.scheme not in ("http", "https") or not host.netloc):
        raise CopyError(f"{address} 不是网址。请写成 https://… 的样子。")
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise CopyError(f"{root} 不是空目录。请另选一个，或先清空它。")
    live = urlsplit(settings.SITE_URL)
    # Pages are made under the address of the live site, which is where they are cited, and are
    # not kept among those that the live site remembers.
    memory = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    with override_settings(
        ALLOWED_HOSTS=[live.hostname],
        CACHES=dict.fromkeys(settings.CACHES, memory),
        SECURE_SSL_REDIRECT=False,
    ):
        # That a withdrawn case is gone is no news here.
        log = logging.getLogger("django.request")
        level = log.level
        log.setLevel(logging.ERROR)
        try:
            return _Copy(root, progress, address.rstrip("/")).write()
        finally:
            log.setLevel(level)


class _Copy:
    def __init__(self, root: Path, progress: Progress, address: str) -> None:
        self.root, self.progress, self.address = root, progress, address
        live = urlsplit(settings.SITE_URL)
        self.client = Client(SERVER_NAME=live.hostname or "localhost")
        self.port = str(live.port or (443 if live.scheme == "https" else 80))
        self.secure = live.scheme == "https"
        self.waiting: deque[str] = deque()
        # File -> the address that is written there.
        self.known: dict[str, str] = {}
        self.day = timezone.localdate().isoformat()
        self.home = b""

    def write(self) -> int:
        for address in _starts():
            self._file(address)
        done = 0
        while self.waiting:
            self._write(self.waiting.popleft())
            done += 1
            self.progress(done, len(self.known))
        if self.address:
            for name, data in files(self.address, self.known):
                self._put(name, data)
                done += 1
        self._put("index.html", self.home)
        return done

    def _file(self, address: str) -> str | None:
        """Return the file of an address, which will be written if it is a new one."""
        parts = urlsplit(address)
        name = file_of(parts.path, parts.query)
        if name is not None and name not in self.known:
            self.known[name] = address
            self.waiting.append(name)
        return name

    def _put(self, name: str, data: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def _write(self, name: str) -> None:
        address = self.known[name]
        static = f"/{settings.STATIC_URL.lstrip('/')}"
        if address.startswith(static):
            self._put(name, _asset(urlsplit(address).path.removeprefix(static)))
            return
        response: Any = self.client.get(address, secure=self.secure, SERVER_PORT=self.port)
        if response.status_code in (301, 302):
            data = self._moved(response["Location"], name)
        elif response.status_code in (200, 410):
            streamed = response.streaming
            data = b"".join(response.streaming_content) if streamed else response.content
            if response["Content-Type"].startswith("text/html"):
                data = self._page(data.decode(), address, name).encode()
        else:
            raise CopyError(f"{address} 回答 {response.status_code}，没有写成副本。")
        if name == "index.html":
            self.home = data
        else:
            self._put(name, data)

    def _page(self, html: str, address: str, name: str) -> str:
        def resolve(link: str) -> str:
            if link.startswith("#") or urlsplit(link).scheme or link.startswith("//"):
                return link
            whole = urljoin(address, link)
            parts = urlsplit(whole)
            file = self._file(whole)
            if file is None:
                return f"{settings.SITE_URL}{whole}"
            fragment = f"#{parts.fragment}" if parts.fragment else ""
            return f"{relative(file, name)}{fragment}"

        live = escape(f"{settings.SITE_URL}{reverse('cases:list')}")
        note = (
            f'<p class="small copy">静态副本，截至 {self.day}；'
            f'检索、组合筛选与比较请到<a href="{live}">原站</a>。</p>'
        )
        return rewrite(html, resolve, note)

    def _moved(self, location: str, name: str) -> bytes:
        parts = urlsplit(location)
        target = self._file(parts.path)
        link = escape(relative(target, name) if target else f"{settings.SITE_URL}{parts.path}")
        return (
            '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="refresh" content="0; url={link}">\n<title>已并入</title>\n'
            f'</head>\n<body>\n<p>这里的内容已并入<a href="{link}">另一页</a>。</p>\n'
            "</body>\n</html>\n"
        ).encode()


def _starts() -> Iterator[str]:
    """Yield what the copy begins with: fixed pages, and every address promised to last."""
    yield from (reverse(f"cases:{name}") for name in _STARTS)
    public = Initiative.objects.published() | Initiative.objects.withdrawn()
    for pk in public.order_by("pk").values_list("pk", flat=True).iterator():
        yield reverse("cases:case", args=[pk])
    versions = Revision.objects.filter(initiative__in=public).order_by("initiative_id", "number")
    for pk, number in versions.values_list("initiative_id", "number").iterator():
        yield reverse("cases:version", args=[pk, number])
    for pk in PolicyDocument.objects.values_list("pk", flat=True):
        yield reverse("cases:policy", args=[pk])


def _asset(name: str) -> bytes:
    """Return a style sheet, script or picture, as collected or as it lies in the project."""
    if staticfiles_storage.exists(name):
        with staticfiles_storage.open(name) as file:
            data: bytes = file.read()
            return data
    path = finders.find(name)
    if not isinstance(path, str):
        raise CopyError(f"没有静态文件 {name}；先运行 collectstatic。")
    return Path(path).read_bytes()
