"""What files are, by their bytes, and which ad format takes them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from creative_flow_tj.sandbox import TjSandbox
from creative_flow_tj.sandbox.media import AD_FORMATS, Media, UnreadableMedia, probe, refusal
from creative_flow_tj.sandbox.settings import Settings

BANNERS = ("300x250", "950x250", "468x60", "305x99", "300x100", "970x90", "320x480")


def takes(media: Media, size: int = 1000, settings: Settings | None = None) -> list[str]:
    settings = settings or Settings()
    return [name for name in AD_FORMATS if refusal(media, size, name, settings) is None]


def test_there_are_24_samples_and_each_fits_one_ad_format(samples: list[Path]) -> None:
    fitting = [takes(probe(path), path.stat().st_size) for path in samples]
    assert [len(names) for names in fitting] == [1] * 24
    counts = {name: fitting.count([name]) for name in AD_FORMATS}
    assert counts == {
        "static_banner": 10,
        "video_banner": 0,
        "in_stream_video": 6,
        "native_image": 4,
        "native_video": 4,
    }
    assert {path.suffix for path in samples[:10]} == {".png", ".jpg", ".gif"}
    assert max(path.stat().st_size for path in samples) < 100_000
    assert len({path.read_bytes() for path in samples}) == 24


def test_the_samples_are_the_same_every_time_and_existing_ones_stay(
    samples: list[Path], tmp_path: Path
) -> None:
    root = samples[0].parent
    again = [tmp_path / path.relative_to(root) for path in samples]
    for path, copy in zip(samples[1:], again[1:], strict=True):
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    again[1].write_bytes(b"mine")
    video = next(path for path in again if path.suffix == ".mp4")
    video.unlink()
    assert TjSandbox().make_samples(tmp_path) == again
    assert again[0].read_bytes() == samples[0].read_bytes()
    assert video.read_bytes() == samples[again.index(video)].read_bytes()
    assert again[1].read_bytes() == b"mine"


def test_the_halves_of_a_native_pair_share_their_base_id(samples: list[Path]) -> None:
    halves = {
        folder: sorted(
            path.stem.rpartition("_ID-")[2][:8] for path in samples if path.parent.name == folder
        )
        for folder in ("Video", "Image")
    }
    assert halves["Video"] == halves["Image"]
    assert len(set(halves["Video"])) == 4


@pytest.mark.parametrize("size", BANNERS)
def test_banners_come_in_seven_sizes(size: str) -> None:
    width, height = map(int, size.split("x"))
    assert takes(Media("png", width, height)) == ["static_banner"]
    assert takes(Media("mp4", width, height, 4.0)) == ["video_banner"]
    assert takes(Media("png", width + 1, height)) == []


@pytest.mark.parametrize(
    ("seconds", "taken"),
    [
        (4.99, False),
        (5.0, True),
        (31.0, True),
        (31.01, False),
    ],
)
def test_in_stream_videos_last_5_to_31_seconds(seconds: float, taken: bool) -> None:
    assert takes(Media("mp4", 1280, 720, seconds)) == ["in_stream_video"] * taken


@pytest.mark.parametrize(("size", "taken"), [(300_000, True), (300_001, False)])
def test_native_images_have_300_000_bytes_at_most(size: int, taken: bool) -> None:
    assert takes(Media("png", 640, 360), size) == ["native_image"] * taken


def test_native_creatives_are_640x360_exactly() -> None:
    assert takes(Media("jpg", 640, 361)) == []
    assert takes(Media("mp4", 640, 360, 4.0)) == ["native_video"]
    assert takes(Media("mp4", 641, 360, 4.0)) == []


def test_limits_can_be_lifted() -> None:
    settings = Settings().changed({"native_sizes": ["640x360", "1x1"], "in_stream_max_seconds": 60})
    assert takes(Media("png", 1, 1), settings=settings) == ["native_image"]
    assert takes(Media("mp4", 2, 2, 60.0), settings=settings) == ["in_stream_video"]


def broken(name: str, samples: list[Path]) -> bytes:
    video = next(item for item in samples if item.suffix == ".mp4")
    return {
        "empty.png": b"",
        "noise.mp4": os.urandom(2000),
        "truncated.png": samples[0].read_bytes()[:800],
        "truncated.mp4": video.read_bytes()[:700],
        "page.gif": b"<html></html>",
        "quicktime.mp4": b"\0\0\0\x14ftypqt  " + b"\0" * 100,
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "empty.png",
        "noise.mp4",
        "truncated.png",
        "truncated.mp4",
        "page.gif",
        "quicktime.mp4",
    ],
)
def test_damaged_files_are_told_in_one_line(samples: list[Path], tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(broken(name, samples))
    with pytest.raises(UnreadableMedia) as caught:
        probe(path)
    assert "\n" not in str(caught.value)


def test_a_huge_image_is_refused_without_being_decoded(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    Image.new("1", (10_000, 6_000)).save(path)
    with pytest.raises(UnreadableMedia, match="too large"):
        probe(path)


def test_a_files_name_counts_for_nothing(samples: list[Path], tmp_path: Path) -> None:
    disguised = Path(shutil.copy(samples[0], tmp_path / "video.mp4"))
    assert probe(disguised).file_type == "png"
