"""Reading a CSV file as people and spreadsheets leave it."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

_BLOCK = 1024 * 1024
_LONGEST_CELL = 1_000_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Unreadable(Exception):
    """The file is no table. The message says why, in one line, after the file's name."""


@frozen
class Row:
    """One line of a table. ``number`` is where it begins, counted from 1 as editors do."""

    number: int
    cells: Sequence[str]


@frozen
class Sheet:
    """A CSV file whose form is understood; the rows are read one after the other.

    ``columns`` are the known columns by their names, the others by their headings as they stand.
    """

    path: Path
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    first: int

    @classmethod
    def open(cls, path: Path, known: Sequence[str], required: Sequence[str]) -> Sheet:
        """Find out how the file is written. Raises `Unreadable`, and `OSError` as is."""
        encoding = _encoding(path)
        with path.open(encoding=encoding, newline="") as file:
            lines = iter(file)
            number = 0
            for text in lines:
                number += 1
                if text.lower().startswith("sep=") or not text.strip(' ,;"\t\r\n'):
                    continue
                delimiter, cells = _header(text, known)
                columns = _columns(cells, known)
                missing = [name for name in required if name not in columns]
                if missing:
                    break
                return cls(path, encoding, delimiter, columns, number)
        raise Unreadable("its header line can't be read")

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header that hold anything. Raises `Unreadable`."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            for _ in range(self.first):
                next(file)
            yield from read_rows(file, self.delimiter, self.first)


def read_rows(lines: Iterator[str], delimiter: str, before: int) -> Iterator[Row]:
    """Yield the rows of these lines, ``before`` of which came earlier. Raises `Unreadable`."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(lines, delimiter=delimiter)
    number = before + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Row(number, cells)
            number = before + reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(f"line {number} can't be read ({error})") from error


def split(text: str) -> Iterator[str]:
    """Yield the lines of a text with their ends, as a file would."""
    return iter(re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text))


def delimiter_of(text: str) -> str:
    """Return what divides the cells of a line without header: the one that does it most."""
    return max(",;\t", key=text.count)


def _encoding(path: Path) -> str:
    """Return the encoding in which the whole file can be read. Raises `Unreadable`."""
    with path.open("rb") as file:
        start = file.read(4096)
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            candidates: tuple[str, ...] = (encoding,)
            break
    else:
        if b"\0" in start:
            low = start[1::2].count(0) > len(start) // 4
            candidates = ("utf-16-le" if low else "utf-16-be",)
        else:
            candidates = ("utf-8", "cp1252")
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise Unreadable("it is no text")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while data := file.read(_BLOCK):
                if "\0" in decoder.decode(data):
                    return False
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _header(text: str, known: Sequence[str]) -> tuple[str, list[str]]:
    """Return the delimiter that shows the most known columns, and the cells it gives."""
    best: tuple[str, list[str]] = (",", [])
    most = -1
    for delimiter in (",", ";", "\t"):
        cells = next(csv.reader([text], delimiter=delimiter), [])
        score = len({_plain(cell) for cell in cells} & {_plain(name) for name in known})
        if score > most:
            best, most = (delimiter, cells), score
    return best


def _plain(heading: str) -> str:
    return re.sub(r"[\s\-_]+", "_", heading.strip().strip("\ufeff").casefold()).strip("_")


def _columns(cells: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return one name per column, all different."""
    names: list[str] = []
    spelt = {_plain(name): name for name in known}
    for number, cell in enumerate(cells, start=1):
        heading = cell.strip() or f"column {number}"
        name = spelt.get(_plain(cell), heading)
        if name in names:
            name = heading
        while name in names:
            name = f"{name} ({number})"
        names.append(name)
    return tuple(names)
