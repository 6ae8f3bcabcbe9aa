"""Publish what was scheduled for a time that has come; to be run every few minutes."""

from typing import Any

from django.core.management.base import BaseCommand

from cases import publishing


class Command(BaseCommand):
    help = "发布到了时间的案例；由系统的定时任务每几分钟运行一次"

    def handle(self, *args: Any, **options: Any) -> None:
        for case in publishing.publish_due():
            self.stdout.write(f"已发布：{case.title}")
