"""`cfu process` dies at each place where state changes, on each side of it, and is run again.

Then every source's content stands in one creative and in the archive: nothing is lost, nothing is
made twice, no id is given twice, no file is half.
"""

from __future__ import annotations

import csv
import hashlib
import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

import warm
from creative_flow.probe import probe
from creative_flow.process.started import MANY
from creative_flow.workspace import Workspace
from probe.media import make_video
from reliability.points import sides_of

FAST = {"inventory.finish:before"}


def run(root: Path, fail_at: str = "") -> tuple[int, str]:
    environ = {**os.environ, "CFU_FAIL_AT": fail_at}
    process = warm.start("process", "--workspace", root, environ=environ, cwd=root)
    said = process.communicate()[1].decode()
    return process.wait(), said


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sides() -> list[object]:
    return [
        side if side in FAST else pytest.param(side, marks=pytest.mark.reliability)
        for side in sides_of("process")
    ]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("fail_at", _sides())
def test_killed_here_and_run_again_every_source_is_one_creative(
    tmp_path: Path, fail_at: str
) -> None:
    place = Workspace(tmp_path / "w", environ={})
    place.prepare()
    for number in range(3):
        folder = place.source_files / "Summer"
        folder.mkdir(exist_ok=True)
        Image.new("RGB", (300, 250), (number, 9, 9)).save(folder / f"raw {number}.png")
    (place.source_files / "native").mkdir()
    make_video(place.source_files / "native" / "clip.mp4", "mp4", size=(64, 48), frames=5)
    sources = {_digest(path) for path in place.source_files.rglob("*.*")}

    code, said = run(place.root, fail_at)
    assert code == -signal.SIGKILL, f"{fail_at} was not reached: {said}"
    code, said = run(place.root)

    assert code == 0, said
    assert [path for path in place.source_files.rglob("*") if path.is_file()] == []
    kept = [_digest(path) for path in place.archived_sources.rglob("*") if path.is_file()]
    assert sorted(kept) == sorted(sources)
    made = [path for path in place.uploaded.rglob("*") if path.is_file()]
    # The still of a noisy clip is too large as png.
    assert Counter(path.suffix for path in made) == {".png": 3, ".jpg": 1, ".mp4": 1}
    assert not [path for path in made if path.name.startswith(".")]
    for path in made:
        probe(path)
    with place.master_csv.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with place.session_csv.open(newline="") as file:
        session = list(csv.DictReader(file))
    assert len({row["unique_id"] for row in rows}) == len(rows) == 6
    assert [row["unique_id"] for row in session] == [row["unique_id"] for row in rows]
    ready = {row["new_filename"] for row in rows} - {path.name for path in kept_originals(place)}
    assert ready == {path.name for path in made}
    assert run(place.root)[0] == 0


@pytest.mark.reliability
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "fail_at", ["process.place:before", "process.place:after", "inventory.plan:after"]
)
def test_killed_where_workers_copy_many_and_run_again_every_source_is_one_creative(
    tmp_path: Path, fail_at: str
) -> None:
    """At the places where copies get their names the workers die first, the run at last."""
    place = Workspace(tmp_path / "w", environ={})
    place.prepare()
    for number in range(MANY):
        Image.new("RGB", (300, 250), (number, 9, 9)).save(place.source_files / f"{number}.png")
    sources = sorted(_digest(path) for path in place.source_files.iterdir())

    code, said = run(place.root, fail_at)
    assert code == -signal.SIGKILL, f"{fail_at} was not reached: {said}"
    code, said = run(place.root)

    assert code == 0, said
    assert list(place.source_files.iterdir()) == []
    for folder in (place.uploaded, place.archived_sources):
        assert sorted(_digest(path) for path in folder.rglob("*.*")) == sources
    with place.master_csv.open(newline="") as file:
        assert len({row["unique_id"] for row in csv.DictReader(file)}) == MANY


def kept_originals(place: Workspace) -> list[Path]:
    return list(place.archived_sources.rglob("ORG_*"))
