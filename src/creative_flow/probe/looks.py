"""What pictures and clips look like, as hashes that stay near each other when they are re-encoded.

The hash is ImageHash's `phash` of 16 x 16 (256 bits): the low frequencies of a small grey copy. It
comes with the extra ``creative-flow[similar]``; everything else works without.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from creative_flow.creative import Kind, Media
from creative_flow.probe.video import demuxer

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from PIL.Image import Image

SIDE = 16
"""A hash has ``SIDE * SIDE`` bits."""
MOMENTS = (0.25, 0.5, 0.75)
"""The parts of a clip's duration at which it is looked at."""

_MOST_PIXELS = 50_000_000
_NEAR_SECONDS = 3.0
_MOST_PICTURES = 900
"""How many pictures of a clip are decoded to come from a key frame to a moment."""
_FLAT = 12
"""Grey values, of 256, that a picture must differ in to look like anything."""


def can_look() -> bool:
    """Say whether the extra is installed."""
    return find_spec("imagehash") is not None


def look(path: Path, media: Media) -> tuple[str, ...]:
    """Return a hash in hex for a picture, or one for each of a clip's `MOMENTS`.

    One that shows next to nothing, or can't be read, has an empty hash: it looks like nothing.
    """
    if media.width * media.height > _MOST_PIXELS:
        return ("",)
    if media.kind is Kind.VIDEO:
        return tuple(_hash(picture) for picture in _moments(path, media.seconds or 0.0))
    from PIL import Image

    try:
        with Image.open(path) as picture:
            # A JPEG is read at an eighth of its size where that is enough: many times as quick.
            picture.draft("L", (8 * SIDE, 8 * SIDE))
            return (_hash(picture),)
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, struct.error):
        return ("",)


def _hash(picture: Image | None) -> str:
    if picture is None:
        return ""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        picture = _on_white(picture)
    from PIL import Image

    small = picture.convert("L").resize((4 * SIDE, 4 * SIDE), Image.Resampling.LANCZOS)
    darkest, lightest = small.getextrema()
    if lightest - darkest < _FLAT:  # type: ignore[operator]  # of a grey picture they are numbers
        return ""
    return _phash(small)


def _phash(small: Image) -> str:
    """Return what `imagehash.phash` does; that imports SciPy, which takes as long as a dry run."""
    import imagehash
    import numpy as np

    length = 4 * SIDE
    waves = np.cos(np.outer(np.arange(SIDE), 2 * np.arange(length) + 1) * (np.pi / (2 * length)))
    low = waves @ np.asarray(small, dtype=float) @ waves.T
    return str(imagehash.ImageHash(low > np.median(low)))


def _on_white(picture: Image) -> Image:
    from PIL import Image

    picture = picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture)
    return white


def _moments(path: Path, seconds: float) -> Iterator[Image | None]:
    """Yield a clip's picture at each of the moments, None for one that can't be had."""
    import av

    try:
        with path.open("rb") as file:
            reader = demuxer(file.read(64))
            file.seek(0)
            with av.open(file, "r", format=reader, metadata_errors="replace") as container:
                # A seek goes back to a key frame. Where the next moment is near, going on from here
                # decodes less.
                seeks = seconds * (MOMENTS[1] - MOMENTS[0]) > _NEAR_SECONDS
                frames = _from(container, MOMENTS[0] * seconds)
                shown, ahead = None, next(frames, None)
                for moment in MOMENTS:
                    if seeks and shown is not None:
                        frames = _from(container, moment * seconds)
                        shown, ahead = None, next(frames, None)
                    while ahead is not None and (
                        shown is None or _time(container, ahead) <= moment * seconds
                    ):
                        shown, ahead = ahead, next(frames, None)
                    yield _small(shown) if shown is not None else None
    except (av.FFmpegError, OSError, ValueError):
        yield None


def _from(container: InputContainer, seconds: float) -> Iterator[VideoFrame]:
    """Return the frames from the key frame before the moment on."""
    container.seek(max(0, round(seconds * 1_000_000) + (container.start_time or 0)))
    return islice(container.decode(container.streams.video[0]), _MOST_PICTURES)


def _time(container: InputContainer, frame: VideoFrame) -> float:
    start = (container.start_time or 0) / 1_000_000
    return (frame.time or 0.0) - start


def _small(frame: VideoFrame) -> Image:
    """Return a small grey copy, which is all that a hash looks at."""
    side = 8 * SIDE
    grey = frame.reformat(width=side, height=side, format="gray", interpolation="AREA")
    return grey.to_image()  # type: ignore[no-any-return,no-untyped-call]
