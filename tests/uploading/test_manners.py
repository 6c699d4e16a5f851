"""Politeness: the least pause between batches, and the most batches an hour."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from attrs import evolve

from creative_flow.ledger import Ledger, Sending
from creative_flow.uploading.manners import Manners

from .yard import INFO, Works


@pytest.fixture
def works(tmp_path: Path) -> Works:
    return Works(tmp_path)


def sent(*seconds_ago: float) -> list[Sending]:
    """Return sendings that took no time, the oldest first."""
    now = datetime.now(UTC)
    times = [now - timedelta(seconds=ago) for ago in seconds_ago]
    return [Sending(at, at) for at in times]


async def waited(manners: Manners) -> float:
    """Take one turn; return how many seconds that took."""
    began = datetime.now(UTC)
    async with manners.turn() as turn:
        assert turn is not None
        turn.taken()
    return (datetime.now(UTC) - began).total_seconds()


async def test_batches_of_the_last_hour_count_and_older_ones_do_not() -> None:
    told: list[str] = []
    info = evolve(INFO, batches_per_hour=2)
    earlier = sent(4000, 3599.5, 10)

    took = await waited(Manners(info, earlier, told.append, asyncio.Event()))

    assert 0.3 < took < 1.5
    assert told == ["Waiting 1 s: at most 2 batches an hour."]
    assert await waited(Manners(info, earlier[:2], told.append, asyncio.Event())) < 0.3


async def test_a_pause_is_counted_from_the_last_end() -> None:
    told: list[str] = []
    info = evolve(INFO, batch_pause_seconds=60.0)
    [began] = sent(300)
    ended = evolve(began, ended_at=datetime.now(UTC) - timedelta(seconds=59.6))

    took = await waited(Manners(info, [ended], told.append, asyncio.Event()))

    assert 0.2 < took < 1.5
    assert told == ["Waiting 1 s: at least 60 s between two batches."]


async def test_what_was_written_before_the_clock_was_set_back_stops_nothing_for_longer() -> None:
    told: list[str] = []
    off = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, off.set)
    manners = Manners(evolve(INFO, batches_per_hour=1), sent(-7200), told.append, off)

    async with manners.turn() as turn:
        assert turn is None

    assert told == ["Waiting 60 min: at most 1 batch an hour."]


async def test_a_wait_ends_when_the_run_is_called_off() -> None:
    off = asyncio.Event()
    manners = Manners(evolve(INFO, batches_per_hour=1), sent(10), print, off)
    asyncio.get_running_loop().call_later(0.05, off.set)

    async def take() -> bool:
        async with manners.turn() as turn:
            return turn is not None

    async with asyncio.timeout(5):
        assert list(await asyncio.gather(take(), take())) == [False, False]


async def test_lanes_keep_the_pause_between_any_two_batches(works: Works) -> None:
    works.info = evolve(INFO, batch_pause_seconds=0.3)
    files = [*works.files("small", 2), *works.files("wide", 2)]

    report = await works.upload(files, parallel=2)

    assert {it.status.value for it in report.outcomes} == {"success"}
    with Ledger.open(works.place().ledger_url) as ledger:
        began = [it.began_at for it in ledger.sendings("yard", "default", most=10)]
    assert len(began) == 4
    assert min(later - earlier for earlier, later in pairwise(began)) > timedelta(seconds=0.29)
    assert "Waiting 1 s: at least 1 s between two batches." in works.notices


async def test_what_earlier_runs_sent_counts_and_the_wait_can_be_interrupted(works: Works) -> None:
    works.info = evolve(INFO, batches_per_hour=2)
    files = works.files("small", 3)
    await works.upload(files[:1])

    run = asyncio.create_task(works.upload(files))
    async with asyncio.timeout(10):
        while not any(notice.startswith("Waiting 60 min") for notice in works.notices):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    run.cancel()
    report = await run

    assert report.exit_code == 130
    assert [it.status.value for it in report.outcomes] == ["skipped", "success", "pending"]
