"""What `cfu process` made of each source, for people."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from creative_flow.report.layout import Line
from creative_flow.report.summary import print_styled
from creative_flow.report.text import clean, shown_path, shown_time
from creative_flow.wording import counted

if TYPE_CHECKING:
    from creative_flow.processed import Processed, ProcessReport

_SPACE = "  "
_MOST = 60
"""A longer list is cut in the middle on a terminal; what failed is always shown."""


def show_processed(
    report: ProcessReport, out: TextIO, *, root: Path, width: int | None = None
) -> None:
    """Print what was, or would be, made: old names, new names, how, and what failed."""
    terminal = out.isatty()
    if terminal and width is None:
        width = shutil.get_terminal_size().columns
    lines = list(_lines(report, root, shorten=terminal))
    if terminal:
        print_styled(lines, out)
    else:
        out.write("".join(f"{line.text}\n" for line in lines))
    out.flush()


def _lines(report: ProcessReport, root: Path, *, shorten: bool) -> Iterator[Line]:
    what = "Dry run: what `cfu process` would make" if report.dry_run else "Processed"
    yield Line(what, "bold")
    yield Line()
    items = report.items
    well = [item for item in items if item.fate.is_well]
    hidden = max(0, len(well) - _MOST) if shorten else 0
    left_out = {id(item) for item in well[_MOST // 2 : _MOST // 2 + hidden]}
    for item in items:
        if id(item) not in left_out:
            yield from _item(item, root)
    if hidden:
        yield Line(f"… {hidden:,} more that are well", "dim")
    yield Line()
    counts = ", ".join(f"{number:,} {fate}" for fate, number in sorted(report.counts.items()))
    time = f", in {shown_time(report.seconds)}" if report.seconds else ""
    ok = not report.error and all(item.fate.is_well for item in items)
    yield Line(
        f"{counted(len(items), 'source')}{': ' if counts else ''}{counts}{time}",
        "bold green" if ok else "bold",
    )
    if report.error:
        yield Line(f"Stopped: {clean(report.error)}", "bold red")
    if report.session_csv is not None:
        yield Line(f"This session: {shown_path(report.session_csv, root)}")
    if step := _next_step(report):
        yield Line(step)


def _item(item: Processed, root: Path) -> Iterator[Line]:
    style = {"failed": "bold red", "not done": "yellow", "skipped": "dim"}.get(item.fate.value, "")
    source = shown_path(item.source, root)
    if not item.made:
        yield Line(f"{source}{_SPACE}{item.fate.value}: {clean(item.error)}", style)
        return
    way = f"{_SPACE}({item.way.value})" if item.way else ""
    yield Line(f"{source}{way}")
    for row in item.made:
        kind = row.facts.get("creative_type") or ("original" if row.part.value == "ORG" else "")
        yield Line(f"  → {clean(row.path)}{_SPACE}{clean(kind)}".rstrip(), "green")
    for note in _once(item.notes):
        yield Line(f"      {clean(note)}", "yellow")


def _once(notes: Sequence[str]) -> Sequence[str]:
    return tuple(dict.fromkeys(notes))


def _next_step(report: ProcessReport) -> str:
    if not report.items:
        return "There was nothing to process: put images and videos into source_files/."
    if report.dry_run:
        return (
            "Nothing was made, and the ids are examples: each file gets its own when it is made. "
            "To make it, run the same command without --dry-run."
        )
    if report.error:
        return "Running the same command again is safe: it goes on where this run stopped."
    if any(item.fate.value == "failed" for item in report.items):
        return (
            "What failed lies where it was: put it right, or take it away, and run the same "
            "command again."
        )
    return ""
