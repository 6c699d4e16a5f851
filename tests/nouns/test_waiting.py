"""What was begun is brought to its end, however often it is cancelled."""

from __future__ import annotations

import asyncio
import threading

import pytest

from creative_flow.waiting import ended, whole


async def test_work_returns_and_raises_what_it_does() -> None:
    async def halve(number: int) -> int:
        if number % 2:
            raise ValueError(number)
        return number // 2

    assert await whole(halve(4)) == 2
    with pytest.raises(ValueError, match="3"):
        await whole(halve(3))


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_a_thread_that_works_is_waited_for_before_the_cancelling_is_told(times: int) -> None:
    may_end = threading.Event()
    steps: list[str] = []

    def work() -> None:
        may_end.wait(30)
        steps.append("worked")

    task = asyncio.create_task(whole(asyncio.to_thread(work)))
    for _ in range(times):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == ["worked"]


async def test_an_error_of_cancelled_work_is_not_complained_of() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise ValueError

    task = asyncio.create_task(whole(work()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task  # a warning that an exception was never retrieved would be an error here


async def test_a_task_that_was_cancelled_itself_has_ended() -> None:
    task = asyncio.create_task(asyncio.sleep(60))
    asyncio.get_running_loop().call_soon(task.cancel)
    await ended(task)
    assert task.cancelled()
