"""The disk is full, or fails, at every write of ours; then there is room again and we go on.

What is said then is one line that names the file and tells what to do. Nothing that had returned is
lost, nothing goes up twice. The faults are the system's own: a limit on the size of files, a small
file system, system calls that strace makes fail.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

import warm
from creative_flow.errors import WorkspaceError
from creative_flow.ledger.mirrors.disk import keep_aside
from reliability.bookkeeping import Claims
from reliability.failing_disk import CALLS, failed, failing, leave_room, small_disk
from reliability.next_start import next_start
from reliability.power import ENVIRONMENT, command
from reliability.rehearsal import rehearsal

needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace (Linux)")

NAMES = ("EN_Summer_1", "EN_Summer_2")
WHAT_TO_DO = re.compile(r"Free some space|Check |Choose another folder|the file follows next time")
ONE_LINE = re.compile(r"(?:LedgerError|WorkspaceError): (\S.*)")
AS_IT_CAME = ("write_private(", "_save_as_user(")
"""What raises the system's own error: a writer whose callers say what it means, and the user."""


def _claims(said: str) -> list[Claims]:
    return [Claims(**json.loads(line)) for line in said.splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Claims]:
    """Return what the book-keeping claims, step by step, where nothing fails."""
    place = tmp_path_factory.mktemp("whole")
    done = subprocess.run(
        command("workspace", place), env=ENVIRONMENT, check=True, capture_output=True, text=True
    )
    return _claims(done.stdout)


def _keep_books(root: Path, whole: list[Claims], under: list[str], limit: int = 0) -> str:
    """Do the book-keeping on such a disk, then start again on a good one; return how it ended."""

    def limit_sizes() -> None:
        if limit:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    done = subprocess.run(
        [*under, *command("workspace", root)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        preexec_fn=limit_sizes,
        check=False,
    )
    claims = _claims(done.stdout)
    has = claims[-1] if claims else Claims()
    might = whole[min(len(claims), len(whole) - 1)]
    next_start(root, has, evolve(might, runs=has.runs))
    if done.returncode == 0:
        return ""
    last = done.stderr.strip().splitlines()[-1]
    if found := ONE_LINE.search(last):
        assert str(root) in found[1], last
        assert WHAT_TO_DO.search(found[1]), last
    else:
        assert any(it in done.stderr for it in AS_IT_CAME), done.stderr
        assert "OSError" in last
    return last


def _cases(kind: str, most: int, fast: tuple[int, ...], step: int = 1) -> Iterator[object]:
    for nth in sorted({*range(1, most, step), *fast}):
        marks = () if nth in fast else pytest.mark.reliability
        yield pytest.param(nth, marks=marks, id=f"{kind}-{nth}")


@pytest.mark.parametrize("limit", [*_cases("bytes", 240_000, (30_000,), 2_500)])
def test_books_kept_where_files_may_not_grow_lose_nothing(
    tmp_path: Path, whole: list[Claims], limit: int
) -> None:
    said = _keep_books(tmp_path, whole, [], limit)
    assert said or limit > 200_000


FAST_FAULTS = {("ENOSPC", "pwrite64", 70)}
HOW_OFTEN = {
    "write": 14,
    "pwrite64": 245,
    "fsync": 30,
    "fdatasync": 30,
    "rename": 5,
    "ftruncate": 8,
    "mkdir": 9,
}
"""One more than how often the book-keeping does each call on files whose names are known, or so."""


def _faults() -> Iterator[object]:
    for error in ("ENOSPC", "EIO"):
        for call in CALLS:
            for nth in range(1, HOW_OFTEN[call], 3 if call == "pwrite64" else 1):
                fault = (error, call, nth)
                marks = () if fault in FAST_FAULTS else pytest.mark.reliability
                yield pytest.param(*fault, marks=marks, id=f"{error}-{call}-{nth}")


@needs_strace
@pytest.mark.parametrize(("error", "call", "nth"), [*_faults()])
def test_books_kept_while_one_write_fails_lose_nothing(
    tmp_path: Path, whole: list[Claims], error: str, call: str, nth: int
) -> None:
    root, log = tmp_path / "root", tmp_path / "calls.txt"
    root.mkdir()
    _keep_books(root, whole, failing(root, log, call, error, nth))
    assert failed(log) or nth > 4, "the fault was not met"


LIVE = [
    ("EIO", "fsync,fdatasync", (), 20, 1),
    ("ENOSPC", "pwrite64", (), 120, 8),
    ("EIO", "pwrite64", (), 120, 24),
    ("ENOSPC", "write,rename,ftruncate,mkdir", (), 14, 1),
    ("EIO", "write,rename,ftruncate,mkdir", (), 14, 3),
]


def _live_faults() -> Iterator[object]:
    for error, calls, fast, most, step in LIVE:
        for nth in sorted({*range(1, most, step), *fast}):
            marks = () if nth in fast else pytest.mark.reliability
            yield pytest.param(error, calls, nth, marks=marks, id=f"{error}-{calls}-{nth}")


@needs_strace
@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("error", "calls", "nth"), [*_live_faults()])
async def test_a_run_whose_write_fails_says_so_and_the_next_goes_on(
    tmp_path: Path, error: str, calls: str, nth: int
) -> None:
    async with rehearsal(tmp_path / "place") as scene:
        scene.add_banners(*NAMES)
        log = tmp_path / "calls.txt"
        under = failing(scene.place, log, calls, error, nth)
        code, said = await scene.cfu(under=under, seconds=150)
        _holds(code, said, scene.place, told=bool(failed(log)))
        await scene.until_well(3)
        scene.check()


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.parametrize("room", [*_cases("KiB", 640, (), 20)])
async def test_a_run_on_a_disk_that_fills_up_says_so_and_goes_on_when_there_is_room(
    tmp_path: Path, room: int
) -> None:
    with small_disk(tmp_path / "disk", megabytes=4) as disk:
        async with rehearsal(disk / "place") as scene:
            scene.add_banners(*NAMES)
            filler = leave_room(disk, room)
            code, said = await scene.cfu(seconds=150)
            _holds(code, said, scene.place, told=code != 0)
            filler.unlink()
            await scene.until_well(3)
            scene.check()


@pytest.mark.parametrize("room", [*_cases("KiB", 320, (0,), 10)])
def test_a_dry_run_on_a_disk_that_is_full_is_one_line(tmp_path: Path, room: int) -> None:
    with small_disk(tmp_path / "disk", megabytes=4) as disk:
        (disk / "place" / "uploaded").mkdir(parents=True)
        (disk / "place" / "uploaded" / "EN_Summer_1.png").write_bytes(b"no picture")
        filler = leave_room(disk, room)
        codes = []
        for _ in range(2):
            process = warm.start(
                *("upload", "uploaded", "--platform", "tj"),
                environ=os.environ,
                cwd=disk / "place",
            )
            said = "".join(stream.decode() for stream in process.communicate())
            code = process.wait()
            _holds(code, said, disk / "place", told=code == 2)
            codes.append(code)
            filler.unlink(missing_ok=True)
        assert codes[1] == 1, "a picture that is none is rejected, and no more than that"


def test_half_a_copy_of_the_user_s_file_is_not_kept(tmp_path: Path) -> None:
    """The disk fills up while a file is put aside: the next try makes a whole copy."""
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        mine = tmp_path / "library.csv"
        mine.write_bytes(b"creative_id,filename\n" + b"1,a.png\n" * 40_000)
        filler = leave_room(disk, 100)
        with pytest.raises(WorkspaceError, match="No space left on device"):
            keep_aside(mine, disk / "kept_aside")
        assert list((disk / "kept_aside").iterdir()) == []
        filler.unlink()
        assert keep_aside(mine, disk / "kept_aside").read_bytes() == mine.read_bytes()


def _holds(code: int, said: str, place: Path, *, told: bool) -> None:
    """Hold what was said against the promise: one line, the file, what to do, the exit code."""
    assert "Traceback" not in said
    assert "should not have" not in said, said
    assert code in {0, 1, 2}, said
    if code == 2:
        assert told, said
        lines = [it for it in said.splitlines() if it.startswith(("cfu: ", "Stopped: "))]
        assert len(lines) == 1, said
        assert str(place) in lines[0], lines[0]
        assert WHAT_TO_DO.search(lines[0]), lines[0]
