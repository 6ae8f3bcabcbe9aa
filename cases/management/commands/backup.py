"""Write the whole site into one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases import backup
from cases.management.progress import bar


class Command(BaseCommand):
    help = (
        "整站备份到一个文件：案例（含草稿）、账号、办理记录、附件，用 restore 还原。"
        "文件里有账号和密码的密文，不要外传；要给别人的公开数据请用 export_data"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="还没有的文件，例如 backup.zip")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            rows = backup.write(Path(file), bar(self.stdout, backup.count()))
        except (backup.BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"已备份 {rows} 行到 {file}。"))
