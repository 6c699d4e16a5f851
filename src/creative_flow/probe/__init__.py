"""Says what a media file is by reading it, whatever its name claims.

Known are the images png, jpg, gif, webp and bmp and the videos mp4, mov, avi, webm, mkv, flv and
wmv. Files come from anywhere and may be broken or hostile: a reader is chosen by the first bytes,
images are never decoded, of a video one picture is, and what must be held in memory is bounded.
"""

from __future__ import annotations

import stat
from pathlib import Path

from creative_flow.creative import Media
from creative_flow.probe.errors import NotMedia

__all__ = ["NotMedia", "extension_mismatch", "probe", "probe_bytes"]

_SAME_TYPE = {
    "jpg": {"jpg", "jpeg", "jpe", "jfif"},
    "bmp": {"bmp", "dib"},
    "mp4": {"mp4", "m4v"},
    "mov": {"mov", "qt"},
    "wmv": {"wmv", "asf"},
}
_SPOKEN_WITH_AN = {"avi", "flv", "mkv", "mp4"}


def probe(path: Path) -> Media:
    """Read what a file is: its type, its size in pixels as shown, its duration in seconds.

    Width and height are those after the rotation that the file asks for. Raises `NotMedia` for a
    file that is empty, neither image nor video, damaged or cut short, and `OSError` as it comes
    (`FileNotFoundError`, `PermissionError`, `IsADirectoryError`, …) for one that can't be read.
    """
    from creative_flow.probe import image, video

    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise NotMedia(path, "it is not a regular file")
    with path.open("rb") as file:
        head = file.read(64)
        if not head:
            raise NotMedia(path, "the file is empty")
        media = image.read(path, file, head) or video.read(path, file, head)
    if media is None:
        raise NotMedia(path, "it is neither an image nor a video of a known type")
    return media


def probe_bytes(path: Path, data: bytes) -> Media:
    """Do as `probe` does, where what stands in the file was read already."""
    from creative_flow.probe import image

    return image.read_bytes(path, data) or probe(path)


def extension_mismatch(path: Path, media: Media) -> str | None:
    """Return one line if the file's extension is that of another type, else None."""
    named = path.suffix[1:].casefold()
    if named in _SAME_TYPE.get(media.file_type, {media.file_type}):
        return None
    article = "an" if media.file_type in _SPOKEN_WITH_AN else "a"
    name = f"named .{named}" if named else "its name has no extension"
    return f"is {article} {media.file_type} by content but {name}"
