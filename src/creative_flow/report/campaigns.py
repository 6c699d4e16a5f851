"""What runs over campaigns show: a bar while they go on, a table at the end, a job's state."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from creative_flow.campaign import CampaignOutcome, CampaignsReport, CampaignStatus
from creative_flow.events import (
    CampaignKnown,
    CampaignsFinished,
    CampaignsStarted,
    CampaignStarted,
    Event,
    Noticed,
    StepChanged,
)
from creative_flow.ledger import AdEntry, AdJob
from creative_flow.report.layout import Line
from creative_flow.report.progress import noticed
from creative_flow.report.summary import print_styled
from creative_flow.report.text import clean, rings, shown_path, shown_time
from creative_flow.wording import counted

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

RETRY = "What failed is taken up again only with --retry-failed."
"""What to do about failed campaigns."""

_RECENT = 10
"""The pace is that of so many campaigns."""
_MOST = 60
"""A longer table is cut in the middle on a terminal; what is not well is always shown."""


class Pace:
    """How fast campaigns are worked on, by the last ten of them.

    Only campaigns that were worked on are told to it: what is left out takes no time.
    """

    def __init__(self, began: float) -> None:
        self._ends: deque[float] = deque([began], maxlen=_RECENT + 1)

    def done(self, at: float) -> None:
        """Take note that a campaign is done."""
        self._ends.append(at)

    @property
    def seconds_each(self) -> float | None:
        """How long one takes; None before the first is done."""
        steps = len(self._ends) - 1
        spent = self._ends[-1] - self._ends[0]
        return spent / steps if steps and spent > 0 else None

    def line(self, remaining: int) -> str:
        """Return campaigns per minute and the time left."""
        each = self.seconds_each
        if each is None:
            return ""
        return f"{60 / each:.1f}/min, {shown_time(each * remaining)} left"


class CampaignsProgress:
    """Shows a run over campaigns: a bar at the foot of a terminal, plain lines elsewhere.

    It is a `Listener` and a context manager.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._pace = Pace(monotonic())
        self._names: dict[str, str] = {}
        self._of = 0
        self._done = 0
        self._told = monotonic()

    def __enter__(self) -> CampaignsProgress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def __call__(self, event: Event) -> None:
        """Show what an event tells."""
        match event:
            case CampaignsStarted():
                self._start(event)
            case Noticed(message=message):
                if self._live and rings(message):
                    self._out.write("\a")
                self._line(noticed(event))
            case CampaignStarted():
                self._names[event.campaign_id] = event.name or event.campaign_id
                self._update(now=clean(", ".join(self._names.values())))
            case StepChanged(what=what):
                self._update(now=clean(what))
            case CampaignKnown(outcome=outcome):
                self._known(outcome)
            case CampaignsFinished():
                self._stop()
            case _:
                pass

    def refresh(self) -> None:
        """Draw the bar now; otherwise it is drawn some times a second."""
        if self._bar is not None:
            self._bar.refresh()

    def _start(self, event: CampaignsStarted) -> None:
        self._line(start_line(event))
        self._of = event.remaining
        self._pace = Pace(monotonic())
        if not (event.live and event.remaining and self._live):
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        whole = Column(no_wrap=True)
        self._bar = Progress(
            BarColumn(bar_width=16, table_column=whole),
            TextColumn("{task.completed}/{task.total} campaigns", table_column=whole),
            TextColumn("{task.fields[pace]}", markup=False, table_column=whole),
            # What is said last gives way where there is little room.
            TextColumn(
                "{task.fields[now]}",
                markup=False,
                table_column=Column(no_wrap=True, overflow="ellipsis"),
            ),
            console=Console(file=self._out, highlight=False, markup=False, emoji=False),
            transient=True,
        )
        self._task = self._bar.add_task("", total=event.remaining, pace="", now="")
        self._bar.start()

    def _known(self, outcome: CampaignOutcome) -> None:
        self._done += 1
        self._names.pop(outcome.campaign_id, None)
        now = monotonic()
        self._pace.done(now)
        left = self._of - self._done
        if not outcome.status.is_well:
            self._line(problem(outcome))
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done)
            self._update(pace=self._pace.line(left))
        elif now - self._told >= 5 or not left:
            self._told = now
            pace = f", {self._pace.line(left)}" if left else ""
            self._line(f"{self._done:,} of {counted(self._of, 'campaign')} done{pace}")

    def _update(self, **fields: str) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.tasks[self._task].fields.update(fields)

    def _line(self, text: str) -> None:
        if self._bar is not None:
            from rich.text import Text

            self._bar.console.print(Text(text), soft_wrap=True)
        else:
            print(text, file=self._out, flush=True)

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def start_line(event: CampaignsStarted) -> str:
    """Say where a run goes on: what earlier ones did, and what is left."""
    who = f"account {event.account}" + (f" (login {event.login})" if event.login else "")
    left = " (--retry-failed takes them up)" if event.failed else ""
    return clean(
        f"{event.title}, {who}: {event.successful:,} successful, {event.failed:,} failed{left}, "
        f"{event.remaining:,} remaining"
    )


def problem(outcome: CampaignOutcome) -> str:
    """Say what became of a campaign that needs attention."""
    name = f" ({outcome.name})" if outcome.name else ""
    return clean(f"{outcome.status.value}  {outcome.campaign_id}{name}: {outcome.error}")


def show_campaigns(
    report: CampaignsReport,
    out: TextIO,
    *,
    root: Path,
    log: Path | None = None,
    page: Path | None = None,
) -> None:
    """Print what became of each campaign, and name the run's files."""
    lines = list(_lines(report, root, log, page, shorten=out.isatty()))
    if out.isatty():
        print_styled(lines, out)
    else:
        out.writelines(f"{line.text}\n" for line in lines)
    out.flush()


def _lines(
    report: CampaignsReport, root: Path, log: Path | None, page: Path | None, *, shorten: bool
) -> Iterator[Line]:
    what = f"Run {report.run}" if report.live else "Dry run: nothing was sent"
    slot = f", slot {report.slot}" if report.slot else ""
    yield Line(clean(f"{what}, {report.title}, account {report.account}{slot}"), "bold")
    yield Line()
    yield from table(report.outcomes, shorten=shorten)
    yield Line()
    counts = ", ".join(f"{number:,} {status}" for status, number in sorted(report.counts.items()))
    well = not report.error and all(it.status.is_well for it in report.outcomes)
    created = f"; {counted(report.ads_created, 'ad')} created" if report.live else ""
    yield Line(
        f"{counted(len(report.outcomes), 'campaign')}: {counts}{created}, "
        f"in {shown_time(report.seconds)}",
        "bold green" if well else "bold",
    )
    if report.error:
        yield Line(f"Stopped: {clean(report.error)}", "bold red")
    for name, path in (("Summary", report.summary_csv), ("Report", page), ("Log", log)):
        if path is not None:
            yield Line(f"{name}: {shown_path(path, root)}")
    yield from _next_steps(report, well=well)


def _next_steps(report: CampaignsReport, *, well: bool) -> Iterator[Line]:
    """Say what the user may do now."""
    statuses = {it.status for it in report.outcomes if not it.status.is_well}
    if not report.live and not all(it.earlier for it in report.outcomes):
        yield Line("To send it, run the same command with --live.")
    elif well:
        yield Line(
            "All is well." if report.live else "All of it is done: there is nothing to send."
        )
    elif report.live and (report.error or statuses - {CampaignStatus.FAILED}):
        yield Line("Running the same command again is safe: it goes on where this run stopped.")
    if CampaignStatus.FAILED in statuses:
        yield Line(RETRY)


def table(outcomes: Sequence[CampaignOutcome], *, shorten: bool) -> Iterator[Line]:
    """Yield a line per campaign: id, status, ads, name, and what should be known of it."""
    well = [it for it in outcomes if it.status.is_well]
    hidden = max(0, len(well) - _MOST) if shorten else 0
    left_out = {id(it) for it in well[_MOST // 2 : _MOST // 2 + hidden]}
    shown = [it for it in outcomes if id(it) not in left_out]
    cells = [
        (it.campaign_id, it.status.value, f"{it.ads_created:,}", it.csv_file, it.name)
        for it in shown
    ]
    heads = ("Campaign", "Status", "New ads", "CSV", "Name")
    rows = [heads, *cells]
    widths = [max(len(clean(row[place])) for row in rows) for place in range(len(heads))]
    for number, row in enumerate(rows):
        padded = (clean(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
        if number == 0:
            yield Line("  ".join(padded).rstrip(), "bold")
            continue
        outcome = shown[number - 1]
        style = "" if outcome.status.is_well else "bold red"
        yield Line("  ".join(padded).rstrip(), style)
        for word in _words(outcome):
            yield Line(f"    {clean(word)}", style or "dim")
    if hidden:
        yield Line(f"… {hidden:,} more that are well", "dim")


def job_lines(
    job: AdJob, file: Path, entries: Sequence[AdEntry], open_: frozenset[str], *, root: Path
) -> Iterator[Line]:
    """Yield how far a job is, campaign by campaign."""
    slot = f", slot {job.slot}" if job.slot else ""
    yield Line(
        clean(f"{job.kind} ads, account {job.account}{slot}: {shown_path(file, root)}"), "bold"
    )
    counts = Counter(entry.status.value for entry in entries)
    told = ", ".join(f"{number:,} {status}" for status, number in sorted(counts.items()))
    ads = sum(entry.ads_created for entry in entries)
    yield Line(
        f"{counted(len(entries), 'campaign')}: {told or 'none'}; {counted(ads, 'ad')} created"
    )
    settle = "confirming was interrupted: the next run asks what is there"
    outcomes = [
        CampaignOutcome(
            entry.campaign_id,
            entry.status,
            entry.name,
            entry.csv_file,
            entry.ads_created,
            error=entry.error,
            note=settle if entry.campaign_id in open_ else "",
            at=entry.at,
        )
        for entry in entries
    ]
    if outcomes:
        yield from table(outcomes, shorten=False)


def _words(outcome: CampaignOutcome) -> Iterable[str]:
    if outcome.error:
        yield outcome.error
    if outcome.note and not (outcome.earlier and outcome.status.is_well):
        yield outcome.note
    if outcome.evidence and not outcome.earlier:
        yield f"see {', '.join(outcome.evidence)}"
