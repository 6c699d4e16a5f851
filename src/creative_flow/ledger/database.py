"""Connections to the ledger's database: how they are made, and what is said when they fail."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from creative_flow.durable import make_folder, sync_folder
from creative_flow.errors import LedgerError
from creative_flow.ledger.schema import bring_up_to_date

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

Opened = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction, for reading or for writing."""

_BUSY_MILLISECONDS = 30_000
_CONNECT_SECONDS = 10
_SMALL_BYTES = 4 * 1024 * 1024
"""Up to this size a SQLite file is checked as a whole when it is opened: a few milliseconds."""


class Database:
    """An open database with the ledger's tables in their newest version."""

    def __init__(self, url: str) -> None:
        """Open or create the database. Raises `LedgerError`, which never shows the password."""
        parsed = _parse(url)
        self._secrets = _secrets(parsed)
        self._where = parsed.render_as_string(hide_password=True)
        if parsed.get_backend_name() == "sqlite":
            file = Path(parsed.database or "")
            self._where = str(file)
            _make_file(file)
            self.engine = _sqlite(parsed)
        else:
            self._where = f"at {parsed.host or 'the local socket'}, database {parsed.database!r},"
            self.engine = _postgresql(parsed)
        try:
            with self.transaction() as connection:
                bring_up_to_date(connection)
            if parsed.get_backend_name() == "sqlite":
                self._check_small(Path(parsed.database or ""))
        except LedgerError:
            self.engine.dispose()
            raise

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield a connection whose work is durable on leaving, or undone if an error leaves."""
        with self.one_line(), self.engine.connect() as connection:
            writing = connection.execution_options(writes=True)
            with writing.begin():
                yield writing

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that changes nothing."""
        with self.one_line(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def one_line(self) -> Iterator[None]:
        """Turn a failure of the database into one line without secrets."""
        try:
            yield
        except DBAPIError as error:
            # The original carries the address it was given, so it does not travel along.
            raise self._failure(str(error.orig)) from None
        except SQLAlchemyError as error:
            raise self._failure(str(error)) from None

    def _failure(self, reason: str) -> LedgerError:
        line = " ".join(reason.split())
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return LedgerError(
            f"The ledger {self._where} can't be used: {line.rstrip('.')}.", hint=_hint(line)
        )

    def _check_small(self, file: Path) -> None:
        if file.stat().st_size > _SMALL_BYTES:
            return  # damage is then reported when it is met
        with self.reading() as connection:
            answer = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if answer != "ok":
            raise self._failure("database disk image is malformed")


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise LedgerError(
            "CFU_DATABASE_URL is no database address.",
            hint="It looks like postgresql://user:password@host/database.",
        ) from None
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise LedgerError(
            f"A ledger can't be kept in {parsed.drivername!r}.", hint="Use SQLite or PostgreSQL."
        )
    if parsed.drivername == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise LedgerError("A ledger needs a file.", hint="For example sqlite:////path/ledger.db.")
    return parsed


def _secrets(url: URL) -> tuple[str, ...]:
    values = [url.password, *(v for k, v in url.query.items() if "pass" in k)]
    return tuple(value for value in values if isinstance(value, str) and value)


def _hint(line: str) -> str:
    lower = line.lower()
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


def _make_file(file: Path) -> None:
    """Create the file readable by its owner only, and durably so."""
    try:
        make_folder(file.parent)
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        is_new = os.fstat(handle).st_size == 0
        os.close(handle)
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


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        if not isinstance(connection, sqlite3.Connection):  # pragma: no cover - for the type only
            raise TypeError(type(connection))
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in (
            f"busy_timeout = {_BUSY_MILLISECONDS}",
            "journal_mode = WAL",
            "synchronous = EXTRA",  # where no WAL can be had, a commit is durable, too
            "fullfsync = ON",  # macOS: else a sync may stop at the drive's cache
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer that starts as a reader can't wait for another writer, so it says so at once.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL) -> Engine:
    arguments: dict[str, object] = {"connect_timeout": _CONNECT_SECONDS}
    if "options" not in url.query:
        arguments["options"] = "-c synchronous_commit=on"
    try:
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=arguments)
    except ImportError as error:
        raise LedgerError(
            "PostgreSQL needs the psycopg package.",
            hint="Run `pip install creative-flow[postgres]`.",
        ) from error
