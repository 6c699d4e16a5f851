"""What the CSV files in ``tracking/`` say of a library, row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attrs import Factory, define, evolve, frozen

from creative_flow.creative import file_key, name_key
from creative_flow.ledger import KnownEntry, Origin
from creative_flow.ledger.mirrors import disk
from creative_flow.ledger.mirrors.cells import meant, read_dates, read_id
from creative_flow.ledger.mirrors.complaints import Complaints
from creative_flow.ledger.mirrors.rows import COLUMNS, Line
from creative_flow.ledger.mirrors.spreadsheet import Sheet, Unreadable
from creative_flow.ledger.mirrors.words import AdFormatWords
from creative_flow.platform import PlatformInfo

_OPEN = frozenset({"unknown_id"})


@frozen
class Claim:
    """What one row says: there is this creative. ``ad_formats`` are those that it may be of."""

    file: str
    line: int
    column: str
    ad_formats: tuple[str, ...]
    entry: KnownEntry


@define
class Sources:
    """The claims of all files, the most trusted first, and what is wrong in the files."""

    claims: list[Claim] = Factory(list)
    complaints: dict[str, Complaints] = Factory(dict)
    rows: dict[str, int] = Factory(dict)
    """How many rows were read of each file that was found."""
    still_open: dict[str, str] = Factory(dict)
    """By path: files whose sending last ended without anybody knowing how."""

    def complain(self, file: str, what: str, *, line: int | None = None, column: str = "") -> None:
        """Note what is wrong in a file."""
        self.complaints.setdefault(file, Complaints(file)).add(what, line=line, column=column)


@define
class Reader:
    """Reads the CSV files of one account."""

    platform: str
    account: str
    info: PlatformInfo
    by_path: Callable[[Path], Sequence[str]]
    """Names the ad formats a file may be of, by where it lies, by its name, by what it is."""
    sources: Sources = Factory(Sources)
    _words: AdFormatWords = Factory(lambda self: AdFormatWords(self.info.ad_formats), True)

    def library(self, path: Path) -> None:
        """Read the library's CSV."""
        for line in self._lines(path, (*COLUMNS, "notes"), ("creative_id", "filename")):
            formats = line.ad_formats(self._words)
            entry = line.entry(self.platform, self.account, "", self._words)
            self._claim(path, line, "creative_id", line.id_cell, formats, entry)

    def status(self, path: Path) -> None:
        """Read the outcomes of one run."""
        column = f"{self.info.column_prefix}_creative_id"
        needed = ("file_name", "status", column)
        for line in self._lines(path, (*needed, "file_path", "upload_date", "platform"), needed):
            if _text(line, "platform") not in {"", self.info.title}:
                continue
            name = _text(line, "file_name")
            file = Path(_text(line, "file_path") or name)
            if _text(line, "status") in _OPEN:
                self.sources.still_open[str(file)] = f"{path.name} line {line.number}"
            else:
                self.sources.still_open.pop(str(file), None)
            if not line.cells[column].strip():
                continue
            entry = self._entry(name, _date(line, "upload_date"))
            formats = tuple(self.by_path(file))
            self._claim(path, line, column, line.cells[column], formats, entry)

    def inventory(self, path: Path, *, not_of: frozenset[str]) -> None:
        """Read what was processed; ``not_of`` are Creative IDs that other accounts have."""
        column = f"{self.info.column_prefix}_creative_id"
        date = f"{self.info.column_prefix}_upload_date"
        known = ("new_filename", "creative_type", "width_px", "height_px", "file_format")
        for line in self._lines(path, (*known, column, date), ("new_filename",)):
            cell = line.cells.get(column, "")
            if not cell.strip() or read_id(cell) in not_of:
                continue
            name = _text(line, "new_filename")
            pixels = (_text(line, "width_px"), _text(line, "height_px"))
            dimensions = "x".join(pixels) if all(it.isdigit() for it in pixels) else ""
            file_type = _text(line, "file_format").lower().lstrip(".")
            formats = self._words.meant(
                _text(line, "creative_type"),
                name=name,
                dimensions=dimensions,
                file_type=file_type,
            )
            claimed = self.by_path(Path(name))
            narrowed = tuple(name for name in formats if name in claimed)
            entry = self._entry(name, _date(line, date), dimensions, file_type)
            self._claim(path, line, column, cell, narrowed or formats or tuple(claimed), entry)

    def ids_in(self, path: Path, column: str) -> Iterator[str]:
        """Yield the Creative IDs that stand in a file, whatever else may be wrong with it."""
        try:
            for row in (sheet := Sheet.open(path, (column,), (column,))).rows():
                if found := read_id(Line.read(row, sheet.columns).cells[column]):
                    yield found
        except (OSError, Unreadable):
            return  # another account's file: what is wrong with it is told there

    def _lines(self, path: Path, known: Sequence[str], required: Sequence[str]) -> Iterator[Line]:
        if not path.is_file():
            return
        self.sources.rows[path.name] = 0
        with disk.blaming(path):
            try:
                sheet = Sheet.open(path, known, required)
                for row in sheet.rows():
                    self.sources.rows[path.name] += 1
                    yield Line.read(row, sheet.columns)
            except Unreadable as reason:
                self.sources.complain(path.name, f"{reason}.")

    def _claim(
        self,
        path: Path,
        line: Line,
        column: str,
        cell: str,
        formats: tuple[str, ...],
        entry: KnownEntry,
    ) -> None:
        if not cell.strip():
            return  # a row that waits for its id says nothing yet
        creative_id = read_id(cell)
        if creative_id is None or not re.fullmatch(self.info.id_pattern, creative_id, re.ASCII):
            self.sources.complain(
                path.name,
                f"{cell!r} is no Creative ID of {self.info.title}; the row does not count.",
                line=line.number,
                column=column,
            )
            return
        if not entry.name:
            self.sources.complain(
                path.name, "the row has no file name; it does not count.", line=line.number
            )
            return
        entry = evolve(entry, creative_id=creative_id)
        self.sources.claims.append(Claim(path.name, line.number, column, formats, entry))

    def _entry(self, name: str, date: str, dimensions: str = "", file_type: str = "") -> KnownEntry:
        return KnownEntry(
            platform=self.platform,
            account=self.account,
            ad_format="",
            creative_id="",
            name=name,
            key=file_key(self._words.key_stem(name)),
            upload_date=date,
            dimensions=dimensions,
            file_type=file_type or Path(name).suffix.lower().lstrip("."),
            origin=Origin.USER,
        )


def same_name(one: KnownEntry, other: KnownEntry) -> bool:
    """Say whether two rows mean one name, however each is written."""
    return name_key(one.key) == name_key(other.key)


def _text(line: Line, column: str) -> str:
    return meant(line.cells.get(column, "")).strip()


def _date(line: Line, column: str) -> str:
    cell = _text(line, column)
    return next(iter(read_dates(cell)), cell)
