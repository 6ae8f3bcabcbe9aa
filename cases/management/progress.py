"""The bar that a long command shows to a person, and to nobody else."""

import sys
from collections.abc import Callable
from typing import Any


def bar(stdout: Any, total: int, title: str = "") -> Callable[[int], None]:
    """Return what draws the bar when told how much of `total` is done, and ends its line then."""
    shown = sys.stdout.isatty()

    def draw(done: int) -> None:
        if not shown or not total:
            return
        filled = 30 * done // total
        stdout.write(
            f"\r{title}{'█' * filled}{'░' * (30 - filled)} {done}/{total}",
            ending="\n" if done >= total else "",
        )
        stdout.flush()

    return draw
