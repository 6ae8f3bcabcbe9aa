"""Write all that is public as a data package."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.datapackage import writing
from cases.management.progress import bar


class Command(BaseCommand):
    help = (
        "把全部公开内容写成数据包：各版本的记录（JSONL）、数据表（CSV）、字段说明、附件、校验值、"
        "许可与 datapackage.json；可公开、可引用，用 load_data 还原。"
        "草稿、账号和编辑的姓名不在内；整站备份请用 backup"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", metavar="DIR", help="空目录，或还没有的目录")

    def handle(self, *args: Any, directory: str, **options: Any) -> None:
        try:
            facts = writing.write(Path(directory), bar(self.stdout, writing.count()))
        except (writing.PackageError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"已写好数据包：{facts.size}，在 {directory}。"))
