"""What a user changed in a library mirror, told apart from what something else did to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from creative_flow.creative import name_key
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.mirrors.complaints import Complaints
from creative_flow.ledger.mirrors.rows import Line, differences, same_row, unglued
from creative_flow.ledger.mirrors.spreadsheet import Row
from creative_flow.ledger.mirrors.words import AdFormatWords
from creative_flow.ledger.records import KnownEntry, Origin

if TYPE_CHECKING:
    from creative_flow.ledger.ledger import Ledger

_ADD_AT_ONCE = 5_000

Name = tuple[str, str]
"""Ad format and Creative ID."""


@frozen
class Edits:
    """What came of reading a mirror: edits that count, and what was restored.

    ``rows_added`` counts new rows, ``statuses_filled`` review statuses, ``rows_noted`` rows whose
    own columns changed, ``forgotten`` entries the user asked to forget, ``restored`` differences
    that do not count. ``messages`` are lines for the user; ``kept_aside`` is the copy of the user's
    file, if something in it was not taken over.
    """

    rows_added: int = 0
    statuses_filled: int = 0
    rows_noted: int = 0
    forgotten: int = 0
    restored: int = 0
    messages: tuple[str, ...] = ()
    kept_aside: Path | None = None


@frozen
class Written:
    """What the ledger knows of the file: rows up to a position, as they were at a revision."""

    upto: int
    fresh: int

    def may_lag(self, entry: KnownEntry) -> bool:
        """Say whether the entry has changed since its row was written."""
        return entry.revision > self.fresh and (
            entry.revision > entry.position or entry.position > self.upto
        )


class Comparison:
    """Compares rows of a mirror with the ledger, and takes over the edits that count.

    ``written`` is None if nobody knows what was written last: then a row that is not in the file
    does not mean that it was deleted.
    """

    def __init__(
        self,
        ledger: Ledger,
        platform: str,
        account: str,
        *,
        words: AdFormatWords,
        complaints: Complaints,
        written: Written | None,
        appended_only: bool = False,
    ) -> None:
        self._ledger = ledger
        self._platform = platform
        self._account = account
        self._words = words
        self._complaints = complaints
        self._written = written
        self._appended_only = appended_only
        self._head = ledger.head(platform, account)
        self._seen = bytearray(self._head + 1)
        self._new: dict[Name, KnownEntry] = {}
        self._suspects: list[tuple[Line, KnownEntry]] = []
        self._without_id: list[Line] = []
        self._filled: list[KnownEntry] = []
        self._noted: dict[Name, tuple[Line, KnownEntry, Mapping[str, str]]] = {}
        self.rows = 0
        self.rows_added = 0
        self.matched = 0
        """How many rows belong to entries that were known."""
        self.used_columns: set[str] = set()
        self.unfinished: list[dict[str, str]] = []
        """Rows that have no Creative ID yet, as they stand."""

    @property
    def statuses_filled(self) -> int:
        """How many review statuses were filled in."""
        return len(self._filled)

    @property
    def rows_noted(self) -> int:
        """How many rows have other values in the user's own columns."""
        return len(self._noted)

    def take(self, rows: Iterable[Row], columns: Sequence[str]) -> None:
        """Compare rows. New ones may be in the ledger when this returns, or wait for `close`."""
        for chunk in chunked(rows):
            whole: list[Row] = []
            for row in chunk:
                whole += self._fitting(row, columns)
            self._take([Line.read(row, columns) for row in whole])

    def close(self, *, to_end: bool) -> None:
        """Decide what only the whole file shows, and record the edits.

        ``to_end`` is False if the rest of the file could not be read.
        """
        whole = to_end and not self._appended_only
        for line, entry in self._suspects:
            holder = self._replaced(line, [entry.ad_format]) if whole else None
            if holder is None:
                self._add(line, entry)
            else:
                self._restore_id(line, holder)
        for line in self._without_id:
            holder = self._replaced(line, line.ad_formats(self._words)) if whole else None
            if holder is not None:
                self._restore_id(line, holder)
            elif line.id_cell.strip():
                self._complaints.add(
                    f"{line.id_cell!r} is no Creative ID; the row does not count.",
                    line=line.number,
                    column="creative_id",
                )
            else:
                self.unfinished.append(dict(line.cells))
        gone = self._complain_of_missing() if whole and self._written else 0
        self._record(stale=gone > 0)

    def _fitting(self, row: Row, columns: Sequence[str]) -> list[Row]:
        """Return the row as one, or as the two that a missing line end has joined."""
        if not any(cell.strip() for cell in row.cells[len(columns) :]):
            return [row]
        rows = unglued(row, columns, self._by_id)
        if not rows:
            self._complaints.add("the row has more cells than the header.", line=row.number)
        return rows

    def _by_id(self, ids: Iterable[str]) -> dict[str, tuple[KnownEntry, ...]]:
        return self._ledger.by_id(self._platform, self._account, list(ids))

    def _take(self, lines: Sequence[Line]) -> None:
        known = self._by_id({line.creative_id for line in lines if line.creative_id})
        fresh: list[tuple[Line, KnownEntry]] = []
        for line in lines:
            self.rows += 1
            self.used_columns.update(line.extra)
            if line.creative_id is None:
                if line.id_cell.strip() or line.name.strip():
                    self._without_id.append(line)
                else:
                    self._complaints.add(
                        "the row has neither Creative ID nor file name.", line=line.number
                    )
                continue
            formats = line.ad_formats(self._words)
            entry = _belonging(line, formats, known.get(line.creative_id, ()))
            if entry is not None and entry.position <= self._head:
                self._compare(line, entry, formats)
            elif len(formats) == 1:
                candidate = self._entry(line, formats[0])
                earlier = entry or self._new.get((formats[0], line.creative_id))
                if earlier is None:
                    fresh.append((line, candidate))
                    self._new[formats[0], line.creative_id] = candidate
                elif not same_row(earlier, candidate):
                    self._complaints.add(
                        f"{line.creative_id} stands twice, with different values.",
                        line=line.number,
                        column="creative_id",
                    )
            else:
                self._complaints.add(
                    f"{line.word!r} "
                    + (f"can mean {' or '.join(formats)}." if formats else "is no ad format."),
                    line=line.number,
                    column="creative_type",
                )
        self._sort_out(fresh)

    def _sort_out(self, fresh: Sequence[tuple[Line, KnownEntry]]) -> None:
        """Hold back new rows whose name another entry bears: an id may have been changed."""
        keys = defaultdict(set)
        for _, entry in fresh:
            keys[entry.ad_format].add(entry.key)
        if not self._appended_only:
            holders = {
                (ad_format, key): known
                for ad_format, names in keys.items()
                for key, known in self._ledger.by_name(
                    self._platform, self._account, ad_format, names
                ).items()
            }
            for line, entry in fresh:
                if any(self._was_written(e) for e in holders.get((entry.ad_format, entry.key), ())):
                    del self._new[entry.ad_format, entry.creative_id]
                    self._suspects.append((line, entry))
        if len(self._new) >= _ADD_AT_ONCE:
            self._flush()

    def _add(self, line: Line, entry: KnownEntry) -> None:
        earlier = self._new.setdefault((entry.ad_format, entry.creative_id), entry)
        if not same_row(earlier, entry):
            self._complaints.add(
                f"{entry.creative_id} stands twice, with different values.",
                line=line.number,
                column="creative_id",
            )

    def _compare(self, line: Line, entry: KnownEntry, formats: Sequence[str]) -> None:
        self.matched += 1
        repeated = bool(self._seen[entry.position]) or (
            self._appended_only and self._was_written(entry)
        )
        self._seen[entry.position] = 1
        lags = self._written is not None and self._written.may_lag(entry)
        lags = lags and not self._appended_only
        if entry.forgotten:
            if not lags:  # the row was not written from here: the user wants it back
                self._new[entry.ad_format, entry.creative_id] = self._entry(line, entry.ad_format)
            return
        if not lags:
            for column, was, found in differences(line, entry, formats):
                self._complaints.add(
                    f"{found!r} is not taken over; it is {was!r} again.",
                    line=line.number,
                    column=column,
                )
        if line.review_status and not entry.review_status:
            status = evolve(entry, origin=Origin.USER, review_status=line.review_status)
            self._filled.append(status)
        extra = line.extra_beside(entry.extra)
        if repeated:
            if not line.extra.items() <= entry.extra.items():
                self._complaints.add("the row stands twice.", line=line.number)
        elif extra != dict(entry.extra):
            self._noted[entry.ad_format, entry.creative_id] = (line, entry, extra)

    def _was_written(self, entry: KnownEntry) -> bool:
        """Say whether the entry's row stood in the file, as far as is known."""
        upto = self._head if self._written is None else self._written.upto
        return entry.position <= min(upto, self._head) and not entry.forgotten

    def _replaced(self, line: Line, formats: Sequence[str]) -> KnownEntry | None:
        """Return an entry of this name whose own row has not been met."""
        key = name_key(self._words.key_stem(line.name))
        for ad_format in formats:
            found = self._ledger.by_name(self._platform, self._account, ad_format, [key])
            for entry in found.get(key, ()):
                if self._was_written(entry) and not self._seen[entry.position]:
                    return entry
        return None

    def _restore_id(self, line: Line, entry: KnownEntry) -> None:
        self._seen[entry.position] = 1
        self._complaints.add(
            f"{line.id_cell!r} is not taken over; it is {entry.creative_id!r} again.",
            line=line.number,
            column="creative_id",
        )

    def _complain_of_missing(self) -> int:
        gone = 0
        for entry in self._ledger.entries(self._platform, self._account):
            if self._was_written(entry) and not self._seen[entry.position]:
                gone += 1
                self._complaints.add(
                    f"the row of {entry.creative_id} ({entry.name!r}) is gone; it is written again."
                )
        return gone

    def _record(self, *, stale: bool) -> None:
        """Record the edits. Notes of a copy that lacks rows may be older than those they meet."""
        if stale:
            for name, (line, entry, extra) in list(self._noted.items()):
                for column in sorted(extra.keys() | entry.extra.keys()):
                    was, found = entry.extra.get(column, ""), extra.get(column, "")
                    if was and was != found:
                        self._complaints.add(
                            f"{found!r} may be out of date; it is {was!r} again.",
                            line=line.number,
                            column=column,
                        )
                kept = {**extra, **entry.extra}
                self._noted[name] = (line, entry, kept)
        self._flush()
        if self._filled:
            self._ledger.add_entries(self._platform, self._account, self._filled)
        if self._noted:
            extras = {name: extra for name, (_, _, extra) in self._noted.items()}
            self._ledger.annotate(self._platform, self._account, extras)

    def _flush(self) -> None:
        self.rows_added += len(self._new)
        if self._new:
            self._ledger.add_entries(self._platform, self._account, self._new.values())
        self._new.clear()

    def _entry(self, line: Line, ad_format: str) -> KnownEntry:
        return line.entry(self._platform, self._account, ad_format, self._words)


def _belonging(
    line: Line, formats: Sequence[str], entries: Sequence[KnownEntry]
) -> KnownEntry | None:
    """Return the entry of this Creative ID that the row is about."""
    for entry in entries:
        if entry.ad_format in formats:
            return entry
    if len(entries) == 1 and (not line.word or line.bears(entries[0].name)):
        return entries[0]
    return None
