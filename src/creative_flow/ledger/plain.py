"""A ledger's SQLite file, without SQLAlchemy."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from threading import RLock
from typing import Any, Self
from urllib.parse import quote

from creative_flow.durable import make_folder, sync_folder
from creative_flow.errors import LedgerError
from creative_flow.ledger.statements import Execute
from creative_flow.ledger.version import VERSION

BUSY_MILLISECONDS = 30_000
PRAGMAS = (
    f"busy_timeout = {BUSY_MILLISECONDS}",
    "journal_mode = WAL",
    "synchronous = EXTRA",  # where no WAL can be had, a commit is durable, too
    "fullfsync = ON",  # macOS: else a sync may stop at the drive's cache
    "foreign_keys = ON",
)
"""How every connection to the file is set up."""
SMALL_BYTES = 4 * 1024 * 1024
"""Up to this size a file is checked as a whole when it is opened: a few milliseconds."""

_ANY_TABLE = "SELECT 1 FROM sqlite_master LIMIT 1"


class PlainFile:
    """An open SQLite file with the ledger's tables in their newest version.

    Calls may come from any thread: who writes waits for others who write, who reads for others who
    read. They raise `LedgerError` if the file fails.
    """

    def __init__(self, file: Path, reader: _Connection, writer: _Connection) -> None:
        """For `open` alone."""
        self._file = file
        self._reader = reader
        self._writer = writer

    @classmethod
    def open(cls, file: Path, *, make: bool = False) -> Self | None:
        """Open a ledger's file, or return None if SQLAlchemy's way has to see to it.

        It has where the file is of another version, is damaged, or can't be opened; and, unless the
        file is to be made, where there is none.
        """
        with ExitStack() as opened, suppress(LedgerError, OSError, ValueError):
            if make:
                make_file(file)
            # A reader of its own need not wait until what is written is on the disk.
            writer = opened.enter_context(closing(_Connection(file)))
            reader = opened.enter_context(closing(_Connection(file)))
            it = cls(file, reader, writer)
            if make:
                it._make_tables()
            if it._is_sound():
                opened.pop_all()
                return it
        return None

    def close(self) -> None:
        """Close the file."""
        self._reader.close()
        self._writer.close()

    @contextmanager
    def reading(self) -> Iterator[Execute]:
        """Open a transaction that changes nothing."""
        with self._reader.transaction("BEGIN"):
            yield self._reader

    @contextmanager
    def writing(self) -> Iterator[Execute]:
        """Open a transaction whose work is durable on leaving, or undone if an error leaves."""
        # A writer that starts as a reader can't wait for another writer, so it says so at once.
        with self._writer.transaction("BEGIN IMMEDIATE"):
            yield self._writer

    def _make_tables(self) -> None:
        with self.reading() as execute:  # to write, one waits for who else does
            if execute(_ANY_TABLE):
                return
        with self.writing() as execute:
            if execute(_ANY_TABLE):
                return
            for statement in tables_sql().split(";\n"):
                execute(statement)
            execute("INSERT INTO schema_version (version) VALUES (?)", [VERSION])

    def _is_sound(self) -> bool:
        with self.reading() as execute:
            if self._file.stat().st_size <= SMALL_BYTES:
                [(answer,)] = execute("PRAGMA quick_check(1)")
                if answer != "ok":
                    return False
            [(version,)] = execute("SELECT version FROM schema_version")
            return bool(version == VERSION)


class _Connection:
    """One connection to the file: `Execute`, within a transaction."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = RLock()
        # `?` and `#` are no part of an address.
        address = f"file:{quote(str(file.absolute()))}?mode=rw"
        with self._one_line(), ExitStack() as opened:
            self._connection = sqlite3.connect(
                address, uri=True, isolation_level=None, check_same_thread=False
            )
            opened.callback(self._connection.close)
            self._connection.row_factory = sqlite3.Row
            for pragma in PRAGMAS:
                self._connection.execute(f"PRAGMA {pragma}").close()
            opened.pop_all()

    def close(self) -> None:
        """Close it once whoever uses it in another thread is through: else Python crashes."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self, begin: str) -> Iterator[None]:
        with self._lock:
            self(begin)
            try:
                yield
                self("COMMIT")
            finally:
                if self._connection.in_transaction:  # an error leaves
                    with suppress(LedgerError):
                        self("ROLLBACK")

    def __call__(self, statement: str, values: Sequence[object] = ()) -> Sequence[Any]:
        """Execute a statement; return its rows, read by position or name."""
        with self._lock, self._one_line():
            return self._connection.execute(statement, values).fetchall()

    def many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Execute a statement once for each row of values."""
        with self._lock, self._one_line():
            self._connection.executemany(statement, rows).close()

    @contextmanager
    def _one_line(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            reason = " ".join(str(error).split()).rstrip(".")
            raise LedgerError(
                f"The ledger {self._file} can't be used: {reason}.", hint=hint(reason)
            ) from None


def tables_sql() -> str:
    """Return the statements that make the tables in SQLite, ``;`` and a new line between them."""
    return files(__package__).joinpath("tables.sql").read_text("utf-8").strip().removesuffix(";")


def make_file(file: Path) -> None:
    """Create the file readable by its owner only, and durably so. Raises `LedgerError`."""
    try:
        make_folder(file.parent)
        if not (file.is_file() and os.access(file, os.R_OK | os.W_OK)):
            # This makes it, or says why it can't be had. To open one that is there would not do:
            # closing it gives up the locks that other ledgers of this process have on it.
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        is_new = file.stat().st_size == 0
        sync_folder(file.parent)
        # Whoever made the folders may have died before their names were durable.
        for folder in file.parent.parents if is_new else ():
            with suppress(PermissionError):
                sync_folder(folder)
    except OSError as error:
        raise LedgerError(
            f"The ledger {file} can't be opened: {error.strerror}.",
            hint="Check who may read and write it and its folder.",
        ) from error


def hint(reason: str) -> str:
    """Return what to do about what a database said."""
    lower = reason.lower()
    if "malformed" in lower or "not a database" in lower:
        return "Move it aside and run again: the library is read back from its CSV file."
    if "full" in lower or "no space" in lower:
        return "Free some space and run again."
    if "i/o error" in lower:
        return "Check that the disk works and is not full, and run again."
    if "locked" in lower:
        return "Another program holds it; try again when that is done."
    if "readonly" in lower or "unable to open" in lower:
        return "Check who may read and write it and its folder."
    if "connection" in lower or "connect" in lower:
        return "Check CFU_DATABASE_URL, and that the server runs."
    return ""
