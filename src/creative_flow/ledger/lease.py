"""One run per account: who holds the lease may send.

It is keyed by platform and login, not by workspace. On this machine it is a lock in the user's
state directory; where a PostgreSQL ledger is shared, one of that server as well.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from creative_flow.errors import AccountBusy, WorkspaceError
from creative_flow.ledger.locks import FileLock, Lock

if TYPE_CHECKING:
    from creative_flow.ledger.ledger import Ledger


class Lease:
    """The right to send as one login on one platform, from `take` to `release`."""

    def __init__(self, folder: Path, ledger: Ledger, place: str, login: str) -> None:
        # However it is written: to wait for another login that differs so little costs no file.
        key = f"{place.rstrip('/')}\n{login.strip()}".casefold()
        name = hashlib.sha256(key.encode()).hexdigest()[:32]
        self._folder = folder
        self._ledger = ledger
        self._who = f"{place}, login {login}"
        self._locks: list[Lock] = [FileLock(folder / f"{name}.lock")]
        shared = ledger.server_lock(key)
        if shared is not None:
            self._locks.append(shared)

    def take(self) -> Self:
        """Take the lease. Raises `AccountBusy` naming the holder, if there is one."""
        with ExitStack() as undo:
            undo.callback(self.release)
            try:
                with self._ledger.one_line():
                    for lock in self._locks:
                        if holder := lock.take():
                            raise AccountBusy(
                                f"Another run holds this account ({self._who}): {holder}.",
                                hint="Wait until it is done (--wait does), or stop it.",
                            )
            except OSError as error:
                raise WorkspaceError(
                    f"No lease can be written in {self._folder}: {error.strerror or error}.",
                    hint="CFU_STATE_DIR names another folder for it.",
                ) from error
            undo.pop_all()
        return self

    def check(self) -> None:
        """Raise `AccountBusy` if the lease is not held any more."""
        if not all(lock.held() for lock in self._locks):
            raise AccountBusy(
                f"This run has lost its hold of the account ({self._who}).",
                hint="Nothing more is sent. Run the same command again to go on.",
            )

    def release(self) -> None:
        """Give the lease back. Twice is fine."""
        for lock in self._locks:
            lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
