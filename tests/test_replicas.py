"""governance/replicas.py: who reads from a copy of the database, and what happens where it is
behind or gone. The copy is a real second database on either engine, in which nothing can be
written and which is as old as the last `copy()`."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases import facets, publishing
from cases.models import Initiative
from governance import replicas

from . import make
from .test_settings import settings_for

__all__ = ["settings_for"]

pytestmark = pytest.mark.django_db(transaction=True)
MIDDLEWARE = "governance.replicas.ReplicaMiddleware"
REPLICA = "replica1"


def add_replica(alias: str, name: str) -> None:
    made = connection.copy(alias)
    made.settings_dict["NAME"] = name
    made.settings_dict["OPTIONS"] = (
        {}
        if connection.vendor == "sqlite"
        else {"options": "-c default_transaction_read_only=on", "connect_timeout": 2}
    )
    connections[alias] = made


@pytest.fixture
def copy(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Let the site read from a replica; each call brings that to the primary's state."""
    sqlite = connection.vendor == "sqlite"
    name = str(tmp_path / "replica.sqlite3") if sqlite else "replica_of_tests"
    add_replica(REPLICA, name)
    settings.REPLICAS = [REPLICA]
    settings.DATABASE_ROUTERS = ["governance.replicas.Router"]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:2], MIDDLEWARE, *settings.MIDDLEWARE[2:]]

    def drop() -> None:
        connections[REPLICA].close()
        if sqlite:
            Path(name).unlink(missing_ok=True)
        else:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def bring_up_to_date() -> None:
        drop()
        if sqlite:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copy(connection.settings_dict["NAME"], name)
        else:
            source = connection.settings_dict["NAME"]
            connection.close()
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name} TEMPLATE {source}")

    bring_up_to_date()
    yield bring_up_to_date
    drop()
    del connections[REPLICA]
    replicas._left_out.clear()
    replicas._reading_from.set(None)


def titles(client: Client, address: str = "/cases.json") -> list[str]:
    response = client.get(address)
    assert response.status_code == 200
    rows = response.json()
    assert rows["count"] == len(rows["results"])
    return sorted(row["title"] for row in rows["results"])


def kill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the replica's address lead nowhere."""
    connections[REPLICA].close()
    gone = "/nonexistent/replica" if connection.vendor == "sqlite" else "no_such_database"
    monkeypatch.setitem(connections[REPLICA].settings_dict, "NAME", gone)


def test_a_visitor_reads_everything_from_the_replica(copy: Callable[[], None]) -> None:
    case = make.make_published(title="早就有的案例")
    copy()
    make.make_published(title="复制还没跟上的案例")
    visitor = Client()
    for address in ("/", "/cases/?q=案例", f"/cases/{case.pk}/", "/suggest/?q=案例", "/matrix/"):
        with CaptureQueriesContext(connection) as asked:
            response = visitor.get(address)
        assert response.status_code == 200
        assert "没跟上" not in response.content.decode(), address
        assert asked.captured_queries == [], address
    with CaptureQueriesContext(connection) as asked:
        table = b"".join(visitor.get("/cases.csv").streaming_content).decode()
    assert "早就有" in table
    assert "没跟上" not in table
    assert asked.captured_queries == []


def test_each_database_has_its_own_generation_and_a_page_is_of_one(
    copy: Callable[[], None],
) -> None:
    gone = make.make_published(title="要撤回的案例")
    make.make_published(title="留下的案例")
    copy()
    publishing.withdraw(gone, None, "有误")
    make.make_published(title="新的案例")
    visitor, signed_in = Client(), Client()
    signed_in.force_login(make.make_user(is_superuser=True))
    old, new = ["留下的案例", "要撤回的案例"], ["新的案例", "留下的案例"]
    known: list[facets.Snapshot] = []
    for _ in range(2):  # By turns: neither takes the other's bitmaps for its own.
        assert titles(visitor) == sorted(old)
        assert titles(signed_in) == sorted(new)
        assert titles(visitor, "/cases.json?q=新的") == []
        assert titles(signed_in, "/cases.json?q=新的") == ["新的案例"]
        known.append(facets.store._snapshots[REPLICA])
    assert known[0] is known[1]  # Nor is it read anew each time.
    assert visitor.get(f"/cases/{gone.pk}/").status_code == 200
    assert signed_in.get(f"/cases/{gone.pk}/").status_code == 410
    copy()
    assert titles(visitor) == sorted(new)


def test_what_the_replica_does_not_have_yet_is_not_found_and_no_error(
    copy: Callable[[], None],
) -> None:
    case = make.make_published(title="新的案例", topics=("brand-new",))
    visitor = Client(raise_request_exception=False)
    for address in (f"/cases/{case.pk}/", f"/cases/{case.pk}.json", f"/cases/{case.pk}/v1/"):
        assert visitor.get(address).status_code == 404
    assert visitor.get("/cases/?topic=brand-new").status_code == 400
    assert visitor.get(f"/compare/?id={case.pk}&id=9").status_code < 500


def test_after_writing_a_reader_sees_the_primary_for_some_seconds(copy: Callable[[], None]) -> None:
    make.make_published(title="新的案例")
    reader = Client()
    assert titles(reader) == []
    response = reader.post("/display/", {"mode": "elder"})
    assert response.cookies["wrote"]["max-age"] == replicas.SECONDS_AFTER_WRITING
    assert titles(reader) == ["新的案例"]
    del reader.cookies["wrote"]  # as the browser does when the time is over
    assert titles(reader) == []


def test_signing_in_and_writing_go_to_the_primary(copy: Callable[[], None]) -> None:
    make.make_user(username="li", is_staff=True, is_superuser=True)
    client = Client()
    data = {"username": "li", "password": "correct horse battery"}
    assert client.post("/admin/login/?next=/admin/", data).status_code == 302
    assert client.get("/admin/").status_code == 200
    case = make.make_in_review(title="待审的案例")
    address = f"/admin/cases/initiative/{case.pk}/send-back/"
    assert client.post(address, {"reason": "不全"}).status_code == 302
    assert Initiative.objects.get().returned_reason == "不全"


def test_a_dead_replica_is_left_out_and_tried_again_after_a_while(
    copy: Callable[[], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make.make_published(title="新的案例")
    now = [1000.0]
    monkeypatch.setattr(replicas, "monotonic", lambda: now[0])
    with monkeypatch.context() as until_repaired:
        kill(until_repaired)
        assert titles(Client()) == ["新的案例"]
        assert caplog.text.count("is left out") == 1
        assert titles(Client()) == ["新的案例"]
        assert caplog.text.count("is left out") == 1  # not asked a second time
    now[0] += replicas.SECONDS_LEFT_OUT - 1
    assert titles(Client()) == ["新的案例"]
    now[0] += 2
    assert titles(Client()) == []  # It is back, and still behind.


def test_a_dead_replica_leaves_its_readers_to_the_others(
    copy: Callable[[], None], settings: Any
) -> None:
    make.make_published(title="新的案例")
    gone = "/nonexistent/replica" if connection.vendor == "sqlite" else "no_such_database"
    add_replica("replica2", gone)
    settings.REPLICAS = [REPLICA, "replica2"]
    try:
        assert [titles(Client()) for _ in range(4)] == [[]] * 4
        assert set(replicas._left_out) == {"replica2"}
    finally:
        del connections["replica2"]


def test_a_replica_that_dies_within_a_request_costs_nobody_an_error(
    copy: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    make.make_published(title="新的案例")
    # The connection looks well when it is chosen, and is dead when it is used.
    connections[REPLICA].ensure_connection()
    connections[REPLICA].connection.close()
    monkeypatch.setattr(connections[REPLICA], "close_if_health_check_failed", lambda: None)
    for _ in range(2):
        assert titles(Client(raise_request_exception=False)) == ["新的案例"]


def test_a_replica_without_the_newest_tables_costs_nobody_an_error(
    copy: Callable[[], None],
) -> None:
    make.make_published(title="新的案例")
    with connections[REPLICA].cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET default_transaction_read_only = off")
        cursor.execute("ALTER TABLE cases_indexstate RENAME TO cases_indexstate_of_yesterday")
    assert titles(Client(raise_request_exception=False)) == ["新的案例"]


# --- Settings ---


def test_without_replicas_there_is_no_router(settings_for: Callable[..., Any]) -> None:
    settings = settings_for()
    assert list(settings["DATABASES"]) == ["default"]
    assert "DATABASE_ROUTERS" not in settings
    assert MIDDLEWARE not in settings["MIDDLEWARE"]
    assert MIDDLEWARE not in project.MIDDLEWARE


def test_replicas_come_from_one_variable(
    settings_for: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_REPLICA_URLS", "postgres://a@one/cases, postgres://a@two/cases,")
    settings = settings_for(DATABASE_URL="postgres://a@primary/cases")
    assert {alias: row["HOST"] for alias, row in settings["DATABASES"].items()} == {
        "default": "primary",
        "replica1": "one",
        "replica2": "two",
    }
    assert settings["DATABASES"]["replica1"]["OPTIONS"] == {"connect_timeout": 2}
    assert "OPTIONS" not in settings["DATABASES"]["default"]
    assert settings["REPLICAS"] == ["replica1", "replica2"]
    assert settings["MIDDLEWARE"].index(MIDDLEWARE) == 2
