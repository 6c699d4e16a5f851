"""What the sandbox remembers: creatives, arrivals, sessions, and the files themselves.

Records live in one SQLite database, each change in a transaction; files lie byte for byte under
``arrivals/``, named by their SHA-256. In a folder of its own the state outlives the process;
without one it lives in a temporary folder and goes with it.
"""

from __future__ import annotations

import random
import secrets
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from creative_flow.errors import UsageError
from creative_flow_tj.sandbox.records import Arrival, Counts, NewCreative, StoredCreative

FIRST_ID = 1_032_530_001

_SCHEMA = """
CREATE TABLE IF NOT EXISTS creative (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    ad_format TEXT NOT NULL,
    name TEXT NOT NULL,
    file_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    duration REAL,
    sha256 TEXT NOT NULL,
    review_status TEXT NOT NULL,
    created_at REAL NOT NULL,
    visible_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS creative_list ON creative (account, ad_format, seq, visible_at);
CREATE INDEX IF NOT EXISTS creative_visible ON creative (account, ad_format, visible_at);
CREATE INDEX IF NOT EXISTS creative_name ON creative (account, ad_format, name);
CREATE TABLE IF NOT EXISTS last_creative (id INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS arrival (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    ad_format TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    arrived_at REAL NOT NULL,
    result TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT '',
    creative_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS arrival_file ON arrival (sha256);
CREATE TABLE IF NOT EXISTS session (
    token TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    started_at REAL NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0
);
"""


class State:
    """The records and files of one sandbox. Its methods may be called from any thread."""

    def __init__(self, folder: Path | None, *, seed: int) -> None:
        """Open or make the state in ``folder``, or a temporary one if that is None.

        Raises `UsageError` if the folder can't be used or another sandbox is using it.
        """
        self._lock = threading.RLock()
        self._random = random.Random(seed)  # noqa: S311  it decides gaps between ids
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="tj-sandbox-")
        self.folder = folder or Path(self._temporary.name if self._temporary else "")
        try:
            self.arrivals_folder.mkdir(parents=True, exist_ok=True)
            for unfinished in self.arrivals_folder.glob("*.part"):
                unfinished.unlink()
            self._database = _open_database(self.folder / "state.sqlite3")
        except (OSError, sqlite3.Error) as error:
            if self._temporary:
                self._temporary.cleanup()
            raise UsageError(
                f"The sandbox's state in {self.folder} can't be opened: {error}.",
                hint="Is another sandbox using this folder?",
            ) from error
        self._change("UPDATE arrival SET result='interrupted' WHERE result='processing'", ())
        sums = self.rows("SELECT account, ad_format, COUNT(*) AS n FROM creative GROUP BY 1, 2")
        self._totals = Counter({(row["account"], row["ad_format"]): row["n"] for row in sums})

    @property
    def arrivals_folder(self) -> Path:
        """Where the files lie that arrived."""
        return self.folder / "arrivals"

    def close(self) -> None:
        """Close the database, and remove the folder if it is a temporary one."""
        with self._lock:
            self._database.close()
        if self._temporary:
            self._temporary.cleanup()

    def reset(self) -> None:
        """Forget every creative, arrival and session. Files that arrived are removed."""
        with self.transaction() as database:
            for table in ("creative", "last_creative", "arrival", "session"):
                database.execute(f"DELETE FROM {table}")  # noqa: S608  the names stand above
        self._totals.clear()
        for path in self.arrivals_folder.iterdir():
            if not path.name.endswith(".part"):
                path.unlink()

    # Creatives

    def add_creatives(self, creatives: Iterable[NewCreative]) -> list[StoredCreative]:
        """Give ids to creatives, in this order, without looking whether a name is taken."""
        added: list[StoredCreative] = []
        with self.transaction() as database:
            last = _last_id(database)
            for creative in creatives:
                last = self._id_after(last)
                added.append(_insert(database, creative, last))
            _remember_id(database, last)
        self._totals.update((creative.account, creative.ad_format) for creative in added)
        return added

    def creatives(
        self, *, account: str = "", ad_format: str = "", name: str | None = None
    ) -> list[StoredCreative]:
        """Return the creatives that match, oldest first, those not listed yet included."""
        where: dict[str, object] = {"account": account, "ad_format": ad_format}
        where = {column: value for column, value in where.items() if value}
        if name is not None:
            where["name"] = name
        clause = " AND ".join(f"{column}=?" for column in where) or "1"
        query = f"SELECT * FROM creative WHERE {clause} ORDER BY seq"  # noqa: S608  columns above
        return [StoredCreative(**row) for row in self.rows(query, tuple(where.values()))]

    def creative(self, creative_id: str) -> StoredCreative | None:
        """Return the creative with that id."""
        rows = self.rows("SELECT * FROM creative WHERE id=?", (creative_id,))
        return StoredCreative(**rows[0]) if rows else None

    def listed(
        self, account: str, ad_format: str, *, page: int, per_page: int
    ) -> tuple[list[StoredCreative], int]:
        """Return a page of a list, newest first (page 1 has the newest), and the list's length."""
        key = (account, ad_format, time.time())
        hidden = self.rows(
            "SELECT COUNT(*) AS n FROM creative INDEXED BY creative_visible"
            " WHERE account=? AND ad_format=? AND visible_at>?",
            key,
        )[0]["n"]
        rows = self.rows(
            "SELECT * FROM creative INDEXED BY creative_list"
            " WHERE account=? AND ad_format=? AND visible_at<=?"
            " ORDER BY seq DESC LIMIT ? OFFSET ?",
            (*key, per_page, (page - 1) * per_page),
        )
        total = self._totals[account, ad_format] - hidden
        return [StoredCreative(**row) for row in rows], total

    def set_review_status(self, creative_id: str, status: str) -> bool:
        """Set a creative's review status; return whether there is such a creative."""
        return self._change("UPDATE creative SET review_status=? WHERE id=?", (status, creative_id))

    def remove_creative(self, creative_id: str) -> bool:
        """Remove a creative from the library; return whether there was one."""
        creative = self.creative(creative_id)
        if creative is None:
            return False
        self._totals[creative.account, creative.ad_format] -= 1
        return self._change("DELETE FROM creative WHERE id=?", (creative_id,))

    # Arrivals

    def record_arrival(
        self, *, account: str, ad_format: str, name: str, size: int, sha256: str, result: str
    ) -> int:
        """Record that a file arrived; return the arrival's number."""
        with self.transaction() as database:
            cursor = database.execute(
                "INSERT INTO arrival (account, ad_format, name, size, sha256, arrived_at, result)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (account, ad_format, name, size, sha256, time.time(), result),
            )
            assert cursor.lastrowid is not None  # noqa: S101  an INSERT always has one
            return cursor.lastrowid

    def conclude(self, number: int, result: str, reason: str = "") -> None:
        """Record what became of an arrival."""
        self._change(
            "UPDATE arrival SET result=?, reason=? WHERE number=?", (result, reason, number)
        )

    def answered(self, number: int, answer: str) -> None:
        """Record what the browser was told about an arrival."""
        self._change("UPDATE arrival SET answer=? WHERE number=?", (answer, number))

    def keep(self, number: int, creative: NewCreative) -> StoredCreative | None:
        """Turn an arrival into a creative, or None if its name is taken in that list.

        The look-up, the new creative and the arrival's result are one transaction.
        """
        with self.transaction() as database:
            taken = database.execute(
                "SELECT 1 FROM creative WHERE account=? AND ad_format=? AND name=?",
                (creative.account, creative.ad_format, creative.name),
            ).fetchone()
            if taken:
                database.execute("UPDATE arrival SET result='duplicate' WHERE number=?", (number,))
                return None
            new_id = self._id_after(_last_id(database))
            stored = _insert(database, creative, new_id)
            _remember_id(database, new_id)
            database.execute(
                "UPDATE arrival SET result='created', creative_id=? WHERE number=?",
                (stored.id, number),
            )
        self._totals[creative.account, creative.ad_format] += 1
        return stored

    def arrivals(self, *, last: int = -1) -> list[Arrival]:
        """Return the arrivals, in order: all, or the last so many."""
        rows = self.rows("SELECT * FROM arrival ORDER BY number DESC LIMIT ?", (last,))
        return [Arrival(**row) for row in reversed(rows)]

    def file(self, sha256: str) -> Path | None:
        """Return where the bytes with that hash lie."""
        if not self.rows("SELECT 1 FROM arrival WHERE sha256=? LIMIT 1", (sha256,)):
            return None
        path = self.arrivals_folder / sha256
        return path if path.is_file() else None

    # Sessions

    def start_session(self, account: str) -> str:
        """Start a session; return its token."""
        token = secrets.token_urlsafe(24)
        with self.transaction() as database:
            database.execute(
                "INSERT INTO session (token, account, started_at) VALUES (?, ?, ?)",
                (token, account, time.time()),
            )
        return token

    def session_account(self, token: str, *, lives_seconds: float) -> str | None:
        """Return whose session it is, or None if there is none, or it ended.

        ``lives_seconds`` is how long a session lives after its start; 0: for ever.
        """
        rows = self.rows("SELECT * FROM session WHERE token=? AND NOT ended", (token,))
        if not rows or (lives_seconds and rows[0]["started_at"] + lives_seconds <= time.time()):
            return None
        return str(rows[0]["account"])

    def end_sessions(self, *, token: str | None = None, account: str | None = None) -> int:
        """End the session with that token, those of an account, or all; return how many."""
        with self.transaction() as database:
            return database.execute(
                "UPDATE session SET ended=1 WHERE NOT ended"
                " AND coalesce(?, token)=token AND coalesce(?, account)=account",
                (token, account),
            ).rowcount

    # The database

    def counts(self) -> Counts:
        """Return how much there is of each."""
        row = self.rows(
            "SELECT (SELECT COUNT(*) FROM creative) AS creatives,"
            " (SELECT COUNT(*) FROM arrival) AS arrivals,"
            " (SELECT COUNT(*) FROM session WHERE NOT ended) AS sessions"
        )[0]
        return Counts(**row)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the database for changes that are made all together, or not at all."""
        with self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")
            yield self._database

    def rows(self, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Return the rows that a query finds, each by its columns."""
        with self._lock:
            return [dict(row) for row in self._database.execute(query, values)]

    def _change(self, query: str, values: Sequence[object]) -> bool:
        with self.transaction() as database:
            return database.execute(query, values).rowcount > 0

    def _id_after(self, last: int) -> int:
        """Ids grow, mostly in steps of 10, and end with 1 or 2."""
        luck = self._random.random()
        if luck < 0.1 and last % 10 == 1:
            return last + 1
        steps = self._random.randint(2, 6) if luck > 0.9 else 1
        return last - last % 10 + 10 * steps + (2 if luck > 0.8 else 1)


def _open_database(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=0.2)
    try:
        database.row_factory = sqlite3.Row
        # Two sandboxes on one folder would spoil each other's truth; the lock dies with its owner.
        database.execute("PRAGMA locking_mode=EXCLUSIVE")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.executescript(_SCHEMA)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _insert(
    database: sqlite3.Connection, creative: NewCreative, creative_id: int
) -> StoredCreative:
    values = {
        **attrs.asdict(creative),
        "id": str(creative_id),
        "created_at": time.time(),
    }
    columns = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    query = f"INSERT INTO creative ({columns}) VALUES ({marks})"  # noqa: S608  columns of the class
    cursor = database.execute(query, tuple(values.values()))
    return StoredCreative(**values, seq=cursor.lastrowid or 0)


def _last_id(database: sqlite3.Connection) -> int:
    """Return the last id that was given, whether or not its creative is still there."""
    row = database.execute("SELECT id FROM last_creative").fetchone()
    return int(row["id"]) if row else FIRST_ID - 10


def _remember_id(database: sqlite3.Connection, creative_id: int) -> None:
    database.execute("DELETE FROM last_creative")
    database.execute("INSERT INTO last_creative VALUES (?)", (creative_id,))
