"""Makes animated gifs smaller without leaving out a frame.

All frames share one palette. Each holds only what changed since the one before: first exactly, with
fewer and fewer colours, then taking small changes for none, then without dithering. Which of these
steps is the first that fits is found by halving.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from creative_flow.process.failing import ConversionError
from creative_flow.process.still import highest, too_large

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MAX_POINTS = 200_000_000
"""Width times height times frames. They are all held in memory, with 4 bytes each."""

_SAMPLED = 24
"""Frames that the palette is made of."""

_SAMPLE_SIDE = 256
"""To how many points across a frame is reduced for the palette."""


@frozen
class Step:
    """One way to write the frames. A change up to ``tolerance`` (of 255) counts as none."""

    colours: int
    dithered: bool
    tolerance: int

    @property
    def note(self) -> str:
        """What a user should know of it."""
        parts = [f"{self.colours} colours"]
        if not self.dithered:
            parts.append("no dithering")
        if self.tolerance:
            parts.append(f"changes up to {self.tolerance} of 255 left out")
        return ", ".join(parts)


STEPS = (
    *(Step(colours, dithered=True, tolerance=0) for colours in (256, 192, 128, 96, 64)),
    *(Step(64, dithered=True, tolerance=tolerance) for tolerance in (4, 8)),
    *(Step(64, dithered=False, tolerance=tolerance) for tolerance in (8, 12)),
    *(Step(colours, dithered=False, tolerance=12) for colours in (48, 32, 24)),
    *(Step(colours, dithered=False, tolerance=16) for colours in (16, 12, 8)),
    *(Step(4, dithered=False, tolerance=tolerance) for tolerance in (24, 48)),
    Step(2, dithered=False, tolerance=64),
)
"""From the best to the smallest."""


@frozen
class Frame:
    """What is seen at one time, in RGBA, for so many hundredths of a second."""

    picture: Image
    hundredths: int


def fit_gif(source: Path, image: ImageFile, max_bytes: int) -> tuple[bytes, str]:
    """Return an animated gif with at most ``max_bytes``, and a note. Raises `ConversionError`."""
    count = getattr(image, "n_frames", 1)
    points = image.width * image.height * count
    if points > MAX_POINTS:
        raise ConversionError(
            source,
            f"{count} frames of {image.width}x{image.height} are more than {MAX_POINTS:,} pixels",
            hint="Make it smaller or shorter first.",
        )
    loop = image.info.get("loop")
    frames = list(_frames(image, count))

    def encode(level: int) -> bytes:
        return write_gif(frames, STEPS[-level], loop)

    found = highest(encode, 1, len(STEPS), max_bytes)
    if found is None:
        raise too_large(source, image.size, max_bytes)
    level, data = found
    return data, f"gif with {STEPS[-level].note} to stay under {max_bytes:,} bytes"


def _frames(image: ImageFile, count: int) -> Iterator[Frame]:
    for number in range(count):
        image.seek(number)
        yield Frame(image.convert("RGBA"), round(image.info.get("duration", 0) / 10))


def write_gif(frames: list[Frame], step: Step, loop: int | None) -> bytes:
    """Return the frames as an animated gif; ``loop`` is None for one that plays once."""
    from PIL import GifImagePlugin, Image

    solid = all(_lowest_alpha(frame.picture) >= 128 for frame in frames)
    palette = _palette(frames, step.colours - 1)
    clear = palette.colours
    first = Image.new("P", frames[0].picture.size, clear)
    first.putpalette(palette.bytes)
    info = {} if loop is None else {"loop": loop}
    header, _ = GifImagePlugin.getheader(first, info=info)
    parts = list(header)
    shown: Image.Image | None = None
    for frame in frames:
        if solid:
            change, shown = _changed(shown, frame.picture, step.tolerance)
        else:
            change = frame.picture.getchannel("A").point(lambda alpha: 255 * (alpha >= 128))
        # A frame in which nothing changes is still a frame, with a time of its own.
        box = change.getbbox() or (0, 0, 1, 1)
        indices = palette.applied(frame.picture.crop(box), dithered=step.dithered)
        hidden = change.crop(box).point(lambda value: 255 - value)
        indices.paste(clear, mask=hidden)
        parts += GifImagePlugin.getdata(
            indices,
            box[:2],
            duration=frame.hundredths * 10,
            transparency=clear,
            disposal=1 if solid else 2,
        )
    return b"".join((*parts, b";"))


def _lowest_alpha(picture: Image) -> float:
    lowest, _ = picture.getchannel("A").getextrema()
    return lowest if isinstance(lowest, (int, float)) else 0


@frozen
class _Palette:
    """A palette of ``colours`` colours, and one index above them that stays clear."""

    image: Image
    colours: int
    bytes: bytes

    def applied(self, picture: Image, *, dithered: bool) -> Image:
        from PIL import Image

        dither = Image.Dither.FLOYDSTEINBERG if dithered else Image.Dither.NONE
        indices = picture.convert("RGB").quantize(palette=self.image, dither=dither)
        indices.putpalette(self.bytes)
        return indices


def _palette(frames: list[Frame], colours: int) -> _Palette:
    from PIL import Image

    every = -(-len(frames) // _SAMPLED)
    samples = [frame.picture.convert("RGB") for frame in frames[::every]]
    for sample in samples:
        sample.thumbnail((_SAMPLE_SIDE, _SAMPLE_SIDE), Image.Resampling.NEAREST)
    width, height = samples[0].size
    sheet = Image.new("RGB", (width, height * len(samples)))
    for row, sample in enumerate(samples):
        sheet.paste(sample, (0, row * height))
    image = sheet.quantize(max(1, colours), method=Image.Quantize.MEDIANCUT)
    values = bytes(image.getpalette("RGB") or [])[: 3 * max(1, colours)]
    image = Image.new("P", (1, 1))
    image.putpalette(values)
    return _Palette(image, len(values) // 3, values + bytes(3))


def _changed(shown: Image | None, picture: Image, tolerance: int) -> tuple[Image, Image]:
    """Return a mask of what differs from what is seen, and what is seen then."""
    from PIL import Image, ImageChops

    now = picture.convert("RGB")
    if shown is None:
        return Image.new("L", now.size, 255), now
    red, green, blue = ImageChops.difference(shown, now).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    mask = most.point(lambda value: 255 * (value > tolerance))
    then = shown.copy()
    then.paste(now, mask=mask)
    return mask, then
