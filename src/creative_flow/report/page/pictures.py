"""Makes one small picture of a media file. Whatever that is, it costs little and breaks nothing.

A reader is chosen by the file's first bytes, a picture too large to decode is not decoded, and of a
video no more than its first second or so is looked at.
"""

from __future__ import annotations

import stat
import struct
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from creative_flow.probe.video import demuxer

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

PIXELS = 96
"""The longer side of a small picture."""
MAX_BYTES = 3_000
"""No small picture is larger, so that a page of a thousand stays light."""
MAX_SOURCE_BYTES = 256 * 1024 * 1024
MAX_SOURCE_PIXELS = 32_000_000
"""Of a larger image or video none is decoded: it would take too much memory."""

_QUALITIES = (60, 40, 20, 5)
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
_BLACK = 40
"""A frame whose brightest grey is below this counts as black (of 255; video black is 16)."""
_FRAMES = 36
"""How many frames of a video are looked at for one that is not black."""


def small_picture(path: Path, in_time: Callable[[], bool]) -> bytes:
    """Return a WebP picture of an image or a video, or nothing if there is none to be had.

    ``in_time`` says whether there is time left to look further into a video.
    """
    import av
    from PIL import Image

    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_SOURCE_BYTES:
            return b""
        with path.open("rb") as file:
            reader = demuxer(file.read(64))
            file.seek(0)
            picture = _video(file, reader, in_time) if reader else _image(file)
        return _packed(picture) if picture else b""
    except (av.FFmpegError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return b""
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, MemoryError, struct.error):
        return b""  # what Pillow raises for files that are damaged in one way or another


def _image(file: BinaryIO) -> Image | None:
    from PIL import Image, ImageOps

    with Image.open(file, formats=_FORMATS) as picture:
        if picture.width * picture.height > MAX_SOURCE_PIXELS:
            return None
        picture.draft("RGB", (PIXELS * 2, PIXELS * 2))  # a JPEG is decoded small from the start
        small = _plain(picture)
        small.thumbnail((PIXELS, PIXELS))
        return ImageOps.exif_transpose(small)


def _video(file: BinaryIO, reader: str, in_time: Callable[[], bool]) -> Image | None:
    import av

    with av.open(file, "r", format=reader, metadata_errors="replace") as container:
        if not container.streams.video:
            return None
        stream = container.streams.video[0]
        if stream.width * stream.height > MAX_SOURCE_PIXELS:
            return None
        picture = None
        for number, frame in enumerate(container.decode(stream)):
            scale = PIXELS / max(frame.width, frame.height, PIXELS)
            width, height = (max(2, round(side * scale)) for side in (frame.width, frame.height))
            picture = frame.reformat(width, height, "rgb24").to_image()  # type: ignore[no-untyped-call]
            if frame.rotation % 360:
                picture = picture.rotate(frame.rotation, expand=True)
            _, brightest = picture.convert("L").getextrema()
            if brightest >= _BLACK or number + 1 >= _FRAMES or not in_time():
                break
        return picture


def _plain(picture: Image) -> Image:
    """Return a picture in a mode that WebP knows."""
    if picture.mode.startswith("I"):  # 16 bits of grey, which a plain conversion would cut off
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    transparent = "A" in picture.getbands() or "transparency" in picture.info
    return picture.convert("RGBA" if transparent else "RGB")


def _packed(picture: Image) -> bytes:
    for quality in _QUALITIES:
        packed = BytesIO()
        picture.save(packed, "WEBP", quality=quality, method=4)
        if packed.tell() <= MAX_BYTES:
            return packed.getvalue()
    return b""
