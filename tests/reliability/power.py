"""The book-keeping under way, looked at between its steps; and a ledger put together from bytes."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from creative_flow.ledger import Ledger
from reliability.bookkeeping import Claims, facts

TESTS = Path(__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(TESTS)}


def command(kind: str, root: Path, *more: str) -> list[str]:
    """Return the command line of the book-keeping."""
    return [sys.executable, "-m", "reliability.bookkeeping", kind, str(root), *more]


@frozen
class Moment:
    """What had returned, and the ledger's files at that time."""

    claims: Claims
    database: bytes
    log: bytes
    index: bytes


def moments(root: Path) -> Iterator[Moment]:
    """Do the book-keeping; look at the files after each call that has returned."""
    database = root / "data" / "session" / "ledger.db"
    with subprocess.Popen(
        command("ledger", root, "wait"),
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in process.stdout:
            yield Moment(
                Claims(**json.loads(line)),
                *(
                    path.read_bytes() if path.exists() else b""
                    for path in (database, *(Path(f"{database}-{end}") for end in ("wal", "shm")))
                ),
            )
            process.stdin.write("\n")
            process.stdin.flush()
    assert process.returncode == 0


class Copy:
    """A folder in which a ledger is put together as a power cut may have left it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.opened = 0

    def content(self, database: bytes, log: bytes, claims: Claims, index: bytes = b"") -> Content:
        """Open the ledger made of these bytes as the next run does, and read all it holds."""
        self.opened += 1
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        path = self._folder / "ledger.db"
        path.write_bytes(database)
        for end, data in (("wal", log), ("shm", index)):
            if data:
                Path(f"{path}-{end}").write_bytes(data)
        with Ledger.open(f"sqlite:///{path}") as ledger:
            shown = facts(ledger, claims.runs)
        return Content(shown, all_rows(path))


@frozen
class Content:
    """What the ledger shows, and every row of every table."""

    facts: dict[str, object]
    rows: tuple[tuple[object, ...], ...]


def all_rows(path: Path) -> tuple[tuple[object, ...], ...]:
    """Return every row of every table of a SQLite file, the table's name first."""
    connection = sqlite3.connect(path)
    try:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return tuple(
            (name, *row)
            for (name,) in sorted(tables.fetchall())
            for row in connection.execute(f'SELECT * FROM "{name}"')
        )
    finally:
        connection.close()
