"""Write the public site as files."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.staticcopy import crawling


class Command(BaseCommand):
    help = (
        "把公开网站写成静态文件：所有页面、版本、下载，放到任何文件服务器上、甚至直接打开都能看。"
        "检索与组合筛选要计算，副本里改为指向原站（SITE_URL）的链接"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", metavar="DIR", help="空目录，或还没有的目录")

        parser.add_argument(
            "--address",
            metavar="URL",
            default="",
            help="副本将来的网址，例如 https://copy.example.org；写了才有 sitemap.xml",
        )

    def handle(self, *args: Any, directory: str, address: str, **options: Any) -> None:
        shown = sys.stdout.isatty()

        def progress(done: int, known: int) -> None:
            # How many there will be is known only at the end.
            if shown:
                self.stdout.write(f"\r已写 {done}，已知 {known}", ending="")
                self.stdout.flush()

        try:
            files = crawling.write(Path(directory), progress, address)
        except (crawling.CopyError, OSError) as error:
            raise CommandError(str(error)) from error
        if shown:
            self.stdout.write("")
        self.stdout.write(self.style.SUCCESS(f"静态副本：{files} 个文件，在 {directory}。"))
        self.stdout.write(f"原站地址写作 {settings.SITE_URL}；不对请先设 SITE_URL 再写一次。")
