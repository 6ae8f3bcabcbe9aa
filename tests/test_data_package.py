"""The data package: all that is public goes out, and comes back the same on either engine."""

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pyroaring import BitMap

from cases import facets, publishing
from cases.datapackage import layout, loading, tables, writing
from cases.models import (
    Attachment,
    District,
    Event,
    Initiative,
    Revision,
    Source,
)
from cases.models.revisions import canonical, checksum
from cases.search.index import index
from cases.search.text import Phrase

from . import make

pytestmark = pytest.mark.django_db
PICTURE, EARLIER = f"{'a' * 32}.jpg", f"{'b' * 32}.pdf"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def attach(case: Initiative, name: str, kind: str) -> Attachment:
    default_storage.save(name, ContentFile(name.encode()))
    return Attachment.objects.create(initiative=case, file=name, kind=kind, alt="夜间停车")


def fill() -> dict[str, Initiative]:
    """Make a case of each kind that may be met, with a value of each kind."""
    policy = make.make_policy(title="=一份文件", aliases=["别称"])
    before = make.make_policy(title="更早的文件", validity="replaced", ended="2014")
    reported = make.make_source(title="说明两份文件关系的报道")
    make.make_relation(policy, "替代", before, basis="原文", grade="B", source=reported)
    case = make.make_complete_draft(
        title="停车，“潮汐”\n式",
        subdistricts=[make.make_subdistrict()],
        mechanisms=("sharing",),
        actors=(("street", "牵头"),),
        policies=((policy, "落实"),),
        start="2014",
        end="2016-05-20",
    )
    make.make_figure(case, value="648.25", evidence=case.evidence.get())
    earlier = attach(case, EARLIER, "pdf")
    publishing.publish(case, make.make_user("reviewer", username="wang"), "第一版")
    copy = publishing.start_revision(case)
    copy.attachments.all().delete()
    copy.summary = "改过的摘要"
    copy.save()
    attach(copy, PICTURE, "image")
    publishing.publish(copy, note="改了摘要")
    assert earlier.initiative_id == case.pk
    gone = make.make_withdrawn(reason="来源不实", approach="不可外传的正文[^1]", district="zhabei")
    one, other = make.make_published(title="并入的"), make.make_published(title="留下的")
    publishing.merge(one, other, None)
    draft = make.make_complete_draft(title="不可外传的草稿")
    Source.objects.filter(evidence__initiative=draft).update(title="不可外传的来源")
    Source.objects.update(note="不可外传的说明")
    District.objects.filter(slug="jingan").delete()
    old = make.make_district("zhabei")
    old.dissolved, old.merged_into = "2015-11", make.make_district("jingan")
    old.save()
    return {"case": case, "gone": gone, "one": one, "other": other, "draft": draft}


def export(root: Path) -> Path:
    call_command("export_data", str(root), stdout=StringIO())
    return root


def load(root: Path) -> None:
    call_command("load_data", str(root), stdout=StringIO())


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def forget() -> None:
    """Empty the database as `flush` does, in the test's own transaction, with the files."""
    from cases import backup

    backup._empty()
    for name in (PICTURE, EARLIER):
        default_storage.delete(name)
    facets.rebuild()
    facets.store.clear()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of `fill()`, and an empty database."""
    fill()
    root = export(tmp_path / "package")
    forget()
    return root


def lines(root: Path, name: str) -> list[Any]:
    return [json.loads(line) for line in (root / name).read_text("utf-8").splitlines()]


# What a package leaves out: people and what they keep, what is made anew, what cases are made of.
NOT_REFERENCE = {
    *("Collection", "CollectionItem", "SavedQuery", "Event", "Attachment"),
    *("IndexState", "Bitmap"),
    *("Initiative", "Revision", "Evidence", "Figure", "Participation"),
    *("ThemeLink", "TopicLink", "PolicyLink"),
}


def test_every_list_that_editors_keep_is_in_the_package() -> None:
    models = {model.__name__ for model in apps.get_app_config("cases").get_models()}
    assert {model.__name__ for model in tables.REFERENCE} == models - NOT_REFERENCE


class TestWriting:
    def test_every_version_stands_in_a_line_whose_checksum_is_its_own(self, tmp_path: Path) -> None:
        made = fill()
        root = export(tmp_path / "p")
        found = lines(root, layout.RECORDS)
        stored = Revision.objects.filter(initiative__in=Initiative.objects.published())
        assert found == [r.record for r in stored.order_by("initiative_id", "number")]
        raw = (root / layout.RECORDS).read_bytes().splitlines()
        assert {hashlib.sha256(line).hexdigest() for line in raw} == set(
            stored.values_list("checksum", flat=True)
        )
        states = {case["id"]: case for case in lines(root, layout.CASES)}
        assert set(states) == {made[n].pk for n in ("case", "gone", "one", "other")}
        assert states[made["gone"].pk]["reason"] == "来源不实"
        assert states[made["one"].pk]["merged_into"] == made["other"].pk
        assert [v["note"] for v in states[made["case"].pk]["versions"]] == ["第一版", "改了摘要"]

    def test_nothing_goes_in_that_is_not_public(self, tmp_path: Path) -> None:
        fill()
        for name, data in contents(export(tmp_path / "p")).items():
            text = data.decode()
            assert "不可外传" not in text, name
            assert "wang" not in text, name

    def test_the_same_database_gives_the_same_bytes(self, tmp_path: Path) -> None:
        fill()
        assert contents(export(tmp_path / "a")) == contents(export(tmp_path / "b"))

    def test_sums_and_manifest_name_every_file(self, tmp_path: Path) -> None:
        fill()
        root = export(tmp_path / "p")
        files = contents(root)
        sums = dict(
            reversed(line.split("  ")) for line in files.pop(layout.SUMS).decode().splitlines()
        )
        assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        manifest = json.loads(files.pop(layout.MANIFEST))
        assert {r["path"]: (r["hash"], r["bytes"]) for r in manifest["resources"]} == {
            name: (f"sha256:{sums[name]}", len(data)) for name, data in files.items()
        }
        names = [resource["name"] for resource in manifest["resources"]]
        assert len(set(names)) == len(names)
        assert all(set(n) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-") for n in names)
        assert manifest["licenses"][0]["name"] == "CC-BY-4.0"

    def test_every_table_is_as_its_schema_says(self, tmp_path: Path) -> None:
        fill()
        root = export(tmp_path / "p")
        manifest = json.loads((root / layout.MANIFEST).read_text("utf-8"))
        counts = {}
        for resource in manifest["resources"]:
            if resource["format"] != "csv":
                continue
            schema = resource["schema"]
            with (root / resource["path"]).open(encoding="utf-8-sig", newline="") as file:
                header, *rows = csv.reader(file)
            counts[resource["name"]] = len(rows)
            assert header == [f["name"] for f in schema["fields"]]
            for row in rows:
                for value, described in zip(row, schema["fields"], strict=True):
                    rules = described.get("constraints", {})
                    if value in schema["missingValues"]:
                        assert not rules.get("required"), (resource["name"], described["name"])
                        continue
                    {"integer": int, "number": float, "string": str}[described["type"]](value)
                    if "enum" in rules:
                        assert value in rules["enum"]
            keys = [header.index(name) for name in schema.get("primaryKey", [])]
            if keys:
                assert len({tuple(row[k] for k in keys) for row in rows}) == len(rows)
        assert counts["cases"] == 2
        assert counts["versions"] == 4
        assert counts["withdrawn"] == 2
        assert counts["case_figures"] == counts["case_attachments"] == 1

    def test_the_table_of_cases_is_the_one_that_the_site_gives(
        self, tmp_path: Path, client: Client, settings: Any
    ) -> None:
        settings.SITE_URL = "http://testserver"
        fill()
        root = export(tmp_path / "p")
        site = b"".join(client.get("/cases.csv?sort=-published")).decode("utf-8-sig")
        here = (root / tables.CASES.path).read_bytes().decode("utf-8-sig")
        assert sorted(csv.reader(StringIO(site))) == sorted(csv.reader(StringIO(here)))

    def test_a_formula_in_a_table_is_made_harmless(self, tmp_path: Path) -> None:
        fill()
        assert "'=一份文件" in (export(tmp_path / "p") / "tables/policies.csv").read_text("utf-8")

    def test_a_folder_with_something_in_it_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "mine").write_text("mine")
        with pytest.raises(CommandError, match="不是空目录"):
            export(tmp_path)
        assert contents(tmp_path) == {"mine": b"mine"}

    def test_a_lost_attachment_or_a_changed_record_leaves_nothing_behind(
        self, tmp_path: Path
    ) -> None:
        made = fill()
        Revision.objects.filter(initiative=made["other"]).update(checksum="0" * 64)
        with pytest.raises(CommandError, match=f"案例 {made['other'].pk} 第 1 版"):
            export(tmp_path / "p")
        assert contents(tmp_path / "p") == {}
        for row in Revision.objects.all():
            Revision.objects.filter(pk=row.pk).update(checksum=checksum(row.record))
        default_storage.delete(EARLIER)
        with pytest.raises(CommandError, match=EARLIER):
            export(tmp_path / "p")
        assert contents(tmp_path / "p") == {}

    def test_the_whole_takes_a_bounded_number_of_queries(
        self, tmp_path: Path, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(30):
            make.make_published()
        with django_assert_max_num_queries(24):
            writing.write(tmp_path / "p")


class TestLoading:
    def test_what_is_restored_is_what_was_written(self, package: Path, tmp_path: Path) -> None:
        load(package)
        assert contents(export(tmp_path / "again")) == contents(package)

    def test_the_site_answers_as_before(self, client: Client, package: Path) -> None:
        load(package)
        states = lines(package, layout.CASES)
        one, gone = states[0]["id"], states[1]["id"]
        assert "改过的摘要" in client.get(f"/cases/{one}/").content.decode()
        assert client.get(f"/cases/{one}/v1/").status_code == 200
        assert client.get(f"/cases/{one}/versions/1..2/").status_code == 200
        assert b"".join(client.get(f"/media/{PICTURE}")) == PICTURE.encode()
        # A file that only an earlier version shows.
        assert b"".join(client.get(f"/media/{EARLIER}")) == EARLIER.encode()
        answer = client.get(f"/cases/{gone}/")
        assert answer.status_code == 410
        assert states[1]["title"] in answer.content.decode()
        assert client.get(f"/cases/{gone}.json").json()["title"] == states[1]["title"]
        merged = next(s for s in states if s.get("merged_into"))
        assert client.get(f"/cases/{merged['id']}/")["Location"] == (
            f"/cases/{merged['merged_into']}/"
        )
        assert client.get("/cases.json?q=潮汐").json()["count"] == 1
        assert client.get("/cases.json?district=xuhui").json()["count"] == 2

    def test_the_next_case_has_a_number_of_its_own(self, package: Path) -> None:
        load(package)
        last = max(state["id"] for state in lines(package, layout.CASES))
        assert make.make_published().pk > last
        assert make.make_policy().pk > 1

    def test_its_history_can_be_read_and_it_can_be_revised(self, package: Path) -> None:
        load(package)
        case = Initiative.objects.published().order_by("pk").first()
        assert case is not None
        verbs = list(Event.objects.filter(initiative=case).values_list("verb", "note"))
        assert sorted(verbs) == [("published", "改了摘要"), ("published", "第一版")]
        copy = publishing.start_revision(case)
        assert publishing.publish(copy).number == 3
        assert case.pk in BitMap.union(*index().find(Phrase.of("潮汐")))

    def test_a_withdrawn_case_without_its_versions_is_not_published_again(
        self, package: Path
    ) -> None:
        load(package)
        row = Initiative.objects.withdrawn().filter(merged_into=None).get()
        with pytest.raises(publishing.WrongStatus, match="数据包"):
            publishing.publish(row)

    def test_a_second_run_changes_nothing(self, package: Path, tmp_path: Path) -> None:
        load(package)
        ids = list(Revision.objects.values_list("pk", flat=True))
        load(package)
        assert list(Revision.objects.values_list("pk", flat=True)) == ids
        assert contents(export(tmp_path / "again")) == contents(package)

    def test_a_run_that_was_stopped_is_taken_up(
        self, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(loading, "BATCH", 1)

        def stop(done: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        silent = loading._silent
        with pytest.raises(KeyboardInterrupt):
            loading.load(package, lambda total: (silent, stop, silent))
        assert Initiative.objects.count() == 2
        load(package)
        assert contents(export(tmp_path / "again")) == contents(package)

    def test_a_database_with_other_cases_is_refused(self, package: Path) -> None:
        make.make_complete_draft()
        with pytest.raises(CommandError, match="数据包以外的案例"):
            load(package)
        assert Initiative.objects.count() == 1

    def test_a_database_with_another_version_is_refused(self, package: Path) -> None:
        load(package)
        case = Initiative.objects.published().order_by("pk").first()
        assert case is not None
        publishing.publish(publishing.start_revision(case))
        with pytest.raises(CommandError, match=f"案例 {case.pk} 与数据包里的不同"):
            load(package)

    def test_other_reference_data_is_refused(self, package: Path) -> None:
        make.make_topic("pets", "宠物")
        with pytest.raises(CommandError, match="不同的参考数据"):
            load(package)
        assert not Initiative.objects.exists()


# --- Broken packages ---


def again(root: Path, records: list[Any]) -> None:
    """Write the records and every checksum that depends on them, as a careful forger would."""
    by_id = {(r["id"], r["version"]): checksum(r) for r in records}
    states = lines(root, layout.CASES)
    for state in states:
        for version in state.get("versions", []):
            key = (state["id"], version["version"])
            version["checksum"] = by_id.get(key, version["checksum"])
    for name, rows in ((layout.RECORDS, records), (layout.CASES, states)):
        (root / name).write_text("".join(f"{canonical(r)}\n" for r in rows), "utf-8")
    sign(root)


def sign(root: Path) -> None:
    manifest = json.loads((root / layout.MANIFEST).read_text("utf-8"))
    for resource in manifest["resources"]:
        data = (root / resource["path"]).read_bytes()
        resource["hash"] = f"sha256:{hashlib.sha256(data).hexdigest()}"
    (root / layout.MANIFEST).write_text(json.dumps(manifest), "utf-8")
    named = [r["path"] for r in manifest["resources"]] + [layout.MANIFEST]
    digests = [f"{hashlib.sha256((root / n).read_bytes()).hexdigest()}  {n}\n" for n in named]
    (root / layout.SUMS).write_text("".join(digests), "utf-8")


Breaker = Callable[[Path], None]


def _bytes(name: str, old: str, new: str) -> Breaker:
    def change(root: Path) -> None:
        text = (root / name).read_text("utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new, 1), "utf-8")

    return change


def _record(position: int, change: Callable[[Any], Any]) -> Breaker:
    def forge(root: Path) -> None:
        records = lines(root, layout.RECORDS)
        change(records[position])
        again(root, records)

    return forge


def _rows(change: Callable[[list[Any]], Any]) -> Breaker:
    def forge(root: Path) -> None:
        records = lines(root, layout.RECORDS)
        change(records)
        again(root, records)

    return forge


BROKEN: dict[str, tuple[Breaker, str]] = {
    "a changed record": (
        _bytes(layout.RECORDS, "改过的摘要", "改错的摘要"),
        "records.jsonl 第 2 行：校验值不符",
    ),
    "a changed table": (
        _bytes("tables/themes.csv", "居民", "村民"),
        "tables/themes.csv：校验值不符",
    ),
    "bad JSON": (
        _bytes(layout.RECORDS, '{"aliases"', '{"aliases'),
        "records.jsonl 第 1 行：不是 JSON",
    ),
    "a bad state": (_bytes(layout.CASES, '"reason"', '"why"'), "cases.jsonl 第 2 行："),
    "a missing file": (
        lambda root: (root / "tables/topics.csv").unlink(),
        "缺少文件 tables/topics.csv",
    ),
    "no manifest": (lambda root: (root / layout.MANIFEST).unlink(), "缺少 datapackage.json"),
    "a missing attachment": (
        lambda root: (root / layout.MEDIA / PICTURE).unlink(),
        f"缺少文件 media/{PICTURE}",
    ),
    "a lacking field": (
        _record(1, lambda r: r.pop("summary")),
        "records.jsonl 第 2 行：整行缺少字段：summary",
    ),
    "a wrong value": (
        _record(1, lambda r: r["status"].update(value="done")),
        'records.jsonl 第 2 行：status.value不是允许的值："done"',
    ),
    "an unknown reference": (
        _record(1, lambda r: r["topics"][0].update(slug="nothing")),
        "records.jsonl 第 2 行：topics：没有“nothing”",
    ),
    "an unknown source": (
        _record(0, lambda r: r["evidence"][0].update(source="nothing")),
        "records.jsonl 第 1 行：evidence：没有来源“nothing”",
    ),
    "a lost evidence": (
        _record(1, lambda r: r["figures"][0].update(evidence=9)),
        "records.jsonl 第 2 行：figures：没有编号为 9 的出处",
    ),
    "a version twice": (
        _rows(lambda rows: rows.insert(1, rows[0])),
        "records.jsonl 第 2 行：案例 {first} 第 1 版重复",
    ),
    "a version missing": (_rows(lambda rows: rows.pop()), "records.jsonl：缺少案例 {last} 第 2 版"),
    "a version too many": (
        _rows(lambda rows: rows.append({**rows[-1], "version": 9})),
        "records.jsonl 第 5 行：不属于任何案例",
    ),
    "what the database forbids": (
        _record(1, lambda r: r["period"].update(start="2019", end="2015")),
        "records.jsonl 第 2 行：数据库不接受：",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_package_is_refused_whole_with_the_line_that_is_wrong(
    name: str, package: Path
) -> None:
    breaker, message = BROKEN[name]
    states = [s for s in lines(package, layout.CASES) if s["state"] == "published"]
    breaker(package)
    with pytest.raises(CommandError) as error:
        load(package)
    wanted = message.replace("{first}", str(states[0]["id"])).replace(
        "{last}", str(states[-1]["id"])
    )
    assert wanted in str(error.value)
    assert not Initiative.objects.exists()
    assert not District.objects.exists()
    assert not default_storage.exists(EARLIER)


# --- The other engine ---


@pytest.mark.postgresql
def test_a_package_goes_from_sqlite_to_postgresql_and_back_unchanged(
    real_cases: None, tmp_path: Path
) -> None:
    assert connection.vendor == "postgresql"

    def on_sqlite(name: str, *command: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *command],
            env={**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / name}.sqlite3"},
            check=True,
            capture_output=True,
        )

    here = export(tmp_path / "postgresql")
    on_sqlite("a", "load_data", str(here))
    on_sqlite("a", "export_data", str(tmp_path / "sqlite"))
    assert contents(tmp_path / "sqlite") == contents(here)
    forget()
    load(tmp_path / "sqlite")
    assert contents(export(tmp_path / "again")) == contents(here)
