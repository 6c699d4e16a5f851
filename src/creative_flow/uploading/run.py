"""One run of `upload`, from the files to the report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from creative_flow.adfiles import AdsFiles
from creative_flow.asking import in_the_loop
from creative_flow.creative import Outcome, Report, Status
from creative_flow.errors import AccountBusy, CreativeFlowError, Interrupted, LedgerError
from creative_flow.events import Noticed, RunFinished, RunStarted, StepChanged
from creative_flow.evidence import tidy_evidence
from creative_flow.failpoints import failpoint
from creative_flow.ledger import LibraryMirror, StatusMirror
from creative_flow.ledger.lease import Lease
from creative_flow.link import Link
from creative_flow.platform import Context
from creative_flow.registry import Platform
from creative_flow.tracking import master_mirror_in_use
from creative_flow.uploading.ads import ads_of_run
from creative_flow.uploading.alike import Alike, Thresholds, thresholds
from creative_flow.uploading.batch import BatchRunner
from creative_flow.uploading.books import Books, Bulletin, below, now
from creative_flow.uploading.files import Candidate, from_paths, from_session, listed
from creative_flow.uploading.items import Options, Plan
from creative_flow.uploading.lanes import Lanes
from creative_flow.uploading.looking import Looking
from creative_flow.uploading.manners import Manners
from creative_flow.uploading.plan import Planner
from creative_flow.uploading.settle import Settler
from creative_flow.uploading.start import Start
from creative_flow.uploading.unsent import at_once, decided, dry, left_over
from creative_flow.waiting import until
from creative_flow.workspace import Workspace

if TYPE_CHECKING:
    from creative_flow.ledger import Ledger, Lookups
    from creative_flow.ledger.glance import Glance

_LONGEST_WAIT = 7 * 24 * 3600.0
"""Seconds that ``--wait`` waits for another run."""
_INTERRUPTED = Interrupted("Interrupted.", hint="Run the same command again to go on.")


@frozen
class _Desk:
    """What a live run works with."""

    ledger: Ledger
    lease: Lease
    link: Link
    start: Start
    planner: Planner
    candidates: Sequence[Candidate]


@frozen
class Run:
    """What a run needs to know; the state of it is the books'."""

    place: Workspace
    platform: Platform
    context: Context
    bulletin: Bulletin
    options: Options
    campaign: str = field(kw_only=True)
    fresh: bool = field(kw_only=True)
    wait: bool = field(kw_only=True)
    confirm_forget: Callable[[int], bool] | None = field(kw_only=True)
    parallel: int = field(kw_only=True, default=1)

    async def carry_out(self, paths: list[Path] | None, *, live: bool) -> Report:
        """Plan, send if ``live``, and report. None stands for the session CSV's files."""
        started = monotonic()
        candidates = self._candidates(paths)
        if not live and (glance := await asyncio.to_thread(self._glance)):
            try:
                report = await self._rehearse(glance, candidates)
            finally:
                await asyncio.to_thread(glance.close)
            return self._finished(report, started)
        async with AsyncExitStack() as undo:
            link = Link(self.platform, self.context)
            undo.push_async_callback(link.drop)
            if live and candidates:
                link.prepare()
            ledger = await asyncio.to_thread(self._ledger)
            undo.push_async_callback(asyncio.to_thread, ledger.close)
            mirror = LibraryMirror(
                ledger,
                self.place.library_mirror(self.context.info, self.context.account),
                platform=self.platform.name,
                account=self.context.account,
                ad_formats=self.context.info.ad_formats,
                kept_aside=self.place.tracking / "kept_aside",
            )
            confirm = self.confirm_forget and in_the_loop(self.confirm_forget)
            await asyncio.to_thread(self._take_in, ledger, mirror, confirm)
            if live:
                report = await self._started_live(ledger, mirror, candidates, link)
            else:
                report = await self._rehearse(ledger, candidates)
        return self._finished(report, started)

    def _ledger(self) -> Ledger:
        # Here, as it takes a while: the session is being prepared meanwhile.
        from creative_flow.ledger import Ledger

        return Ledger.open(self.place.ledger_url)

    def _glance(self) -> Glance | None:
        """Return the ledger as a dry run may read it, or None where it takes the whole of it."""
        from creative_flow.ledger.glance import Glance

        if self.place.setting("CFU_DATABASE_URL"):
            return None
        credentials = self.context.credentials
        return Glance.open(
            self.place.own_ledger_file,
            self.platform.name,
            self.context.account,
            credentials.login if credentials else "",
            self.place.library_mirror(self.context.info, self.context.account),
        )

    async def _rehearse(self, ledger: Lookups, candidates: Sequence[Candidate]) -> Report:
        """Plan, and report the plan."""
        planner = self._planner(ledger, self._limits())
        plan = await asyncio.to_thread(planner.plan, candidates)
        self._say_where_it_goes_on(plan)
        self.bulletin.tell(self._started(plan, "", live=False))
        return self._report("", dry(plan), live=False)

    def _planner(
        self,
        ledger: Lookups,
        similar: Thresholds | None,
        needed: Callable[[], None] | None = None,
    ) -> Planner:
        return Planner(
            self.context,
            self.platform.uploader(self.context),
            ledger,
            self.options,
            lambda done, of: self._step(f"looking at file {done} of {of}"),
            lambda done, of: self._step(f"comparing the look of file {done} of {of}"),
            similar,
            needed,
        )

    def _limits(self) -> Thresholds | None:
        return thresholds(self.place, skip=self.options.skip_similar)

    def _finished(self, report: Report, started: float) -> Report:
        report = evolve(report, seconds=monotonic() - started)
        self.bulletin.tell(RunFinished(report))
        return report

    def _candidates(self, paths: list[Path] | None) -> list[Candidate]:
        if paths is None:
            return from_session(self.place)
        candidates, passed_over = from_paths(paths, self.place)
        if passed_over:
            what = "file that is no creative" if len(passed_over) == 1 else "files are no creatives"
            self.bulletin.tell(
                Noticed(f"Passed over: {len(passed_over)} {what} ({listed(passed_over)}).")
            )
        return candidates

    def _take_in(
        self, ledger: Ledger, mirror: LibraryMirror, confirm_forget: Callable[[int], bool] | None
    ) -> None:
        """Check whose account it is, and let the user's edits of the library count."""
        if self.context.credentials:
            ledger.bind_account(
                self.platform.name, self.context.account, self.context.credentials.login
            )
        with failpoint("mirror.take_in"):
            mirror.take_in(notify=self.bulletin.warn, confirm_forget=confirm_forget)

    async def _started_live(
        self,
        ledger: Ledger,
        mirror: LibraryMirror,
        candidates: Sequence[Candidate],
        link: Link,
    ) -> Report:
        """Plan while the session is being opened, as soon as one file needs it; then go on."""
        lease = Lease(self.place.state_dir, ledger, self.context.place, self._login)
        start = Start(self.context, lease, link, self._take)
        # What is only to be told is found out while the platform is busy.
        limits = self._limits()
        before, meanwhile = (limits, None) if self.options.skip_similar else (None, limits)
        planner = self._planner(ledger, before, start.needed)
        alike = Alike(self.context, ledger, meanwhile) if meanwhile else None
        try:
            try:
                plan = await asyncio.to_thread(planner.plan, candidates)
                self._say_where_it_goes_on(plan)
                books = await self._books(ledger, mirror, lease, candidates)
            except asyncio.CancelledError:
                # Somebody may have been asked to sign in already, and did not want to.
                return self._interrupted(candidates)
            desk = _Desk(ledger, lease, link, start, planner, candidates)
            return await self._live(desk, books, plan, Looking(alike, books))
        finally:
            await start.undo()

    async def _books(
        self,
        ledger: Ledger,
        mirror: LibraryMirror,
        lease: Lease,
        candidates: Sequence[Candidate],
    ) -> Books:
        """Put the run on record, and return what it writes down in."""
        info, account = self.context.info, self.context.account
        with failpoint("ledger.start"):
            run = await asyncio.to_thread(
                lambda: ledger.start_run(
                    self.platform.name,
                    account,
                    login=self._login,
                    campaign=self.campaign,
                    total=len(candidates),
                )
            )
        status_csv = self.place.status_csv(datetime.now().astimezone(), account)
        return Books(
            ledger,
            run,
            lease,
            campaign=self.campaign,
            account=(self.platform.name, account),
            library=mirror,
            status=StatusMirror(status_csv, title=info.title, column_prefix=info.column_prefix),
            master=await asyncio.to_thread(master_mirror_in_use, ledger, self.place),
            bulletin=self.bulletin,
        )

    async def _live(self, desk: _Desk, books: Books, plan: Plan, looking: Looking) -> Report:
        ledger, link = desk.ledger, desk.link
        run = books.run
        error: CreativeFlowError | None = None
        seen: tuple[Path, ...] = ()
        held = False
        try:
            await asyncio.to_thread(tidy_evidence, self.place, ledger)
            if plan.files or plan.to_settle:
                await desk.start.made()
                held = True
                plan = await self._settled(desk, books)
            self.bulletin.tell(self._started(plan, run, live=True))
            await books.record([at_once(item) for item in decided(plan)])
            off = asyncio.Event()
            manners = await asyncio.to_thread(Manners.of, self.context, ledger, off)

            def runner(link: Link) -> BatchRunner:
                return BatchRunner(
                    self.platform,
                    self.context,
                    link,
                    books,
                    root=self.place.root,
                    force=self.options.force,
                    pictures=self.place.flag("TAKE_SCREENSHOTS"),
                    manners=manners,
                    looking=looking,
                )

            lanes = Lanes(
                plan.batches,
                self.parallel,
                link=link,
                runner=runner,
                context=self.context,
                books=books,
                off=off,
            )
            try:
                await lanes.run()
            finally:
                await looking.stop()
        except CreativeFlowError as caught:
            error = caught
            seen = error.evidence or await link.capture(f"{run}-stopped")
        except asyncio.CancelledError:
            error = _INTERRUPTED
        finally:
            await desk.start.undo()
        why = str(error) if error else ""
        rest = left_over(books, plan, why, below(self.place.root, seen))
        ads = AdsFiles()
        try:
            if rest:
                await books.record(rest)
            # Before the end is on record: the next run takes care of what a kill leaves undone.
            ads = await ads_of_run(
                run,
                self.place,
                self.platform,
                self.context,
                ledger,
                desk.lease,
                held=held,
            )
            await books.end(why)
        except LedgerError as caught:
            # A disk that is full now: what is known must reach the user all the same.
            error = error or caught
            why = str(error)
        known = {outcome.path: outcome for outcome in rest} | books.outcomes
        outcomes = [known[item.path] for item in plan.items]
        report = self._report(run, outcomes, live=True)
        code = error.exit_code if error else 0
        return evolve(
            report,
            error=why,
            error_exit_code=code,
            status_csv=books.status_csv,
            ads_csvs=ads.files,
            ads_remarks=ads.remarks,
        )

    async def _settled(self, desk: _Desk, books: Books) -> Plan:
        """Ask the platform about all that is open, and plan again with what it said."""
        settler = Settler(
            self.context,
            self.platform.ids(self.context),
            desk.link,
            books,
            self._step,
            root=self.place.root,
        )
        key = (self.platform.name, self.context.account)
        intents = await asyncio.to_thread(desk.ledger.open_intents, *key)
        if intents:
            await settler.settle(intents)
        # Also without an intent: another run may have held the account until a moment ago.
        plan = await asyncio.to_thread(desk.planner.plan, desk.candidates)
        if plan.to_look_up:
            await settler.look_up(plan.to_look_up)
            plan = await asyncio.to_thread(desk.planner.plan, desk.candidates)
        return plan

    async def _take(self, lease: Lease) -> None:
        """Take the lease; with ``wait``, as soon as who holds it is done."""
        told = False

        async def look() -> bool | None:
            nonlocal told
            taking = asyncio.create_task(asyncio.to_thread(lease.take))
            try:
                await asyncio.shield(taking)
            except asyncio.CancelledError:
                await asyncio.gather(taking, return_exceptions=True)  # so that it can be released
                raise
            except AccountBusy as busy:
                if not self.wait:
                    raise
                if not told:
                    self.bulletin.tell(Noticed(f"Waiting. {busy.message}"))
                told = True
                return None
            return True

        await until(look, limit=_LONGEST_WAIT, pause=1.0)

    def _say_where_it_goes_on(self, plan: Plan) -> None:
        """Tell what earlier runs did and left, if there is anything to go on from."""
        done = sum(
            item.outcome is not None
            and item.outcome.status is Status.SKIPPED
            and bool(item.outcome.creative_id)
            for item in plan.items
        )
        left = sum(item.left for item in plan.items)
        parts = [
            f"{done:,} already there" if done else "",
            f"{left:,} failed earlier and left out (--retry-failed takes them up)" if left else "",
            f"{len(plan.to_settle):,} to settle" if plan.to_settle else "",
        ]
        if not self.fresh and any(parts):
            parts.append(f"{plan.files:,} to send")
            self.bulletin.tell(Noticed(f"Going on: {', '.join(filter(None, parts))}."))

    def _interrupted(self, candidates: Sequence[Candidate]) -> Report:
        """Report a live run that was interrupted before it was on record."""
        why = f"not sent: {_INTERRUPTED}"
        outcomes = [Outcome(it.path, Status.PENDING, error=why, at=now()) for it in candidates]
        report = self._report("", outcomes, live=True)
        return evolve(report, error=str(_INTERRUPTED), error_exit_code=_INTERRUPTED.exit_code)

    def _started(self, plan: Plan, run: str, *, live: bool) -> RunStarted:
        return RunStarted(
            run=run,
            platform=self.platform.name,
            title=self.context.info.title,
            account=self.context.account,
            login=self._login,
            live=live,
            files=plan.files,
            size=plan.size,
            batches=len(plan.batches),
        )

    def _report(self, run: str, outcomes: Iterable[Outcome], *, live: bool) -> Report:
        return Report(
            run=run,
            platform=self.platform.name,
            title=self.context.info.title,
            account=self.context.account,
            live=live,
            outcomes=tuple(outcomes),
            login=self._login,
        )

    @property
    def _login(self) -> str:
        return self.context.credentials.login if self.context.credentials else ""

    def _step(self, what: str) -> None:
        self.bulletin.tell(StepChanged(what))
