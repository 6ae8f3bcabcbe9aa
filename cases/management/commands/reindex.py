"""Rebuild the search index and the facet bitmaps while the site serves."""

from typing import Any

from django.core.management.base import BaseCommand

from cases.management.progress import bar
from cases.models import Initiative
from cases.search import rebuilding


class Command(BaseCommand):
    help = "重建检索索引与分面计数；网站可照常访问。读完案例后还要整理，案例多时要几分钟"

    def handle(self, *args: Any, **options: Any) -> None:
        total = Initiative.objects.published().count()
        count = rebuilding.rebuild(bar(self.stdout, total))
        self.stdout.write(self.style.SUCCESS(f"索引已重建：{count} 个案例。"))
