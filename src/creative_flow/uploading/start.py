"""The start of a live run: the account is taken and the session opened while the plan is made.

That a single file is known to need the platform is enough; all others may still be read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from creative_flow.ledger.lease import Lease
from creative_flow.link import Link
from creative_flow.platform import Context


class Start:
    """Takes the account, then begins to open the session. ``take`` takes the lease.

    Both happen once, on the first `needed` or `made`.
    """

    def __init__(
        self,
        context: Context,
        lease: Lease,
        link: Link,
        take: Callable[[Lease], Awaitable[None]],
    ) -> None:
        self._context = context
        self._lease = lease
        self._link = link
        self._take = take
        self._task: asyncio.Task[None] | None = None
        self._over = False
        self._loop = asyncio.get_running_loop()

    def needed(self) -> None:
        """Begin. May be called from any thread, also when all is undone: then nothing happens."""
        self._loop.call_soon_threadsafe(lambda: None if self._over else self._begin())

    async def made(self) -> None:
        """Return when the account is held; the session may still be opening.

        Raises `CredentialsMissing`, `AccountBusy`, `WorkspaceError`, `LedgerError`.
        """
        await self._begin()

    async def undo(self) -> None:
        """Give everything back that was taken. Twice is fine, and so is with nothing begun."""
        self._over = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._link.drop()
        self._lease.release()

    def _begin(self) -> asyncio.Task[None]:
        if self._task is None:
            self._task = asyncio.create_task(self._make())
            # Who waits for it gets its error; if nobody does, it was not needed after all.
            self._task.add_done_callback(_seen)
        return self._task

    async def _make(self) -> None:
        self._context.require_credentials()
        await self._take(self._lease)
        self._link.open_early()


def _seen(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()
