"""Copies that are made while sources are looked at: used, unwanted, lost, left behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from creative_flow.errors import PluginMissing
from creative_flow.events import Event, Progressed
from creative_flow.process import process, unnamed
from creative_flow.process.started import MANY
from creative_flow.workspace import Workspace

COUNTS = (3, MANY + 1)
"""Made by threads, and by worker processes."""


def pictures(folder: Path, count: int) -> dict[str, bytes]:
    """Put so many pictures there, no two alike; return what they hold by their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        picture = Image.new("RGB", (300, 250), (number % 256, number // 256, 9))
        picture.save(folder / f"raw {number:03}.png")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def made(place: Workspace) -> list[Path]:
    return [path for path in place.uploaded.rglob("*") if path.is_file()]


def hidden(place: Workspace) -> list[Path]:
    return list(place.uploaded.glob(".*"))


def contents(paths: list[Path]) -> list[bytes]:
    return sorted(path.read_bytes() for path in paths)


def once_looked_at(do: Callable[[], object]) -> Callable[[Event], None]:
    """Return a listener that does something when all sources were read and nothing has a name."""

    def listen(event: Event) -> None:
        match event:
            case Progressed(what="Looking at files", done=done, of=of) if done == of:
                do()
            case _:
                pass

    return listen


@pytest.mark.parametrize("count", COUNTS)
def test_they_are_what_gets_the_names(place: Workspace, count: int) -> None:
    raw = pictures(place.source_files / "Summer", count)
    copies: dict[int, bytes] = {}

    def look() -> None:
        for path in made(place):
            copies[path.stat().st_ino] = path.read_bytes()

    process(workspace=place, on_event=once_looked_at(look))

    assert sorted(copies.values()) == sorted(raw.values())
    assert {path.stat().st_ino: path.read_bytes() for path in made(place)} == copies
    assert hidden(place) == []


@pytest.mark.parametrize("count", COUNTS)
def test_without_them_everything_is_made_all_the_same(place: Workspace, count: int) -> None:
    raw = pictures(place.source_files / "Summer", count)

    def lose() -> None:
        for folder in hidden(place):
            shutil.rmtree(folder)

    report = process(workspace=place, on_event=once_looked_at(lose))

    assert report.exit_code == 0
    assert contents(made(place)) == sorted(raw.values())


def test_on_a_disk_with_little_room_none_are_made(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unnamed, "_ROOM", 10**18)
    raw = pictures(place.source_files / "Summer", 3)
    seen: list[Path] = []

    process(workspace=place, on_event=once_looked_at(lambda: seen.extend(made(place))))

    assert seen == []
    assert contents(made(place)) == sorted(raw.values())


def test_what_nobody_wants_goes(place: Workspace) -> None:
    raw = pictures(place.source_files / "Summer", 2)
    pictures(place.source_files / "Winter", 2)

    report = process(workspace=place)

    assert [item.fate.value for item in report.items].count("skipped") == 2
    assert contents(made(place)) == sorted(raw.values())
    assert hidden(place) == []


def test_a_dry_run_makes_none(place: Workspace) -> None:
    pictures(place.source_files / "Summer", 3)
    seen: list[Path] = []
    look = once_looked_at(lambda: seen.extend([*made(place), *hidden(place)]))

    process(workspace=place, dry_run=True, on_event=look)

    assert seen == hidden(place) == []


def test_of_sources_that_stay_where_they_are_none_are_made(
    place: Workspace, tmp_path: Path
) -> None:
    raw = pictures(tmp_path / "elsewhere", 3)
    seen: list[Path] = []
    look = once_looked_at(lambda: seen.extend([*made(place), *hidden(place)]))

    process(tmp_path / "elsewhere", workspace=place, on_event=look)

    assert seen == []
    assert contents(made(place)) == sorted(raw.values())


def test_what_a_killed_run_has_left_is_swept(place: Workspace) -> None:
    pictures(place.uploaded / ".unnamed" / "left", 3)
    raw = pictures(place.source_files / "Summer", 1)

    process(workspace=place)

    assert contents(made(place)) == sorted(raw.values())
    assert hidden(place) == []


def test_a_run_that_does_not_begin_leaves_nothing(tmp_path: Path) -> None:
    place = Workspace(tmp_path / "workspace")
    pictures(place.source_files, 3)
    with pytest.raises(PluginMissing):
        process(workspace=place, platform="nowhere")
    assert [path.name for path in place.root.iterdir()] == ["source_files"]
