"""Scheduled publication: whoever serves publishes what is due, and the desk says what is late."""

import logging
import os
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from cases import publishing
from cases.models import Initiative
from governance import due

from . import make
from .test_durability import address

# A real server, only quicker: gunicorn with two workers.
SERVER = """
import sys
from governance import due
due.SECONDS = 0.2
sys.argv = ["gunicorn", "governance.wsgi", "--bind", "unix:" + sys.argv[1], "--workers", "2",
            "--no-control-socket", *sys.argv[2:]]
from gunicorn.app.wsgiapp import run
run()
"""


def overdue(**kw: Any) -> Initiative:
    case = make.make_in_review(**kw)
    publishing.schedule(case, None, timezone.now() + timedelta(hours=1))
    Initiative.objects.filter(pk=case.pk).update(publish_at=timezone.now() - timedelta(hours=1))
    return case


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("option", ["--preload", "--threads=2"])
def test_a_server_publishes_what_is_due(tmp_path: Any, option: str) -> None:
    cases = [overdue(), overdue()]
    returned = overdue()
    returned.evidence.all().delete()
    variables = {
        "DATABASE_URL": address(),
        "DJANGO_SECRET_KEY": "k" * 50,
        "DJANGO_DEBUG": "true",
        "DJANGO_SETTINGS_MODULE": "governance.settings",
    }
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "socket"), option],
        cwd=settings.BASE_DIR,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        try:
            until = time.monotonic() + 30
            waiting = Initiative.objects.filter(publish_at__isnull=False)
            while waiting.exists() and time.monotonic() < until:
                time.sleep(0.1)
            time.sleep(1)  # the other workers look as well
        finally:
            server.terminate()
        said = server.communicate(timeout=30)[0]
    for case in cases:
        case.refresh_from_db()
        assert (case.status, case.revisions.count()) == ("published", 1), said
    returned.refresh_from_db()
    assert returned.status == "draft"
    assert "出处" in returned.returned_reason
    assert "Traceback" not in said


def test_an_error_is_logged_and_the_thread_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OperationalError("数据库不在")

    monkeypatch.setattr(publishing, "publish_due", fail)
    monkeypatch.setattr(due.connections, "close_all", lambda: None)
    with caplog.at_level(logging.ERROR):
        due.look()
    assert "定时发布没有做成" in caplog.text


@pytest.mark.django_db
def test_the_desk_warns_of_what_should_be_public_by_now(client: Client) -> None:
    client.force_login(make.make_user("reviewer"))
    ready, incomplete, later = overdue(), overdue(), make.make_in_review()
    Initiative.objects.filter(pk=incomplete.pk).update(summary="")
    publishing.schedule(later, None, timezone.now() + timedelta(hours=1))
    page = client.get("/admin/cases/initiative/queue/").content.decode()
    assert page.count("定时发布的时间已过，案例还没有公开。") == 2
    for case, said in ((ready, "没有程序在做定时发布"), (incomplete, "内容还缺 1 项，不能发布")):
        for name in ("review", "change"):
            page = client.get(f"/admin/cases/initiative/{case.pk}/{name}/").content.decode()
            assert "时间已过" in page
            assert said in page
    page = client.get(f"/admin/cases/initiative/{later.pk}/review/").content.decode()
    assert "时间已过" not in page
