"""Batches of several ad formats at once, each lane in a page of its own of the same login.

Ids are proved per ad format, so two batches never share one at the same time. What stops one lane
lets the others finish the batch they are at, and take no other: what is past its sending is never
cut off because of somebody else.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress

from creative_flow.creative import Batch
from creative_flow.errors import CreativeFlowError, NotSupported
from creative_flow.link import Link
from creative_flow.platform import Context
from creative_flow.uploading.batch import BatchRunner
from creative_flow.uploading.books import Books


class Lanes:
    """Sends the batches of a run, at most ``parallel`` at once.

    ``runner`` makes what sends through a link. ``off`` is set when no batch is to be taken any
    more, whoever finds that.
    """

    def __init__(
        self,
        batches: Sequence[Batch],
        parallel: int,
        *,
        link: Link,
        runner: Callable[[Link], BatchRunner],
        context: Context,
        books: Books,
        off: asyncio.Event,
    ) -> None:
        self._batches = batches
        self._parallel = min(parallel, len({batch.ad_format for batch in batches}))
        self._link = link
        self._runner = runner
        self._context = context
        self._books = books
        self._off = off
        self._ahead: dict[int, asyncio.Task[None]] = {}
        self._errors: list[CreativeFlowError] = []

    async def run(self) -> None:
        """Send all batches. Raises what stopped the run first, when every lane has come to rest."""
        links = await self._links()
        waiting = Waiting(self._batches, in_order=len(links) == 1)
        lanes = [asyncio.create_task(self._lane(link, waiting)) for link in links]
        try:
            if lanes:
                await asyncio.wait(lanes)
        finally:
            # Only an interruption finds anything left to cancel.
            for task in (*lanes, *self._ahead.values()):
                task.cancel()
            await asyncio.gather(*lanes, *self._ahead.values(), return_exceptions=True)
            for link in links:
                if link is not self._link:
                    await link.drop()
        for lane in lanes:
            if not isinstance(error := lane.exception(), CreativeFlowError | None):
                raise error
        for error in self._errors[1:]:
            self._context.notify(f"Also stopped: {error}")
        if self._errors:
            raise self._errors[0]

    async def _links(self) -> list[Link]:
        """Return a link per lane; the only one there is where the platform can't have more."""
        if self._parallel <= 1:
            return [self._link] if self._batches else []
        links = [self._link.fork() for _ in range(self._parallel)]
        try:
            await links[0].open()
        except NotSupported:
            title = self._context.info.title
            self._context.notify(f"{title} takes one batch after the other, not several at once.")
            return [self._link]
        return links

    async def _lane(self, link: Link, waiting: Waiting) -> None:
        """Take batches and send them until none is left for this lane, or the run is off."""
        runner = self._runner(link)
        with ExitStack() as unless_through:
            unless_through.callback(self._off.set)
            try:
                while not self._off.is_set() and (batch := waiting.take()) is not None:
                    if ready := self._ahead.pop(batch.number, None):
                        await ready

                    def prepare_next(after: str = batch.ad_format) -> None:
                        self._prepare(waiting.next(after=after))

                    await runner.run(batch, len(self._batches), prepare_next)
                    waiting.done(batch)
            except CreativeFlowError as error:
                self._off.set()  # before anything is waited for
                self._errors.append(error)
                error.evidence = error.evidence or await link.capture(f"{self._books.run}-stopped")
                raise
            unless_through.pop_all()

    def _prepare(self, batch: Batch | None) -> None:
        """Read the batch's files while the platform is busy, so that their hashes are known."""

        async def read(batch: Batch) -> None:
            for creative in batch.creatives:
                # What is wrong with a file counts when its turn comes.
                with suppress(OSError, CreativeFlowError):
                    await self._books.sha256(creative.path)

        if batch is not None and batch.number not in self._ahead:
            self._ahead[batch.number] = asyncio.create_task(read(batch))


class Waiting:
    """The batches that wait. Of each ad format, only one at a time is under way."""

    def __init__(self, batches: Sequence[Batch], *, in_order: bool) -> None:
        self._left: defaultdict[str, deque[Batch]] = defaultdict(deque)
        for batch in batches:
            self._left[batch.ad_format].append(batch)
        self._in_order = in_order
        self._under_way: set[str] = set()

    def next(self, *, after: str = "") -> Batch | None:
        """Return what a free lane would be given, once the batch of ``after`` is through.

        That is one of the ad format with most left, so that none is left to the end alone.
        """
        free = [
            left
            for ad_format, left in self._left.items()
            if left and (ad_format == after or ad_format not in self._under_way)
        ]
        if not free:
            return None
        return (free[0] if self._in_order else max(free, key=len))[0]

    def take(self) -> Batch | None:
        """Return the next batch, which is under way from now on; None if no ad format is free.

        Then those that are under way have lanes enough.
        """
        batch = self.next()
        if batch is not None:
            self._left[batch.ad_format].popleft()
            self._under_way.add(batch.ad_format)
        return batch

    def done(self, batch: Batch) -> None:
        """Set the batch's ad format free."""
        self._under_way.discard(batch.ad_format)
