"""Writes a still picture within a number of bytes, in the best quality that fits.

A picture keeps its dimensions. The order is: png without loss; jpg where nothing is transparent and
jpg may be used, by a search over its quality; png with a palette, by a search over its colours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from creative_flow.creative import Kind, Media
from creative_flow.probe import probe
from creative_flow.process.failing import ConversionError, with_type, write

if TYPE_CHECKING:
    from PIL.Image import Image

BEST_QUALITY = 95
"""Of a jpg; above that files grow and nothing is seen."""

FINE_QUALITY = 90
"""From here on a jpg keeps the colour of every point (4:4:4), below it of every fourth (4:2:0)."""

POOR_QUALITY = 50
"""Below this the note says that the picture should be looked at."""

_HOPELESS = 1.5
"""A png this much too large after quick compression will not fit after thorough compression."""


@frozen
class Fitted:
    """An image as it was written. ``notes`` is what a user should know of it."""

    path: Path
    media: Media
    notes: tuple[str, ...] = ()


@frozen
class Encoded:
    """A picture in memory as a file of some type."""

    data: bytes
    file_type: str
    note: str = ""


def save_picture(
    source: Path,
    picture: Image,
    target: Path,
    *,
    max_bytes: int | None,
    file_types: frozenset[str],
    notes: tuple[str, ...] = (),
) -> Fitted:
    """Write a picture of mode L, RGB or RGBA; the suffix of ``target`` is chosen.

    Raises `ConversionError` where it can't be brought under ``max_bytes``, and `OSError`.
    """
    found = next(within(picture, max_bytes, file_types), None)
    if found is None:
        raise too_large(source, picture.size, max_bytes or 0)
    path = with_type(target, found.file_type)
    write(path, found.data)
    media = check_picture(source, path, found.file_type, picture.size)
    return Fitted(path, media, (*notes, found.note) if found.note else notes)


def too_large(source: Path, size: tuple[int, int], max_bytes: int) -> ConversionError:
    """Return the error for an image that nothing brings under its limit."""
    return ConversionError(
        source,
        f"at {size[0]}x{size[1]} pixels it can't be brought under {max_bytes:,} bytes",
        hint="Make it simpler or smaller.",
    )


def check_picture(source: Path, path: Path, file_type: str, size: tuple[int, int]) -> Media:
    """Read an image back from the disk, to its last point. Raises `ConversionError`."""
    from PIL import Image

    media = probe(path)
    with Image.open(path) as image:
        image.load()
    if media != Media(Kind.IMAGE, file_type, *size):
        raise ConversionError(
            source,
            f"the image made of it is not right ({media.file_type} {media.dimensions})",
            hint="Please report this.",
        )
    return media


def within(picture: Image, max_bytes: int | None, file_types: frozenset[str]) -> Iterator[Encoded]:
    """Yield the ways in which a picture fits, the best first."""
    if "png" in file_types and (data := lossless_png(picture, max_bytes)):
        yield Encoded(data, "png")
    if max_bytes is None:
        return
    if "jpg" in file_types and is_opaque(picture):
        found = best_jpg(picture, max_bytes)
        if found is not None:
            yield found
    if "png" in file_types:
        colours = highest(lambda count: palette_png(picture, count), 2, 256, max_bytes)
        if colours is not None:
            count, data = colours
            yield Encoded(
                data, "png", f"png with {count} colours to stay under {max_bytes:,} bytes"
            )


def is_opaque(picture: Image) -> bool:
    """Say whether nothing of a picture is transparent."""
    if "A" not in picture.getbands():
        return True
    lowest, _ = picture.getchannel("A").getextrema()
    return bool(lowest == 255)


def lossless_png(picture: Image, max_bytes: int | None) -> bytes | None:
    """Return a png that holds the very same points, None if it has more than ``max_bytes``."""
    if is_opaque(picture) and "A" in picture.getbands():
        picture = picture.convert("RGB")
    exact = _with_few_colours(picture)
    if max_bytes is not None and exact is picture:
        quick = _saved(picture, "PNG", compress_level=6)
        if len(quick) > max_bytes * _HOPELESS:
            return None
        if len(quick) <= max_bytes:
            return quick  # the points are the same: to pack them closer would only take time
    data = _saved(exact, "PNG", optimize=True)
    return data if max_bytes is None or len(data) <= max_bytes else None


def _with_few_colours(picture: Image) -> Image:
    """Return the picture with a palette if that loses nothing."""
    if picture.mode == "L" or picture.getcolors(256) is None:
        return picture
    from PIL import Image, ImageChops

    exact = picture.quantize(
        256,
        method=Image.Quantize.FASTOCTREE if picture.mode == "RGBA" else Image.Quantize.MEDIANCUT,
        dither=Image.Dither.NONE,
    )
    # Some ways to count colours come close to few colours, but not to each of them.
    difference = ImageChops.difference(exact.convert(picture.mode), picture)
    return picture if any(high for _, high in _extrema(difference)) else exact


def _extrema(picture: Image) -> list[tuple[int, int]]:
    return [band.getextrema() for band in picture.split()]  # type: ignore[misc]


def palette_png(picture: Image, colours: int) -> bytes:
    """Return a png of so many colours at most; what is transparent stays so."""
    from PIL import Image

    # Only this way of counting colours knows transparency.
    method = Image.Quantize.FASTOCTREE if "A" in picture.getbands() else Image.Quantize.MEDIANCUT
    few = picture.quantize(colours, method=method, dither=Image.Dither.FLOYDSTEINBERG)
    return _saved(few, "PNG", optimize=True)


def best_jpg(picture: Image, max_bytes: int) -> Encoded | None:
    """Return the best jpg that fits, None if none does."""
    opaque = picture.convert("RGB") if picture.mode not in {"L", "RGB"} else picture

    def encode(quality: int) -> bytes:
        subsampling = 0 if quality >= FINE_QUALITY else 2
        return _saved(
            opaque,
            "JPEG",
            quality=quality,
            subsampling=subsampling,
            optimize=True,
            progressive=True,
        )

    found = highest(encode, 1, BEST_QUALITY, max_bytes)
    if found is None:
        return None
    quality, data = found
    note = f"jpg at quality {quality} to stay under {max_bytes:,} bytes"
    return Encoded(data, "jpg", note + (": look at it" if quality < POOR_QUALITY else ""))


def highest(
    encode: Callable[[int], bytes], least: int, most: int, max_bytes: int
) -> tuple[int, bytes] | None:
    """Return the highest level that fits, with its bytes, by halving; None if not even the least.

    Sizes needn't grow with each single level for the result to fit.
    """
    data = encode(most)
    if len(data) <= max_bytes:
        return most, data
    found = None
    low, high = least, most - 1
    while low <= high:
        level = (low + high) // 2
        data = encode(level)
        if len(data) <= max_bytes:
            found, low = (level, data), level + 1
        else:
            high = level - 1
    return found


def _saved(picture: Image, file_format: str, **options: object) -> bytes:
    """Return a picture as a file, without whatever else stood in the one that it came from."""
    buffer = BytesIO()
    bare = picture.copy() if picture.info else picture
    bare.info = {key: bare.info[key] for key in ("transparency",) if key in bare.info}
    make_room(picture)
    bare.save(buffer, file_format, **options)
    return buffer.getvalue()


def make_room(picture: Image) -> None:
    """Let Pillow's buffer hold a whole picture: noise, as a jpg, outgrows what it would take.

    The encoder of progressive files can't wait for more room, and says so on standard error.
    """
    from PIL import ImageFile

    ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, 4 * picture.width * picture.height)
