"""Reading the package and finding what is wrong with it, file by file and line by line."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from cases import codebook
from cases.models.revisions import checksum
from cases.records import Record

from . import layout
from .writing import PackageError

# A package that is wrong all over is not described line by line.
MOST_PROBLEMS = 20
PIECE = 1 << 20
_RECORD = Draft202012Validator(codebook.RECORD_SCHEMA)
_CASE = Draft202012Validator(layout.CASE_SCHEMA)
# What is wrong with a value, in Chinese, by the word of JSON Schema that forbids it.
_RULES = {
    "required": "缺少字段",
    "additionalProperties": "有不认识的字段",
    "type": "类型不对",
    "enum": "不是允许的值",
    "const": "不是允许的值",
    "pattern": "写法不对",
    "maxLength": "太长",
    "minLength": "不能为空",
    "minimum": "太小",
    "minItems": "不能为空",
    "format": "写法不对",
}


class Problems(PackageError):
    """Everything that was found wrong, a line each."""

    def __init__(self, found: list[str]) -> None:
        shown = found[:MOST_PROBLEMS]
        if len(found) > MOST_PROBLEMS:
            shown.append("……以下从略")
        super().__init__("\n".join(shown))


class _Enough(Exception):
    pass


@dataclass
class Case:
    """One line of cases.jsonl, with the records of its versions and the lines they stand on."""

    line: int
    facts: dict[str, Any]
    versions: list[tuple[int, Record, str]] = field(default_factory=list)

    @property
    def id(self) -> int:
        number: int = self.facts["id"]
        return number

    @property
    def place(self) -> str:
        """Where the content of the case stands, for a message."""
        if self.versions:
            return where(layout.RECORDS, self.versions[-1][0])
        return where(layout.CASES, self.line)


def where(name: str, line: int) -> str:
    return f"{name} 第 {line} 行"


@dataclass
class Package:
    """A package on disk; what it holds is read anew each time it is asked for."""

    root: Path
    problems: list[str] = field(default_factory=list)

    def note(self, problem: str) -> None:
        self.problems.append(problem)
        if len(self.problems) > MOST_PROBLEMS:
            raise _Enough

    def check(self) -> None:
        """Raise `Problems` unless files, lines, versions and checksums are what they should be."""
        try:
            self._check_files()
            if not self._lacks_lines:
                for _case in self.cases():
                    pass
        except _Enough:
            pass
        if self.problems:
            raise Problems(self.problems)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        try:
            manifest = _parsed((self.root / layout.MANIFEST).read_bytes())
        except FileNotFoundError as error:
            raise Problems(
                [f"缺少 {layout.MANIFEST}：{self.root} 不是数据包，或者导出没有完成。"]
            ) from error
        except ValueError as error:
            raise Problems([f"{layout.MANIFEST}：{error}"]) from error
        if not isinstance(manifest, dict) or manifest.get("packageFormat") != layout.FORMAT:
            raise Problems([f"{layout.MANIFEST}：不是本库的数据包，或出自不同的版本。"])
        if manifest.get("recordFormat") != codebook.SCHEMA_VERSION:
            raise Problems([f"{layout.MANIFEST}：记录格式不是第 {codebook.SCHEMA_VERSION} 版。"])
        return manifest

    @cached_property
    def sums(self) -> dict[str, str]:
        """File -> its SHA-256, as the package states it."""
        try:
            text = (self.root / layout.SUMS).read_text(encoding="utf-8")
        except (FileNotFoundError, UnicodeDecodeError) as error:
            raise Problems([f"缺少 {layout.SUMS}，或它不是文本。"]) from error
        sums = {}
        for number, line in enumerate(text.splitlines(), start=1):
            digest, gap, name = line.partition("  ")
            path = PurePosixPath(name)
            if len(digest) != 64 or not gap or path.is_absolute() or ".." in path.parts:
                raise Problems([f"{where(layout.SUMS, number)}：写法不对。"])
            sums[name] = digest
        return sums

    @property
    def _lacks_lines(self) -> bool:
        needed = (layout.CASES, layout.RECORDS, layout.REFERENCE)
        return any(not (self.root / name).is_file() for name in needed)

    def _check_files(self) -> None:
        stated = {layout.MANIFEST}
        resources = self.manifest.get("resources")
        for item in resources if isinstance(resources, list) else []:
            name, digest = str(item.get("path")), str(item.get("hash"))
            stated.add(name)
            if digest != f"sha256:{self.sums.get(name)}":
                self.note(f"{layout.MANIFEST}：{name} 的校验值与 {layout.SUMS} 不同。")
        needed = {layout.MANIFEST, layout.CASES, layout.RECORDS, layout.REFERENCE}
        for name in sorted(stated | needed | self.sums.keys()):
            if not (self.root / name).is_file():
                self.note(f"缺少文件 {name}。")
            elif name not in self.sums or name not in stated:
                self.note(f"{name} 不在文件清单里。")
            elif _digest(self.root / name) != self.sums[name]:
                self.note(f"{name}：校验值不符，文件被改动过或没有传完。")

    def media(self) -> list[str]:
        """Return the names of the attachments."""
        start = f"{layout.MEDIA}/"
        return sorted(n.removeprefix(start) for n in self.sums if n.startswith(start))

    def lines(self, name: str) -> Iterator[tuple[int, bytes]]:
        """Yield the lines of a file with their numbers from 1."""
        with (self.root / name).open("rb") as file:
            yield from enumerate(file, start=1)

    def _objects(self, name: str) -> Iterator[tuple[int, Any]]:
        """Yield the JSON of each line; None for one that is none, which is noted."""
        for number, line in self.lines(name):
            try:
                yield number, _parsed(line)
            except ValueError as error:  # noqa: PERF203 - each line has its own
                self.note(f"{where(name, number)}：{error}")
                yield number, None

    def cases(self) -> Iterator[Case]:
        """Yield the cases by id; those with a problem are noted and left out."""
        records = self._objects(layout.RECORDS)
        last = 0
        seen: tuple[int, int] = (0, 0)
        for number, facts in self._objects(layout.CASES):
            place = where(layout.CASES, number)
            if facts is None or not self._fits(_CASE, facts, place):
                # How many records belong to it is not known.
                self.note(f"{place}：以下各行无法核对。")
                return
            if facts["id"] <= last:
                self.note(f"{place}：案例 {facts['id']} 重复，或没有按编号排列。")
                return
            case, last, known = Case(number, facts), facts["id"], len(self.problems)
            for version in facts.get("versions", []):
                line, record = next(records, (0, None))
                if line == 0:
                    self.note(f"{layout.RECORDS}：缺少案例 {last} 第 {version['version']} 版。")
                    return
                place = where(layout.RECORDS, line)
                if record is None or not self._fits(_RECORD, record, place):
                    continue
                this = (record["id"], record["version"] or 0)
                if this == seen:
                    self.note(f"{place}：案例 {this[0]} 第 {this[1]} 版重复。")
                    return
                if this != (last, version["version"]) or version["version"] != (
                    len(case.versions) + 1 if len(self.problems) == known else version["version"]
                ):
                    self.note(
                        f"{place}：应是案例 {last} 第 {version['version']} 版，"
                        f"却是案例 {this[0]} 第 {this[1]} 版。"
                    )
                    return
                seen = this
                self._check_record(record, version, place)
                case.versions.append((line, record, version["note"]))
            if len(self.problems) == known:
                yield case
        for line, record in records:
            repeated = _names(record) and (record["id"], record["version"]) == seen
            again = f"案例 {seen[0]} 第 {seen[1]} 版重复。"
            self.note(f"{where(layout.RECORDS, line)}：{again if repeated else '不属于任何案例。'}")
            return

    def _check_record(self, record: Record, version: dict[str, Any], place: str) -> None:
        if checksum(record) != version["checksum"]:
            self.note(f"{place}：校验值不符，记录被改动过。")
        elif record["published_at"] != version["published_at"]:
            self.note(f"{place}：发布时间与 {layout.CASES} 不同。")
        sources = {item["id"] for item in record["sources"]}
        numbers = [item["number"] for item in record["evidence"]]
        for item in record["evidence"]:
            if item["source"] not in sources:
                self.note(f"{place}：evidence：没有来源“{item['source']}”。")
        if len(set(numbers)) != len(numbers):
            self.note(f"{place}：evidence：编号重复。")
        for item in record["figures"]:
            if item["evidence"] is not None and item["evidence"] not in numbers:
                self.note(f"{place}：figures：没有编号为 {item['evidence']} 的出处。")
        for item in record.get("attachments") or []:
            if f"{layout.MEDIA}/{item['file']}" not in self.sums:
                self.note(f"{place}：attachments：缺少文件 {item['file']}。")

    def _fits(self, validator: Any, value: Any, place: str) -> bool:
        if validator.is_valid(value):
            return True
        error = best_match(validator.iter_errors(value))
        path = error.json_path.removeprefix("$").lstrip(".")
        rule = _RULES.get(str(error.validator), "不合格式")
        detail = json.dumps(error.instance, ensure_ascii=False)
        if error.validator == "required":
            lacking = [n for n in error.validator_value if n not in error.instance]
            detail = "、".join(lacking)
        elif error.validator == "additionalProperties":
            detail = "、".join(sorted(set(error.instance) - set(error.schema["properties"])))
        self.note(f"{place}：{path or '整行'}{rule}：{detail[:80]}")
        return False


def _names(record: Any) -> bool:
    return isinstance(record, dict) and "id" in record and "version" in record


def _parsed(data: bytes) -> Any:
    """Return the JSON; a ValueError says in Chinese why it is none."""

    def refuse(word: str) -> Any:
        raise ValueError(f"不是 JSON：{word} 不是数。")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("不是 JSON：有字段写了两遍。")
        return found

    try:
        return json.loads(data.decode(), parse_constant=refuse, object_pairs_hook=once)
    except UnicodeDecodeError as error:
        raise ValueError("不是 UTF-8 文本。") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"不是 JSON：第 {error.colno} 个字符处读不下去。") from error


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            found.update(piece)
    return found.hexdigest()
