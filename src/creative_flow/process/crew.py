"""Who looks at small files and copies them: worker processes where there are many, else threads.

Small files wait for the interpreter more than for the disk, and a process has but one: workers have
one each. Their start takes as long as some hundred files do, which few files would wait for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

from creative_flow.process.failing import ConversionError
from creative_flow.process.shares import in_threads, shares
from creative_flow.process.workers import Workers, cores

A = TypeVar("A")
B = TypeVar("B")

MANY = 200
"""From how many files on workers are worth their start."""
_WORKERS_SHARE = 64
_THREADS_SHARE = 16
_THREADS = 8


class Crew:
    """Has things done with many files. Use it as ``async with Crew(…) as crew``.

    ``files`` is how many there will be, ``workers`` how many processes there may be.
    """

    def __init__(self, files: int, workers: int | None = None) -> None:
        count = cores() if workers is None else workers
        self._workers = Workers(count) if files >= MANY and count > 1 else None
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="crew")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._workers is not None:
            await self._workers.end()

    async def do(
        self,
        do: Callable[[Sequence[A]], list[B]],
        items: Sequence[A],
        *,
        lost: Callable[[str], B],
        leaving: Callable[[A], Iterable[Path]] = lambda _: (),
        told: Callable[[Sequence[B]], None] = lambda _: None,
    ) -> list[B]:
        """Return what ``do`` makes of the items, in their order.

        ``do`` makes one thing of each of some items, and raises nothing. At an item at which a
        worker crashes, ``lost`` makes it, of the reason; what ``leaving`` names is removed then.
        ``told`` is told what was made, part by part, in order.
        """

        async def by_workers(workers: Workers, share: Sequence[A]) -> list[B]:
            left = [path for item in share for path in leaving(item)]
            try:
                return await workers.run_leaving(left, in_threads, do, share)
            except ConversionError as error:
                if len(share) == 1:
                    return [lost(error.reason)]
            # Whose fault it was shows when they are done apart.
            half = len(share) // 2
            first = await by_workers(workers, share[:half])
            return first + await by_workers(workers, share[half:])

        def begun(share: Sequence[A]) -> Awaitable[list[B]]:
            if self._workers is not None:
                return asyncio.ensure_future(by_workers(self._workers, share))
            return asyncio.get_running_loop().run_in_executor(self._threads, do, share)

        most = _WORKERS_SHARE if self._workers else min(_THREADS_SHARE, 1 + len(items) // 64)
        coming = [asyncio.ensure_future(begun(share)) for share in shares(items, most)]
        made: list[B] = []
        try:
            for each in coming:
                some = await each
                made += some
                told(some)
        finally:
            for each in coming:
                each.cancel()
        return made
