"""How many look-alikes are found, and how many different creatives are taken for one.

    python -m benchmarks.similar

The set is made here: ads that share a layout (frame, three lines of text, a button) and differ in
picture and words, and clips of such pictures. Each is compared, as the plan does it and with the
default thresholds, with copies of itself (encoded anew, another type, half and twice the size, a
little cropped), with ads of the same layout, and with ads that differ in their words alone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import Line, folder, run, say, table

if TYPE_CHECKING:
    from PIL.Image import Image

LAYOUTS, ADS, CLIPS = 10, 10, 12
SIZE = (640, 360)
NEAR = ("jpeg, quality 85", "jpeg, quality 40", "gif", "half the size", "twice the size")
CROPPED = ("cropped by 1 %", "cropped by 3 %")


def measure() -> list[Line]:
    """Make the set and compare, in a process of its own."""
    say("similar: making pictures and clips …")
    with folder() as root:
        script = "import sys; from benchmarks.similar import compare; compare(sys.argv[1])"
        found = json.loads(run([sys.executable, "-c", script, str(root)]).output)
    lines = []
    for name, (hits, of, most) in found.items():
        least = 0.98 if name.startswith("found") and not name.endswith(CROPPED) else None
        lines.append(
            Line(
                f"look-alikes {name}",
                hits / of,
                least=least,
                most=0.001 if name.startswith("false") else None,
                detail=f"{hits:,} of {of:,}; {most} bits differ at most"
                if name.startswith("found")
                else f"{hits:,} of {of:,} pairs; {most} bits differ at least",
            )
        )
    return lines


def compare(root: str) -> None:
    """Print hits, pairs, and the telling distance for each kind of pair, as JSON."""
    from creative_flow.ledger.looks import distance
    from creative_flow.settings import DEFAULTS

    defaults = {it.name: it.value for it in DEFAULTS}
    most, moments = int(defaults["SIMILAR_BITS"]), int(defaults["SIMILAR_MOMENTS"])

    def apart(one: tuple[str, ...], other: tuple[str, ...]) -> int:
        bits = sorted(distance(a, b) if a and b else 256 for a, b in zip(one, other, strict=True))
        return bits[min(moments, len(bits)) - 1]

    found: dict[str, tuple[int, int, int]] = {}
    pictures = {(a, b): ad(a, 1_000 * a + b) for a in range(LAYOUTS) for b in range(ADS)}
    looks = {name: looked(picture, root, "png") for name, picture in pictures.items()}
    for how in (*NEAR, *CROPPED):
        bits = [apart(looks[name], copied(it, how, root)) for name, it in pictures.items()]
        found[f"found: {how}"] = (sum(it <= most for it in bits), len(bits), max(bits))
    words = [
        apart(looks[a, b], looked(ad(a, 1_000 * a + b, words=1), root, "png")) for a, b in pictures
    ]
    found["of other words alone"] = (sum(it <= most for it in words), len(words), min(words))
    names = sorted(looks)
    for kind, same in (("false: same layout", True), ("false: other layout", False)):
        bits = [
            apart(looks[one], looks[other])
            for number, one in enumerate(names)
            for other in names[:number]
            if (one[0] == other[0]) is same
        ]
        found[kind] = (sum(it <= most for it in bits), len(bits), min(bits))
    found |= _clips(Path(root), most, apart)
    print(json.dumps(found))


def _clips(root: Path, most: int, apart: object) -> dict[str, tuple[int, int, int]]:
    assert callable(apart)
    looks = [_clip_look(root / f"{number}.mp4", number) for number in range(CLIPS)]
    found = {}
    for how, options in {
        "encoded anew": {"quality": 36},
        "half the size": {"size": (320, 180), "quality": 24},
        "15 pictures a second for 12": {"rate": 15},
    }.items():
        bits = [
            apart(looks[number], _clip_look(root / f"{number}-b.mp4", number, **options))  # type: ignore[arg-type]
            for number in range(CLIPS)
        ]
        found[f"found: clip, {how}"] = (sum(it <= most for it in bits), len(bits), max(bits))
    bits = [apart(one, other) for n, one in enumerate(looks) for other in looks[:n]]
    found["false: other clip of the same layout"] = (
        sum(it <= most for it in bits),
        len(bits),
        min(bits),
    )
    return found


def _clip_look(
    path: Path, number: int, *, size: tuple[int, int] = SIZE, rate: int = 12, quality: int = 23
) -> tuple[str, ...]:
    """Write a clip of six scenes of a second each, and return its look."""
    import av

    from creative_flow.probe import probe
    from creative_flow.probe.looks import look

    with av.open(str(path), "w") as container:
        stream = container.add_stream("h264", rate=rate, options={"crf": str(quality)})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for second in range(6):
            picture = ad(1, 1_000 * number + second).resize(size)
            for _ in range(rate):
                frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
                container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return look(path, probe(path))


def copied(picture: Image, how: str, root: str) -> tuple[str, ...]:
    """Return the look of a copy."""
    from PIL import Image

    width, height = picture.size
    if how.startswith("jpeg"):
        return looked(picture, root, "jpg", quality=int(how.rsplit(maxsplit=1)[-1]))
    if how == "gif":
        return looked(picture, root, "gif")
    if how.endswith("size"):
        times = 0.5 if how.startswith("half") else 2
        size = (round(width * times), round(height * times))
        return looked(picture.resize(size, Image.Resampling.LANCZOS), root, "png")
    part = int(how.split()[2]) / 100
    edge_x, edge_y = round(width * part / 2), round(height * part / 2)
    return looked(picture.crop((edge_x, edge_y, width - edge_x, height - edge_y)), root, "png")


def looked(picture: Image, root: str, kind: str, **how: int) -> tuple[str, ...]:
    """Write a picture and return its look."""
    from creative_flow.probe import probe
    from creative_flow.probe.looks import look

    path = Path(root) / f"picture.{kind}"
    if kind == "png":
        how["compress_level"] = 1
    picture.save(path, **how)  # type: ignore[arg-type]
    return look(path, probe(path))


def ad(layout: int, number: int, *, words: int = 0) -> Image:
    """Draw an ad: its layout's frame, colours and button, with a picture and words of its own."""
    from random import Random

    from PIL import Image, ImageDraw

    width, height = SIZE
    common, own, said = Random(layout), Random(number), Random(f"{number}-{words}")
    ground, ink = (tuple(common.randrange(256) for _ in range(3)) for _ in range(2))
    left = common.random() < 0.5
    image = Image.new("RGB", SIZE, ground)
    image.paste(
        _scene(own, (width * 55 // 100, height * 8 // 10)),
        (width * (3 if left else 42) // 100, height // 10),
    )
    draw = ImageDraw.Draw(image)
    at = width * (62 if left else 4) // 100
    for line in range(3):
        text = "".join(said.choice("abcdefghiklmnorstuvw ") for _ in range(14))
        draw.text((at, height * (15 + 14 * line) // 100), text, fill=ink, font_size=height // 11)
    button = (at, height * 7 // 10, at + width * 3 // 10, height * 88 // 100)
    draw.rounded_rectangle(button, 8, fill=ink)
    draw.text((at + 10, height * 74 // 100), "Play now", fill="white", font_size=height // 12)
    return image


def _scene(pick: object, size: tuple[int, int]) -> Image:
    from random import Random

    from PIL import Image, ImageDraw

    assert isinstance(pick, Random)
    width, height = size
    across, down = pick.randint(3, 7), pick.randint(3, 6)
    small = Image.frombytes("RGB", (across, down), pick.randbytes(across * down * 3))
    image = small.resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(pick.randint(4, 10)):
        x, y, radius = pick.randrange(width), pick.randrange(height), pick.randint(15, width // 5)
        tall = round(radius * pick.uniform(0.4, 1.5))
        colour = tuple(pick.randrange(256) for _ in range(3))
        draw.ellipse((x - radius, y - tall, x + radius, y + tall), fill=colour)
    return image


def main() -> None:
    """Measure and print."""
    print(table(measure()))


if __name__ == "__main__":
    main()
