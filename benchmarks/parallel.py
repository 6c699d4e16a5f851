"""What several lanes bring: the throughput of an upload with ``--parallel 3`` against 1.

    python -m benchmarks.parallel [--busy 10]

3 ad formats with 4 batches each go through a real headless Chromium into the sandbox, which is busy
for 10 s with each batch. Both are whole processes, from the plan to the record, the start of the
browser and the sign-in included; the sandbox forgets everything in between. Afterwards it must have
had every file once, under the id that the run reports.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.measuring import Line, folder, run, say, table
from benchmarks.site import serving
from benchmarks.uploads import cfu

FORMATS = {"static_banner": (300, 250), "native_image": (640, 360)}
"""Ad formats whose rules tell them apart, with their pixels; the third one takes videos."""

BATCHES, LANES, LEAST = 4, 3, 2.5
EACH = 10
"""Files in a batch: as many as the platform takes."""


def measure(busy: float = 10.0) -> list[Line]:
    """Upload in one lane and in three; the site is busy for so many seconds a batch."""
    say(f"parallel: {BATCHES * LANES} batches of {EACH} files, site busy {busy:g} s a batch …")
    with folder() as root:
        script = (
            "import sys; from pathlib import Path; from benchmarks.parallel import make_files; "
            f"make_files(Path(sys.argv[1]), {EACH})"
        )
        run([sys.executable, "-c", script, str(root / "files")])
        with serving({"batch_seconds": busy}) as site:
            seconds = {}
            for lanes in (1, LANES):
                more = ("--parallel", str(lanes))
                done = cfu(site, root / "files", root / "workspace", more=more)
                seconds[lanes] = done.seconds
                _prove(json.loads(done.output), site.ask("state"))
    one, several = seconds[1], seconds[LANES]
    return [
        Line(
            f"throughput of --parallel {LANES} : 1, {LANES} ad formats x {BATCHES} batches, site "
            f"busy {busy:g} s a batch",
            one / several,
            least=LEAST,
            detail=f"{one:.1f} s : {several:.1f} s",
        )
    ]


def _prove(document: Any, state: Any) -> None:  # noqa: ANN401 - JSON
    """Raise ``RuntimeError`` unless each file is there once, under the id that was reported."""
    [report] = document["runs"]
    told = {Path(it["path"]).stem: it["creative_id"] for it in report["outcomes"]}
    # Some others were there before.
    there = {it["name"]: it["id"] for it in state["creatives"] if it["name"] in told}
    if there != told or len(state["arrivals"]) != len(there):
        raise RuntimeError("what is there is not what was reported")


def make_files(folder: Path, each: int) -> list[Path]:
    """Make files for the batches of each ad format, so many a batch."""
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--busy", type=float, default=10.0, help="seconds that the site is busy")
    print(table(measure(parser.parse_args().busy)))


if __name__ == "__main__":
    main()
