"""governance/settings.py and wsgi.py: what each machine gets from what its environment says."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import RequestFactory
from django.utils.translation import gettext

ROOT = Path(__file__).resolve().parent.parent
KEY = "a-long-enough-key-of-many-letters-used-in-tests-0123456789-only"

Settings = dict[str, Any]


@pytest.fixture
def settings_for(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Evaluate the settings module under exactly the variables given."""

    def evaluate(**variables: str) -> Settings:
        for name in list(os.environ):
            if name.startswith("DJANGO_") or name in {"DATABASE_URL", "REDIS_URL", "SITE_URL"}:
                monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        # Under another name: the settings in force stay as they are.
        spec = importlib.util.spec_from_file_location(
            "settings_under_test", ROOT / "governance" / "settings.py"
        )
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return vars(module)

    return evaluate


def start(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the project in a process that has only these variables."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8", **variables},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


# --- Laptop or server ---


def test_without_any_variable_it_is_a_laptop(settings_for: Callable[..., Settings]) -> None:
    laptop = settings_for()
    assert laptop["DEBUG"] is True
    assert laptop["SITE_URL"] == "http://127.0.0.1:8000"
    assert "SECURE_SSL_REDIRECT" not in laptop
    assert "Manifest" not in laptop["STORAGES"]["staticfiles"]["BACKEND"]


def test_a_key_makes_it_a_server(settings_for: Callable[..., Settings]) -> None:
    server = settings_for(DJANGO_SECRET_KEY=KEY)
    assert server["DEBUG"] is False
    assert server["SECRET_KEY"] == KEY
    assert server["SECURE_SSL_REDIRECT"] is True
    assert server["SESSION_COOKIE_SECURE"] is True
    assert server["CSRF_COOKIE_SECURE"] is True
    assert server["SECURE_HSTS_SECONDS"] > 0
    assert "Manifest" in server["STORAGES"]["staticfiles"]["BACKEND"]


def test_an_explicit_debug_wins_over_the_key(settings_for: Callable[..., Settings]) -> None:
    assert settings_for(DJANGO_SECRET_KEY=KEY, DJANGO_DEBUG="true")["DEBUG"] is True


def test_debugging_off_without_a_key_is_refused(settings_for: Callable[..., Settings]) -> None:
    with pytest.raises(ImproperlyConfigured, match="DJANGO_SECRET_KEY"):
        settings_for(DJANGO_DEBUG="false")


def test_an_unclear_debug_is_refused(settings_for: Callable[..., Settings]) -> None:
    with pytest.raises(ImproperlyConfigured, match="DJANGO_DEBUG"):
        settings_for(DJANGO_DEBUG="ture")


@pytest.mark.parametrize("variables", [{}, {"DJANGO_DEBUG": ""}])
def test_a_server_without_a_key_says_so_in_two_languages(variables: dict[str, str]) -> None:
    done = start("-c", "import governance.wsgi", **variables)
    assert done.returncode != 0
    assert "没有设置 DJANGO_SECRET_KEY" in done.stderr
    assert "DJANGO_SECRET_KEY is not set" in done.stderr


def test_a_server_with_a_key_starts_with_debugging_off() -> None:
    code = "import governance.wsgi; from django.conf import settings; print(settings.DEBUG)"
    done = start("-c", code, DJANGO_SECRET_KEY=KEY)
    assert done.stdout == "False\n", done.stderr


def test_the_deployment_check_has_nothing_to_say() -> None:
    done = start(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        DJANGO_SECRET_KEY=KEY,
        DJANGO_ALLOWED_HOSTS="cases.example.org",
    )
    assert done.returncode == 0, done.stderr


# --- Where it runs ---


def test_hosts_and_origins_are_lists(settings_for: Callable[..., Settings]) -> None:
    server = settings_for(
        DJANGO_ALLOWED_HOSTS="cases.example.org,www.example.org",
        DJANGO_CSRF_TRUSTED_ORIGINS="https://cases.example.org",
        SITE_URL="https://cases.example.org/",
    )
    assert server["ALLOWED_HOSTS"] == ["cases.example.org", "www.example.org"]
    assert server["CSRF_TRUSTED_ORIGINS"] == ["https://cases.example.org"]
    assert server["SITE_URL"] == "https://cases.example.org"


def test_the_redirect_to_https_and_its_memory_can_be_left_to_others(
    settings_for: Callable[..., Settings],
) -> None:
    server = settings_for(
        DJANGO_SECRET_KEY=KEY, DJANGO_SSL_REDIRECT="false", DJANGO_HSTS_SECONDS="0"
    )
    assert server["SECURE_SSL_REDIRECT"] is False
    assert server["SECURE_HSTS_SECONDS"] == 0


def test_a_proxy_is_believed_only_when_there_is_one(settings_for: Callable[..., Settings]) -> None:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})

    alone = settings_for(DJANGO_SECRET_KEY=KEY)
    assert "SECURE_PROXY_SSL_HEADER" not in alone
    assert alone["client_address"](request) == "127.0.0.1"

    behind = settings_for(DJANGO_SECRET_KEY=KEY, DJANGO_BEHIND_PROXY="true")
    assert behind["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    # The first address is whatever the visitor wrote, the last what the proxy saw.
    assert behind["client_address"](request) == "198.51.100.7"
    assert behind["client_address"](RequestFactory().get("/")) == "127.0.0.1"


# --- Storage ---


def test_the_database_is_a_file_beside_the_code(settings_for: Callable[..., Settings]) -> None:
    database = settings_for()["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == ROOT / "db.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_an_address_chooses_the_database(settings_for: Callable[..., Settings]) -> None:
    database = settings_for(DATABASE_URL="postgres://u:p%40ss@db.example.org:5433/cases")
    default = database["DATABASES"]["default"]
    assert default["ENGINE"] == "django.db.backends.postgresql"
    assert (default["HOST"], default["PORT"], default["NAME"]) == ("db.example.org", 5433, "cases")
    assert default["PASSWORD"] == "p@ss"
    assert default["CONN_HEALTH_CHECKS"] is True


def test_a_sqlite_address_gets_the_same_options(settings_for: Callable[..., Settings]) -> None:
    given = settings_for(DATABASE_URL="sqlite:////srv/cases.sqlite3")["DATABASES"]["default"]
    assert given["NAME"] == "/srv/cases.sqlite3"
    assert given["OPTIONS"] == settings_for()["DATABASES"]["default"]["OPTIONS"]


@pytest.mark.sqlite
@pytest.mark.django_db
def test_sqlite_writes_ahead_and_waits_for_others() -> None:
    with connection.cursor() as cursor:
        answers = {}
        for pragma in ("journal_mode", "synchronous", "busy_timeout"):
            cursor.execute(f"PRAGMA {pragma}")
            answers[pragma] = cursor.fetchone()[0]
    assert answers == {"journal_mode": "wal", "synchronous": 1, "busy_timeout": 5000}


def test_the_cache_is_in_memory_unless_redis_is_named(
    settings_for: Callable[..., Settings],
) -> None:
    assert "LocMem" in settings_for()["CACHES"]["default"]["BACKEND"]
    redis = settings_for(REDIS_URL="redis://127.0.0.1:6379/1")["CACHES"]["default"]
    assert redis["BACKEND"].endswith("RedisCache")
    assert redis["LOCATION"] == "redis://127.0.0.1:6379/1"


def test_the_sentences_that_django_leaves_in_english_are_compiled() -> None:
    file = settings.LOCALE_PATHS[0] / "zh_Hans" / "LC_MESSAGES" / "django.po"
    text = file.read_text(encoding="utf-8")
    found = re.findall(r'^msgid (".+")\nmsgstr (".+")', text, re.M)
    words = [(json.loads(said), json.loads(chinese)) for said, chinese in found]
    assert words
    assert {said: gettext(said) for said, _chinese in words} == dict(words)
