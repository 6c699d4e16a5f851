"""The power goes while mirrors, ledger and saved login are written; then the next run starts.

The real system calls of the book-keeping are recorded and done again up to every one of them; what
was not flushed by then is dropped or kept in the worst ways. See `reliability.crashing_disk`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

from reliability.bookkeeping import Claims
from reliability.crashing_disk import CrashingDisk, Left
from reliability.next_start import next_start
from reliability.power import command
from reliability.recorded import Call, Name, Printed, record

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace (Linux)")


@frozen
class Recording:
    """What one round of book-keeping did below ``root``."""

    root: Path
    calls: list[Call]
    final: dict[str, bytes]


FAULTS = {
    "as it should be": "",
    # The second write at all is that which turns the log on; SQLite then does without.
    "without a write-ahead log": "pwrite64:error=EIO:when=2",
}


@pytest.fixture(
    scope="module",
    params=[
        "as it should be",
        pytest.param("without a write-ahead log", marks=pytest.mark.reliability),
    ],
)
def recording(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Recording:
    place = tmp_path_factory.mktemp("power")
    root = (place / "root").resolve()
    root.mkdir()
    calls = record(command("workspace", root), root, place / "calls.txt", FAULTS[request.param])
    logs = [it for it in calls if isinstance(it, Name) and it.path.endswith("-wal")]
    assert bool(logs) != bool(FAULTS[request.param])
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
    "step", [149, pytest.param(1, marks=[pytest.mark.reliability, pytest.mark.timeout(1800)])]
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
            next_start(recording.root, has, might)
        except Exception as error:
            error.add_note(where)
            raise
    print(f"{count} states after a power cut")
    assert count > 300
