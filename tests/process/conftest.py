"""What the tests of `process` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from creative_flow.events import Event, Progressed
from creative_flow.workspace import Workspace


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """Return a fresh workspace."""
    made = Workspace(tmp_path / "w", environ={})
    made.prepare()
    return made


def once_looked_at(change: Callable[[], object]) -> Callable[[Event], None]:
    """Return a listener that does something when all sources were read and nothing was made."""

    def listen(event: Event) -> None:
        match event:
            case Progressed(what="Looking at files", done=done, of=of) if done == of:
                change()
            case _:
                pass

    return listen
