"""What is seen while a run goes on: a live bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from creative_flow.events import (
    BatchFinished,
    BatchProgress,
    BatchStarted,
    Event,
    Noticed,
    OutcomeKnown,
    Progressed,
    RunFinished,
    RunStarted,
    StepChanged,
)
from creative_flow.report.advice import needs_attention
from creative_flow.report.text import clean, notice, rings, shown_size, shown_time
from creative_flow.wording import counted

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, Task, TaskID


class PlainProgress:
    """Prints a line per batch, per notice, and per creative that did not make it.

    It is a `Listener` and a context manager, like `LiveProgress`.
    """

    def __init__(self, out: TextIO) -> None:
        self._print: Callable[[str], object] = lambda line: print(line, file=out, flush=True)
        self._of = 0
        self._pace = Pace()

    def __enter__(self) -> PlainProgress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def paused(self) -> AbstractContextManager[None]:
        """Do as `LiveProgress.paused` does: here nothing is in the way."""
        return nullcontext()

    def __call__(self, event: Event) -> None:
        """Print what an event tells, if it is worth a line."""
        match event:
            case RunStarted(live=True, files=files) if files:
                self._print(started(event))
            case Noticed():
                self._print(noticed(event))
            case BatchStarted(batch=batch, of=of):
                self._of = of
                self._print(
                    f"Batch {batch.number} of {of}: "
                    f"{counted(len(batch.creatives), 'file')} as {clean(batch.ad_format)}, "
                    f"{shown_size(batch.size)}"
                )
            case OutcomeKnown(outcome=outcome) if needs_attention(outcome):
                self._print(problem(event))
            case BatchFinished(batch=batch):
                self._print(f"Batch {batch.number} of {self._of} finished")
            case Progressed():
                if line := self._pace.line(event):
                    self._print(line)
            case _:
                pass


class LiveProgress:
    """A bar at the foot of the terminal: files, bytes, batch, step, time left.

    Lines for what needs attention scroll by above it. What the bar counts as done is what has an
    outcome; what the platform has taken in of the batches under way counts as bytes only.
    """

    def __init__(self, out: TextIO) -> None:
        from rich.console import Console

        self._console = Console(file=out, highlight=False, markup=False, emoji=False)
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._files = 0
        self._finished_size = 0
        self._under_way: dict[int, int] = {}
        """Bytes that the platform has taken in, by number of the batches under way."""
        self._counted = ""

    def __enter__(self) -> LiveProgress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to a question meanwhile, which the bar would be drawn over."""
        bar = self._bar
        if bar is not None:
            bar.stop()
        yield
        if bar is not None and bar is self._bar:
            bar.start()

    def __call__(self, event: Event) -> None:
        """Show what an event tells."""
        match event:
            case RunStarted(live=True, files=files) if files:
                self._start(event)
            case Noticed():
                if rings(event.message):
                    self._console.bell()
                self._line(noticed(event))
            case BatchStarted(batch=batch, of=of):
                self._under_way[batch.number] = 0
                self._update(batch=self._numbers, batches=of, step=clean(batch.ad_format))
            case BatchProgress(batch=batch, size=size):
                self._under_way[batch.number] = size
                self._update(completed=self._size)
            case StepChanged(what=what, batch=number):
                about = f"batch {number}: " if number and len(self._under_way) > 1 else ""
                self._update(step=clean(about + what))
            case OutcomeKnown(outcome=outcome):
                if outcome.batch is not None:
                    self._files += 1
                    self._update(files=self._files)
                if needs_attention(outcome):
                    self._line(problem(event))
            case BatchFinished(batch=batch):
                self._finished_size += batch.size
                self._under_way.pop(batch.number, None)
                # The last one stays until another begins.
                shown = self._numbers if self._under_way else str(batch.number)
                self._update(completed=self._size, batch=shown)
            case Progressed():
                self._count(event)
            case RunFinished():
                self._stop()
            case _:
                pass

    @property
    def _numbers(self) -> str:
        return ",".join(map(str, sorted(self._under_way)))

    @property
    def _size(self) -> int:
        return self._finished_size + sum(self._under_way.values())

    def refresh(self) -> None:
        """Draw the bar now; otherwise it is drawn some times a second."""
        if self._bar is not None:
            self._bar.refresh()

    def _start(self, event: RunStarted) -> None:
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.table import Column

        self._line(started(event))
        whole = Column(no_wrap=True)
        self._bar = Progress(
            BarColumn(bar_width=16, table_column=whole),
            TextColumn("{task.fields[files]}/{task.fields[of]} files", table_column=whole),
            DownloadColumn(table_column=whole),
            TextColumn("batch {task.fields[batch]}/{task.fields[batches]}", table_column=whole),
            TimeRemainingColumn(table_column=whole),
            # What is said last gives way where there is little room.
            _step_column(),
            console=self._console,
            transient=True,
        )
        self._task = self._bar.add_task(
            "",
            total=event.size or None,
            files=0,
            of=event.files,
            batch="0",
            batches=event.batches,
            step="",
        )
        self._bar.start()

    def _count(self, event: Progressed) -> None:
        """Show work that sends nothing: what, how many, how long still."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.table import Column

        if self._bar is not None and self._counted != event.what:
            self._stop()
        if self._bar is None:
            whole = Column(no_wrap=True)
            self._counted = event.what
            self._bar = Progress(
                TextColumn("{task.description}", table_column=whole),
                BarColumn(bar_width=16, table_column=whole),
                TextColumn("{task.completed:,}/{task.total:,}", table_column=whole),
                TimeRemainingColumn(table_column=whole),
                _step_column(),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task(clean(event.what), total=event.of, step="")
            self._bar.start()
        self._update(completed=event.done, step=clean(event.now))
        if event.done >= event.of:
            self._stop()

    def _update(self, completed: int | None = None, **fields: str | int) -> None:
        if self._bar is not None and self._task is not None:
            task = self._bar.tasks[self._task]
            task.fields.update(fields)
            self._bar.update(self._task, completed=completed)

    def _line(self, text: str) -> None:
        from rich.text import Text

        self._console.print(Text(text), soft_wrap=True)

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _step_column() -> ProgressColumn:
    from rich.progress import ProgressColumn
    from rich.text import Text

    class StepColumn(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(task.fields["step"], no_wrap=True, overflow="ellipsis")

    return StepColumn()


def progress(out: TextIO) -> LiveProgress | PlainProgress:
    """Return the listener that suits where the output goes."""
    return LiveProgress(out) if out.isatty() else PlainProgress(out)


class Pace:
    """Turns steps of long work into a line now and then: what, how many, how long still."""

    EVERY_SECONDS = 5.0

    def __init__(self) -> None:
        self._what = ""
        self._began = self._told = 0.0
        self._first = 0

    def line(self, event: Progressed) -> str:
        """Return the line that is due, or an empty text."""
        now = monotonic()
        if event.what != self._what:
            self._what, self._began, self._told, self._first = event.what, now, now, event.done
            return ""
        spent, steps = now - self._began, event.done - self._first
        if now - self._told < self.EVERY_SECONDS or not steps:
            return ""
        self._told = now
        left = spent / steps * (event.of - event.done)
        return clean(f"{event.what}: {event.done:,} of {event.of:,}, about {shown_time(left)} left")


def started(event: RunStarted) -> str:
    """Say what a run is about to send, where, and as whom."""
    who = f"account {event.account}" + (f" (login {event.login})" if event.login else "")
    return clean(
        f"Sending {counted(event.files, 'file')}, {shown_size(event.size)}, in "
        f"{counted(event.batches, 'batch', 'batches')} to {event.title}, {who}"
    )


def noticed(event: Noticed) -> str:
    """Say what the user should know now."""
    return ("Warning: " if event.warning else "") + notice(event.message)


def problem(event: OutcomeKnown) -> str:
    """Say what became of a creative that needs attention."""
    outcome = event.outcome
    why = f": {outcome.error}" if outcome.error else ""
    return clean(f"{outcome.status.value}  {outcome.name}{why}")
