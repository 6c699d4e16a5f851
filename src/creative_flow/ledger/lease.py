"""One run per account on this machine: who holds the lease may send.

The lease is a lock that the kernel keeps and gives back when its holder dies, however it dies; so
no dead holder has to be recognized, and no clock is trusted. It is keyed by platform and login, not
by workspace, and lies in the user's state directory.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from creative_flow.errors import AccountBusy, WorkspaceError


class Lease:
    """The right to send as one login on one platform, held until `release`."""

    def __init__(self, folder: Path, place: str, login: str) -> None:
        name = hashlib.sha256(f"{place}\n{login}".encode()).hexdigest()[:32]
        self._path = folder / f"{name}.lock"
        self._who = f"{place}, login {login}"
        self._handle: int | None = None

    def take(self) -> Self:
        """Take the lease. Raises `AccountBusy` naming the holder, if there is one."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            while True:
                handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    holder = _read(handle)
                    os.close(handle)
                    raise AccountBusy(
                        f"Another run holds this account ({self._who}): {holder}.",
                        hint="Wait until it is done, or stop it.",
                    ) from error
                self._handle = handle
                if self._is_ours():
                    break
                self.release()  # the file was removed in between; take the one that is there now
            since = datetime.now().astimezone().isoformat(timespec="seconds")
            record = {"host": socket.gethostname(), "process": os.getpid(), "since": since}
            os.truncate(handle, 0)
            os.pwrite(handle, json.dumps(record).encode(), 0)
        except OSError as error:
            self.release()
            raise WorkspaceError(
                f"The lease {self._path} can't be written: {error.strerror or error}.",
                hint="CFU_STATE_DIR names another folder for it.",
            ) from error
        return self

    def check(self) -> None:
        """Raise `AccountBusy` if the lease is not held any more."""
        if self._handle is None or not self._is_ours():
            raise AccountBusy(
                f"This run has lost its hold of the account ({self._who}).",
                hint="Nothing more is sent. Run the same command again to go on.",
            )

    def release(self) -> None:
        """Give the lease back. Twice is fine."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def __enter__(self) -> Self:
        return self if self._handle is not None else self.take()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _is_ours(self) -> bool:
        """Say whether the file that others would lock is the one that is locked here."""
        if self._handle is None:
            return False
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        own = os.fstat(self._handle)
        return (there.st_dev, there.st_ino) == (own.st_dev, own.st_ino)


def _read(handle: int) -> str:
    """Return who wrote the lease, in words."""
    try:
        holder = json.loads(os.pread(handle, 4096, 0))
        return f"process {holder['process']} on {holder['host']}, since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        return "a process that has only just begun"
