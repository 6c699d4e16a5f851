"""Small pictures: of whatever there is, quickly, and never an error."""

from __future__ import annotations

import io
import os
import struct
import threading
import zlib
from pathlib import Path
from time import monotonic

import av
import pytest
from attrs import evolve
from PIL import Image

from creative_flow.report.page.pictures import MAX_BYTES, PIXELS, small_picture
from creative_flow.report.page.thumbnails import MOST, Thumbnails

from .runs_that_were import outcome, picture


def always() -> bool:
    return True


def opened(data: bytes) -> Image.Image:
    assert data
    assert len(data) <= MAX_BYTES
    made = Image.open(io.BytesIO(data))
    assert made.format == "WEBP"
    assert max(made.size) <= PIXELS
    return made.convert("RGB")


def video(path: Path, colours: list[tuple[int, int, int]], **metadata: str) -> Path:
    """Write a video of one frame per colour."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("h264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        for colour in colours:
            drawn = Image.new("RGB", (128, 72), colour)
            frame = av.VideoFrame.from_image(drawn)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16", "CMYK"])
def test_images_of_every_mode_become_a_picture(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    Image.new(mode, (640, 360)).save(path)
    assert opened(small_picture(path, always)).size == (96, 54)


def test_an_image_is_turned_as_it_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (640, 360)).save(path, exif=exif)
    assert opened(small_picture(path, always)).size == (54, 96)


def test_noise_is_made_to_fit(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.frombytes("RGB", (300, 300), os.urandom(270_000)).save(path)
    opened(small_picture(path, always))


def test_a_video_shows_its_first_frame_that_is_not_black(tmp_path: Path) -> None:
    path = video(tmp_path / "a.mp4", [(0, 0, 0)] * 5 + [(200, 40, 40)] * 3)
    red, green, _ = opened(small_picture(path, always)).getpixel((48, 20))  # type: ignore[misc]
    assert red > 150 > green
    black = video(tmp_path / "b.mp4", [(0, 0, 0)] * 60)
    opened(small_picture(black, always))


def bomb(path: Path) -> Path:
    """Write a png of a few bytes that claims to be 30,000 pixels wide and high."""
    chunk = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    body = b"IHDR" + chunk
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body
    path.write_bytes(head + struct.pack(">I", zlib.crc32(body)) + b"\0\0\0\0IEND\xaeB`\x82")
    return path


@pytest.mark.filterwarnings("default::PIL.Image.DecompressionBombWarning")
def test_broken_media_gives_no_picture_and_no_error(tmp_path: Path) -> None:
    whole = picture(tmp_path / "whole.png", 1).read_bytes()
    film = video(tmp_path / "whole.mp4", [(9, 99, 9)] * 9).read_bytes()
    cases = {
        "empty.png": b"",
        "cut.png": whole[: len(whole) // 2],
        "text.png": b"not a picture",
        "cut.mp4": film[: len(film) // 3],
        "head.mp4": film[:64],
        "noise.mp4": film[:40] + os.urandom(4_000),
        "playlist.mp4": b"#EXTM3U\nhttp://127.0.0.1:9/a.ts\n",
    }
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        assert small_picture(tmp_path / name, always) == b"", name
    assert small_picture(bomb(tmp_path / "bomb.png"), always) == b""
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("pipe.png", "not there.png", "."):
        assert small_picture(tmp_path / name, always) == b""


def test_a_picture_is_kept_for_when_the_file_is_gone(tmp_path: Path) -> None:
    found = outcome(picture(tmp_path / "a.png", 1))
    thumbnails = Thumbnails(tmp_path / "cache", tmp_path / "archive")
    made = thumbnails.of([found])
    found.path.unlink()
    assert thumbnails.of([found]) == made
    [kept] = (tmp_path / "cache").iterdir()
    kept.write_bytes(kept.read_bytes()[:-3])  # cut off by a crash
    assert thumbnails.of([found]) == {}


def test_a_file_that_was_archived_is_found_there(tmp_path: Path) -> None:
    found = outcome(picture(tmp_path / "uploaded" / "a.png", 1))
    there = tmp_path / "archive" / "batch_1-20260314" / "Native" / "a.png"
    there.parent.mkdir(parents=True)
    found.path.rename(there)
    assert Thumbnails(tmp_path / "cache", tmp_path / "archive").of([found])


def test_another_file_of_the_same_name_is_not_taken_for_it(tmp_path: Path) -> None:
    found = outcome(picture(tmp_path / "a.png", 1))
    content = bytearray(found.path.read_bytes())
    content[40] ^= 1
    found.path.write_bytes(content)
    os.utime(found.path, (monotonic() + 4e9, monotonic() + 4e9))  # changed since
    assert Thumbnails(tmp_path / "cache", tmp_path / "archive").of([found]) == {}
    picture(found.path, 2, (301, 250))
    assert Thumbnails(tmp_path / "cache", tmp_path / "archive").of([found]) == {}


def test_no_more_time_is_taken_than_agreed(tmp_path: Path) -> None:
    outcomes = [outcome(picture(tmp_path / f"{number}.png", number)) for number in range(6)]
    told: list[tuple[int, int]] = []
    others = threading.active_count()
    in_no_time = Thumbnails(tmp_path / "cache", tmp_path / "archive", seconds=0)
    assert in_no_time.of(outcomes) == {}
    patient = Thumbnails(tmp_path / "cache", tmp_path / "archive")
    assert len(patient.of(outcomes, lambda done, of: told.append((done, of)))) == 6
    assert max(told) == (6, 6)
    assert threading.active_count() < others + 4


def test_a_page_holds_no_more_than_so_many(tmp_path: Path) -> None:
    one = outcome(picture(tmp_path / "a.png", 1))
    Thumbnails(tmp_path / "cache", tmp_path / "archive").of([one])
    crowd = [evolve(one, path=tmp_path / f"{number}.png") for number in range(MOST + 5)]
    assert len(Thumbnails(tmp_path / "cache", tmp_path / "archive").of(crowd)) == MOST
