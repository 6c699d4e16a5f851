"""Whole runs in a real Chromium, against a site that does what is hard to live with.

After each, the site's truth is compared with the ledger, id for id.
"""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from creative_flow.creative import Status
from creative_flow.ledger import Ledger
from otherside import Knobs

from .media import NATIVE, image, scene, video
from .stage import Stage, WatchedSite, errors, statuses, when

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    knobs = Knobs(captcha_s=0.02, panel_anim_s=0.02, list_latency_s=0.05)
    site = WatchedSite(knobs)
    await site.start()
    yield Stage(site, tmp_path)
    await site.stop()


async def test_what_looks_like_another_file_is_found_out_while_it_is_sent_and_told(
    stage: Stage,
) -> None:
    first, other, alike = (stage.folder / "files" / name for name in ("a.png", "b.png", "c.jpg"))
    first.parent.mkdir()
    for path, seed in ((first, 1), (other, 2), (alike, 1)):
        scene(seed).save(path)
    workspace = stage.workspace(FIND_SIMILAR="True")
    up = await stage.upload(first, other, workspace=workspace)

    report = await stage.upload(alike, workspace=workspace)

    assert [it.note for it in up.outcomes] == ["", ""]
    (outcome,) = report.outcomes
    assert outcome.status is Status.SUCCESS
    assert outcome.note == f"looks like a.png, Creative ID {up.outcomes[0].creative_id}"
    with Ledger.open(stage.workspace().ledger_url) as ledger:
        assert [it.note for it in ledger.outcomes(report.run)] == [outcome.note]


# ── Names that are there, or not, or twice ───────────────────────────────────────────────────────


@pytest.mark.slow
async def test_files_of_several_ad_formats_come_back_with_their_ids(stage: Stage) -> None:
    stage.site.seed("static_banner", [f"old {number}" for number in range(30)])
    odd = 'Bänner #1 & "so" 50% <b>'
    decomposed = unicodedata.normalize("NFD", "Größe")
    files = [
        *stage.banners("a", "b", odd, decomposed),
        *stage.natives("a"),
        video(stage.folder / "Native" / "Video" / "a.mp4", NATIVE, seconds=1),
    ]

    report = await stage.upload(*files)
    again = await stage.upload(*files)

    assert statuses(report) == ["success"] * 6
    assert report.exit_code == 0
    assert statuses(again) == ["skipped"] * 6
    assert [it.creative_id for it in again.outcomes] == [it.creative_id for it in report.outcomes]
    assert len(stage.site.arrivals()) == 6
    assert stage.site.sign_ins == 1


async def test_names_that_are_there_are_found_on_the_newest_page_and_deep_below(
    stage: Stage,
) -> None:
    deep = stage.site.seed("static_banner", ["deep", "twice", "twice"])
    stage.site.seed("static_banner", [f"old {number}" for number in range(60)])
    (top,) = stage.site.seed("static_banner", ["top"])

    report = await stage.upload(*stage.banners("top", "deep", "twice", "a"))

    assert statuses(report) == ["duplicate", "duplicate", "duplicate", "success"]
    assert [it.creative_id for it in report.outcomes[:3]] == [top, deep[0], ""]
    assert f"{deep[2]}, {deep[1]}" in report.outcomes[2].error
    for outcome in report.outcomes[:3]:
        assert {Path(name).suffix for name in outcome.evidence} == {".html", ".png"}
    # What is seen to be there is not sent; the rest the site refused in silence.
    assert sorted(it.filename for it in stage.site.arrivals()) == [
        "a.png",
        "deep.png",
        "twice.png",
    ]


@pytest.mark.reliability
async def test_others_who_upload_at_the_same_time_disturb_nothing(stage: Stage) -> None:
    stage.site.seed("static_banner", [f"old {number}" for number in range(30)])
    others = partial(stage.site.seed, "static_banner", [f"other {number}" for number in range(8)])

    report = await stage.upload(
        *stage.banners(*(f"b{number}" for number in range(10))), on_event=when("sending", others)
    )

    assert statuses(report) == ["success"] * 10


@pytest.mark.slow
async def test_short_pages_are_walked(stage: Stage) -> None:
    stage.site.knobs.page_size = 3
    stage.site.seed("static_banner", [f"old {number}" for number in range(20)])

    report = await stage.upload(*stage.banners(*(f"b{number}" for number in range(7))))

    assert statuses(report) == ["success"] * 7


@pytest.mark.reliability
async def test_a_name_that_the_site_cuts_is_never_sent_again(stage: Stage) -> None:
    stage.site.knobs.shown_name = lambda filename: filename[:20]
    stage.site.knobs.keep_alive = False
    stage.site.fail_next("upload", "500", after_keeping=True)
    files = stage.banners("EN_Summer_F_Real_SFW_Generic_Ana_4sec_ID-1A2B3C4D")

    report = await stage.upload(*files)
    again = await stage.upload(*files)

    assert statuses(report) == statuses(again) == ["unknown_id"]
    assert "may be it" in report.outcomes[0].error
    assert len(stage.site.arrivals()) == 1


# ── What the site refuses, or is slow with ───────────────────────────────────────────────────────


async def test_of_a_batch_that_went_well_there_is_one_picture(stage: Stage) -> None:
    place = stage.workspace(TAKE_SCREENSHOTS="True")
    report = await stage.upload(*stage.banners("a"), *stage.natives("b"), workspace=place)
    assert report.counts == {"success": 2}
    assert [outcome.evidence for outcome in report.outcomes] == [(), ()]
    saved = sorted(place.screenshots.iterdir())
    assert [path.suffix for path in saved] == [".jpg", ".jpg"]
    assert [path.stem.endswith(f"batch-{n}") for n, path in enumerate(saved, start=1)] == [True] * 2
    for path in saved:
        with Image.open(path) as picture:
            assert picture.size == (1280, 900)


@pytest.mark.slow
async def test_what_the_site_refuses_is_rejected_with_its_reason_and_evidence(
    stage: Stage,
) -> None:
    workspace = stage.workspace()
    with workspace.overrides_file("tj").open("a") as overrides:
        overrides.write("[formats.static_banner]\ndimensions = false\n")
    odd = [image(stage.folder / "files" / f"odd{n}.png", (301, 250)) for n in range(2)]

    report = await stage.upload(*odd, *stage.banners("a", "b"), ad_format="static_banner")

    assert statuses(report) == ["rejected", "rejected", "success", "success"]
    assert report.exit_code == 1
    for refused in report.outcomes[:2]:
        assert "Dimensions 301x250 are not supported" in refused.error
        assert refused.evidence
        assert all((workspace.root / name).exists() for name in refused.evidence)


@pytest.mark.slow
async def test_ids_that_come_late_are_waited_for(stage: Stage) -> None:
    stage.site.knobs.visible_after_s = 1.0
    stage.site.knobs.reload_after = "never"

    report = await stage.upload(*stage.banners("a", "b"))

    assert statuses(report) == ["success", "success"]


@pytest.mark.slow
async def test_ids_that_come_too_late_are_unknown_and_the_next_run_settles_them(
    stage: Stage,
) -> None:
    files = stage.banners("a", "b", "c")
    stage.site.knobs.shown_name = {"a.png": "a", "b.png": "late", "c.png": "c"}.__getitem__

    report = await stage.upload(*files)
    stage.site.show("late", as_name="b")
    again = await stage.upload(*files)

    assert statuses(report) == ["success", "unknown_id", "success"]
    assert report.outcomes[1].evidence
    assert statuses(again) == ["skipped"] * 3
    assert len(stage.site.arrivals()) == 3


# ── When things break while files are under way ──────────────────────────────────────────────────


@pytest.mark.slow
async def test_errors_before_and_after_the_site_has_kept_a_file(stage: Stage) -> None:
    stage.site.knobs.keep_alive = False
    stage.site.knobs.at_once = 1
    stage.site.seed("static_banner", [f"old {number}" for number in range(15)])
    stage.site.fail_next("upload", "500")
    stage.site.fail_next("upload", "500", after_keeping=True)
    stage.site.fail_next("upload", "reset")
    stage.site.fail_next("upload", "reset", after_keeping=True)
    files = stage.banners("a", "b", "c", "d", "e")

    report = await stage.upload(*files)
    again = await stage.upload(*files)

    assert statuses(report) == ["success"] * 5
    assert statuses(again) == ["skipped"] * 5
    assert len(stage.site.arrivals()) == 7  # the two that were not kept came once more


@pytest.mark.reliability
async def test_a_file_that_never_arrives_is_left_out_until_it_is_asked_for_again(
    stage: Stage,
) -> None:
    stage.site.knobs.keep_alive = False
    stage.site.fail_next("upload", "500", count=3)
    (file,) = stage.banners("a")

    report = await stage.upload(file)
    left = await stage.upload(file)
    arrived_so_far = len(stage.site.arrivals())
    taken_up = await stage.upload(file, retry_failed=True)

    assert statuses(report) == statuses(left) == ["failed"]
    assert "can be sent again" in report.outcomes[0].error
    assert "--retry-failed takes it up again" in left.outcomes[0].error
    assert arrived_so_far == 3
    assert statuses(taken_up) == ["success"]


@pytest.mark.slow
async def test_what_the_browser_sends_again_by_itself_is_one_creative(stage: Stage) -> None:
    stage.site.knobs.at_once = 1
    stage.site.fail_next("upload", "reset", after_keeping=True, count=2)

    report = await stage.upload(*stage.banners("a", "b"))

    assert statuses(report) == ["success", "success"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "background", [pytest.param("401", marks=pytest.mark.reliability), "redirect"]
)
async def test_a_login_that_ends_while_sending_is_renewed_to_ask(
    stage: Stage, background: str
) -> None:
    stage.site.knobs.background_expiry = background  # type: ignore[assignment]
    files = stage.banners("a", "b")

    report = await stage.upload(*files, on_event=when("sending", stage.site.expire_sessions))
    again = await stage.upload(*files)

    assert statuses(report) == ["success", "success"]
    assert statuses(again) == ["skipped", "skipped"]
    assert stage.stored == ["a.png", "b.png"]
    assert stage.site.sign_ins == 2


@pytest.mark.slow
async def test_a_login_that_ends_before_the_ids_are_read_costs_nothing(stage: Stage) -> None:
    files = stage.banners("a", "b")

    report = await stage.upload(
        *files, on_event=when("reading the ids", stage.site.expire_sessions)
    )

    assert statuses(report) == ["success", "success"]
    assert stage.site.sign_ins == 2


@pytest.mark.reliability
async def test_a_list_that_fails_for_a_while_is_asked_again(stage: Stage) -> None:
    stage.site.knobs.first_list = "xhr"
    fail = partial(stage.site.fail_next, "list", "500", count=2)

    report = await stage.upload(*stage.banners("a"), on_event=when("reading the ids", fail))

    assert statuses(report) == ["success"]


@pytest.mark.reliability
async def test_a_list_that_fails_for_good_leaves_it_to_the_next_run(stage: Stage) -> None:
    stage.site.knobs.first_list = "xhr"
    fail = partial(stage.site.fail_next, "page", "500", count=10)
    files = stage.banners(*(f"b{number}" for number in range(11)))

    report = await stage.upload(*files, on_event=when("reading the ids", fail))
    stage.site.forget_faults()
    again = await stage.upload(*files)

    assert statuses(report) == ["unknown_id"] * 10 + ["pending"]
    assert report.exit_code == 7
    assert statuses(again) == ["skipped"] * 10 + ["success"]
    assert len(stage.site.arrivals()) == 11


@pytest.mark.slow
async def test_a_file_that_is_gone_or_changed_when_its_turn_comes_is_left_out(
    stage: Stage,
) -> None:
    gone, changed, _ = files = stage.banners("gone", "changed", "good")

    def meddle() -> None:
        gone.unlink()
        image(changed)

    report = await stage.upload(*files, on_event=when("reading the newest", meddle))

    assert statuses(report) == ["file_not_found", "failed", "success"]
    assert stage.stored == ["good.png"]


# ── When nothing can be sent at all ──────────────────────────────────────────────────────────────


@pytest.mark.slow
async def test_a_site_that_is_down_is_exit_code_7(stage: Stage) -> None:
    await stage.site.stop()

    report = await stage.upload(*stage.banners("a"))

    assert (statuses(report), report.exit_code) == (["pending"], 7)
    assert "does not answer" in report.error


@pytest.mark.reliability
async def test_a_site_that_answers_500_is_exit_code_7(stage: Stage) -> None:
    stage.site.fail_next("page", "500", count=50)

    report = await stage.upload(*stage.banners("a"))

    assert (statuses(report), report.exit_code) == (["pending"], 7)
    assert "status 500" in report.error


async def test_a_page_that_nobody_expected_is_exit_code_4_with_evidence(stage: Stage) -> None:
    stage.site.rewrite = lambda page: "<h1>Back soon</h1><p>We are making things better.</p>"
    stage.site.knobs.captcha = "none"

    report = await stage.upload(*stage.banners("a"))

    assert (statuses(report), report.exit_code) == (["pending"], 4)
    snapshots = list(stage.workspace().screenshots.glob("*.html"))
    assert any("Back soon" in snapshot.read_text() for snapshot in snapshots)
    assert all(snapshot.name in report.error for snapshot in snapshots[-1:])


@pytest.mark.slow
async def test_wrong_credentials_are_tried_once(stage: Stage) -> None:
    report = await stage.upload(
        *stage.banners("a"), workspace=stage.workspace(TJ_PASSWORD="nine-loud-crows")
    )

    assert (statuses(report), report.exit_code) == (["pending"], 3)
    assert "tried once" in report.error
    assert stage.site.sign_ins == 1
    assert "nine-loud-crows" not in report.error + errors(report)


async def test_without_credentials_no_browser_is_started(stage: Stage) -> None:
    report = await stage.upload(
        *stage.banners("a"),
        workspace=stage.workspace(TJ_PASSWORD="", CFU_CHROMIUM="/nowhere/chromium"),
    )

    assert (statuses(report), report.exit_code) == (["pending"], 3)
    assert "cfu setup --platform tj" in report.error


@pytest.mark.reliability
async def test_a_captcha_that_nobody_solves_is_exit_code_3(stage: Stage) -> None:
    stage.site.knobs.captcha = "endpoint"

    report = await stage.upload(*stage.banners("a"))

    assert (statuses(report), report.exit_code) == (["pending"], 3)
    assert "not solved within 1 s" in report.error
    assert stage.site.sign_ins == 0
