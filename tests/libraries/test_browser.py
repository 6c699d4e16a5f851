"""``cfu library refresh`` and ``sync-status`` as users run them, through a real Chromium."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from .scene import scene

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

BANNERS = ("--ad-format", "static_banner")
REFRESH = ("library", "refresh", "--platform", "tj", "--json")
SYNC = ("library", "sync-status", "--platform", "tj", "--json")


async def test_a_refresh_reads_every_list_once_and_the_next_one_tells_what_changed(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path / "place", reject_reason="text") as here:
        banners = here.seed("static_banner", 25)
        natives = here.seed("native_video", 3)
        here.seed("native_image", 13)

        done = await here.cfu(*REFRESH)

        assert done.code == 0, done.err
        counts = {name: it["entries"] for name, it in done.formats().items()}
        assert counts == {
            "static_banner": 25,
            "video_banner": 0,
            "in_stream_video": 0,
            "native_image": 13,
            "native_video": 3,
        }
        assert done.document["pages"] == 3 + 1 + 1 + 2 + 1
        # The one more is the look whether the login holds.
        assert here.sandbox.site.requests["list"] == done.document["pages"] + 1
        assert set(here.rows()) == here.truth()

        here.sandbox.state.remove_creative(banners[3])
        here.sandbox.state.set_review_status(banners[20], "approved")
        here.sandbox.state.set_review_status(natives[0], "rejected")
        [new] = here.seed("static_banner", 1, prefix="EN_Spring")
        done = await here.cfu(*REFRESH)

        assert done.code == 0, done.err
        static = done.formats()["static_banner"]
        assert [it["creative_id"] for it in static["removed"]["first"]] == [banners[3]]
        assert [it["creative_id"] for it in static["new"]["first"]] == [new]
        assert [it["now"] for it in static["reviewed"]["first"]] == ["approved"]
        assert static["walks"] == 2  # what is missing is looked for once more
        [rejected] = done.formats()["native_video"]["reviewed"]["first"]
        assert rejected["creative_id"] == natives[0]
        assert "can not be read" in rejected["reason"]
        assert here.rows()[banners[3]]["review_status"] == "removed"
        assert set(here.rows()) == {*here.truth(), banners[3]}


@pytest.mark.slow
@pytest.mark.parametrize("total", [True, pytest.param(False, marks=pytest.mark.reliability)])
async def test_a_list_that_grows_and_shrinks_while_it_is_read_loses_and_doubles_nothing(
    tmp_path: Path, total: bool
) -> None:
    async with scene(tmp_path / "place", list_total=total) as here:
        here.seed("static_banner", 30)
        here.turn(list_grows=12)  # a whole page, so that one page comes again
        done = await here.cfu(*REFRESH, *BANNERS)
        assert done.code == 0, done.err
        assert set(here.rows()) == here.truth()

        here.turn(list_grows=0, list_shrinks=2)
        done = await here.cfu(*REFRESH, *BANNERS)
        assert done.code == 0, done.err
        standing = {key for key, row in here.rows().items() if row["review_status"] != "removed"}
        assert here.truth() <= standing


@pytest.mark.reliability
async def test_a_refresh_that_is_killed_keeps_what_it_saw_and_the_next_one_goes_on(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path / "place", list_seconds=0.3) as here:
        here.seed("static_banner", 13)
        here.seed("video_banner", 40)
        done = await here.cfu(*REFRESH, end=signal.SIGKILL, at=6)
        assert done.code == -signal.SIGKILL

        here.turn(list_seconds=0.01)
        done = await here.cfu(*REFRESH)
        assert done.code == 0, done.err
        assert done.formats()["static_banner"]["read_earlier"]
        assert done.formats()["video_banner"]["entries"] == 40
        assert 0 < done.formats()["video_banner"]["new"]["count"] < 40
        assert set(here.rows()) == here.truth()

        done = await here.cfu(*REFRESH)
        assert not done.formats()["static_banner"]["read_earlier"]


@pytest.mark.slow
async def test_a_page_that_is_not_understood_marks_nothing_as_removed(tmp_path: Path) -> None:
    async with scene(tmp_path / "place") as here:
        ids = here.seed("static_banner", 15)
        assert (await here.cfu(*REFRESH, *BANNERS)).code == 0
        here.sandbox.state.remove_creative(ids[0])
        overrides = here.place / "config" / "tj.toml"
        overrides.write_text(f"{overrides.read_text()}[limits]\nid_pattern = '[0-9]{{11}}'\n")

        done = await here.cfu(*REFRESH, *BANNERS)

        assert done.code == 4
        assert "Creative ID" in done.document["error"]
        assert list((here.place / "data" / "screenshots").iterdir())
        assert {row["review_status"] for row in here.rows().values()} == {"pending"}


@pytest.mark.slow
async def test_a_sync_asks_for_what_is_pending_and_no_further(tmp_path: Path) -> None:
    async with scene(tmp_path / "place", reject_reason="attribute") as here:
        ids = here.seed("static_banner", 30)
        for creative_id in ids[:-3]:
            here.sandbox.state.set_review_status(creative_id, "approved")
        assert (await here.cfu(*REFRESH, *BANNERS)).code == 0
        here.sandbox.state.set_review_status(ids[-1], "approved")
        here.sandbox.state.set_review_status(ids[-2], "rejected")
        here.sandbox.state.remove_creative(ids[-3])
        here.sandbox.state.set_review_status(ids[0], "rejected")

        done = await here.cfu(*SYNC)
        assert done.code == 0, done.err
        static = done.formats()["static_banner"]
        now = {it["creative_id"]: it["now"] for it in static["reviewed"]["first"]}
        assert now == {ids[-1]: "approved", ids[-2]: "rejected", ids[0]: "rejected"}
        assert static["removed"]["count"] == 1
        assert "can not be read" in str(static["reviewed"]["first"])

        done = await here.cfu("library", "sync-status", "--platform", "tj")
        assert "Nothing waits for a verdict." in done.out


@pytest.mark.reliability
async def test_older_habits_refresh_before_an_upload_or_in_its_place(tmp_path: Path) -> None:
    async with scene(tmp_path / "place") as here:
        [known] = here.seed("static_banner", 1)
        done = await here.cfu("upload", "--platform", "tj", "--refresh-library", "--json")
        assert done.code == 0, done.err
        [walk] = done.document["library"]
        assert (walk["what"], walk["pages"]) == ("refresh", 5)
        assert done.document["runs"] == []
        assert set(here.rows()) == {known}
