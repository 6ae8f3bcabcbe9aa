"""Find the cases that an article tells of, and keep them as drafts."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.importing import drafts, extraction, reading
from cases.importing.gazetteer import Gazetteer


class Command(BaseCommand):
    help = "读一篇文章（文本、HTML 或 Word），找出其中的案例，存为草稿；不发布，也不打开网址"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="文件；- 表示标准输入")
        parser.add_argument("--url", default="", help="文章的网址；只作记录，不会去访问")
        parser.add_argument("--json", action="store_true", help="只打印找到的内容，什么也不存")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            article = reading.read(self._data(options["file"]), options["url"])
        except reading.ReadingError as error:
            raise CommandError(str(error)) from error
        gazetteer = Gazetteer.load()
        findings = extraction.find(article, gazetteer)
        if options["json"]:
            found = extraction.to_json(findings, gazetteer)
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
            return
        self._tell(drafts.store(findings, gazetteer))

    def _data(self, name: str) -> bytes:
        if name == "-":
            return sys.stdin.buffer.read(reading.LARGEST_FILE + 1)
        try:
            with Path(name).open("rb") as file:
                return file.read(reading.LARGEST_FILE + 1)
        except OSError as error:
            raise CommandError(f"打不开文件：{error.strerror}。") from error

    def _tell(self, report: drafts.Report) -> None:
        if report.same_source:
            self.stdout.write(
                f"这篇文章已经在库里：{report.same_source.title}（{report.reason}）。什么也没有改动。"
            )
            return
        for initiative in report.created:
            self.stdout.write(f"草稿 {initiative.pk}：{initiative.title}")
            for case, reason in report.likely.get(initiative.pk, ()):
                self.stdout.write(
                    f"    "
                    f"可能与“{case.title}”（{case.get_status_display()}，{case.pk}）相同：{reason}"
                )
        if report.remark:
            self.stdout.write(report.remark)
        else:
            done = f"存了 {len(report.created)} 份草稿，都还没有发布；请在后台逐项核对。"
            self.stdout.write(self.style.SUCCESS(done))
