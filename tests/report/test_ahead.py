"""Pictures that are made while files are on their way: kept for the page, and never in the way."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

from creative_flow.creative import Batch, Creative, Report
from creative_flow.events import BatchProgress, BatchStarted, RunFinished
from creative_flow.probe import probe
from creative_flow.report.page.ahead import Ahead
from creative_flow.report.page.thumbnails import Thumbnails
from creative_flow.waiting import until
from creative_flow.workspace import Workspace

from .runs_that_were import outcome, picture

OVER = RunFinished(Report("", "tj", "TrafficJunky", "default", live=True, outcomes=()))


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "place")


@pytest.fixture
def ahead(place: Workspace) -> Iterator[Ahead]:
    with closing(Ahead(place)) as listener:
        yield listener


def creative(path: Path) -> Creative:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return Creative(path, "static_banner", len(content), digest, probe(path))


async def kept(place: Workspace, count: int) -> bool:
    async def look() -> bool | None:
        return len(list(place.thumbnails.glob("*.webp"))) >= count or None

    return bool(await until(look, limit=5, pause=0.02))


async def test_what_is_on_its_way_has_its_picture_before_the_page_is_made(
    place: Workspace, ahead: Ahead, tmp_path: Path
) -> None:
    paths = [picture(tmp_path / f"{number}.png", number) for number in range(3)]
    outcomes = [outcome(path) for path in paths]
    batch = Batch(1, "static_banner", tuple(map(creative, paths)))
    ahead(BatchStarted(batch, 1))
    for _ in range(2):
        ahead(BatchProgress(batch, 0, 0))
    assert await kept(place, 3)
    ahead(OVER)
    for path in paths:
        path.unlink()
    assert len(Thumbnails(place.thumbnails, place.archive).of(outcomes)) == 3


def test_when_the_run_is_over_nothing_goes_on(
    place: Workspace, ahead: Ahead, tmp_path: Path
) -> None:
    before = threading.active_count()
    paths = [picture(tmp_path / f"{number}.png", number, (2000, 2000)) for number in range(30)]
    ahead(BatchProgress(Batch(1, "static_banner", tuple(map(creative, paths))), 0, 0))
    ahead(OVER)
    assert threading.active_count() == before
    made = len(list(place.thumbnails.glob("*.webp")))
    assert made < 30


def test_what_is_not_as_it_was_when_it_was_looked_at_has_none(
    place: Workspace, tmp_path: Path
) -> None:
    thumbnails = Thumbnails(place.thumbnails, place.archive)
    changed = creative(picture(tmp_path / "a.png", 1))
    picture(changed.path, 2, (640, 360))
    thumbnails.prepare(changed)
    gone = creative(picture(tmp_path / "b.png", 2))
    gone.path.unlink()
    thumbnails.prepare(gone)
    unknown = evolve(creative(picture(tmp_path / "c.png", 3)), media=None)
    thumbnails.prepare(unknown)
    assert not place.thumbnails.exists()
