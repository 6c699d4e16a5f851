"""Locks that are given back when their holder dies, however it dies.

The kernel does that for a file on one machine, the database server for all machines that share a
ledger. So no dead holder has to be recognized, and no clock is trusted.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_NAME_BYTES = 63
"""PostgreSQL cuts an application's name there."""


class Lock(Protocol):
    """One lock, taken or not."""

    def take(self) -> str | None:
        """Take it and return None, or return in words who has it."""

    def held(self) -> bool:
        """Say whether it is still held; once lost it stays lost."""

    def release(self) -> None:
        """Give it back. Twice is fine."""


class FileLock:
    """A lock among the processes of this machine, at one path. Raises `OSError` as it comes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> str | None:
        """Take the lock, or return its holder as the holder wrote it down."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        while True:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = _read(handle)
                os.close(handle)
                return holder
            except OSError:
                os.close(handle)
                raise
            self._handle = handle
            if self.held():
                break
            self.release()  # the file was removed in between; take the one that is there now
        os.truncate(handle, 0)
        os.pwrite(handle, json.dumps([_here(), _now()]).encode(), 0)
        return None

    def held(self) -> bool:
        """Say whether the file that others would lock is the one that is locked here."""
        if self._handle is None:
            return False
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        own = os.fstat(self._handle)
        return (there.st_dev, there.st_ino) == (own.st_dev, own.st_ino)

    def release(self) -> None:
        """Give the lock back."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


class ServerLock:
    """A lock among all clients of one PostgreSQL server: an advisory lock of one connection."""

    def __init__(self, engine: Engine, key: str) -> None:
        digest = hashlib.sha256(key.encode()).digest()
        self._key = int.from_bytes(digest[:8], "big", signed=True)
        self._engine = engine
        self._connection: Connection | None = None

    def take(self) -> str | None:
        """Take the lock, or return its holder as the server knows it.

        Raises `sqlalchemy.exc.DBAPIError` if the server can't be asked.
        """
        from sqlalchemy import text

        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        with ExitStack() as undo:
            # Only a connection that has the lock is kept.
            undo.callback(connection.close)
            undo.callback(connection.invalidate)
            name = _here().encode()[:_NAME_BYTES].decode(errors="ignore")
            connection.execute(
                text("SELECT set_config('application_name', :name, false)"), {"name": name}
            )
            if connection.execute(
                text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}
            ).scalar_one():
                self._connection = connection
                undo.pop_all()
                return None
            holder = connection.execute(text(_HOLDER), self._halves()).one_or_none()
        if holder is None:
            return "a process that has only just ended"
        return f"{holder.name}, since {holder.since.astimezone().isoformat(timespec='seconds')}"

    def held(self) -> bool:
        """Ask the server whether this very connection still has the lock."""
        from sqlalchemy import text
        from sqlalchemy.exc import DBAPIError

        if self._connection is None:
            return False
        try:
            mine = self._connection.execute(text(_MINE), self._halves()).scalar_one()
        except DBAPIError:
            mine = False
        if not mine:
            self.release()  # a connection that comes back is another one, without the lock
        return bool(mine)

    def release(self) -> None:
        """Give the lock back by ending the connection that has it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _halves(self) -> dict[str, int]:
        """Return the key as ``pg_locks`` shows it: two unsigned halves."""
        unsigned = self._key & 0xFFFFFFFFFFFFFFFF
        return {"high": unsigned >> 32, "low": unsigned & 0xFFFFFFFF}


_LOCKED = """
    FROM pg_locks AS lock JOIN pg_stat_activity AS client ON client.pid = lock.pid
    WHERE lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1
      AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND lock.classid::bigint = :high AND lock.objid::bigint = :low
"""
_HOLDER = f"SELECT client.application_name AS name, client.backend_start AS since {_LOCKED}"
_MINE = f"SELECT count(*) > 0 {_LOCKED} AND lock.pid = pg_backend_pid()"


def _here() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _read(handle: int) -> str:
    """Return who wrote the file, in words."""
    try:
        who, since = json.loads(os.pread(handle, 4096, 0))
    except (ValueError, TypeError):
        return "a process that has only just begun"
    return f"{who}, since {since}"
