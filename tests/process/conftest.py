"""What the tests of `process` share."""

from __future__ import annotations

from pathlib import Path

import pytest

from creative_flow.workspace import Workspace


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """Return a fresh workspace."""
    made = Workspace(tmp_path / "w", environ={})
    made.prepare()
    return made
