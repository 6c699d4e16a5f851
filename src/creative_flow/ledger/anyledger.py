"""What a ledger does however it was opened: files' hashes, looks, the inventory, mirrors' states.

All of it is done by statements as text, so that runs that need no more can do without SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from creative_flow.errors import LedgerError
from creative_flow.ledger import looks, mirrorstates
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.files import Hashes, Read, read_hash
from creative_flow.ledger.inventory import Inventory
from creative_flow.ledger.statements import Execute, Opened

_HASHES_AT_ONCE = 256


class AnyLedger:
    """What `Ledger`, `PlainLedger` and `Glance` have in common.

    Calls are synchronous, may come from any thread, several at once, and raise `LedgerError` if the
    database fails. What a call has recorded when it returns survives a crash and a power cut.
    """

    def __init__(self, reading: Opened, transaction: Opened, *, is_shared: bool) -> None:
        """``is_shared`` says whether workspaces may share it: then their rows are told apart."""
        self._read = reading
        self._transaction = transaction
        self._is_shared = is_shared
        self._hashes = Hashes()

    def close(self) -> None:
        """Write down what waits, and give every connection back."""
        if self._hashes:
            # Only hashes wait. To lose them costs time, and no run its report.
            with suppress(LedgerError), self._write():
                pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _write(self) -> Iterator[Execute]:
        with self._transaction() as execute:
            yield execute
            self._hashes.write(execute)
        self._hashes.written()

    # ---- files

    def sha256(self, path: Path) -> str:
        """Return a file's SHA-256 in lower-case hex.

        The file is read only if its size, time of change and inode do not show that its hash is
        known. Raises `OSError` as the file system does.
        """
        digest = self.known_sha256(path)
        if digest is None:
            read = read_hash(path.resolve())
            self.keep_hash(read)
            digest = read.sha256
        return digest

    def known_sha256(self, path: Path) -> str | None:
        """Return a file's SHA-256 if that is known without reading it. Raises `OSError`."""
        path = path.resolve()
        stat = path.stat()
        digest = self._hashes.waiting(path, stat)
        if digest is None:
            with self._read() as execute:
                digest = self._hashes.known(execute, path, stat)
        return digest

    def keep_hash(self, read: Read) -> None:
        """Remember what `read_hash`, which needs no ledger and may run beside one, has read."""
        self._hashes.keep(read)
        if len(self._hashes) >= _HASHES_AT_ONCE:
            with self._write():
                pass

    # ---- looks

    def looks(self, contents: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return what contents, given by SHA-256, look like, as far as they were looked at."""
        with self._read() as execute:
            return looks.known(execute, contents)

    def add_looks(self, found: Mapping[str, Sequence[str]]) -> None:
        """Write down what contents look like; what is known stays."""
        if found:
            with self._write() as execute:
                looks.add(execute, found)

    def near(
        self, found: Mapping[str, Sequence[str]], *, most: int, moments: int
    ) -> dict[str, dict[str, int]]:
        """Return of each of these looks the contents that look alike, and in how many bits.

        See `creative_flow.ledger.looks`; the cost does not grow with what is known.
        """
        with self._read() as execute:
            near = looks.searched(execute, found, most, moments)
        new = [it for it in found.items() if it[0] not in near]
        for some in chunked(new, looks.AT_ONCE):
            try:
                with self._write() as execute:
                    near |= looks.search(execute, dict(some), most, moments)
            except LedgerError:  # what can't be written can still be read
                with self._read() as execute:
                    near |= {it: looks.near(execute, at, most, moments) for it, at in some}
        return near

    # ---- inventory

    def inventory(self, place: str = "") -> Inventory:
        """Return the inventory of one workspace; ``place`` tells apart those that share a ledger.

        Where the ledger lies in the workspace, it is that one's whatever ``place`` says.
        """
        return Inventory(self._read, self._write, place if self._is_shared else "")

    # ---- mirrors

    def mirror_state(self, path: Path) -> dict[str, Any] | None:
        """Return what was remembered of a mirror on this machine, or None."""
        with self._read() as execute:
            return mirrorstates.known(execute, path)

    def remember_mirror(self, path: Path, state: Mapping[str, Any]) -> None:
        """Remember what was written last to a mirror on this machine."""
        with self._write() as execute:
            mirrorstates.remember(execute, path, state)
