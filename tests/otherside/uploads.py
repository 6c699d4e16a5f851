"""What the site makes of a file's bytes: its measures, or the reason why it is refused."""

from __future__ import annotations

import io
import re
from pathlib import PurePosixPath

import av
from aiohttp import BodyPartReader, web
from attrs import frozen
from PIL import Image

from .knobs import AdFormat

BANNER_SIZES = frozenset(
    {(300, 250), (950, 250), (468, 60), (305, 99), (300, 100), (970, 90), (320, 480)}
)
NATIVE_SIZE = (640, 360)
NATIVE_IMAGE_BYTES = 300_000
IN_STREAM_SECONDS = (5.0, 31.0)
FRAME_SECONDS = 0.05  # a container's duration may be one frame off
IMAGE_TYPES = frozenset({"png", "jpg", "jpeg", "gif"})
VIDEO_FORMATS = frozenset({"video_banner", "in_stream_video", "native_video"})


class RefusedError(Exception):
    """The site does not take the file; its text is the reason, as the page shows it."""


@frozen
class Media:
    """What a file holds: pixels, seconds (0 for images), type by its extension, no dot."""

    width: int
    height: int
    seconds: float
    file_type: str


def inspect(ad_format: AdFormat, filename: str, data: bytes) -> Media:
    """Measure a file and hold it against the limits of its ad format.

    Raises:
        RefusedError: with the reason.
    """
    extension = PurePosixPath(filename).suffix.lower().removeprefix(".")
    if not data:
        raise RefusedError("File is empty.")
    wanted = {"mp4"} if ad_format in VIDEO_FORMATS else IMAGE_TYPES
    if extension not in wanted:
        raise RefusedError(f"File type .{extension} is not allowed here.")
    media = _video(data, extension) if extension == "mp4" else _image(data, extension)
    size = (media.width, media.height)
    if ad_format in {"static_banner", "video_banner"} and size not in BANNER_SIZES:
        raise RefusedError(f"Dimensions {size[0]}x{size[1]} are not supported.")
    if ad_format in {"native_image", "native_video"} and size != NATIVE_SIZE:
        raise RefusedError(f"Native creatives must be 640x360, this one is {size[0]}x{size[1]}.")
    if ad_format == "native_image" and len(data) > NATIVE_IMAGE_BYTES:
        raise RefusedError("Image exceeds the maximum of 300 KB.")
    shortest, longest = IN_STREAM_SECONDS
    if ad_format == "in_stream_video" and not (
        shortest - FRAME_SECONDS <= media.seconds <= longest + FRAME_SECONDS
    ):
        raise RefusedError("Video length must be between 5 and 31 seconds.")
    return media


def _image(data: bytes, extension: str) -> Media:
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            return Media(image.width, image.height, 0.0, extension)
    except (OSError, SyntaxError) as error:  # Pillow raises SyntaxError for a broken PNG
        raise RefusedError("File is not a valid image.") from error


def _video(data: bytes, extension: str) -> Media:
    try:
        with av.open(io.BytesIO(data), "r") as container:
            stream = container.streams.video[0]
            if "mp4" not in container.format.name:
                raise RefusedError("File is not a valid video.")
            seconds = (container.duration or 0) / 1_000_000
            return Media(stream.width, stream.height, seconds, extension)
    except (av.FFmpegError, IndexError) as error:
        raise RefusedError("File is not a valid video.") from error


async def read_files(request: web.Request) -> list[tuple[str, bytes]]:
    """Return the files of a multipart request, byte-exact, with the names the browser gave."""
    files = []
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        found = re.search(r'filename="([^"]*)"', part.headers.get("Content-Disposition", ""))
        data = bytes(await part.read())
        if found:
            files.append((found[1].replace("%22", '"'), data))  # how browsers escape a quote
    return files
