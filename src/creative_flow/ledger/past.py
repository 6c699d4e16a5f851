"""What the ledger tells of runs that were: for lists, reports and totals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import Factory, frozen

from creative_flow.creative import Outcome, Status


@frozen
class PastRun:
    """One live run; a dry run leaves nothing in the ledger.

    ``total`` counts the creatives it was given, ``counts`` its outcomes by status, ``sizes`` their
    bytes. ``finished_at`` is None for a run that goes on, or was killed. ``error`` says what
    stopped it. Times are aware, in UTC.
    """

    run: str
    platform: str
    account: str
    login: str
    campaign: str
    total: int
    started_at: datetime
    finished_at: datetime | None
    error: str
    counts: Mapping[Status, int] = Factory(dict)
    sizes: Mapping[Status, int] = Factory(dict)

    @property
    def seconds(self) -> float | None:
        """How long it took, or None if its end is not recorded."""
        if self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


@frozen
class PastBatch:
    """One batch of a run: when it was intended, its sending began, and it was closed.

    ``files`` and ``size`` (bytes) count the creatives that were in it last. Times are aware, in
    UTC; None says that it did not come to that.
    """

    number: int
    ad_format: str
    intended_at: datetime
    sending_began_at: datetime | None
    closed_at: datetime | None
    files: int
    size: int


@frozen
class PastOutcome:
    """One creative's outcome, and the batch it was in last, None if it never was in one."""

    outcome: Outcome
    batch: PastBatch | None


@frozen
class Tally:
    """How many outcomes of one status were known in one minute (in UTC), and their bytes."""

    minute: datetime
    status: Status
    number: int
    size: int


@frozen
class RunTotals:
    """How many runs there were, and how long those took together whose end is known."""

    runs: int
    seconds: float
