"""What a run writes down: the ledger first, then the mirrors, then those who listen.

Ledger calls run in a thread, one at a time. A mirror that can't be written costs a warning, never
an outcome: the ledger has it, and the next run writes the mirror.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence, Set
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from creative_flow.creative import Batch, Creative, Outcome, Snapshot
from creative_flow.errors import WorkspaceError
from creative_flow.events import Event, Listener, Noticed, OutcomeKnown
from creative_flow.failpoints import failpoint
from creative_flow.ledger import (
    Intent,
    InventoryMirror,
    KnownEntry,
    LibraryMirror,
    StatusMirror,
)
from creative_flow.ledger.lease import Lease
from creative_flow.waiting import whole

if TYPE_CHECKING:
    from creative_flow.ledger import Ledger

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Bulletin:
    """Passes events on to listeners. One that fails is logged and changes nothing."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = tuple(listeners)
        # The plan is made in a thread; who listens need not know of threads.
        self._one_at_a_time = threading.RLock()

    def add(self, listeners: Sequence[Listener]) -> None:
        """Have more listeners."""
        self._listeners += tuple(listeners)

    def tell(self, event: Event) -> None:
        """Tell every listener."""
        with self._one_at_a_time:
            for listener in self._listeners:
                try:
                    listener(event)
                except Exception:  # noqa: BLE001 - listeners are plugins: their failure is theirs
                    _log.warning("a listener failed on %s", type(event).__name__, exc_info=True)

    def warn(self, message: str) -> None:
        """Tell something the user should know and can't be blamed for."""
        self.tell(Noticed(message, warning=True))


class Books:
    """The record of one live run."""

    def __init__(
        self,
        ledger: Ledger,
        run: str,
        lease: Lease,
        *,
        campaign: str,
        account: tuple[str, str],
        library: LibraryMirror,
        status: StatusMirror,
        master: InventoryMirror | None,
        bulletin: Bulletin,
        master_seconds: float = 30.0,
    ) -> None:
        """``master_seconds`` is how often the inventory CSV, where there is one, is written.

        It is written as a whole, since any row may change.
        """
        self.run = run
        self.outcomes: dict[Path, Outcome] = {}
        """What is known of each file so far, as committed."""
        self._in_flight: dict[int, frozenset[Path]] = {}
        self._ledger = ledger
        self._lease = lease
        self._campaign = campaign
        self._account = account
        self._library = library
        self._status = status
        self._master = master
        self._master_seconds = master_seconds
        self._master_due = monotonic() + master_seconds
        self._bulletin = bulletin
        self._turn = asyncio.Lock()

    @property
    def status_csv(self) -> Path:
        """The CSV that shows the run's outcomes."""
        return self._status.path

    @property
    def in_flight(self) -> frozenset[Path]:
        """The files of the batches under way, of which it is open what became of them."""
        return frozenset().union(*self._in_flight.values())

    def tell(self, event: Event) -> None:
        """Tell those who listen."""
        self._bulletin.tell(event)

    async def sha256(self, path: Path) -> str:
        """Return the hash of a file as it is now. Raises `OSError` as the file system does.

        A file that has to be read holds up nobody else who writes something down.
        """
        from creative_flow.ledger.files import read_hash

        known = await self._call(lambda: self._ledger.known_sha256(path))
        if known is not None:
            return known
        read = await asyncio.to_thread(lambda: read_hash(path.resolve()))
        await self._call(lambda: self._ledger.keep_hash(read))
        return read.sha256

    async def ask(self, question: Callable[[], T]) -> T:
        """Ask the ledger something, when it is nobody else's turn."""
        return await self._call(question)

    async def record(self, outcomes: Sequence[Outcome]) -> None:
        """Write outcomes of files of which nothing was sent."""
        with failpoint("ledger.record"):
            await self._call(lambda: self._ledger.record(self.run, outcomes))
        await self._publish(outcomes)

    async def see(self, entries: Sequence[KnownEntry]) -> None:
        """Write what was seen on the platform."""
        with failpoint("ledger.see"):
            await self._call(lambda: self._ledger.add_entries(*self._account, entries))

    async def write_intent(self, batch: Batch, before: Snapshot) -> int:
        """Write that a batch is about to be sent; durable on return."""
        with failpoint("ledger.intent"):
            batch_id = await self._call(
                lambda: self._ledger.write_intent(self.run, batch, before, self._campaign)
            )
        self._in_flight[batch_id] = frozenset(creative.path for creative in batch.creatives)
        return batch_id

    async def mark_sending(self, batch_id: int) -> None:
        """Write that from now on bytes may leave; durable on return.

        Raises `AccountBusy` if the account is not this run's any more.
        """

        def mark() -> None:
            # Not before it is this batch's turn: waiting for others may take a while.
            self._lease.check()
            self._ledger.mark_sending(batch_id)

        with failpoint("ledger.sending"):
            await self._call(mark)

    async def abandon(self, batch_id: int) -> None:
        """Write that nothing of the batch was sent."""
        with failpoint("ledger.abandon"):
            await self._call(lambda: self._ledger.abandon_batch(batch_id))
        self._in_flight.pop(batch_id, None)

    async def finish(
        self, batch_id: int, outcomes: Sequence[Outcome], entries: Sequence[KnownEntry]
    ) -> None:
        """Write what became of a batch, in one transaction."""
        with failpoint("ledger.finish"):
            await self._call(lambda: self._ledger.finish_batch(batch_id, outcomes, entries))
        self._landed(batch_id, {outcome.path for outcome in outcomes})
        await self._publish(outcomes)

    async def free(self, batch_id: int, creatives: Sequence[Creative]) -> None:
        """Write that the platform does not have these files of a batch: they may go again."""
        if not creatives:
            return
        paths = {creative.path for creative in creatives}
        intents = await self._call(lambda: self._ledger.open_intents(*self._account))
        for intent in intents:
            if intent.batch_id == batch_id and intent.path in paths:
                await self.settle(intent, None)
        self._landed(batch_id, paths)

    async def settle(
        self, intent: Intent, outcome: Outcome | None, entries: Sequence[KnownEntry] = ()
    ) -> None:
        """Write what became of a file whose sending was interrupted earlier."""
        with failpoint("ledger.settle"):
            await self._call(lambda: self._ledger.settle(intent, outcome, entries))
        await self._follow()

    async def end(self, error: str = "") -> None:
        """Write that the run is over."""
        with failpoint("ledger.end"):
            await self._call(lambda: self._ledger.finish_run(self.run, error=error))
        self._master_due = 0.0
        await self._follow()

    def _landed(self, batch_id: int, paths: Set[Path]) -> None:
        self._in_flight[batch_id] = self._in_flight.get(batch_id, frozenset()) - paths

    async def _call(self, work: Callable[[], T]) -> T:
        """Do something with the ledger in a thread; once begun it is always waited for."""
        async with self._turn:
            return await whole(asyncio.to_thread(work))

    async def _publish(self, outcomes: Sequence[Outcome]) -> None:
        """Bring the mirrors up to date and tell everybody."""
        self.outcomes.update((outcome.path, outcome) for outcome in outcomes)
        if outcomes:
            with failpoint("mirror.status"):
                await self._mirror(
                    lambda: self._status.append(outcomes, run=self.run, campaign=self._campaign)
                )
        await self._follow()
        for outcome in outcomes:
            self.tell(OutcomeKnown(outcome))

    async def _follow(self) -> None:
        with failpoint("mirror.library"):
            await self._mirror(self._library.follow)
        if self._master is not None and monotonic() >= self._master_due:
            with failpoint("mirror.inventory"):
                await self._mirror(self._follow_master)
            self._master_due = monotonic() + self._master_seconds

    def _follow_master(self) -> None:
        if self._master is not None:
            for line in self._master.follow():
                self._bulletin.warn(line)

    async def _mirror(self, write: Callable[[], None]) -> None:
        try:
            await self._call(write)
        except WorkspaceError as error:
            self._bulletin.warn(f"{error} The ledger has it all; the file follows next time.")


def below(root: Path, paths: Sequence[Path]) -> tuple[str, ...]:
    """Return paths as the record has them: from the workspace on, where they lie in it."""
    return tuple(
        str(path.relative_to(root) if path.is_relative_to(root) else path) for path in paths
    )


def now() -> datetime:
    """Return the time with the local zone, as outcomes bear it."""
    return datetime.now().astimezone()
