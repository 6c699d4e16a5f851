"""The process dies while three batches are sent at once, and is run again.

Whichever lane gets to the place first takes the others along, wherever they are.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from reliability.rehearsal import KILLED, rehearsal

POINTS = (
    "ledger.intent",
    "ledger.sending",
    "upload.send",
    "upload.complete",
    "ids.read",
    "ledger.finish",
    "mirror.status",
    "mirror.library",
)
"""The places on a batch's way."""


@pytest.mark.browser
@pytest.mark.reliability
@pytest.mark.timeout(180)
@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("point", POINTS)
async def test_killed_with_three_lanes_and_run_again_nothing_is_twice_lost_or_wrong(
    tmp_path: Path, point: str, side: str
) -> None:
    async with rehearsal(tmp_path / "place", list_seconds=0.1) as scene:
        with (scene.place / "config" / "tj.toml").open("a") as overrides:
            overrides.write("[limits]\nbatch_size = 2\n")
        scene.add_banners("EN_Banner_1", "EN_Banner_2", "EN_Banner_3")
        scene.add_banners("EN_Native_1", "EN_Native_2", "EN_Native_3", size=(640, 360))
        scene.add_clips("EN_Clip_1", "EN_Clip_2", "EN_Clip_3")

        code, said = await scene.cfu("--parallel", "3", fail_at=f"{point}:{side}", seconds=90)
        assert code == KILLED, said
        code, said = await scene.cfu("--parallel", "3", seconds=90)

        assert code == 0, said
        scene.check()
