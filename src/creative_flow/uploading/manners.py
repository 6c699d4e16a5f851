"""How often a platform is bothered: the least pause between batches, and the most in an hour.

A wait is until an instant that the record tells, earlier runs included; it is told to the user, and
ends at once when the run is called off.
"""

from __future__ import annotations

import asyncio
import math
from bisect import insort
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from attrs import frozen

from creative_flow.platform import Context, PlatformInfo

if TYPE_CHECKING:
    from creative_flow.ledger import Ledger, Sending

_HOUR = timedelta(hours=1)
_LOOK_SECONDS = 1.0
"""How often a wait looks whether it still has to be: clocks are set, machines sleep."""
_IN_DISORDER = 32
"""Batches may begin in another order than that of their intents, but not much."""


@frozen(eq=False)
class Turn:
    """The right to send one batch. ``taken`` is called when its bytes may leave."""

    taken: Callable[[], None]


class Manners:
    """Hands out turns to send; without any limit, at once.

    ``earlier`` is what was sent before, oldest first. ``off`` is set when the run is called off.
    """

    def __init__(
        self,
        info: PlatformInfo,
        earlier: Sequence[Sending],
        notify: Callable[[str], None],
        off: asyncio.Event,
    ) -> None:
        self._pause = timedelta(seconds=info.batch_pause_seconds)
        self._most = info.batches_per_hour
        self._notify = notify
        self._off = off
        self._began = [it.began_at for it in earlier]
        self._last = max((it.ended_at or it.began_at for it in earlier), default=None)
        self._next = asyncio.Lock()

    @classmethod
    def of(cls, context: Context, ledger: Ledger, off: asyncio.Event) -> Manners:
        """Return the manners that a platform wants, with what the record tells."""
        info = context.info
        earlier: Sequence[Sending] = ()
        if info.batch_pause_seconds or info.batches_per_hour:
            most = info.batches_per_hour + _IN_DISORDER
            earlier = ledger.sendings(context.platform, context.account, most=most)
        return cls(info, earlier, context.notify, off)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn | None]:
        """Wait for a turn, and give it; None if the run was called off.

        Where there is a limit, the next one is only looked for when this one is taken or given up.
        """
        if not self._pause and not self._most:
            yield Turn(lambda: None)
            return
        await self._next.acquire()
        taken = False

        def take() -> None:
            nonlocal taken
            taken = True
            self._last = _now()
            insort(self._began, self._last)
            self._next.release()

        try:
            yield Turn(take) if await self._waited() else None
        finally:
            if taken:
                self._last = _now()
            else:
                self._next.release()

    async def _waited(self) -> bool:
        """Wait until a batch may begin; return False if the run was called off."""
        told = ""
        while not self._off.is_set():
            left, why = self._left()
            if left <= 0:
                return True
            if why != told:
                self._notify(f"Waiting {_shown(left)}: {why}.")
                told = why
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, _LOOK_SECONDS)):
                    await self._off.wait()
        return False

    def _left(self) -> tuple[float, str]:
        """Return for how many seconds no batch may begin yet, and why."""
        now = _now()
        waits = [(timedelta(0), "")]
        if self._pause and self._last is not None:
            why = f"at least {_shown(self._pause.total_seconds())} between two batches"
            # Times that lie ahead were written before the clock was set back.
            waits.append((min(self._last + self._pause - now, self._pause), why))
        if self._most and len(self._began) >= self._most:
            why = f"at most {self._most} {'batch' if self._most == 1 else 'batches'} an hour"
            waits.append((min(self._began[-self._most] + _HOUR - now, _HOUR), why))
        left, why = max(waits)
        return left.total_seconds(), why


def _now() -> datetime:
    return datetime.now(UTC)


def _shown(seconds: float) -> str:
    return f"{math.ceil(seconds)} s" if seconds < 120 else f"{math.ceil(seconds / 60)} min"
