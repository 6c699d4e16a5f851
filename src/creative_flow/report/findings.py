"""What a doctor found on a platform's pages, thing by thing, and what to set because of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TextIO

from creative_flow.checks import Check, CheckState
from creative_flow.report.layout import Line
from creative_flow.report.summary import print_styled
from creative_flow.report.text import clean, shown_path
from creative_flow.wording import counted

_STYLES = {
    CheckState.FOUND: "green",
    CheckState.FALLBACK: "yellow",
    CheckState.MISSING: "bold red",
    CheckState.NOT_CHECKED: "dim",
}
_SPACE = "  "


def show(
    checks: Sequence[Check],
    out: TextIO,
    *,
    title: str,
    settings: Path,
    root: Path | None = None,
    width: int | None = None,
) -> None:
    """Print what was found, page by page, and the lines to put into ``settings``.

    ``title`` is the platform's; ``root`` is the workspace, whose paths are shown from there on. In
    a terminal it is made to fit ``width`` columns (default: as wide as the terminal).
    """
    terminal = out.isatty()
    if terminal and width is None:
        width = shutil.get_terminal_size().columns
    lines = list(_lines(checks, title, settings, root, width if terminal else None))
    if terminal:
        print_styled(lines, out)
    else:
        out.writelines(f"{line.text}\n" for line in lines)
    out.flush()


def settings_block(checks: Sequence[Check]) -> str:
    """Return what the checks suggest as TOML, table by table; empty if they suggest nothing."""
    tables: dict[str, list[str]] = {}
    for check in checks:
        if check.suggestion:
            lines = tables.setdefault(check.table, [])
            if check.suggestion not in lines:
                lines.append(check.suggestion)
    blocks = ("\n".join([f"[{table}]", *lines]) for table, lines in tables.items())
    return "\n\n".join(blocks)


def _lines(
    checks: Sequence[Check], title: str, settings: Path, root: Path | None, width: int | None
) -> Iterator[Line]:
    yield Line(f"{title}: {totals(checks)}", "bold")
    keys = max((len(check.key) for check in checks), default=0)
    states = max((len(_state(check)) for check in checks), default=0)
    for where, group in groupby(checks, key=lambda check: check.where):
        yield Line()
        yield Line(clean(where), "bold")
        for check in group:
            yield from _row(check, keys, states, width)
    if evidence := dict.fromkeys(path for check in checks for path in check.evidence):
        yield Line()
        yield Line("What was seen: " + ", ".join(shown_path(path, root) for path in evidence))
    if block := settings_block(checks):
        yield Line()
        where = shown_path(settings, root)
        also = ", which is there already: put each line under its table" * settings.exists()
        yield Line(f"To be put into {where}{also}. Nothing is applied by itself.", "bold")
        yield Line()
        # Not through clean: it is to be copied, and TOML has escaped what could do harm.
        yield from (Line(line) for line in block.splitlines())


def totals(checks: Sequence[Check]) -> str:
    """Return in one line how many things were found, and how."""
    counts = {state: sum(check.state is state for check in checks) for state in CheckState}
    needed = sum(check.is_trouble for check in checks)
    words = (
        (CheckState.FOUND, "found"),
        (CheckState.FALLBACK, "found by a fallback"),
        (CheckState.MISSING, f"missing ({needed} of them needed)"),
        (CheckState.NOT_CHECKED, "not checked"),
    )
    return ", ".join(f"{counts[state]} {word}" for state, word in words if counts[state])


def _row(check: Check, keys: int, states: int, width: int | None) -> Iterator[Line]:
    state = _state(check)
    text = f"{_SPACE}{check.key:<{keys}}{_SPACE}{state:<{states}}"
    start = len(_SPACE) + keys + len(_SPACE)
    spans = ((start, start + len(state), _STYLES[check.state]),)
    told = clean(_told(check))
    if told and (width is None or len(text) + len(_SPACE) + len(told) <= width):
        yield Line(f"{text}{_SPACE}{told}", spans=spans)
        return
    yield Line(text.rstrip(), spans=spans)
    if told:
        yield Line(f"      ↳ {told}", "dim")


def _state(check: Check) -> str:
    if check.state is CheckState.FALLBACK:
        return f"found by fallback {check.rank}"
    if check.state is CheckState.MISSING and not check.needed:
        return "missing, not needed"
    return check.state.value.replace("_", " ")


def _told(check: Check) -> str:
    """Return what found it, or the ways that were tried, and the remark."""
    if check.state is CheckState.NOT_CHECKED:
        return check.why
    if check.state is CheckState.MISSING:
        ways = counted(len(check.tried), "way")
        return "; ".join(filter(None, (f"{ways} tried", check.why)))
    by = check.tried[check.rank].selector if check.tried else ""
    return "; ".join(filter(None, (by, check.why)))
