"""A report as lines of cells, the same for every way of showing it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from creative_flow.creative import Outcome, Report, Status
from creative_flow.report.advice import needs_attention
from creative_flow.report.text import clean, shown_path, shown_size, shown_time
from creative_flow.wording import counted

HEADINGS = ("File", "Ad format", "Batch", "Size", "Status", "Creative ID", "Why")
LONG = 60
"""A list of more creatives than this is cut in the middle on a terminal."""

_FIRST, _LAST = 30, 5
_ORDER = tuple(Status)


@frozen
class Row:
    """One creative's cells, in the order of `HEADINGS`, safe to print."""

    cells: tuple[str, ...]
    status: Status

    @property
    def why(self) -> str:
        """The last cell: what is to be said about the creative."""
        return self.cells[-1]


@frozen
class Gap:
    """Rows that are not shown."""

    number: int


def row(outcome: Outcome, root: Path | None, stopped: str = "") -> Row:
    """Return one creative's cells.

    ``stopped`` is what stopped the run; it is told once at the end, not with every creative.
    """
    error = outcome.error.replace(stopped, "the run was stopped") if stopped else outcome.error
    return Row(
        (
            shown_path(outcome.path, root),
            clean(outcome.ad_format),
            str(outcome.batch or ""),
            shown_size(outcome.size) if outcome.size else "",
            outcome.status.value,
            clean(outcome.creative_id),
            clean("; ".join(filter(None, (error, outcome.note)))),
        ),
        outcome.status,
    )


def rows(report: Report, root: Path | None, *, shorten: bool) -> tuple[list[Row | Gap], bool]:
    """Return the rows of a report, and whether every creative is among them.

    Shortened, a long list keeps every creative that needs attention and the first and last of the
    others.
    """
    outcomes = report.outcomes
    if not shorten or len(outcomes) <= LONG:
        return [row(outcome, root, report.error) for outcome in outcomes], True
    well = [index for index, outcome in enumerate(outcomes) if not needs_attention(outcome)]
    hidden = set(well[_FIRST : max(_FIRST, len(well) - _LAST)])
    found: list[Row | Gap] = []
    missing = 0
    for index, outcome in enumerate(outcomes):
        if index in hidden:
            missing += 1
            continue
        if missing:
            found.append(Gap(missing))
            missing = 0
        found.append(row(outcome, root, report.error))
    return found, not hidden


def common_folder(report: Report) -> Path | None:
    """Return the folder that all the creatives lie in or below, if there are several."""
    folders = {outcome.path.parent for outcome in report.outcomes}
    if len(report.outcomes) < 2 or len({folder.is_absolute() for folder in folders}) > 1:
        return None
    folder = Path(os.path.commonpath(folders))
    return folder if len(folder.parts) > 1 else None


def heading(report: Report) -> str:
    """Say which run this is, where it went, and as whom."""
    kind = "Upload to" if report.live else "Dry run for"
    who = f"account {report.account}" + (f" (login {report.login})" if report.login else "")
    run = f", run {report.run}" if report.run else ""
    return clean(f"{kind} {report.title or report.platform}, {who}{run}")


def totals(report: Report) -> str:
    """Say how many creatives ended how, how much they weigh, and how long it took."""
    counts = report.counts
    parts = [f"{counts[status]:,} {status.value}" for status in _ORDER if status in counts]
    counted_as = f": {', '.join(parts)}" if parts else ""
    sent = sum(
        outcome.size
        for outcome in report.outcomes
        if outcome.status in {Status.SUCCESS, Status.DRY_RUN}
    )
    what = f", {shown_size(sent)} {'sent' if report.live else 'to send'}" if sent else ""
    time = f", in {shown_time(report.seconds)}" if report.seconds else ""
    return f"{counted(len(report.outcomes), 'creative')}{counted_as}{what}{time}"


def next_step(report: Report) -> str:
    """Say in one line what to do next."""
    if not report.outcomes:
        return "" if report.error else "There was nothing to do."
    statuses = {outcome.status for outcome in report.outcomes}
    if not report.live:
        if statuses & {Status.DRY_RUN, Status.PENDING}:
            return "Nothing was sent. To send it, run the same command with --live."
        return "Nothing was sent, and as things are there is nothing to send."
    if statuses == {Status.SKIPPED}:
        return f"Nothing was sent: {_all(report.outcomes)} already there, or left out on purpose."
    if report.error or any(needs_attention(outcome) for outcome in report.outcomes):
        return "Running the same command again is safe: what is already there is not sent twice."
    if left := report.counts.get(Status.PENDING):
        return f"{counted(left, 'creative')} left to send: run the same command again."
    return "All is well."


def _all(outcomes: Sequence[Outcome]) -> str:
    return "it is" if len(outcomes) == 1 else f"all {len(outcomes):,} are"


def half_up(report: Report) -> list[str]:
    """Return a line per native pair of which one half is up and the other, of this run, is not."""
    pairs: dict[str, list[Outcome]] = {}
    for outcome in report.outcomes:
        if outcome.native_pair_id:
            pairs.setdefault(outcome.native_pair_id, []).append(outcome)
    lines = []
    for pair, halves in pairs.items():
        missing = [half for half in halves if not half.creative_id]
        if report.live and missing and len(missing) < len(halves):
            names = ", ".join(half.name for half in missing)
            lines.append(clean(f"Native pair {pair} is half up: {names} is missing."))
    return lines
