"""Check that the fixtures can be loaded, are complete, and come back unchanged."""

import json
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections

from cases import quality, records
from cases.models import Initiative

from .bootstrap import case_files


class Command(BaseCommand):
    help = "在临时数据库里载入全部初始数据，检查每个案例完整、可发布、存取一致"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[DEFAULT_DB_ALIAS]
        old_name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            call_command("bootstrap", stdout=self.stderr if options["verbosity"] > 1 else _Silent())
            problems = self._problems()
        finally:
            connection.creation.destroy_test_db(old_name, verbosity=0)
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(f"初始数据有效：{len(case_files())} 个案例。")

    def _problems(self) -> list[str]:
        found = []
        rows = {row.pk: row for row in records.for_record(Initiative.objects.published())}
        for path in case_files():
            record = json.loads(path.read_text(encoding="utf-8"))
            found += [f"{path.name}：{problem.message}" for problem in quality.problems(record)]
            stored = records.to_record(rows[record["id"]])
            found += [
                f"{path.name}：{key} 存取后不同：{record.get(key)!r} → {stored[key]!r}"
                for key in stored
                if record.get(key) != stored[key]
            ]
        return found


class _Silent:
    def write(self, text: str) -> None:
        pass
