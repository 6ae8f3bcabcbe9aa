"""Storing a package in an empty database: checked and rehearsed first, then for good."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.core import serializers
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, models, transaction

from cases import facets, publishing, sequences
from cases.models import Initiative, Revision, Source
from cases.records import RecordError
from cases.search import rebuilding

from . import layout, tables
from .checking import Case, Package, Problems, where
from .writing import PackageError, reference_line

BATCH = 50

Progress = Callable[[int], None]


def _silent(done: int) -> None:
    pass


class _Rehearsed(Exception):
    """Ends a rehearsal: what was written is taken back."""


def load(
    root: Path,
    checked: Callable[[int], tuple[Progress, Progress, Progress]] = lambda total: (_silent,) * 3,
) -> int:
    """Restore the package; returns how many cases it holds.

    Nothing is written before everything has been read, checked, and stored once in a transaction
    that is undone. A run that was stopped is taken up where it stopped: cases are stored in
    transactions of their own, and those already there are left alone if they are the same.
    `checked` is told the number of cases to store, and answers with what to tell of the progress
    of the rehearsal, the storing and the indexing.
    """
    package = Package(root)
    package.check()
    present = _present(package)
    has_reference = _has_reference(package)
    total = int(package.manifest["cases"])
    waiting = sum(1 for case in package.cases() if case.id not in present)
    rehearse, store, reindex = checked(waiting)
    _rehearse(package, present, has_reference, rehearse)

    for name in package.media():
        _store_file(root / layout.MEDIA / name, name)
    if not has_reference:
        with transaction.atomic():
            _store_reference(package)
    for done, batch in _batches(package, present):
        with transaction.atomic():
            for case in batch:
                _store(case)
        store(done)
    with transaction.atomic():
        for case in package.cases():
            if into := case.facts.get("merged_into"):
                publishing.reinstate_merger(case.id, into)
        sequences.reset()
        facets.next_generation()
    rebuilding.rebuild(reindex)
    return total


# --- What is there already ---


def _present(package: Package) -> set[int]:
    """Return the ids of the cases of the package that the database has, or refuse the database."""
    known = dict(Initiative.objects.values_list("pk", "status"))
    if not known:
        return set()
    present = set()
    for case in package.cases():
        if case.id in known:
            if not _same(case):
                raise PackageError(f"数据库里的案例 {case.id} 与数据包里的不同；什么也没有写。")
            present.add(case.id)
    if others := sorted(known.keys() - present):
        raise PackageError(
            f"数据库里有数据包以外的案例（编号 {others[0]} 等 {len(others)} 个）。"
            "请用 DATABASE_URL 另指定一个空数据库；什么也没有写。"
        )
    return present


def _same(case: Case) -> bool:
    row = Initiative.objects.get(pk=case.id)
    if row.status != case.facts["state"]:
        return False
    if not case.versions:
        at = datetime.fromisoformat(case.facts["withdrawn_at"])
        return row.withdrawn_at == at and row.withdrawal_reason == case.facts["reason"]
    stored = Revision.objects.filter(initiative=row).order_by("number")
    stated = [(v["version"], v["checksum"]) for v in case.facts["versions"]]
    return list(stored.values_list("number", "checksum")) == stated


def _has_reference(package: Package) -> bool:
    """Say whether the words, places and policies are there already; other ones are refused."""
    if not any(model._default_manager.exists() for model in tables.REFERENCE):
        return False
    stored = {reference_line(row): model for model in tables.REFERENCE for row in _all_rows(model)}
    for number, line in package.lines(layout.REFERENCE):
        if stored.pop(line, None) is None:
            raise PackageError(
                f"数据库里已有不同的参考数据（{where(layout.REFERENCE, number)}）。"
                "请用 DATABASE_URL 另指定一个空数据库；什么也没有写。"
            )
    # A source that nothing public rests on is in no package, and in nobody's way.
    if left := [model for model in stored.values() if model is not Source]:
        name = left[0]._meta.verbose_name
        raise PackageError(f"数据库里有数据包以外的{name}；什么也没有写。")
    return True


def _all_rows(model: type[models.Model]) -> Any:
    return model._default_manager.all() if model is Source else tables.public_rows(model)


# --- Rehearsal ---


def _rehearse(package: Package, present: set[int], has_reference: bool, progress: Progress) -> None:
    """Store everything once and undo it: what the database would refuse is named by its line."""
    problems: list[str] = []
    try:
        with transaction.atomic():
            if not has_reference:
                _store_reference(package)
            ids = {case.id for case in package.cases()}
            for done, batch in _batches(package, present):
                for case in batch:
                    problems += _rehearse_case(case, ids)
                progress(done)
            raise _Rehearsed
    except _Rehearsed:
        pass
    if problems:
        raise Problems(problems)


def _rehearse_case(case: Case, ids: set[int]) -> Iterator[str]:
    into = case.facts.get("merged_into")
    if into is not None and (into not in ids or into == case.id):
        yield f"{case.place}：merged_into：没有案例 {into}。"
    try:
        with transaction.atomic():
            _store(case)
            raise _Rehearsed
    except _Rehearsed:
        pass
    except RecordError as error:
        yield f"{case.place}：{error}"
    except (DatabaseError, ValueError, ArithmeticError) as error:
        yield f"{case.place}：数据库不接受：{str(error).strip().splitlines()[0]}"


# --- Storing ---


def _batches(package: Package, present: set[int]) -> Iterator[tuple[int, list[Case]]]:
    """Yield the cases that are not there yet, and how many will be done with each batch."""
    waiting = (case for case in package.cases() if case.id not in present)
    done = 0
    while batch := list(islice(waiting, BATCH)):
        done += len(batch)
        yield done, batch


def _store(case: Case) -> None:
    facts = case.facts
    if case.versions:
        versions = [(record, note) for _line, record, note in case.versions]
        publishing.reinstate(versions, facts["synthetic"])
    else:
        publishing.reinstate_withdrawn(
            facts["id"],
            facts["title"],
            datetime.fromisoformat(facts["withdrawn_at"]),
            facts["reason"],
            facts["synthetic"],
        )


def _store_reference(package: Package) -> None:
    allowed = {model._meta.label_lower for model in tables.REFERENCE}
    for number, line in package.lines(layout.REFERENCE):
        place = where(layout.REFERENCE, number)
        try:
            if json.loads(line)["model"] not in allowed:
                raise Problems([f"{place}：不是参考数据。"])
            with transaction.atomic():
                for row in serializers.deserialize("jsonl", line.decode()):
                    row.save(force_insert=True)
        except (ValueError, KeyError, TypeError, serializers.base.DeserializationError) as error:
            raise Problems([f"{place}：读不懂，或提到了没有的代码：{error}"]) from error
        except DatabaseError as error:
            reason = str(error).strip().splitlines()[0]
            raise Problems([f"{place}：数据库不接受：{reason}"]) from error


def _store_file(path: Path, name: str) -> None:
    """Store one attachment under its own name; half of one, left by a stopped run, is replaced."""
    if default_storage.exists(name):
        with default_storage.open(name) as known, path.open("rb") as given:
            same = hashlib.sha256(known.read()).digest() == hashlib.sha256(given.read()).digest()
        if same:
            return
        default_storage.delete(name)
    with path.open("rb") as given:
        default_storage.save(name, File(given, name=name))
