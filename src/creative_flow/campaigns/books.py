"""What a run over campaigns writes down: the ledger first, then the checkpoints, then who listens.

Ledger calls run in a thread, one at a time. A checkpoint file that can't be written costs a
warning, never an outcome: the ledger has it, and the next run writes the file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from creative_flow.campaign import CampaignOutcome
from creative_flow.campaigns.items import Item
from creative_flow.errors import WorkspaceError
from creative_flow.events import CampaignKnown, Event, Listener, Noticed, StepChanged
from creative_flow.failpoints import failpoint
from creative_flow.ledger import AdEntry, AdIntent, AdJob, CheckpointMirror, SentAd
from creative_flow.ledger.adjobs import AdJobs
from creative_flow.ledger.lease import Lease
from creative_flow.waiting import whole

T = TypeVar("T")


class Books:
    """The record of one run. ``jobs`` and ``mirrors`` are by the kind of ads CSV."""

    def __init__(
        self,
        ledger: AdJobs,
        jobs: Mapping[str, AdJob],
        mirrors: Mapping[str, CheckpointMirror],
        listener: Listener,
        *,
        run: str = "",
        lease: Lease | None = None,
    ) -> None:
        self.run = run
        self.outcomes: dict[str, CampaignOutcome] = {}
        """What each campaign came to in this run, as committed."""
        self.jobs = jobs
        self._ledger = ledger
        self._mirrors = mirrors
        self._listener = listener
        self._lease = lease
        self._turn = asyncio.Lock()
        self._warned: set[str] = set()

    def tell(self, event: Event) -> None:
        """Tell those who listen."""
        self._listener(event)

    def step(self, what: str) -> None:
        """Tell what the run is busy with."""
        self.tell(StepChanged(what))

    def warn(self, message: str) -> None:
        """Tell something the user should know."""
        self.tell(Noticed(message, warning=True))

    async def intents(self, item: Item) -> tuple[AdIntent, ...]:
        """Return what was confirmed in a campaign earlier, and is open or not counted yet."""
        job = self._job(item)
        found = await self._call(lambda: self._ledger.intents(job))
        return found.get(item.campaign_id, ())

    async def write_intent(self, item: Item, ads: Sequence[SentAd], total: int) -> AdIntent:
        """Write that ads are about to be created; durable on return."""
        job = self._job(item)
        with failpoint("campaigns.intent"):
            return await self._call(
                lambda: self._ledger.write_intent(self.run, job, item.campaign_id, ads, total)
            )

    async def mark_sending(self, intent: AdIntent) -> None:
        """Write that from now on ads may come to be; durable on return.

        Raises `AccountBusy` if the account is not this run's any more.
        """
        if self._lease is not None:
            self._lease.check()
        with failpoint("campaigns.sending"):
            await self._call(lambda: self._ledger.mark_sending(intent))

    async def abandon(self, intent: AdIntent) -> None:
        """Write that nothing was sent."""
        with failpoint("campaigns.abandon"):
            await self._call(lambda: self._ledger.abandon(intent))

    async def know(self, intent: AdIntent, created: Collection[int]) -> None:
        """Write which ads of a confirmation are there; the others are not."""
        with failpoint("campaigns.know"):
            await self._call(lambda: self._ledger.know(intent, created))

    async def finish(self, item: Item, outcome: CampaignOutcome) -> None:
        """Write what became of a campaign, with its checkpoint, in one transaction."""
        job = self._job(item)
        with failpoint("campaigns.finish"):
            await self._call(lambda: self._ledger.finish(self.run, job, outcome, item.file.digest))
        self.outcomes[item.campaign_id] = outcome
        await self._follow(item.file.sheet.name)
        self.tell(CampaignKnown(outcome))

    async def put(self, kind: str, entries: Sequence[AdEntry]) -> None:
        """Write where campaigns stand after a dry run."""
        job = self.jobs[kind]
        with failpoint("campaigns.put"):
            await self._call(lambda: self._ledger.put(job, entries))
        await self._follow(kind)

    async def end(self, error: str = "") -> None:
        """Write that the run is over."""
        with failpoint("campaigns.end"):
            await self._call(lambda: self._ledger.finish_run(self.run, error=error))
        for kind in self.jobs:
            await self._follow(kind)

    def _job(self, item: Item) -> AdJob:
        return self.jobs[item.file.sheet.name]

    async def _follow(self, kind: str) -> None:
        with failpoint("campaigns.checkpoint"):
            try:
                await self._call(self._mirrors[kind].follow)
            except WorkspaceError as error:
                if str(error) not in self._warned:  # once, not for each campaign that follows
                    self._warned.add(str(error))
                    self.warn(f"{error} The ledger has it all; the file follows next time.")

    async def _call(self, work: Callable[[], T]) -> T:
        """Do something with the ledger in a thread; once begun it is always waited for."""
        async with self._turn:
            return await whole(asyncio.to_thread(work))


def below(root: Path, paths: Sequence[Path]) -> tuple[str, ...]:
    """Return paths as the record has them: from the workspace on, where they lie in it."""
    return tuple(
        str(path.relative_to(root) if path.is_relative_to(root) else path) for path in paths
    )
