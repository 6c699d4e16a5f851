"""What was processed: one row per file that `process` makes, and what became of it on platforms.

A row is planned before its file is made and ready once the file stands; what a crash left planned
is found by `Inventory.unready`. Upload facts are not kept here: they are read from the outcomes, so
that both are one record.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from creative_flow.creative import Status
from creative_flow.errors import LedgerError
from creative_flow.ledger.anytext import escape, unescape
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.prepared import Part, Prepared, UploadFact
from creative_flow.ledger.statements import Execute, Opened, marks

_PAGE = 1_000


_compact = json.JSONEncoder(separators=(",", ":"))


def _packed(value: Mapping[str, str]) -> str:
    return _compact.encode(dict(value)) if value else "{}"


def _unpacked(text: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(text) if text != "{}" else {}
    return found


_WRITTEN: Mapping[str, Callable[[Any], object]] = {
    **dict.fromkeys(("native_pair_id", "source", "archived", "path", "notes"), escape),
    "facts": _packed,
    "part": attrgetter("value"),
}
"""How a column's value is written, where not as it is."""


class _Columns:
    """Some columns, and what is written to them of a row. Rows come by the thousand."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self._of: Callable[[Prepared], tuple[object, ...]] = attrgetter(*names)
        self._written = [(names.index(name), _WRITTEN[name]) for name in names if name in _WRITTEN]

    def of(self, row: Prepared) -> list[object]:
        values = list(self._of(row))
        for place, write in self._written:
            values[place] = write(values[place])
        return values


_PREPARED = (
    "SELECT unique_id, session, source_sha256, source, path, part, native_pair_id, archived, "
    "sha256, size, ready, facts, notes, extra, id FROM inventory WHERE place = ?"
)
"""The columns that a `Prepared` is made of, in its order."""
_PLANNED = _Columns(
    *("session", "native_pair_id", "part", "ready", "source_sha256", "source", "archived"),
    *("path", "sha256", "size", "facts", "notes"),
)
_MADE = _Columns("path", "sha256", "size", "facts", "notes")
_NEW = ("place", "unique_id", *_PLANNED.names, "extra", "revision")

_INSERT = f"INSERT INTO inventory ({', '.join(_NEW)}) VALUES ({marks(_NEW)})"  # noqa: S608
_CHANGE = "UPDATE inventory SET {}, revision = revision + 1 WHERE place = ? AND unique_id = ?"
# Repeated runs add a row each; the newest of each kind is enough, and found by index.
_FACTS = """
    SELECT uploads.unique_id, accounts.platform, accounts.account, uploads.status,
        uploads.creative_id, uploads.at, COALESCE(batches.campaign, runs.campaign), uploads.id
    FROM uploads
    JOIN accounts ON accounts.id = uploads.account_id
    JOIN runs ON runs.run = uploads.run
    LEFT JOIN batches ON batches.id = uploads.batch_id
    WHERE uploads.id IN (
        SELECT max(id) FROM uploads WHERE unique_id IN ({})
        GROUP BY unique_id, account_id, CASE WHEN status = 'skipped' THEN 0 ELSE 1 END,
            CASE WHEN creative_id = '' THEN 0 ELSE 1 END
    )
    ORDER BY uploads.id
"""


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
        with self._reading() as execute:
            for chunk in chunked(map(escape, ids)):
                for table in ("inventory", "uploads"):
                    query = f"SELECT unique_id FROM {table} WHERE unique_id IN ({marks(chunk)})"  # noqa: S608
                    known.update(unescape(found) for (found,) in execute(query, chunk))
        return known

    def by_source(self, hashes: Collection[str]) -> dict[str, tuple[Prepared, ...]]:
        """Return what was made of sources, by their SHA-256; what has none is left out."""
        return _grouped(self._among("source_sha256", hashes), lambda row: row.source_sha256)

    def by_unique_id(self, ids: Collection[str]) -> dict[str, Prepared]:
        """Return rows by their ids."""
        return {row.unique_id: row for row in self._among("unique_id", map(escape, ids))}

    def pairs(self, pair_ids: Collection[str]) -> dict[str, tuple[Prepared, ...]]:
        """Return all rows of native pairs, their originals included, by the pair's id."""
        rows = self._among("native_pair_id", map(escape, pair_ids))
        return _grouped(rows, lambda row: row.native_pair_id)

    def unready(self) -> tuple[Prepared, ...]:
        """Return the rows whose files an interrupted run was making."""
        return self._where("ready = ?", [False])

    def unmoved(self) -> tuple[Prepared, ...]:
        """Return the ready rows whose source has not been moved away yet."""
        return self._where("ready = ? AND archived = ''", [True])

    def last_session(self) -> str:
        """Return the session of the newest row that a session made, empty if there is none."""
        query = (
            "SELECT session FROM inventory WHERE place = ? AND session <> '' "
            "ORDER BY id DESC LIMIT 1"
        )
        with self._reading() as execute:
            return next((str(session) for (session,) in execute(query, [self._place])), "")

    def is_empty(self) -> bool:
        """Say whether there is no ready row."""
        query = "SELECT 1 FROM inventory WHERE place = ? AND ready = ? LIMIT 1"
        with self._reading() as execute:
            return not execute(query, [self._place, True])

    def rows(self, *, session: str = "") -> Iterator[Prepared]:
        """Yield the ready rows in order, of one session or of all, page by page."""
        after = 0
        which, whose = (" AND session = ?", [session]) if session else ("", [])
        while True:
            page = self._where(f"ready = ? AND id > ?{which}", [True, after, *whose], most=_PAGE)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].position

    def plan(self, rows: Iterable[Prepared]) -> None:
        """Record what is about to be made. A row that is there already is planned anew.

        Raises `LedgerError` for an id that another workspace's row has.
        """
        with self._writing() as execute:
            for chunk in chunked(rows):
                there = self._places(execute, [row.unique_id for row in chunk])
                if foreign := [it for it, place in there.items() if place != self._place]:
                    raise LedgerError(f"{foreign[0]} was given to another creative.")
                known = (row for row in chunk if row.unique_id in there)
                changes = ((row.unique_id, _PLANNED.of(row)) for row in known)
                self._change(execute, _PLANNED.names, changes)
                new = (row for row in chunk if row.unique_id not in there)
                execute.many(
                    _INSERT,
                    (
                        [
                            self._place,
                            escape(row.unique_id),
                            *_PLANNED.of(row),
                            _packed(row.extra),
                            0,
                        ]
                        for row in new
                    ),
                )

    def finish(self, rows: Iterable[Prepared], *, as_planned: Iterable[Prepared] = ()) -> None:
        """Record that files stand: path, content, facts and notes as these ``rows`` have them.

        All else stays as it was planned, and so does all of the rows that are ``as_planned``.
        """
        made = ((row.unique_id, [*_MADE.of(row), True]) for row in rows)
        with self._writing() as execute:
            self._change(execute, [*_MADE.names, "ready"], made)
            self._change(execute, ["ready"], ((row.unique_id, [True]) for row in as_planned))

    def moved(self, places: Mapping[str, str]) -> None:
        """Record where sources were moved to, by unique id."""
        with self._writing() as execute:
            moved = ((unique_id, [escape(place)]) for unique_id, place in places.items())
            self._change(execute, ["archived"], moved)

    def annotate(self, notes: Mapping[str, str], extras: Mapping[str, Mapping[str, str]]) -> None:
        """Take over a user's notes and columns of their own, by unique id."""
        with self._writing() as execute:
            self._change(execute, ["notes"], ((key, [escape(it)]) for key, it in notes.items()))
            self._change(execute, ["extra"], ((key, [_packed(it)]) for key, it in extras.items()))

    def uploads(self, ids: Collection[str]) -> dict[str, tuple[UploadFact, ...]]:
        """Return what became of files on platforms, by unique id, oldest first.

        Of each platform and account one fact: what gave a Creative ID counts more than what did
        not, and the newer more than the older.
        """
        found: dict[str, tuple[UploadFact, ...]] = {}
        with self._reading() as execute:
            for chunk in chunked(map(escape, ids)):
                for unique_id, fact in _facts_of(execute(_FACTS.format(marks(chunk)), chunk)):
                    found[unique_id] = (*found.get(unique_id, ()), fact)
        return found

    # ---- inside

    def _where(
        self, condition: str, values: Sequence[object], *, most: int | None = None
    ) -> tuple[Prepared, ...]:
        limit = "" if most is None else f" LIMIT {most}"
        with self._reading() as execute:
            rows = execute(
                f"{_PREPARED} AND {condition} ORDER BY id{limit}", [self._place, *values]
            )
        try:
            return tuple(map(_prepared, rows))
        except ValueError as error:  # no JSON, no known part
            raise LedgerError(
                f"The ledger has a row of the inventory that can't be read: {error}.",
                hint="Move it aside and run again: its CSV files are read back.",
            ) from error

    def _among(self, column: str, values: Iterable[str]) -> Iterator[Prepared]:
        for chunk in chunked(values):
            yield from self._where(f"{column} IN ({marks(chunk)})", chunk)

    def _places(self, execute: Execute, ids: Collection[str]) -> dict[str, str]:
        """Return which of these ids are there, and of which workspace."""
        query = f"SELECT unique_id, place FROM inventory WHERE unique_id IN ({marks(ids)})"  # noqa: S608
        return {
            unescape(unique_id): place for unique_id, place in execute(query, [*map(escape, ids)])
        }

    def _change(
        self,
        execute: Execute,
        columns: Sequence[str],
        changes: Iterable[tuple[str, Sequence[object]]],
    ) -> None:
        """Change these columns of rows, given by unique id with what is written to them."""
        execute.many(
            _CHANGE.format(", ".join(f"{name} = ?" for name in columns)),
            ([*values, self._place, escape(unique_id)] for unique_id, values in changes),
        )


def _grouped(
    rows: Iterable[Prepared], by: Callable[[Prepared], str]
) -> dict[str, tuple[Prepared, ...]]:
    found: dict[str, tuple[Prepared, ...]] = {}
    for row in rows:
        found[by(row)] = (*found.get(by(row), ()), row)
    return found


def _facts_of(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[str, UploadFact]]:
    best: dict[tuple[str, str, str], tuple[tuple[bool, bool, int], UploadFact]] = {}
    for unique_id, platform, account, status, creative_id, at, campaign, number in rows:
        when = datetime.fromisoformat(at) if at else None
        fact = UploadFact(platform, account, Status(status), creative_id, when, unescape(campaign))
        rank = (bool(fact.creative_id), fact.status is not Status.SKIPPED, number)
        key = (unescape(unique_id), platform, account)
        if key not in best or rank > best[key][0]:
            best[key] = (rank, fact)
    for (unique_id, _, _), (_, fact) in sorted(best.items(), key=lambda item: item[1][0][2]):
        yield unique_id, fact


def _prepared(row: Sequence[Any]) -> Prepared:
    unique_id, session, source_sha256, source, path, part, pair, archived, *others = row
    sha256, size, ready, facts, notes, extra, position = others
    return Prepared(
        unescape(unique_id),
        session,
        source_sha256,
        unescape(source),
        unescape(path),
        Part(part),
        unescape(pair),
        unescape(archived),
        sha256,
        size,
        bool(ready),
        _unpacked(facts),
        unescape(notes),
        _unpacked(extra),
        position=position,
    )
