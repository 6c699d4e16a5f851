"""What an upload asks the site for does not grow with the library there."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from .scene import scene

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def requests_of_a_batch(place: Path, known: int) -> dict[str, int]:
    """Upload two banners into a library of so many; return the requests by kind."""
    async with scene(place, file_seconds=0.01, batch_seconds=0.01) as here:
        here.seed("static_banner", known)
        files = place / "files"
        files.mkdir()
        for number in range(2):
            Image.new("RGB", (300, 250), (50, 90 * number, 0)).save(files / f"EN_{number}.png")
        done = await here.cfu("upload", str(files), "--platform", "tj", "--live", "--json")
        assert done.code == 0, done.err
        assert done.document["runs"][0]["counts"] == {"success": 2}
        return {kind: here.sandbox.site.requests[kind] for kind in ("page", "list", "upload")}


@pytest.mark.slow
@pytest.mark.slow
async def test_a_batch_asks_as_little_of_a_library_of_100_pages_as_of_one_of_two(
    tmp_path: Path,
) -> None:
    small = await requests_of_a_batch(tmp_path / "small", 2 * 12)
    large = await requests_of_a_batch(tmp_path / "large", 100 * 12)
    assert large == small
    assert large["list"] <= 8
