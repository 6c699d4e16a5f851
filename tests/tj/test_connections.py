"""The browser's own habit of sending again, which no page and no script sees."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from creative_flow import Status, upload_async
from creative_flow.workspace import Workspace
from creative_flow_tj.sandbox import TjSandbox


@pytest.mark.slow
@pytest.mark.browser
async def test_a_reset_after_the_file_was_kept_does_not_make_the_browser_send_it_again(
    tmp_path: Path,
) -> None:
    """Chromium repeats a request when a re-used connection is reset; here none is re-used."""
    file = tmp_path / "EN_Summer_F_Real_SFW_Generic_Ana_ID-1A2B3C4D.png"
    Image.new("RGB", (300, 250), "navy").save(file)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "tj.toml").write_text("[waits]\nsettle = 4\nappear = 4\nduplicate = 1\n")
    sandbox = TjSandbox(settings={"captcha": "none", "file_seconds": 0, "batch_seconds": 0})
    await sandbox.start()
    try:
        sandbox.site.faults.order({"path": "upload", "kind": "reset", "when": "after"})
        place = Workspace(
            tmp_path,
            overrides={**sandbox.environment(), "CFU_STATE_DIR": str(tmp_path / "state")},
        )
        report = await upload_async("tj", file, workspace=place, live=True, headless=True)
        arrivals = [arrival.name for arrival in sandbox.state.arrivals()]
        creatives = sandbox.state.creatives()
    finally:
        await sandbox.stop()
    assert arrivals == [file.name]
    assert [(it.status, it.creative_id) for it in report.outcomes] == [
        (Status.SUCCESS, creatives[0].id)
    ]
