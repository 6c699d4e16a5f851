"""What was processed: one row per file that `process` makes, and what became of it on platforms.

A row is planned before its file is made and ready once the file stands; what a crash left planned
is found by `Inventory.unready`. Upload facts are not kept here: they are read from the outcomes, so
that both are one record.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import fields_dict
from sqlalchemy import Connection, Row, bindparam, case, func, insert, select, update

from creative_flow.creative import Status
from creative_flow.errors import LedgerError
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.database import Opened
from creative_flow.ledger.records import Part, Prepared, UploadFact
from creative_flow.ledger.tables import accounts, batches, inventory, runs, uploads

_PAGE = 1_000
_PREPARED = [inventory.c["id" if name == "position" else name] for name in fields_dict(Prepared)]
"""The columns that a `Prepared` is made of, in its order."""


class Inventory:
    """The inventory of one workspace. ``place`` tells workspaces apart that share a ledger."""

    def __init__(self, reading: Opened, writing: Opened, place: str) -> None:
        self._reading = reading
        self._writing = writing
        self._place = place

    def new_ids(self, count: int, *, avoid: Collection[str] = ()) -> list[str]:
        """Return so many ids, ``ID-`` and 8 hex digits, that are neither here nor in ``avoid``."""
        found: dict[str, None] = {}
        while len(found) < count:
            drawn = {f"ID-{secrets.token_hex(4).upper()}" for _ in range(count - len(found))}
            found.update(dict.fromkeys(sorted(drawn - set(avoid) - self.known_ids(drawn))))
        return list(found)

    def known_ids(self, ids: Collection[str]) -> set[str]:
        """Return which of these ids a processed or an uploaded file has had."""
        known: set[str] = set()
        with self._reading() as connection:
            for chunk in chunked(ids):
                for column in (inventory.c.unique_id, uploads.c.unique_id):
                    known.update(
                        connection.execute(select(column).where(column.in_(chunk))).scalars()
                    )
        return known

    def by_source(self, hashes: Collection[str]) -> dict[str, tuple[Prepared, ...]]:
        """Return what was made of sources, by their SHA-256; what has none is left out."""
        found: dict[str, tuple[Prepared, ...]] = {}
        with self._reading() as connection:
            for chunk in chunked(hashes):
                query = self._mine().where(inventory.c.source_sha256.in_(chunk))
                for row in connection.execute(query):
                    found[row.source_sha256] = (*found.get(row.source_sha256, ()), _prepared(row))
        return found

    def by_unique_id(self, ids: Collection[str]) -> dict[str, Prepared]:
        """Return rows by their ids."""
        found: dict[str, Prepared] = {}
        with self._reading() as connection:
            for chunk in chunked(ids):
                query = self._mine().where(inventory.c.unique_id.in_(chunk))
                found.update((row.unique_id, _prepared(row)) for row in connection.execute(query))
        return found

    def pairs(self, pair_ids: Collection[str]) -> dict[str, tuple[Prepared, ...]]:
        """Return all rows of native pairs, their originals included, by the pair's id."""
        found: dict[str, tuple[Prepared, ...]] = {}
        with self._reading() as connection:
            for chunk in chunked(pair_ids):
                query = self._mine().where(inventory.c.native_pair_id.in_(chunk))
                for row in connection.execute(query):
                    found[row.native_pair_id] = (*found.get(row.native_pair_id, ()), _prepared(row))
        return found

    def unready(self) -> tuple[Prepared, ...]:
        """Return the rows whose files an interrupted run was making."""
        with self._reading() as connection:
            query = self._mine().where(inventory.c.ready.is_(False))
            return tuple(_prepared(row) for row in connection.execute(query))

    def unmoved(self) -> tuple[Prepared, ...]:
        """Return the ready rows whose source has not been moved away yet."""
        with self._reading() as connection:
            query = self._mine().where(inventory.c.ready.is_(True), inventory.c.archived == "")
            return tuple(_prepared(row) for row in connection.execute(query))

    def last_session(self) -> str:
        """Return the session of the newest row that a session made, empty if there is none."""
        with self._reading() as connection:
            query = self._mine().with_only_columns(inventory.c.session, maintain_column_froms=True)
            query = query.where(inventory.c.session != "").order_by(None)
            return connection.execute(query.order_by(inventory.c.id.desc()).limit(1)).scalar() or ""

    def is_empty(self) -> bool:
        """Say whether there is no ready row."""
        with self._reading() as connection:
            query = self._mine().with_only_columns(inventory.c.id).order_by(None)
            query = query.where(inventory.c.ready.is_(True)).limit(1)
            return connection.execute(query).first() is None

    def rows(self, *, session: str = "") -> Iterator[Prepared]:
        """Yield the ready rows in order, of one session or of all, page by page."""
        after = 0
        while True:
            query = self._mine().where(inventory.c.ready.is_(True), inventory.c.id > after)
            if session:
                query = query.where(inventory.c.session == session)
            with self._reading() as connection:
                page = [_prepared(row) for row in connection.execute(query.limit(_PAGE))]
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].position

    def plan(self, rows: Iterable[Prepared]) -> None:
        """Record what is about to be made. A row that is there already is planned anew.

        Raises `LedgerError` for an id that another workspace's row has.
        """
        with self._writing() as connection:
            for chunk in chunked(rows):
                ids = [row.unique_id for row in chunk]
                query = select(inventory.c.unique_id, inventory.c.place).where(
                    inventory.c.unique_id.in_(ids)
                )
                there = {row.unique_id: row.place for row in connection.execute(query)}
                for unique_id, place in there.items():
                    if place != self._place:
                        raise LedgerError(f"{unique_id} was given to another creative.")
                known = [row for row in chunk if row.unique_id in there]
                self._change(connection, {row.unique_id: _values(row) for row in known})
                new = [
                    {**_values(row), "place": self._place, "extra": dict(row.extra), "revision": 0}
                    for row in chunk
                    if row.unique_id not in there
                ]
                if new:
                    connection.execute(insert(inventory), new)

    def finish(self, rows: Iterable[Prepared]) -> None:
        """Record that files stand: path, content, facts and notes as these rows have them.

        All else stays as it was planned.
        """
        with self._writing() as connection:
            self._change(connection, {row.unique_id: _made(row) for row in rows})

    def moved(self, places: Mapping[str, str]) -> None:
        """Record where sources were moved to, by unique id."""
        with self._writing() as connection:
            self._change(connection, {key: {"archived": place} for key, place in places.items()})

    def annotate(self, notes: Mapping[str, str], extras: Mapping[str, Mapping[str, str]]) -> None:
        """Take over a user's notes and columns of their own, by unique id."""
        with self._writing() as connection:
            self._change(connection, {key: {"notes": text} for key, text in notes.items()})
            self._change(connection, {key: {"extra": dict(it)} for key, it in extras.items()})

    def uploads(self, ids: Collection[str]) -> dict[str, tuple[UploadFact, ...]]:
        """Return what became of files on platforms, by unique id, oldest first.

        Of each platform and account one fact: what gave a Creative ID counts more than what did
        not, and the newer more than the older.
        """
        found: dict[str, tuple[UploadFact, ...]] = {}
        with self._reading() as connection:
            for chunk in chunked(ids):
                for unique_id, fact in _facts_of(connection, chunk):
                    found[unique_id] = (*found.get(unique_id, ()), fact)
        return found

    def _mine(self) -> Any:  # noqa: ANN401 - SQLAlchemy's generic select
        return select(*_PREPARED).where(inventory.c.place == self._place).order_by(inventory.c.id)

    def _change(self, connection: Connection, changes: Mapping[str, Mapping[str, Any]]) -> None:
        """Change rows, given by unique id, the same columns in each."""
        if not changes:
            return
        columns = next(iter(changes.values()))
        statement = (
            update(inventory)
            .where(inventory.c.place == self._place, inventory.c.unique_id == bindparam("which"))
            .values(
                {name: bindparam(f"new_{name}") for name in columns if name != "unique_id"}
                | {"revision": inventory.c.revision + 1}
            )
        )
        rows = [
            {"which": unique_id} | {f"new_{name}": value for name, value in values.items()}
            for unique_id, values in changes.items()
        ]
        for row in rows:
            row.pop("new_unique_id", None)
        connection.execute(statement, rows)


def _facts_of(connection: Connection, ids: Sequence[str]) -> Iterator[tuple[str, UploadFact]]:
    # Repeated runs add a row each; the newest of each kind is enough, and found by index.
    newest = (
        select(func.max(uploads.c.id))
        .where(uploads.c.unique_id.in_(ids))
        .group_by(
            uploads.c.unique_id,
            uploads.c.account_id,
            case((uploads.c.status == Status.SKIPPED.value, 0), else_=1),
            case((uploads.c.creative_id == "", 0), else_=1),
        )
    )
    rows = connection.execute(
        select(
            uploads,
            accounts.c.platform,
            accounts.c.account,
            func.coalesce(batches.c.campaign, runs.c.campaign).label("campaign"),
        )
        .join(accounts, accounts.c.id == uploads.c.account_id)
        .join(runs, runs.c.run == uploads.c.run)
        .outerjoin(batches, batches.c.id == uploads.c.batch_id)
        .where(uploads.c.id.in_(newest))
        .order_by(uploads.c.id)
    )
    best: dict[tuple[str, str, str], tuple[tuple[bool, bool, int], UploadFact]] = {}
    for row in rows:
        fact = UploadFact(
            row.platform, row.account, Status(row.status), row.creative_id, row.at, row.campaign
        )
        rank = (bool(fact.creative_id), fact.status is not Status.SKIPPED, row.id)
        key = (row.unique_id, row.platform, row.account)
        if key not in best or rank > best[key][0]:
            best[key] = (rank, fact)
    for (unique_id, _, _), (_, fact) in sorted(best.items(), key=lambda item: item[1][0][2]):
        yield unique_id, fact


def _made(row: Prepared) -> dict[str, Any]:
    return {
        "path": row.path,
        "sha256": row.sha256,
        "size": row.size,
        "facts": dict(row.facts),
        "notes": row.notes,
        "ready": True,
    }


def _values(row: Prepared) -> dict[str, Any]:
    return {
        "session": row.session,
        "unique_id": row.unique_id,
        "native_pair_id": row.native_pair_id,
        "part": row.part.value,
        "ready": row.ready,
        "source_sha256": row.source_sha256,
        "source": row.source,
        "archived": row.archived,
        "path": row.path,
        "sha256": row.sha256,
        "size": row.size,
        "facts": dict(row.facts),
        "notes": row.notes,
    }


def _prepared(row: Row[Any]) -> Prepared:
    unique_id, session, source_sha256, source, path, part, *others, position = tuple(row)
    return Prepared(
        unique_id, session, source_sha256, source, path, Part(part), *others, position=position
    )
