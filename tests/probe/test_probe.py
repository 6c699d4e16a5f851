"""A file is what it holds, not what it is called; one that can't be used says why in one line."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from creative_flow.creative import Kind, Media
from creative_flow.probe import NotMedia, extension_mismatch, probe
from probe.media import CONTAINERS, make_image, make_sound, make_video

IMAGES = ("png", "jpg", "gif", "webp", "bmp")


def reason(path: Path) -> str:
    """Return why a file can't be used, checked to be one line that names the file."""
    with pytest.raises(NotMedia) as caught:
        probe(path)
    assert repr(str(path)) in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize("file_type", IMAGES)
def test_an_image_is_known_by_its_content(tmp_path: Path, file_type: str) -> None:
    path = make_image(tmp_path / f"a.{file_type}").rename(tmp_path / "a.mp4")
    assert probe(path) == Media(Kind.IMAGE, file_type, 300, 250)


@pytest.mark.parametrize("file_type", CONTAINERS)
def test_a_video_is_known_by_its_content(tmp_path: Path, file_type: str) -> None:
    media = probe(make_video(tmp_path / "a.png", file_type))
    assert media == Media(Kind.VIDEO, file_type, 64, 48, media.seconds, CONTAINERS[file_type][2])
    assert media.seconds == pytest.approx(2.4, abs=0.05)


@pytest.mark.parametrize(
    ("file_type", "options"),
    [
        ("mp4", {"movflags": "faststart"}),
        ("mp4", {"movflags": "frag_keyframe+empty_moov"}),
        ("webm", {"live": "1"}),
    ],
)
def test_the_duration_is_found_however_the_file_is_laid_out(
    tmp_path: Path, file_type: str, options: dict[str, str]
) -> None:
    media = probe(make_video(tmp_path / "a", file_type, options=options))
    assert media.seconds == pytest.approx(2.4, abs=0.05)


def test_the_dimensions_are_those_after_rotation(tmp_path: Path) -> None:
    assert probe(make_video(tmp_path / "a.mp4", "mp4", rotation=90)).dimensions == "48x64"
    assert probe(make_video(tmp_path / "b.mp4", "mp4", rotation=180)).dimensions == "64x48"
    assert probe(make_image(tmp_path / "a.jpg", orientation=6)).dimensions == "250x300"
    assert probe(make_image(tmp_path / "b.jpg", orientation=3)).dimensions == "300x250"


@pytest.mark.parametrize("file_type", [*IMAGES, *CONTAINERS])
@pytest.mark.parametrize("part", [0.05, 0.4, 0.95])
def test_a_file_that_is_cut_short_is_told(tmp_path: Path, file_type: str, part: float) -> None:
    whole = tmp_path / f"whole.{file_type}"
    if file_type in CONTAINERS:
        make_video(whole, file_type)
    else:
        make_image(whole)
    content = whole.read_bytes()
    cut = tmp_path / f"cut.{file_type}"
    cut.write_bytes(content[: int(len(content) * part)])
    assert "cut short" in reason(cut)


def test_a_thumbnail_in_a_jpg_does_not_hide_that_the_picture_is_cut(tmp_path: Path) -> None:
    thumbnail = make_image(tmp_path / "small.jpg", (16, 16)).read_bytes()
    content = make_image(tmp_path / "a.jpg").read_bytes()
    segment = b"\xff\xe2" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    both = content[:2] + segment + content[2:]
    path = tmp_path / "b.jpg"
    path.write_bytes(both)
    assert probe(path).dimensions == "300x250"
    path.write_bytes(both[:-20])
    assert reason(path) == "the jpg is cut short"


def test_a_png_with_a_flipped_bit_is_damaged(tmp_path: Path) -> None:
    path = make_image(tmp_path / "a.png")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert reason(path) == "the png is damaged (a checksum is wrong)"


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.touch()
    assert reason(path) == "the file is empty"


@pytest.mark.parametrize(
    "content",
    [
        b"just a text",
        b"BM is how this text begins, and it goes on for a while, as texts do",
        b"#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n",
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0\0\0\x1cftypheic\0\0\0\0mif1heic",
        b"\0",
    ],
)
def test_what_is_neither_image_nor_video_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert reason(path) == "it is neither an image nor a video of a known type"


def test_a_video_without_pictures_is_told(tmp_path: Path) -> None:
    assert reason(make_sound(tmp_path / "a.mp4")) == "the mp4 has no video in it"


def test_a_video_whose_codec_nobody_knows_is_told(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", "mp4")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzz1"))
    assert reason(path) == "the mp4 is damaged, or of a kind that can't be read"


def test_a_file_that_cannot_be_read_is_the_systems_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "none.png")
    with pytest.raises(IsADirectoryError):
        probe(tmp_path)


def test_a_pipe_is_told_instead_of_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    os.mkfifo(path)
    assert reason(path) == "it is not a regular file"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_forbidden_file_is_the_systems_own_error(tmp_path: Path) -> None:
    path = make_image(tmp_path / "a.png")
    path.chmod(0)
    with pytest.raises(PermissionError):
        probe(path)


def test_an_image_that_claims_to_be_huge_is_not_unpacked(tmp_path: Path) -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000), 9)
    path = tmp_path / "bomb.png"
    signature = b"\x89PNG\r\n\x1a\n"
    path.write_bytes(
        signature + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )
    probe(make_image(tmp_path / "warm-up.png"))
    tracemalloc.start()
    try:
        assert probe(path).dimensions == "60000x60000"
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_damaged_video_prints_nothing(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", "mp4", options={"movflags": "faststart"})
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)
    code = f"""if True:
        from pathlib import Path
        from creative_flow.probe import NotMedia, probe
        try:
            probe(Path({str(path)!r}))
        except NotMedia:
            pass
    """
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (shown.stdout, shown.stderr) == ("", "")


@settings(max_examples=settings().max_examples * 3 // 2)
@given(
    file_type=st.sampled_from([*IMAGES, *CONTAINERS]),
    edits=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6),
    part=st.floats(0, 1),
)
@example(file_type="wmv", edits=[(434, 16)], part=1.0)  # sends its reader before the first byte
def test_whatever_is_broken_the_answer_is_media_or_one_line(
    file_type: str,
    edits: list[tuple[int, int]],
    part: float,
    originals: dict[str, Path],
    scratch: Path,
) -> None:
    """Bytes overwritten anywhere, or the file cut anywhere, never give another error."""
    content = bytearray(originals[file_type].read_bytes())
    for at, byte in edits:
        content[at % len(content)] = byte
    scratch.write_bytes(content[: round(len(content) * part)])
    answer: Media | NotMedia
    try:
        answer = probe(scratch)
    except NotMedia as error:
        answer = error
    if isinstance(answer, NotMedia):
        assert "\n" not in str(answer)
    else:
        assert answer.width > 0
        assert answer.height > 0
        assert (answer.seconds is None) == (answer.kind is Kind.IMAGE)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("originals")
    made = {each: make_image(folder / f"a.{each}", (20, 16)) for each in IMAGES}
    made |= {each: make_video(folder / each, each, frames=8) for each in CONTAINERS}
    return made


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch") / "file"


@pytest.mark.parametrize(
    ("name", "file_type", "line"),
    [
        ("a.png", "png", None),
        ("a.JPEG", "jpg", None),
        ("a.m4v", "mp4", None),
        ("a.mp4", "png", "is a png by content but named .mp4"),
        ("a.mov", "mp4", "is an mp4 by content but named .mov"),
        ("a", "gif", "is a gif by content but its name has no extension"),
    ],
)
def test_an_extension_that_belies_the_content_is_one_line(
    name: str, file_type: str, line: str | None
) -> None:
    media = Media(Kind.IMAGE, file_type, 300, 250)
    assert extension_mismatch(Path(name), media) == line
