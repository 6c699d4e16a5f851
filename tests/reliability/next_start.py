"""What the next run does first, after the book-keeping was cut short, and what it must find."""

from __future__ import annotations

import csv
from pathlib import Path

from creative_flow.creative import Status
from creative_flow.ledger import Ledger
from creative_flow.workspace import Workspace
from ledger.samples import outcome
from reliability.bookkeeping import (
    Claims,
    facts,
    ledger_url,
    library_of,
    session_of,
    status_of,
)


def next_start(root: Path, has: Claims, might: Claims) -> None:
    """Hold what is found against what ``has`` returned, and what ``might`` be there as well."""
    Workspace(root).prepare()
    with Ledger.open(ledger_url(root)) as ledger:
        there = facts(ledger, might.runs)
        assert there in (has.facts(), might.facts())
        library = library_of(ledger, root)
        library.take_in(notify=lambda _: None, confirm_forget=None)
        library.follow()
        known = {it.creative_id: it.name for it in ledger.entries("tj", "default")}
    assert known.items() <= (might.entries | might.users).items()
    assert known.items() >= (has.entries | has.users).items()
    with (root / "tracking" / "library.csv").open(newline="") as file:
        rows = {it["creative_id"]: it["filename"] for it in csv.DictReader(file)}
    rows.pop("", None)
    assert rows == known
    texts = [it.read_text() for it in (root / "tracking").rglob("library*.csv")]
    for note in has.notes:
        assert any(note in text for text in texts), f"the user's {note!r} is lost"

    status_of(root).append([outcome("z.png", Status.SUCCESS, "9")], run="", campaign="17")
    with (root / "tracking" / "status.csv").open(newline="") as file:
        told = [(it["file_name"], it["retries"], None in it) for it in csv.DictReader(file)]
    names = [name for name, *_ in told]
    assert set(told) == {(name, "0", False) for name in names}
    assert names[-1] == "z.png"
    assert names[:-1] == might.status_rows[: len(names) - 1]
    assert len(names) > len(has.status_rows)

    if has.session:
        assert session_of(root).read_text() in {has.session, might.session}
    elif session_of(root).exists():
        assert session_of(root).read_text() == might.session
