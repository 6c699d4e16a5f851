"""The example script does what its first lines say."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from PIL import Image

from otherside import Knobs, OtherSite

SCRIPT = Path(__file__).parents[2] / "examples" / "upload_folder.py"


@pytest.mark.slow
@pytest.mark.browser
async def test_the_example_shows_a_plan_and_then_uploads_with_ids(tmp_path: Path) -> None:
    """A script author copies this file, so it must run as it is."""
    banners = tmp_path / "banners"
    banners.mkdir()
    for number, color in enumerate(("navy", "teal")):
        Image.new("RGB", (300, 250), color).save(banners / f"EN_Summer_{number}.png")
    site = OtherSite(Knobs(processing_s=0))
    await site.start()
    try:
        environment = {
            **os.environ,
            "TJ_BASE_URL": site.base_url,
            "TJ_LOGIN_URL": site.login_url,
            "TJ_USERNAME": site.username,
            "TJ_PASSWORD": site.password,
            "HEADLESS_MODE": "True",
            "CFU_STATE_DIR": str(tmp_path / "state"),
        }

        async def run(*arguments: str) -> tuple[int, str]:
            command = [sys.executable, str(SCRIPT), str(banners), *arguments]
            script = await asyncio.create_subprocess_exec(
                *command, cwd=tmp_path, env=environment, stdout=asyncio.subprocess.PIPE
            )
            shown, _ = await asyncio.wait_for(script.communicate(), timeout=50)
            return script.returncode or 0, shown.decode()

        code, plan = await run()
        assert code == 0
        assert plan.split() == [
            "dry_run",
            "-",
            "EN_Summer_0.png",
            "dry_run",
            "-",
            "EN_Summer_1.png",
        ]
        assert not site.arrivals()

        code, shown = await run("--live")
        ids = {creative.filename: creative.id for creative in site.creatives()}
        assert code == 0
        assert shown == "".join(
            f"success        {ids[name]:<12} {name}\n"
            for name in ("EN_Summer_0.png", "EN_Summer_1.png")
        )
    finally:
        await site.stop()
