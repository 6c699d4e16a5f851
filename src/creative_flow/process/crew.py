"""Who looks at small files and copies them: worker processes where there are many, else threads.

Small files wait for the interpreter more than for the disk, and a process has but one: workers have
one each. Their start takes as long as some hundred files do, which few files would wait for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self, TypeVar

from creative_flow.ledger.chunks import chunked
from creative_flow.process.failing import ConversionError
from creative_flow.process.started import SHARE, Started
from creative_flow.process.workers import Workers

A = TypeVar("A")
B = TypeVar("B")

_MOST_CRASHES = 20
"""How often a worker may crash. Then it is not the files, and the rest is done in threads."""
_THREADS_SHARE = 16
_THREADS = 8


class Crew:
    """Has things done with many files. Use it as ``async with Crew(…) as crew``.

    What was begun and is not awaited by then is cancelled on the way out.

    ``workers`` are the processes that it has; without any, threads do the work.
    """

    def __init__(self, workers: Sequence[Started] = ()) -> None:
        self._started = workers
        self._workers = Workers(len(workers)) if workers else None
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="crew")
        self._crashes = 0
        self._begun: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        if self._workers is not None:
            is_well = False
            try:
                await self._workers.take_over(self._started)
                is_well = True
            finally:
                if not is_well:
                    self._workers.end()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._begun:
            task.cancel()
        try:
            # Only once nobody waits for a worker's answer can it be ended.
            await asyncio.gather(*self._begun, return_exceptions=True)
        finally:
            self.end()

    def end(self) -> None:
        """Give up threads and processes, when nothing is to be done any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._workers is not None:
            self._workers.end()

    def begin(
        self,
        do: Callable[[Sequence[A]], list[B]],
        items: Sequence[A],
        *,
        lost: Callable[[A, str], B],
        asked: int = 0,
    ) -> list[asyncio.Task[list[B]]]:
        """Have ``do`` make something of the items; return what will have it, part by part in order.

        The first shares, as many as are ``asked``, workers were asked for before.

        ``do`` makes one thing of each of some items, and raises nothing; it may be called again for
        items that a crash has interrupted. Of one at which a worker crashes by itself, ``lost``
        makes that thing, from the item and the reason.
        """
        most = SHARE if self._workers else min(_THREADS_SHARE, 1 + len(items) // 64)
        begun = [
            asyncio.create_task(self._do(do, it, lost, is_asked=number < asked))
            for number, it in enumerate(chunked(items, most))
        ]
        for task in begun:
            self._begun.add(task)
            task.add_done_callback(self._begun.discard)
        return begun

    async def do(
        self,
        do: Callable[[Sequence[A]], list[B]],
        items: Sequence[A],
        *,
        lost: Callable[[A, str], B],
    ) -> list[B]:
        """Return what `begin` has made in the end."""
        return [
            it for made in await asyncio.gather(*self.begin(do, items, lost=lost)) for it in made
        ]

    async def _do(
        self,
        do: Callable[[Sequence[A]], list[B]],
        share: Sequence[A],
        lost: Callable[[A, str], B],
        *,
        is_asked: bool = False,
    ) -> list[B]:
        if self._workers is None or self._crashes >= _MOST_CRASHES:
            return await asyncio.get_running_loop().run_in_executor(self._threads, do, share)
        try:
            if is_asked:
                return await self._workers.answer(do, share)
            return await self._workers.run(do, share)
        except ConversionError as error:
            self._crashes += 1
            if len(share) == 1:
                return [lost(share[0], error.reason)]
        except OSError:  # no process can be started here
            self._crashes = _MOST_CRASHES
        # Whose fault it was shows when they are done apart.
        half = (len(share) + 1) // 2
        parts = [await self._do(do, part, lost) for part in chunked(share, half)]
        return [it for part in parts for it in part]
