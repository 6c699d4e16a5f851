"""Rows of a library mirror: written from entries, and read back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from creative_flow.creative import name_key
from creative_flow.ledger.anytext import escape, unescape
from creative_flow.ledger.mirrors.cells import (
    line,
    meant,
    read_dates,
    read_dimensions,
    read_id,
    shown,
)
from creative_flow.ledger.mirrors.spreadsheet import Row
from creative_flow.ledger.mirrors.words import AdFormatWords
from creative_flow.ledger.records import KnownEntry, Origin

COLUMNS = (
    "creative_id",
    "filename",
    "upload_date",
    "dimensions",
    "file_type",
    "creative_type",
    "review_status",
)

LookUp = Callable[[Iterable[str]], Mapping[str, tuple[KnownEntry, ...]]]


def header(own: Sequence[str]) -> str:
    """Return the header line; ``own`` are the headings of the user's own columns."""
    return line([*COLUMNS, *own])


def written(entry: KnownEntry, own: Sequence[str]) -> str:
    """Return an entry's line. The user's own cells stand as they were."""
    known = (
        entry.creative_id,
        entry.name,
        entry.upload_date,
        entry.dimensions,
        entry.file_type,
        entry.ad_format,
        entry.review_status,
    )
    extra = (escape(entry.extra.get(column, "")) for column in own)
    return line([*(shown(text) for text in known), *extra])


@frozen
class Line:
    """A row of the user's file: its cells by column, as they stand."""

    number: int
    cells: Mapping[str, str]

    @classmethod
    def read(cls, row: Row, columns: Sequence[str]) -> Line:
        """Put names to a row's cells; those that a short row lacks are empty."""
        cells = [*row.cells, *[""] * (len(columns) - len(row.cells))]
        return cls(row.number, dict(zip(columns, cells, strict=False)))

    @property
    def id_cell(self) -> str:
        """What stands where the Creative ID should."""
        return self.cells.get("creative_id", "")

    @property
    def creative_id(self) -> str | None:
        """The Creative ID, or None if there is none or its digits can't be told."""
        return read_id(self.id_cell)

    @property
    def name(self) -> str:
        """The file's name."""
        return meant(self.cells.get("filename", ""))

    @property
    def word(self) -> str:
        """The user's word for the ad format."""
        return self._text("creative_type")

    @property
    def review_status(self) -> str:
        """The review status."""
        return self._text("review_status")

    @property
    def extra(self) -> dict[str, str]:
        """What stands in the user's own columns."""
        return {
            column: unescape(cell)
            for column, cell in self.cells.items()
            if column not in COLUMNS and cell
        }

    def extra_beside(self, known: Mapping[str, str]) -> dict[str, str]:
        """Return the user's own cells with those that are known of columns not in the file."""
        absent = {column: text for column, text in known.items() if column not in self.cells}
        return {**absent, **self.extra}

    def bears(self, name: str) -> bool:
        """Say whether the row shows this file name."""
        return self.name == name or self.name.strip() == name.strip()

    def ad_formats(self, words: AdFormatWords) -> tuple[str, ...]:
        """Return the ad formats that the row can mean."""
        return words.meant(
            self.word,
            name=self.name,
            dimensions=read_dimensions(self._text("dimensions")),
            file_type=self._text("file_type"),
        )

    def entry(
        self, platform: str, account: str, ad_format: str, words: AdFormatWords
    ) -> KnownEntry:
        """Return the entry that the row makes on the user's word."""
        name = self.name.strip()
        date = self._text("upload_date")
        return KnownEntry(
            platform=platform,
            account=account,
            ad_format=ad_format,
            creative_id=self.creative_id or "",
            name=name,
            key=name_key(words.key_stem(name)),
            upload_date=next(iter(read_dates(date)), date),
            dimensions=read_dimensions(self._text("dimensions")),
            file_type=self._text("file_type") or Path(name).suffix.lower().lstrip("."),
            review_status=self.review_status,
            origin=Origin.USER,
            extra=self.extra,
        )

    def _text(self, column: str) -> str:
        return meant(self.cells.get(column, "")).strip()


def differences(
    row: Line, entry: KnownEntry, formats: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield column, what the ledger has and what the row has, where they differ in meaning.

    A review status that the ledger lacks is no difference, nor is a column that the file lacks.
    """

    def cell(column: str) -> str:
        return meant(row.cells[column]) if column in row.cells else plain_cell(entry, column)

    if "filename" in row.cells and not row.bears(entry.name):
        yield "filename", entry.name, row.name
    date = cell("upload_date").strip()
    if date != entry.upload_date.strip() and entry.upload_date not in read_dates(date):
        yield "upload_date", entry.upload_date, date
    if read_dimensions(cell("dimensions")) != read_dimensions(entry.dimensions):
        yield "dimensions", entry.dimensions, cell("dimensions")
    kind = cell("file_type").strip()
    # A row may leave the type to its file's name.
    if kind.casefold() != entry.file_type.strip().casefold() and (
        kind or entry.file_type != Path(entry.name).suffix.lower().lstrip(".")
    ):
        yield "file_type", entry.file_type, kind
    if row.word and entry.ad_format not in formats:
        yield "creative_type", entry.ad_format, row.word
    status = cell("review_status").strip()
    if entry.review_status and status.casefold() != entry.review_status.strip().casefold():
        yield "review_status", entry.review_status, status


def plain_cell(entry: KnownEntry, column: str) -> str:
    """Return what an entry has in one of the columns that a file may lack."""
    return {
        "upload_date": entry.upload_date,
        "dimensions": entry.dimensions,
        "file_type": entry.file_type,
        "review_status": entry.review_status,
    }[column]


def same_row(one: KnownEntry, other: KnownEntry) -> bool:
    """Say whether two entries would be written as the same row."""
    own = sorted({*one.extra, *other.extra})
    return written(one, own) == written(other, own)


def unglued(row: Row, columns: Sequence[str], look_up: LookUp) -> list[Row]:
    """Return the two rows that stand on one line because the first one lacked its end, else none.

    Where the first ends shows in its last cell: what the ledger has there, and then the digits of
    the second one's Creative ID.
    """
    last = len(columns) - 1
    if columns[0] != "creative_id":
        return []
    own = [column for column in columns if column not in COLUMNS]
    creative_id = read_id(row.cells[0])
    joined = row.cells[last]
    heads = []
    for entry in look_up([creative_id] if creative_id else []).get(creative_id or "", ()):
        values = {**dict.fromkeys(own, ""), **entry.extra}
        if columns[last] in COLUMNS:
            values[columns[last]] = _cell(entry, columns[last])
        heads.append(values[columns[last]])
    if columns[last] == "review_status":
        heads.append(re.sub(r"\d+$", "", joined))
    for head in heads:
        rest = joined.removeprefix(head)
        if joined.startswith(head) and rest.isascii() and rest.isdigit():
            return [
                Row(row.number, [*row.cells[:last], head]),
                Row(row.number, [rest, *row.cells[last + 1 :]]),
            ]
    return []


def _cell(entry: KnownEntry, column: str) -> str:
    if column == "creative_type":
        return entry.ad_format
    if column == "filename":
        return shown(entry.name)
    return entry.creative_id if column == "creative_id" else plain_cell(entry, column)
