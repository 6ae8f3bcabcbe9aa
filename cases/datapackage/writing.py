"""Writing the package: all that is public, case by case, without holding the collection.

The same database gives the same bytes: nothing depends on the clock or on ids that nobody sees.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core import serializers
from django.core.files.storage import default_storage
from django.utils import timezone

from cases import codebook
from cases.models import Initiative, Revision
from cases.models.revisions import canonical, checksum
from cases.one_state import one_state
from cases.outputs import dataset, exports

from . import layout, tables

CHUNK = 200


class PackageError(Exception):
    """A package that cannot be written, or is not what it should be; the message is Chinese."""


class _File:
    """A file of the package that knows its checksum and size."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file: IO[bytes] = path.open("wb")
        self.hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self.file.write(data)
        self.hash.update(data)
        self.size += len(data)

    def line(self, value: Any) -> None:
        self.write(f"{canonical(value)}\n".encode())


class _Package:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, _File] = {}
        self.stack = ExitStack()

    def open(self, name: str) -> _File:
        file = self.files[name] = _File(self.root / name)
        self.stack.callback(file.file.close)
        return file

    def put(self, name: str, data: bytes) -> None:
        self.open(name).write(data)


def count() -> int:
    """Return how many cases go into the package."""
    total: int = _public().count()
    return total


def write(root: Path, progress: Callable[[int], None] = lambda done: None) -> dataset.Facts:
    """Write the package into `root`, which must be empty or absent.

    `datapackage.json` comes last, under another name at first: a folder without it is no package.
    What a failed run has written is taken away again.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise PackageError(f"{root} 不是空目录。请另选一个，或先清空它。")
    package = _Package(root)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with package.stack, one_state():
            return _write(package, progress)
    except BaseException:
        _remove(package)
        raise


def _remove(package: _Package) -> None:
    for name in [*package.files, layout.MANIFEST, f"{layout.MANIFEST}.part"]:
        (package.root / name).unlink(missing_ok=True)
    for folder in ("tables", layout.MEDIA):
        if (package.root / folder).is_dir():
            (package.root / folder).rmdir()


def _write(package: _Package, progress: Callable[[int], None]) -> dataset.Facts:
    facts, media = _write_cases(package, progress)
    _write_reference(package)
    for name in sorted(media):
        _copy(package, name)
    package.put(layout.RECORD_SCHEMA_FILE, _pretty(codebook.RECORD_SCHEMA))
    package.put(layout.CASE_SCHEMA_FILE, _pretty(layout.CASE_SCHEMA))
    package.put(layout.SCHEMA_ORG, _pretty(dataset.schema_org(facts)))
    package.put(layout.DCAT, _pretty(dataset.dcat(facts)))
    package.put(layout.LICENCE, layout.LICENCE_TEXT.encode())
    package.put(layout.README, layout.README_TEXT.encode())
    _write_codebook(package)
    manifest = _pretty(_manifest(package, facts))
    sums = {name: file.hash.hexdigest() for name, file in package.files.items()}
    sums[layout.MANIFEST] = hashlib.sha256(manifest).hexdigest()
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    package.put(layout.SUMS, "".join(lines).encode())
    package.stack.close()
    part = package.root / f"{layout.MANIFEST}.part"
    part.write_bytes(manifest)
    part.rename(package.root / layout.MANIFEST)
    return facts


def _public() -> Any:
    return Initiative.objects.published() | Initiative.objects.withdrawn()


def _cases() -> Iterator[tuple[Initiative, list[Revision]]]:
    """Yield each case that is or was public by id, with the versions that may be read."""
    rows = _public().select_related("current_revision").defer("current_revision__record")
    published = Revision.objects.filter(initiative__in=Initiative.objects.published())
    versions = groupby(
        published.order_by("initiative_id", "number").iterator(chunk_size=CHUNK),
        attrgetter("initiative_id"),
    )
    for case in rows.order_by("pk").iterator(chunk_size=CHUNK):
        yield case, list(next(versions)[1]) if case.is_published else []


def _write_cases(
    package: _Package, progress: Callable[[int], None]
) -> tuple[dataset.Facts, set[str]]:
    cases, records = package.open(layout.CASES), package.open(layout.RECORDS)
    writers = {
        table.name: tables.Writer(package.open(table.path), table)
        for table in (tables.CASES, tables.VERSIONS, tables.WITHDRAWN, *tables.LISTS.values())
    }
    media: set[str] = set()
    moments: list[datetime] = []
    years: list[str] = []
    published = versions = 0
    for done, (case, revisions) in enumerate(_cases(), start=1):
        if not revisions:
            cases.line(_tombstone(case))
            facts = _tombstone(case)
            names = ("id", "title", "withdrawn_at", "reason", "merged_into")
            writers["withdrawn"].add(facts[name] for name in names)
            moments = _ends(moments, case.withdrawn_at)
        else:
            published += 1
            versions += len(revisions)
            cases.line(_published(case, revisions))
            for revision in revisions:
                _check(revision)
                records.line(revision.record)
                media.update(item["file"] for item in revision.record.get("attachments") or [])
                moments = _ends(moments, revision.published_at)
                writers["versions"].add(_version_cells(revision))
            record = revisions[-1].record
            if start := record["period"]["start"]:
                years = [min([start[:4], *years]), max([start[:4], *years])]
            writers["cases"].rows.writerow(next(exports.rows([record], settings.SITE_URL)))
            for name in tables.LISTS:
                for cells in tables.list_cells(name, record):
                    writers[f"case_{name}"].add(cells)
        progress(done)
    first, last = (_iso(moments[0]), _iso(moments[-1])) if moments else (None, None)
    span = (years[0], years[-1]) if years else None
    return dataset.Facts(settings.SITE_URL, published, versions, first, last, span), media


def _ends(moments: list[datetime], at: datetime | None) -> list[datetime]:
    """Return the first and the last of the moments."""
    known = [*moments, at] if at else moments
    return [min(known), max(known)] if known else []


def _iso(at: datetime | None) -> str | None:
    return timezone.localtime(at).replace(microsecond=0).isoformat() if at else None


def _published(case: Initiative, revisions: list[Revision]) -> dict[str, Any]:
    return {
        "id": case.pk,
        "state": "published",
        "synthetic": case.synthetic,
        "versions": [
            {
                "version": revision.number,
                "published_at": _iso(revision.published_at),
                "note": revision.note,
                "checksum": revision.checksum,
            }
            for revision in revisions
        ],
    }


def _tombstone(case: Initiative) -> dict[str, Any]:
    return {
        "id": case.pk,
        "state": "withdrawn",
        "synthetic": case.synthetic,
        "title": case.last_title,
        "withdrawn_at": _iso(case.withdrawn_at),
        "reason": case.withdrawal_reason,
        "merged_into": case.merged_into_id,
    }


def _version_cells(revision: Revision) -> list[Any]:
    url = f"{settings.SITE_URL}{revision.get_absolute_url()}"
    at = _iso(revision.published_at)
    return [revision.initiative_id, revision.number, at, revision.note, revision.checksum, url]


def _check(revision: Revision) -> None:
    if checksum(revision.record) != revision.checksum:
        raise PackageError(
            f"案例 {revision.initiative_id} 第 {revision.number} 版的记录与校验值不符，"
            "数据库里的内容被改动过；没有导出。"
        )


def _write_reference(package: _Package) -> None:
    lines = package.open(layout.REFERENCE)
    for model, table in tables.REFERENCE_TABLES.items():
        writer = tables.Writer(package.open(table.path), table)
        for row in tables.public_rows(model):
            lines.write(reference_line(row))
            writer.add(tables.reference_cells(model, row))


def reference_line(row: Any) -> bytes:
    """Return one reference row as Django serialises it, with a line end."""
    model = type(row)
    text = serializers.serialize(
        "jsonl",
        [row],
        fields=tables.public_fields(model),
        use_natural_foreign_keys=True,
        use_natural_primary_keys=model not in tables.KEEPS_ID,
    )
    return f"{canonical(json.loads(text))}\n".encode()


def _copy(package: _Package, name: str) -> None:
    target = package.open(f"{layout.MEDIA}/{name}")
    try:
        with default_storage.open(name) as source:
            for piece in source.chunks():
                target.write(piece)
    except FileNotFoundError as error:
        raise PackageError(f"附件 {name} 不在存放附件的目录里；没有导出。") from error


def _pretty(value: Any) -> bytes:
    return f"{json.dumps(value, ensure_ascii=False, indent=2)}\n".encode()


CODEBOOK_FIELDS = [
    {"name": name, "type": "string", "title": title}
    for name, title in (
        ("path", "字段"),
        ("title", "中文"),
        ("type", "类型"),
        ("description", "说明"),
        ("values", "取值"),
    )
]


def _write_codebook(package: _Package) -> None:
    table = tables.Table("codebook", "字段说明", CODEBOOK_FIELDS, key=["path"])
    writer = tables.Writer(package.open(layout.CODEBOOK), table)
    for row in codebook.codebook_rows():
        writer.add(row[str(f["name"])] for f in CODEBOOK_FIELDS)


_TITLES = {
    layout.CASES: "公开过的案例与各版本的校验值",
    layout.RECORDS: "全部版本的记录",
    layout.REFERENCE: "参考数据",
    layout.RECORD_SCHEMA_FILE: "记录的 JSON Schema",
    layout.CASE_SCHEMA_FILE: "案例现状的 JSON Schema",
    layout.SCHEMA_ORG: "数据集说明（schema.org）",
    layout.DCAT: "数据集说明（DCAT）",
    layout.LICENCE: "许可",
    layout.README: "说明",
}
_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "jsonld": "application/ld+json",
    "txt": "text/plain",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
}
_KINDS = {"csv": "table", "json": "json", "jsonld": "json", "txt": "text"}


def _manifest(package: _Package, facts: dataset.Facts) -> dict[str, Any]:
    """Return the descriptor, as the Frictionless Data Package specification has it (version 1)."""
    manifest = {
        "profile": "data-package",
        "name": "community-governance-cases",
        "title": "社区治理案例库",
        "description": dataset.DESCRIPTION,
        "homepage": facts.url,
        "version": facts.modified or "0",
        "created": facts.modified,
        "keywords": list(dataset.KEYWORDS),
        "licenses": [
            {
                "name": dataset.LICENCE_NAME,
                "title": dataset.LICENCE_TITLE,
                "path": dataset.LICENCE_URL,
            }
        ],
        "contributors": [
            {"title": "社区治理案例库", "path": f"{facts.base}/", "role": "publisher"}
        ],
        # Ours: what a reader of the package must understand, and how much there must be.
        "packageFormat": layout.FORMAT,
        "recordFormat": codebook.SCHEMA_VERSION,
        "cases": facts.cases,
        "versions": facts.versions,
        "resources": [_resource(name, file) for name, file in sorted(package.files.items())],
    }
    return {key: value for key, value in manifest.items() if value is not None}


def _resource(name: str, file: _File) -> dict[str, Any]:
    suffix = name.rpartition(".")[2]
    resource: dict[str, Any] = {
        "name": name.removeprefix("tables/").replace("/", "-").removesuffix(".csv").lower(),
        "path": name,
        # Programs that follow Frictionless guess it from the name otherwise.
        "type": _KINDS.get(suffix, "file"),
        "format": suffix,
        "mediatype": _TYPES[suffix],
        "bytes": file.size,
        "hash": f"sha256:{file.hash.hexdigest()}",
    }
    if title := _TITLES.get(name):
        resource["title"] = title
    if suffix in ("csv", "json", "jsonl", "jsonld", "txt"):
        resource["encoding"] = "utf-8"
    table = next((t for t in tables.TABLES if t.path == name), None)
    if table or name == layout.CODEBOOK:
        resource["profile"] = "tabular-data-resource"
        resource["title"] = table.title if table else "字段说明"
        resource["schema"] = (
            table.schema if table else {"fields": CODEBOOK_FIELDS, "missingValues": [""]}
        )
    elif name in (layout.CASES, layout.RECORDS):
        schema = layout.CASE_SCHEMA_FILE if name == layout.CASES else layout.RECORD_SCHEMA_FILE
        resource["jsonSchema"] = schema
    return resource
