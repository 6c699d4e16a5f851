"""Brings images under a limit in bytes, and to types that a platform takes."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from creative_flow.creative import Media
from creative_flow.probe import probe
from creative_flow.process.failing import (
    ConversionError,
    whole_or_nothing,
    with_type,
    write,
)
from creative_flow.process.loading import open_image, picture_of
from creative_flow.process.still import Fitted, check_picture, make_room, save_picture

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

__all__ = ["ConversionError", "Fitted", "convert_type", "fit_image"]

_WRITTEN = ("png", "jpg", "gif")
_AS_MOVING = "Save it as gif or mp4."


def fit_image(
    source: Path,
    target: Path,
    *,
    max_bytes: int,
    file_types: frozenset[str],
    media: Media | None = None,
) -> Fitted | None:
    """Write an image with at most ``max_bytes`` and of one of the types, in the best quality.

    The suffix of ``target`` is chosen. Dimensions never change, and an animated gif keeps each of
    its frames. What stands in the file beside the picture (EXIF, places, thumbnails) is left out;
    colours are brought to sRGB. ``media`` is what `probe` said of the source, if it was asked.

    Returns None, with nothing written, if the image is as it should be already. The result is
    flushed and was read back. Raises `ConversionError` with nothing left.
    """
    possible = [with_type(target, kind) for kind in _WRITTEN]
    with whole_or_nothing(source, *possible):
        found = media or probe(source)
        size = source.stat().st_size
        if size <= max_bytes and found.file_type in file_types:
            return None
        with open_image(source, found) as image:
            if getattr(image, "n_frames", 1) > 1:
                return _fit_moving(source, image, found, target, max_bytes, file_types)
            if found.file_type == "jpg" and "jpg" in file_types:
                kept = _kept_jpg(image, max_bytes)
                if kept is not None:
                    return _written(source, kept, with_type(target, "jpg"), found)
            picture, notes = picture_of(image)
            types = file_types - {"png"} if found.file_type == "jpg" else file_types
            return save_picture(
                source,
                picture,
                target,
                max_bytes=max_bytes,
                file_types=types if types & {"png", "jpg"} else file_types,
                notes=notes,
            )


def convert_type(source: Path, target: Path, *, media: Media | None = None) -> Fitted:
    """Write a still image of any type as png without loss; the suffix of ``target`` becomes that.

    Raises `ConversionError`, with nothing left, also for an image that moves.
    """
    target = with_type(target, "png")
    with whole_or_nothing(source, target):
        found = media or probe(source)
        with open_image(source, found) as image:
            if getattr(image, "n_frames", 1) > 1:
                raise ConversionError(
                    source, f"it is an animated {found.file_type}", hint=_AS_MOVING
                )
            picture, notes = picture_of(image)
            return save_picture(
                source,
                picture,
                target,
                max_bytes=None,
                file_types=frozenset({"png"}),
                notes=notes,
            )


def _kept_jpg(image: ImageFile, max_bytes: int) -> bytes | None:
    """Return the jpg written anew with the very quality it has, if that makes it small enough.

    What it loses is what stands beside the picture; its colour profile it keeps.
    """
    upright = image.getexif().get(0x0112, 1) in {0, 1}
    if not upright or image.mode not in {"L", "RGB"}:
        return None
    buffer = BytesIO()
    profile = image.info.get("icc_profile")
    make_room(image)
    try:
        image.save(
            buffer, "JPEG", quality="keep", optimize=True, progressive=True, icc_profile=profile
        )
    except ValueError:  # not every jpg has tables that can be written again
        return None
    return buffer.getvalue() if buffer.tell() <= max_bytes else None


def _fit_moving(
    source: Path,
    image: ImageFile,
    media: Media,
    target: Path,
    max_bytes: int,
    file_types: frozenset[str],
) -> Fitted:
    from creative_flow.process.animation import fit_gif

    if media.file_type != "gif":
        raise ConversionError(source, f"it is an animated {media.file_type}", hint=_AS_MOVING)
    if "gif" not in file_types:
        raise ConversionError(
            source, "it is an animated gif, and gif is not taken", hint="Save it as mp4."
        )
    path = with_type(target, "gif")
    data, note = fit_gif(source, image, max_bytes)
    write(path, data)
    return Fitted(path, check_picture(source, path, "gif", image.size), (note,))


def _written(source: Path, data: bytes, path: Path, media: Media) -> Fitted:
    write(path, data)
    checked = check_picture(source, path, "jpg", (media.width, media.height))
    return Fitted(path, checked, ("what stood beside the picture was left out",))
