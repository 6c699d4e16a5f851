"""``cfu demo``: the main job from nothing to proven ids, in a real Chromium."""

from __future__ import annotations

import csv
import re

import pytest

from cli.conftest import Terminal


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_demo_uploads_everything_and_a_second_time_sends_nothing(terminal: Terminal) -> None:
    first = terminal.cfu("demo", cold=True)
    assert first.code == 0, first.err + first.out
    assert "24 sample creatives" in first.out
    assert "24 success" in first.out
    with (terminal.workspace / "tracking" / "TJ_Creative_Library.csv").open() as file:
        library = list(csv.DictReader(file))
    assert len(library) == 24
    assert len({row["creative_id"] for row in library}) == 24
    for row in library:
        assert re.search(rf"\b{row['creative_id']}\b", first.out)
    assert not (terminal.workspace / "config" / ".env").exists()

    statuses = set((terminal.workspace / "tracking").glob("upload_status_*.csv"))
    second = terminal.cfu("demo", cold=True)
    assert second.code == 0, second.err + second.out
    assert "All 24 are already there: nothing was sent." in second.out
    assert "Batch" not in second.err
    for row in library:
        assert row["creative_id"] in second.out
    assert statuses <= set((terminal.workspace / "tracking").glob("upload_status_*.csv"))
