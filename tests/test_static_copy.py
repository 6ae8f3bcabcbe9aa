"""The static copy: every public page as a file, and not one link of it that leads nowhere."""

import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.contrib.sitemaps import Sitemap
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.timezone import localtime
from playwright.sync_api import Browser, expect

from cases import publishing
from cases.models import Initiative
from cases.staticcopy.addresses import file_of

from . import make
from .axe import axe

pytestmark = pytest.mark.django_db
LIVE = "https://cases.example.org"


@pytest.fixture(autouse=True)
def address(settings: Any) -> None:
    settings.SITE_URL = LIVE


class Page(HTMLParser):
    """What a page links to, what may be linked to in it, and what asks a server."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.asks: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [given[n] or "" for n in ("href", "src") if n in given]
        if given.get("http-equiv") == "refresh":
            self.links.append((given["content"] or "").partition("url=")[2])
        if "id" in given:
            self.ids.add(given["id"] or "")
        # A field without a name narrows a list in the page itself.
        if tag == "form" or {"name", "form", "data-copy"} & given.keys() and tag != "meta":
            self.asks.append(tag)


def broken(root: Path) -> list[str]:
    """Walk over the whole copy: every link of every page must find its file and its fragment."""
    pages = {p.resolve(): Page(p.read_text("utf-8")) for p in root.rglob("*.html")}
    found = []
    for path, page in pages.items():
        here = path.relative_to(root.resolve())
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                if parts.scheme not in ("http", "https"):
                    found.append(f"{here}: {link}")
                continue
            if parts.netloc or parts.query or parts.path.startswith("/"):
                found.append(f"{here}: {link} leaves the copy")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                found.append(f"{here}: {link} has no file")
            elif parts.fragment and unquote(parts.fragment) not in pages[target].ids:
                found.append(f"{here}: {link} has no such place")
        found += [f"{here}: {tag} asks a server" for tag in page.asks]
    return found


def copy(root: Path, **options: str) -> Path:
    call_command("static_copy", str(root), stdout=StringIO(), **options)
    return root


def test_no_link_of_the_copy_of_the_real_cases_leads_nowhere(
    real_cases: None, tmp_path: Path
) -> None:
    case = Initiative.objects.get(pk=5)
    publishing.publish(publishing.start_revision(case), note="又一版")
    publishing.withdraw(Initiative.objects.get(pk=6), None, "来源不实")
    publishing.merge(Initiative.objects.get(pk=7), Initiative.objects.get(pk=8), None)
    make.make_published(title="第二十一个")
    root = copy(tmp_path / "copy")
    assert broken(root) == []
    for name in (
        "index.html",
        "cases/index.html",
        "cases/page-2/index.html",
        "cases/topic-parking/index.html",
        "cases/5/index.html",
        "cases/5/v1/index.html",
        "cases/5/versions/1..2/index.html",
        "cases/5.json",
        "cases/5.docx",
        "cases.csv",
        "cases.atom",
        "districts/zhabei/index.html",
        "themes/community-workers/index.html",
        "policies/2/index.html",
        "statistics/index.html",
        "matrix/index.html",
        "about/data/index.html",
        "about/data/dcat.jsonld",
        "about/codebook/record.schema.json",
        "static/css/site.css",
        "static/favicon.svg",
    ):
        assert (root / name).stat().st_size, name
    # Nobody can sign in to a copy: nothing there is for those who did.
    assert not {"login", "my", "admin"} & {path.name for path in root.iterdir()}
    for path in root.rglob("*.html"):
        page = path.read_text("utf-8")
        assert not re.search(r"收入案例集|保存这个检索|编辑登录|/(login|my|admin)/", page), path


def test_a_page_says_what_the_site_says(tmp_path: Path, client: Client) -> None:
    pk = make.make_published(title="潮汐<停车>").pk
    root = copy(tmp_path / "copy")
    live = client.get(f"/cases/{pk}/").content.decode()
    written = (root / f"cases/{pk}/index.html").read_text("utf-8")
    heading = live[live.index("<h1") : live.index("</h1>")]
    assert heading in written
    assert (root / f"cases/{pk}.json").read_bytes() == client.get(
        f"/cases/{pk}.json"
    ).content.replace(b"http://testserver", LIVE.encode())


def test_withdrawn_and_merged_cases_keep_their_addresses_and_drafts_have_none(
    tmp_path: Path,
) -> None:
    gone = make.make_withdrawn(reason="来源不实", approach="不可外传的正文[^1]")
    draft = make.make_complete_draft(title="不可外传的草稿")
    one, other = make.make_published(), make.make_published()
    publishing.merge(one, other, None)
    root = copy(tmp_path / "copy")
    assert "来源不实" in (root / f"cases/{gone.pk}/index.html").read_text("utf-8")
    moved = (root / f"cases/{one.pk}/index.html").read_text("utf-8")
    assert f'url=../{other.pk}/index.html"' in moved
    assert "这个案例已并入" in (root / f"cases/{one.pk}/v1/index.html").read_text("utf-8")
    assert not (root / f"cases/{draft.pk}").exists()
    assert "不可外传" not in "".join(p.read_text("utf-8") for p in root.rglob("*.html"))
    assert broken(root) == []


def test_what_must_be_computed_leads_to_the_live_site(tmp_path: Path) -> None:
    make.make_published()
    root = copy(tmp_path / "copy")
    text = (root / "matrix/index.html").read_text("utf-8")
    assert f'href="{LIVE}/cases/?district=' in text
    text = (root / "cases/index.html").read_text("utf-8")
    assert f'<a href="{LIVE}/cases/">原站</a>' in text
    assert f'<link rel="canonical" href="{LIVE}/cases/">' in text


def test_search_engines_are_told_of_a_copy_whose_address_is_known(
    tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, gone = make.make_published(), make.make_withdrawn()
    plain = copy(tmp_path / "plain")
    assert not (plain / "sitemap.xml").exists()
    root = copy(tmp_path / "copy", address="https://copy.example.org/")
    text = (root / "sitemap.xml").read_text("utf-8")
    found = re.findall("<loc>https://copy.example.org/(.*?)</loc>", text)
    assert len(found) == text.count("<loc>") > 10
    assert f"cases/{case.pk}/index.html" in found
    assert f"cases/{gone.pk}/index.html" not in found
    assert [name for name in found if not (root / unquote(name)).is_file()] == []
    day = f"{localtime(case.published_at):%Y-%m-%d}"
    assert f"cases/{case.pk}/index.html</loc><lastmod>{day}</lastmod>" in text
    robots = (root / "robots.txt").read_text("utf-8")
    assert "Sitemap: https://copy.example.org/sitemap.xml" in robots
    # Longer than a file may be, and not at the root of its host.
    monkeypatch.setattr(Sitemap, "limit", 5)
    root = copy(tmp_path / "divided", address="https://example.org/copy")
    text = (root / "sitemap.xml").read_text("utf-8")
    parts = re.findall("<loc>https://example.org/copy/(.*?)</loc>", text)
    assert len(parts) == -(-len(found) // 5)
    pieces = [(root / part).read_text("utf-8") for part in parts]
    assert all(0 < piece.count("<loc>") <= 5 for piece in pieces)
    names = re.findall("<loc>https://example.org/copy/(.*?)</loc>", "".join(pieces))
    assert names == found
    assert not (root / "robots.txt").exists()
    with pytest.raises(CommandError, match="不是网址"):
        copy(tmp_path / "none", address="copy.example.org")


def test_a_value_cannot_lead_out_of_the_folder() -> None:
    assert file_of("/cases/", "topic=parking&page=2") == "cases/topic-parking/page-2/index.html"
    assert file_of("/cases/", "") == "cases/index.html"
    for query in ("topic=../../x", "topic=a/b", "q=x", "topic=a&district=b", "page=1", "topic="):
        assert file_of("/cases/", query) is None, query


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match="不是空目录"):
        copy(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_copy_that_was_not_finished_has_no_home_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.make_published()

    def fail(self: Any, name: str, data: bytes) -> None:
        if name.startswith("cases/"):
            raise OSError("disk full")
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_bytes(data)

    monkeypatch.setattr("cases.staticcopy.crawling._Copy._put", fail)
    with pytest.raises(CommandError, match="disk full"):
        copy(tmp_path / "copy")
    assert not (tmp_path / "copy" / "index.html").exists()


@pytest.mark.browser
def test_the_copy_can_be_read_without_any_server(
    real_cases: None, tmp_path: Path, browser: Browser
) -> None:
    root = copy(tmp_path / "copy")
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.goto((root / "index.html").as_uri())
    assert axe(page) == []
    page.get_by_role("link", name="徐汇").first.click()
    page.locator(".rows h3 a, .rows h2 a").first.click()
    expect(page).to_have_url(re.compile("^file://.*/cases/"))
    assert axe(page) == []
    context.close()
    assert errors == []
