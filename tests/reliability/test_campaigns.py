"""Runs over campaigns die, at each place where state changes and at random, and are run again.

Then the sandbox's truth says: every campaign has exactly the ads of its CSV.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from pathlib import Path

import pytest

from reliability.campaigning import Campaigning, campaigning
from reliability.points import sides_of
from reliability.rehearsal import KILLED

pytestmark = pytest.mark.browser

FAST = {"campaigns.click:after"}
"""Enough for every run of the tests: where most is in doubt."""


def _cases() -> list[object]:
    return [
        side if side in FAST else pytest.param(side, marks=pytest.mark.reliability)
        for side in sides_of("campaigns")
    ]


async def _reach(scene: Campaigning, fail_at: str) -> None:
    """Run `cfu` so that it dies at the given side of the given point."""

    def take_the_lease_away(line: str) -> None:
        if fail_at.startswith("campaigns.abandon") and "remaining" in line:
            for lock in (scene.place / "state").glob("*.lock"):
                lock.unlink()

    options: tuple[str, ...] = ()
    if fail_at.startswith("campaigns.put"):
        code, said = await scene.rehearsal.command(
            "campaigns", "upload", "mapping.csv", "--platform", "tj", fail_at=fail_at
        )
    else:
        code, said = await scene.cfu(*options, fail_at=fail_at, seen=take_the_lease_away)
    assert code == KILLED, f"{fail_at} was not reached: exit {code}\n{said}"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("fail_at", _cases())
async def test_killed_here_and_run_again_each_campaign_has_exactly_its_ads(
    tmp_path: Path, fail_at: str
) -> None:
    async with campaigning(tmp_path / "place", count=2, ads=2) as scene:
        await _reach(scene, fail_at)
        code, said = await scene.cfu()
        assert code == 0, said
        scene.check()


@pytest.mark.reliability
@pytest.mark.timeout(180)
async def test_interrupted_it_ends_with_its_exit_code_and_goes_on(tmp_path: Path) -> None:
    async with campaigning(tmp_path / "place", count=6, ads=2) as scene:

        def interrupt(line: str) -> None:
            if "remaining" in line:
                asyncio.get_running_loop().call_later(4, scene.rehearsal.interrupt)

        code, said = await scene.cfu(seen=interrupt)
        assert code in {0, 130}, said
        assert "Traceback" not in said
        assert code == 0 or "Interrupted." in said
        code, said = await scene.cfu()
        assert code == 0, said
        scene.check()


@pytest.mark.reliability
@pytest.mark.timeout(3000)
async def test_killed_ten_times_at_random_four_hundred_campaigns_have_exactly_their_ads(
    tmp_path: Path,
) -> None:
    luck = random.Random(11)
    async with campaigning(tmp_path / "place", count=400, ads=3, confirm_seconds=0.02) as scene:
        for _ in range(10):
            done = luck.randint(5, 35)
            pause = luck.random() * 0.8
            code, said = await _killed_after(scene, done, pause)
            assert code == KILLED, said
        code, said = await scene.cfu(seconds=1500)
        assert code == 0, said
        scene.check()


async def _killed_after(scene: Campaigning, done: int, pause: float) -> tuple[int, str]:
    """Kill a run some time after so many campaigns got their ads in it."""
    campaigns = scene.rehearsal.sandbox.campaigns
    first = sum(confirmations for _, confirmations in campaigns.counts().values())
    running = asyncio.create_task(scene.cfu(seconds=600))
    while not running.done():
        now = sum(confirmations for _, confirmations in campaigns.counts().values())
        if now - first >= done:
            break
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(running), 0.1)
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(running), pause)
    scene.rehearsal.kill()
    return await running
