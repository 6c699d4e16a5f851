"""The summary of a run, fitted to a terminal or in plain lines. Nothing that matters is cut."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from creative_flow.creative import Report
from creative_flow.report.advice import Problem, needs_attention, problems
from creative_flow.report.layout import STYLES, Line, lay_out
from creative_flow.report.rows import common_folder, half_up, heading, next_step, rows, totals
from creative_flow.report.text import clean, shown_path
from creative_flow.wording import counted

_NAMED = 3
"""How many files of one problem are named."""
_ADS_NAMED = 4


def show(
    report: Report,
    out: TextIO,
    *,
    root: Path | None = None,
    status_csv: Path | None = None,
    log: Path | None = None,
    page: Path | None = None,
    width: int | None = None,
) -> None:
    """Print a report, and name the run's files: ``status_csv``, ``log`` and ``page``.

    ``root`` is the workspace, whose paths are shown from there on. In a terminal it is made to fit
    ``width`` columns (default: as wide as the terminal), and a long list is cut in the middle;
    elsewhere there is one plain line per creative, however many.
    """
    terminal = out.isatty()
    if terminal and width is None:
        width = shutil.get_terminal_size().columns
    lines = _lines(report, root, status_csv, log, page, width if terminal else None)
    if terminal:
        print_styled(lines, out)
    else:
        out.writelines(f"{line.text}\n" for line in lines)
    out.flush()


def _lines(
    report: Report,
    root: Path | None,
    status_csv: Path | None,
    log: Path | None,
    page: Path | None,
    width: int | None,
) -> Iterator[Line]:
    yield Line(heading(report), "bold")
    shown, whole = rows(report, common_folder(report) or root, shorten=width is not None)
    if shown:
        folder = common_folder(report)
        if folder is not None and folder != root:
            yield Line(f"Files in {shown_path(folder, root)}")
        yield Line()
        yield from lay_out(shown, width)
    yield Line()
    well = not report.error and not any(map(needs_attention, report.outcomes))
    yield Line(totals(report), "bold green" if well else "bold")
    for half in half_up(report):
        yield Line(half, "bold yellow")
    for problem in problems(report.outcomes):
        yield Line()
        yield from _problem(problem, root)
    yield Line()
    if report.error:
        yield Line(f"Stopped: {clean(report.error)}", "bold red")
    if not whole and status_csv is None:
        yield Line("The whole list: the same command with --json, or sent to a file.")
    if status_csv is not None:
        yield Line(f"Every creative: {shown_path(status_csv, root)}")
    if page is not None:
        yield Line(f"Report: {shown_path(page, root)}")
    yield from ads_lines(report.ads_csvs, report.ads_remarks, root)
    if log is not None:
        yield Line(f"Log: {shown_path(log, root)}")
    if step := next_step(report):
        yield Line(step)


def ads_lines(files: Sequence[Path], remarks: Iterable[str], root: Path | None) -> Iterator[Line]:
    """Yield what is to be said of ads CSVs: the remarks, which matter more, and the files."""
    for remark in remarks:
        yield Line(f"Ads: {clean(remark)}", "bold yellow")
    for path in files[:_ADS_NAMED]:
        yield Line(f"Ads CSV: {shown_path(path, root)}")
    if len(files) > _ADS_NAMED:
        more = counted(len(files) - _ADS_NAMED, "more file")
        yield Line(f"    and {more} in {shown_path(files[0].parent, root)}")


def _problem(problem: Problem, root: Path | None) -> Iterator[Line]:
    number = len(problem.outcomes)
    reason = clean(problem.reason) or "no reason was given"
    more = " (and the like)" if len({outcome.error for outcome in problem.outcomes}) > 1 else ""
    yield Line(
        f"{counted(number, 'creative')} {problem.status.value}: {reason}{more}",
        STYLES[problem.status],
    )
    for outcome in problem.outcomes[:_NAMED]:
        evidence = ", ".join(clean(name) for name in outcome.evidence)
        see = f"  see {evidence}" if evidence else ""
        yield Line(f"    {shown_path(outcome.path, root)}{see}")
    if number > _NAMED:
        yield Line(f"    and {number - _NAMED:,} more")
    yield Line(f"  → {problem.advice}")


def print_styled(lines: Iterable[Line], out: TextIO) -> None:
    """Print lines to a terminal, in their colours."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=out, highlight=False, markup=False, emoji=False)
    for line in lines:
        text = Text(line.text, style=line.style)
        for start, end, style in line.spans:
            text.stylize(style, start, end)
        console.print(text, soft_wrap=True)
