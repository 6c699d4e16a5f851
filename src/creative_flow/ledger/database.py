"""Connections to the ledger's database: how they are made, and what is said when they fail."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from creative_flow.errors import LedgerError
from creative_flow.ledger.plain import PRAGMAS, SMALL_BYTES, hint, make_file
from creative_flow.ledger.schema import bring_up_to_date
from creative_flow.ledger.statements import Executing

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

Connected = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction, for reading or for writing, whose statements are SQLAlchemy's."""

_CONNECT_SECONDS = 10


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
            make_file(file)
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
    def writing_text(self) -> Iterator[Executing]:
        """Do as `transaction` does, for statements that are text."""
        with self.transaction() as connection:
            yield Executing(connection)

    @contextmanager
    def reading_text(self) -> Iterator[Executing]:
        """Do as `reading` does, for statements that are text."""
        with self.reading() as connection:
            yield Executing(connection)

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
            f"The ledger {self._where} can't be used: {line.rstrip('.')}.", hint=hint(line)
        )

    def _check_small(self, file: Path) -> None:
        if file.stat().st_size > SMALL_BYTES:
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


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        if not isinstance(connection, sqlite3.Connection):  # pragma: no cover - for the type only
            raise TypeError(type(connection))
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in PRAGMAS:
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
