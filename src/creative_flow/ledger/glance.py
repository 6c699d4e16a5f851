"""The ledger at a glance: what a dry run looks up, read without SQLAlchemy.

To import SQLAlchemy takes longer than all the rest of a small dry run. So where nothing is to be
brought in line first, the SQLite file is read as it is. Whatever is out of the ordinary (another
version, something open, a mirror that was edited, any error) is left to the `Ledger`.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import time_ns
from typing import Any, Self
from urllib.parse import quote

from attrs import evolve

from creative_flow.creative import Status
from creative_flow.errors import LedgerError
from creative_flow.ledger import looks
from creative_flow.ledger.anytext import escape, unescape
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.files import Hashes, Read, read_hash, still_is
from creative_flow.ledger.mirrors.disk import Fingerprint, Stamp
from creative_flow.ledger.mirrors.state import State
from creative_flow.ledger.records import Attempt, Intent, KnownEntry, Origin
from creative_flow.ledger.version import VERSION

_BUSY_SECONDS = 30.0
_SMALL_BYTES = 4 * 1024 * 1024
"""A file up to this size is checked as a whole, as the `Ledger` does: a few milliseconds."""
_HASHES_AT_ONCE = 256


class Glance:
    """One account's part of a ledger that nothing is wrong with. It has `Lookups`.

    Calls may come from any thread, one at a time, and raise `LedgerError` if the file fails.
    """

    def __init__(self, file: Path, connection: sqlite3.Connection) -> None:
        """For `open` alone."""
        self._file = file
        self._connection = connection
        self._hashes = Hashes()
        self._accounts: dict[tuple[str, str], int] = {}

    @classmethod
    def open(cls, file: Path, platform: str, account: str, login: str, mirror: Path) -> Self | None:
        """Open a ledger's SQLite file, or return None if only the `Ledger` will do.

        It will where there is no such file yet, or one of another version; where the account is
        bound to another ``login`` (empty: none is at hand), or has creatives whose fate is open;
        and where its library ``mirror`` is not as it was written.
        """
        glance = None
        try:
            # Not to be made here, and `?` and `#` are no part of an address.
            address = f"file:{quote(str(file.absolute()))}?mode=rw"
            connection = sqlite3.connect(
                address,
                uri=True,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            connection.row_factory = sqlite3.Row
            glance = cls(file, connection)
            if glance._is_sound() and glance._is_in_line(platform, account, login, mirror):
                return glance
        except (sqlite3.Error, LedgerError, OSError, LookupError, TypeError, ValueError):
            pass  # the `Ledger` says what is wrong with it
        if glance is not None:
            glance._connection.close()
        return None

    def close(self) -> None:
        """Write down the hashes that were computed, and close the file."""
        try:
            if self._hashes:
                self._write_hashes()
        except sqlite3.Error:
            pass  # to lose them costs time, and no run its report
        finally:
            self._connection.close()

    # ---- look-ups; see `Lookups`

    def sha256(self, path: Path) -> str:
        """Return a file's SHA-256 in lower-case hex. Raises `OSError` as the file system does."""
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
        if (digest := self._hashes.waiting(path, stat)) is not None:
            return digest
        rows = self._rows(
            "SELECT * FROM files WHERE host = ? AND path = ?", self._hashes.host, escape(str(path))
        )
        for row in rows:
            if still_is({**dict(row), "inode": unescape(row["inode"])}, stat):
                return str(row["sha256"])
        return None

    def keep_hash(self, read: Read) -> None:
        """Remember what `read_hash` has read."""
        self._hashes.keep(read)
        if len(self._hashes) >= _HASHES_AT_ONCE:
            with self._one_line():
                self._write_hashes()

    def by_name(
        self, platform: str, account: str, ad_format: str, keys: Collection[str]
    ) -> dict[str, tuple[KnownEntry, ...]]:
        """Return the entries of an ad format by name key; a key that none has is left out."""
        return self._entries(
            (platform, account),
            f"account_id = {self._account(platform, account)} AND ad_format = ? AND name_key",
            [ad_format],
            [escape(key) for key in keys],
            lambda entry: entry.key,
        )

    def by_content(
        self, platform: str, account: str, hashes: Collection[str]
    ) -> dict[str, tuple[KnownEntry, ...]]:
        """Return the entries of all ad formats by SHA-256."""
        return self._entries(
            (platform, account),
            f"account_id = {self._account(platform, account)} AND sha256",
            [],
            [digest for digest in hashes if digest],
            lambda entry: entry.sha256,
        )

    def elsewhere(
        self, platform: str, account: str, hashes: Collection[str]
    ) -> dict[str, tuple[KnownEntry, ...]]:
        """Return the entries of the platform's other accounts by SHA-256."""
        query = "SELECT id, account FROM accounts WHERE platform = ? AND account <> ?"
        found: defaultdict[str, tuple[KnownEntry, ...]] = defaultdict(tuple)
        for row in sorted(self._rows(query, platform, account), key=lambda row: row["account"]):
            self._accounts[platform, row["account"]] = row["id"]
            for digest, entries in self.by_content(platform, row["account"], hashes).items():
                found[digest] += entries
        return dict(found)

    def last_attempts(
        self, platform: str, account: str, ad_format: str, keys: Collection[str]
    ) -> dict[str, Attempt]:
        """Return how the newest sending of each name of an ad format ended."""
        newest = {}
        query = (
            "SELECT * FROM uploads WHERE account_id = ? AND ad_format = ? AND batch_id IS NOT NULL "
            "AND name_key IN ({}) ORDER BY id"
        )
        account_id = self._account(platform, account)
        for chunk in chunked([escape(key) for key in keys]):
            for row in self._rows(_many(query, chunk), account_id, ad_format, *chunk):
                newest[unescape(row["name_key"])] = Attempt(
                    row["run"],
                    Status(row["status"]),
                    unescape(row["error"]),
                    row["sha256"],
                    tuple(json.loads(row["evidence"])),
                )
        return newest

    def looks(self, contents: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return what contents, given by SHA-256, look like, as far as they were looked at."""
        return looks.known(self._execute, contents)

    def add_looks(self, found: Mapping[str, Sequence[str]]) -> None:
        """Write down what contents look like; what is known stays."""
        if found:
            with self._one_line(), self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                looks.add(self._execute, found)

    def near(
        self, found: Mapping[str, Sequence[str]], *, most: int, moments: int
    ) -> dict[str, dict[str, int]]:
        """Return of each of these looks the contents that look alike, and in how many bits."""
        near = looks.searched(self._execute, found, most, moments)
        new = [it for it in found.items() if it[0] not in near]
        for some in chunked(new, looks.AT_ONCE):
            try:
                with self._one_line(), self._connection:
                    self._connection.execute("BEGIN IMMEDIATE")
                    near |= looks.search(self._execute, dict(some), most, moments)
            except LedgerError:  # a ledger that can't be written can still be read
                near |= {it: looks.near(self._execute, at, most, moments) for it, at in some}
        return near

    def open_intents(self, platform: str, account: str) -> tuple[Intent, ...]:
        """Return nothing: where a creative's fate is open, no `Glance` is made."""
        return ()

    # ---- opening

    def _is_sound(self) -> bool:
        if self._file.stat().st_size <= _SMALL_BYTES:
            [answer] = self._rows("PRAGMA quick_check(1)")
            if answer[0] != "ok":
                return False
        return [row["version"] for row in self._rows("SELECT * FROM schema_version")] == [VERSION]

    def _is_in_line(self, platform: str, account: str, login: str, mirror: Path) -> bool:
        """Say whether nothing has to be bound, settled, read back or restored first."""
        query = "SELECT id, login, head FROM accounts WHERE platform = ? AND account = ?"
        [found] = self._rows(query, platform, account)
        self._accounts[platform, account] = found["id"]
        if login and unescape(found["login"]) != login:
            return False
        query = "SELECT 1 FROM uploads WHERE account_id = ? AND fate_open = 1 LIMIT 1"
        if self._rows(query, found["id"]):
            return False
        path = escape(str(mirror.resolve()))
        query = "SELECT state FROM mirrors WHERE host = ? AND path = ?"
        states = self._rows(query, self._hashes.host, path)
        stamp = Stamp.of(mirror)
        if not states:
            return stamp is None and found["head"] == 0
        state = State.read(json.loads(states[0]["state"]))
        if stamp is None or stamp.size != state.fingerprint.size:
            return False
        if state.is_untouched(stamp):
            return True
        # Written a moment before it was last looked at: then the time of change does not tell.
        now = time_ns()
        if stamp != state.stamp or Fingerprint.of(mirror, stamp.size) != state.fingerprint:
            return False
        if Stamp.of(mirror) != stamp:
            return False
        self._remember(path, states[0]["state"], evolve(state, checked_ns=now))
        return True

    def _remember(self, path: str, was: str, state: State) -> None:
        """Write down that a mirror is as it was written, so that it need not be read next time.

        Unless somebody has written something else down since it ``was`` read.
        """
        query = "UPDATE mirrors SET state = ? WHERE host = ? AND path = ? AND state = ?"
        # To lose it costs time; a ledger that can't be written can still be read.
        with suppress(LedgerError):
            self._rows(query, json.dumps(state.packed()), self._hashes.host, path, was)

    # ---- reading and writing

    def _account(self, platform: str, account: str) -> int:
        return self._accounts[platform, account]

    def _entries(
        self,
        whose: tuple[str, str],
        where: str,
        first: list[str],
        values: Iterable[str],
        by: Callable[[KnownEntry], str],
    ) -> dict[str, tuple[KnownEntry, ...]]:
        found: defaultdict[str, list[KnownEntry]] = defaultdict(list)
        for chunk in chunked(values):
            query = f"SELECT * FROM library WHERE {where} IN ({{}})"  # noqa: S608 - no user's text
            for row in self._rows(_many(query, chunk), *first, *chunk):
                entry = _entry(row, *whose)
                found[by(entry)].append(entry)
        return {
            wanted: tuple(sorted(entries, key=lambda entry: entry.position))
            for wanted, entries in found.items()
        }

    def _write_hashes(self) -> None:
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "INSERT OR REPLACE INTO files (host, path, size, mtime_ns, inode, sha256) "
                "VALUES (:host, :path, :size, :mtime_ns, :inode, :sha256)",
                [{**row, "path": escape(row["path"])} for row in self._hashes.unwritten],
            )
        self._hashes.written()

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        with self._one_line(), closing(self._connection.execute(query, values)) as cursor:
            return cursor.fetchall()

    def _execute(self, statement: str, values: Sequence[object]) -> Sequence[Any]:
        return self._rows(statement, *values)

    @contextmanager
    def _one_line(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise LedgerError(
                f"The ledger {self._file} can't be used: {error}.",
                hint="Check who may read it, and that the disk works.",
            ) from None


def _many(query: str, values: Collection[object]) -> str:
    return query.format(", ".join("?" * len(values)))


def _entry(row: sqlite3.Row, platform: str, account: str) -> KnownEntry:
    return KnownEntry(
        platform=platform,
        account=account,
        ad_format=row["ad_format"],
        creative_id=row["creative_id"],
        name=unescape(row["name"]),
        key=unescape(row["name_key"]),
        sha256=row["sha256"],
        size=row["size"],
        upload_date=unescape(row["upload_date"]),
        dimensions=unescape(row["dimensions"]),
        file_type=unescape(row["file_type"]),
        review_status=unescape(row["review_status"]),
        origin=Origin(row["origin"]),
        forgotten=bool(row["forgotten"]),
        extra=json.loads(row["extra"]),
        position=row["position"],
        revision=row["revision"],
    )
