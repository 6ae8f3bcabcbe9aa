"""Asking a server on this machine, and watching its processes."""

import contextlib
import http.client
import itertools
import os
import statistics
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
CONNECTIONS = 4
TIMEOUT = 120


@dataclass
class Sample:
    """The answers to one kind of request."""

    # Seconds each, of the answers with status 200.
    times: list[float] = field(default_factory=list)
    elapsed: float = 0.0
    failures: int = 0
    # Of the last answer.
    status: int = 0

    def percentile(self, share: float) -> float | None:
        """Return milliseconds, None without an answer."""
        if not self.times:
            return None
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    def __add__(self, other: "Sample") -> "Sample":
        return Sample(
            self.times + other.times,
            self.elapsed + other.elapsed,
            self.failures + other.failures,
            other.status or self.status,
        )

    @property
    def p50(self) -> float | None:
        return statistics.median(self.times) * 1000 if self.times else None

    @property
    def p95(self) -> float | None:
        return self.percentile(0.95)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.times) / self.elapsed if self.elapsed else 0.0


def get(port: int, path: str, timeout: float = TIMEOUT) -> tuple[int, int]:
    """Return status and size; the body is read in pieces and thrown away."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        size = 0
        while piece := response.read(1 << 16):
            size += len(piece)
        return response.status, size
    finally:
        connection.close()


def drive(
    port: int,
    paths: Iterator[str],
    seconds: float,
    most: int = 1_000_000,
    connections: int = CONNECTIONS,
) -> Sample:
    """Ask for the paths in turn on several connections, until time, number or paths run out.

    Every request has a connection of its own: gunicorn's ordinary workers close it after one.
    """
    sample = Sample()
    turns = itertools.count()
    lock = threading.Lock()
    began = time.perf_counter()

    def work() -> None:
        while time.perf_counter() - began < seconds:
            with lock:
                path = next(paths, None) if next(turns) < most else None
            if path is None:
                return
            start = time.perf_counter()
            try:
                status = get(port, path)[0]
            except (OSError, http.client.HTTPException):
                status = 0
            spent = time.perf_counter() - start
            with lock:
                sample.status = status
                if status == 200:
                    sample.times.append(spent)
                else:
                    sample.failures += 1
            if sample.failures > 20 and not sample.times:
                return

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sample.elapsed = time.perf_counter() - began
    return sample


# --- Processes, from /proc: 0 where there is none; memory in megabytes ---


def children(pid: int) -> list[int]:
    try:
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def cpu(pids: Iterable[int]) -> float:
    """Return the seconds that these processes have computed so far."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _status(pid: int, name: str) -> float:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def memory(pid: int) -> float:
    return _status(pid, "VmRSS")


def peak(pid: int) -> float:
    """Return the highest memory since the last `forget_peak`."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5")
