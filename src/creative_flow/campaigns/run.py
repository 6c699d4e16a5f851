"""One run over campaigns, from the files to the report."""

from __future__ import annotations

import asyncio
from asyncio import Task
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from creative_flow.ads import AdsCsv
from creative_flow.campaign import CampaignOutcome, CampaignsReport, CampaignStatus
from creative_flow.campaigns.books import Books
from creative_flow.campaigns.items import CheckFailed, Item, Wish
from creative_flow.campaigns.plan import Plan, plan
from creative_flow.campaigns.reading import Reader
from creative_flow.campaigns.runner import CampaignRunner, Choices
from creative_flow.campaigns.summary import write_summary
from creative_flow.errors import (
    AccountBusy,
    CreativeFlowError,
    Interrupted,
    LedgerError,
    NotSupported,
    WorkspaceError,
)
from creative_flow.events import (
    CampaignsFinished,
    CampaignsStarted,
    CampaignStarted,
    Listener,
    Noticed,
)
from creative_flow.evidence import tidy_evidence
from creative_flow.failpoints import failpoint
from creative_flow.ledger import AdEntry, AdJob, CheckpointMirror
from creative_flow.ledger.lease import Lease
from creative_flow.link import Link
from creative_flow.platform import AdPublisher, Context
from creative_flow.registry import Platform
from creative_flow.waiting import until
from creative_flow.workspace import Workspace

if TYPE_CHECKING:
    from creative_flow.ledger import Ledger

_LONGEST_WAIT = 7 * 24 * 3600.0
"""Seconds that ``--wait`` waits for another run."""
_IN_A_ROW = 3
"""So many campaigns that fail for the page's sake, one after the other, stop the run."""


@frozen
class Run:
    """What a run needs to know; the state of it is the books'."""

    place: Workspace
    platform: Platform
    context: Context
    publisher: AdPublisher[Any]
    ads: AdsCsv
    wish: Wish
    listener: Listener = field(kw_only=True)

    async def carry_out(self, *, live: bool) -> CampaignsReport:
        """Read and check everything, then put the ads in if ``live``, and report.

        Raises `CheckFailed` and what else keeps it from starting.
        """
        from creative_flow.ledger import Ledger

        started = monotonic()
        ledger = await asyncio.to_thread(Ledger.open, self.place.ledger_url)
        try:
            items = await asyncio.to_thread(self._read, ledger)
            kinds = list(dict.fromkeys(item.file.sheet.name for item in items))
            natives = {item.file.sheet.name: item.file.is_native for item in items}
            mirrors = {kind: self._mirror(ledger, kind, native=natives[kind]) for kind in kinds}
            jobs = await asyncio.to_thread(self._take_in, ledger, items, mirrors, live=live)
            record = ledger.ad_jobs(self.place.identity)
            entries = {kind: record.entries(job) for kind, job in jobs.items()}
            planned = plan(items, entries, self.wish)
            if live:
                report = await self._live(ledger, planned, jobs, mirrors)
            else:
                report = await self._dry(ledger, planned, jobs, mirrors, entries)
        finally:
            await asyncio.to_thread(ledger.close)
        report = evolve(report, seconds=monotonic() - started)
        self.listener(CampaignsFinished(report))
        return report

    # ---- before

    def _read(self, ledger: Ledger) -> tuple[Item, ...]:
        name, account = self.platform.name, self.context.account
        with self.platform.boundary():
            reader = Reader(
                self.ads,
                self.publisher.campaign_id_pattern,
                {"tracking/Upload_CSV/": self.place.upload_csv, "the workspace": self.place.root},
                lambda ids: ledger.by_id(name, account, ids),
            )
            reading = reader.read(self.wish)
        for warning in reading.warnings:
            self._warn(f"{warning}.")
        if reading.problems:
            raise CheckFailed(reading.problems)
        return reading.items

    def _mirror(self, ledger: Ledger, kind: str, *, native: bool) -> CheckpointMirror:
        account, slot = self.context.account, self.wish.slot
        return CheckpointMirror(
            ledger,
            ledger.ad_jobs(self.place.identity),
            self.place.checkpoint_file(account, slot, native=native),
            job=(self.platform.name, account, kind, slot),
            kept_aside=self.place.kept_aside,
            notify=self._warn,
        )

    def _take_in(
        self,
        ledger: Ledger,
        items: Sequence[Item],
        mirrors: Mapping[str, CheckpointMirror],
        *,
        live: bool,
    ) -> dict[str, AdJob]:
        """Check whose account it is, let edits of the checkpoints count, and return the jobs."""
        name, account = self.platform.name, self.context.account
        if self.context.credentials:
            ledger.bind_account(name, account, self.context.credentials.login)
        record = ledger.ad_jobs(self.place.identity)
        jobs = {}
        for kind, mirror in mirrors.items():
            with failpoint("campaigns.take_in"):
                mirror.take_in()
                jobs[kind] = record.begin(name, account, kind, self.wish.slot)
                if self.wish.fresh and live:
                    mine = [it.campaign_id for it in items if it.file.sheet.name == kind]
                    if self.wish.campaigns:
                        record.remove(jobs[kind], mine)
                    else:
                        record.restart(jobs[kind])
        return jobs

    # ---- dry

    async def _dry(
        self,
        ledger: Ledger,
        planned: Plan,
        jobs: Mapping[str, AdJob],
        mirrors: Mapping[str, CheckpointMirror],
        entries: Mapping[str, Mapping[str, AdEntry]],
    ) -> CampaignsReport:
        """Write that the campaigns could get their ads; what live runs came to stays."""
        record = ledger.ad_jobs(self.place.identity)
        books = Books(record, jobs, mirrors, self.listener)
        self._tell_start("", planned, live=False)
        outcomes = {}
        now = datetime.now().astimezone()
        for kind in jobs:
            mine = [item for item in planned.to_do if item.file.sheet.name == kind]
            new = []
            for item in mine:
                opened = [it for it in await books.intents(item) if it.sending_began_at]
                before = entries[kind].get(item.campaign_id)
                outcome = CampaignOutcome(
                    item.campaign_id,
                    CampaignStatus.PENDING if opened else CampaignStatus.DRY_RUN_SUCCESS,
                    item.name,
                    item.file.path.name,
                    note="to settle: a live run asks first what is there"
                    if opened
                    else _coming(item, force=self.wish.force),
                    at=now,
                )
                outcomes[item.campaign_id] = outcome
                untouched = before is None or before.status in {
                    CampaignStatus.PENDING,
                    CampaignStatus.DRY_RUN_SUCCESS,
                }
                if not opened and untouched:
                    new.append(_entry(outcome, item))
            await books.put(kind, new)
        return self._report("", planned, outcomes, live=False)

    # ---- live

    async def _live(
        self,
        ledger: Ledger,
        planned: Plan,
        jobs: Mapping[str, AdJob],
        mirrors: Mapping[str, CheckpointMirror],
    ) -> CampaignsReport:
        self.context.require_credentials()
        login = self.context.credentials.login if self.context.credentials else ""
        record = ledger.ad_jobs(self.place.identity)
        names = (self.platform.name, self.context.account)
        with failpoint("campaigns.start"):
            run = await asyncio.to_thread(
                lambda: record.start_run(
                    *names, login=login, slot=self.wish.slot, total=len(planned.campaigns)
                )
            )
        lease = Lease(self.place.state_dir, ledger, self.context.place, login)
        books = Books(record, jobs, mirrors, self.listener, run=run, lease=lease)
        error: CreativeFlowError | None = None
        try:
            await asyncio.to_thread(tidy_evidence, self.place, ledger)
            if planned.to_do:
                await self._take(lease)
            self._tell_start(run, planned, live=True)
            if planned.to_do:
                await self._work(planned, books)
        except CreativeFlowError as caught:
            error = caught
        except asyncio.CancelledError:
            error = Interrupted("Interrupted.", hint="Run the same command again to go on.")
        finally:
            lease.release()
        why = str(error) if error else ""
        try:
            await books.end(why)
        except LedgerError as caught:
            # A disk that is full now: what is known must reach the user all the same.
            error = error or caught
            why = str(error)
        report = self._report(run, planned, books.outcomes, live=True)
        report = evolve(report, error=why, error_exit_code=error.exit_code if error else 0)
        return await self._summed_up(report)

    async def _work(self, planned: Plan, books: Books) -> None:
        """Work on all campaigns, as many at once as is wished, each on one link."""
        runner = CampaignRunner(
            self.platform,
            self.context,
            self.publisher,
            books,
            Choices(self.wish.force, self.wish.drop_invalid),
            root=self.place.root,
        )
        waiting = deque(planned.to_do)
        in_a_row = 0

        async def work(link: Link) -> None:
            nonlocal in_a_row
            try:
                while waiting:
                    item = waiting.popleft()
                    self.listener(CampaignStarted(item.campaign_id, item.name))
                    trouble = await runner.run(item, link)
                    in_a_row = in_a_row + 1 if trouble else 0
                    if trouble and in_a_row >= _IN_A_ROW:
                        raise trouble
            except CreativeFlowError:
                waiting.clear()  # the others bring to its end what they have begun
                raise

        whole = Link(self.platform, self.context)
        links: list[Link] = []
        try:
            links = await self._links(whole, min(self.wish.parallel, len(waiting)))
            async with _together([work(link) for link in links]) as tasks:
                await asyncio.wait(tasks)
            for task in tasks:
                task.result()
        finally:
            for link in (*links, whole):  # the pages before what they belong to
                await link.drop()

    async def _links(self, whole: Link, count: int) -> list[Link]:
        """Return links to work on side by side: pages of one login, where there can be several."""
        if count <= 1:
            return [whole]
        links = [whole.fork() for _ in range(count)]
        try:
            await links[0].open()  # one signs in, the others use that login
        except NotSupported:
            title = self.context.info.title
            self.context.notify(f"{title} takes one campaign after the other, not several at once.")
            return [whole]
        return links

    async def _take(self, lease: Lease) -> None:
        """Take the lease; if that is wished, as soon as who holds it is done."""
        told = False

        async def look() -> bool | None:
            nonlocal told
            try:
                await asyncio.to_thread(lease.take)
            except AccountBusy as busy:
                if not self.wish.wait:
                    raise
                if not told:
                    self.listener(Noticed(f"Waiting. {busy.message}"))
                told = True
                return None
            return True

        await until(look, limit=_LONGEST_WAIT, pause=1.0)

    # ---- after

    async def _summed_up(self, report: CampaignsReport) -> CampaignsReport:
        path = self.place.summary_csv(datetime.now().astimezone(), self.context.account)
        try:
            with failpoint("campaigns.summary"):
                await asyncio.to_thread(write_summary, path, report)
        except WorkspaceError as error:
            self._warn(f"{error} The ledger has it all.")
            return report
        return evolve(report, summary_csv=path)

    def _report(
        self,
        run: str,
        planned: Plan,
        known: Mapping[str, CampaignOutcome],
        *,
        live: bool,
    ) -> CampaignsReport:
        outcomes = []
        for it in planned.campaigns:
            pending = CampaignOutcome(
                it.item.campaign_id,
                CampaignStatus.PENDING,
                it.item.name,
                it.item.file.path.name,
                note="not done; the next run goes on with it",
            )
            outcomes.append(it.outcome or known.get(it.item.campaign_id, pending))
        return CampaignsReport(
            run=run,
            platform=self.platform.name,
            title=self.context.info.title,
            account=self.context.account,
            live=live,
            outcomes=tuple(outcomes),
            login=self.context.credentials.login if self.context.credentials else "",
            slot=self.wish.slot,
        )

    def _tell_start(self, run: str, planned: Plan, *, live: bool) -> None:
        self.listener(
            CampaignsStarted(
                run=run,
                platform=self.platform.name,
                title=self.context.info.title,
                account=self.context.account,
                login=self.context.credentials.login if self.context.credentials else "",
                live=live,
                successful=planned.successful,
                failed=planned.failed,
                remaining=len(planned.to_do),
            )
        )

    def _warn(self, message: str) -> None:
        self.listener(Noticed(message, warning=True))


@asynccontextmanager
async def _together(work: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[list[Task[None]]]:
    """Begin all of the work; whatever leaves before its end, nothing of it goes on."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def _coming(item: Item, *, force: bool) -> str:
    """Say how many ads a live run would put in."""
    many = len(item.file.rows)
    ads = "1 ad" if many == 1 else f"{many:,} ads"
    return f"{ads} to go in" if force else f"{ads} to go in, less those that are there already"


def _entry(outcome: CampaignOutcome, item: Item) -> AdEntry:
    return AdEntry(
        outcome.campaign_id,
        outcome.status,
        at=outcome.at,
        name=outcome.name,
        csv_file=outcome.csv_file,
        digest=item.file.digest,
    )
