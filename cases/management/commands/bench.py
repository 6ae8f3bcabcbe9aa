"""Measure the site over synthetic cases, beside the fastest page possible and beside Datasette."""

import contextlib
import sys
import tempfile
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cases.benchmark import scenarios, serving
from cases.benchmark.measuring import children, memory
from cases.benchmark.report import Result, document, machine


def numbers(text: str) -> list[int]:
    try:
        found = [int(part) for part in text.split(",") if part]
    except ValueError as error:
        raise ArgumentTypeError(f"应为逗号隔开的数字：{text}") from error
    if any(number < 100 for number in found):
        raise ArgumentTypeError("每个库至少 100 个案例")
    return found


class Command(BaseCommand):
    help = "在临时数据库里生成合成案例，测量页面、检索、导出与发布的速度"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--cases", type=numbers, default=[10_000, 100_000], help="SQLite 各库的案例数"
        )
        parser.add_argument(
            "--postgres", type=numbers, default=[], help="PostgreSQL 各库的案例数，默认不测"
        )
        parser.add_argument("--seconds", type=float, default=5, help="每种页面测多少秒")
        parser.add_argument("--seed", type=int, default=1, help="合成案例的随机种子")
        parser.add_argument("--keep", type=Path, help="数据库留在这个文件夹，下次接着用")
        parser.add_argument("--no-datasette", action="store_true", help="不与 Datasette 比较")
        parser.add_argument(
            "--output",
            type=Path,
            default=settings.BASE_DIR / ".venv" / "benchmark.md",
            help="结果文件（Markdown）",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["seconds"] <= 0:
            raise CommandError("--seconds 应大于 0。")
        self.seconds: float = options["seconds"]
        self.seed: int = options["seed"]
        self.with_datasette = not options["no_datasette"]
        shape = machine()
        results: list[Result] = []
        self.stdout.write(shape)
        with _folder(options["keep"]) as folder:
            self.folder = folder
            try:
                serving.run(
                    [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"],
                    serving.environment("", folder),
                )
                for cases in options["cases"]:
                    file = folder / f"sqlite-{cases}.sqlite3"
                    results.append(self._over(f"sqlite:///{file}", cases))
                    self._write(options["output"], results, shape)
                for cases in options["postgres"]:
                    with serving.postgres(folder / f"postgres-{cases}") as url:
                        results.append(self._over(url, cases))
                    self._write(options["output"], results, shape)
            except serving.CannotStart as reason:
                raise CommandError(str(reason)) from reason
        self.stdout.write(document(results, shape))
        self.stdout.write(self.style.SUCCESS(f"结果已写入 {options['output']}"))

    def _over(self, database: str, cases: int) -> Result:
        """Make the corpus unless it is there, and measure everything over it."""
        variables = serving.environment(database, self.folder)
        generated = self._generate(variables, cases)
        about = serving.inside("describe", variables)
        result = Result(about["version"], about["cases"], generated=generated)
        self.stdout.write(f"== {result.version}，{result.cases} 个案例 ==")
        with serving.site(variables, self.folder) as (port, server):
            result.rows = scenarios.measure(port, server, about, self.seconds, self._tell)
            result.memory = max(map(memory, children(server.pid)), default=0.0)
        with serving.site(variables, self.folder) as (port, server):
            result.export = scenarios.export(port, server)
        result.publishing = serving.inside("publish", variables)
        if self.with_datasette and database.startswith("sqlite"):
            flat = self.folder / f"flat-{cases}" / "flat.db"
            if not flat.exists():
                flat.parent.mkdir(exist_ok=True)
                serving.inside("flatten", variables, str(flat))
            words = next(w for name, w in about["words"].items() if name.startswith("三字"))
            with serving.datasette(flat, self.folder) as (port, version):
                result.datasette_version = version
                result.datasette = scenarios.datasette(port, self.seconds, words)
            for row in result.datasette:
                self._tell(row)
        return result

    def _generate(self, variables: dict[str, str], cases: int) -> float | None:
        """Return the seconds it took; None where the corpus was there."""
        manage = [sys.executable, "manage.py"]
        done = self.folder / f"{_name(variables['DATABASE_URL'])}-{cases}-{self.seed}.ready"
        if done.exists():
            serving.run([*manage, "migrate", "--verbosity=0"], variables)
            return None
        self.stdout.write(f"正在生成 {cases} 个合成案例…")
        began = time.monotonic()
        serving.run(
            [*manage, "generate_corpus", f"--cases={cases}", f"--seed={self.seed}"], variables
        )
        done.touch()
        return time.monotonic() - began

    def _tell(self, row: scenarios.Row) -> None:
        if row.made.p50 is None:
            self.stdout.write(f"{row.name}：没有成功的回答（最后状态 {row.made.status}）")
            return
        line = f"{row.name}：现做 p50 {row.made.p50:.1f} 毫秒，每秒 {row.made.rate:.1f} 个"
        for name, value in (("初次", row.cold), ("垫底", row.floor and row.floor.p50)):
            if value:
                line += f"，{name} {value:.1f}"
        self.stdout.write(line)

    @staticmethod
    def _write(file: Path, results: list[Result], shape: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(document(results, shape), encoding="utf-8")


def _name(database: str) -> str:
    return "sqlite" if database.startswith("sqlite") else "postgres"


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Yield the folder to be kept, or one that goes when the benchmark ends."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            yield Path(folder)
    else:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
