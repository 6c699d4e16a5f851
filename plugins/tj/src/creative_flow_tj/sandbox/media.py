"""What a file is, read from its bytes, and whether an ad format takes it."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path

import attrs
import av
from PIL import Image, UnidentifiedImageError

from creative_flow_tj.sandbox.settings import Settings

MAX_PIXELS = 50_000_000
THUMBNAIL_SIZE = (320, 180)

_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF8", "gif"))
_IMAGES = frozenset({"png", "jpg", "gif"})


class UnreadableMedia(Exception):
    """The bytes are no media that the site knows, or damaged; the message is one line."""


@attrs.frozen
class Media:
    """What was read from a file: pixels, and seconds if it is a video."""

    file_type: str
    width: int
    height: int
    duration: float | None = None

    @property
    def dimensions(self) -> str:
        """Width and height, written like "640x360"."""
        return f"{self.width}x{self.height}"


def probe(path: Path) -> Media:
    """Read what a file is from its content; its name counts for nothing.

    Raises `UnreadableMedia` if it is empty, of an unknown type, or damaged.
    """
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise UnreadableMedia("The file is empty.")
    for signature, file_type in _SIGNATURES:
        if head.startswith(signature):
            return _probe_image(path, file_type)
    if head[4:8] == b"ftyp" and head[8:12] != b"qt  ":
        return _probe_video(path)
    raise UnreadableMedia("This type of file is not supported. Use png, jpg, gif or mp4.")


def _probe_image(path: Path, file_type: str) -> Media:
    try:
        with _open_image(path) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise UnreadableMedia(f"The image is too large: {width}x{height}.")
            image.load()
    except (OSError, SyntaxError, ValueError, EOFError, UnidentifiedImageError) as error:
        raise UnreadableMedia("The image is damaged.") from error
    return Media(file_type, width, height)


def _open_image(path: Path) -> Image.Image:
    with warnings.catch_warnings():
        # Pillow warns of very large images; `MAX_PIXELS` is the limit that counts here.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            return Image.open(path, formats=("PNG", "JPEG", "GIF"))
        except Image.DecompressionBombError as error:
            raise UnreadableMedia("The image is too large.") from error


def _probe_video(path: Path) -> Media:
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise UnreadableMedia("The file has no video.")
            stream = container.streams.video[0]
            next(container.decode(stream))
            microseconds = container.duration or 0
            width, height = stream.codec_context.width, stream.codec_context.height
    except (av.FFmpegError, StopIteration) as error:
        raise UnreadableMedia("The video is damaged.") from error
    return Media("mp4", width, height, round(microseconds / 1_000_000, 2))


def thumbnail(path: Path) -> bytes:
    """Return a small JPEG of an image, or of a video's first frame.

    Raises `UnreadableMedia` if there is none to be had.
    """
    media = probe(path)
    if media.duration is None:
        with _open_image(path) as image:
            picture = image.convert("RGBA")
    else:
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
            picture = frame.to_image().convert("RGBA")  # type: ignore[no-untyped-call]
    picture.thumbnail(THUMBNAIL_SIZE)
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    buffer = io.BytesIO()
    paper.convert("RGB").save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def refusal(media: Media, size: int, ad_format: str, settings: Settings) -> str | None:
    """Return why an ad format does not take a file of ``size`` bytes, or None if it does."""
    return _RULES[ad_format](media, size, settings)


def _static_banner(media: Media, size: int, settings: Settings) -> str | None:
    return _not_an_image(media) or _wrong_size(media, settings.banner_sizes)


def _video_banner(media: Media, size: int, settings: Settings) -> str | None:
    return _not_a_video(media) or _wrong_size(media, settings.banner_sizes)


def _in_stream_video(media: Media, size: int, settings: Settings) -> str | None:
    wrong = _not_a_video(media)
    if wrong:
        return wrong
    shortest, longest = settings.in_stream_min_seconds, settings.in_stream_max_seconds
    if not shortest <= (media.duration or 0) <= longest:
        return (
            f"The video must be {shortest:g} to {longest:g} seconds long. "
            f"This one is {media.duration:g} seconds."
        )
    return None


def _native_image(media: Media, size: int, settings: Settings) -> str | None:
    wrong = _not_an_image(media) or _wrong_size(media, settings.native_sizes)
    if wrong:
        return wrong
    if size > settings.native_image_max_bytes:
        return (
            f"The image may have {settings.native_image_max_bytes // 1000} KB at most. "
            f"This one has {size / 1000:.1f} KB."
        )
    return None


def _native_video(media: Media, size: int, settings: Settings) -> str | None:
    return _not_a_video(media) or _wrong_size(media, settings.native_sizes)


def _not_an_image(media: Media) -> str | None:
    if media.file_type in _IMAGES:
        return None
    return f"Only png, jpg and gif are accepted here. This file is {media.file_type}."


def _not_a_video(media: Media) -> str | None:
    if media.file_type == "mp4":
        return None
    return f"Only mp4 is accepted here. This file is {media.file_type}."


def _wrong_size(media: Media, sizes: tuple[str, ...]) -> str | None:
    if media.dimensions in sizes:
        return None
    return f"Invalid dimensions {media.dimensions}. Accepted: {', '.join(sizes)}."


_RULES: dict[str, Callable[[Media, int, Settings], str | None]] = {
    "static_banner": _static_banner,
    "video_banner": _video_banner,
    "in_stream_video": _in_stream_video,
    "native_image": _native_image,
    "native_video": _native_video,
}

AD_FORMATS: tuple[str, ...] = tuple(_RULES)
"""The names of the ad formats, in the order of their tabs."""
