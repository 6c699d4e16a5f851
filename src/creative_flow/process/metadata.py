"""What the user says of folders: ``tracking/metadata_defaults.csv``, one row per folder.

A row holds for the files in its folder, and for those in folders below it that have no row.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath

from attrs import evolve, frozen

from creative_flow.errors import UsageError
from creative_flow.ledger.mirrors.cells import meant, shown
from creative_flow.ledger.mirrors.disk import Stamp, TouchedMeanwhile, blaming, replace
from creative_flow.ledger.mirrors.spreadsheet import (
    Row,
    Sheet,
    Unreadable,
    read_rows,
    split,
)
from creative_flow.naming import MAY_BE_EMPTY, clean

FIELDS = {
    "category_name": "category",
    "model_sex": "model_sex",
    "style": "style",
    "creator_name": "creator",
    "language": "language",
    "content_type": "rating",
    "creative_description": "type",
    "test_id": "test_id",
}
"""Which field of a name each column gives."""

COLUMNS = ("folder_path", *FIELDS)

_COLUMN_OF = {field: column for column, field in FIELDS.items()}
NONE = "-"
"""What stands for "none, whatever the settings say", where a field may be empty."""

SOURCE_FILES = "source_files"


@frozen
class MetadataRow:
    """What holds for the files of one folder, as the user wrote it. What is not said is empty.

    ``folder_path`` is relative to ``source_files/``, with ``/`` between the folders. ``where`` is
    the file and line; ``problem`` says why the row can't be used at all.
    """

    folder_path: str
    category_name: str = ""
    model_sex: str = ""
    style: str = ""
    creator_name: str = ""
    language: str = ""
    content_type: str = ""
    creative_description: str = ""
    test_id: str = ""
    where: str = ""
    problem: str = ""

    def says(self, field: str) -> tuple[str, str]:
        """Return what it gives for a field of `creative_flow.naming.Fields`, and where."""
        column = _COLUMN_OF[field]
        return getattr(self, column), f"{self.where}, column {column}"


@frozen
class Metadata:
    """The rows by their folders' keys. ``problems`` is all that is wrong with them, in lines."""

    rows: Mapping[str, MetadataRow] = {}
    problems: tuple[str, ...] = ()

    def nearest(self, folder: str | PurePath) -> MetadataRow | None:
        """Return the row of a folder, else of the nearest above it, else None."""
        key = folder_key(folder)
        while key and key not in self.rows:
            key = key.rpartition("/")[0]
        return self.rows.get(key)


def folder_key(folder: str | PurePath) -> str:
    """Return what all ways to write a folder share; for ``source_files/`` itself it is empty."""
    text = unicodedata.normalize("NFC", str(folder).casefold()).replace("\\", "/")
    names = [name.strip() for name in text.split("/") if name.strip() not in {"", "."}]
    return "/".join(names[1:] if names[:1] == [SOURCE_FILES] else names)


def read(path: Path) -> Metadata:
    """Read the file. One that is missing or empty says nothing.

    Everything that is wrong in it is told at once, in `Metadata.problems`; what can be used counts.
    Raises `UsageError` for a file that is no such table, and `WorkspaceError`.
    """
    rows: dict[str, MetadataRow] = {}
    problems: list[str] = []
    try:
        with blaming(path):
            stamp = Stamp.of(path)
            if stamp is None or not stamp.size:
                return Metadata()
            sheet = Sheet.open(path, COLUMNS, required=COLUMNS[:1])
            lines = list(sheet.rows())
    except Unreadable as error:
        raise _no_table(path, error) from error
    for line in lines:
        row = _row(sheet, line)
        problems += _problems(row)
        if not row.folder_path:
            continue
        key = folder_key(row.folder_path)
        if first := rows.get(key):
            twice = (
                f"{first.where} and line {line.number}, column folder_path: both are for the "
                f"folder {row.folder_path!r}. Keep one of them."
            )
            problems.append(twice)
            row = evolve(first, problem=first.problem or twice)
        rows[key] = row
    return Metadata(rows, tuple(problems))


def remember(path: Path, row: MetadataRow) -> None:
    """Add a row to the file, durably, and make the file if there is none.

    What stands in it stays, the user's own columns and the way it is written included. Raises
    `UsageError` if it is no such table or has that folder already, and `WorkspaceError`.
    """
    while True:
        try:
            with blaming(path):
                stamp = Stamp.of(path)
                data = _with(path, row) if stamp and stamp.size else _new(row)
            replace(path, [data], stamp)
        except Unreadable as error:
            raise _no_table(path, error) from error
        except TouchedMeanwhile:
            continue  # somebody saved it just now, so it is read again
        return


def value(field: str, text: str) -> str:
    """Return `clean` of a text, but nothing of nothing. Raises `UsageError`."""
    if not text.strip() or (text.strip() == NONE and field in MAY_BE_EMPTY):
        return ""
    return clean(field, text)


def _row(sheet: Sheet, line: Row) -> MetadataRow:
    named = zip(sheet.columns, line.cells, strict=False)
    cells = {column: meant(cell.strip()) for column, cell in named if column in COLUMNS}
    folder = cells.pop("folder_path", "")
    where, problem = f"{sheet.path}, line {line.number}", ""
    if not folder:
        problem = f"{where}, column folder_path: it is empty. Write {SOURCE_FILES} for all folders."
    elif any(cell.strip() for cell in line.cells[len(sheet.columns) :]):
        problem = (
            f"{where}: it has more cells than there are columns. "
            f"Put quotes around a cell that holds {sheet.delimiter!r}."
        )
    return MetadataRow(folder, **cells, where=where, problem=problem)


def _problems(row: MetadataRow) -> Iterator[str]:
    if row.problem:
        yield row.problem
    for field in FIELDS.values():
        text, where = row.says(field)
        try:
            if not row.problem:
                value(field, text)
        except UsageError as error:
            yield f"{where}: {error}"


def _new(row: MetadataRow) -> bytes:
    return f"{_line(COLUMNS, ',')}\n{_line(_cells(row, COLUMNS), ',')}\n".encode()


def _with(path: Path, row: MetadataRow) -> bytes:
    """Return the file with one more row, and with more columns if that needs any."""
    known = read(path).rows.get(folder_key(row.folder_path))
    if known is not None:
        raise UsageError(f"{known.where}: the folder {known.folder_path!r} has a row already.")
    sheet = Sheet.open(path, COLUMNS, required=COLUMNS[:1])
    lines = list(split(path.read_bytes().decode(sheet.encoding)))
    heading = lines[sheet.first - 1].rstrip("\r\n")
    end = lines[sheet.first - 1][len(heading) :] or "\n"
    more = [name for name in COLUMNS if name not in sheet.columns and getattr(row, name)]
    if more:
        lines[sheet.first - 1] = sheet.delimiter.join([heading, *more]) + end
    if not lines[-1].endswith(("\r", "\n")):
        lines[-1] += end
    cells = _cells(row, [*sheet.columns, *more])
    lines.append(_line(cells, sheet.delimiter) + end)
    *_, last = read_rows(iter(lines[sheet.first :]), sheet.delimiter, sheet.first)
    if list(last.cells) != cells:
        raise Unreadable(f"in line {last.number} a quote is opened and never closed")
    text = "".join(lines)
    try:
        return text.encode(sheet.encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8-sig")  # an old code page has no such letters


def _cells(row: MetadataRow, columns: Sequence[str]) -> list[str]:
    return [shown(getattr(row, name)) if name in COLUMNS else "" for name in columns]


def _line(cells: Sequence[str], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="").writerow(cells)
    return text.getvalue()


def _no_table(path: Path, error: Unreadable) -> UsageError:
    return UsageError(f"{path}: {error}.", hint=f"Its columns are {','.join(COLUMNS)}.")
