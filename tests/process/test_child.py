"""A worker is a copy of the process where that is safe, else a new one. Neither shows."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
PROGRAM = """
    import asyncio, signal, sys, threading
    from pathlib import Path
    from creative_flow.process import started
    from creative_flow.process.workers import Workers
    from process import jobs

    log = Path("log").open("w")
    log.write("told once")
    print("said once")

    class Handler:
        def __init__(self):
            self.log = Path("handler's log").open("w")
            self.log.write("noted once")
        def __call__(self, *_):
            Path("cleared away").touch()

    signal.signal(signal.SIGTERM, Handler())
    ours = Path("/proc/self/cmdline").read_text()
    held = threading.Event()
    if sys.argv[1] == "some":
        threading.Thread(target=held.wait).start()

    begun = started.start(2)

    async def main():
        async with Workers(2) as workers:
            await workers.take_over(begun)
            both = [workers.run(jobs.about_itself, Path("raw.jpg")) for _ in "12"]
            for command, handles, thousand in await asyncio.gather(*both):
                print("a copy" if command == ours else "a new process")
                print("handles:", handles, thousand)
            try:
                await workers.run(jobs.terminate_itself, Path("raw.jpg"))
            except Exception as error:
                print(error)
            print(await workers.run(jobs.chatter, Path("raw.jpg")))

    asyncio.run(main())
    held.set()
    log.close()
    signal.getsignal(signal.SIGTERM).log.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there are processes copied")
@pytest.mark.parametrize(("threads", "what"), [("none", "a copy"), ("some", "a new process")])
def test_a_worker_shares_nothing_with_its_parent(tmp_path: Path, threads: str, what: str) -> None:
    run = subprocess.run(
        [sys.executable, "-X", "dev", "-c", textwrap.dedent(PROGRAM), threads],
        env={**os.environ, "PYTHONPATH": str(HERE)},
        cwd=tmp_path,
        input=b"not for workers",
        capture_output=True,
        timeout=50,
        check=False,
    )
    assert run.stderr == b""
    assert run.stdout.decode().splitlines() == [
        "said once",
        *[what, "handles: 5 True"] * 2,
        "'raw.jpg' can't be converted: the worker crashed (SIGTERM).",
        "3",
    ]
    assert (tmp_path / "log").read_text() == "told once"
    assert (tmp_path / "handler's log").read_text() == "noted once"
    assert not (tmp_path / "cleared away").exists()
