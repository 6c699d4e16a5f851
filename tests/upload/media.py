"""Small real media files, each with content of its own."""

from __future__ import annotations

import itertools
from pathlib import Path
from random import Random

import av
from PIL import Image

BANNER = (300, 250)
NATIVE = (640, 360)

_colours = itertools.count(1)


def image(path: Path, size: tuple[int, int] = BANNER, colour: int | None = None) -> Path:
    """Write an image; one of a colour that no other has, unless a colour is given."""
    colour = next(_colours) if colour is None else colour
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", size, (colour % 256, colour // 256 % 256, 100))
    picture.save(path, {"jpg": "JPEG"}.get(path.suffix[1:].lower(), path.suffix[1:].upper()))
    return path


def scene(seed: int, size: tuple[int, int] = BANNER) -> Image.Image:
    """Draw something that looks like nothing else."""
    small = Image.frombytes("RGB", (24, 20), Random(seed).randbytes(24 * 20 * 3))
    return small.resize(size, Image.Resampling.BICUBIC)


def video(path: Path, size: tuple[int, int] = (64, 36), seconds: float = 6.0) -> Path:
    """Write a video of two frames a second."""
    colour = next(_colours)
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("h264", rate=2)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        picture = Image.new("RGB", size, (colour % 256, colour // 256 % 256, 100))
        for _ in range(round(seconds * 2)):
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
