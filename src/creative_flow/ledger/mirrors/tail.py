"""What people append to a library mirror by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from creative_flow.ledger.mirrors.rows import written
from creative_flow.ledger.mirrors.spreadsheet import (
    Row,
    Unreadable,
    delimiter_of,
    read_rows,
    split,
)
from creative_flow.ledger.records import KnownEntry


def appended(tail: bytes, lines_before: int, columns: int) -> Iterator[Row]:
    """Yield the rows of a tail that was written by hand, in whatever form.

    ``columns`` is the number of the file's columns; empty cells beyond are left out. Raises
    `Unreadable`.
    """
    try:
        text = tail.decode()
    except UnicodeDecodeError:
        text = tail.decode("cp1252", errors="replace")
    if "\0" in text:
        raise Unreadable("what was appended is no text")
    for row in read_rows(split(text), ",", lines_before):
        cells = row.cells
        if len(cells) == 1:
            again = next(read_rows(split(cells[0]), delimiter_of(cells[0]), 0), row)
            cells = again.cells
        if not any(cell.strip() for cell in cells[columns:]):
            cells = cells[:columns]
        yield Row(row.number, cells)


def may_be_torn(
    rows: Sequence[Row], tail: bytes, next_entry: KnownEntry, own: Sequence[str]
) -> bool:
    """Say whether the first row may be glued to the beginning of one that a crash cut off.

    ``next_entry`` is the one that was to be written there. An id made of the two would be wrong.
    """
    glued = tail[:1] == written(next_entry, own).encode()[:1]
    return bool(rows) and glued and len(rows[0].cells[0].strip()) != len(next_entry.creative_id)
