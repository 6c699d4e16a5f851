"""Questions while raw files are processed: they are seen, and can be answered or stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from cli.conftest import Terminal
from cli.screen import Screen, at_a_terminal

FILES = 260
"""More than are planned at once, so that the bar is not through when the question comes."""
QUESTION = "Category for Summer [Summer]: "


@pytest.fixture
def screen(terminal: Terminal) -> Iterator[Screen]:
    """Start processing a folder that nothing is known of, and wait for the first question."""
    folder = terminal.workspace / "source_files" / "Summer"
    folder.mkdir(parents=True)
    for number in range(FILES):
        Image.new("RGB", (9, 9), (number % 256, number // 256, 7)).save(folder / f"{number}.bmp")
    with at_a_terminal(terminal, "process") as screen:
        screen.wait_for(QUESTION)
        yield screen


def made(terminal: Terminal) -> list[Path]:
    """Return what has a name."""
    return [path for path in (terminal.workspace / "uploaded").glob("[!.]*") if path.is_file()]


def test_a_question_is_not_drawn_over_and_all_is_made_once_it_is_answered(
    screen: Screen, terminal: Terminal
) -> None:
    assert "Nothing is said of the folder 'source_files/Summer' yet" in screen.shown
    assert "Looking at files" in screen.shown
    assert screen.is_quiet(0.5)  # a bar would have been drawn some times by now
    assert made(terminal) == []

    screen.type("Winter\r" + "\r" * 7)

    screen.wait_for(f"{FILES} sources: {FILES} processed")
    assert screen.ends() == 0
    assert len(made(terminal)) == FILES
    assert all(path.name.startswith("EN_Winter_") for path in made(terminal))


@pytest.mark.parametrize("how", ["Ctrl+C", pytest.param("Ctrl+D", marks=pytest.mark.slow)])
def test_a_question_can_be_stopped(screen: Screen, terminal: Terminal, how: str) -> None:
    if how == "Ctrl+C":
        screen.interrupt()
    else:
        screen.type("\x04")
        screen.wait_for("cfu: Stopped.")
    assert screen.ends() == 130
    assert "Something went wrong" not in screen.shown
    assert list((terminal.workspace / "uploaded").iterdir()) == []
