"""Outcomes of what is not sent: decided by the plan, left by a stopped run, shown by a dry one.

Pure: nothing here waits, asks or writes.
"""

from __future__ import annotations

from attrs import evolve

from creative_flow.creative import Outcome, Status
from creative_flow.uploading.books import Books, now
from creative_flow.uploading.items import Plan


def left_over(books: Books, plan: Plan, why: str, evidence: tuple[str, ...]) -> list[Outcome]:
    """Return an outcome for every file that has none: it was not tried, or its fate is open.

    ``evidence`` shows what stopped the run.
    """
    rest = []
    for item in plan.items:
        if item.path in books.outcomes:
            continue
        if item.outcome:
            rest.append(at_once(item.outcome))
            continue
        open_ = item.intent is not None or item.path in books.in_flight
        note = "its sending was interrupted; the next run asks what became of it"
        rest.append(
            Outcome(
                item.path,
                Status.PENDING,
                ad_format=item.creative.ad_format if item.creative else "",
                error=note if open_ else f"not sent: {why}",
                evidence=evidence,
                size=item.creative.size if item.creative else 0,
                at=now(),
            )
        )
    return rest


def at_once(outcome: Outcome) -> Outcome:
    """Return an outcome as of now."""
    return evolve(outcome, at=now())


def decided(plan: Plan) -> list[Outcome]:
    """Return the outcomes that stand before anything is sent."""
    found = []
    for item in plan.items:
        if item.outcome:
            found.append(item.outcome)
        elif item.intent and item.creative:
            why = "an earlier sending of it could not be settled: " + (
                "see the evidence of run " + item.intent.run
            )
            found.append(
                Outcome(
                    item.path,
                    Status.UNKNOWN_ID,
                    ad_format=item.creative.ad_format,
                    error=why,
                    evidence=item.intent.evidence,
                    size=item.creative.size,
                    sha256=item.creative.sha256,
                    unique_id=item.creative.unique_id,
                    native_pair_id=item.creative.native_pair_id,
                )
            )
    return found


def dry(plan: Plan) -> list[Outcome]:
    """Return the plan as outcomes: what would go up as what, in which batch."""
    batches = {it.path: batch.number for batch in plan.batches for it in batch.creatives}
    outcomes = []
    for item in plan.items:
        if item.outcome:
            outcomes.append(item.outcome)
            continue
        creative = item.creative
        if creative is None:
            continue
        notes = [creative.note] if creative.note else []
        status = Status.DRY_RUN
        if item.intent:
            status = Status.PENDING
            notes.append(
                f"to settle: run {item.intent.run} was interrupted while sending it; "
                "a live run asks the platform first"
            )
        elif item.look_first:
            notes.append("forgotten here: a live run asks the platform first")
        outcomes.append(
            Outcome(
                item.path,
                status,
                ad_format=creative.ad_format,
                error="; ".join(notes) if item.intent else "",
                size=creative.size,
                sha256=creative.sha256,
                unique_id=creative.unique_id,
                native_pair_id=creative.native_pair_id,
                batch=batches.get(item.path),
                note="; ".join(notes),
            )
        )
    return outcomes
