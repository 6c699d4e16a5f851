"""The inventory as CSV files: all that was ever processed, and what the last session made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import Factory, define, evolve, frozen

from creative_flow.errors import WorkspaceError
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.mirrors import disk
from creative_flow.ledger.mirrors.cells import line, meant, read_dates, read_id, shown_line
from creative_flow.ledger.mirrors.complaints import Complaints
from creative_flow.ledger.mirrors.disk import Fingerprint, Stamp, TouchedMeanwhile
from creative_flow.ledger.mirrors.inventory_columns import (
    COLUMNS,
    UPLOAD_STATUS,
    PlatformColumns,
    base_cells,
    pair_status,
    session_line,
)
from creative_flow.ledger.mirrors.spreadsheet import Row, Sheet, Unreadable
from creative_flow.ledger.prepared import Part, Prepared

if TYPE_CHECKING:
    from creative_flow.ledger.anyledger import AnyLedger
    from creative_flow.ledger.inventory import Inventory

_ATTEMPTS = 5
Show = Callable[[Prepared, str], None]


def write_session(path: Path, lines: Collection[str]) -> None:
    """Write the files of one session, for ``cfu upload`` to take up. Raises `WorkspaceError`."""
    for _ in range(_ATTEMPTS):
        try:
            disk.replace(path, map(str.encode, (line(COLUMNS), *lines)), Stamp.of(path))
        except TouchedMeanwhile:
            continue
        return
    raise _busy(path)


class InventoryMirror:
    """Keeps ``creative_inventory.csv`` in step with the ledger.

    Notes, columns of the user's own and rows that the ledger does not know are taken over; what
    else differs is reported, kept aside and restored. Calls raise `WorkspaceError` if the file
    can't be read or written and `LedgerError` if the ledger can't.
    """

    def __init__(
        self,
        ledger: AnyLedger,
        inventory: Inventory,
        path: Path,
        *,
        platforms: Sequence[PlatformColumns],
        kept_aside: Path,
    ) -> None:
        """Mirror to ``path``; ``kept_aside`` is the folder for copies of what was restored."""
        self._ledger = ledger
        self._inventory = inventory
        self._path = path
        self._platforms = tuple(platforms)
        self._kept_aside = kept_aside

    def take_in(self) -> tuple[str, ...]:
        """Read what a user changed since the file was written; return lines for the user."""
        stamp = Stamp.of(self._path)
        state = self._state()
        if stamp is None or (state is not None and state.matches(self._path, stamp)):
            return ()
        reading = _Reading(self, stamp, state)
        return reading.take()

    def follow(self, show: Show = lambda _row, _line: None) -> tuple[str, ...]:
        """Take in what a user changed, then write what the ledger has, if the file lacks it.

        ``show`` is shown each row with its `session_line`; one may come twice.
        """
        for _ in range(_ATTEMPTS):
            told = self.take_in()
            stamp = Stamp.of(self._path)
            state = self._state() or _State()
            columns = self._columns(state.own)
            try:
                if stamp is None and self._inventory.is_empty():
                    return told
                lines = self._lines(columns, state.own, show)
                if stamp is not None:
                    well, missing = disk.compare(self._path, lines)
                    if well == stamp.size and not missing:
                        fingerprint = Fingerprint.of(self._path, stamp.size)
                        self._remember(evolve(state, fingerprint=fingerprint))
                        return told
                    lines = chain(disk.beginning(self._path, well), missing, lines)
                fingerprint = disk.replace(self._path, lines, stamp)
            except TouchedMeanwhile:
                continue
            self._remember(evolve(state, fingerprint=fingerprint))
            return told
        raise _busy(self._path)

    # ---- what the file holds

    def _columns(self, own: Sequence[str]) -> tuple[str, ...]:
        names = [name for platform in self._platforms for name in platform.names]
        return (*COLUMNS, *names, UPLOAD_STATUS, *own)

    def _lines(self, columns: Sequence[str], own: Sequence[str], show: Show) -> Iterator[bytes]:
        yield line(columns).encode()
        for chunk in chunked(self._inventory.rows()):
            ends: dict[tuple[str, ...], str] = {}  # of many nothing is known on any platform
            for row, fate in zip(chunk, self._fates(chunk), strict=True):
                start = session_line(row)
                show(row, start)
                end = ends.get(fate) or ends.setdefault(fate, shown_line(fate))
                if own:
                    end = f"{end[:-1]},{line(row.extra.get(name, '') for name in own)}"
                yield f"{start[:-1]},{end}".encode()

    def cells(self, rows: Sequence[Prepared]) -> Iterator[dict[str, str]]:
        """Yield the cells of rows by column, the user's own left out."""
        columns = self._columns(())
        for row, fate in zip(rows, self._fates(rows), strict=True):
            yield dict(zip(columns, (*base_cells(row), *fate), strict=True))

    def _fates(self, rows: Sequence[Prepared]) -> Iterator[tuple[str, ...]]:
        """Yield the cells that tell what became of rows on platforms."""
        pairs = {row.native_pair_id for row in rows if row.part is Part.ORIGINAL}
        halves = {
            pair: [row for row in found if row.part in {Part.VIDEO, Part.IMAGE}]
            for pair, found in self._inventory.pairs(pairs).items()
        }
        ids = {row.unique_id for row in rows}
        ids.update(half.unique_id for found in halves.values() for half in found)
        uploads = self._inventory.uploads(ids)
        platforms = [(each, each.names) for each in self._platforms]
        columns = self._columns(())[len(COLUMNS) :]
        nothing, known_by_file = ("",) * len(columns), frozenset(columns)
        for row in rows:
            facts = uploads.get(row.unique_id, ())
            is_whole = row.part is not Part.ORIGINAL
            if is_whole and not facts and row.facts.keys().isdisjoint(known_by_file):
                yield nothing
                continue
            cells = []
            for platform, names in platforms:
                fact = next((f for f in facts if f.platform == platform.platform), None)
                known = platform.cells(fact)
                cells += [
                    cell or row.facts.get(name, "") for name, cell in zip(names, known, strict=True)
                ]
            cells.append(
                pair_status(halves.get(row.native_pair_id, ()), uploads)
                if not is_whole
                else (facts[-1].status.value if facts else row.facts.get(UPLOAD_STATUS, ""))
            )
            yield tuple(cells)

    # ---- what is remembered of it

    def _state(self) -> _State | None:
        packed = self._ledger.mirror_state(self._path)
        return None if packed is None else _State.read(packed)

    def _remember(self, state: _State) -> None:
        self._ledger.remember_mirror(self._path, state.packed())


@frozen
class _State:
    """What was written last, and the headings of the user's own columns."""

    fingerprint: Fingerprint = Factory(Fingerprint)
    own: tuple[str, ...] = ()

    def matches(self, path: Path, stamp: Stamp) -> bool:
        """Say whether a file with this stamp is as it was written."""
        with disk.blaming(path):
            return (
                stamp.size == self.fingerprint.size
                and Fingerprint.of(path, stamp.size) == self.fingerprint
            )

    def packed(self) -> dict[str, object]:
        it = self.fingerprint
        return {"print": [it.size, it.lines, it.crc, it.adler], "own": list(self.own)}

    @classmethod
    def read(cls, packed: Mapping[str, list[object]]) -> _State:
        return cls(
            Fingerprint(*(int(str(number)) for number in packed["print"])),
            tuple(str(name) for name in packed["own"]),
        )


class _Reading:
    """One reading of the file as a user has left it."""

    def __init__(self, mirror: InventoryMirror, stamp: Stamp, state: _State | None) -> None:
        self._mirror = mirror
        self._stamp = stamp
        self._state = state or _State()
        self._complaints = Complaints(mirror._path.name)
        self._seen: set[str] = set()
        self._taken = _Taken()

    def take(self) -> tuple[str, ...]:
        mirror, path = self._mirror, self._mirror._path
        own: tuple[str, ...] = self._state.own
        wanted = mirror._columns(self._state.own)
        with disk.blaming(path):
            try:
                sheet = Sheet.open(path, wanted, ("unique_id", "new_filename"))
                own = tuple(
                    name
                    for name in sheet.columns
                    if name not in mirror._columns(()) and not name.startswith("column ")
                )
                for rows in chunked(sheet.rows()):
                    self._compare(rows, sheet.columns, own)
            except Unreadable as reason:
                self._complaints.add(f"{reason}.")
            else:
                self._complain_of_missing()
        self._record()
        told = list(self._complaints.lines())
        if self._complaints.count:
            aside = disk.keep_aside(path, mirror._kept_aside)
            told.append(f"{path.name} is restored from the ledger; your file is kept as {aside}.")
        mirror._remember(evolve(self._state, own=own))
        return tuple(told)

    def _compare(self, rows: Sequence[Row], columns: Sequence[str], own: Sequence[str]) -> None:
        lines = {}
        for row in rows:
            cells = dict(zip(columns, row.cells, strict=False))
            unique_id = meant(cells.get("unique_id", "")).strip()
            if not unique_id:
                self._complaints.add("a row without a unique_id does not count.", line=row.number)
            elif unique_id in self._seen or unique_id in lines:
                self._complaints.add(f"{unique_id} stands here twice.", line=row.number)
            else:
                lines[unique_id] = (row.number, cells)
        self._seen.update(lines)
        known = self._mirror._inventory.by_unique_id(lines)
        known = {unique_id: row for unique_id, row in known.items() if row.ready}
        current = dict(zip(known, self._mirror.cells(list(known.values())), strict=True))
        for unique_id, (number, cells) in lines.items():
            extra = {name: cells.get(name, "") for name in own if cells.get(name, "")}
            it = known.get(unique_id)
            if it is None:
                self._taken.rows.append(_adopted(unique_id, cells, extra))
                continue
            if "notes" in cells and meant(cells["notes"]) != it.notes:
                self._taken.notes[unique_id] = meant(cells["notes"])
            if extra != dict(it.extra):
                self._taken.extras[unique_id] = extra
            for name, wanted in current[unique_id].items():
                cell = cells.get(name, "")
                if name != "notes" and cell.strip() and not _same(name, cell, wanted):
                    self._complaints.add(
                        f"{cell!r} does not count, it is {wanted!r}.", line=number, column=name
                    )

    def _complain_of_missing(self) -> None:
        gone = sum(row.unique_id not in self._seen for row in self._mirror._inventory.rows())
        written = self._state.fingerprint.lines
        # Rows that the ledger has and the file never had are no user's doing.
        if gone and written and written - 1 > len(self._seen):
            self._complaints.add(f"rows that are gone: {written - 1 - len(self._seen)}.")

    def _record(self) -> None:
        inventory = self._mirror._inventory
        if self._taken.rows:
            known = inventory.known_ids([row.unique_id for row in self._taken.rows])
            rows = [row for row in self._taken.rows if row.unique_id not in known]
            inventory.plan(rows)
            inventory.finish(rows)
        if self._taken.notes or self._taken.extras:
            inventory.annotate(self._taken.notes, self._taken.extras)


@define
class _Taken:
    """What of a user's changes counts."""

    rows: list[Prepared] = Factory(list)
    notes: dict[str, str] = Factory(dict)
    extras: dict[str, Mapping[str, str]] = Factory(dict)


def _adopted(unique_id: str, cells: Mapping[str, str], extra: Mapping[str, str]) -> Prepared:
    """Return a row that stands in the file only, with every cell of it."""
    facts = {
        name: meant(cell)
        for name, cell in cells.items()
        if name not in extra and name not in {"unique_id", "notes", "source_path", "native_pair_id"}
    }
    return Prepared(
        unique_id=unique_id,
        session="",
        source_sha256="",
        source=meant(cells.get("source_path", "")),
        archived=".",
        path="",
        native_pair_id=meant(cells.get("native_pair_id", "")),
        facts=facts,
        notes=meant(cells.get("notes", "")),
        extra=extra,
    )


def _same(name: str, cell: str, wanted: str) -> bool:
    """Say whether a cell still says what was written, whatever a spreadsheet made of it."""
    text = meant(cell).strip()
    if text == wanted.strip():
        return True
    if name.endswith("_creative_id") and wanted:
        return read_id(cell) == wanted
    if "date" in name and wanted:
        return wanted.split(" ", maxsplit=1)[0] in read_dates(text)
    try:
        return float(text.replace(",", ".")) == float(wanted)
    except ValueError:
        return False


def _busy(path: Path) -> WorkspaceError:
    return WorkspaceError(
        f"{path} is being changed all the time.",
        hint="Close it in the other program and run again.",
    )
