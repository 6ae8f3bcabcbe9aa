"""Publish what was scheduled for a time that has come, where governance/wsgi.py does not serve."""

from typing import Any

from django.core.management.base import BaseCommand

from cases import publishing


class Command(BaseCommand):
    help = "发布到了时间的案例；网站运行时自己会做，用别的方式提供网站时由定时任务每几分钟运行一次"

    def handle(self, *args: Any, **options: Any) -> None:
        for case in publishing.publish_due():
            self.stdout.write(f"已发布：{case.title}")
