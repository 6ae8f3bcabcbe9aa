"""What is asked for, one after the other, and what comes of it."""

import itertools
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote

from .measuring import Sample, children, cpu, drive, forget_peak, get, memory, peak
from .serving import EXPORT_SECONDS

WARM_UP = 3
# Floor and page are measured alternately, this many times.
TURNS = 4
COLD_SECONDS = 60
FLOOR_PATH = "/benchmark/floor/"
FLOOR = "垫底页（同一模板，数据现成）"
DATASETTE_LIST = "Datasette：六个分面的列表"
DATASETTE_MOST = 400


@dataclass(frozen=True)
class Row:
    """One line of the report."""

    name: str
    # Pages made anew, over what the workers have learnt from the first touch.
    made: Sample
    # Median milliseconds of the first touch of each address.
    cold: float | None = None
    # The floor, measured in turns with the page: what else the machine does falls on both.
    floor: Sample | None = None
    # Milliseconds that the workers compute for one answer, and for one of the floor.
    cpu: float | None = None
    floor_cpu: float | None = None
    # The same addresses again and again: what the workers remember whole comes from memory.
    repeated: Sample | None = None


def pages(about: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield what each row is called and the addresses that it asks for in turn."""
    districts, themes, words = about["districts"], about["themes"], about["words"]
    yield FLOOR, [FLOOR_PATH]
    yield "列表", [f"/cases/?page={n}" for n in range(1, min(20, about["cases"] // 20) + 1)]
    yield "一个筛选", [f"/cases/?district={d}" for d in districts]
    pairs = [(d, t) for d in districts for t in themes]
    yield "两个筛选", [f"/cases/?district={d}&theme={t}" for d, t in pairs]
    yield (
        "筛选加年份",
        [
            f"/cases/?district={d}&year_from={year}&year_to={year + 3}"
            for d, year in zip(cycle(districts), range(2010, 2019), strict=False)
        ],
    )
    for name, chosen in words.items():
        if chosen:
            yield f"检索：{name}", [f"/cases/?q={quote(word)}" for word in chosen]
    hot = next(chosen for name, chosen in words.items() if name.startswith("热词"))
    yield (
        "检索：热词加筛选",
        [
            f"/cases/?q={quote(word)}&district={d}"
            for word, d in zip(hot, cycle(districts), strict=False)
        ],
    )
    middle = next(chosen for name, chosen in words.items() if name.startswith("中等"))
    typed = [word[:n] for word in (*hot[:12], *middle[:12]) for n in (1, 2)]
    latin = ["xuhui", "tch", "weix", "lingyun", "wgh", "sl", "jdxz", "yl"]
    yield "输入提示 /suggest/", [f"/suggest/?q={quote(text)}" for text in [*typed, *latin]]
    yield "分面与百条记录 /cases.json", [f"/cases.json?theme={t}" for t in themes]
    yield "案例页", [f"/cases/{pk}/" for pk in about["ids"]]


def measure(
    port: int,
    server: "subprocess.Popen[bytes]",
    about: dict[str, Any],
    seconds: float,
    tell: Callable[[Row], None],
) -> list[Row]:
    """Measure every page: first touch of each address, made anew in turns with the floor, repeated.

    Between the kinds some rounds go unmeasured, so that each worker has seen each address.
    """
    workers = children(server.pid)
    unique = itertools.count()

    def anew(paths: list[str]) -> Iterator[str]:
        """Yield the addresses without end, each different: a parameter that means nothing."""
        for path in cycle(paths):
            yield f"{path}{'&' if '?' in path else '?'}bench={next(unique)}"

    def turn(paths: Iterator[str], seconds: float) -> tuple[Sample, float]:
        before = cpu(workers)
        sample = drive(port, paths, seconds)
        return sample, cpu(workers) - before

    floor_paths = cycle([FLOOR_PATH])
    drive(port, floor_paths, seconds=10, most=20)
    rows = []
    for name, paths in pages(about):
        cold = drive(port, cycle(paths), seconds=COLD_SECONDS, most=len(paths))
        fresh = anew(paths)
        drive(port, fresh, seconds=seconds, most=WARM_UP * len(paths))
        made, floor, spent, floor_spent = Sample(), Sample(), 0.0, 0.0
        for _ in range(TURNS):
            part, computed = turn(floor_paths, seconds / TURNS / 2)
            floor, floor_spent = floor + part, floor_spent + computed
            part, computed = turn(fresh, seconds / TURNS)
            made, spent = made + part, spent + computed
        drive(port, cycle(paths), seconds=seconds, most=WARM_UP * len(paths))
        row = Row(
            name,
            made,
            cold.p50,
            floor,
            spent * 1000 / len(made.times) if made.times and spent else None,
            floor_spent * 1000 / len(floor.times) if floor.times and floor_spent else None,
            drive(port, cycle(paths), seconds / 2),
        )
        rows.append(row)
        tell(row)
    return rows


@dataclass(frozen=True)
class Export:
    """The CSV of everything; `rise` is by how much the worker's peak went up, in megabytes."""

    status: int
    seconds: float
    megabytes: float
    rise: float


def export(port: int, server: "subprocess.Popen[bytes]") -> Export:
    """Fetch it once and watch the workers."""
    workers = children(server.pid)
    # The first answers after a start take memory that is not the export's.
    drive(port, cycle(["/cases/"]), seconds=5, most=8)
    before = {pid: memory(pid) for pid in workers}
    for pid in workers:
        forget_peak(pid)
    began = time.perf_counter()
    status, size = get(port, "/cases.csv", timeout=EXPORT_SECONDS)
    spent = time.perf_counter() - began
    rise = max((peak(pid) - before[pid] for pid in workers), default=0.0)
    return Export(status, spent, size / 1e6, rise)


def datasette(port: int, seconds: float, words: list[str]) -> list[Row]:
    """Ask Datasette for the same: a list with six facets, one filter, one word."""
    facets = "&".join(
        f"_facet={name}" for name in ("district", "subdistrict", "theme", "topic", "year", "status")
    )
    base = f"/flat/cases?{facets}&_sort_desc=id"
    asked = {
        DATASETTE_LIST: [base],
        "Datasette：分面列表，一个筛选": [
            f"{base}&district={quote(d)}" for d in ("徐汇区", "静安区", "闵行区", "宝山区")
        ],
        "Datasette：分面列表，一个三字以上的词": [
            f"{base}&_search={quote(word)}" for word in islice(words, 8)
        ],
    }
    rows = []
    for name, paths in asked.items():
        cold = drive(port, cycle(paths[:1]), seconds=COLD_SECONDS, most=1)
        made = drive(port, cycle(paths), seconds, most=DATASETTE_MOST)
        rows.append(Row(name, made, cold.p50))
    return rows
