"""Questions at a terminal: they are seen, can be answered, and Ctrl+C stops them."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from PIL import Image

from .conftest import Terminal

FILES = 260
"""More than are planned at once, so that the bar is not through when the question comes."""
QUESTION = "Category for Summer [Summer]: "


class Screen:
    """A command at a terminal of its own."""

    def __init__(self, terminal: Terminal, *arguments: str) -> None:
        self._keys, its_end = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "creative_flow.cli", *arguments],
            stdin=its_end,
            stdout=its_end,
            stderr=its_end,
            cwd=terminal.folder,
            env=terminal.environ,
            start_new_session=True,
        )
        os.close(its_end)
        self.seen = ""

    def read(self, seconds: float = 20.0, *, until: str = "") -> str:
        """Read until a text is seen, the command ends or the time is up; return what is new."""
        before, end = len(self.seen), monotonic() + seconds
        while (left := end - monotonic()) > 0 and not (until and until in self.seen[before:]):
            if not select.select([self._keys], [], [], left)[0]:
                break
            try:
                data = os.read(self._keys, 65_536)
            except OSError:  # the other end is closed
                break
            self.seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", data.decode(errors="replace"))
        return self.seen[before:]

    def type(self, keys: str) -> None:
        os.write(self._keys, keys.encode())

    def close(self) -> None:
        os.close(self._keys)
        self.process.kill()
        self.process.wait()


@pytest.fixture
def screen(terminal: Terminal) -> Iterator[Screen]:
    """Start processing a folder that nothing is known of, and wait for the first question."""
    folder = terminal.workspace / "source_files" / "Summer"
    folder.mkdir(parents=True)
    for number in range(FILES):
        Image.new("RGB", (300, 250), (number % 256, number // 256, 7)).save(
            folder / f"raw {number}.bmp"
        )
    started = Screen(terminal, "process", "--workspace", str(terminal.workspace))
    started.read(until=QUESTION)
    assert started.seen.endswith(QUESTION)
    yield started
    started.close()


def made(terminal: Terminal) -> list[Path]:
    return [path for path in (terminal.workspace / "uploaded").rglob("*") if path.is_file()]


def test_a_question_is_not_drawn_over(screen: Screen) -> None:
    assert "Nothing is said of the folder 'source_files/Summer' yet" in screen.seen
    assert "Looking at files" in screen.seen
    assert screen.read(0.7) == ""  # a bar would have been drawn some times by now


def test_all_is_made_once_the_answers_are_given(screen: Screen, terminal: Terminal) -> None:
    assert made(terminal) == []
    screen.type("Winter\r" + "\r" * 7)
    screen.read(until=f"{FILES} sources: {FILES} processed")
    assert screen.process.wait(20) == 0
    assert len(made(terminal)) == FILES
    assert all(path.name.startswith("EN_Winter_") for path in made(terminal))


@pytest.mark.parametrize("how", ["Ctrl+C", "Ctrl+D"])
def test_a_question_can_be_stopped(screen: Screen, terminal: Terminal, how: str) -> None:
    if how == "Ctrl+C":
        os.killpg(screen.process.pid, signal.SIGINT)
    else:
        screen.type("\x04")
    screen.read(until="Stopped. Running the same command again goes on.")
    assert screen.process.wait(20) == 130
    assert "Something went wrong" not in screen.seen
    assert made(terminal) == []
