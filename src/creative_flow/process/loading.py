"""Reads still pictures into memory, upright, in sRGB, with 8 bits a channel."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from creative_flow.creative import Media
from creative_flow.process.failing import ConversionError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MAX_PIXELS = 8192 * 8192
"""A larger picture is refused: it would take several times 4 bytes for each point."""

_FORMATS = {"png": "PNG", "jpg": "JPEG", "gif": "GIF", "webp": "WEBP", "bmp": "BMP"}


def open_image(source: Path, media: Media) -> ImageFile:
    """Open an image with the one reader of its type, decoding nothing yet.

    Raises `ConversionError` if it is none, or has more points than `MAX_PIXELS`.
    """
    from PIL import Image

    if media.seconds is not None or media.file_type not in _FORMATS:
        raise ConversionError(source, f"it is a {media.file_type}, not an image")
    if media.width * media.height > MAX_PIXELS:
        raise ConversionError(
            source,
            f"{media.width}x{media.height} are more than {MAX_PIXELS:,} pixels",
            hint="Make it smaller first.",
        )
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        return Image.open(source, formats=[_FORMATS[media.file_type]])
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def picture_of(image: Image) -> tuple[Image, tuple[str, ...]]:
    """Return what an image shows, in mode L, RGB or RGBA, and notes on what was done for it."""
    from PIL import ImageOps

    profile = image.info.get("icc_profile")
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode in {"I;16", "I;16B", "I;16L", "I", "F"}:
        return _eight_bits(upright), ("brought from 16 to 8 bits a channel",)
    notes: tuple[str, ...] = ()
    if upright.mode == "CMYK":
        notes = ("brought from CMYK to RGB",)
    if profile and upright.mode in {"RGB", "RGBA", "CMYK", "L"}:
        in_srgb = _in_srgb(upright, profile)
        if in_srgb is not None:
            return in_srgb, notes
        notes = (*notes, "its colour profile is damaged and was left out")
    return _plain(upright), notes


def _plain(image: Image) -> Image:
    if image.mode in {"L", "RGB", "RGBA"} and "transparency" not in image.info:
        return image
    if image.mode == "1":
        return image.convert("L")
    has_alpha = image.mode in {"LA", "PA", "La", "RGBa"} or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")


def _eight_bits(image: Image) -> Image:
    """Scale what has more than 8 bits; Pillow's own conversion would cut it off."""
    wide = image.convert("I") if image.mode != "F" else image
    return wide.convert("F").point(lambda value: value * (1 / 257) + 0.5).convert("L")


def _in_srgb(image: Image, profile: bytes) -> Image | None:
    """Convert by the colour profile, None if that can't be used."""
    from PIL import ImageCms

    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    flat = image.convert("RGB") if alpha is not None else image
    mode = "L" if flat.mode == "L" else "RGB"
    if mode == "L":  # grey has nothing to gain but a curve that hardly anybody sets
        return image if "transparency" not in image.info else None
    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(
            flat, given, ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError):
        return None
    if converted is None:
        return None
    if alpha is not None:
        converted.putalpha(alpha)
    converted.info.pop("icc_profile", None)
    return converted
