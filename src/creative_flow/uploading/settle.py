"""Before anything is sent: what became of interrupted sendings, and of names that were forgotten.

Both are settled by asking the platform. Nothing is sent from here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from attrs import evolve

from creative_flow.creative import Creative, Outcome, Snapshot, Status
from creative_flow.errors import CreativeFlowError
from creative_flow.ledger import Intent
from creative_flow.link import Link
from creative_flow.platform import Context, IdExtractor, SendResult, Verdict
from creative_flow.uploading.books import Books, below, now
from creative_flow.uploading.prove import Prover, known_entry, seen_entry
from creative_flow.wording import counted

_WHY = "its sending was interrupted"


class Settler:
    """Asks what is open, and writes down what the platform says."""

    def __init__(
        self,
        context: Context,
        ids: IdExtractor[Any],
        link: Link,
        books: Books,
        step: Callable[[str], None],
        *,
        root: Path,
    ) -> None:
        self._root = root
        self._context = context
        self._ids = ids
        self._link = link
        self._books = books
        self._step = step

    async def settle(self, intents: Sequence[Intent]) -> None:
        """Settle each intent: there → its id is recorded; not there → free to be planned again.

        "Not there" counts only `settle_seconds` from now on: nobody knows when the interrupted run
        ended. What can't be told becomes ``unknown_id`` and stays open.
        """
        since = monotonic()
        batches: defaultdict[int, list[Intent]] = defaultdict(list)
        for intent in intents:
            if intent.sending_began_at is None or intent.snapshot is None:
                await self._books.settle(intent, None)
            else:
                batches[intent.batch_id].append(intent)
        for group in batches.values():
            await self._settle_batch(group, group[0].snapshot, since)

    async def _settle_batch(
        self, intents: Sequence[Intent], before: Snapshot | None, since: float
    ) -> None:
        if before is None:
            return
        ad_format = self._context.info.ad_format(intents[0].ad_format)
        self._step(f"asking what became of {counted(len(intents), 'file')} of an interrupted batch")
        results = [SendResult(_creative(it), Verdict.UNCLEAR, _WHY) for it in intents]
        prover = Prover(self._context, self._ids, self._link, self._step)
        seen: tuple[Path, ...] = ()
        try:
            await prover.prove(results, ad_format, before, since, just_sent=False)
        except CreativeFlowError as error:
            prover.unknown(results, error)
            seen = error.evidence
            raise
        finally:
            statuses = {it.outcome.status for it in prover.judged.values()}
            if statuses - {Status.SUCCESS, Status.FAILED} and not seen:
                seen = await self._link.capture(f"{intents[0].run}-settle")
            for intent, result in zip(intents, results, strict=True):
                verdicted = prover.judged.get(intent.path)
                if verdicted is None:
                    continue
                outcome: Outcome | None = evolve(verdicted.outcome, at=now())
                if outcome and outcome.status is not Status.SUCCESS:
                    # What was seen when it was sent tells most, if it was seen.
                    evidence = intent.evidence or below(self._root, seen)
                    outcome = evolve(outcome, evidence=evidence)
                if verdicted.outcome.status is Status.FAILED:
                    outcome = None  # the platform does not have it
                entry = known_entry(self._context, result.creative, verdicted)
                await self._books.settle(intent, outcome, [entry] if entry else [])

    async def look_up(self, creatives: Sequence[Creative]) -> None:
        """Ask for names that the user had the library forget; those found count again."""
        groups: defaultdict[str, list[Creative]] = defaultdict(list)
        for creative in creatives:
            groups[creative.ad_format].append(creative)
        for name, group in groups.items():
            ad_format = self._context.info.ad_format(name)
            self._step(f"asking {ad_format.title} for {len(group)} forgotten names")
            prover = Prover(self._context, self._ids, self._link, self._step)
            walk = await prover.find(ad_format, group, None, to_end=True)
            found = [entry for creative in group for entry in walk.old(creative.key)]
            await self._books.see([seen_entry(self._context, entry) for entry in found])


def _creative(intent: Intent) -> Creative:
    """Return an intent's file as it was when it was sent; it may be gone or changed since."""
    return Creative(
        path=intent.path,
        ad_format=intent.ad_format,
        size=intent.size,
        sha256=intent.sha256,
        unique_id=intent.unique_id,
        native_pair_id=intent.native_pair_id,
    )
