"""What every benchmark needs: processes with their time and memory, medians, one line each.

Only the standard library is imported here, and little of it: on Linux a child's peak memory counts
what its parent held when it was started, so who measures processes must stay small.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
CFU = (str(Path(sys.executable).with_name("cfu")),)
K = TypeVar("K")


@dataclass(frozen=True)
class Line:
    """One line of the table: what was compared, the ratio, what it has to be, what lies behind.

    ``most`` and ``least`` are the bounds of the ratio; a line with neither is for information.
    """

    name: str
    ratio: float
    most: float | None = None
    least: float | None = None
    detail: str = ""
    unit: str = ""

    @property
    def wanted(self) -> str:
        """The bound as the table shows it."""
        if self.most is not None:
            return f"≤ {self.most:g}{self.unit}"
        return f"≥ {self.least:g}{self.unit}" if self.least is not None else ""

    @property
    def verdict(self) -> str:
        """``ok``, ``NOT OK``, or nothing where nothing is wanted."""
        if self.most is None and self.least is None:
            return ""
        held = (self.most is None or self.ratio <= self.most) and (
            self.least is None or self.ratio >= self.least
        )
        return "ok" if held else "NOT OK"


@dataclass
class Runs:
    """What several runs of one thing took: seconds, and the largest process in bytes."""

    seconds: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)

    @property
    def time(self) -> float:
        """The median time, in seconds."""
        return median(self.seconds)

    @property
    def peak(self) -> float:
        """The median peak memory, in bytes."""
        return median(self.peaks)


def ratio(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the median of the ratios of what ran beside each other."""
    return median(a / b for a, b in zip(one, other, strict=True))


@dataclass(frozen=True)
class Finished:
    """A process that ended: wall time in seconds, peak memory in bytes, what it printed."""

    seconds: float
    peak: int
    output: str


def run(
    command: Sequence[str],
    *,
    environ: Mapping[str, str] | None = None,
    codes: Sequence[int] = (0,),
    limit: float = 600,
) -> Finished:
    """Run a command to its end. Raises ``RuntimeError`` if it fails or takes too long."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = perf_counter()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**plain_environment(), **(environ or {})},
            cwd=ROOT,
        )
        late = _kill_after(child, limit)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = perf_counter() - began
        late()
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        output = out.read().decode(errors="replace")
        complaints = err.read().decode(errors="replace")
    if child.returncode not in codes:
        raise RuntimeError(
            f"{' '.join(command)} ended with {child.returncode}:\n{complaints[-2000:]}"
        )
    unit = 1 if sys.platform == "darwin" else 1024
    return Finished(seconds, usage.ru_maxrss * unit, output)


def plain_environment() -> dict[str, str]:
    """Return the environment without what makes Python compile its modules in each process."""
    return {name: it for name, it in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _kill_after(child: subprocess.Popen[bytes], limit: float) -> Callable[[], None]:
    from threading import Timer

    timer = Timer(limit, child.kill)
    timer.start()
    return timer.cancel


def in_turn(
    ways: Mapping[K, Callable[[], Finished]], times: int, *, warm_up: int = 1
) -> dict[K, Runs]:
    """Run several things A B C A B C …, so that a machine that slows down slows all of them."""
    runs: dict[K, Runs] = {name: Runs() for name in ways}
    for number in range(-warm_up, times):
        for name, way in ways.items():
            finished = way()
            if number >= 0:
                runs[name].seconds.append(finished.seconds)
                runs[name].peaks.append(finished.peak)
    return runs


def lines_of(module: str) -> list[Line]:
    """Return what a benchmark measures."""
    return list(import_module(module).measure())


@contextmanager
def folder() -> Iterator[Path]:
    """Make a folder for a benchmark's files, and remove it."""
    with tempfile.TemporaryDirectory(prefix="creative-flow-bench-") as name:
        yield Path(name)


def say(text: str) -> None:
    """Say how far the benchmark is; the table alone goes to standard output."""
    print(text, file=sys.stderr, flush=True)


def table(lines: Sequence[Line]) -> str:
    """Return lines as a table for a terminal."""
    rows = [("what", "ratio", "wanted", "", "measured")]
    rows += [
        (line.name, f"{line.ratio:.3g}{line.unit}", line.wanted, line.verdict, line.detail)
        for line in lines
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]
        ).rstrip()
        for row in rows
    )
