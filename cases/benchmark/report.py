"""The results as Markdown."""

import os
import platform
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import django

from .measuring import CONNECTIONS, Sample
from .scenarios import DATASETTE_LIST, Export, Row
from .serving import WORKERS


@dataclass
class Result:
    """What was measured over one database."""

    version: str
    cases: int
    rows: list[Row] = field(default_factory=list)
    datasette: list[Row] = field(default_factory=list)
    datasette_version: str = ""
    export: Export | None = None
    # Megabytes of the largest worker when everything has been asked for.
    memory: float = 0.0
    publishing: dict[str, float] = field(default_factory=dict)
    generated: float | None = None


def machine() -> str:
    memory = "内存未知"
    try:
        kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
        memory = f"{kilobytes / 1024 / 1024:.0f} GB 内存"
    except (OSError, ValueError, IndexError):
        pass
    load = f"，开始时负载 {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{os.cpu_count()} 核，{memory}，{platform.system()} {platform.machine()}，"
        f"Python {platform.python_version()}，Django {django.get_version()}{load}"
    )


def _ms(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _times(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:.1f}×" if value < 10 else f"{value:,.0f}×"


def _ratio(a: float | None, b: float | None) -> float | None:
    return a / b if a and b else None


def _rate(sample: Sample) -> str:
    return f"{sample.rate:.1f}" if sample.rate < 10 else f"{sample.rate:,.0f}"


HEADINGS = (
    "页面",
    "初次 p50",
    "现做 p50",
    "现做 p95",
    "现做每秒",
    "计算",
    "初次 ÷ 垫底",
    "现做 ÷ 垫底",
    "计算 ÷ 垫底",
    "现做每秒 ÷ Datasette",
    "反复 p50",
    "反复每秒",
)


def _line(row: Row, rival: Row | None) -> str:
    failed = f"（{row.made.failures} 次失败，最后 {row.made.status}）" if row.made.failures else ""
    floor = row.floor.p50 if row.floor else None
    cells = [
        row.name + failed,
        _ms(row.cold),
        _ms(row.made.p50),
        _ms(row.made.p95),
        _rate(row.made),
        _ms(row.cpu),
        _times(_ratio(row.cold, floor)),
        _times(_ratio(row.made.p50, floor)),
        _times(_ratio(row.cpu, row.floor_cpu)),
        _times(_ratio(row.made.rate, rival.made.rate)) if rival else "—",
        _ms(row.repeated.p50) if row.repeated else "—",
        _rate(row.repeated) if row.repeated else "—",
    ]
    return f"| {' | '.join(cells)} |"


def section(result: Result) -> str:
    """Return one database's results."""
    rival = next((row for row in result.datasette if row.name == DATASETTE_LIST), None)
    lines = [
        f"## {result.cases:,} 个合成案例，{result.version}",
        "",
        f"| {' | '.join(HEADINGS)} |",
        f"|---|{'---:|' * (len(HEADINGS) - 1)}",
        *(_line(row, rival) for row in (*result.rows, *result.datasette)),
        "",
    ]
    if result.datasette_version:
        lines.append(
            f"- Datasette {result.datasette_version}：一个进程，时限放宽到 60 秒，六个分面"
        )
    if result.export and result.export.status == 200:
        export = result.export
        lines.append(
            f"- 全部案例的 CSV：{export.seconds:.1f} 秒，{export.megabytes:.0f} MB，"
            f"进程内存峰值上升 {export.rise:.0f} MB"
        )
    elif result.export:
        lines.append(f"- 全部案例的 CSV：没有测到（状态 {result.export.status}）")
    lines.append(f"- 进程内存（最大的一个）：{result.memory:.0f} MB")
    if result.publishing:
        lines.append(
            f"- 发布一个案例 {result.publishing['publish']:.0f} 毫秒，"
            f"撤回 {result.publishing['withdraw']:.0f} 毫秒（各 50 次的中位数）"
        )
    if result.generated is not None:
        lines.append(f"- 生成并建索引：{result.generated:.0f} 秒")
    return "\n".join(lines)


def document(results: list[Result], shape: str) -> str:
    head = [
        "# 速度测试",
        "",
        f"{date.today():%Y-%m-%d}。{shape}。",
        "",
        f"gunicorn {WORKERS} 个进程，{CONNECTIONS} 个并发连接，每个请求新建连接，"
        "服务器与客户端在同一台机器。时间都是毫秒。",
        "“垫底页”用同样的模板渲染现成的数据，二十行也每次重新渲染，不查数据库；"
        "列表页记得渲染过的行，所以可能比它快。"
        "它与每种页面轮流测量，比值不受机器上别的工作影响。",
        "“初次”是每个地址第一次被访问；“现做”是进程记得检索结果，但页面重新做；"
        "“反复”是同样的地址再三访问，整页可能来自内存。"
        "“计算”是网站进程为一个请求所用的处理器时间，不含 PostgreSQL 的。",
        "",
    ]
    return "\n".join([*head, ""]) + "\n\n".join(map(section, results)) + "\n"
