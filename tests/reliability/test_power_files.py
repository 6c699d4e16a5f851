"""The power goes while mirrors, ledger and saved login are written; then the next run starts.

The real system calls of the book-keeping are recorded and done again up to every one of them; what
was not flushed by then is dropped or kept in the worst ways. See `reliability.crashing_disk`.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

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
from reliability.crashing_disk import CrashingDisk, Left
from reliability.power import command
from reliability.recorded import Call, Printed, record

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace (Linux)")


@frozen
class Recording:
    """What one round of book-keeping did below ``root``."""

    root: Path
    calls: list[Call]
    final: dict[str, bytes]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    place = tmp_path_factory.mktemp("power")
    root = (place / "root").resolve()
    root.mkdir()
    calls = record(command("workspace", root), root, place / "calls.txt")
    final = {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return Recording(root, calls, final)


def _cuts(recording: Recording) -> Iterator[tuple[str, Left, Claims, Claims]]:
    """Yield each state that a power cut may leave, once, with what had and what might have been."""
    printed = [Claims(**json.loads(it.text)) for it in recording.calls if isinstance(it, Printed)]
    disk = CrashingDisk(str(recording.root))
    has, met = 0, set()
    claims = [Claims(), *printed, printed[-1]]
    for number, call in enumerate(recording.calls, start=1):
        disk.do(call)
        has += isinstance(call, Printed)
        for what, left in disk.after_a_power_cut():
            if (has, hash(left)) not in met:
                met.add((has, hash(left)))
                where = f"call {number}, after {claims[has].step!r}, left is {what}"
                yield where, left, claims[has], claims[has + 1]


def test_the_recording_is_complete(recording: Recording) -> None:
    """Done again in full, the calls make the very files that the process made."""
    disk = CrashingDisk(str(recording.root))
    for call in recording.calls:
        disk.do(call)
    assert dict(disk.after_a_power_cut())["everything"].files == recording.final


@pytest.mark.parametrize(
    "step", [17, pytest.param(1, marks=[pytest.mark.reliability, pytest.mark.timeout(1800)])]
)
def test_after_a_power_cut_at_any_call_nothing_is_lost_or_wrong(
    recording: Recording, step: int
) -> None:
    count = 0
    for count, (where, left, has, might) in enumerate(_cuts(recording)):
        if count % step:
            continue
        left.restore(recording.root)
        try:
            _next_start(recording.root, has, might)
        except Exception as error:
            error.add_note(where)
            raise
    print(f"{count} states after a power cut")
    assert count > 300


def _next_start(root: Path, has: Claims, might: Claims) -> None:
    """Do what the next run does first, and hold what it finds against what had returned."""
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
