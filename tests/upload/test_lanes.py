"""Several batches at once in a real Chromium: pages of one login, side by side."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from creative_flow.events import BatchFinished, BatchStarted, Event, StepChanged
from otherside import Knobs

from .media import NATIVE, video
from .stage import Stage, WatchedSite, statuses
from .test_killed import kill_browsers

pytestmark = pytest.mark.browser

RUN = """\
import json, sys
from creative_flow import upload
from creative_flow.workspace import Workspace
root, settings, files = json.loads(sys.argv[1])
workspace = Workspace(root, overrides=settings)
report = upload("tj", files, workspace=workspace, live=True, headless=True, parallel=3)
sys.exit(report.exit_code)
"""


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    knobs = Knobs(captcha_s=0.02, panel_anim_s=0.02, list_latency_s=0.05, remember_tab=True)
    site = WatchedSite(knobs)
    await site.start()
    site.seed("static_banner", [f"old {number}" for number in range(15)])
    stage = Stage(site, tmp_path)
    stage.workspace()
    with stage.workspace().overrides_file("tj").open("a") as overrides:
        overrides.write("[limits]\nbatch_size = 2\n")
    yield stage
    await site.stop()


def several(stage: Stage, each: int) -> list[Path]:
    """Make files of three ad formats, whose names are the same in all of them."""
    names = [f"n{number}" for number in range(each)]
    folder = stage.folder / "Native" / "Video"
    # Of lengths of their own: encoded, colours that differ by little are the same.
    clips = [video(folder / f"{name}.mp4", NATIVE, 1 + n / 2) for n, name in enumerate(names)]
    return [*stage.banners(*names), *stage.natives(*names), *clips]


def in_a_process(stage: Stage, files: list[Path]) -> subprocess.Popen[bytes]:
    workspace = stage.workspace()
    names = ("TJ_BASE_URL", "TJ_LOGIN_URL", "TJ_USERNAME", "TJ_PASSWORD", "CFU_STATE_DIR")
    settings = {name: workspace.setting(name) for name in names}
    arguments = json.dumps([str(workspace.root), settings, [str(file) for file in files]])
    with (stage.folder / "said").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-c", RUN, arguments], start_new_session=True, stderr=said
        )


class Lanes:
    """A listener that follows which ad formats are under way."""

    def __init__(self) -> None:
        self.under_way: set[str] = set()
        self.most = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, BatchStarted):
            assert event.batch.ad_format not in self.under_way
            self.under_way.add(event.batch.ad_format)
            self.most = max(self.most, len(self.under_way))
        if isinstance(event, BatchFinished):
            self.under_way.remove(event.batch.ad_format)


async def test_three_lanes_bring_every_file_its_own_id(stage: Stage) -> None:
    files = several(stage, 3)
    lanes = Lanes()

    report = await stage.upload(*files, parallel=3, on_event=lanes)
    again = await stage.upload(*files, parallel=3)

    assert statuses(report) == ["success"] * 9
    assert len({outcome.creative_id for outcome in report.outcomes}) == 9
    assert lanes.most == 3
    assert stage.site.sign_ins == 1
    assert statuses(again) == ["skipped"] * 9
    assert len(stage.site.arrivals()) == 9


@pytest.mark.slow
async def test_a_login_that_ends_while_three_lanes_send_is_renewed_once(stage: Stage) -> None:
    stage.site.knobs.processing_s = 1.0
    files = several(stage, 1)
    sending = 0

    def end_the_login(event: Event) -> None:
        nonlocal sending
        if isinstance(event, StepChanged) and event.what.startswith("sending"):
            sending += 1
            if sending == 2:
                stage.site.expire_sessions()

    report = await stage.upload(*files, parallel=3, on_event=end_the_login)

    assert statuses(report) == ["success"] * 3
    assert stage.stored == sorted(file.name for file in files)
    assert stage.site.sign_ins == 2


@pytest.mark.reliability
async def test_a_tab_that_is_gone_stops_its_lane_and_the_others_finish_their_batch(
    stage: Stage,
) -> None:
    stage.site.knobs.processing_s = 1.0
    stage.site.rewrite = lambda page: re.sub(r'<li[^>]*><a[^>]*id="native_tab".*?</li>', "", page)
    files = several(stage, 4)

    report = await stage.upload(*files, parallel=2)
    stage.site.rewrite = lambda page: page
    again = await stage.upload(*files, parallel=3)

    assert report.exit_code == 4
    assert set(statuses(report)) == {"success", "pending"}
    assert set(statuses(again)) == {"success", "skipped"}
    assert stage.stored == sorted(file.name for file in files)


@pytest.mark.reliability
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
async def test_a_run_of_three_lanes_that_ends_while_sending_is_settled_by_the_next(
    stage: Stage, how: signal.Signals
) -> None:
    stage.site.knobs.processing_s = 0.5
    stage.site.knobs.keep_alive = False
    files = several(stage, 4)
    process = in_a_process(stage, files)

    await stage.site.wait_for_arrivals(4)
    os.killpg(process.pid, how)
    code = await asyncio.to_thread(process.wait)
    stage.compare()
    report = await stage.upload(*files, parallel=3)

    assert code == (130 if how is signal.SIGINT else -how)
    assert "exception" not in (stage.folder / "said").read_text().casefold()
    assert set(statuses(report)) <= {"success", "skipped"}
    assert all(outcome.creative_id for outcome in report.outcomes)
    assert stage.stored == sorted(file.name for file in files)


@pytest.mark.reliability
async def test_a_browser_that_is_killed_under_three_lanes_is_started_anew_once(
    stage: Stage,
) -> None:
    stage.site.knobs.processing_s = 1.0
    files = several(stage, 3)

    run = asyncio.create_task(stage.upload(*files, parallel=3))
    await stage.site.wait_for_arrivals(3)
    assert kill_browsers()
    report = await run
    again = await stage.upload(*files, parallel=3)

    assert set(statuses(report)) <= {"success", "failed", "pending"}
    assert "success" in statuses(report)
    assert set(statuses(again)) <= {"success", "skipped", "failed"}
