"""The backup of the whole site: everything in one file, and all of it back."""

import hashlib
import json
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client

from cases import backup, publishing
from cases.models import Attachment, Event, Initiative, Revision
from cases.search import rebuilding

from . import make

pytestmark = pytest.mark.django_db
FILE = f"{'c' * 32}.pdf"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A backup of a site with a bit of everything; the site is still there."""
    reviewer = make.make_user("reviewer", username="wang")
    case = make.make_published(title="潮汐停车")
    draft = make.make_complete_draft(title="草稿")
    default_storage.save(FILE, ContentFile(b"%PDF-1"))
    Attachment.objects.create(initiative=draft, file=FILE, kind="pdf")
    make.make_withdrawn()
    publishing.start_revision(case, reviewer)
    return write(tmp_path / "backup.zip")


def write(path: Path) -> Path:
    call_command("backup", str(path), stdout=StringIO())
    return path


def restore(path: Path, **options: Any) -> None:
    call_command("restore", str(path), stdout=StringIO(), **options)


def rows_of(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(backup.DATA)


def forget() -> None:
    backup._empty()
    default_storage.delete(FILE)


def test_everything_comes_back(saved: Path, tmp_path: Path, client: Client) -> None:
    forget()
    restore(saved)
    assert rows_of(write(tmp_path / "again.zip")) == rows_of(saved)
    with default_storage.open(FILE) as file:
        assert file.read() == b"%PDF-1"
    assert client.get("/cases.json?q=潮汐").json()["count"] == 1
    wang = get_user_model().objects.get(username="wang")
    assert wang.check_password("correct horse battery")
    assert publishing.may_publish(wang)
    assert Event.objects.filter(by=wang, verb="revised").exists()
    copy = Initiative.objects.get(revises__isnull=False)
    assert publishing.publish(copy, wang).number == 2
    assert make.make_published().pk > copy.pk


def test_nothing_of_before_is_shown_even_if_indexing_fails(
    saved: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = make.make_published(title="后来的")
    assert client.get(f"/cases/{later.pk}/").status_code == 200
    assert client.get("/cases.json").json()["count"] == 2
    monkeypatch.setattr(rebuilding, "rebuild", lambda progress: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        restore(saved, replace=True)
    assert client.get(f"/cases/{later.pk}/").status_code == 404
    assert client.get("/cases.json").json()["count"] == 1


def test_a_site_with_something_in_it_is_left_alone_unless_told(saved: Path, tmp_path: Path) -> None:
    before = rows_of(saved)
    newer = make.make_published(title="后来的")
    default_storage.save(f"{'d' * 32}.pdf", ContentFile(b"later"))
    Attachment.objects.create(initiative=newer, file=f"{'d' * 32}.pdf", kind="pdf")
    with pytest.raises(CommandError, match="--replace"):
        restore(saved)
    assert Initiative.objects.filter(title="后来的").exists()
    restore(saved, replace=True)
    assert rows_of(write(tmp_path / "again.zip")) == before
    assert not default_storage.exists(f"{'d' * 32}.pdf")
    assert default_storage.exists(FILE)


def changed(path: Path, member: str, data: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, known in members.items():
            archive.writestr(name, data if name == member else known)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda p: p.write_bytes(b"no zip"), "不是备份"),
        (lambda p: p.write_bytes(p.read_bytes()[:2000]), "不是备份"),
        (lambda p: changed(p, backup.DATA, b"{}\n"), "data.jsonl 校验值不符"),
        (lambda p: changed(p, f"media/{FILE}", b"x"), f"media/{FILE} 校验值不符"),
        (lambda p: changed(p, backup.MANIFEST, b"{}"), "清单"),
        (lambda p: p.unlink(), "没有文件"),
    ],
)
def test_a_damaged_backup_changes_nothing(
    saved: Path, tmp_path: Path, damage: Any, message: str
) -> None:
    before = rows_of(saved)
    damage(saved)
    with pytest.raises(CommandError, match=message):
        restore(saved, replace=True)
    assert rows_of(write(tmp_path / "again.zip")) == before


def test_rows_that_cannot_be_stored_leave_the_old_ones_in_place(
    saved: Path, tmp_path: Path
) -> None:
    before = rows_of(saved)
    with zipfile.ZipFile(saved) as archive:
        manifest = json.loads(archive.read(backup.MANIFEST))
    data = before + before.splitlines(keepends=True)[-1]
    manifest["sha256"][backup.DATA] = hashlib.sha256(data).hexdigest()
    changed(saved, backup.DATA, data)
    changed(saved, backup.MANIFEST, json.dumps(manifest).encode())
    with pytest.raises(CommandError, match="存不进去"):
        restore(saved, replace=True)
    assert rows_of(write(tmp_path / "again.zip")) == before
    assert default_storage.exists(FILE)


def test_a_backup_from_a_newer_program_is_refused(saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        manifest = json.loads(archive.read(backup.MANIFEST))
    manifest["migrations"].append("cases.9999_later")
    changed(saved, backup.MANIFEST, json.dumps(manifest).encode())
    with pytest.raises(CommandError, match="较新的程序"):
        restore(saved, replace=True)
    assert Revision.objects.exists()


def test_a_backup_is_for_its_owner_only_and_never_overwritten(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="已经存在"):
        write(saved)
    assert not list(saved.parent.glob("*.part"))


def test_help_says_which_of_the_two_is_for_whom() -> None:
    from cases.management.commands import backup as command
    from cases.management.commands import export_data

    assert "export_data" in command.Command.help
    assert "backup" in export_data.Command.help
