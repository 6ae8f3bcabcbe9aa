"""Prepare an empty or existing database for serving. Safe to repeat."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from cases import publishing, records, sequences
from cases.models import District, Initiative
from cases.search import rebuilding

REFERENCE = ("vocabulary", "places", "sources", "policies", "synonyms")


def case_files() -> list[Path]:
    """Return the files of the real cases, one record each, in the order of their ids."""
    return sorted((settings.BASE_DIR / "fixtures" / "cases").glob("*.json"))


class Command(BaseCommand):
    help = "建表、载入参考数据与案例、建立索引；可重复执行，不改动已有内容"

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write("数据库结构已是最新。")
        # Reference data is the editors’ once it is there; a later run must not undo their work.
        if not District.objects.exists():
            with transaction.atomic():
                call_command("loaddata", *REFERENCE, verbosity=0)
            self.stdout.write("参考数据已载入。")
        if not Initiative.objects.exists():
            # Also after `flush`, which empties the tables but not the index.
            rebuilding.rebuild()
        added = self._load_cases()
        self.stdout.write(f"案例：新载入 {added} 个。")
        total = Initiative.objects.published().count()
        self.stdout.write(self.style.SUCCESS(f"就绪：共有 {total} 个已发布案例。"))

    @transaction.atomic
    def _load_cases(self) -> int:
        """Publish the cases that this database has never had; returns their number."""
        known = set(Initiative.objects.values_list("pk", flat=True))
        added = 0
        for path in case_files():
            record = json.loads(path.read_text(encoding="utf-8"))
            if record["id"] in known:
                continue
            initiative = records.from_record(record)
            publishing.publish(initiative, at=records.published_at_of(record))
            added += 1
        if added:
            sequences.reset()
        return added
