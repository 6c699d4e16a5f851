"""Many files are done by worker processes and few by threads; what comes of them is the same."""

from __future__ import annotations

import asyncio
import csv
import os
import resource
import signal
import subprocess
import threading
from collections.abc import Callable
from itertools import count, islice
from pathlib import Path

import pytest
from PIL import Image

from creative_flow.errors import PluginMissing
from creative_flow.events import Event, Noticed, Progressed
from creative_flow.ledger.chunks import chunked
from creative_flow.process import process, process_async, started
from creative_flow.process.crew import Crew
from creative_flow.process.started import MANY, SHARE
from creative_flow.processed import ProcessReport
from creative_flow.workspace import Workspace
from process import jobs

HANDLES = Path("/proc/self/fd")
GROUPS = 260
"""More files than one record has."""


def banners(place: Workspace, count: int) -> dict[str, bytes]:
    """Put so many pictures into a folder, no two alike; return what they hold by their names."""
    folder = place.source_files / "Summer"
    folder.mkdir()
    for number in range(count):
        Image.new("RGB", (300, 250), (number % 256, number // 256, 9)).save(
            folder / f"raw {number:03}.png"
        )
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def fates(report: ProcessReport) -> list[tuple[str, str, str]]:
    return [(item.source.name, item.fate.value, item.error) for item in report.items]


def each_is_one_creative(place: Workspace, contents: dict[str, bytes]) -> None:
    """Hold that nothing is lost, made twice or half."""
    assert files(place.source_files) == []
    assert sorted(path.read_bytes() for path in files(place.uploaded)) == sorted(contents.values())
    kept = {path.name: path.read_bytes() for path in files(place.archived_sources)}
    assert kept == contents
    made = rows(place.master_csv)
    assert len({row["unique_id"] for row in made}) == len(made) == len(contents)


def workers() -> list[int]:
    """Return the workers of this process that still run: new processes, or copies of it."""
    ours = commands()[os.getpid()][1]
    return [pid for pid, it in children().items() if it == ours or "process.worker" in it]


def children() -> dict[int, str]:
    """Return the processes of this one with their commands, ended ones too that nobody awaited."""
    return {pid: it for pid, (parent, it) in commands().items() if parent == os.getpid()}


def commands() -> dict[int, tuple[int, str]]:
    """Return all processes but the one that lists them: their parents and commands."""
    looking = subprocess.Popen(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], stdout=subprocess.PIPE, text=True
    )
    listed, _ = looking.communicate()
    each = (line.split(maxsplit=2) for line in listed.splitlines())
    found = {int(pid): (int(parent), "".join(it)) for pid, parent, *it in each}
    del found[looking.pid]
    return found


def handles_for(workers: int) -> int:
    """Return how many open files suffice to start so many workers, and no more."""
    taken = {int(each.name) for each in HANDLES.iterdir()}  # of which this looking took one
    free = (number for number in count() if number not in taken)
    return next(islice(free, workers + 1, None))


def at_first(what: str, act: Callable[[], None]) -> Callable[[Event], None]:
    """Return a listener that acts once, when a kind of progress is first told."""
    done: list[bool] = []

    def listen(event: Event) -> None:
        if isinstance(event, Progressed) and event.what == what and not done:
            done.append(True)
            act()

    return listen


@pytest.mark.parametrize("count", [5, MANY])
async def test_things_come_back_in_order(count: int) -> None:
    async with Crew(started.start(2 if count == MANY else 0)) as crew:
        made = await crew.do(jobs.doubled, range(count), lost=jobs.never)
    assert [number for number, _ in made] == [2 * number for number in range(count)]
    assert (os.getpid() in {pid for _, pid in made}) == (count < MANY)


async def test_a_file_that_crashes_its_reader_costs_a_line_and_no_other_file() -> None:
    items = list(range(MANY))
    items[70] = -1
    async with Crew(started.start(2)) as crew:
        made = await crew.do(jobs.doubled, items, lost=lambda item, why: (item, why))
    assert made[70] == (-1, "the worker crashed (SIGSEGV)")
    assert [it for it, _ in made[:70] + made[71:]] == [2 * it for it in items if it >= 0]


@pytest.mark.parametrize("ends", [None, "crashes", "ended"])
async def test_what_workers_were_asked_before_comes_back_in_its_place(ends: str | None) -> None:
    items = list(range(MANY))
    if ends == "crashes":
        items[70] = -1
    begun = started.start(2)
    if ends == "ended":
        begun[1].process.kill()
        begun[1].process.wait()
    shares = chunked(items, SHARE)
    asked = [worker.asked(jobs.doubled, next(shares)) for worker in begun]

    async with Crew(asked) as crew:
        coming = crew.begin(jobs.doubled, items, lost=lambda _, why: (-1, 0), asked=2)
        more = await crew.do(jobs.doubled, range(3), lost=jobs.never)
        made = [it for each in coming for it in await each]

    expected = [-1 if it == -1 else 2 * it for it in items]
    assert [number for number, _ in made] == expected
    assert [number for number, _ in more] == [0, 2, 4]
    assert os.getpid() not in {pid for _, pid in made}
    assert workers() == []


async def test_what_workers_were_asked_and_nobody_waits_for_ends_with_them() -> None:
    begun = started.start(2)
    async with Crew([worker.asked(jobs.doubled, [1, 2]) for worker in begun]):
        assert len(workers()) == 2
    assert workers() == []


@pytest.mark.skipif(not HANDLES.exists(), reason="nobody tells here which files are open")
async def test_where_not_all_workers_can_be_started_threads_do_it() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (handles_for(1), before[1]))
    try:
        begun = started.start(2)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert begun == []
    assert workers() == []
    async with Crew(begun) as crew:
        made = await crew.do(jobs.doubled, range(MANY), lost=jobs.never)
    assert made == [(2 * number, os.getpid()) for number in range(MANY)]


def test_a_run_that_can_t_start_says_why_while_workers_look(place: Workspace) -> None:
    """Nobody waits for their answers any more; that ended in a RuntimeError."""
    banners(place, MANY)
    with pytest.raises(PluginMissing, match="There is no platform 'nowhere'"):
        process(workspace=place, platform="nowhere")
    assert workers() == []


@pytest.mark.reliability
async def test_workers_that_always_crash_are_done_without() -> None:
    async with Crew(started.start(1)) as crew:
        made = await crew.do(jobs.doubled_here(os.getpid()), range(MANY), lost=jobs.lost)
    assert made.count((-1, 0)) <= 20
    assert made[-1] == (2 * (MANY - 1), os.getpid())


def test_many_become_what_few_at_a_time_become(place: Workspace, tmp_path: Path) -> None:
    few = Workspace(tmp_path / "few", environ={})
    few.prepare()
    for each in (place, few):
        banners(each, GROUPS)
        folder = each.source_files / "Summer"
        (folder / "raw 003.png").write_bytes((folder / "raw 002.png").read_bytes())
        (folder / "raw 004.png").write_bytes((folder / "raw 004.png").read_bytes()[:-9])
        (folder / "raw 005.png").write_bytes(b"")
        (folder / "raw 006.png").unlink()
        (folder / "raw 006.png").symlink_to("nothing")
        (folder / "raw 258.png").write_bytes((folder / "raw 204.png").read_bytes())

    at_once = fates(process(workspace=place))
    all_few = sorted((few.source_files / "Summer").iterdir())
    by_turns = [process(all_few[at : at + 100], workspace=few) for at in range(0, GROUPS, 100)]

    assert at_once == [fate for report in by_turns for fate in fates(report)]
    assert [fate for _, fate, _ in at_once].count("processed") == GROUPS - 5
    for left, right in zip(rows(place.master_csv), rows(few.master_csv), strict=True):
        own = {"unique_id", "new_filename", "date_processed"}
        assert {k: v for k, v in left.items() if k not in own} == {
            k: v for k, v in right.items() if k not in own
        }
    names = [{path.name for path in files(each.archived_sources)} for each in (place, few)]
    assert names[0] == names[1]


@pytest.mark.parametrize("what", ["Looking at files", "Processing"])
def test_workers_that_are_killed_cost_no_file(place: Workspace, what: str) -> None:
    contents = banners(place, GROUPS)
    killed: list[int] = []

    def kill() -> None:
        killed.extend(workers())
        for pid in killed:
            os.kill(pid, signal.SIGKILL)

    report = process(workspace=place, on_event=at_first(what, kill))

    assert killed
    assert {fate for _, fate, _ in fates(report)} == {"processed"}
    each_is_one_creative(place, contents)


async def test_one_that_is_cancelled_while_workers_start_leaves_none(place: Workspace) -> None:
    banners(place, MANY)
    before = children()
    for steps in range(8):
        run = asyncio.ensure_future(process_async(workspace=place))
        for _ in range(steps):
            await asyncio.sleep(0)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert children().keys() <= before.keys(), steps


async def test_one_that_is_cancelled_while_csv_files_are_written_tells_what_was_made(
    place: Workspace,
) -> None:
    banners(place, 2)
    await process_async(workspace=place)
    Image.new("RGB", (300, 250), (1, 2, 3)).save(place.source_files / "new.png")
    loop = asyncio.get_running_loop()
    told: list[str] = []
    stopped = threading.Event()

    def stop() -> None:
        run.cancel()
        stopped.set()

    def listen(event: Event) -> None:
        match event:
            case Progressed(what="Processing"):  # then a person's edit is to be restored
                text = place.master_csv.read_text("utf-8")
                place.master_csv.write_text(text.replace("300", "301"), "utf-8")
            case Noticed(message=message, warning=True):
                told.append(message)
                loop.call_soon_threadsafe(stop)
                assert stopped.wait(5)  # the writing goes on while it is cancelled
            case _:
                pass

    run = asyncio.ensure_future(process_async(workspace=place, on_event=listen))
    report = await run

    assert told
    assert report.error_exit_code == 130
    assert fates(report) == [("new.png", "processed", "")]
    assert report.session_csv is not None
    assert [row["original_filename"] for row in rows(report.session_csv)] == ["new.png"]
    assert len(rows(place.master_csv)) == 3
    assert "301" not in place.master_csv.read_text("utf-8")


async def test_one_that_is_cancelled_records_what_it_began_and_is_gone_on_with(
    place: Workspace,
) -> None:
    contents = banners(place, GROUPS)

    def stop() -> None:
        run.cancel()

    run = asyncio.ensure_future(
        process_async(workspace=place, on_event=at_first("Processing", stop))
    )
    report = await run

    assert report.error_exit_code == 130
    made = [name for name, fate, _ in fates(report) if fate == "processed"]
    assert {row["original_filename"] for row in rows(place.session_csv)} == set(made)
    assert not [path for path in files(place.uploaded) if path.name.startswith(".")]
    assert (await process_async(workspace=place)).exit_code == 0
    each_is_one_creative(place, contents)
