"""Asking the platform, as long as it takes, what became of files that were handed over."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from attrs import evolve

from creative_flow.creative import AdFormat, Creative, LibraryEntry, Snapshot, Status
from creative_flow.errors import CreativeFlowError
from creative_flow.failpoints import failpoint
from creative_flow.ledger import KnownEntry, Origin
from creative_flow.link import Link
from creative_flow.platform import Context, IdExtractor, SendResult, Session, Verdict
from creative_flow.proof import Walk
from creative_flow.uploading.books import now
from creative_flow.uploading.items import outcome_of
from creative_flow.uploading.judge import Verdicted, judge
from creative_flow.waiting import until
from creative_flow.wording import counted

_OVERTIME = 60.0
"""Seconds after which no look begins any more, beyond the time after which every file is judged."""


class Prover:
    """Only ever asks. Each question may be repeated; nothing is sent from here."""

    def __init__(
        self, context: Context, ids: IdExtractor[Any], link: Link, step: Callable[[str], None]
    ) -> None:
        self._context = context
        self._info = context.info
        self._ids = ids
        self._link = link
        self._step = step
        self.judged: dict[Path, Verdicted] = {}
        """What is proved so far, also after an error."""

    async def prove(
        self,
        results: Sequence[SendResult],
        ad_format: AdFormat,
        before: Snapshot,
        since: float,
        *,
        just_sent: bool,
    ) -> None:
        """Ask until every file is judged, into `judged`.

        ``since`` is the monotonic time after which no byte can have left; ``just_sent`` says that
        ``results`` is all that was sent since ``before``. Raises what keeps the platform from being
        asked.
        """
        info = self._info
        sent = {result.creative.key for result in results}
        waiting = {result.creative.path: result for result in results}
        looked_to_end = before.complete
        at_most = max(info.appear_seconds, info.settle_seconds)

        async def look() -> bool | None:
            nonlocal before, looked_to_end
            waited = monotonic() - since
            due = [
                result
                for result in waiting.values()
                if waited
                >= (
                    info.appear_seconds
                    if result.verdict is Verdict.ACCEPTED
                    else info.settle_seconds
                )
            ]
            to_end = bool(due) or (not looked_to_end and waited >= info.duplicate_seconds)
            walk = await self.find(
                ad_format, [it.creative for it in waiting.values()], before, to_end=to_end
            )
            read_as_empty = just_sent and before.complete and not before.entries
            if read_as_empty and len(walk.entries) > len(results):
                # The list was read as empty, and now holds more than was sent: it was not empty.
                before = evolve(before, complete=False)
                looked_to_end = False
                return None
            looked_to_end = looked_to_end or walk.ended
            for path, result in list(waiting.items()):
                to_the_end = walk.ended or before.complete
                verdicted = judge(result, walk, waited, info, to_end=to_the_end, sent=sent)
                if verdicted is not None:
                    self.judged[path] = verdicted
                    del waiting[path]
            if waiting:
                self._step(f"waiting for {counted(len(waiting), 'id')} ({waited:.0f} s)")
            # A long list may take longer to read than the time limit. What counts is when the look
            # began: one that began too early has told nothing of what is not there.
            return None if waiting and waited < at_most + _OVERTIME else True

        await until(look, limit=math.inf, pause=info.poll_seconds)
        for path, result in waiting.items():
            why = f"{info.title} could not be asked to the end within {at_most:.0f} s"
            self.judged[path] = Verdicted(outcome_of(result.creative, Status.UNKNOWN_ID, why))

    async def find(
        self,
        ad_format: AdFormat,
        creatives: Sequence[Creative],
        before: Snapshot | None,
        *,
        to_end: bool,
    ) -> Walk:
        """Look for the creatives' names in the list, once."""

        def looked_at(page: int) -> None:
            if page > 2:
                self._step(f"looking through {ad_format.title}, page {page}")

        async def ask(session: Session) -> Walk:
            keys = {creative.key for creative in creatives}
            return await self._ids.find(
                session, ad_format, keys, before, to_end=to_end, looked_at=looked_at
            )

        with failpoint("ids.read"):
            return await self._link.ask(ask)

    def unknown(self, results: Sequence[SendResult], error: CreativeFlowError) -> None:
        """Judge what is not judged yet as not to be known, because asking failed."""
        for result in results:
            why = f"it may be there, but asking failed: {error.message}"
            outcome = outcome_of(result.creative, Status.UNKNOWN_ID, why)
            self.judged.setdefault(result.creative.path, Verdicted(outcome))


def known_entry(context: Context, creative: Creative, verdicted: Verdicted) -> KnownEntry | None:
    """Return what the library then holds: the file's own facts if its id is proved."""
    entry = verdicted.entry
    if entry is None:
        return None
    seen = seen_entry(context, entry)
    if verdicted.outcome.status is not Status.SUCCESS:
        return seen
    media = creative.media
    return evolve(
        seen,
        name=creative.name,
        sha256=creative.sha256,
        size=creative.size,
        upload_date=f"{now():%Y-%m-%d}",
        dimensions=media.dimensions if media else entry.dimensions,
        file_type=media.file_type if media else entry.file_type,
        review_status=entry.review_status or "pending",
        origin=Origin.PROVED,
    )


def seen_entry(context: Context, entry: LibraryEntry) -> KnownEntry:
    """Return what the library holds of an entry that only the platform's list tells of."""
    return KnownEntry.seen(context.platform, context.account, entry)
