"""Reads images: their headers with Pillow, and whether all of their bytes are there.

Nothing is decoded, so that a small file that claims to be a huge picture costs nothing.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from creative_flow.creative import Kind, Media
from creative_flow.probe.errors import NotMedia

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MAX_BYTES = 256 * 1024 * 1024
"""Larger files are not read: no platform takes an image of that size."""

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
}
_READERS = {"bmp": "Bmp", "gif": "Gif", "jpg": "Jpeg", "png": "Png", "webp": "WebP"}
"""What Pillow calls the types."""
_ORIENTATION_TAG = 0x0112
_QUARTER_TURNS = {5, 6, 7, 8}


def read(path: Path, file: BinaryIO, head: bytes) -> Media | None:
    """Return what an image is, or None if its first bytes, ``head``, are not those of an image.

    Raises `NotMedia` if it is damaged, cut short, or larger than `MAX_BYTES`.
    """
    if _file_type(head) is None:
        return None
    if file.seek(0, SEEK_END) > MAX_BYTES:
        raise NotMedia(path, f"it is an image of more than {MAX_BYTES:,} bytes")
    file.seek(0)
    return read_bytes(path, file.read())


def read_bytes(path: Path, data: bytes) -> Media | None:
    """Return what an image is, all of which is ``data``, or None if it does not begin as one.

    Raises `NotMedia` if it is damaged or cut short.
    """
    file_type = _file_type(data[:64])
    if file_type is None:
        return None
    try:
        if not _IS_WHOLE[file_type](data):
            raise NotMedia(path, f"the {file_type} is cut short")
        width, height = _shown_size(_open(file_type, data))
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, struct.error) as error:
        raise NotMedia(path, f"the {file_type} is damaged ({error})") from error
    if width < 1 or height < 1:
        raise NotMedia(path, f"the {file_type} has no size, {width}x{height} pixels")
    return Media(Kind.IMAGE, file_type, width, height)


def _file_type(head: bytes) -> str | None:
    for signature, file_type in _SIGNATURES.items():
        if head.startswith(signature):
            return file_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    # Two letters alone could begin any text: the header that follows has one of a few lengths.
    if head[:2] == b"BM" and head[14:18] in {bytes([size, 0, 0, 0]) for size in (12, 40, 108, 124)}:
        return "bmp"
    return None


def _open(file_type: str, data: bytes) -> ImageFile:
    """Open with the one reader of that type, which looks at no more than the header."""
    return _reader(file_type)(BytesIO(data))


@cache
def _reader(file_type: str) -> type[ImageFile]:
    """Load the reader of a type: each takes its time, and most folders hold one type or two."""
    name = _READERS[file_type]
    reader: type[ImageFile] = getattr(import_module(f"PIL.{name}ImagePlugin"), f"{name}ImageFile")
    return reader


def load() -> None:
    """Load what any image needs."""
    _reader("jpg")


def _shown_size(image: ImageFile) -> tuple[int, int]:
    width, height = image.size
    turned = "exif" in image.info and image.getexif().get(_ORIENTATION_TAG) in _QUARTER_TURNS
    return (height, width) if turned else (width, height)


def _png_is_whole(data: bytes) -> bool:
    """Walk the chunks to the last, checking sums (PNG specification, "Chunk layout")."""
    view = memoryview(data)
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + int(length)
        if end > len(data):
            return False
        if kind[:1].isupper() and zlib.crc32(view[at + 4 : end - 4]) != _uint32(data, end - 4):
            raise ValueError("a checksum is wrong")
        if kind == b"IEND":
            return True
        at = end
    return False


def _uint32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _jpg_is_whole(data: bytes) -> bool:
    """Look for the end marker after the first scan's start (ITU-T T.81, annex B).

    A thumbnail before that has an end marker of its own, which must not count.
    """
    at = 2
    while at + 4 <= len(data):
        mark, kind, length = struct.unpack_from(">BBH", data, at)
        if mark != 0xFF or kind == 0xFF:  # stray or fill bytes, which readers skip
            at += 1
            continue
        at += 2 + length
        if kind == 0xDA:
            return data.find(b"\xff\xd9", at) >= 0
    return False


def _gif_is_whole(data: bytes) -> bool:
    """Walk the blocks (GIF89a specification); like browsers, do without the trailer."""
    at = 13 + _color_table(data[10])
    pictures = 0
    while at < len(data) and data[at] != 0x3B:
        if data[at] == 0x2C:
            at = _after_sub_blocks(data, at + 11 + _color_table(data[at + 9]))
            pictures += at <= len(data)
        elif data[at] == 0x21:
            at = _after_sub_blocks(data, at + 2)
        else:
            raise ValueError("no block where one is due")
    return pictures > 0 and at <= len(data)


def _color_table(flags: int) -> int:
    return 3 << (1 + (flags & 7)) if flags & 0x80 else 0


def _after_sub_blocks(data: bytes, at: int) -> int:
    """Return the place after a chain of sub-blocks; past the end of ``data`` if it is cut."""
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1


def _webp_is_whole(data: bytes) -> bool:
    (length,) = struct.unpack_from("<I", data, 4)
    return len(data) >= 8 + int(length)


def _bmp_is_whole(data: bytes) -> bool:
    """Compare with the size that follows from the header (of compressed ones: that it states)."""
    stated, pixels, header = struct.unpack_from("<I4xII", data, 2)
    if header == 12:
        width, height, bits, compression = *struct.unpack_from("<HH2xH", data, 18), 0
    else:
        width, height, bits, compression = struct.unpack_from("<ii2xHI", data, 18)
    rows = (width * bits + 31) // 32 * 4 * abs(height)
    return len(data) >= int(stated if compression in {1, 2} else pixels + rows)


_IS_WHOLE: dict[str, Callable[[bytes], bool]] = {
    "bmp": _bmp_is_whole,
    "gif": _gif_is_whole,
    "jpg": _jpg_is_whole,
    "png": _png_is_whole,
    "webp": _webp_is_whole,
}
