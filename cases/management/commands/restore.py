"""Restore a backup of the whole site."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases import backup
from cases.management.progress import bar
from cases.models import Initiative


class Command(BaseCommand):
    help = (
        "把 backup 写的整站备份还原到空数据库（SQLite 或 PostgreSQL），含草稿、账号和附件；"
        "要么全部还原，要么什么也不改。公开的数据包请用 load_data"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="backup 写的文件")
        parser.add_argument(
            "--replace", action="store_true", help="数据库里已有内容也照样还原，原有的全部删去"
        )

    def handle(self, *args: Any, file: str, replace: bool, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        try:
            rows = backup.restore(
                Path(file),
                replace=replace,
                progress=bar(self.stdout, backup.rows_in(Path(file)), "还原 "),
            )
        except (backup.BackupError, OSError) as error:
            raise CommandError(f"没有还原：{error}") from error
        total = Initiative.objects.published().count()
        self.stdout.write(self.style.SUCCESS(f"已还原 {rows} 行；共有 {total} 个已发布案例。"))
