"""How fast `cfu process` is, against plain `ffmpeg` and against the least that a disk asks for.

    python -m benchmarks.process

- *Conversion*: the conversions of ``cfu process`` (worker processes started, both halves made,
  flushed, read back) over some videos, against two plain ``ffmpeg`` command lines for each video,
  one after the other: the clip and the picture, neither flushed nor read back. Scaling, encoder,
  preset, quality and length are the same. Beside it: the fastest of the ways that could suit ffmpeg
  (also as many videos at a time as there are cores; the same with one thread each), and the whole
  of ``cfu process``, from start to end.
- *Small images*: ``cfu process`` over 1,000 jpgs in a fresh workspace, against a program that
  reads, hashes, probes, copies and flushes them (each file, and the folder) and does nothing
  else (`benchmarks.least`), file by file; beside it one that has some threads. All are programs of
  their own, counted from start to end.

Behind each time stands how much of the processors it took, in seconds, of all processes together:
on a busy machine that tells more. Both are the least of all runs.

ffmpeg is what ``FFMPEG`` names, else the one on the PATH, else the one of the package
imageio-ffmpeg (``pip install --group bench``). The files are made by code. Both sides are run in
turns; the fastest run of each counts, since other programs can only slow one down.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from math import inf
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from time import monotonic
from typing import Any

import av
from attrs import frozen
from av.filter import Graph
from av.video.frame import PictureType
from PIL import Image

from benchmarks.measuring import Line, plain_environment, say, table
from creative_flow.probe import probe
from creative_flow.process.child import cores
from creative_flow.process.clip import PRESET, QUALITY
from creative_flow.process.pair import make_pair
from creative_flow.process.sound import BITS_PER_SECOND
from creative_flow.process.workers import Workers, codec_threads

FILMS = ((1280, 720, 6), (1920, 1080, 8))
"""Width, height and seconds of each."""
COPIES = 3
"""How many videos are made of each film; their content differs in a number behind its end."""
IMAGES = 1_000
ROUNDS = 3
FLUSH_MS = float(os.environ.get("CFU_BENCH_FLUSH_MS") or 1)
"""How much longer a flush is made to take: unless somebody sets it, what an SSD takes, about."""
THREADS = 8
"""Of the program that does the least: more made it no faster."""

PLAIN = "one after the other"

WIDTH, HEIGHT, CLIP_SECONDS, MOST_BYTES = 640, 360, 4, 300_000


@frozen
class Cost:
    """What a run took: seconds on the clock, and seconds of all processors together."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s (CPU {self.cpu:.2f} s)"

    def or_less(self, other: Cost) -> Cost:
        """Return the less of both, each by itself."""
        return Cost(min(self.wall, other.wall), min(self.cpu, other.cpu))


def measure() -> list[Line]:
    """Make the files and run both sides of both comparisons."""
    return [*_conversions(), *_images()]


def _conversions() -> list[Line]:
    say("process: converting videos …")
    with tempfile.TemporaryDirectory(dir=os.environ.get("CFU_BENCH_DIR")) as folder:
        here = Path(folder)
        videos = [video for film in FILMS for video in _videos(here / "videos", *film)]
        ours, sides = _race(
            here,
            lambda out: asyncio.run(_convert(out, videos)),
            {
                "": lambda out: _process(out, videos, "native/Summer"),
                PLAIN: lambda out: _ffmpeg(out, videos, 1),
                f"{cores()} at a time": lambda out: _ffmpeg(out, videos, cores()),
                f"{cores()} at a time, a thread each": lambda out: _ffmpeg(
                    out, videos, cores(), "-threads", "1"
                ),
            },
        )
    whole = sides.pop("")
    plain = sides[PLAIN]
    way = min(sides, key=lambda name: sides[name].wall)
    what = f"{len(videos)} native pairs : two ffmpeg commands each"
    return [
        _line(f"{what}, {PLAIN}", ours, plain, most=1.0),
        _line(f"{what}, {way}", ours, sides[way]),
        _line(f"cfu process, {what}, {PLAIN}", whole, plain),
    ]


def _images() -> list[Line]:
    say("process: copying images …")
    with tempfile.TemporaryDirectory(dir=os.environ.get("CFU_BENCH_DIR")) as folder:
        here = Path(folder)
        images = [_image(here / "images" / f"raw {n}.jpg", n) for n in range(IMAGES)]
        here_takes = f"{_flush_takes(here / 'flushed'):.2f} ms, as here"
        return [
            *_copies(here, images, f"a flush takes {here_takes}"),
            *_copies(here, images, f"{FLUSH_MS:g} ms more", FLUSH_MS),
        ]


def _copies(here: Path, images: list[Path], how: str, flush_ms: float = 0) -> list[Line]:
    ours, sides = _race(
        here,
        lambda out: _process(out, images, "Summer", flush_ms),
        {
            PLAIN: lambda out: _least(out, here / "images", 1, flush_ms),
            f"{THREADS} threads": lambda out: _least(out, here / "images", THREADS, flush_ms),
        },
    )
    what = f"cfu process, {IMAGES:,} images : the least"
    return [
        _line(f"{what}, {way}; {how}", ours, cost, most=1.3 if way == PLAIN else None)
        for way, cost in sides.items()
    ]


def _flush_takes(file: Path, times: int = 200) -> float:
    """Return how long the disk takes to flush a small new file, in milliseconds: the median."""
    took = []
    for number in range(times):
        handle = os.open(file.with_name(f"{file.name} {number}"), os.O_WRONLY | os.O_CREAT)
        os.write(handle, bytes(20_000))
        began = monotonic()
        os.fsync(handle)
        took.append(1000 * (monotonic() - began))
        os.close(handle)
    return median(took)


def _line(what: str, ours: Cost, theirs: Cost, *, most: float | None = None) -> Line:
    return Line(what, ours.wall / theirs.wall, most=most, detail=f"{ours} : {theirs}")


def main() -> None:
    """Measure and print."""
    print(table(measure()))


def _race(
    here: Path,
    ours: Callable[[Path], Cost],
    theirs: dict[str, Callable[[Path], Cost]],
) -> tuple[Cost, dict[str, Cost]]:
    """Run each in turns, in a folder that is new; return the least that each took."""
    sides = {"ours": ours, **theirs}
    best = dict.fromkeys(sides, Cost(inf, inf))
    # What a run made is not removed before the last one: for a minute or more some file systems
    # (ext4) pass over the places of removed files, one by one, whenever a new file is made.
    with tempfile.TemporaryDirectory(dir=here) as outs:
        for number in range(ROUNDS):
            for name, run in sides.items():
                out = Path(outs, f"{number} {name}")
                out.mkdir()
                os.sync()
                best[name] = best[name].or_less(run(out))
    return best.pop("ours"), best


class _Clock:
    """Counts what this process and those that it has waited for have taken since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = monotonic(), self._used()

    @staticmethod
    def _used() -> float:
        both = (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))
        return sum(used.ru_utime + used.ru_stime for used in both)

    def cost(self) -> Cost:
        """Return what it was so far."""
        return Cost(monotonic() - self._wall, self._used() - self._cpu)


# ---- ours


async def _convert(out: Path, videos: list[Path]) -> Cost:
    """Convert each video as ``cfu process`` does."""
    found = {video: probe(video) for video in videos}
    threads = codec_threads(len(videos), cores())
    clock = _Clock()
    async with Workers() as workers:
        await asyncio.gather(
            *(
                workers.run(
                    make_pair,
                    video,
                    width=WIDTH,
                    height=HEIGHT,
                    seconds=CLIP_SECONDS,
                    video=out / f"{video.stem}.mp4",
                    image=out / f"{video.stem}.png",
                    max_image_bytes=MOST_BYTES,
                    media=media,
                    threads=threads,
                )
                for video, media in found.items()
            )
        )
    return clock.cost()


def _process(out: Path, files: list[Path], folder: str, flush_ms: float = 0) -> Cost:
    """Run ``cfu process`` in a fresh workspace."""
    sources = out / "source_files" / folder
    sources.mkdir(parents=True)
    for file in files:
        shutil.copy(file, sources)
    os.sync()
    command = ["-m", "creative_flow.cli", "process", "--platform", "tj"]
    cost = _timed(command, out, flush_ms)
    left = [path for path in sources.rglob("*") if path.is_file()]
    made = [path for path in (out / "uploaded").rglob("*.*") if path.is_file()]
    expected = len(files) * (2 if "native" in folder else 1)
    if left or len(made) != expected:
        raise SystemExit(f"{len(made)} of {expected} files were made, {len(left)} sources are left")
    return cost


# ---- two ffmpeg command lines


def _ffmpeg(out: Path, videos: list[Path], at_once: int, *threads: str) -> Cost:
    """Do the same two outputs of each video with ffmpeg."""
    clock = _Clock()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda video: _both(out, video, threads), videos))
    return clock.cost()


def _both(out: Path, video: Path, threads: tuple[str, ...]) -> None:
    quiet = [ffmpeg(), "-nostdin", "-v", "error", *threads]
    fit = f"crop='min(iw,ih*16/9)':'min(ih,iw*9/16)',scale={WIDTH}:{HEIGHT}:flags=bicubic"
    clip = out / f"{video.stem}.mp4"
    run = [*quiet, "-i", str(video), "-t", str(CLIP_SECONDS), "-vf", f"{fit},format=yuv420p"]
    run += ["-c:v", "libx264", "-preset", PRESET, "-crf", str(QUALITY), *threads]
    run += ["-c:a", "aac", "-b:a", str(BITS_PER_SECOND[2]), "-movflags", "+faststart", str(clip)]
    subprocess.run(run, check=True)
    picture = out / f"{video.stem}.png"
    run = [*quiet, "-i", str(video), "-frames:v", "1", "-vf", fit, *threads, str(picture)]
    subprocess.run(run, check=True)


def ffmpeg() -> str:
    """Return the ffmpeg to compare with. Raises `SystemExit` if there is none."""
    found = os.environ.get("FFMPEG") or shutil.which("ffmpeg")
    if found:
        return found
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError:
        raise SystemExit(
            "There is no ffmpeg: set FFMPEG, or run `pip install --group bench`."
        ) from None
    return str(get_ffmpeg_exe())


# ---- the least


def _least(out: Path, folder: Path, threads: int, flush_ms: float) -> Cost:
    command = [str(Path(__file__).with_name("least.py")), str(folder), "copies", str(threads)]
    return _timed(command, out, flush_ms)


def _timed(arguments: list[str], here: Path, flush_ms: float) -> Cost:
    """Run Python; return what it took from start to end. Each flush takes so much longer."""
    environment = plain_environment()
    if flush_ms:
        environment["PYTHONPATH"] = str(Path(__file__).with_name("flushing"))
        environment["CFU_BENCH_FLUSH_MS"] = str(flush_ms)
    clock = _Clock()
    subprocess.run(
        [sys.executable, *arguments], check=True, cwd=here, env=environment, capture_output=True
    )
    return clock.cost()


# ---- files to work on


def _image(path: Path, seed: int) -> Path:
    """Write a banner of soft noise, some 20 kB."""
    path.parent.mkdir(exist_ok=True)
    noise = random.Random(seed).randbytes(60 * 50 * 3)
    picture = Image.frombytes("RGB", (60, 50), noise).resize((300, 250), Image.Resampling.BICUBIC)
    picture.save(path, quality=85)
    return path


def _videos(folder: Path, width: int, height: int, seconds: int) -> list[Path]:
    """Write a film that moves, with some grain and sound, some times: H.264 and AAC in mp4."""
    film = _film(folder / f"{height}.mp4", width, height, seconds).read_bytes()
    (folder / f"{height}.mp4").unlink()
    videos = [folder / f"clip {height} {number}.mp4" for number in range(COPIES)]
    for number, path in enumerate(videos):
        path.write_bytes(film + struct.pack(">I4sI", 12, b"free", number))
    return videos


def _film(path: Path, width: int, height: int, seconds: int) -> Path:
    path.parent.mkdir(exist_ok=True)
    rate = 25
    with av.open(path, "w") as container:
        pictures = container.add_stream("libx264", rate=rate)
        sound = container.add_stream("aac", rate=48_000, layout="stereo")
        pictures.width, pictures.height, pictures.pix_fmt = width, height, "yuv420p"
        pictures.options = {"preset": "veryfast", "crf": "23"}
        seen = _made(
            ("testsrc2", f"s={width}x{height}:r={rate}:d={seconds}"),
            ("noise", "alls=4:allf=t:all_seed=7"),
            ("format", "yuv420p"),
            ("buffersink", ""),
        )
        heard = _made(
            ("sine", f"frequency=330:sample_rate=48000:duration={seconds}"),
            ("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
            ("asetnsamples", "n=1024:p=1"),
            ("abuffersink", ""),
        )
        for stream, frames in ((pictures, seen), (sound, heard)):
            for frame in frames:
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return path


def _made(*steps: tuple[str, str]) -> Iterator[Any]:
    """Yield what a chain of filters makes of nothing."""
    graph = Graph()
    graph.link_nodes(*(graph.add(name, options or None) for name, options in steps)).configure()
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        if isinstance(frame, av.VideoFrame):
            frame.pict_type = PictureType.NONE
        yield frame


if __name__ == "__main__":
    main()
