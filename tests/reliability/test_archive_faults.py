"""The process dies, or the power goes, while files are archived and restored; then it goes on.

No file lost, none unreadable, and each manifest lists what lies in its folder, once.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from archive.shelf import Shelf, archived
from reliability.archiving import NAMES, STEPS, do
from reliability.crashing_disk import CrashingDisk, Left
from reliability.points import points_of
from reliability.recorded import Printed, record

POINTS = points_of("archive")
FAST = {"archive.link:after"}
BACK = {"archive.mark"}
"""What only restoring comes to."""
COPIED = {"archive.copy", "archive.hold", "archive.rename"}
"""What only copying comes to."""
WITHDRAWN = {"archive.drop"}
"""What is come to only where a file does not arrive after all."""


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "workspace")


WORK = """
import sys
from pathlib import Path
from creative_flow.archive import archive_files, restore
root, what, by_copy, break_one = sys.argv[1:]
def edit(event):
    if break_one and event.what == "checking" and event.done == event.of:
        (Path(root) / "uploaded" / break_one).write_bytes(b"an edit at the last moment")
if what == "archive":
    report = archive_files(workspace=root, by_copy=bool(by_copy), on_event=edit)
else:
    report = restore(workspace=root, by_copy=bool(by_copy))
sys.exit(report.exit_code)
"""


def _work(root: Path, what: str, *, by_copy: bool, fail_at: str = "", break_one: str = "") -> int:
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(root), what, "yes" if by_copy else "", break_one],
        env={**os.environ, "CFU_FAIL_AT": fail_at},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


def _cases() -> Iterator[object]:
    for name in POINTS:
        for side in ("before", "after"):
            for what in ("archive", "restore"):
                if (name in BACK | WITHDRAWN | {"archive.manifest"}) and (
                    (what == "restore") != (name in BACK)
                ):
                    continue
                here = f"{name}:{side}"
                fast = here in FAST and what == "archive"
                marks = () if fast else pytest.mark.reliability
                yield pytest.param(what, here, marks=marks, id=f"{what}-{here}")


@pytest.mark.parametrize(("what", "fail_at"), [*_cases()])
def test_killed_here_and_run_again_no_file_is_lost_and_each_is_listed_once(
    shelf: Shelf, what: str, fail_at: str
) -> None:
    run = shelf.up(*NAMES)
    by_copy = fail_at.partition(":")[0] in COPIED
    if what == "restore":
        assert _work(shelf.root, "archive", by_copy=by_copy) == 0
    withdrawn = fail_at.partition(":")[0] in WITHDRAWN
    if withdrawn:
        # With links a file is looked at once more after its row was written.
        edited = NAMES[0]
        code = _work(shelf.root, what, by_copy=by_copy, fail_at=fail_at, break_one=edited)
        shelf.contents[edited] = b"an edit at the last moment"
    else:
        code = _work(shelf.root, what, by_copy=by_copy, fail_at=fail_at)
    assert code == -signal.SIGKILL, f"{fail_at} was not reached: exit {code}"
    _nothing_lost(shelf, run)

    assert _work(shelf.root, what, by_copy=by_copy) == 0

    _nothing_lost(shelf, run)
    # Killed on the way to taking a row back: the edited file did not come, and is listed.
    _listed_once(shelf, run, but={NAMES[0]} if fail_at == "archive.drop:before" else set())
    there = archived(shelf.batch(run))
    if what == "restore":
        assert shelf.waiting() == shelf.contents
        assert there == {}
    else:
        stays = {NAMES[0]: shelf.contents[NAMES[0]]} if withdrawn else {}
        assert shelf.waiting() == stays
        assert there | stays == shelf.contents


def test_every_place_where_the_archive_changes_something_is_known() -> None:
    assert {"archive.manifest", "archive.link", "archive.remove"} <= set(POINTS)


def _nothing_lost(shelf: Shelf, run: str) -> None:
    folder = shelf.batch(run)
    there = archived(folder) if folder.exists() else {}
    whole = [*shelf.waiting().values(), *there.values()]
    for name, content in shelf.contents.items():
        assert content in whole, f"lost: {name}"


def _listed_once(shelf: Shelf, run: str, but: Collection[str] = ()) -> None:
    """Hold the manifest against the folder; no hidden part of a copy is left either."""
    listed = [
        Path(row["path"]).relative_to("uploaded").with_name(row["name"]).as_posix()
        for row in shelf.rows(run)
        if not row["restored_at"]
    ]
    assert sorted(listed) == sorted([*archived(shelf.batch(run)), *but])
    assert not list(shelf.root.rglob("*.part"))
    assert not list(shelf.root.rglob("*.new"))


# ── A disk that fails ────────────────────────────────────────────────────────────────────────────

OFTEN = {"link,linkat": 4, "unlink,unlinkat": 6, "fsync": 16, "write": 60, "mkdir": 4}
FAST_FAULTS = {("EIO", "link,linkat", 2)}


def _faults() -> Iterator[object]:
    for error in ("EIO", "ENOSPC"):
        for calls, most in OFTEN.items():
            for nth in range(1, most, 3 if calls == "write" else 1):
                marks = () if (error, calls, nth) in FAST_FAULTS else pytest.mark.reliability
                yield pytest.param(error, calls, nth, marks=marks, id=f"{error}-{calls}-{nth}")


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace (Linux)")
@pytest.mark.parametrize(("error", "calls", "nth"), [*_faults()])
def test_while_one_call_fails_it_is_one_line_and_no_file_is_lost(
    shelf: Shelf, error: str, calls: str, nth: int
) -> None:
    run = shelf.up(*NAMES)
    # strace can't tell the files in question: the ledger's calls are among those that fail.
    fault = f"inject={calls}:error={error}:when={nth}"
    under = ["strace", "-f", "-q", "-o", "/dev/null", "-e", f"trace={calls}", "-e", fault]
    done = subprocess.run(
        [*under, sys.executable, "-m", "creative_flow.cli", "archive", "--workspace", shelf.root],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert "should not have" not in said, said
    assert done.returncode in {0, 1, 2}, said
    if done.returncode == 2:
        assert len(done.stderr.splitlines()) == 1, said
    if done.returncode == 1 and calls != "write":  # it may be the output that can't be written
        assert "could not be moved: " in said
    _nothing_lost(shelf, run)
    assert _work(shelf.root, "archive", by_copy=False) == 0
    assert shelf.waiting() == {}
    assert archived(shelf.batch(run)) == shelf.contents
    _listed_once(shelf, run)


# ── Power ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace (Linux)")
@pytest.mark.parametrize(
    ("by_copy", "step"),
    [
        pytest.param("", 97, id="link, some"),
        pytest.param("", 1, marks=pytest.mark.reliability, id="link"),
        pytest.param("copy", 1, marks=pytest.mark.reliability, id="copy"),
    ],
)
@pytest.mark.timeout(900)
def test_after_a_power_cut_at_any_call_no_file_is_lost(
    tmp_path: Path, by_copy: str, step: int
) -> None:
    """Files are archived, restored, archived; at each call the power may go, and it is run again.

    What the disk keeps of what was not flushed is as bad as POSIX lets it be.
    """
    root = (tmp_path / "root").resolve()
    root.mkdir()
    command = [sys.executable, "-m", "reliability.archiving", str(root), by_copy]
    calls = record(command, root, tmp_path / "calls.txt")
    disk, met, count = CrashingDisk(str(root)), set[tuple[int, Left]](), 0
    shelf, run, begun = Shelf(root), "", 0
    for number, call in enumerate(calls):
        disk.do(call)
        if isinstance(call, Printed):
            said = json.loads(call.text)
            run, begun = said["run"], begun + 1
            shelf.contents = {name: text.encode() for name, text in said["contents"].items()}
        if not begun:
            continue
        for what, left in disk.after_a_power_cut():
            if (begun, left) in met:
                continue
            met.add((begun, left))
            count += 1
            if count % step:
                continue
            left.restore(root)
            try:
                _nothing_lost(shelf, run)
                for again in STEPS[begun - 1 :]:
                    do(shelf, again, by_copy=bool(by_copy))
                    _nothing_lost(shelf, run)
                    _listed_once(shelf, run)
                assert shelf.waiting() == {}
                assert archived(shelf.batch(run)) == shelf.contents
            except Exception as error:
                error.add_note(f"call {number}, {call}, left is {what}")
                raise
    assert count > 97, count
    print(f"{count} states after a power cut")
