"""What all runs amount to: counted by the database, in memory only by day and by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from attrs import frozen

from creative_flow.creative import Status
from creative_flow.report.advice import advice
from creative_flow.report.text import reason_shape

if TYPE_CHECKING:
    from creative_flow.ledger import Ledger

TRIED = (
    Status.SUCCESS,
    Status.DUPLICATE,
    Status.REJECTED,
    Status.FAILED,
    Status.UNKNOWN_ID,
    Status.FILE_NOT_FOUND,
)
"""The statuses of creatives that a run tried to bring up; the others were left for another time."""

_DAYS, _WEEKS = 62, 2 * 366
"""Up to so many days there is a column per day; then per week; then per month."""


@frozen
class Reason:
    """Why creatives did not make it.

    ``error`` is one of theirs; the others' differ at most in numbers and quoted words.
    """

    status: Status
    error: str
    advice: str
    number: int


@frozen
class Totals:
    """All live runs of all accounts in the ledger. ``days`` are local days that had outcomes."""

    runs: int
    run_seconds: float
    days: Mapping[date, Mapping[Status, int]]
    counts: Mapping[Status, int]
    sizes: Mapping[Status, int]
    reasons: tuple[Reason, ...]

    @property
    def tried(self) -> int:
        """How many outcomes there are of creatives that were to come up."""
        return sum(self.counts.get(status, 0) for status in TRIED)


def gather_totals(ledger: Ledger, *, redact: Callable[[str], str]) -> Totals:
    """Return what the ledger's runs amount to. Nothing in it holds a secret.

    Raises `LedgerError`.
    """
    days: dict[date, Counter[Status]] = {}
    counts: Counter[Status] = Counter()
    sizes: Counter[Status] = Counter()
    history = ledger.history()
    for tally in history.tallies():
        day = tally.minute.astimezone().date()
        days.setdefault(day, Counter())[tally.status] += tally.number
        counts[tally.status] += tally.number
        sizes[tally.status] += tally.size
    numbers: Counter[tuple[Status, str]] = Counter()
    errors: dict[tuple[Status, str], str] = {}
    for status, error, number in history.failures():
        key = (status, reason_shape(error))
        numbers[key] += number
        errors.setdefault(key, error)
    runs = history.run_totals()
    return Totals(
        runs=runs.runs,
        run_seconds=runs.seconds,
        days=dict(sorted(days.items())),
        counts=counts,
        sizes=sizes,
        reasons=tuple(
            Reason(key[0], redact(errors[key]), advice(key[0], errors[key]), number)
            for key, number in numbers.most_common()
        ),
    )


def periods(
    days: Mapping[date, Mapping[Status, int]],
) -> tuple[str, list[tuple[date, Counter[Status]]]]:
    """Return "day", "week" or "month", and the counts of each from the first to the last.

    Periods without outcomes are among them, so that a gap shows as one.
    """
    if not days:
        return "day", []
    first, last = min(days), max(days)
    span = (last - first).days + 1
    name = "day" if span <= _DAYS else "week" if span <= _WEEKS else "month"
    found: dict[date, Counter[Status]] = {}
    day = first
    while day <= last:
        found.setdefault(_begin(day, name), Counter()).update(days.get(day, {}))
        day += timedelta(days=1)
    return name, list(found.items())


def _begin(day: date, period: str) -> date:
    if period == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if period == "week" else day
