"""Fill a database with synthetic cases, for measuring speed."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.benchmark import loading
from cases.management.progress import bar
from cases.models import Initiative

MOST = 5_000_000


class Command(BaseCommand):
    help = "生成合成案例，供测试速度用；每个案例都标明是合成的"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", type=int, required=True, help="生成多少个案例")
        parser.add_argument("--seed", type=int, default=1, help="随机种子；相同则案例相同")
        parser.add_argument("--yes", action="store_true", help="数据库里已有真实案例也照样生成")
        parser.add_argument("--processes", type=int, default=0, help="进程数；0 为每个核一个")

    def handle(
        self, *args: Any, cases: int, seed: int, yes: bool, processes: int, **options: Any
    ) -> None:
        if not 1 <= cases <= MOST:
            raise CommandError(f"--cases 应在 1 到 {MOST} 之间。")
        if processes < 0:
            raise CommandError("--processes 不能小于 0。")
        loading.prepare()
        real = Initiative.objects.filter(synthetic=False).count()
        if real and not yes:
            raise CommandError(
                f"数据库里有 {real} 个真实案例，合成案例混进去以后很难分开，所以没有生成。"
                "请用 DATABASE_URL 另指定一个空数据库；确实要混在一起，请加 --yes。"
            )
        began = time.monotonic()
        total = loading.generate(cases, seed, processes, bar(self.stdout, cases))
        seconds = time.monotonic() - began
        self.stdout.write(
            self.style.SUCCESS(
                f"已生成 {cases} 个合成案例，用时 {seconds:.0f} 秒；共有 {total} 个已发布案例。"
            )
        )
