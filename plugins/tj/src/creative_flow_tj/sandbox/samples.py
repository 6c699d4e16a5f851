"""Twenty-four small sample creatives, drawn by code: every one fits exactly one ad format."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import attrs
import av
from PIL import Image, ImageDraw, ImageFont

NATIVE_SIZE = (640, 360)
NATIVE_SECONDS = 4
IN_STREAM_SIZE = (480, 270)
FRAMES_PER_SECOND = 10
SMOOTHING = 2
"""How many times larger things are drawn than shown, so that edges come out smooth."""


class Scene:
    """A picture of hills under a moving sun. ``hue``, 0 to 1, decides its colours."""

    def __init__(self, size: tuple[int, int], hue: float, caption: str) -> None:
        self.size = size
        self._sky = _sky(size, hue)
        self._sun = _sun(round(size[1] * 0.16))
        self._hills = _hills(size, hue, caption)

    def draw(self, time: float = 0.3) -> Image.Image:
        """Return the picture at a time: at 0 the sun rises on the left, at 1 it sets."""
        width, height = self.size
        radius = self._sun.width // 2
        x = round(width * (0.1 + 0.8 * time)) - radius
        y = round(height * (0.62 - 0.38 * math.sin(math.pi * time))) - radius
        image = self._sky.copy()
        image.paste(self._sun, (x, y), self._sun)
        image.paste(self._hills, (0, 0), self._hills)
        return image


def _sky(size: tuple[int, int], hue: float) -> Image.Image:
    gradient = Image.new("RGB", (1, 2))
    gradient.putpixel((0, 0), _colour(hue, 0.55, 0.95))
    gradient.putpixel((0, 1), _colour(hue + 0.08, 0.18, 1.0))
    return gradient.resize(size, Image.Resampling.BILINEAR)


def _sun(radius: int) -> Image.Image:
    side = 2 * radius * SMOOTHING
    sun = Image.new("RGBA", (side, side))
    ImageDraw.Draw(sun).ellipse((0, 0, side - 1, side - 1), fill=(255, 221, 87))
    return sun.resize((2 * radius, 2 * radius), Image.Resampling.LANCZOS)


def _hills(size: tuple[int, int], hue: float, caption: str) -> Image.Image:
    width, height = (side * SMOOTHING for side in size)
    hills = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(hills)
    for nearness in (0, 1, 2):
        base = height * (0.66 + 0.12 * nearness)
        wave = width / (1.6 + nearness)
        shift = hue * 9 + nearness * 1.7
        ridge = [
            (x, base - height * 0.09 * math.sin(2 * math.pi * x / wave + shift))
            for x in range(0, width + 8, 8)
        ]
        colour = _colour(hue + 0.45, 0.35 + 0.12 * nearness, 0.75 - 0.18 * nearness)
        draw.polygon([*ridge, (width + 8, height), (0, height)], fill=colour)
    text = max(int(min(height * 0.16, width * 0.08)), 12 * SMOOTHING)
    draw.text(
        (width * 0.04, height - text * 1.6),
        caption,
        font=ImageFont.load_default(size=text),
        fill="white",
        stroke_width=2,
        stroke_fill=(40, 44, 52),
    )
    return hills.resize(size, Image.Resampling.LANCZOS)


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


@attrs.frozen
class _Sample:
    path: str
    write: Callable[[Path], None]


def make_samples(folder: Path) -> list[Path]:
    """Write the samples that are not there yet; return all 24 paths.

    There are ten static banners (png, jpg, gif, two of them animated), six in-stream videos of 5 to
    8 seconds, and four native pairs, 640x360, in ``Native/Video`` and ``Native/Image``. The same
    versions of the libraries write the same bytes.
    """
    paths = []
    for sample in _samples():
        path = folder / sample.path
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}.part")
            sample.write(part)
            part.replace(path)
        paths.append(path)
    return paths


_BANNERS = (
    ("300x250", "png", "EN_Summer_F_Real_SFW_Generic_Ana", "1A2B3C01"),
    ("950x250", "jpg", "EN_Summer_F_Real_SFW_Generic_Ben", "1A2B3C02"),
    ("468x60", "gif", "DE_Winter_M_Anime_SFW_Generic_Ana", "1A2B3C03"),
    ("305x99", "png", "FR_Spring_F_Both_SFW_Generic_Cleo", "1A2B3C04"),
    ("300x100", "jpg", "EN_Autumn_T_Real_SFW_Generic_Ben", "1A2B3C05"),
    ("970x90", "gif", "ES_Garden_F_Real_SFW_Generic_Dora", "1A2B3C06"),
    ("320x480", "png", "EN_Harbour_M_Real_SFW_Generic_Ana", "1A2B3C07"),
    ("300x250", "gif", "IT_Mountain_F_Anime_SFW_Generic_Emil", "1A2B3C08"),
    ("320x480", "jpg", "EN_Harbour_F_Real_SFW_Generic_Cleo", "1A2B3C09"),
    ("300x250", "png", "EN_Forest_MF_Both_SFW_Generic_Dora", "1A2B3C0A"),
)
_ANIMATED = frozenset({"1A2B3C03", "1A2B3C08"})
_IN_STREAM = (
    ("EN_Summer_F_Real_SFW_Generic_Ana", 5, "1A2B3C11"),
    ("EN_Harbour_M_Real_SFW_Generic_Ben", 6, "1A2B3C12"),
    ("DE_Winter_F_Anime_SFW_Generic_Ana", 7, "1A2B3C13"),
    ("FR_Spring_T_Real_SFW_Generic_Cleo", 8, "1A2B3C14"),
    ("ES_Garden_M_Both_SFW_Generic_Dora", 6, "1A2B3C15"),
    ("EN_Forest_F_Real_SFW_Generic_Emil", 5, "1A2B3C16"),
)
_PAIRS = (
    ("EN_Summer_F_Real_SFW_Generic_Ana", "1A2B3C21"),
    ("EN_Mountain_M_Real_SFW_Generic_Ben", "1A2B3C22"),
    ("DE_Winter_F_Anime_SFW_Generic_Cleo", "1A2B3C23"),
    ("FR_Spring_MF_Both_SFW_Generic_Dora", "1A2B3C24"),
)


def _samples() -> Iterator[_Sample]:
    count = len(_BANNERS) + len(_IN_STREAM) + len(_PAIRS)
    hues = iter(number / count for number in range(count))
    for size, extension, fields, number in _BANNERS:
        width, height = map(int, size.split("x"))
        scene = Scene((width, height), next(hues), size)
        write = _animate if number in _ANIMATED else partial(_paint, file_type=extension)
        yield _Sample(f"{fields}_ID-{number}.{extension}", partial(write, scene))
    for fields, duration, number in _IN_STREAM:
        scene = Scene(IN_STREAM_SIZE, next(hues), f"In-stream, {duration} s")
        path = f"{fields}_{duration}sec_ID-{number}.mp4"
        yield _Sample(path, partial(_film, scene, duration))
    for fields, number in _PAIRS:
        scene = Scene(NATIVE_SIZE, next(hues), f"Native {number[-2:]}")
        name = f"{fields}_{NATIVE_SECONDS}sec_ID-{number}"
        video = f"Native/Video/VID_{name}-VID.mp4"
        yield _Sample(video, partial(_film, scene, NATIVE_SECONDS))
        image = f"Native/Image/IMG_{fields}_ID-{number}-IMG.png"
        yield _Sample(image, partial(_paint, scene, file_type="png"))


def _paint(scene: Scene, path: Path, *, file_type: str) -> None:
    picture = scene.draw()
    if file_type == "jpg":
        picture.save(path, "JPEG", quality=88)
    else:
        # A palette keeps the files small; the pictures are flat enough for it.
        picture.quantize(128).save(path, file_type.upper(), optimize=True)


def _animate(scene: Scene, path: Path) -> None:
    frames = [scene.draw(time / 8).quantize(64) for time in range(9)]
    frames[0].save(path, "GIF", save_all=True, append_images=frames[1:], duration=200, loop=0)


def _film(scene: Scene, seconds: int, path: Path) -> None:
    width, height = scene.size
    # With one thread and no look-ahead, the encoder writes the same bytes every time.
    options = {"crf": "30", "preset": "veryfast", "tune": "zerolatency"}
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("h264", rate=FRAMES_PER_SECOND, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        count = seconds * FRAMES_PER_SECOND
        for number in range(count):
            picture = scene.draw(number / (count - 1))
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
