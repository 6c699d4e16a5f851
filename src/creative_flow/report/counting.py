"""How far counted work is: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from creative_flow.report.text import clean, counted

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class PlainCount:
    """Prints a line per step that takes long, and another every ``seconds`` while it goes on."""

    def __init__(self, out: TextIO, *, seconds: float = 5.0) -> None:
        self._out = out
        self._seconds = seconds
        self._last = monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def __call__(self, step: str, done: int, of: int) -> None:
        """Tell how many of all files a step is through with, if it is time to."""
        now = monotonic()
        if now - self._last < self._seconds:
            return
        self._last = now
        print(clean(f"{step}: {done:,} of {counted(of, 'file')}"), file=self._out, flush=True)


class LiveCount:
    """A bar at the foot of the terminal, which leaves nothing behind."""

    def __init__(self, out: TextIO) -> None:
        from rich.console import Console

        self._console = Console(file=out, highlight=False, markup=False, emoji=False)
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, step: str, done: int, of: int) -> None:
        """Show how many of all files a step is through with."""
        bar = self._bar or self._start()
        if self._task is None or bar.tasks[0].description != clean(step):
            if self._task is not None:
                bar.remove_task(self._task)
            self._task = bar.add_task(clean(step), total=of or None)
        bar.update(self._task, completed=done, total=of or None)

    def _start(self) -> Progress:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._bar.start()
        return self._bar


def counting(out: TextIO) -> LiveCount | PlainCount:
    """Return what suits where the output goes."""
    return LiveCount(out) if out.isatty() else PlainCount(out)
