"""What a conversion may hold in memory: not the film."""

from __future__ import annotations

import gc
from pathlib import Path

import av

from creative_flow.process.clip import make_clip
from probe.media import make_video


def test_pictures_are_let_go_without_waiting_for_the_garbage_collector(tmp_path: Path) -> None:
    film = make_video(tmp_path / "a.mp4", "mp4", frames=60)
    gc.collect()
    gc.disable()
    try:
        clip = make_clip(film, "mp4", width=64, height=36, seconds=4, threads=1)
        alive = sum(isinstance(each, av.VideoFrame) for each in gc.get_objects())
    finally:
        gc.enable()
    assert clip.pictures == 60
    assert alive < 10
