"""What several lanes bring: the throughput of an upload with ``--parallel 3`` against 1.

    .venv/bin/python benchmarks/parallel.py
    .venv/bin/python benchmarks/parallel.py --files 2 --busy 3      a quick look

3 ad formats with 4 batches each go through a real headless Chromium into the sandbox, which is busy
for 10 s with each batch. Both runs take place in one process, one after the other, each with a
sandbox, a workspace and files of its own; all that differs is the number of lanes. Each is a whole
run, from the plan to the record, the start of the browser and the sign-in included. Afterwards the
sandbox must have every file once, under the id that the run reports.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from pathlib import Path
from time import monotonic

from PIL import Image

from creative_flow import Status, upload_async
from creative_flow.workspace import Workspace
from creative_flow_tj.sandbox import TjSandbox

FORMATS = {"static_banner": (300, 250), "native_image": (640, 360)}
"""Ad formats whose rules tell them apart, with their pixels; the third one takes videos."""

BATCHES, LANES = 4, 3


def make_files(folder: Path, each: int) -> list[Path]:
    """Make files for so many batches of each ad format."""
    made: list[Path] = []
    for ad_format, size in FORMATS.items():
        for number in range(BATCHES * each):
            path = folder / ad_format / f"EN_Summer_{ad_format}_{number:03}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", size, (number, len(made) % 256, 90)).save(path)
            made.append(path)
    for number in range(BATCHES * each):
        path = folder / "in_stream_video" / f"EN_Summer_clip_{number:03}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        make_clip(path, number)
        made.append(path)
    return made


def make_clip(path: Path, colour: int) -> None:
    """Write six seconds of one colour, a frame a second."""
    import av

    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("h264", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        picture = Image.new("RGB", (64, 36), (colour, 255 - colour, 100))
        for _ in range(6):
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


async def seconds_with(lanes: int, place: Path, files: list[Path], each: int, busy: float) -> float:
    """Upload all files in so many lanes; return how long the run took."""
    sandbox = TjSandbox(settings={"captcha": "none", "cookie_banner": False, "batch_seconds": busy})
    await sandbox.start()
    settings = {"CFU_STATE_DIR": str(place / "state"), "TAKE_SCREENSHOTS": "False"}
    workspace = Workspace(place, overrides=sandbox.environment() | settings)
    workspace.prepare()
    workspace.overrides_file("tj").write_text(f"[limits]\nbatch_size = {each}\n")
    try:
        began = monotonic()
        report = await upload_async(
            "tj", files, workspace=workspace, live=True, headless=True, parallel=lanes
        )
        took = monotonic() - began
        there = {creative.sha256: creative.id for creative in sandbox.state.creatives()}
        assert len(sandbox.state.arrivals()) == len(there) == len(files)
        for outcome in report.outcomes:
            assert outcome.status is Status.SUCCESS, outcome
            assert there[outcome.sha256] == outcome.creative_id, outcome
    finally:
        await sandbox.stop()
    return took


async def measure(each: int, busy: float) -> tuple[float, float]:
    """Return how many seconds one lane takes, and how many three take."""
    with tempfile.TemporaryDirectory(prefix="cfu-") as name:
        place = Path(name)
        files = make_files(place / "files", each)
        one = await seconds_with(1, place / "one", files, each, busy)
        several = await seconds_with(LANES, place / "several", files, each, busy)
    return one, several


def main() -> None:
    """Measure, and print one line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--files", type=int, default=10, help="files in a batch")
    parser.add_argument("--busy", type=float, default=10.0, help="seconds that the site is busy")
    wanted = parser.parse_args()
    os.environ.pop("CFU_DATABASE_URL", None)
    one, several = asyncio.run(measure(wanted.files, wanted.busy))
    print(
        f"ratio {one / several:.2f} (wanted: at least 2.5): 3 ad formats x {BATCHES} batches of "
        f"{wanted.files} files, site busy {wanted.busy:g} s a batch, "
        f"--parallel 1 {one:.1f} s, --parallel {LANES} {several:.1f} s"
    )


if __name__ == "__main__":
    main()
