"""What became of a file that was handed over: from the page's word and the list, to an outcome.

Pure: no waiting and no asking happens here, so every case can be laid out and tested.
"""

from __future__ import annotations

from collections.abc import Collection

from attrs import evolve, frozen

from creative_flow.creative import LibraryEntry, Outcome, Status
from creative_flow.platform import PlatformInfo, SendResult, Verdict
from creative_flow.proof import Walk
from creative_flow.uploading.items import outcome_of


@frozen
class Verdicted:
    """An outcome, with the platform's entry that proves its id, if one does."""

    outcome: Outcome
    entry: LibraryEntry | None = None


def judge(
    result: SendResult,
    walk: Walk,
    waited: float,
    info: PlatformInfo,
    *,
    to_end: bool,
    sent: Collection[str] = (),
) -> Verdicted | None:
    """Return what became of a file, or None if it is too early to tell.

    ``waited`` counts seconds since the last byte could have left; ``to_end`` says that the walk
    went on to the list's end for what it did not find, ``sent`` holds the keys of all names that
    were sent together.
    """
    it, key = result.creative, result.creative.key
    new, old = walk.new(key), walk.old(key)
    if len(new) == 1:
        outcome = outcome_of(it, Status.SUCCESS, creative_id=new[0].creative_id)
        if result.verdict is Verdict.REFUSED:
            outcome = evolve(outcome, note=f"there, though the page said: {result.reason}")
        return Verdicted(outcome, new[0])
    if len(new) > 1:
        ids = ", ".join(entry.creative_id for entry in new)
        return Verdicted(
            outcome_of(it, Status.UNKNOWN_ID, f"several new entries bear its name: {ids}")
        )
    if result.verdict is Verdict.REFUSED:
        return Verdicted(outcome_of(it, Status.REJECTED, f"{info.title} says: {result.reason}"))

    accepted = result.verdict is Verdict.ACCEPTED
    if old and waited >= (info.duplicate_seconds if accepted else info.settle_seconds):
        return duplicate(result, old)
    if waited < (info.appear_seconds if accepted else info.settle_seconds) or not to_end:
        return None
    if walk.unproved(key):
        why = "an entry bears its name, but the list's order does not prove that it is new"
        return Verdicted(outcome_of(it, Status.UNKNOWN_ID, why))
    if alike := [entry for entry in walk.alike(key) if entry.key not in sent]:
        why = (
            f"no entry bears its name, but Creative ID {alike[0].creative_id} bears one that may "
            f"be it, changed by the platform: {alike[0].name}"
        )
        return Verdicted(outcome_of(it, Status.UNKNOWN_ID, why))
    if accepted:
        why = f"{info.title} took the file, but no entry of its name came within {waited:.0f} s"
        return Verdicted(outcome_of(it, Status.UNKNOWN_ID, why))
    if walk.lost:
        why = (
            "no entry bears its name, but nothing that stood there before is shown either: "
            "the list may not be the whole one"
        )
        return Verdicted(outcome_of(it, Status.UNKNOWN_ID, why))
    why = f"{result.reason}; {info.title} does not have it, so it can be sent again"
    return Verdicted(outcome_of(it, Status.FAILED, why))


def duplicate(result: SendResult, old: tuple[LibraryEntry, ...]) -> Verdicted:
    """Return the outcome for a name that the platform had already."""
    if len(old) == 1:
        why = f"the platform has this name already: Creative ID {old[0].creative_id}"
        return Verdicted(
            outcome_of(result.creative, Status.DUPLICATE, why, old[0].creative_id), old[0]
        )
    ids = ", ".join(entry.creative_id for entry in old)
    why = f"the platform has this name {len(old)} times: Creative IDs {ids}"
    return Verdicted(outcome_of(result.creative, Status.DUPLICATE, why))
