"""The process dies at each place where state changes, on each side of it, and is run again.

Then the sandbox's truth says: no file twice, none lost, no wrong id, none unreadable.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from reliability.points import all_points, sides_of
from reliability.rehearsal import KILLED, Rehearsal, rehearsal

NAMES = ("EN_Summer_1", "EN_Summer_2", "EN_Summer_3")
KNOWN = "EN_Known_4"

FAST = {"upload.send:after"}
"""Enough for every run of the tests: where most is in doubt."""


def _cases() -> list[object]:
    return [
        side if side in FAST else pytest.param(side, marks=pytest.mark.reliability)
        for side in sides_of("upload")
    ]


async def _reach(scene: Rehearsal, fail_at: str) -> None:
    """Run `cfu` so that it dies at the given side of the given point."""
    if fail_at.startswith("ledger.settle"):
        assert (await scene.cfu(fail_at="upload.complete:after"))[0] == KILLED
    options: tuple[str, ...] = ()

    def take_the_lease_away(line: str) -> None:
        if fail_at.startswith("ledger.abandon") and "Batch 1" in line:
            for lock in (scene.place / "state").glob("*.lock"):
                lock.unlink()

    code, said = await scene.cfu(*options, fail_at=fail_at, seen=take_the_lease_away)
    assert code == KILLED, f"{fail_at} was not reached: exit {code}\n{said}"


@pytest.mark.browser
@pytest.mark.timeout(120)
@pytest.mark.parametrize("fail_at", _cases())
async def test_killed_here_and_run_again_nothing_is_twice_lost_wrong_or_unreadable(
    tmp_path: Path, fail_at: str
) -> None:
    async with rehearsal(tmp_path / "place", list_seconds=0.3) as scene:
        scene.add_banners(*NAMES)
        scene.add_known(KNOWN)  # what is only seen is written down, too

        await _reach(scene, fail_at)
        code, said = await scene.cfu()

        assert code == 0, said
        scene.check()


def test_every_place_where_state_changes_is_known() -> None:
    """The list is read from the source; this only says that the reading works."""
    points = all_points()
    assert {"ledger.intent", "ledger.sending", "upload.send", "ledger.finish"} <= set(points)
