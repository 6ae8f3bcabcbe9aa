"""What every test stands on: no network, one engine at a time, and a browser for those that ask."""

import ipaddress
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from importlib import import_module
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import hashers
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from cases import facets
from cases.search import query
from cases.views.context import ELDER_COOKIE

from . import make

# Playwright's synchronous interface keeps an event loop in the thread, which Django refuses.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

IN_CI = os.environ.get("CI") == "true"
CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
CHROMIUM_COMMAND = "apt-get install -y chromium fonts-noto-cjk"
# Milliseconds to wait for what a page shows in the end: only a test that fails waits so long.
PATIENCE = 30_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


# --- Which tests run ---


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[connection.vendor]
    left_out = [item for item in items if item.get_closest_marker(other)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    if CHROMIUM is None and not IN_CI:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="没有 Chromium"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if IN_CI and _reports(session.config, "skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    skipped = _reports(config, "skipped")
    if IN_CI and skipped:
        terminalreporter.write_line(f"CI 中不得跳过测试：跳过了 {len(skipped)} 个，视为失败。")
    without_browser = [report for report in skipped if "browser" in report.keywords]
    if without_browser:
        note = (
            f"跳过了 {len(without_browser)} 个浏览器测试：这台机器没有 Chromium。"
            f"安装命令：{CHROMIUM_COMMAND}"
        )
        terminalreporter.write_line(note)
        # ./run repeats the notes at its very end, after the run on the other engine.
        if notes := os.environ.get("TEST_NOTES"):
            with Path(notes).open("a", encoding="utf-8") as file:
                file.write(f"{note}\n")


def _reports(config: pytest.Config, outcome: str) -> list[Any]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return list(reporter.stats.get(outcome, [])) if reporter else []


# --- Every test ---


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a socket in the file system
    host = str(address[0])
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Fail a test that leaves the machine: by a connection, or by asking for a name's address."""
    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def local_connect(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            pytest.fail(f"A test may not reach the network: {address}")
        connect(self, address)

    def local_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host is not None and not _is_local((host,)):
            pytest.fail(f"A test may not reach the network: {host}")
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", local_connect)
        patch.setattr(socket, "getaddrinfo", local_getaddrinfo)
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    hashers.get_hashers.cache_clear()
    hashers.get_hashers_by_algorithm.cache_clear()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Forget what a worker keeps: generation numbers begin again with each test's database."""
    yield
    for cache in caches.all():
        cache.clear()
    facets.store.clear()
    query.memory.clear()


@pytest.fixture
def real_cases(db: None) -> None:
    """The database as `bootstrap` leaves it."""
    call_command("bootstrap", verbosity=0, stdout=StringIO())


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Give each process its own database, and SQLite's a file: one in memory is shared by all
    threads of the live server as a single connection, and so as a single transaction."""
    if connection.vendor == "sqlite":
        file = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connections["default"].settings_dict["TEST"]["NAME"] = str(file)


# --- The browser ---


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail(f"没有 Chromium。安装命令：{CHROMIUM_COMMAND}")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context_for(browser: Browser, live_server: Any) -> Iterator[Callable[..., BrowserContext]]:
    """Open contexts with `context_for(width=…, scheme=…, elder=…, javascript=…)`.

    Addresses are relative to the live server. An error on the console of any page, or one that
    a script does not catch, fails the test in the end: so does every breach of the content policy.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Two complaints are the browser's own: about a page whose status is an error, which may be
        # the point of the test, and about an icon it asked for unbidden.
        address = message.location["url"]
        of_page = message.page is not None and address == message.page.url
        expected = "status of" in message.text and (of_page or address.endswith("/favicon.ico"))
        if message.type == "error" and not expected:
            errors.append(f"{address}: {message.text}")

    def watch(page: Page) -> None:
        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))

    def make(
        *,
        width: int = 1280,
        height: int = 800,
        scheme: str = "light",
        elder: bool = False,
        javascript: bool = True,
    ) -> BrowserContext:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=javascript,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(PATIENCE)
        if elder:
            context.add_cookies([{"name": ELDER_COOKIE, "value": "elder", "url": live_server.url}])
        context.on("page", watch)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(context_for: Callable[..., BrowserContext]) -> Page:
    return context_for().new_page()


@pytest.fixture
def desk(context_for: Callable[..., BrowserContext], live_server: Any) -> Callable[..., Page]:
    """Open a page with `desk("editor", width=…)`, signed in as a new user of that role."""
    # The roles came with migrations, and went when an earlier test in the browser had ended.
    state = SimpleNamespace(connection=connection)
    for name in ("0002_roles", "0006_desk_roles", "0009_policy_relations", "0011_collections"):
        migration = import_module(f"cases.migrations.{name}")
        add = getattr(migration, "make_roles", None) or migration.add_permissions
        add(apps, state)

    def sign_in(role: str, **how: Any) -> Page:
        signed_in = Client()
        signed_in.force_login(make.make_user(role))
        context = context_for(**how)
        cookie = signed_in.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        return context.new_page()

    return sign_in
