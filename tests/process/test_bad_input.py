"""Files that are not what one would wish: each gets one line, the rest goes on, nothing is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from creative_flow.process import process
from creative_flow.processed import Processed
from creative_flow.workspace import Workspace
from probe.media import make_image, make_sound, make_video
from reliability.failing_disk import leave_room, small_disk


def _cut(path: Path) -> None:
    make_video(path, "mp4", frames=10)
    path.write_bytes(path.read_bytes()[:-500])


def _without_duration(path: Path) -> None:
    """Write an mp4 whose one picture is shown for no time at all."""
    data = bytearray(make_video(path, "mp4", frames=1).read_bytes())
    for box, place in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20), (b"elst", 12), (b"stts", 16)):
        at = data.index(box) + place
        data[at : at + 4] = bytes(4)
    path.write_bytes(data)


def _animated(path: Path) -> None:
    first, *more = (Image.new("RGB", (300, 250), (colour, 9, 9)) for colour in (0, 99, 200))
    first.save(path, "WEBP", save_all=True, append_images=more, duration=100)


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def _contents(place: Workspace) -> set[str]:
    return {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in (place.source_files, place.archived_sources)
        for path in folder.rglob("*")
        if path.is_file()
    }


def _processed(place: Workspace, folder: str, name: str) -> Processed:
    """Process a file beside a good one; see that the good one is made, and that all is kept."""
    Image.new("RGB", (300, 250), (1, 2, 3)).save(place.source_files / folder / "good.png")
    before = _contents(place)

    report = process(workspace=place)

    items = {item.source.name: item for item in report.items}
    assert items["good.png"].fate.value == "processed"
    assert _contents(place) == before
    assert "\n" not in items[name].error
    left = [path for path in place.uploaded.rglob("*") if path.name.startswith(".")]
    assert left == []
    return items[name]


@pytest.fixture(params=["Summer", "native/Summer"])
def folder(request: pytest.FixtureRequest, place: Workspace) -> str:
    (place.source_files / request.param).mkdir(parents=True)
    return str(request.param)


@pytest.mark.parametrize(
    ("name", "spoil", "why"),
    [
        ("empty.mp4", Path.touch, "the file is empty"),
        ("cut.mp4", _cut, "cut short"),
        ("still.mp4", _without_duration, "no picture that can be read"),
        ("sound.mp4", make_sound, "no video in it"),
        ("animated.webp", _animated, "animated webp. Save it as gif or mp4."),
        ("loop.mp4", _link_to_itself, "symbolic links"),
    ],
)
def test_what_can_not_be_used_stays_where_it_is(
    place: Workspace, folder: str, name: str, spoil: Callable[[Path], object], why: str
) -> None:
    bad = place.source_files / folder / name
    spoil(bad)

    item = _processed(place, folder, name)

    assert item.fate.value == "failed"
    assert why in item.error
    assert bad.is_symlink() or bad.exists()


def test_of_twins_one_becomes_a_pair(place: Workspace) -> None:
    folder = place.source_files / "native"
    folder.mkdir()
    for name in ("a.mp4", "b.mp4"):
        make_video(folder / name, "mp4", frames=3)
    item = _processed(place, "native", "b.mp4")
    assert item.fate.value == "skipped"
    assert "the content of native/a.mp4" in item.error
    assert len(list((place.uploaded / "Native").rglob("*.*"))) == 2


def test_colours_for_print_become_those_of_screens_where_a_picture_is_made_anew(
    place: Workspace,
) -> None:
    Image.effect_noise((640, 360), 90).convert("CMYK").save(
        place.source_files / "print.jpg", quality=100, subsampling=0
    )
    item = _processed(place, "", "print.jpg")
    assert item.fate.value == "processed"
    assert "brought from CMYK to RGB" in item.notes[0]
    with Image.open(place.root / item.made[0].path) as image:
        assert image.mode in {"RGB", "L", "P"}


def test_16_bits_become_8_where_a_picture_is_made_anew(place: Workspace) -> None:
    noise = make_image(place.root / "noise.png", (640, 360))
    with Image.open(noise) as image:
        grey = image.convert("I;16")
    grey.frombytes(Image.effect_noise((1280, 360), 90).tobytes())
    grey.save(place.source_files / "deep.png")
    item = _processed(place, "", "deep.png")
    assert item.fate.value == "processed"
    assert "brought from 16 to 8 bits" in item.notes[0]


def test_an_image_of_20000_pixels_is_told_that_nobody_takes_it(place: Workspace) -> None:
    Image.new("1", (20_000, 20_000)).save(place.source_files / "huge.png")
    item = _processed(place, "", "huge.png")
    assert item.fate.value == "processed"
    assert "20000x20000 pixels, allowed" in item.notes[0]


@pytest.mark.reliability
@pytest.mark.timeout(600)
def test_four_thousand_files_in_one_folder(place: Workspace) -> None:
    folder = place.source_files / "Summer"
    folder.mkdir()
    for number in range(4_000):
        colour = (number // 256, number % 256, 7)
        Image.new("RGB", (300, 250), colour).save(folder / f"raw {number}.png")
    before = _contents(place)

    report = process(workspace=place)

    assert report.counts == {"processed": 4_000}
    assert len({row.unique_id for item in report.items for row in item.made}) == 4_000
    assert len(list(place.uploaded.iterdir())) == 4_000
    assert _contents(place) == before
    assert list(folder.iterdir()) == []


@pytest.mark.reliability
@pytest.mark.timeout(300)
def test_a_disk_that_is_full_costs_no_file_and_the_next_run_goes_on(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=8) as disk:
        place = Workspace(disk / "w", environ={})
        place.prepare()
        clip = place.source_files / "native" / "clip.mp4"
        clip.parent.mkdir()
        make_video(clip, "mp4", frames=12)
        Image.effect_noise((300, 250), 9).save(place.source_files / "raw.png")
        process(workspace=place, dry_run=True)  # the ledger is made while there is room
        before = _contents(place)
        filler = leave_room(disk, 400)

        full = process(workspace=place)

        fates = {item.source.name: item for item in full.items}
        assert fates["raw.png"].fate.value == "processed"
        assert "the disk is full. Free some space" in fates["clip.mp4"].error
        assert _contents(place) == before
        assert not list(place.uploaded.rglob("*clip*")) + list(place.uploaded.rglob(".*"))
        assert not [it for it in (place.uploaded / "Native").rglob("*") if it.is_file()]

        filler.unlink()
        assert process(workspace=place).exit_code == 0
        assert _contents(place) == before
        assert len([it for it in (place.uploaded / "Native").rglob("*.*") if it.is_file()]) == 2
