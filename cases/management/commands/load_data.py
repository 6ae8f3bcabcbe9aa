"""Restore a data package in an empty database."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.datapackage import loading, writing
from cases.management.progress import bar


class Command(BaseCommand):
    help = (
        "把 export_data 写的数据包还原到空数据库（SQLite 或 PostgreSQL）：参考数据、案例的"
        "全部版本、附件、检索索引。先整个核对，有一处不对就什么也不写；中途停了，再运行一次即可接着做"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", metavar="DIR", help="数据包所在的目录")

    def handle(self, *args: Any, directory: str, **options: Any) -> None:
        def checked(total: int) -> tuple[loading.Progress, loading.Progress, loading.Progress]:
            return (
                bar(self.stdout, total, "试存 "),
                bar(self.stdout, total, "存入 "),
                bar(self.stdout, total, "索引 "),
            )

        call_command("migrate", interactive=False, verbosity=0)
        try:
            total = loading.load(Path(directory), checked)
        except writing.PackageError as error:
            raise CommandError(f"数据包没有载入：\n{error}") from error
        self.stdout.write(self.style.SUCCESS(f"已还原：共有 {total} 个已发布案例。"))
