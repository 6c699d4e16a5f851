"""A batch folder's ``manifest.csv``: what lies in it, where it came from, and which id it has.

It grows by appending, flushed, before a file comes to lie in the folder; a torn last line counts as
not written. Rows change only when files are restored, or did not come after all: then the whole is
written anew, atomically.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from attrs import asdict, evolve, fields, frozen

from creative_flow.errors import WorkspaceError
from creative_flow.ledger.mirrors import disk
from creative_flow.ledger.mirrors.cells import line, meant, read_id, shown
from creative_flow.ledger.mirrors.disk import Stamp, TouchedMeanwhile
from creative_flow.ledger.mirrors.spreadsheet import Sheet, Unreadable

NAME = "manifest.csv"
UPLOADED = "uploaded"
"""The folder whose sub-folders a batch folder keeps."""

_ATTEMPTS = 5
_SHA256 = re.compile(r"[0-9a-f]{64}")


@frozen
class Entry:
    """One row. ``path`` is where the file lay, relative to the workspace, with ``/``.

    ``name`` is its name in the batch folder, which differs from its own where that was taken.
    ``archived_at`` and ``restored_at`` are ISO 8601 in local time; the latter is empty while the
    file is archived.
    """

    name: str
    size: int
    sha256: str
    creative_id: str
    path: str
    ad_format: str
    platform: str
    account: str
    run: str
    archived_at: str
    restored_at: str = ""

    @property
    def place(self) -> str:
        """Where the file lies below the batch folder, with ``/``."""
        folder = self.path.removeprefix(f"{UPLOADED}/").rpartition("/")[0]
        return f"{folder}/{self.name}" if folder else self.name

    @property
    def is_sound(self) -> bool:
        """Whether the row can be acted on: it leads nowhere out of the workspace."""
        path = PurePosixPath(self.path)
        return (
            bool(_SHA256.fullmatch(self.sha256))
            and self.path not in {"", ".", UPLOADED}
            and not path.is_absolute()
            and not {"..", "\0"} & set(path.parts)
            and self.name not in {"", ".", ".."}
            and not {"/", "\0"} & set(self.name)
        )


COLUMNS = tuple(field.name for field in fields(Entry))
_HEADER = line(COLUMNS).encode()


class Manifest:
    """One manifest, as it stands. Calls raise `WorkspaceError` if it can't be read or written.

    ``kept_aside`` is where a copy goes before a file that somebody saved in another form is put
    into ours; ``notices`` then says so.
    """

    def __init__(self, path: Path, kept_aside: Path) -> None:
        self.path = path
        self.notices: list[str] = []
        self._kept_aside = kept_aside
        self._stamp: Stamp | None = None
        self._whole = 0
        self._another_form = False
        self._read()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All rows, in order."""
        return tuple(self._entries)

    @property
    def archived(self) -> tuple[Entry, ...]:
        """The rows of files that are archived, or were about to be."""
        return tuple(self._archived.values())

    def of(self, path: str, sha256: str) -> Entry | None:
        """Return the row of a file that is archived, by where it lay and its content."""
        return self._archived.get((path, sha256))

    def at(self, place: str) -> Entry | None:
        """Return the row of what is archived at a place below the batch folder."""
        return self._at.get(place)

    def append(self, entries: Sequence[Entry]) -> None:
        """Add rows, durably, below a header line if the file is new.

        A row takes the place of one for the same file that named another place.
        """
        if not entries:
            return
        data = b"".join(map(_line, entries))
        for _ in range(_ATTEMPTS):
            outdated = {it for entry in entries if (it := self.of(entry.path, entry.sha256))}
            if outdated or self._another_form:
                self._write([*(it for it in self._entries if it not in outdated), *entries])
                return
            try:
                self._grow(data)
            except TouchedMeanwhile:
                self._read()
                continue
            for entry in entries:
                self._add(entry)
            return
        raise self._never_quiet()

    def _grow(self, data: bytes) -> None:
        """Write rows behind the last whole one. Raises `TouchedMeanwhile`."""
        with disk.blaming(self.path):
            stamp = Stamp.of(self.path)
        if stamp != self._stamp:
            raise TouchedMeanwhile
        start = b"" if self._whole else _HEADER
        if stamp is None:
            disk.replace(self.path, [start, data], None)
        else:
            disk.append(self.path, start + data, at=self._whole, size=stamp.size)
        self._whole += len(start) + len(data)
        with disk.blaming(self.path):
            self._stamp = Stamp.of(self.path)

    def drop(self, entries: Collection[Entry]) -> None:
        """Take rows away: their files did not come to lie here."""
        gone = set(entries)
        self._write([it for it in self._entries if it not in gone])

    def mark_restored(self, entries: Collection[Entry], at: str) -> None:
        """Write that files are back where they came from, since ``at`` (ISO 8601)."""
        back = set(entries)
        self._write([evolve(it, restored_at=at) if it in back else it for it in self._entries])

    # ── Reading and writing ──────────────────────────────────────────────────────────────────────

    def _read(self) -> None:
        self._entries: list[Entry] = []
        self._archived: dict[tuple[str, str], Entry] = {}
        self._at: dict[str, Entry] = {}
        self._whole = 0
        self._another_form = False
        with disk.blaming(self.path):
            self._stamp = Stamp.of(self.path)
            data = self.path.read_bytes() if self._stamp else b""
        if _HEADER.startswith(data):
            return
        rows: Iterable[dict[str, str]]
        try:
            if data.startswith(_HEADER):
                self._whole = _whole_lines(data)
                text = data[: self._whole].decode()
                rows = csv.DictReader(io.StringIO(text, newline=""))
                entries = [_entry(row) for row in rows]
            else:
                self._another_form = True
                entries = [_entry(row) for row in _edited(self.path)]
        except (Unreadable, UnicodeDecodeError, csv.Error) as error:
            raise WorkspaceError(
                f"{self.path} can't be read: {error}.",
                hint="Give it another name, and what lies in its folder is listed no more.",
            ) from error
        for entry in entries:
            if entry is not None:
                self._add(entry)
        if lost := entries.count(None):
            self._another_form = True
            rows_are = "a row" if lost == 1 else f"{lost} rows"
            self.notices.append(f"{self.path}: {rows_are} can't be read.")

    def _add(self, entry: Entry) -> None:
        self._entries.append(entry)
        if not entry.restored_at:
            self._archived[entry.path, entry.sha256] = entry
            self._at[entry.place] = entry

    def _write(self, entries: Sequence[Entry]) -> None:
        """Write the whole file anew; where somebody else wrote it meanwhile, that is kept aside."""
        if self._another_form:
            self._keep_aside()
        for _ in range(_ATTEMPTS):
            try:
                data = (_HEADER, *map(_line, entries))
                disk.replace(self.path, data, self._stamp)
            except TouchedMeanwhile:
                self._keep_aside()
                with disk.blaming(self.path):
                    self._stamp = Stamp.of(self.path)
                continue
            self._read()
            return
        raise self._never_quiet()

    def _keep_aside(self) -> None:
        if self.path.exists():
            copy = disk.keep_aside(self.path, self._kept_aside)
            self.notices.append(
                f"{self.path} was saved by another program; a copy of that is {copy}."
            )

    def _never_quiet(self) -> WorkspaceError:
        return WorkspaceError(
            f"{self.path} is being changed all the time.",
            hint="Close it in the other program and run again.",
        )


def _line(entry: Entry) -> bytes:
    return line(shown(str(cell)) for cell in asdict(entry).values()).encode()


def _entry(row: dict[str, str]) -> Entry | None:
    """Return a row's entry, or None for one that can't be acted on."""
    cells = {name: meant(row.get(name) or "") for name in COLUMNS}
    size = cells.pop("size")
    entry = Entry(size=int(size) if size.isdecimal() else 0, **cells)
    return entry if entry.is_sound else None


def _edited(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a manifest in the form that a spreadsheet has given it."""
    sheet = Sheet.open(path, COLUMNS, required=("name", "sha256", "path"))
    for row in sheet.rows():
        cells = dict(zip(sheet.columns, row.cells, strict=False))
        creative_id = cells.get("creative_id", "")
        yield cells | {"creative_id": read_id(creative_id) or creative_id}


def _whole_lines(data: bytes) -> int:
    """Return how many bytes are whole lines. A line end within quotes ends no line."""
    end = offset = 0
    quoted = False
    for piece in data.splitlines(keepends=True):
        offset += len(piece)
        quoted ^= piece.count(b'"') % 2 == 1
        if piece.endswith(b"\n") and not quoted:
            end = offset
    return end
