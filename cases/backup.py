"""The whole site in one file, and back: every row, every attachment, and their checksums.

A zip archive: `data.jsonl` as Django serialises rows, `media/…`, and `manifest.json`, which is
written last. Sessions, counters of failed log-ins, the index and what `migrate` makes are left out.
"""

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.core import serializers
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import color
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from cases import facets, sequences
from cases.models import Attachment
from cases.one_state import one_state
from cases.search import rebuilding

FORMAT = 1
MANIFEST, DATA, MEDIA = "manifest.json", "data.jsonl", "media/"
PIECE = 1 << 20
_LEFT_OUT_APPS = {"sessions", "axes", "contenttypes"}
_LEFT_OUT = {"auth.permission", "cases.bitmap", "cases.indexstate"}
# Their rows name kinds of rows and permissions, which have other ids in another database.
_BY_NAME = {"auth", "admin"}

Progress = Callable[[int], None]


class BackupError(Exception):
    """A backup that cannot be written or restored; the message is Chinese."""


def stored_models() -> list[type[models.Model]]:
    """Return the models that are backed up: those named by others first."""
    kept = {
        config: [
            model
            for model in config.get_models()
            if model._meta.managed and model._meta.label_lower not in _LEFT_OUT
        ]
        for config in apps.get_app_configs()
        if config.label not in _LEFT_OUT_APPS
    }
    ordered: list[type[models.Model]] = serializers.sort_dependencies(
        [(config, found) for config, found in kept.items() if found], allow_cycles=True
    )
    return ordered


def count() -> int:
    """Return how many rows there are to back up."""
    return sum(model._base_manager.count() for model in stored_models())


# --- Writing ---


def write(target: Path, progress: Progress = lambda done: None) -> int:
    """Write the backup; returns how many rows it holds. Readable by its owner only.

    It gets its name when it is complete. A file of that name is never overwritten.
    """
    if target.exists():
        raise BackupError(f"{target} 已经存在，没有覆盖它。")
    part = target.with_name(f"{target.name}.part")
    try:
        handle = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with (
            os.fdopen(handle, "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
            one_state(),
        ):
            rows = _write(archive, progress)
        part.rename(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return rows


def _write(archive: zipfile.ZipFile, progress: Progress) -> int:
    sums: dict[str, str] = {}
    done = 0
    with archive.open(DATA, "w", force_zip64=True) as file:
        hashed = hashlib.sha256()
        for line in _lines():
            file.write(line)
            hashed.update(line)
            done += 1
            progress(done)
        sums[DATA] = hashed.hexdigest()
    for name in sorted(set(Attachment.objects.values_list("file", flat=True))):
        try:
            with (
                default_storage.open(name) as source,
                archive.open(f"{MEDIA}{name}", "w", force_zip64=True) as file,
            ):
                sums[f"{MEDIA}{name}"] = _copied(source, file)
        except FileNotFoundError as error:  # noqa: PERF203 - names the file
            raise BackupError(f"附件 {name} 不在存放附件的目录里；没有备份。") from error
    manifest = {"format": FORMAT, "rows": done, "migrations": _migrations(), "sha256": sums}
    archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    return done


def _lines() -> Iterator[bytes]:
    for model in stored_models():
        # Links with fields of their own are rows of a model of their own.
        many = [f.name for f in model._meta.many_to_many if _through(f)._meta.auto_created]
        rows = model._base_manager.order_by("pk").prefetch_related(*many)
        for row in rows.iterator(chunk_size=500):
            text = serializers.serialize(
                "jsonl", [row], use_natural_foreign_keys=model._meta.app_label in _BY_NAME
            )
            yield text.encode()


def _through(field: Any) -> type[models.Model]:
    """Return the model of the table behind a many-to-many field."""
    through: type[models.Model] = field.remote_field.through
    return through


def _migrations() -> list[str]:
    return sorted(
        f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
    )


def _copied(source: Any, target: Any) -> str:
    hashed = hashlib.sha256()
    while piece := source.read(PIECE):
        hashed.update(piece)
        if target is not None:
            target.write(piece)
    return hashed.hexdigest()


# --- Restoring ---


def is_empty() -> bool:
    """Say whether the database has nothing but what `migrate` made."""
    made = {"auth.group"}
    return not any(
        model._base_manager.exists()
        for model in stored_models()
        if model._meta.label_lower not in made
    )


def rows_in(source: Path) -> int:
    """Return how many rows a backup holds by its own account."""
    with _opened(source) as archive:
        return int(_manifest(archive)["rows"])


def restore(
    source: Path,
    *,
    replace: bool = False,
    progress: Progress = lambda done: None,
    indexing: Progress = lambda done: None,
) -> int:
    """Restore a backup; returns how many rows. All of it comes back, or nothing changes.

    A database with rows in it is refused unless it is to be replaced.
    """
    with _opened(source) as archive:
        manifest = _manifest(archive)
        _check(archive, manifest)
        if not replace and not is_empty():
            raise BackupError("数据库不是空的；确实要用备份代替里面的全部内容，请加 --replace。")
        new_files: list[str] = []
        before = set(Attachment.objects.values_list("file", flat=True))
        try:
            with transaction.atomic():
                _empty()
                done = _store(archive, progress)
                if done != manifest["rows"]:
                    raise BackupError(f"备份应有 {manifest['rows']} 行，只有 {done} 行。")
                sequences.reset()
                for name in _media(manifest):
                    _store_file(archive, name, new_files)
                connection.check_constraints()
                # No worker may go on showing what it remembers, even if indexing fails.
                facets.rebuild()
        except BaseException:
            for name in new_files:
                default_storage.delete(name)
            raise
    for name in before - set(Attachment.objects.values_list("file", flat=True)):
        default_storage.delete(name)
    rebuilding.rebuild(indexing)
    return done


def _opened(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise BackupError(f"没有文件 {source}。") from error
    except zipfile.BadZipFile as error:
        raise BackupError(f"{source} 不是备份，或没有传完。") from error


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        if manifest["format"] != FORMAT:
            raise BackupError("备份的格式出自不同的版本。")
        if unknown := sorted(set(manifest["migrations"]) - set(_migrations())):
            raise BackupError(f"备份来自较新的程序（{unknown[0]}），请先升级。")
        if not isinstance(manifest["rows"], int) or DATA not in manifest["sha256"]:
            raise KeyError(DATA)
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise BackupError("不是本程序的备份，或清单已经损坏。") from error
    return manifest


def _media(manifest: dict[str, Any]) -> list[str]:
    return sorted(n.removeprefix(MEDIA) for n in manifest["sha256"] if n.startswith(MEDIA))


def _check(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    """Read everything once, so that nothing is written from a damaged file."""
    for name, digest in manifest["sha256"].items():
        if name != DATA and not re.fullmatch(r"media/[0-9A-Za-z][0-9A-Za-z._-]*", name):
            raise BackupError(f"清单里有不该有的文件名：{name}")
        try:
            with archive.open(name) as file:
                found = _copied(file, None)
        except (KeyError, zipfile.BadZipFile, EOFError) as error:
            raise BackupError(f"备份里的 {name} 缺失或损坏。") from error
        if found != digest:
            raise BackupError(f"备份里的 {name} 校验值不符。")


def _empty() -> None:
    """Delete every row that a backup holds, within the transaction."""
    tables = {model._meta.db_table for model in stored_models()}
    tables |= {
        _through(field)._meta.db_table
        for model in stored_models()
        for field in model._meta.many_to_many
    }
    # PostgreSQL empties no table on which a check is still to be made.
    connection.check_constraints()
    with connection.cursor() as cursor:
        for statement in connection.ops.sql_flush(color.no_style(), sorted(tables)):
            cursor.execute(statement)


def _store(archive: zipfile.ZipFile, progress: Progress) -> int:
    done = 0
    with archive.open(DATA) as file:
        for number, line in enumerate(file, start=1):
            try:
                for row in serializers.deserialize("jsonl", line.decode()):
                    row.save(force_insert=True)
                    done += 1
            except (DatabaseError, ValueError, serializers.base.DeserializationError) as error:
                raise BackupError(f"备份第 {number} 行存不进去：{error}") from error
            progress(done)
    return done


def _store_file(archive: zipfile.ZipFile, name: str, new_files: list[str]) -> None:
    """Store one attachment; names are drawn by lot, so one that is there is the same file."""
    if default_storage.exists(name):
        return
    new_files.append(name)
    with archive.open(f"{MEDIA}{name}") as file:
        source: IO[bytes] = file
        default_storage.save(name, File(source, name=name))
