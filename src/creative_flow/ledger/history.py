"""Looks back at runs, for lists, reports and totals. Nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, Text, func, select, type_coerce

from creative_flow.creative import Status
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.database import Connected
from creative_flow.ledger.past import PastBatch, PastOutcome, PastRun, RunTotals, Tally
from creative_flow.ledger.runs import outcome_of
from creative_flow.ledger.tables import accounts, batches, runs, uploads

_MINUTE = len("2026-03-14T12:00")
_PAGE = 2_000


class History:
    """Looks back at runs of uploads, and at what they came to, of all accounts."""

    def __init__(self, reading: Connected) -> None:
        self._reading = reading

    def past_runs(self, *, prefix: str = "", limit: int | None = None) -> tuple[PastRun, ...]:
        """Return the runs whose id begins with ``prefix``, the newest first, ``limit`` at most."""
        with self._reading() as connection:
            query: Select[Any] = select(runs, accounts.c.platform, accounts.c.account).join(
                accounts, accounts.c.id == runs.c.account_id
            )
            if prefix:
                query = query.where(runs.c.run.startswith(prefix, autoescape=True))
            query = query.order_by(runs.c.started_at.desc(), runs.c.run.desc()).limit(limit)
            rows = connection.execute(query).all()
            counts: dict[str, dict[Status, int]] = defaultdict(dict)
            sizes: dict[str, dict[Status, int]] = defaultdict(dict)
            for chunk in chunked(row.run for row in rows):
                found = connection.execute(
                    select(uploads.c.run, uploads.c.status, func.count(), func.sum(uploads.c.size))
                    .where(uploads.c.run.in_(chunk))
                    .group_by(uploads.c.run, uploads.c.status)
                )
                for run, status, number, size in found:
                    counts[run][Status(status)] = number
                    sizes[run][Status(status)] = int(size)
            return tuple(
                PastRun(
                    run=row.run,
                    platform=row.platform,
                    account=row.account,
                    login=row.login,
                    campaign=row.campaign,
                    total=row.total,
                    started_at=row.started_at,
                    finished_at=row.finished_at,
                    error=row.error,
                    counts=counts[row.run],
                    sizes=sizes[row.run],
                )
                for row in rows
            )

    def past_batches(self, run: str) -> tuple[PastBatch, ...]:
        """Return the batches of a run in the order in which they were intended."""
        with self._reading() as connection:
            return tuple(_batches(connection, run).values())

    def past_outcomes(self, run: str) -> Iterator[PastOutcome]:
        """Yield each creative's outcome in a run with its batch, in the order of recording.

        They are read page by page: memory does not grow with the run.
        """
        with self._reading() as connection:
            known = _batches(connection, run)
        last = 0
        while True:
            with self._reading() as connection:
                page = connection.execute(
                    select(uploads)
                    .where(uploads.c.run == run, uploads.c.id > last)
                    .order_by(uploads.c.id)
                    .limit(_PAGE)
                ).all()
            for row in page:
                yield PastOutcome(outcome_of(row), known.get(row.batch_id))
            if len(page) < _PAGE:
                return
            last = page[-1].id

    def halves_up(
        self, platform: str, account: str, pairs: Collection[str]
    ) -> dict[str, frozenset[str]]:
        """Return the unique ids of those halves of native pairs that have a Creative ID, by pair.

        Uploads of all runs count. A pair without any is left out.
        """
        with self._reading() as connection:
            found: dict[str, set[str]] = defaultdict(set)
            for chunk in chunked(pairs):
                rows = connection.execute(
                    select(uploads.c.native_pair_id, uploads.c.unique_id)
                    .distinct()
                    .join(accounts, accounts.c.id == uploads.c.account_id)
                    .where(
                        accounts.c.platform == platform,
                        accounts.c.account == account,
                        uploads.c.native_pair_id.in_(chunk),
                        uploads.c.creative_id != "",
                    )
                )
                for pair, half in rows:
                    found[pair].add(half)
            return {pair: frozenset(halves) for pair, halves in found.items()}

    def tallies(self) -> Iterator[Tally]:
        """Yield how many outcomes there were, of all accounts, by minute and status.

        The oldest come first. The database counts: memory does not grow with the ledger.
        """
        with self._reading() as connection:
            minute = func.substr(type_coerce(uploads.c.at, Text), 1, _MINUTE).label("minute")
            rows = connection.execute(
                select(minute, uploads.c.status, func.count(), func.sum(uploads.c.size))
                .where(uploads.c.at.is_not(None))
                .group_by(minute, uploads.c.status)
                .order_by(minute, uploads.c.status),
                execution_options={"yield_per": 1000},
            )
            for when, status, number, size in rows:
                at = datetime.fromisoformat(when).replace(tzinfo=UTC)
                yield Tally(at, Status(status), number, int(size))

    def failures(self) -> Iterator[tuple[Status, str, int]]:
        """Yield (status, error, number) of all outcomes that somebody has to do something about."""
        with self._reading() as connection:
            well = [
                status.value
                for status in Status
                if status.is_well and status is not Status.DUPLICATE
            ]
            rows = connection.execute(
                select(uploads.c.status, uploads.c.error, func.count())
                .where(
                    uploads.c.status.not_in(well),
                    (uploads.c.status != Status.DUPLICATE.value) | (uploads.c.creative_id == ""),
                )
                .group_by(uploads.c.status, uploads.c.error),
                execution_options={"yield_per": 1000},
            )
            for status, error, number in rows:
                yield Status(status), error, number

    def run_totals(self) -> RunTotals:
        """Return how many runs there were, of all accounts, and how long they took."""
        with self._reading() as connection:
            number, seconds = 0, 0.0
            rows = connection.execute(
                select(runs.c.started_at, runs.c.finished_at), execution_options={"yield_per": 1000}
            )
            for started_at, finished_at in rows:
                number += 1
                if finished_at is not None:
                    seconds += max(0.0, (finished_at - started_at).total_seconds())
            return RunTotals(number, seconds)


def _batches(connection: Connection, run: str) -> dict[int, PastBatch]:
    """Return the batches of a run by their row ids, in the order in which they were intended."""
    rows = connection.execute(
        select(
            batches.c.id,
            batches.c.number,
            batches.c.ad_format,
            batches.c.intended_at,
            batches.c.sending_began_at,
            batches.c.closed_at,
            func.count(uploads.c.id),
            func.coalesce(func.sum(uploads.c.size), 0),
        )
        .outerjoin(uploads, uploads.c.batch_id == batches.c.id)
        .where(batches.c.run == run)
        .group_by(batches.c.id)
        .order_by(batches.c.id)
    )
    return {
        row_id: PastBatch(number, ad_format, intended, began, closed, files, int(size))
        for row_id, number, ad_format, intended, began, closed, files, size in rows
    }
