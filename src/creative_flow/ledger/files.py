"""Files' hashes, remembered by size, time of change and inode."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from creative_flow.ledger.anytext import escape
from creative_flow.ledger.statements import Execute, marks

_BLOCK = 1024 * 1024
_RACY_NS = 2_000_000_000
"""A file changed this shortly before it was read may change again with the same time stamp."""

_COLUMNS = ("host", "path", "size", "mtime_ns", "inode", "sha256")
_KNOWN = "SELECT size, mtime_ns, inode, sha256 FROM files WHERE host = ? AND path = ?"
_KEEP = (
    f"INSERT INTO files ({', '.join(_COLUMNS)}) VALUES ({marks(_COLUMNS)}) "  # noqa: S608
    "ON CONFLICT (host, path) DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns, "
    "inode = excluded.inode, sha256 = excluded.sha256"
)


@frozen
class Read:
    """What reading a file gave. ``facts`` is None where its hash may not be remembered."""

    path: Path
    sha256: str
    facts: dict[str, Any] | None


def read_hash(path: Path) -> Read:
    """Read a file for its hash, in hex. Raises what the file system raises."""
    read_at = time.time_ns()
    with path.open("rb") as file:
        stat = os.fstat(file.fileno())
        digest = hashlib.sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
        unchanged = _facts(os.fstat(file.fileno())) == _facts(stat)
    at_rest = unchanged and stat.st_mtime_ns < read_at - _RACY_NS
    return Read(path, digest.hexdigest(), _facts(stat) if at_rest else None)


class Hashes:
    """Knows hashes, and keeps those that may be trusted until they are written down.

    Losing some costs time, never truth, so they wait for a transaction that is needed anyway.
    """

    def __init__(self) -> None:
        self._host = platform.node()
        self._fresh: dict[str, dict[str, Any]] = {}

    def __len__(self) -> int:
        return len(self._fresh)

    def known(self, execute: Execute, path: Path, stat: os.stat_result) -> str | None:
        """Return the remembered hash if size, time and inode still are what they were."""
        for size, mtime_ns, inode, sha256 in execute(_KNOWN, [self._host, escape(str(path))]):
            row = {"size": size, "mtime_ns": mtime_ns, "inode": inode}
            return str(sha256) if _still_is(row, stat) else None
        return None

    def waiting(self, path: Path, stat: os.stat_result) -> str | None:
        """Return a hash that is not written down yet, under the same conditions."""
        row = self._fresh.get(str(path))
        return row["sha256"] if row and _still_is(row, stat) else None

    def keep(self, read: Read) -> None:
        """Remember a hash, if the file was at rest while it was read."""
        if read.facts is not None:
            self._fresh[str(read.path)] = {
                "host": self._host,
                "path": escape(str(read.path)),
                "sha256": read.sha256,
                **read.facts,
            }

    def write(self, execute: Execute) -> None:
        """Write down what waits."""
        if waiting := list(self._fresh.values()):  # another thread may have more kept meanwhile
            execute.many(_KEEP, [[row[name] for name in _COLUMNS] for row in waiting])

    def written(self) -> None:
        """Forget what waited, once its transaction is through."""
        self._fresh.clear()


def _still_is(row: Mapping[str, Any], stat: os.stat_result) -> bool:
    """Say whether a file has the size, time of change and inode that were written down."""
    return all(row[name] == value for name, value in _facts(stat).items())


def _facts(stat: os.stat_result) -> dict[str, Any]:
    return {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "inode": str(stat.st_ino)}
