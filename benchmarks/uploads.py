"""`cfu upload` of 30 files in 3 ad formats against a straight-line script with the same clicks.

    python -m benchmarks.uploads [--times 5]

All are whole processes that start a browser, sign in, and upload to the same sandbox, in turn; the
sandbox forgets everything in between. Some creatives are there before: that a list is empty has to
be watched for half a second (`waits.quiet_empty`), and of a long one a second page is read. The
script comes in two kinds: one makes the same clicks as `cfu upload` to come by the Creative IDs,
one stops when the files are there. The bound is for the one that gives the same; the other shows
what asking for the ids costs. Once the sandbox answers at once, once it takes its time as the real
site is known to: seconds for a file, seconds until the list is there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import CFU, Finished, Line, folder, in_turn, ratio, run, say, table
from benchmarks.site import Site, serving

if TYPE_CHECKING:
    from PIL.Image import Image

FILES = 10
AD_FORMATS = {
    "static_banner": (300, 250),
    "native_image": (640, 360),
    "in_stream_video": (1280, 720),
}
"""With the size of the pictures, which fits no other."""
THERE = 2
"""How many creatives of each ad format are there before, so that all fit on one page after."""
TIMES = 5
LATENCIES: dict[str, tuple[dict[str, float], float]] = {
    "none": ({"file_seconds": 0, "batch_seconds": 0, "list_seconds": 0}, 1.4),
    "as on the site": ({"file_seconds": 2, "batch_seconds": 1, "list_seconds": 1}, 1.15),
}
"""What the sandbox is told, and the largest ratio that is wanted."""


def measure(times: int = TIMES) -> list[Line]:
    """Upload in turn, with either latency."""
    with folder() as root:
        make_files(root / "files")
        return [
            line
            for latency, (settings, most) in LATENCIES.items()
            for line in _compare(root, latency, settings, most, times)
        ]


def _compare(
    root: Path, latency: str, settings: dict[str, float], most: float, times: int
) -> list[Line]:
    say(f"uploads: latency {latency} …")
    files, place = root / "files", root / "workspace"
    with serving(settings) as site:
        runs = in_turn(
            {
                "cfu": lambda: cfu(site, files, place),
                "same clicks": lambda: straight(site, files, "--ids"),
                "without ids": lambda: straight(site, files),
            },
            times,
        )
    one = runs["cfu"]
    count = FILES * len(AD_FORMATS)
    return [
        Line(
            f"cfu upload : script, {which}, {count} files, latency {latency}",
            ratio(one.seconds, other.seconds),
            most=most if which == "same clicks" else None,
            detail=f"{one.time:.1f} s : {other.time:.1f} s",
        )
        for which, other in runs.items()
        if other is not one
    ]


def cfu(site: Site, files: Path, place: Path, *, more: Sequence[str] = ()) -> Finished:
    """Upload with `cfu` from a workspace that knows nothing; make sure that all of it is proved."""
    begin(site)
    shutil.rmtree(place, ignore_errors=True)
    done = run(
        [
            *(*CFU, "upload", str(files), "--platform", "tj", "--workspace", str(place)),
            *("--live", "--headless", "--json", *more),
        ],
        environ={**site.environ, "CFU_STATE_DIR": str(place / "state")},
    )
    document = json.loads(done.output)
    [report] = document["runs"]
    wanted = sum(path.is_file() for path in files.rglob("*"))
    if report["counts"] != {"success": wanted}:
        raise RuntimeError(f"not everything went up: {report['counts']} {report['error']}")
    return done


def begin(site: Site) -> None:
    """Let the site be as at the start: some creatives of each ad format, on one page."""
    site.ask("reset", {})
    for ad_format in AD_FORMATS:
        site.ask("library", {"count": THERE, "ad_format": ad_format})


def straight(site: Site, files: Path, *more: str) -> Finished:
    """Upload with the straight-line script; make sure that the site has everything."""
    begin(site)
    command = [sys.executable, "-m", "benchmarks.straight", str(files), *more]
    done = run(command, environ=site.environ)
    arrived = len(site.ask("state")["creatives"]) - THERE * len(AD_FORMATS)
    if arrived != FILES * len(AD_FORMATS):
        raise RuntimeError(f"{arrived} files arrived")
    return done


def make_files(root: Path) -> None:
    """Make the files in a process of its own: a folder for each ad format."""
    script = (
        "import sys; from pathlib import Path; from benchmarks.uploads import _make; "
        "_make(Path(sys.argv[1]))"
    )
    run([sys.executable, "-c", script, str(root)])


def _make(root: Path) -> None:
    for which, (ad_format, size) in enumerate(AD_FORMATS.items()):
        (root / ad_format).mkdir(parents=True)
        for number in range(FILES):
            stem = f"EN_Summer_F_Real_SFW_Generic_Ana_6sec_ID-{which}A2B{number:04X}"
            if ad_format == "in_stream_video":
                make_clip(root / ad_format / f"{stem}.mp4", size)
            else:
                _picture(stem, size).save(root / ad_format / f"{stem}.png")


def make_clip(path: Path, size: tuple[int, int] = (1280, 720)) -> None:
    """Write a clip of six seconds."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("h264", rate=4)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        picture = _picture(path.stem, size)
        frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
        for _ in range(24):
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _picture(stem: str, size: tuple[int, int]) -> Image:
    from random import Random

    from PIL import Image

    small = Image.frombytes("RGB", (16, 12), Random(stem).randbytes(16 * 12 * 3))
    return small.resize(size)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=TIMES)
    print(table(measure(parser.parse_args().times)))


if __name__ == "__main__":
    main()
