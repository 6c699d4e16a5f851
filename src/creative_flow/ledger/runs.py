"""Runs, batches and uploads in the ledger: intents before, outcomes after."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update

from creative_flow.creative import (
    Batch,
    LibraryEntry,
    Outcome,
    Snapshot,
    Status,
    name_key,
)
from creative_flow.errors import LedgerError
from creative_flow.ledger import owners
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.records import Attempt, Intent, Sending
from creative_flow.ledger.tables import accounts, batches, runs, uploads

_ABSENT = "The platform was asked and does not have it."


def start(
    connection: Connection, platform: str, account: str, *, login: str, campaign: str, total: int
) -> str:
    """Record that a run begins; return its id, which begins with the local time."""
    now = datetime.now(UTC)
    while True:
        run = f"{now.astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        taken = connection.execute(select(runs.c.run).where(runs.c.run == run)).first()
        if taken is None:
            break
    connection.execute(
        insert(runs).values(
            run=run,
            account_id=owners.require(connection, platform, account),
            login=login,
            campaign=campaign,
            total=total,
            started_at=now,
        )
    )
    return run


def finish(connection: Connection, run: str, *, error: str) -> None:
    """Record that a run has ended, and with which error if any."""
    _account_of(connection, run)
    connection.execute(
        update(runs).where(runs.c.run == run).values(finished_at=datetime.now(UTC), error=error)
    )


def record(connection: Connection, run: str, outcomes: Iterable[Outcome]) -> None:
    """Record outcomes of creatives whose fate is not open. See `Ledger.record`."""
    account_id = _account_of(connection, run)
    for chunk in chunked(outcomes):
        latest = _by_path(chunk)
        there = _rows(connection, run, latest)
        new = []
        for path, outcome in latest.items():
            row = there.get(path)
            if row is None:
                new.append(_new_row(outcome, run, account_id))
            elif row.status == Status.PENDING and not row.fate_open:
                # What the intent knew of the file stands where the outcome says nothing of it.
                known = {name: row._mapping[name] for name in _FACTS}
                facts = {name: value or known[name] for name, value in _facts(outcome).items()}
                connection.execute(
                    update(uploads).where(uploads.c.id == row.id).values(_result(outcome) | facts)
                )
        if new:
            connection.execute(insert(uploads), new)


def outcomes(connection: Connection, run: str) -> tuple[Outcome, ...]:
    """Return the outcome of each creative of a run, in the order they were recorded."""
    rows = connection.execute(select(uploads).where(uploads.c.run == run).order_by(uploads.c.id))
    return tuple(outcome_of(row) for row in rows)


def write_intent(
    connection: Connection, run: str, batch: Batch, snapshot: Snapshot, campaign: str
) -> int:
    """Record what is about to be sent; return the batch's id. See `Ledger.write_intent`."""
    account_id = _account_of(connection, run)
    paths = [str(creative.path) for creative in batch.creatives]
    there = _rows(connection, run, paths)
    for earlier in there.values():
        if earlier.fate_open or earlier.status != Status.PENDING:
            raise LedgerError(
                f"{Path(earlier.path).name} already has an outcome in run {run}: "
                f"{'its fate is open' if earlier.fate_open else earlier.status}."
            )
    batch_id: int = connection.execute(
        insert(batches)
        .values(
            run=run,
            number=batch.number,
            ad_format=batch.ad_format,
            campaign=campaign,
            snapshot=_pack(snapshot),
            intended_at=datetime.now(UTC),
        )
        .returning(batches.c.id)
    ).scalar_one()
    for creative in batch.creatives:
        values = {
            "batch_id": batch_id,
            "batch_number": batch.number,
            "ad_format": creative.ad_format,
            "name_key": creative.key,
            "size": creative.size,
            "sha256": creative.sha256,
            "unique_id": creative.unique_id,
            "native_pair_id": creative.native_pair_id,
            "note": creative.note,
            "status": Status.PENDING.value,
            "error": "",
            "fate_open": True,
        }
        row = there.get(str(creative.path))
        if row is None:
            names = {"account_id": account_id, "run": run, "path": str(creative.path)}
            connection.execute(insert(uploads).values(values | names))
        else:
            connection.execute(update(uploads).where(uploads.c.id == row.id).values(values))
    return batch_id


def mark_sending(connection: Connection, batch_id: int) -> None:
    """Record that bytes of a batch may leave from now on."""
    changed = connection.execute(
        update(batches)
        .where(batches.c.id == batch_id, batches.c.closed_at.is_(None))
        .values(sending_began_at=datetime.now(UTC))
    )
    if changed.rowcount != 1:
        raise LedgerError(f"Batch {batch_id} is closed: nothing of it may be sent.")


def finish_batch(connection: Connection, batch_id: int, results: Iterable[Outcome]) -> None:
    """Record the outcomes of a batch and close it."""
    rows = connection.execute(select(uploads).where(uploads.c.batch_id == batch_id)).all()
    there = {row.path: row for row in rows}
    for outcome in results:
        row = there.get(str(outcome.path))
        if row is None:
            raise LedgerError(f"{outcome.name} is no creative of batch {batch_id}.")
        _conclude(connection, row.id, outcome)
    _close(connection, batch_id)


def abandon_batch(connection: Connection, batch_id: int) -> None:
    """Close a batch of which nothing was sent. See `Ledger.abandon_batch`."""
    began = connection.execute(
        select(batches.c.sending_began_at).where(batches.c.id == batch_id)
    ).scalar_one_or_none()
    if began is not None:
        return
    connection.execute(
        update(uploads)
        .where(uploads.c.batch_id == batch_id, uploads.c.status == Status.PENDING.value)
        .values(fate_open=False)
    )
    _close(connection, batch_id)


def sendings(
    connection: Connection, platform: str, account: str, *, most: int
) -> tuple[Sending, ...]:
    """Return when the newest batches were sent. See `Ledger.sendings`."""
    rows = connection.execute(
        select(batches.c.sending_began_at, batches.c.closed_at)
        .join(runs, runs.c.run == batches.c.run)
        .join(accounts, accounts.c.id == runs.c.account_id)
        .where(
            accounts.c.platform == platform,
            accounts.c.account == account,
            batches.c.sending_began_at.is_not(None),
        )
        .order_by(batches.c.id.desc())
        .limit(most)
    )
    return tuple(sorted((Sending(*row) for row in rows), key=lambda it: it.began_at))


def open_intents(connection: Connection, platform: str, account: str) -> tuple[Intent, ...]:
    """Return the creatives whose fate is open, oldest first."""
    rows = connection.execute(
        select(uploads, batches.c.campaign, batches.c.sending_began_at, batches.c.snapshot)
        .join(batches, batches.c.id == uploads.c.batch_id)
        .join(accounts, accounts.c.id == uploads.c.account_id)
        .where(
            and_(accounts.c.platform == platform, accounts.c.account == account),
            uploads.c.fate_open.is_(True),
        )
        .order_by(uploads.c.batch_id, uploads.c.id)
    )
    snapshots: dict[int, Snapshot] = {}
    intents = []
    for row in rows:
        if row.batch_id not in snapshots:
            snapshots[row.batch_id] = _unpack(row.snapshot)
        intents.append(
            Intent(
                upload_id=row.id,
                run=row.run,
                batch_id=row.batch_id,
                platform=platform,
                account=account,
                ad_format=row.ad_format,
                path=Path(row.path),
                key=row.name_key,
                sha256=row.sha256,
                size=row.size,
                unique_id=row.unique_id,
                native_pair_id=row.native_pair_id,
                campaign=row.campaign,
                sending_began_at=row.sending_began_at,
                snapshot=snapshots[row.batch_id],
                status=Status(row.status),
                error=row.error,
                evidence=tuple(row.evidence),
            )
        )
    return tuple(intents)


def open_evidence(connection: Connection) -> frozenset[str]:
    """Return the evidence of every creative, of any account, whose fate is open."""
    rows = connection.execute(
        select(uploads.c.evidence).where(
            # Named by account, the open ones are found by index.
            uploads.c.account_id.in_(select(accounts.c.id)),
            uploads.c.fate_open.is_(True),
        )
    )
    return frozenset(name for row in rows for name in row.evidence)


def last_attempts(
    connection: Connection, platform: str, account: str, ad_format: str, keys: Collection[str]
) -> dict[str, Attempt]:
    """Return the newest attempt to send each name. See `Ledger.last_attempts`."""
    newest: dict[str, Attempt] = {}
    for chunk in chunked(keys):
        rows = connection.execute(
            select(uploads)
            .join(accounts, accounts.c.id == uploads.c.account_id)
            .where(
                accounts.c.platform == platform,
                accounts.c.account == account,
                uploads.c.ad_format == ad_format,
                uploads.c.name_key.in_(chunk),
                uploads.c.batch_id.is_not(None),
            )
            .order_by(uploads.c.id)
        )
        for row in rows:
            newest[row.name_key] = Attempt(
                row.run, Status(row.status), row.error, row.sha256, tuple(row.evidence)
            )
    return newest


def settle(
    connection: Connection, intent: Intent, outcome: Outcome | None, *, why: str = ""
) -> None:
    """Record what became of an open intent. See `Ledger.settle`."""
    if outcome is not None:
        _conclude(connection, intent.upload_id, outcome)
        return
    _close_fate(
        connection,
        intent.upload_id,
        {
            "status": Status.PENDING.value,
            "error": why or (_ABSENT if intent.sending_began_at else ""),
            "fate_open": False,
        },
    )


def account_of_batch(connection: Connection, batch_id: int) -> tuple[str, str]:
    """Return the platform and the account that a batch belongs to."""
    row = connection.execute(
        select(accounts.c.platform, accounts.c.account)
        .join(runs, runs.c.account_id == accounts.c.id)
        .join(batches, batches.c.run == runs.c.run)
        .where(batches.c.id == batch_id)
    ).one_or_none()
    if row is None:
        raise LedgerError(f"There is no batch {batch_id}.")
    return row.platform, row.account


def _account_of(connection: Connection, run: str) -> int:
    account_id: int | None = connection.execute(
        select(runs.c.account_id).where(runs.c.run == run)
    ).scalar_one_or_none()
    if account_id is None:
        raise LedgerError(f"There is no run {run!r}.")
    return account_id


def _close(connection: Connection, batch_id: int) -> None:
    connection.execute(
        update(batches).where(batches.c.id == batch_id).values(closed_at=datetime.now(UTC))
    )


def _rows(connection: Connection, run: str, paths: Iterable[str]) -> dict[str, Row[Any]]:
    found = {}
    for chunk in chunked(paths):
        query = select(uploads).where(uploads.c.run == run, uploads.c.path.in_(chunk))
        found.update({row.path: row for row in connection.execute(query)})
    return found


def _by_path(outcomes: Iterable[Outcome]) -> dict[str, Outcome]:
    latest: dict[str, Outcome] = {}
    for outcome in outcomes:
        first = latest.get(str(outcome.path))
        if first is None or first.status is Status.PENDING:
            latest[str(outcome.path)] = outcome
    return latest


_FACTS = ("size", "sha256", "unique_id", "native_pair_id", "batch_number", "ad_format")


def _facts(outcome: Outcome) -> dict[str, Any]:
    """Return what an outcome says of the file rather than of its fate."""
    return {
        "size": outcome.size,
        "sha256": outcome.sha256,
        "unique_id": outcome.unique_id,
        "native_pair_id": outcome.native_pair_id,
        "batch_number": outcome.batch,
        "ad_format": outcome.ad_format,
    }


def _result(outcome: Outcome) -> dict[str, Any]:
    return {
        "status": outcome.status.value,
        "creative_id": outcome.creative_id,
        "error": outcome.error,
        "evidence": list(outcome.evidence),
        "retries": outcome.retries,
        "note": outcome.note,
        "at": outcome.at or datetime.now(UTC),
    }


def _new_row(outcome: Outcome, run: str, account_id: int) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "run": run,
        "path": str(outcome.path),
        "name_key": name_key(outcome.path.stem),
        **_facts(outcome),
        **_result(outcome),
    }


def _conclude(connection: Connection, upload_id: int, outcome: Outcome) -> None:
    """Give a creative its outcome. Its fate stays open while it could not be told."""
    undecided = outcome.status in {Status.UNKNOWN_ID, Status.PENDING}
    _close_fate(connection, upload_id, _result(outcome) | {"fate_open": undecided})


def _close_fate(connection: Connection, upload_id: int, values: dict[str, Any]) -> None:
    """Set what became of a creative, unless that is known: nobody's word undoes another's."""
    changed = connection.execute(
        update(uploads)
        .where(uploads.c.id == upload_id, uploads.c.fate_open.is_(True))
        .values(values)
    )
    if changed.rowcount != 1:
        raise LedgerError(f"Upload {upload_id} has its outcome already.")


def outcome_of(row: Row[Any]) -> Outcome:
    """Return a row of uploads as an outcome."""
    return Outcome(
        path=Path(row.path),
        status=Status(row.status),
        ad_format=row.ad_format,
        creative_id=row.creative_id,
        error=row.error,
        evidence=tuple(row.evidence),
        retries=row.retries,
        size=row.size,
        sha256=row.sha256,
        unique_id=row.unique_id,
        native_pair_id=row.native_pair_id,
        batch=row.batch_number,
        at=row.at,
        note=row.note,
    )


def _pack(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "ad_format": snapshot.ad_format,
        "complete": snapshot.complete,
        "taken_at": snapshot.taken_at.astimezone(UTC).isoformat(),
        "entries": [
            [e.ad_format, e.creative_id, e.name, e.review_status, e.dimensions, e.file_type]
            for e in snapshot.entries
        ],
    }


def _unpack(packed: dict[str, Any]) -> Snapshot:
    return Snapshot(
        ad_format=packed["ad_format"],
        entries=tuple(LibraryEntry(*fields) for fields in packed["entries"]),
        complete=packed["complete"],
        taken_at=datetime.fromisoformat(packed["taken_at"]),
    )
