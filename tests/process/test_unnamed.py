"""Copies that are made while sources are looked at: used, unwanted, lost, left behind."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from creative_flow.errors import PluginMissing
from creative_flow.events import Event, Progressed
from creative_flow.process import process, unnamed
from creative_flow.process.looking import Look, look_at
from creative_flow.process.started import MANY
from creative_flow.workspace import Workspace
from process.conftest import once_looked_at

COUNT = MANY + 1
"""Fewer are not worth it."""
needs_room = pytest.mark.skipif(
    not unnamed.has_room(f"{tempfile.gettempdir()}/0"), reason="the disk has too little room"
)


def pictures(folder: Path, count: int) -> dict[str, bytes]:
    """Put so many pictures there, no two alike; return what they hold by their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        picture = Image.new("RGB", (30, 20), (number % 256, number // 256, 9))
        picture.save(folder / f"raw {number:03}.png")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def made(place: Workspace) -> list[Path]:
    return [path for path in place.uploaded.rglob("*") if path.is_file()]


def hidden(place: Workspace) -> list[Path]:
    return list(place.uploaded.glob(".*"))


def contents(paths: list[Path]) -> list[bytes]:
    return sorted(path.read_bytes() for path in paths)


@needs_room
def test_they_are_what_gets_the_names(place: Workspace) -> None:
    raw = pictures(place.source_files / "Summer", COUNT)
    copies: dict[int, bytes] = {}

    def look() -> None:
        for path in made(place):
            copies[path.stat().st_ino] = path.read_bytes()

    process(workspace=place, on_event=once_looked_at(look))

    assert sorted(copies.values()) == sorted(raw.values())
    assert {path.stat().st_ino: path.read_bytes() for path in made(place)} == copies
    assert hidden(place) == []


def test_without_them_everything_is_made_all_the_same(place: Workspace) -> None:
    raw = pictures(place.source_files / "Summer", COUNT)

    def lose() -> None:
        for folder in hidden(place):
            shutil.rmtree(folder)

    report = process(workspace=place, on_event=once_looked_at(lose))

    assert report.exit_code == 0
    assert contents(made(place)) == sorted(raw.values())


def test_a_disk_with_little_room_is_known(tmp_path: Path) -> None:
    copy = str(tmp_path / "0")
    assert unnamed.has_room(copy, 0)
    assert not unnamed.has_room(copy, 10**18)


@pytest.mark.parametrize("folder", [pytest.param(".", marks=needs_room), "nowhere"])
def test_where_there_is_no_room_none_are_made(tmp_path: Path, folder: str) -> None:
    ((name, content),) = pictures(tmp_path / "raw", 1).items()
    copy = tmp_path / folder / "0"

    (look,) = look_at([(str(tmp_path / "raw" / name), str(copy))])

    assert isinstance(look, Look)
    if folder == ".":
        assert look.unnamed is not None
        assert copy.read_bytes() == content
    else:
        assert look.unnamed is None


def test_what_nobody_wants_goes_before_anything_is_made(place: Workspace) -> None:
    raw = pictures(place.source_files / "Summer", COUNT)
    pictures(place.source_files / "Winter", 9)
    Image.new("RGB", (300, 250)).save(place.source_files / "other.bmp")
    there: list[int] = []

    def look(event: Event) -> None:
        match event:
            case Progressed(what="Processing") if not there:
                there.append(len(made(place)))
            case _:
                pass

    report = process(workspace=place, on_event=look)

    fates = Counter(item.fate.value for item in report.items)
    assert fates == {"skipped": 9, "processed": COUNT + 1}
    assert there == [COUNT + 1]
    assert hidden(place) == []
    assert {*raw.values()} < {*contents(made(place))}


@pytest.mark.parametrize("how", ["replaced", "other", "longer"])
def test_a_source_that_changes_unseen_keeps_its_place(place: Workspace, how: str) -> None:
    """Whoever changes it puts back its time of change."""
    raw = pictures(place.source_files / "Summer", COUNT)
    source = place.source_files / "Summer" / "raw 007.png"
    before = raw.pop(source.name)
    after = before + b"longer" if how == "longer" else before[:-1] + b"?"

    def change() -> None:
        times = source.stat().st_atime_ns, source.stat().st_mtime_ns
        if how == "replaced":
            source.unlink()
        source.write_bytes(after)
        os.utime(source, ns=times)

    report = process(workspace=place, on_event=once_looked_at(change))

    assert [item.source for item in report.items if not item.fate.is_well] == [source]
    assert source.read_bytes() == after
    assert contents(made(place)) == sorted(raw.values())


def test_what_lies_behind_a_link_is_not_touched(place: Workspace, tmp_path: Path) -> None:
    theirs = pictures(tmp_path / "theirs" / "run-1", 2)
    (place.uploaded / ".unnamed").symlink_to(tmp_path / "theirs")
    raw = pictures(place.source_files / "Summer", COUNT)

    process(workspace=place)

    assert contents(list((tmp_path / "theirs" / "run-1").iterdir())) == sorted(theirs.values())
    assert len(list((tmp_path / "theirs").iterdir())) == 1
    (place.uploaded / ".unnamed").unlink()
    assert contents(made(place)) == sorted(raw.values())


def test_what_a_worker_has_left_is_written_anew(tmp_path: Path) -> None:
    left = tmp_path / "7"
    left.write_bytes(b"half")
    copy = unnamed.write("raw.png", str(left), b"whole")
    assert not isinstance(copy, OSError)
    copy.finish()
    assert left.read_bytes() == b"whole"


def test_a_dry_run_makes_none(place: Workspace) -> None:
    pictures(place.source_files / "Summer", COUNT)
    seen: list[Path] = []
    look = once_looked_at(lambda: seen.extend([*made(place), *hidden(place)]))

    process(workspace=place, dry_run=True, on_event=look)

    assert seen == hidden(place) == []


def test_of_sources_that_stay_where_they_are_none_are_made(
    place: Workspace, tmp_path: Path
) -> None:
    raw = pictures(tmp_path / "elsewhere", COUNT)
    seen: list[Path] = []
    look = once_looked_at(lambda: seen.extend([*made(place), *hidden(place)]))

    process(tmp_path / "elsewhere", workspace=place, on_event=look)

    assert seen == []
    assert contents(made(place)) == sorted(raw.values())


def test_what_a_killed_run_has_left_is_swept(place: Workspace) -> None:
    pictures(place.uploaded / ".unnamed" / "run-left", 3)
    raw = pictures(place.source_files / "Summer", 1)

    process(workspace=place)

    assert contents(made(place)) == sorted(raw.values())
    assert hidden(place) == []


def test_a_run_that_does_not_begin_leaves_nothing(tmp_path: Path) -> None:
    place = Workspace(tmp_path / "workspace")
    pictures(place.source_files, COUNT)
    with pytest.raises(PluginMissing):
        process(workspace=place, platform="nowhere")
    assert [path.name for path in place.root.iterdir()] == ["source_files"]
