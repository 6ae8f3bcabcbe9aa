"""The ground: the command a person types, and the rules the tests themselves rest on."""

import socket
import subprocess
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / "run"


def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(RUN), *arguments], cwd=cwd, capture_output=True, encoding="utf-8", check=False
    )


def test_run_is_a_posix_shell_script() -> None:
    assert RUN.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
    subprocess.run(["sh", "-n", str(RUN)], check=True)


def test_the_ci_script_is_a_bash_script() -> None:
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True)


def test_an_unknown_job_is_answered_with_the_usage(tmp_path: Path) -> None:
    done = run("nonsense", cwd=tmp_path)
    assert done.returncode == 2
    assert "用法：./run" in done.stderr
    assert done.stdout == ""


def test_help_names_every_job() -> None:
    done = run("help")
    assert done.returncode == 0
    for job in ("test", "check", "manage", "lock"):
        assert f"\n  {job} " in done.stdout


def test_the_lock_lists_each_package_once_and_by_hash() -> None:
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    entries = [entry for entry in lock.split("\n") if entry[:1].isalpha()]
    names = [entry.split("==")[0] for entry in entries]
    assert len(names) == len(set(names)) > 10
    # An entry goes on in the next line only with its hashes.
    assert all(entry.endswith("\\") for entry in entries)
    assert "://" not in lock


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_test_cannot_leave_the_machine() -> None:
    with pytest.raises(pytest.fail.Exception), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(pytest.fail.Exception):
        socket.getaddrinfo("cases.example.org", 443)


def test_passwords_cost_tests_nothing() -> None:
    assert make_password("secret").startswith("md5$")
