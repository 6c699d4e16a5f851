"""Ends in the middle of sending: of the browser, of the run, by the user. Then the run again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from creative_flow import Report
from otherside import Knobs

from .stage import Stage, WatchedSite, statuses

pytestmark = pytest.mark.browser

RUN = """\
import json, sys
from creative_flow import upload
from creative_flow.workspace import Workspace
root, settings, files = json.loads(sys.argv[1])
workspace = Workspace(root, overrides=settings)
report = upload("tj", files, workspace=workspace, live=True, headless=True)
sys.exit(report.exit_code)
"""


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Serve a site that takes one file after the other, so that sending has a middle."""
    knobs = Knobs(
        captcha_s=0.02, list_latency_s=0.05, at_once=1, processing_s=0.3, keep_alive=False
    )
    site = WatchedSite(knobs)
    await site.start()
    site.seed("static_banner", [f"old {number}" for number in range(15)])
    yield Stage(site, tmp_path)
    await site.stop()


def descendants(pid: int) -> list[tuple[int, str]]:
    """Return the processes below one, with their command lines, as the system lists them."""
    listed = subprocess.run(
        ["ps", "-axwwo", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    )
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    children: dict[int, list[tuple[int, str]]] = {}
    for row in rows:
        if len(row) == 3:
            children.setdefault(int(row[1]), []).append((int(row[0]), row[2]))
    found = []
    waiting = list(children.get(pid, []))
    while waiting:
        child = waiting.pop()
        found.append(child)
        waiting += children.get(child[0], [])
    return found


def kill_browsers() -> int:
    """Kill every browser that this process has started; return how many there were."""
    browsers = [pid for pid, command in descendants(os.getpid()) if "--remote-debugging" in command]
    for pid in browsers:
        os.kill(pid, signal.SIGKILL)
    return len(browsers)


def in_a_process(stage: Stage, files: list[Path]) -> subprocess.Popen[bytes]:
    workspace = stage.workspace()
    names = ("TJ_BASE_URL", "TJ_LOGIN_URL", "TJ_USERNAME", "TJ_PASSWORD", "CFU_STATE_DIR")
    settings = {name: workspace.setting(name) for name in names}
    arguments = json.dumps([str(workspace.root), settings, [str(file) for file in files]])
    with (stage.folder / "said").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-c", RUN, arguments], start_new_session=True, stderr=said
        )


async def settle_and_finish(stage: Stage, files: list[Path]) -> Report:
    """Run again; everything must then be there, once, under its own id."""
    report = await stage.upload(*files)
    assert set(statuses(report)) <= {"success", "skipped"}
    assert all(outcome.creative_id for outcome in report.outcomes)
    assert stage.stored == sorted(file.name for file in files)
    return report


@pytest.mark.reliability
async def test_a_browser_that_is_killed_while_sending(stage: Stage) -> None:
    files = stage.banners("a", "b", "c", "d")

    run = asyncio.create_task(stage.upload(*files))
    await stage.site.wait_for_arrivals(2)
    assert kill_browsers()
    report = await run

    assert "success" in statuses(report)
    assert set(statuses(report)) <= {"success", "failed"}
    await settle_and_finish(stage, files)


@pytest.mark.reliability
async def test_a_run_that_is_killed_while_sending(stage: Stage) -> None:
    files = stage.banners("a", "b", "c", "d")

    process = in_a_process(stage, files)
    await stage.site.wait_for_arrivals(2)
    process.kill()
    await asyncio.to_thread(process.wait)
    plan = await stage.upload(*files, live=False)
    nowhere = stage.workspace(CFU_CHROMIUM="/nowhere/chromium")
    stopped = await stage.upload(*files, workspace=nowhere)

    assert statuses(plan) == statuses(stopped) == ["pending"] * 4
    assert all("asks what became of it" in outcome.error for outcome in stopped.outcomes)
    assert all("to settle" in outcome.error for outcome in plan.outcomes)
    await settle_and_finish(stage, files)


@pytest.mark.slow
async def test_a_run_that_is_interrupted_while_sending(stage: Stage) -> None:
    files = stage.banners(*(f"b{number:02}" for number in range(12)))

    process = in_a_process(stage, files)
    await stage.site.wait_for_arrivals(3)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the programs it started, too

    assert await asyncio.to_thread(process.wait) == 130
    assert "exception" not in (stage.folder / "said").read_text().casefold()
    stage.compare()
    await settle_and_finish(stage, files)
