"""Several batches at once: never two of an ad format, and nobody's trouble is another's."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from creative_flow.creative import Batch
from creative_flow.errors import CredentialsRefused, PageNotUnderstood

from .yard import Works, refuse


@pytest.fixture
def works(tmp_path: Path) -> Works:
    return Works(tmp_path)


def several(works: Works, each: int) -> list[Path]:
    return [path for name in ("small", "wide", "tall") for path in works.files(name, each)]


def statuses(report: object) -> Counter[str]:
    return Counter(outcome.status.value for outcome in report.outcomes)  # type: ignore[attr-defined]


class Meeting:
    """Lets batches wait for each other in the middle of their sending."""

    def __init__(self, count: int) -> None:
        self._barrier = asyncio.Barrier(count)
        self.seen: list[str] = []

    async def __call__(self, batch: Batch) -> None:
        self.seen.append(batch.ad_format)
        if len(self.seen) <= self._barrier.parties:
            async with asyncio.timeout(10):
                await self._barrier.wait()


async def test_batches_of_several_ad_formats_are_sent_at_once(works: Works) -> None:
    works.yard.during = Meeting(3)

    report = await works.upload(several(works, 3), parallel=3)

    assert statuses(report) == {"success": 9}
    assert works.yard.most_busy == 3
    assert works.yard.sign_ins == 1


async def test_there_are_no_more_lanes_than_asked_for(works: Works) -> None:
    works.yard.during = Meeting(2)

    report = await works.upload(several(works, 3), parallel=2)

    assert statuses(report) == {"success": 9}
    assert works.yard.most_busy == 2


async def test_one_lane_goes_in_the_order_of_the_plan(works: Works) -> None:
    await works.upload([*works.files("small", 1), *works.files("tall", 3), *works.files("wide", 2)])

    assert works.yard.most_busy == 1
    assert works.yard.sent == [
        *("small_0.png", "wide_0.png", "wide_1.png"),
        *("tall_0.png", "tall_1.png", "tall_2.png"),
    ]


async def test_what_stops_one_lane_lets_the_others_finish_their_batch_and_take_no_other(
    works: Works,
) -> None:
    stopped = asyncio.Event()
    meet = Meeting(2)

    async def before(batch: Batch) -> None:
        if batch.ad_format == "wide":
            while len(works.yard.busy) < 2:  # noqa: ASYNC110 - the others are past their gates
                await asyncio.sleep(0.001)
            stopped.set()
            raise PageNotUnderstood("There is no upload button.")

    async def during(batch: Batch) -> None:
        await meet(batch)
        await stopped.wait()
        await asyncio.sleep(0.05)  # the failure has got about

    works.yard.before, works.yard.during = before, during

    report = await works.upload(several(works, 3), parallel=3)
    works.yard.before = works.yard.during = meet
    again = await works.upload(several(works, 3), parallel=3)

    assert report.exit_code == PageNotUnderstood.exit_code
    assert statuses(report) == {"success": 2, "pending": 7}
    assert {it.error.split(":")[0] for it in report.outcomes if not it.creative_id} == {"not sent"}
    assert statuses(again) == {"skipped": 2, "success": 7}


async def test_a_login_that_ends_is_renewed_once_for_all_lanes(works: Works) -> None:
    meet = Meeting(3)

    async def during(batch: Batch) -> None:
        await meet(batch)
        if len(meet.seen) == 3:
            works.yard.end_login()

    works.yard.during = during

    report = await works.upload(several(works, 2), parallel=3)

    assert statuses(report) == {"success": 6}
    assert works.yard.sign_ins == 2
    assert len(works.yard.sent) == 6


async def test_a_login_that_ends_in_one_lane_leaves_what_the_others_send_alone(
    works: Works,
) -> None:
    renewed = asyncio.Event()
    works.yard.on_sign_in = lambda number: renewed.set() if number == 2 else None

    async def before(batch: Batch) -> None:
        if batch.number == 1 and works.yard.sign_ins == 1:
            while len(works.yard.busy) < 2:  # noqa: ASYNC110 - the others are past their gates
                await asyncio.sleep(0.001)
            works.yard.end_login()

    async def during(batch: Batch) -> None:
        if not renewed.is_set() and batch.number != 1:
            async with asyncio.timeout(10):
                await renewed.wait()

    works.yard.before, works.yard.during = before, during

    report = await works.upload(several(works, 1), parallel=3)

    assert statuses(report) == {"success": 3}
    assert works.yard.sign_ins == 2


async def test_credentials_that_are_refused_are_tried_once_by_all_lanes_together(
    works: Works,
) -> None:
    meet = Meeting(3)
    works.yard.on_sign_in = refuse(CredentialsRefused("Yard refuses them."), at=2)

    async def during(batch: Batch) -> None:
        await meet(batch)
        works.yard.end_login()

    works.yard.during = during

    report = await works.upload(several(works, 2), parallel=3)

    assert report.exit_code == CredentialsRefused.exit_code
    assert works.yard.sign_ins == 2
    assert statuses(report) == {"unknown_id": 3, "pending": 3}


async def test_a_platform_that_can_not_have_several_pages_is_served_one_by_one(
    works: Works,
) -> None:
    works.yard.forks = False

    report = await works.upload(several(works, 2), parallel=3)

    assert statuses(report) == {"success": 6}
    assert works.yard.most_busy == 1
    assert any("not several at once" in notice for notice in works.notices)


async def test_an_interruption_leaves_what_was_under_way_to_the_next_run(works: Works) -> None:
    meet = Meeting(3)
    under_way = asyncio.Event()

    async def during(batch: Batch) -> None:
        await meet(batch)
        under_way.set()
        await asyncio.Event().wait()

    works.yard.during = during
    files = several(works, 2)

    run = asyncio.create_task(works.upload(files, parallel=3))
    await under_way.wait()
    run.cancel()
    report = await run
    works.yard.during = meet
    again = await works.upload(files, parallel=3)

    assert report.exit_code == 130
    open_ = [it for it in report.outcomes if "asks what became of it" in it.error]
    assert {it.status.value for it in report.outcomes} <= {"pending", "unknown_id"}
    assert len(open_) + statuses(report)["unknown_id"] == 3
    assert statuses(again) == {"success": 6}


# ── While the platform is busy ───────────────────────────────────────────────────────────────────

_opened: list[str] | None = None


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if _opened is not None and event == "open":
        _opened.append(str(arguments[0]))


sys.addaudithook(_listen)


async def test_the_next_files_are_read_while_the_platform_is_busy_and_checked_again(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = files = works.files("small", 3)
    opened: list[str] = []
    read_ahead = {}

    async def before(batch: Batch) -> None:
        if batch.number == 1:
            for path in files[1:]:
                os.utime(path, (time.time() - 100,) * 2)  # what was known of it holds no more
            monkeypatch.setattr(sys.modules[__name__], "_opened", opened)

    async def during(batch: Batch) -> None:
        if batch.number <= 2:
            following = files[batch.number]
            async with asyncio.timeout(10):
                while str(following) not in opened:  # noqa: ASYNC110 - a thread opens it
                    await asyncio.sleep(0.001)
            read_ahead[following] = True
        if batch.number == 2:
            works.files("tall", 1)[0].replace(third)

    works.yard.before, works.yard.during = before, during

    report = await works.upload(files)

    assert list(read_ahead) == [second, third]
    assert [it.status.value for it in report.outcomes] == ["success", "success", "failed"]
    assert "it changed while the run went on" in report.outcomes[2].error
    assert works.yard.sent == [first.name, second.name]
