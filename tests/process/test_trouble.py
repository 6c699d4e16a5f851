"""What else goes on while files are processed: nothing of it costs a file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from creative_flow.process import process
from creative_flow.processed import ProcessReport
from creative_flow.workspace import Workspace
from probe.media import make_image, make_video
from process.conftest import once_looked_at


def banner(path: Path, colour: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (300, 250), (colour, 90, 90)).save(path)
    return path


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def fates(report: ProcessReport) -> dict[str, str]:
    return {item.source.name: item.fate.value for item in report.items}


def _clip(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    return make_video(path, "mp4", size=(64, 48), frames=10)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("copied.png", banner),
        ("compressed.png", lambda path: make_image(path, (640, 360))),
        ("native/paired.mp4", _clip),
    ],
)
def test_a_source_that_changes_meanwhile_is_told_and_is_the_next_runs(
    place: Workspace, name: str, make: Callable[[Path], Path]
) -> None:
    source = make(place.source_files / name)
    changed = source.read_bytes() + b"\0\0\0\x08free"

    report = process(workspace=place, on_event=once_looked_at(lambda: source.write_bytes(changed)))

    assert fates(report) == {source.name: "failed"}
    assert "changed while it was" in report.items[0].error
    assert files(place.uploaded) == []
    assert source.read_bytes() == changed
    assert fates(process(workspace=place)) == {source.name: "processed"}
    assert [path.read_bytes() for path in files(place.archived_sources)] == [changed]


def test_a_second_run_at_the_same_time_is_turned_away_and_makes_nothing_twice(
    place: Workspace,
) -> None:
    banner(place.source_files / "raw.png")
    refused: list[str] = []

    def another() -> None:
        command = [sys.executable, "-m", "creative_flow.cli", "process"]
        done = subprocess.run(
            [*command, "--workspace", str(place.root)], capture_output=True, text=True, check=False
        )
        refused.append(f"{done.returncode} {done.stderr}")

    report = process(workspace=place, on_event=once_looked_at(another))

    assert fates(report) == {"raw.png": "processed"}
    assert len(refused) == 1
    assert refused[0].startswith("2 cfu: Another `cfu process` is at work")
    assert len(files(place.uploaded)) == 1


def test_the_original_of_a_pair_is_kept_under_the_extension_of_its_content(
    place: Workspace,
) -> None:
    source = _clip(place.source_files / "native" / "clip.mp4")
    content = source.read_bytes()
    source.rename(source.with_suffix(".jpg"))

    report = process(workspace=place)

    assert fates(report) == {"clip.jpg": "processed"}
    (original,) = files(place.archived_sources)
    assert original.suffix == ".mp4"
    assert original.read_bytes() == content


def test_a_dry_run_changes_no_byte_of_what_is_the_users(place: Workspace) -> None:
    banner(place.source_files / "first.png", 1)
    process(workspace=place)
    banner(place.source_files / "second.png", 2)
    _clip(place.source_files / "native" / "clip.mp4")
    lines = place.master_csv.read_text("utf-8").splitlines()
    place.master_csv.write_text(f"{lines[0]},mine\n{lines[1]},kept\n", "utf-8")

    def seen() -> dict[Path, bytes]:
        inner = place.session_dir  # where the ledger keeps its own books
        found = files(place.root)
        return {path: path.read_bytes() for path in found if not path.is_relative_to(inner)}

    before = seen()
    report = process(workspace=place, dry_run=True)

    assert fates(report) == {"second.png": "to process", "clip.mp4": "to process"}
    assert seen() == before


@pytest.mark.parametrize("name", ["{}.png", "{}.jpg"])
def test_a_file_of_the_name_that_would_be_given_is_left_alone(place: Workspace, name: str) -> None:
    stem = "EN_Summer_SFW_Generic_Ana_ID-1A2B3C4D"
    source = banner(place.source_files / f"{stem}.png", 1)
    there = place.uploaded / name.format(stem)
    there.write_bytes(b"somebody's own")

    report = process(workspace=place)

    assert fates(report) == {source.name: "failed"}
    assert f"uploaded/{there.name} is there already" in report.items[0].error
    assert there.read_bytes() == b"somebody's own"
    assert source.exists()
