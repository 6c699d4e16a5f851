"""Asking a person from a thread that works for an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def in_the_loop(ask: Callable[P, T]) -> Callable[P, T]:
    """Return what has a question asked in the thread of the loop that runs now, and waits for it.

    Ctrl+C reaches that thread, no other: a question that is asked elsewhere can't be stopped. The
    loop stands still meanwhile. What the question raises is raised where it was put.
    """
    loop = asyncio.get_running_loop()

    def put(*args: P.args, **kwargs: P.kwargs) -> T:
        async def asked() -> T:
            return ask(*args, **kwargs)

        return asyncio.run_coroutine_threadsafe(asked(), loop).result()

    return put
