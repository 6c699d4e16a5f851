"""What runs brought up: creatives with the Creative IDs they got. Nothing is changed here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, Row, and_, func, or_, select

from creative_flow.creative import Status
from creative_flow.ledger import owners
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.database import Connected
from creative_flow.ledger.records import Origin
from creative_flow.ledger.tables import accounts, library, runs, uploads

_UP = (Status.SUCCESS.value, Status.DUPLICATE.value)


@frozen
class LiveRun:
    """A live run. ``finished_at`` is None where it goes on, or ended without a word (a kill)."""

    run: str
    platform: str
    account: str
    started_at: datetime
    finished_at: datetime | None


@frozen
class Brought:
    """One creative that a run has a Creative ID for.

    ``origin`` is on whose word the account has that id (None: it has not), ``stands`` is False
    where it was forgotten or removed since. ``at`` is when the outcome was known, in UTC;
    ``position`` grows with every upload.
    """

    run: str
    path: Path
    ad_format: str
    status: Status
    creative_id: str
    unique_id: str
    native_pair_id: str
    origin: Origin | None
    stands: bool
    review_status: str
    at: datetime
    position: int


class BroughtUp:
    """Looks back at what is up, and which run brought it."""

    def __init__(self, reading: Connected) -> None:
        self._reading = reading

    def runs(self, name: str) -> tuple[LiveRun, ...]:
        """Return the runs of that id, or whose id ends so (``ab12``, in any case)."""
        plain = name.strip().casefold()
        whole = runs.c.run == plain
        tail = runs.c.run.endswith(f"-{plain}", autoescape=True)
        with self._reading() as connection:
            return tuple(_live_runs(connection, or_(whole, tail)))

    def last(self) -> LiveRun | None:
        """Return the newest run that brought something up, of any account."""
        brought = (
            select(uploads.c.id)
            .where(uploads.c.run == runs.c.run, uploads.c.status.in_(_UP))
            .where(uploads.c.creative_id != "")
        )
        with self._reading() as connection:
            return next(_live_runs(connection, brought.exists(), newest=1), None)

    def by_run(self, run: LiveRun) -> tuple[Brought, ...]:
        """Return what a run brought up, each creative once, in the order of their uploads.

        That is what it sent, what it settled of earlier runs, and what those runs of the account
        had sent that were killed since the last one that came to its end: nobody else tells of it.
        """
        with self._reading() as connection:
            account_id, killed = _before(connection, run)
            names = [run.run, *(each.run for each in killed)]
            since = min([run.started_at, *(each.started_at for each in killed)])
            found = list(_brought(connection, uploads.c.run.in_(names)))
            settled = and_(
                uploads.c.account_id == account_id,
                uploads.c.batch_id.is_not(None),
                uploads.c.at >= since,
                uploads.c.at <= (run.finished_at or datetime.now(UTC)),
                uploads.c.run.not_in(names),
            )
            found += _brought(connection, settled)
        newest: dict[tuple[str, str], Brought] = {}
        for it in sorted(found, key=lambda it: it.position):
            if it.status is not Status.SKIPPED:
                newest.pop((it.ad_format, it.creative_id), None)
                newest[it.ad_format, it.creative_id] = it
        return tuple(newest.values())

    def by_unique_id(
        self, platform: str, account: str, unique_ids: Collection[str]
    ) -> dict[str, tuple[Brought, ...]]:
        """Return the rows with a Creative ID of each unique id, oldest first, skipped ones too."""
        found: defaultdict[str, list[Brought]] = defaultdict(list)
        with self._reading() as connection:
            account_id = owners.find(connection, platform, account)
            for chunk in chunked(unique_ids):
                wanted = and_(uploads.c.unique_id.in_(chunk), uploads.c.account_id == account_id)
                for it in _brought(connection, wanted):
                    found[it.unique_id].append(it)
        return {
            unique_id: tuple(sorted(rows, key=lambda it: it.position))
            for unique_id, rows in found.items()
        }


def _live_runs(connection: Connection, wanted: Any, newest: int | None = None) -> Iterator[LiveRun]:  # noqa: ANN401 - SQLAlchemy's generic condition
    rows = connection.execute(
        select(runs, accounts.c.platform, accounts.c.account)
        .join(accounts, accounts.c.id == runs.c.account_id)
        .where(wanted)
        .order_by(runs.c.started_at.desc(), runs.c.run.desc())
        .limit(newest)
    )
    for row in rows:
        yield LiveRun(row.run, row.platform, row.account, row.started_at, row.finished_at)


def _before(connection: Connection, run: LiveRun) -> tuple[int | None, list[LiveRun]]:
    """Return the run's account, and the killed runs since the last one that came to its end."""
    account_id = owners.find(connection, run.platform, run.account)
    earlier = and_(runs.c.account_id == account_id, runs.c.started_at < run.started_at)
    ended = connection.execute(
        select(func.max(runs.c.started_at)).where(earlier, runs.c.finished_at.is_not(None))
    ).scalar_one_or_none()
    killed = and_(earlier, runs.c.finished_at.is_(None))
    if ended is not None:
        killed = and_(killed, runs.c.started_at > ended)
    return account_id, list(_live_runs(connection, killed))


def _brought(connection: Connection, wanted: Any) -> Iterable[Brought]:  # noqa: ANN401 - as above
    query = (
        select(uploads, library.c.origin, library.c.forgotten, library.c.review_status)
        .outerjoin(
            library,
            and_(
                library.c.account_id == uploads.c.account_id,
                library.c.creative_id == uploads.c.creative_id,
                library.c.ad_format == uploads.c.ad_format,
            ),
        )
        .where(wanted, uploads.c.creative_id != "")
        .where(uploads.c.status.in_([*_UP, Status.SKIPPED.value]))
    )
    return [_row(row) for row in connection.execute(query)]


def _row(row: Row[Any]) -> Brought:
    return Brought(
        run=row.run,
        path=Path(row.path),
        ad_format=row.ad_format,
        status=Status(row.status),
        creative_id=row.creative_id,
        unique_id=row.unique_id,
        native_pair_id=row.native_pair_id,
        origin=None if row.origin is None else Origin(row.origin),
        stands=row.origin is not None and not row.forgotten and row.review_status != "removed",
        review_status=row.review_status or "",
        at=row.at or datetime.min.replace(tzinfo=UTC),
        position=row.id,
    )
