"""Waiting: on a condition, with a time limit; for what was begun. Nothing here just sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def until(look: Callable[[], Awaitable[T | None]], *, limit: float, pause: float) -> T | None:
    """Look again and again until there is something, and return it; None when time is up.

    ``limit`` and ``pause`` (between two looks) are seconds. There is always at least one look, and
    what a look raises is raised.
    """
    from tenacity import AsyncRetrying, retry_if_result, stop_after_delay, wait_fixed

    looking = AsyncRetrying(
        retry=retry_if_result(lambda found: found is None),
        stop=stop_after_delay(limit),
        wait=wait_fixed(pause),
        retry_error_callback=lambda _: None,
    )
    found: T | None = await looking(look)
    return found


async def ended(task: asyncio.Future[Any]) -> None:
    """Wait until a task is done, however often that is cancelled meanwhile.

    Raises `asyncio.CancelledError` then, if it was; what the task itself raises is in the task.
    """
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


async def whole(work: Coroutine[Any, Any, T]) -> T:
    """Do work that must not be left half done: if cancelled, it is brought to its end all the same.

    Returns and raises what the work does, or `asyncio.CancelledError` afterwards.
    """
    task = asyncio.create_task(work)
    try:
        await ended(task)
    finally:
        if task.done() and not task.cancelled():
            task.exception()  # which nobody may get to see
    return task.result()
