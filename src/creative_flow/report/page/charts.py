"""Charts as SVG within the page. Each stands beside a table with the same numbers.

A chart is drawn twice, for wide and for narrow windows, so that its words keep their size; the
style shows one of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from attrs import frozen

from creative_flow.creative import Status
from creative_flow.report.page.markup import Markup, el, join
from creative_flow.report.page.words import said

_HEIGHT = 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 24, 32, 44
_WIDTHS = (("in-wide", 960, 12), ("in-narrow", 340, 4))
"""By class: the width, and about how many labels there is room for."""


@frozen
class Column:
    """One column of a chart: its label, and its numbers by status."""

    label: str
    counts: Mapping[Status, int]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.counts.values())


def share_bar(counts: Sequence[tuple[Status, int]]) -> Markup:
    """Return one bar that shows how a whole is made up."""
    total = sum(number for _, number in counts)
    if not total:
        return Markup("")
    parts, at = [], 0.0
    for status, number in counts:
        width = 1000 * number / total
        parts.append(
            el(
                "rect",
                el("title", f"{said(status)}: {number:,}"),
                x=_short(at),
                y="0",
                width=_short(width),
                height="10",
                class_=f"f-{status.value}",
            )
        )
        at += width
    return el(
        "svg",
        join(parts),
        class_="share",
        viewBox="0 0 1000 10",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def columns(data: Sequence[Column], order: Sequence[Status], *, across: str, up: str) -> Markup:
    """Return a chart of stacked columns, ``across`` and ``up`` being what its axes mean."""
    highest = max((column.total for column in data), default=0)
    ticks = _ticks(highest)
    drawn = [
        _columns(data, order, ticks, across, up, name=name, width=width, labels=labels)
        for name, width, labels in _WIDTHS
    ]
    used = [status for status in order if any(column.counts.get(status) for column in data)]
    keys = [el("li", el("i", class_=f"key k-{it.value}"), said(it)) for it in used]
    return el("figure", join(drawn), el("ul", join(keys), class_="legend"), class_="chart")


def _columns(
    data: Sequence[Column],
    order: Sequence[Status],
    ticks: Sequence[int],
    across: str,
    up: str,
    *,
    name: str,
    width: int,
    labels: int,
) -> Markup:
    inner, floor = width - _LEFT - _RIGHT, _HEIGHT - _BOTTOM
    scale = (floor - _TOP) / ticks[-1]
    step = inner / max(len(data), 1)
    thick = min(step * 0.78, 42)
    parts = [_words(up, 0, 12, "start")]
    for tick in ticks:
        y = _short(floor - tick * scale)
        parts.append(el("line", x1=str(_LEFT), x2=str(width - _RIGHT), y1=y, y2=y, class_="grid"))
        parts.append(_words(f"{tick:,}", _LEFT - 6, floor - tick * scale + 4, "end"))
    every = max(1, math.ceil(len(data) / labels))
    for index, column in enumerate(data):
        middle = _LEFT + step * (index + 0.5)
        bottom = float(floor)
        for status in order:
            if not (number := column.counts.get(status, 0)):
                continue
            height = number * scale
            bottom -= height
            parts.append(
                el(
                    "rect",
                    el("title", f"{column.label}: {number:,} {said(status)}"),
                    x=_short(middle - thick / 2),
                    y=_short(bottom),
                    width=_short(thick),
                    height=_short(height),
                    class_=f"f-{status.value}",
                )
            )
        if index % every == 0:
            parts.append(_words(column.label, middle, floor + 16, "middle"))
    parts.append(_words(across, _LEFT + inner / 2, _HEIGHT - 6, "middle"))
    return _drawing(name, width, _HEIGHT, parts)


def bars(data: Sequence[tuple[str, Status, int]], *, what: str) -> Markup:
    """Return a chart of lying bars, each with its words above it. ``what`` is what it counts."""
    highest = max((number for _, _, number in data), default=0) or 1
    drawn = []
    for name, width, _ in _WIDTHS:
        parts = [_words(what, 0, 12, "start")]
        room = width - 60
        for index, (words, status, number) in enumerate(data):
            y = 36 + index * 40
            parts.append(_words(_cut(words, width // 7), 0, y, "start"))
            long = max(2.0, room * number / highest)
            parts.append(
                el(
                    "rect",
                    el("title", f"{words}: {number:,}"),
                    x="0",
                    y=str(y + 6),
                    width=_short(long),
                    height="12",
                    class_=f"f-{status.value}",
                )
            )
            parts.append(_words(f"{number:,}", long + 6, y + 16, "start"))
        drawn.append(_drawing(name, width, 24 + len(data) * 40, parts))
    return el("figure", join(drawn), class_="chart")


def _drawing(name: str, width: int, height: int, parts: list[Markup]) -> Markup:
    return el("svg", join(parts), class_=name, viewBox=f"0 0 {width} {height}", aria_hidden="true")


def _words(words: str, x: float, y: float, anchor: str) -> Markup:
    return el("text", words, x=_short(x), y=_short(y), text_anchor=anchor)


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _ticks(highest: int) -> list[int]:
    """Return round numbers from 0 to at least ``highest``, some five of them."""
    step = max(1, highest) / 4
    power = 10 ** math.floor(math.log10(step)) if step >= 1 else 1
    nice = next(
        int(n * power) for n in (1, 2, 2.5, 5, 10) if n * power >= step and n * power % 1 == 0
    )
    return list(range(0, max(nice, math.ceil(highest / nice) * nice) + 1, nice))
