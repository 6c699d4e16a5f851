"""Files archived, restored and archived again in a process of its own, whose calls are recorded.

``python -m reliability.archiving ROOT [copy]`` prints a line before each step. Before the first one
the files stand, flushed, and their uploads are on record; from then on they must not be lost.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from pathlib import Path

from archive.shelf import Shelf
from creative_flow.durable import sync_folder

NAMES = ("EN_Summer_1.png", "sub/EN_Summer_2.png", "sub/EN_Summer_3.png")

STEPS = ("archive", "restore", "archive")


def main() -> None:
    root, *copy = sys.argv[1:]
    shelf = Shelf(Path(root))
    run = shelf.up(*NAMES)
    for path in (shelf.root / "uploaded").rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    for folder in (shelf.root, shelf.root / "uploaded", shelf.root / "uploaded" / "sub"):
        sync_folder(folder)
    # The ledger's own safety is tested elsewhere: here it lies still, in one file.
    ledger = shelf.root / "data" / "session" / "ledger.db"
    connection = sqlite3.connect(ledger)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    contents = {name: content.decode() for name, content in shelf.contents.items()}
    for step in STEPS:
        said = {"run": run, "contents": contents, "step": step}
        # Straight to the system: what is recorded is the order of calls.
        os.write(1, json.dumps(said).encode() + b"\n")
        do(shelf, step, by_copy=bool(copy and copy[0]))


def do(shelf: Shelf, step: str, *, by_copy: bool) -> None:
    """Do one step; all must be well with every file."""
    report = (shelf.archive if step == "archive" else shelf.restore)(by_copy=by_copy)
    assert report.exit_code == 0, report.left


if __name__ == "__main__":
    main()
