"""A conversion that crashes or hangs costs one file; no worker outlives the run."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from creative_flow.errors import CreativeFlowError
from creative_flow.process.child import cores
from creative_flow.process.failing import ConversionError
from creative_flow.process.workers import Workers, codec_threads
from creative_flow.waiting import until
from process import jobs

HERE = Path(__file__).parents[1]


async def test_calls_run_in_other_processes_that_are_used_again(tmp_path: Path) -> None:
    async with Workers(2) as workers:
        calls = [workers.run(jobs.add, tmp_path / "a.mp4", n, 1) for n in range(6)]
        answers = await asyncio.gather(*calls)
    assert [(name, total) for name, total, _ in answers] == [("a.mp4", n + 1) for n in range(6)]
    processes = {pid for _, _, pid in answers}
    assert len(processes) <= 2
    assert os.getpid() not in processes


async def test_a_crash_costs_one_file(tmp_path: Path) -> None:
    left = tmp_path / "half.mp4"
    async with Workers(1) as workers:
        with pytest.raises(
            ConversionError, match=r"'bad.mp4' can't .* crashed .SIGSEGV."
        ) as caught:
            await workers.run_leaving([left], jobs.crash, Path("bad.mp4"), left)
        assert "\n" not in str(caught.value)
        assert not left.exists()
        name, total, _ = await workers.run(jobs.add, Path("good.mp4"), 1, 2)
    assert (name, total) == ("good.mp4", 3)


async def test_one_that_crashes_does_not_disturb_the_others(tmp_path: Path) -> None:
    async with Workers(2) as workers:
        calls = [
            workers.run(jobs.add, Path("good.mp4"), n, 0)
            if n % 2
            else workers.run(jobs.crash, Path("bad.mp4"), tmp_path / str(n))
            for n in range(6)
        ]
        answers = await asyncio.gather(*calls, return_exceptions=True)
    failed = [isinstance(answer, ConversionError) for answer in answers]
    assert failed == [True, False] * 3


async def test_one_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    left = tmp_path / "half.mp4"
    async with Workers(1, seconds=2) as workers:
        with pytest.raises(ConversionError, match="took longer than 2 s"):
            await workers.run_leaving([left], jobs.hang, tmp_path / "held", left)
        assert not left.exists()
        assert is_gone(tmp_path / "held")
        assert (await workers.run(jobs.add, Path("good.mp4"), 1, 2))[1] == 3


async def test_one_that_ends_by_itself_is_named(tmp_path: Path) -> None:
    async with Workers(1) as workers:
        with pytest.raises(ConversionError, match=r"'bad.mp4' .* ended with exit code 7"):
            await workers.run(jobs.leave, Path("bad.mp4"))


async def test_errors_come_back_as_they_are(tmp_path: Path) -> None:
    async with Workers(1) as workers:
        with pytest.raises(ConversionError) as caught:
            await workers.run(jobs.fail, Path("a.mp4"))
        assert (caught.value.path, caught.value.reason) == (Path("a.mp4"), "it is too green")
        assert caught.value.hint == "Paint it."
        assert "jobs.py" in caught.value.__notes__[0]
        with pytest.raises(CreativeFlowError, match="it is a poem"):
            await workers.run(jobs.fail_unportably, Path("a.mp4"))
        with pytest.raises(TypeError, match="pickle"):
            await workers.run(jobs.unanswerable, Path("a.mp4"))
        assert await workers.run(jobs.chatter, Path("a.mp4")) == 3


async def test_a_call_may_have_keywords(tmp_path: Path) -> None:
    async with Workers(1) as workers:
        answer = await workers.run(jobs.add, path=Path("a.mp4"), left=1, right=5)
        assert answer[:2] == ("a.mp4", 6)
        with pytest.raises(ConversionError, match=r"'bad.mp4'"):
            await workers.run(jobs.crash, path=Path("bad.mp4"), left_behind=tmp_path / "x")


async def test_stopping_ends_what_runs_at_once(tmp_path: Path) -> None:
    left = tmp_path / "half.mp4"
    async with Workers(1) as workers:
        call = asyncio.create_task(workers.run_leaving([left], jobs.hang, tmp_path / "held", left))
        assert await until(partial(hangs, tmp_path / "held"), limit=20, pause=0.02)
        started = time.monotonic()
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        assert is_gone(tmp_path / "held")
        assert time.monotonic() - started < 5
    assert not left.exists()


PROGRAM = """
    import asyncio, sys
    from pathlib import Path
    from creative_flow.process.workers import Workers
    from process import jobs

    async def main():
        async with Workers(2) as workers:
            await asyncio.gather(
                *(workers.run_leaving([Path(name + ".left")], jobs.hang, Path(name),
                                      Path(name + ".left")) for name in sys.argv[1:])
            )

    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_the_run(tmp_path: Path, how: signal.Signals) -> None:
    """Ctrl+C, a kill, a crash: the terminal sends SIGINT to the workers, too."""
    names = [str(tmp_path / "one"), str(tmp_path / "two")]
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), *names],
        env={**os.environ, "PYTHONPATH": str(HERE)},
        start_new_session=True,
        stderr=subprocess.PIPE,
    )
    wait_for(lambda: all(held(Path(name)) for name in names))
    if how == signal.SIGINT:
        os.killpg(run.pid, how)
    else:
        run.send_signal(how)
    _, said = run.communicate(timeout=20)
    assert run.returncode == (130 if how == signal.SIGINT else -how)
    assert said == b""
    wait_for(lambda: all(is_gone(Path(name)) for name in names))
    wait_for(lambda: not any(Path(f"{name}.left").exists() for name in names))


def test_codecs_and_workers_share_the_cores() -> None:
    assert codec_threads(files=1, workers=1) == cores()
    assert codec_threads(files=100, workers=cores()) == 1
    assert codec_threads(files=1, workers=cores()) == cores()


def held(path: Path) -> bool:
    """Say whether a worker hangs there."""
    return path.exists() and bool(path.read_text())


async def hangs(path: Path) -> bool | None:
    return held(path) or None


def wait_for(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)


def is_gone(path: Path) -> bool:
    """Say whether the worker that hung there has ended: nobody else can free its lock."""
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
