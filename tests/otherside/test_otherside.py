"""The stand-in holds to the known facts of the site, whichever way its knobs are set."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import pytest
import pytest_asyncio
from attrs import evolve
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect

from . import Knobs, OtherSite
from .uploads import RefusedError, inspect

pytestmark = pytest.mark.reliability  # every run of the tests stands on it anyway
in_one_browser = pytest.mark.asyncio(loop_scope="module")
CARDS = ".creativeContainer:visible"
ODD_NAME = """Ana & "B" <i>'c'</i> 100%"""


def picture(width: int, height: int, shade: int = 0, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (shade, 90, 120)).save(file, kind)
    return file.getvalue()


def video(width: int, height: int, seconds: int) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(5 * seconds):
            container.mux(stream.encode(av.VideoFrame(width, height, "yuv420p")))
        container.mux(stream.encode())
    return file.getvalue()


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[OtherSite]:
    """Not started yet, so that a test can set what is read at the start."""
    other = OtherSite()
    yield other
    await other.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=os.environ.get("CFU_CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context()
    context.set_default_timeout(8_000)
    yield await context.new_page()
    await context.close()


async def sign_in(page: Page, site: OtherSite, password: str | None = None) -> None:
    await page.get_by_placeholder("USERNAME").fill(site.username)
    await page.locator("input[type=password]").fill(password or site.password)
    await page.locator("input#submitBtn:not([disabled])").click()


async def open_library(page: Page, site: OtherSite) -> None:
    await site.start()
    name, value = site.open_session()
    await page.context.add_cookies([{"name": name, "value": value, "url": site.base_url}])
    await page.goto(f"{site.base_url}/media-library")
    await expect(page.get_by_role("heading", name="MEDIA LIBRARY")).to_be_visible()


async def names(page: Page) -> list[str]:
    texts = await page.locator(f"{CARDS} label.creativeName").all_text_contents()
    return [text.strip() for text in texts]


async def send(page: Page, folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    await page.locator("button#newImage").click()
    async with page.expect_file_chooser() as chooser:
        await page.locator("span.smallButton.greyButton").click()
    await (await chooser.value).set_files([folder / name for name in files])


# --- signing in


@pytest.mark.browser
@in_one_browser
@pytest.mark.parametrize("two_origins", [False, True])
@pytest.mark.parametrize("sign_in_by", ["form", "fetch"])
async def test_wrong_credentials_are_told_and_right_ones_enter(
    page: Page, site: OtherSite, two_origins: bool, sign_in_by: Any
) -> None:
    site.knobs = Knobs(two_origins=two_origins, sign_in_by=sign_in_by, cookie_banner="sign-in")
    await site.start()
    assert site.login_url.startswith(site.base_url) is not two_origins
    await page.goto(site.login_url)
    await page.get_by_role("button", name="Accept All").click()
    await sign_in(page, site, "wrong")
    await expect(page.get_by_text("don't recognize these credentials")).to_be_visible()
    await sign_in(page, site)
    await page.wait_for_url(f"{site.base_url}/dashboard")
    await expect(page.get_by_text("Account Balance")).to_be_visible()
    await expect(page.locator("header")).to_contain_text(site.username)


@pytest.mark.browser
@in_one_browser
async def test_button_stays_disabled_until_the_captcha_is_solved(
    page: Page, site: OtherSite
) -> None:
    site.knobs = Knobs(captcha="endpoint")
    await site.start()
    await page.goto(site.login_url)
    async with page.expect_response("**/captcha/*"):
        pass
    assert await page.locator("#submitBtn").get_attribute("disabled") == ""
    site.solve_captchas()
    await sign_in(page, site)
    await page.wait_for_url("**/dashboard")


@pytest.mark.browser
@in_one_browser
async def test_ended_session_shows_in_every_way_that_is_known(page: Page, site: OtherSite) -> None:
    await open_library(page, site)
    site.expire_sessions()
    await page.reload()
    await expect(page.locator("h1")).to_have_text("We missed you")
    assert await page.locator("form[action*='login'] input[name='password']").count() == 1
    site.knobs.expiry = "redirect"
    await page.goto(f"{site.base_url}/campaigns")
    await page.wait_for_url("**/sign-in?return=%2Fcampaigns")
    site.knobs.expiry = "login_path"
    await page.goto(f"{site.base_url}/campaigns")
    await page.wait_for_url("**/login?*")


# --- the list

LISTS = {
    "inplace-json": Knobs(default_tab="video_banner"),
    "inplace-html-table": Knobs(
        list_data="html", wrap="table", while_loading="loading_row", chosen_mark="aria"
    ),
    "panes": Knobs(panes="per_tab", first_list="xhr", card="plain", title="absent"),
    "panes-html": Knobs(panes="per_tab", list_data="html", wrap="list", pager="aria"),
    "query": Knobs(tabs="query", default_tab="in_stream_video", pager="sparse"),
    "query-xhr": Knobs(
        tabs="query", first_list="xhr", default_native="native_video", while_loading="empty_flash"
    ),
    "hash": Knobs(tabs="hash", transport="xhr", title="escaped_twice", render_after_s=0.1),
}


@pytest.mark.browser
@in_one_browser
@pytest.mark.parametrize("knobs", LISTS.values(), ids=LISTS.keys())
async def test_tabs_pages_and_cards_show_what_is_there(
    page: Page, site: OtherSite, knobs: Knobs
) -> None:
    site.knobs = evolve(knobs)
    banners = [f"Banner {n}" for n in range(14)]
    ids = site.seed("static_banner", banners)
    site.seed("native_video", [ODD_NAME])
    site.seed("native_image", ["Still", "Still"])
    await open_library(page, site)

    await page.locator("a#native_tab").click()
    await page.locator("label:has(input#native_static)").click()
    await expect(page.locator(CARDS)).to_have_count(2)
    assert await names(page) == ["Still", "Still"]
    await page.locator("label:has(input#native_rollover)").click()
    await expect(page.locator(CARDS)).to_have_count(1)
    assert await names(page) == [ODD_NAME]
    await expect(page.locator(f"{CARDS} .dimensions")).to_have_text("640x360")
    await expect(page.locator(f"{CARDS} .fileType")).to_have_text(".mp4")

    await page.locator("a#static_tab").click()
    await expect(page.locator(CARDS)).to_have_count(12)
    assert await names(page) == banners[:1:-1]
    first = page.locator(CARDS).first
    assert await first.get_attribute("data-id") == ids[-1]
    await expect(first.locator("span.bannerId")).to_have_text(ids[-1])
    next_link = page.locator("a.page-link:visible", has_text="Next")
    await next_link.click()
    await expect(page.locator(CARDS)).to_have_count(2)
    assert await names(page) == ["Banner 1", "Banner 0"]
    off = ".page-item:not(.disabled)" if knobs.pager == "aria" else ".page-item.disabled"
    await expect(page.locator(off, has=next_link)).to_be_visible()

    await page.locator("a#in_stream_video_tab").click()
    await expect(page.locator(CARDS)).to_have_count(0)
    await expect(
        page.get_by_text("You have no creatives yet").locator("visible=true")
    ).to_have_count(1)


@pytest.mark.browser
@in_one_browser
async def test_old_cards_stand_until_the_list_came_and_after_it_failed(
    page: Page, site: OtherSite
) -> None:
    site.knobs = Knobs(list_latency_s=0.5, remember_tab=True)
    site.seed("static_banner", ["Old"])
    site.seed("video_banner", ["New"])
    await open_library(page, site)
    site.fail_next("list", "500")
    async with page.expect_response("**/ajax/library/*") as failed:
        await page.locator("a#video_tab").click()
    assert (await failed.value).status == 500
    assert await names(page) == ["Old"]
    await page.locator("a#native_tab").click()
    await page.locator("a#video_tab").click()
    assert await names(page) == ["Old"]
    await expect(page.locator(CARDS)).to_contain_text("New")
    await page.reload()
    assert await names(page) == ["New"]


@pytest.mark.browser
@in_one_browser
async def test_background_request_without_session_follows_the_knob(
    page: Page, site: OtherSite
) -> None:
    site.seed("static_banner", ["Old"])
    site.knobs = Knobs(on_401="message")
    await open_library(page, site)
    site.expire_sessions()
    await page.locator("a#video_tab").click()
    await expect(page.get_by_text("Your session has expired.")).to_be_visible()
    assert await names(page) == ["Old"]
    site.knobs.background_expiry = "redirect"
    async with page.expect_response("**/sign-in?*") as answer:
        await page.locator("a#static_tab").click()
    assert (await answer.value).status == 200
    assert await names(page) == ["Old"]


# --- uploading

SENDINGS = {
    "fetch-two-at-once": Knobs(first_list="xhr"),
    "xhr-one-by-one": Knobs(transport="xhr", at_once=1, file_input="panel", busy="flicker"),
    "all-in-one-request": Knobs(together=True, tabs="query", reload_after="close"),
    "polled": Knobs(answer="polled", at_once=5, preview_names="both", panel_close="x"),
    "polled-together": Knobs(
        answer="polled", together=True, panel_close="escape", busy="late", processing_s=0.6
    ),
}


async def close_panel(page: Page, site: OtherSite) -> None:
    match site.knobs.panel_close:
        case "escape":
            await page.keyboard.press("Escape")
        case "done":
            await page.get_by_role("button", name="Done").click()
        case _:
            await page.get_by_role("button", name="Close").click()
    await expect(page.locator("#uploadPanel")).to_be_hidden()


@pytest.mark.browser
@in_one_browser
@pytest.mark.parametrize("knobs", SENDINGS.values(), ids=SENDINGS.keys())
async def test_three_files_go_up_one_is_rejected_one_silently_a_duplicate(
    page: Page, site: OtherSite, tmp_path: Path, knobs: Knobs
) -> None:
    site.knobs = evolve(knobs)
    [taken_id] = site.seed("static_banner", ["Taken"])
    await open_library(page, site)
    good = picture(300, 250)
    files = {
        'Good "ö" #1.png': good,
        "Taken.jpg": picture(468, 60, kind="JPEG"),
        "Bad.gif": picture(301, 250, kind="GIF"),
    }
    await send(page, tmp_path, files)
    await expect(page.locator("div.processingMessage.customMessage")).to_be_visible()
    await expect(page.locator("div.dz-preview.dz-complete")).to_have_count(3)
    await expect(page.locator(".dz-preview.dz-processing.dz-success")).to_have_count(2)
    error = page.locator(".dz-preview.dz-error.dz-complete .dz-error-message")
    await expect(error).to_have_text("Dimensions 301x250 are not supported.")
    await expect(page.locator("div.processingMessage")).to_be_hidden()
    await close_panel(page, site)
    await expect(page.locator(CARDS)).to_have_count(2)
    assert await names(page) == ['Good "ö" #1', "Taken"]

    ended = {a.filename: (a.ended, a.answer) for a in site.arrivals()}
    assert ended == {
        'Good "ö" #1.png': ("kept", "ok"),
        "Taken.jpg": ("duplicate", "ok"),
        "Bad.gif": ("rejected", "error"),
    }
    old, new = site.creatives()
    assert (old.id, new.sha256, new.size) == (taken_id, hashlib.sha256(good).hexdigest(), len(good))
    assert await page.locator(CARDS).first.get_attribute("data-id") == new.id
    assert len(new.id) == 10


@pytest.mark.browser
@in_one_browser
async def test_card_comes_late_and_previews_go_and_the_panel_closes_by_itself(
    page: Page, site: OtherSite, tmp_path: Path
) -> None:
    site.knobs = Knobs(visible_after_s=1, panel_close="self", preview_removed_after_s=0.2)
    await open_library(page, site)
    await send(page, tmp_path, {"Late.png": picture(300, 250)})
    await expect(page.locator("#uploadPanel")).to_be_hidden()
    await expect(page.locator(".dz-preview")).to_have_count(0)
    assert [c.name for c in site.creatives()] == ["Late"]
    await expect(page.get_by_text("You have no creatives yet")).to_be_visible()

    async def reloaded() -> int:
        await page.reload()
        return await page.locator(CARDS).count()

    while not await reloaded():
        assert [a.ended for a in site.arrivals()] == ["kept"]


@pytest.mark.browser
@in_one_browser
@pytest.mark.parametrize("after_keeping", [False, True])
@pytest.mark.parametrize("how", ["500", "reset"])
async def test_upload_fails_before_or_after_the_creative_was_kept(
    page: Page, site: OtherSite, tmp_path: Path, how: Any, after_keeping: bool
) -> None:
    site.knobs = Knobs(keep_alive=False)
    await open_library(page, site)
    site.fail_next("upload", how, after_keeping=after_keeping)
    await send(page, tmp_path, {"Ana.png": picture(300, 250)})
    reason = page.locator(".dz-error .dz-error-message")
    await expect(reason).to_have_text(f"Server responded with {500 if how == '500' else 0} code.")
    [arrival] = site.arrivals()
    assert (arrival.ended, arrival.answer) == ("kept" if after_keeping else "lost", how)
    assert len(site.creatives()) == int(after_keeping)


@pytest.mark.browser
@in_one_browser
async def test_upload_without_session_is_an_error_or_looks_like_a_success(
    page: Page, site: OtherSite, tmp_path: Path
) -> None:
    await open_library(page, site)
    site.expire_sessions()
    await send(page, tmp_path, {"Ana.png": picture(300, 250)})
    await expect(page.locator(".dz-error .dz-error-message")).to_have_text("Unauthenticated.")
    await close_panel(page, site)
    site.knobs.background_expiry = "redirect"
    await send(page, tmp_path, {"Bea.png": picture(300, 250)})
    await expect(page.locator(".dz-success.dz-complete")).to_have_count(1)
    assert [a.ended for a in site.arrivals()] == ["unauthorized"] * 2
    assert site.creatives() == []


@pytest.mark.browser
@in_one_browser
async def test_second_page_is_refused_while_the_first_ones_upload_hangs(
    page: Page, site: OtherSite, tmp_path: Path
) -> None:
    site.knobs = Knobs(second_page="refuse")
    await open_library(page, site)
    site.fail_next("upload", "hang", after_keeping=True)
    await send(page, tmp_path, {"First.png": picture(300, 250)})
    await expect(page.locator(".dz-processing")).to_have_count(1)
    second = await page.context.new_page()
    await second.goto(f"{site.base_url}/media-library")
    await send(second, tmp_path, {"Second.png": picture(300, 250, 1)})
    await expect(second.locator(".dz-error-message")).to_contain_text("Another upload")
    await second.reload()
    await expect(second.locator(CARDS)).to_have_count(1)
    await expect(page.locator(".dz-complete")).to_have_count(0)
    assert [(a.ended, a.answer) for a in site.arrivals()] == [
        ("kept", "hang"),
        ("rejected", "error"),
    ]


@pytest.mark.browser
@in_one_browser
async def test_site_that_was_down_comes_back_with_its_address_and_its_sessions(
    page: Page, site: OtherSite
) -> None:
    site.seed("static_banner", ["Kept"])
    await open_library(page, site)
    address = site.base_url
    await site.stop()
    await site.start()
    assert site.base_url == address
    await page.goto(f"{site.base_url}/media-library")
    assert await names(page) == ["Kept"]


# --- what the bytes say


@pytest.mark.parametrize(
    ("ad_format", "filename", "data", "reason"),
    [
        ("static_banner", "a.png", b"", "empty"),
        ("static_banner", "a.webp", picture(300, 250, kind="WEBP"), "not allowed"),
        ("static_banner", "a.png", b"no picture", "not a valid image"),
        ("static_banner", "a.png", picture(300, 250)[:-40], "not a valid image"),
        ("native_image", "a.png", picture(300, 250), "640x360"),
        ("native_image", "a.gif", picture(640, 360, kind="GIF") + bytes(300_000), "300 KB"),
        ("video_banner", "a.mp4", picture(300, 250), "not a valid video"),
        ("video_banner", "a.mp4", video(320, 240, 1), "320x240"),
        ("native_video", "a.mp4", video(300, 250, 1), "640x360"),
        ("in_stream_video", "a.mp4", video(320, 240, 4), "between 5 and 31"),
        ("in_stream_video", "a.mp4", video(320, 240, 32), "between 5 and 31"),
    ],
)
def test_file_is_refused_by_its_bytes(
    ad_format: Any, filename: str, data: bytes, reason: str
) -> None:
    with pytest.raises(RefusedError, match=reason):
        inspect(ad_format, filename, data)


def test_file_within_the_limits_is_measured() -> None:
    assert inspect("in_stream_video", "a.mp4", video(320, 240, 5)).seconds == pytest.approx(5, 0.1)
    banner = inspect("static_banner", "A.JPG", picture(950, 250, kind="JPEG"))
    assert (banner.width, banner.height, banner.file_type) == (950, 250, "jpg")
    assert inspect("native_video", "a.mp4", video(640, 360, 1)).height == 360
