"""Reads videos: header, one picture, and the last packets, which tell whether all is there."""

from __future__ import annotations

from contextlib import suppress
from errno import EINVAL
from io import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from creative_flow.creative import Kind, Media
from creative_flow.probe.errors import NotMedia

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MAX_PIXELS = 8192 * 8192
"""Of a larger picture none is decoded: no platform takes a video of that size."""

MISSING_SECONDS = 1.0
"""How much earlier than announced a video may end and still count as whole."""

_ASF = bytes.fromhex("3026b2758e66cf11")
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_EBML = bytes.fromhex("1a45dfa3")
_EBML_DOCTYPE = bytes.fromhex("4282")
_EBML_SEGMENT = bytes.fromhex("18538067")
_ISO_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_STILL_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}

_DEMUXERS = {
    "avi": "avi",
    "flv": "flv",
    "mkv": "matroska",
    "mov": "mov",
    "mp4": "mov",
    "webm": "matroska",
    "wmv": "asf",
}


def read(path: Path, file: BinaryIO, head: bytes) -> Media | None:
    """Return what a video is, or None if its first bytes, ``head``, are not those of a video.

    Raises `NotMedia` if it is damaged, cut short, has no pictures or no duration.
    """
    file_type = _file_type(head)
    if file_type is None:
        return None
    import av

    file.seek(0)
    stated = _stated_size(file_type, file.read(4096))
    if file.seek(0, SEEK_END) < stated:
        raise NotMedia(path, f"the {file_type} is cut short")
    file.seek(0)
    # The reader is named, never left to be guessed: some would open other files or addresses.
    try:
        with av.open(
            file, "r", format=_DEMUXERS[file_type], metadata_errors="replace"
        ) as container:
            return _read(path, container, file_type)
    except (av.FFmpegError, OSError) as error:
        # A damaged file may send its reader to a place before its first byte.
        if not isinstance(error, av.FFmpegError) and error.errno != EINVAL:
            raise
        reason = f"the {file_type} is damaged or cut short ({error.strerror})"
        raise NotMedia(path, reason) from error


def demuxer(head: bytes) -> str | None:
    """Return the name of the reader for a video that begins so, None if it is not known as one."""
    file_type = _file_type(head)
    return _DEMUXERS[file_type] if file_type else None


def _file_type(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if head.startswith(b"FLV\x01"):
        return "flv"
    if head.startswith(_ASF):
        return "wmv"
    if head.startswith(_EBML):
        at = head.find(_EBML_DOCTYPE)
        return "webm" if at >= 0 and head[at + 3 : at + 7] == b"webm" else "mkv"
    if head[4:8] in _ISO_BOXES:
        if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS:
            return None
        return "mp4" if head[4:8] == b"ftyp" and head[8:12] != b"qt  " else "mov"
    return None


def _stated_size(file_type: str, start: bytes) -> int:
    """Return the least number of bytes that the file says it has; 0 where it does not say."""
    if file_type in {"mkv", "webm"}:
        at = start.find(_EBML_SEGMENT)
        if at < 0 or at + 5 > len(start):
            return 0
        # Its leading zero bits tell a number's length; all ones mean "unknown" (RFC 8794).
        length = 9 - start[at + 4].bit_length()
        mask = (1 << 7 * length) - 1
        size = int.from_bytes(start[at + 4 : at + 4 + length], "big") & mask
        return 0 if size == mask else at + 4 + length + size
    if file_type == "wmv":
        at = start.find(_ASF_PROPERTIES)
        return int.from_bytes(start[at + 40 : at + 48], "little") if at >= 0 else 0
    return 0


def _read(path: Path, container: InputContainer, file_type: str) -> Media:
    from av.stream import Disposition

    streams = [s for s in container.streams.video if Disposition.attached_pic not in s.disposition]
    if not streams:
        raise NotMedia(path, f"the {file_type} has no video in it")
    stream = streams[0]
    if stream.codec_context is None:  # nobody knows how its pictures are coded
        raise NotMedia(path, f"the {file_type} is damaged, or of a kind that can't be read")
    if stream.width * stream.height > MAX_PIXELS:
        raise NotMedia(
            path, f"pictures of {stream.width}x{stream.height} pixels are too large to read"
        )
    picture = _first_picture(container, stream)
    if picture is None:
        raise NotMedia(path, f"the {file_type} has no picture that can be read")
    announced = container.duration / 1_000_000 if container.duration else 0.0
    end, broken = _tail(container, announced)
    if broken or end < announced - MISSING_SECONDS:
        raise NotMedia(path, f"the {file_type} is cut short")
    seconds = announced or end
    if seconds <= 0:
        raise NotMedia(path, f"the {file_type} has no duration")
    width, height = picture.width, picture.height
    if picture.rotation % 180:
        width, height = height, width
    codec = stream.codec_context.codec.canonical_name
    return Media(Kind.VIDEO, file_type, width, height, seconds, codec)


def _first_picture(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    return next(iter(container.decode(stream)), None)


def _tail(container: InputContainer, announced: float) -> tuple[float, bool]:
    """Return when the last packet ends, in seconds, and whether it is broken off.

    Reads from the last key frame on; the whole of a file that does not say how long it is.
    """
    import av

    with suppress(av.FFmpegError):  # not every file can be searched: then reading goes on from here
        container.seek(max(0, round(announced * 1_000_000)))
    start = (container.start_time or 0) / 1_000_000
    end, broken = 0.0, False
    for packet in container.demux():
        if packet.pts is None or packet.time_base is None:
            continue
        broken = packet.is_corrupt
        end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base) - start)
    return end, broken
