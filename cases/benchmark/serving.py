"""Scratch databases and servers of the benchmark: all on this machine, all ended with it."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from .measuring import HOST, get

WORKERS = 2
START_SECONDS = 60
# A worker that sends a file for longer than this is taken for dead.
EXPORT_SECONDS = 1_800
# What an operator would set on a machine of a few gigabytes.
POSTGRES_SETTINGS = """
shared_buffers = 2GB
work_mem = 32MB
maintenance_work_mem = 1GB
max_wal_size = 8GB
checkpoint_timeout = 30min
"""


class CannotStart(Exception):
    """A program that the benchmark needs does not run; the message is Chinese."""


def environment(database: str, folder: Path) -> dict[str, str]:
    """Return the variables of a site in production, but by plain HTTP and over this database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    return kept | {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "cases.benchmark.settings",
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(50),
        "DJANGO_DEBUG": "false",
        "DJANGO_ALLOWED_HOSTS": HOST,
        "DJANGO_SSL_REDIRECT": "false",
        "DJANGO_STATIC_ROOT": str(folder / "static"),
    }


def run(arguments: list[str], variables: dict[str, str]) -> str:
    """Run a program of the project to its end and return what it printed."""
    done = subprocess.run(  # noqa: S603 - our own programs and arguments
        arguments,
        env=variables,
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotStart(f"没有成功：{' '.join(arguments[1:4])}（代码 {done.returncode}）")
    return done.stdout


def inside(job: str, variables: dict[str, str], *arguments: str) -> Any:
    """Run one job of `inside.py` in a process of its own and return its answer."""
    command = [sys.executable, "-m", "cases.benchmark.inside", job, *arguments]
    return json.loads(run(command, variables))


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(
    arguments: list[str], port: int, path: str, log: Path, variables: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server while the block runs, from its first answer on."""
    with log.open("ab") as output:
        server = subprocess.Popen(  # noqa: S603 - our own programs and arguments
            arguments,
            env=variables,
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for_answer(server, port, path)
            yield server
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(timeout=15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_for_answer(server: subprocess.Popen[bytes], port: int, path: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError):
            if get(port, path)[0] == 200:
                return
        time.sleep(0.2)
    raise CannotStart(f"服务器没有启动：{Path(server.args[0]).name}")  # type: ignore[arg-type,index]


@contextlib.contextmanager
def site(variables: dict[str, str], folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Serve the site as in production; yields the port and gunicorn's own process."""
    port = free_port()
    arguments = [
        *(sys.executable, "-m", "gunicorn", "governance.wsgi"),
        *("--bind", f"{HOST}:{port}", "--workers", str(WORKERS)),
        *("--timeout", str(EXPORT_SECONDS), "--no-control-socket", "--log-level", "warning"),
    ]
    with serving(arguments, port, "/readyz", folder / "gunicorn.log", variables) as server:
        yield port, server


@contextlib.contextmanager
def datasette(database: Path, folder: Path) -> Iterator[tuple[int, str]]:
    """Serve one SQLite file with Datasette; yields the port and its version.

    Its limits are raised: with the usual ones it would leave out the counts that take long.
    """
    home = folder / "datasette"
    if not (home / "bin" / "datasette").exists():
        venv.create(home, with_pip=True)
        run(
            [str(home / "bin" / "python"), "-m", "pip", "install", "-qq", "datasette"],
            dict(os.environ),
        )
    program = str(home / "bin" / "datasette")
    version = run([program, "--version"], dict(os.environ)).split()[-1]
    port = free_port()
    arguments = [
        *(program, "serve", str(database), "--host", HOST, "--port", str(port)),
        *("--setting", "sql_time_limit_ms", "60000"),
        *("--setting", "facet_time_limit_ms", "60000"),
        *("--setting", "default_page_size", "20"),
    ]
    path = "/-/versions.json"
    with serving(arguments, port, path, folder / "datasette.log", dict(os.environ)):
        yield port, version


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL whose data stay in `folder`; yields the DATABASE_URL."""
    from tests.postgres import Server  # Not in a plain installation.

    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "programs", ignore_errors=True)
    try:
        server = Server(folder)
        if not (folder / "data").exists():
            server.start()
            server.stop()
            with (folder / "data" / "postgresql.conf").open("a") as file:
                file.write(POSTGRES_SETTINGS)
        (folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        server._program(
            *("pg_ctl", "start", "--wait", f"--log={folder / 'log'}"),
            f"--options=-h '' -k '{folder}' -c fsync=off -c synchronous_commit=off",
        )
    except (KeyError, OSError, ValueError) as reason:
        raise CannotStart(f"PostgreSQL 无法启动：{reason}") from reason
    try:
        yield server.url
    finally:
        server._program("pg_ctl", "stop", "--wait", "--mode=fast", check=False)
