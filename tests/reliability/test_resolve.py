"""`cfu resolve` at a real terminal, asking the site through a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliability.rehearsal import KILLED, rehearsal
from reliability.traces import Traces

UPLOAD = ("upload", "uploaded", "--platform", "tj", "--live", "--headless")


@pytest.mark.browser
@pytest.mark.reliability
@pytest.mark.timeout(180)
async def test_what_a_kill_left_open_is_settled_by_looking(root: Path) -> None:
    async with rehearsal(root / "place") as scene:
        scene.add_banners("EN_Summer_1", "EN_Summer_2")
        traces = Traces(root, scene.sandbox.environment())
        code, said = await traces.cfu(*UPLOAD, fail_at="upload.complete:after")
        assert code == KILLED, said
        code, said = await traces.cfu(
            "resolve", "--platform", "tj", "--headless", typed=[("[q]uit", "l")]
        )
        assert code == 0, said
        for creative in scene.sandbox.state.creatives():
            assert f"{creative.name}.png: success, Creative ID {creative.id}" in said
        code, said = await traces.cfu(*UPLOAD)
        assert code == 0, said
        assert said.count("skipped") >= 2
        scene.check()
