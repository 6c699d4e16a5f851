"""One batch: its intent, its sending, the proof of what came of it, in one order of writes.

The intent is in the ledger before the page is touched; the mark that bytes may leave is there
before they can; outcomes, ids and library go in together. That order makes law 2 true after any
crash.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from attrs import evolve, frozen

from creative_flow.creative import Batch, Creative, Outcome, Snapshot, Status
from creative_flow.errors import CreativeFlowError, PluginBroken
from creative_flow.events import BatchFinished, BatchProgress, BatchStarted, StepChanged
from creative_flow.link import Link
from creative_flow.platform import Context, SendReport, SendResult, Session, Uploader, Verdict
from creative_flow.proof import Walk
from creative_flow.registry import Platform
from creative_flow.uploading.books import Books, below, now
from creative_flow.uploading.items import outcome_of
from creative_flow.uploading.judge import Verdicted, duplicate
from creative_flow.uploading.looking import Looking
from creative_flow.uploading.manners import Manners, Turn
from creative_flow.uploading.prove import Prover, known_entry
from creative_flow.wording import counted

_TIMES = 3
"""How often a file is sent at most: again only once the platform is known not to have it."""


@frozen
class _Sent:
    """A batch that was handed over. ``ended`` is the monotonic time of the last byte."""

    batch: Batch
    batch_id: int
    before: Snapshot
    report: SendReport
    ended: float


class BatchRunner:
    """Sends batches, one after the other, through one link."""

    def __init__(
        self,
        platform: Platform,
        context: Context,
        link: Link,
        books: Books,
        *,
        root: Path,
        force: bool,
        pictures: bool,
        manners: Manners,
        looking: Looking,
    ) -> None:
        self._platform = platform
        self._context = context
        self._link = link
        self._books = books
        self._root = root
        self._force = force
        self._pictures = pictures
        self._manners = manners
        self._looking = looking
        self._number: int | None = None
        self._uploader: Uploader[Any] = platform.uploader(context)
        self._ids = platform.ids(context)

    async def run(self, batch: Batch, of: int, began: Callable[[], object] = lambda: None) -> None:
        """Send one batch; on return every file of it has its outcome, committed.

        ``began`` is called when bytes may leave. If it raises, what was not sent is free again;
        what may have been sent is ``unknown_id``, or stays open in the ledger. If the run is called
        off while it waits for its turn, it returns, and what was not sent has no outcome.
        """
        whole = batch
        self._number = batch.number
        self._link.retries = 0
        first: Snapshot | None = None
        for again in reversed(range(_TIMES)):
            async with self._manners.turn() as turn:
                if turn is None:
                    return
                if first is None:
                    self._books.tell(BatchStarted(batch, of))
                    self._looking.begin(batch)
                before = await self._look(batch)
                first = first or before
                batch = await self._without_known(batch, before, first)
                batch = await self._without_changed(batch)
                if not batch.creatives:
                    break
                sent = await self._send(batch, before, turn, began)
            absent = await self._read_back(sent, again=again > 0)
            batch = evolve(batch, creatives=absent)
            if not absent:
                break
            self._link.retries += 1
            self._context.notify(
                f"{counted(len(absent), 'file')} of batch {batch.number} did not arrive; "
                "sending again."
            )
        self._books.tell(BatchFinished(whole))

    async def _look(self, batch: Batch) -> Snapshot:
        """Read what stands in the library before the batch is sent."""
        ad_format = self._context.info.ad_format(batch.ad_format)
        self._step(f"reading the newest entries of {ad_format.title}")
        return await self._link.ask(
            lambda session: self._ids.snapshot(session, ad_format, len(batch.creatives))
        )

    async def _without_known(self, batch: Batch, before: Snapshot, first: Snapshot) -> Batch:
        """Leave out names that the platform shows already: it would refuse them in silence.

        What was not there at ``first`` came from here, though later than anybody waited for it.
        """
        walk = Walk(first)
        walk.add(before.entries, last=before.complete)
        known = {}
        for creative in batch.creatives:
            if len(new := walk.new(creative.key)) == 1:
                outcome = outcome_of(creative, Status.SUCCESS, creative_id=new[0].creative_id)
                known[creative] = Verdicted(outcome, new[0])
            elif (there := before.named(creative.key)) and not self._force:
                known[creative] = duplicate(SendResult(creative, Verdict.REFUSED), there)
        if known:
            entries = [entry for it in known.items() if (entry := known_entry(self._context, *it))]
            await self._books.see(entries)
            seen: tuple[Path, ...] = ()
            if any(it.outcome.status is not Status.SUCCESS for it in known.values()):
                seen = await self._link.capture(f"{self._books.run}-batch-{batch.number}-known")
            outcomes = [
                self._complete(
                    it.outcome, batch, () if it.outcome.status is Status.SUCCESS else seen
                )
                for it in known.values()
            ]
            await self._books.record(outcomes)
        return evolve(batch, creatives=tuple(it for it in batch.creatives if it not in known))

    async def _without_changed(self, batch: Batch) -> Batch:
        """Leave out files that are no longer what was planned: another content would go up."""
        changed = {}
        for creative in batch.creatives:
            try:
                if await self._books.sha256(creative.path) == creative.sha256:
                    continue
                why = "it changed while the run went on; run again"
                changed[creative] = outcome_of(creative, Status.FAILED, why)
            except (FileNotFoundError, NotADirectoryError):
                why = "it was removed while the run went on"
                changed[creative] = outcome_of(creative, Status.FILE_NOT_FOUND, why)
            except OSError as error:
                why = f"it can't be read any more: {error.strerror or error}"
                changed[creative] = outcome_of(creative, Status.FAILED, why)
        if changed:
            await self._books.record([self._complete(it, batch) for it in changed.values()])
        return evolve(batch, creatives=tuple(it for it in batch.creatives if it not in changed))

    # ── Sending ──────────────────────────────────────────────────────────────────────────────────

    async def _send(
        self, batch: Batch, before: Snapshot, turn: Turn, began: Callable[[], object]
    ) -> _Sent:
        """Hand the batch over, once. Only what fails before the gate is tried again."""
        self._step(f"sending {counted(len(batch.creatives), 'file')}")
        batch_id = await self._books.write_intent(batch, before)
        passed = False

        async def gate() -> None:
            nonlocal passed
            if passed:
                raise PluginBroken(f"The plugin {self._platform.name!r} opened its gate twice.")
            await self._books.mark_sending(batch_id)
            passed = True
            turn.taken()
            began()

        def progress(files: int, size: int) -> None:
            self._books.tell(BatchProgress(batch, files, size))

        async def hand_over(session: Session) -> SendReport:
            try:
                with self._platform.boundary():
                    return await self._uploader.send(session, batch, gate, progress)
            except CreativeFlowError as error:
                if not passed:
                    raise
                return _unclear(batch, error)

        async def unless_passed() -> None:
            if not passed:
                await self._books.abandon(batch_id)

        async with AsyncExitStack() as undo:
            undo.push_async_callback(unless_passed)
            report = await self._link.ask(hand_over)
            undo.pop_all()
        ended = monotonic()
        if not passed:
            await self._books.mark_sending(batch_id)
            raise PluginBroken(
                f"The plugin {self._platform.name!r} sent without awaiting its gate.",
                hint="Nothing more is sent; the next run asks what arrived.",
            )
        if report.login_lost:
            await self._link.renew()
        return _Sent(batch, batch_id, before, report, ended)

    # ── Reading back ─────────────────────────────────────────────────────────────────────────────

    async def _read_back(self, sent: _Sent, *, again: bool) -> tuple[Creative, ...]:
        """Prove what became of every file, and write it down together.

        With ``again``, what is known not to have arrived is set free and returned.
        """
        self._step("reading the ids back")
        results = sent.report.results
        ad_format = self._context.info.ad_format(sent.batch.ad_format)
        prover = Prover(self._context, self._ids, self._link, self._step)
        notes: Mapping[Path, str] = {}
        try:
            await prover.prove(results, ad_format, sent.before, sent.ended, just_sent=True)
            notes = await self._looking.notes(sent.batch)
        except CreativeFlowError as error:
            prover.unknown(results, error)
            raise
        finally:
            # What an interruption leaves unproved stays open in the ledger, to be settled.
            absent = await self._write(sent, prover, notes, again=again)
        return absent

    async def _write(
        self, sent: _Sent, prover: Prover, notes: Mapping[Path, str], *, again: bool
    ) -> tuple[Creative, ...]:
        judged = [
            (it.creative, prover.judged[it.creative.path])
            for it in sent.report.results
            if it.creative.path in prover.judged
        ]
        absent = tuple(
            creative for creative, it in judged if again and it.outcome.status is Status.FAILED
        )
        judged = [(creative, it) for creative, it in judged if creative not in absent]
        seen: tuple[Path, ...] = ()
        name = f"{self._books.run}-batch-{sent.batch.number}"
        said = sent.report.evidence
        statuses = {it.outcome.status for _, it in judged}
        unseen = statuses - {Status.SUCCESS} and not said
        if Status.UNKNOWN_ID in statuses or unseen:
            seen = await self._link.capture(name)
        outcomes = []
        for _, it in judged:
            evidence: tuple[Path, ...] = ()
            if it.outcome.status is Status.UNKNOWN_ID:
                evidence = said + seen
            elif it.outcome.status is not Status.SUCCESS:
                evidence = said or seen
            told = (it.outcome.note, notes.get(it.outcome.path))
            outcome = evolve(it.outcome, note="; ".join(filter(None, told)))
            outcomes.append(self._complete(outcome, sent.batch, evidence))
        entries = [entry for it in judged if (entry := known_entry(self._context, *it))]
        async with self._picture(name, wanted=self._pictures and not seen):
            await self._books.finish(sent.batch_id, outcomes, entries)
            await self._books.free(sent.batch_id, absent)
        return absent

    @asynccontextmanager
    async def _picture(self, name: str, *, wanted: bool) -> AsyncIterator[None]:
        """Take a picture of the page meanwhile, if one is wanted; nothing else touches the page."""
        taking = asyncio.create_task(self._link.picture(name)) if wanted else None
        try:
            yield
        finally:
            if taking:
                await asyncio.wait([taking])

    # ── Small things ─────────────────────────────────────────────────────────────────────────────

    def _complete(self, outcome: Outcome, batch: Batch, evidence: tuple[Path, ...] = ()) -> Outcome:
        return evolve(
            outcome,
            batch=batch.number,
            at=now(),
            retries=self._link.retries,
            evidence=below(self._root, evidence),
        )

    def _step(self, what: str) -> None:
        self._books.tell(StepChanged(what, self._number))


def _unclear(batch: Batch, error: CreativeFlowError) -> SendReport:
    """Return what is known when handing over failed after bytes may have left: nothing."""
    return SendReport(
        tuple(SendResult(it, Verdict.UNCLEAR, error.message) for it in batch.creatives),
        evidence=error.evidence,
    )
