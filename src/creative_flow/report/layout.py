"""Lays rows out: in columns where they fit, else in groups that share what they can."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from unicodedata import combining, east_asian_width

from creative_flow.creative import Status
from creative_flow.report.rows import HEADINGS, Gap, Row

STYLES = {
    Status.SUCCESS: "green",
    Status.DRY_RUN: "cyan",
    Status.SKIPPED: "dim",
    Status.DUPLICATE: "yellow",
    Status.PENDING: "yellow",
    Status.UNKNOWN_ID: "bold yellow",
    Status.REJECTED: "bold red",
    Status.FAILED: "bold red",
    Status.FILE_NOT_FOUND: "bold red",
}
"""How each status is coloured where there are colours."""

_FILE, _FORMAT, _BATCH, _SIZE, _STATUS, _ID, _WHY = range(len(HEADINGS))
_RIGHT = frozenset({_BATCH, _SIZE})
_SPACE = "  "


class Line(NamedTuple):
    """One line of output; ``spans`` are (start, end, style) within it."""

    text: str = ""
    style: str = ""
    spans: tuple[tuple[int, int, str], ...] = ()


def lay_out(shown: Sequence[Row | Gap], width: int | None) -> Iterator[Line]:
    """Yield the lines that show the rows within ``width`` columns (None: any number).

    Columns that are empty throughout are left away.
    """
    cells = [row.cells for row in shown if isinstance(row, Row)]
    used = [index for index in range(_WHY) if any(line[index] for line in cells)]
    widths = {index: max(_width(line[index]) for line in (HEADINGS, *cells)) for index in used}
    total = sum(widths.values()) + len(_SPACE) * (len(used) - 1)
    if width is not None and total > width:
        yield from _grouped(shown, width)
        return
    why = HEADINGS[_WHY] if any(line[_WHY] for line in cells) else ""
    yield Line(_columns(HEADINGS, widths, why), "bold")
    for row in shown:
        if isinstance(row, Gap):
            yield _gap(row)
            continue
        beside = width is None or total + len(_SPACE) + _width(row.why) <= width
        text = _columns(row.cells, widths, row.why if beside else "")
        before = _columns(
            row.cells, {i: w for i, w in widths.items() if i < _STATUS}, "", cut=False
        )
        start = len(before) + len(_SPACE)
        yield Line(text, spans=((start, start + len(row.cells[_STATUS]), STYLES[row.status]),))
        if not beside:
            yield Line(f"    ↳ {row.why}", STYLES[row.status])


def _grouped(shown: Sequence[Row | Gap], width: int) -> Iterator[Line]:
    """Tell ad format, batch, folder and reason once for all the rows that share them."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in shown:
        if isinstance(row, Row):
            groups.setdefault((row.cells[_FORMAT], row.cells[_BATCH]), []).append(row)
    in_order = sorted(groups.items(), key=lambda group: int(group[0][1] or sys.maxsize))
    for number, ((ad_format, batch), rows) in enumerate(in_order):
        folders = {os.path.dirname(row.cells[_FILE]) for row in rows}  # noqa: PTH120 - shown text
        folder = folders.pop() if len(folders) == 1 else ""
        reasons = {row.why for row in rows}
        reason = reasons.pop() if len(reasons) == 1 and len(rows) > 1 else ""
        about = (ad_format or "no ad format", batch and f"batch {batch}", folder and f"in {folder}")
        if number:
            yield Line()
        heading = ", ".join(filter(None, about))
        yield Line(f"{heading}: {reason}" if reason else heading, "bold")
        yield from _group(rows, folder, width, why=not reason)
    for gap in shown:
        if isinstance(gap, Gap):
            yield _gap(gap)


def _group(rows: Sequence[Row], folder: str, width: int, *, why: bool) -> Iterator[Line]:
    cells = [row.cells for row in rows]
    widths = {
        index: max(_width(line[index]) for line in cells)
        for index in (_STATUS, _ID, _SIZE)
        if any(line[index] for line in cells)
    }
    for row in rows:
        name = row.cells[_FILE][len(folder) + 1 :] if folder else row.cells[_FILE]
        text = "  " + _columns(row.cells, widths, name)
        told = row.why if why else ""
        beside = told and _width(text) + len(_SPACE) + _width(told) <= width
        style = STYLES[row.status]
        spans = ((2, 2 + len(row.cells[_STATUS]), style),)
        yield Line(text + _SPACE + told if beside else text, spans=spans)
        if told and not beside:
            yield Line(f"      ↳ {told}", style)


def _gap(gap: Gap) -> Line:
    return Line(f"… {gap.number:,} more that are well", "dim")


def _columns(cells: Sequence[str], widths: dict[int, int], last: str, *, cut: bool = True) -> str:
    padded = []
    for index, width in widths.items():
        space = " " * (width - _width(cells[index]))
        padded.append(space + cells[index] if index in _RIGHT else cells[index] + space)
    text = _SPACE.join([*padded, last] if last else padded)
    return text.rstrip() if cut else text


def _width(text: str) -> int:
    """Return how many columns a terminal gives to a text."""
    if text.isascii():
        return len(text)
    return sum(
        0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text
    )
