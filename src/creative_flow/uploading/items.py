"""What a plan is made of: what the user asked for, and what each file comes to."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve, frozen

from creative_flow.creative import Batch, Creative, Outcome, Status
from creative_flow.ledger import Intent


@frozen
class Options:
    """What the user asked for.

    ``retry`` takes up again what was sent earlier and failed; ``limit`` is how many files are sent
    at most. ``skip_similar`` leaves out what looks like something that is up.
    """

    ad_format: str = ""
    force: bool = False
    retry: bool = False
    limit: int | None = None
    skip_similar: bool = False


@frozen
class Item:
    """One file's place in the plan.

    ``outcome`` is final where it is set. Else ``creative`` is to be sent; with ``look_first`` only
    if the platform, asked first, does not have its name; with ``intent`` only once it is settled
    what became of an earlier sending. ``left`` marks what failed in an earlier run and is not taken
    up again.
    """

    path: Path
    creative: Creative | None = None
    outcome: Outcome | None = None
    look_first: bool = False
    intent: Intent | None = None
    left: bool = False


@frozen
class Plan:
    """All files of a run, in order, and the batches in which they are to be sent."""

    items: tuple[Item, ...]
    batches: tuple[Batch, ...]

    @property
    def to_settle(self) -> tuple[Item, ...]:
        """The files of which it is open whether they were sent earlier."""
        return tuple(item for item in self.items if item.intent and not item.outcome)

    @property
    def to_look_up(self) -> tuple[Creative, ...]:
        """The creatives whose names the platform must be asked for first."""
        return tuple(
            item.creative
            for item in self.items
            if item.creative and item.look_first and not item.outcome
        )

    @property
    def files(self) -> int:
        """How many files are to be sent."""
        return sum(len(batch.creatives) for batch in self.batches)

    @property
    def size(self) -> int:
        """How many bytes are to be sent."""
        return sum(batch.size for batch in self.batches)


def ended(item: Item, status: Status, error: str, creative_id: str = "") -> Item:
    """Return a planned file with its outcome."""
    outcome = outcome_of(item.creative, status, error, creative_id) if item.creative else None
    return evolve(item, outcome=outcome)


def with_note(creative: Creative, note: str) -> Creative:
    """Return a creative with one more note."""
    return evolve(creative, note="; ".join(filter(None, (creative.note, note))))


def outcome_of(
    creative: Creative, status: Status, error: str = "", creative_id: str = ""
) -> Outcome:
    """Return a creative's outcome, with all that is known of the creative."""
    return Outcome(
        path=creative.path,
        status=status,
        ad_format=creative.ad_format,
        creative_id=creative_id,
        error=error,
        size=creative.size,
        sha256=creative.sha256,
        unique_id=creative.unique_id,
        native_pair_id=creative.native_pair_id,
        note=creative.note,
    )
