"""Rebuild the search index and the facet bitmaps while the site serves."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from cases.models import Initiative
from cases.search import rebuilding


class Command(BaseCommand):
    help = "重建检索索引与分面计数；网站可照常访问"

    def handle(self, *args: Any, **options: Any) -> None:
        total = Initiative.objects.published().count()
        shown = sys.stdout.isatty()

        def progress(done: int) -> None:
            if shown and total:
                filled = 30 * done // total
                bar = "█" * filled + "░" * (30 - filled)
                self.stdout.write(f"\r{bar} {done}/{total}", ending="")
                self.stdout.flush()

        count = rebuilding.rebuild(progress)
        if shown:
            self.stdout.write("")
        self.stdout.write(self.style.SUCCESS(f"索引已重建：{count} 个案例。"))
