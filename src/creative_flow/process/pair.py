"""Makes a native pair: from one reading of a film a clip and a still picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from creative_flow.creative import Media
from creative_flow.probe import probe
from creative_flow.process.failing import ConversionError, whole_or_nothing, with_type, write

if TYPE_CHECKING:
    from creative_flow.process.clip import Clip

_SHARES = (0.94, 0.85, 0.7)
"""Of the bits that would just fit: an encoder doesn't meet a number exactly."""

IMAGE_TYPES = frozenset({"png", "jpg"})


@frozen
class PairMade:
    """Both halves of a native pair, as files, and what a user should know of each."""

    video: Path
    image: Path
    video_media: Media
    image_media: Media
    video_notes: tuple[str, ...]
    image_notes: tuple[str, ...]


def make_pair(
    source: Path,
    *,
    width: int,
    height: int,
    seconds: float,
    video: Path,
    image: Path,
    max_image_bytes: int | None = None,
    max_video_bytes: int | None = None,
    image_types: frozenset[str] = IMAGE_TYPES,
    media: Media | None = None,
    threads: int = 0,
) -> PairMade:
    """Write a clip and a still of ``width`` x ``height`` pixels to temporary files.

    The clip, ``video``, is H.264 and AAC in an mp4 that can be played while it loads, cropped at
    the centre, and holds the first ``seconds`` or all of a shorter film. The still is its first
    picture that is not black, as png where that has at most ``max_image_bytes``, else as jpg; the
    suffix of ``image`` is chosen accordingly. ``media`` is what `probe` said of the source, if it
    was asked already. ``threads`` bounds those of the codecs; 0 leaves it to them.

    Both files are flushed and were read back when this returns. Raises `ConversionError` with
    neither of them left.
    """
    video = with_type(video, "mp4")
    stills = [with_type(image, kind) for kind in sorted(image_types)]
    with whole_or_nothing(source, video, *stills):
        from creative_flow.process.still import save_picture

        found = media or probe(source)
        if found.seconds is None:
            raise ConversionError(source, "it is an image, and a pair is made from a video")
        clip = _fitting_clip(source, found, width, height, seconds, max_video_bytes, threads)
        saved = save_picture(
            source, clip.still, image, max_bytes=max_image_bytes, file_types=image_types
        )
        write(video, clip.data)
        video_media = _check_clip(source, video, clip, width, height, threads)
        return PairMade(
            video,
            saved.path,
            video_media,
            saved.media,
            video_notes=clip.notes,
            image_notes=(*clip.still_notes, *saved.notes),
        )


def _fitting_clip(
    source: Path,
    media: Media,
    width: int,
    height: int,
    seconds: float,
    max_bytes: int | None,
    threads: int,
) -> Clip:
    from attrs import evolve

    from creative_flow.process.clip import make_clip

    def attempt(bits_per_second: float | None) -> Clip:
        return make_clip(
            source,
            media.file_type,
            width=width,
            height=height,
            seconds=seconds,
            threads=threads,
            bits_per_second=bits_per_second,
        )

    clip = attempt(None)
    if max_bytes is None or len(clip.data) <= max_bytes:
        return clip
    for share in _SHARES:
        bits = share * 8 * max_bytes / clip.seconds
        clip = attempt(bits)
        if len(clip.data) <= max_bytes:
            note = f"video at {bits / 1000:,.0f} kbit/s to stay under {max_bytes:,} bytes"
            return evolve(clip, notes=(*clip.notes, note))
    raise ConversionError(source, f"a clip of it can't be brought under {max_bytes:,} bytes")


def _check_clip(
    source: Path, path: Path, clip: Clip, width: int, height: int, threads: int
) -> Media:
    """Read the clip back from the disk, to its last picture."""
    import av

    media = probe(path)
    wanted = Media(media.kind, "mp4", width, height, media.seconds, "h264")
    with av.open(path, "r", format="mov") as container:
        container.streams.video[0].codec_context.thread_count = threads
        pictures = sum(1 for _ in container.decode(video=0))
        length = container.streams.video[0].duration or 0
        shown = float(length * (container.streams.video[0].time_base or 0))
    is_whole = pictures == clip.pictures and abs(shown - clip.seconds) < 0.05
    if media != wanted or not is_whole:
        raise ConversionError(
            source,
            f"the clip made of it is not right ({media.codec} {media.dimensions}, {shown:.2f} s, "
            f"{pictures} of {clip.pictures} pictures)",
            hint="Please report this.",
        )
    return media
