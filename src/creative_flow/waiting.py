"""Waiting on a condition with a time limit; nothing here ever just sleeps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

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
