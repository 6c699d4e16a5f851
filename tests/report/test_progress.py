"""What is seen while a run goes on."""

from __future__ import annotations

import io
import os
import pty
import re
from pathlib import Path

import pytest

from creative_flow.creative import Batch, Creative, Outcome, Report, Status
from creative_flow.events import (
    BatchFinished,
    BatchProgress,
    BatchStarted,
    Event,
    Noticed,
    OutcomeKnown,
    RunFinished,
    RunStarted,
    StepChanged,
)
from creative_flow.report.progress import LiveProgress, PlainProgress, progress


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


FILES = tuple(Creative(Path(f"{number}.png"), "banner", 1_000_000, "") for number in range(3))
BATCH = Batch(2, "banner", FILES)
RUN = [
    RunStarted("r1", "acme", "Acme", "default", "ann", True, 6, 6_000_000, 3),
    BatchStarted(BATCH, 3),
    Noticed("\aPlease solve the captcha\x1b[2J", warning=True),
    BatchProgress(BATCH, 1, 1_000_000),
    StepChanged("reading ids back"),
    OutcomeKnown(Outcome(Path("0.png"), Status.SUCCESS, creative_id="1", batch=2)),
    OutcomeKnown(Outcome(Path("1.png"), Status.FAILED, error="broke\n", batch=2)),
    BatchFinished(BATCH),
    RunFinished(Report("r1", "acme", "Acme", "default", True, ())),
]


def test_without_a_terminal_there_are_plain_lines() -> None:
    out = io.StringIO()
    listener = progress(out)
    assert isinstance(listener, PlainProgress)
    with listener:
        for event in RUN:
            listener(event)
    assert out.getvalue().splitlines() == [
        "Sending 6 files, 6.0 MB, in 3 batches to Acme, account default (login ann)",
        "Batch 2 of 3: 3 files as banner, 3.0 MB",
        r"Warning: Please solve the captcha\x1b[2J",
        r"failed  1.png: broke\n",
        "Batch 2 of 3 finished",
    ]


def test_a_dry_run_is_quiet() -> None:
    out = io.StringIO()
    with progress(out) as listener:
        listener(RunStarted("r1", "acme", "Acme", "default", "", False, 6, 6_000_000, 3))
    assert out.getvalue() == ""


def test_a_terminal_shows_files_bytes_batch_step_and_rings_for_a_person() -> None:
    shown = on_terminal(RUN)
    assert "1/6 files" in shown
    assert "2/6 files" in shown
    assert "3.0/6.0 MB" in shown
    assert "batch 2/3" in shown
    assert "reading ids back" in shown
    assert "\a" in shown
    assert r"captcha\x1b[2J" in shown
    assert r"failed  1.png: broke\n" in shown


def test_bytes_of_several_batches_under_way_are_added_up() -> None:
    other = Batch(3, "poster", FILES)
    shown = on_terminal(
        [
            RUN[0],
            BatchStarted(BATCH, 3),
            BatchStarted(other, 3),
            StepChanged("sending 3 files", 3),
            BatchProgress(BATCH, 1, 1_000_000),
            BatchProgress(other, 2, 1_500_000),
            BatchFinished(BATCH),
            RUN[-1],
        ]
    )
    assert "batch 2,3/3" in shown
    assert "batch 3: sending 3 files" in shown
    assert "2.5/6.0 MB" in shown
    assert "4.5/6.0 MB" in shown
    assert "batch 3/3" in shown


def test_the_bar_is_gone_when_the_run_fails() -> None:
    """The cursor, hidden while the bar is shown, comes back whatever happens."""
    shown = on_terminal(RUN[:3])
    assert shown.count("\x1b[?25l") == 1
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")


def on_terminal(events: list[Event]) -> str:
    """Return what a terminal is sent for some events."""
    ours, theirs = pty.openpty()
    with open(theirs, "w", encoding="utf-8") as out:  # noqa: PTH123 - a descriptor, no path
        listener = progress(out)
        assert isinstance(listener, LiveProgress)
        with listener:
            for event in events:
                listener(event)
                listener.refresh()
        out.flush()
        shown = b""
        while b"\x1b[?25h" not in shown:
            shown += os.read(ours, 65536)
    os.close(ours)
    return re.sub(r"\x1b\[[\d;]*m", "", shown.decode())
