"""Uploading through the page: what a Dropzone shows, what is kept, and what comes back."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import TimeoutError as PlaywrightTimeout
from playwright.async_api import expect

from .support import Banner, Connect, Start, Visit, until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]

PREVIEW = "div.dz-preview"
TABS = {"native_image": "a#native_tab", "in_stream_video": "a#in_stream_video_tab"}


@pytest.fixture
def banner(samples: list[Path], tmp_path: Path) -> Banner:
    """Make a banner of its own name, each time another one."""

    def make(name: str) -> Path:
        return Path(shutil.copy(samples[0], tmp_path / name))

    return make


async def test_a_file_goes_up_byte_for_byte_and_gets_an_id(
    start: Start, visit: Visit, program: Connect, samples: list[Path]
) -> None:
    sandbox = await start()
    client = program(sandbox)
    visitor = visit(sandbox)
    await visitor.open_library()
    await visitor.upload(samples[0])
    classes = await visitor.page.locator(PREVIEW).get_attribute("class")
    assert {"dz-processing", "dz-success", "dz-complete"} <= set(str(classes).split())
    await expect(visitor.page.locator(".dz-filename span[data-dz-name]")).to_have_text(
        samples[0].name
    )
    await expect(visitor.page.locator("label.creativeName")).to_have_text([samples[0].stem])
    state = (await client.call("GET", "state")).body
    [creative], [arrival] = state["creatives"], state["arrivals"]
    assert re.fullmatch(r"\d{9}[12]", creative["id"])
    assert creative["name"] == samples[0].stem
    assert (creative["ad_format"], creative["dimensions"]) == ("static_banner", "300x250")
    assert creative["review_status"] == "pending"
    assert (arrival["name"], arrival["result"]) == (samples[0].name, "created")
    assert (arrival["creative_id"], arrival["times"]) == (creative["id"], 1)
    url = f"{sandbox.url}/_sandbox/files/{arrival['sha256']}"
    async with client.http.get(url) as response:
        assert await response.read() == samples[0].read_bytes()


async def test_every_sample_is_taken_where_it_belongs(
    start: Start, visit: Visit, samples: list[Path]
) -> None:
    sandbox = await start(parallel_uploads=3)
    visitor = visit(sandbox)
    await visitor.open_library()
    groups = {
        "static_banner": [
            path
            for path in samples
            if path.parent.name not in {"Video", "Image"} and path.suffix != ".mp4"
        ],
        "in_stream_video": [
            path for path in samples if "sec_" in path.name and not path.name.startswith("VID_")
        ],
        "native_image": [path for path in samples if path.parent.name == "Image"],
        "native_video": [path for path in samples if path.parent.name == "Video"],
    }
    for ad_format, files in groups.items():
        if ad_format in TABS:
            await visitor.page.click(TABS[ad_format])
        if ad_format == "native_video":
            await visitor.page.click("label:has(input#native_rollover)")
        known = len(sandbox.state.creatives())
        await visitor.choose(*files)
        async with asyncio.timeout(20):
            while len(sandbox.state.creatives()) < known + len(files):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await visitor.page.click("button.close")
    kept = {(creative.ad_format, creative.name) for creative in sandbox.state.creatives()}
    assert kept == {(ad_format, path.stem) for ad_format, files in groups.items() for path in files}
    assert len(kept) == 24


async def test_a_taken_name_is_a_silent_duplicate(
    start: Start, visit: Visit, banner: Banner
) -> None:
    sandbox = await start()
    visitor = visit(sandbox)
    await visitor.open_library()
    await visitor.upload(banner("same.png"))
    await visitor.page.click("button.close")
    await visitor.choose(banner("same.png"), banner("same.jpg"))
    await visitor.page.locator(f"{PREVIEW}.dz-complete").nth(2).wait_for()
    assert await visitor.page.locator(f"{PREVIEW}.dz-success").count() == 3
    await expect(visitor.page.locator("label.creativeName")).to_have_text(["same"])
    results = [arrival.result for arrival in sandbox.state.arrivals()]
    assert results == ["created", "duplicate", "duplicate"]


async def test_one_name_may_stand_in_both_native_lists(
    start: Start, program: Connect, samples: list[Path]
) -> None:
    sandbox = await start()
    client = program(sandbox)
    await client.sign_in()
    by_folder = {path.parent.name: path.read_bytes() for path in samples}
    await client.upload(by_folder["Video"], ad_format="native_video", name="pair.mp4")
    await client.upload(by_folder["Image"], ad_format="native_image", name="pair.png")
    ids = [creative.id for creative in sandbox.state.creatives(name="pair")]
    assert len(set(ids)) == 2


async def test_what_breaks_a_rule_gets_a_readable_reason(
    start: Start, visit: Visit, samples: list[Path], tmp_path: Path
) -> None:
    disguised = Path(shutil.copy(samples[0], tmp_path / "disguised.mp4"))
    (tmp_path / "empty.png").touch()
    visitor = visit(await start(parallel_uploads=1))
    await visitor.open_library()
    await visitor.page.click("a#in_stream_video_tab")
    short = next(path for path in samples if path.name.startswith("VID_"))
    await visitor.upload(disguised, tmp_path / "empty.png", short)
    assert await visitor.page.locator(f"{PREVIEW}.dz-error.dz-complete").count() == 3
    reasons = visitor.page.locator(".dz-error-message span[data-dz-errormessage]")
    assert await reasons.all_text_contents() == [
        "Only mp4 is accepted here. This file is png.",
        "The file is empty.",
        "The video must be 5 to 31 seconds long. This one is 4 seconds.",
    ]
    assert await visitor.names() == []


ODD_NAMES = (
    "Ümläut Straße 日本",
    "two  spaces",
    """a "b" 'c'""",
    "50% #1 & more?",
    "a;b=c\\d",
    "dots.in.it",
    "x" * 200,
)


async def test_odd_names_come_back_whole(start: Start, visit: Visit, banner: Banner) -> None:
    sandbox = await start()
    visitor = visit(sandbox)
    await visitor.open_library()
    await visitor.upload(*(banner(f"{stem}.png") for stem in ODD_NAMES))
    await expect(visitor.page.locator("label.creativeName")).to_have_count(len(ODD_NAMES))
    assert sorted(await visitor.names()) == sorted(ODD_NAMES)
    arrived = [arrival.name for arrival in sandbox.state.arrivals()]
    assert sorted(arrived) == sorted(f"{stem}.png" for stem in ODD_NAMES)


async def test_a_quotation_mark_can_come_back_as_a_browser_sends_it(
    start: Start, program: Connect, samples: list[Path]
) -> None:
    sandbox = await start(percent_quotes=True)
    client = program(sandbox)
    await client.sign_in()
    content = samples[0].read_bytes()
    await client.upload(content, ad_format="static_banner", name='a "b".png')
    assert [creative.name for creative in sandbox.state.creatives()] == ["a %22b%22"]


async def test_a_new_card_can_come_late(
    start: Start, program: Connect, samples: list[Path]
) -> None:
    sandbox = await start(visible_after_seconds=1)
    client = program(sandbox)
    await client.sign_in()
    content = samples[0].read_bytes()
    await client.upload(content, ad_format="static_banner", name="late.png")
    assert (await client.list("static_banner")).body["rows"] == ""
    assert [creative.name for creative in sandbox.state.creatives()] == ["late"]

    async def listed() -> bool:
        return "late</label>" in (await client.list("static_banner")).body["rows"]

    await until(listed)


@pytest.mark.parametrize(
    ("when", "lists"),
    [
        ("each_success", 3),
        ("queue_complete", 2),
        ("panel_closed", 2),
        ("never", 1),
    ],
)
async def test_the_list_is_reloaded_when_it_is_told_to(
    start: Start, visit: Visit, program: Connect, banner: Banner, when: str, lists: int
) -> None:
    sandbox = await start(list_refresh=when, parallel_uploads=1)
    visitor = visit(sandbox)
    await visitor.open_library()
    await visitor.upload(banner("one.png"), banner("two.png"))
    await expect(visitor.page.locator("div.processingMessage")).to_be_hidden()
    assert len(await visitor.names()) == (2 if when in {"each_success", "queue_complete"} else 0)
    await visitor.page.click("button.close")
    await expect(visitor.page.locator("label.creativeName")).to_have_count(
        0 if when == "never" else 2
    )
    assert (await program(sandbox).call("GET", "requests")).body["list"] == lists


async def test_the_processing_message_stays_for_a_batchs_time(
    start: Start, visit: Visit, banner: Banner
) -> None:
    visitor = visit(await start(batch_seconds=1))
    await visitor.open_library()
    busy = visitor.page.locator("div.processingMessage.customMessage")
    assert not await busy.is_visible()
    await visitor.upload(banner("one.png"))
    assert await busy.is_visible()
    await expect(busy).to_be_hidden()
    await expect(visitor.page.locator("label.creativeName")).to_have_text(["one"])


@pytest.mark.parametrize("close", ["button", "escape"])
async def test_the_panel_covers_the_tabs_until_it_is_closed(
    start: Start, visit: Visit, close: str
) -> None:
    visitor = visit(await start(panel_close=close))
    await visitor.open_library()
    await visitor.page.click("button#newImage")
    await expect(visitor.page.locator("span.smallButton.greyButton")).to_have_text(
        "Browse your computer"
    )
    with pytest.raises(PlaywrightTimeout, match="intercepts pointer events"):
        await visitor.page.click("a#video_tab", timeout=500)
    if close == "button":
        await visitor.page.keyboard.press("Escape")
        await visitor.page.click("button.close")
    else:
        assert not await visitor.page.locator("button.close").is_visible()
        await visitor.page.keyboard.press("Escape")
    await visitor.page.click("a#video_tab")


async def test_the_panel_can_leave_the_tabs_free(start: Start, visit: Visit) -> None:
    visitor = visit(await start(panel_close="none_needed"))
    await visitor.open_library()
    await visitor.page.click("button#newImage")
    await visitor.page.click("a#video_tab", timeout=2000)
    await expect(visitor.page.locator("#uploadTarget")).to_have_text("Video Banner")


@pytest.mark.parametrize(
    ("place", "selector"),
    [
        ("body", "body > input.dz-hidden-input"),
        ("panel", "#uploadPanel input.dz-hidden-input"),
    ],
)
async def test_the_hidden_input_is_made_anew_after_each_use(
    start: Start, visit: Visit, banner: Banner, place: str, selector: str
) -> None:
    visitor = visit(await start(file_input_in=place))
    await visitor.open_library()
    first = await visitor.page.locator(selector).element_handle()
    assert await first.get_attribute("multiple") == ""
    await visitor.upload(banner("one.png"))
    assert not await first.evaluate("input => input.isConnected")
    assert await visitor.page.locator("input[type=file]").count() == 1
    assert await visitor.page.locator(selector).count() == 1


async def test_a_person_can_choose_files_by_the_browse_button(
    start: Start, visit: Visit, banner: Banner
) -> None:
    visitor = visit(await start())
    await visitor.open_library()
    await visitor.page.click("button#newImage")
    async with visitor.page.expect_file_chooser() as chooser:
        await visitor.page.click("text=Browse your computer")
    await (await chooser.value).set_files([banner("chosen.png")])
    await expect(visitor.page.locator("label.creativeName")).to_have_text(["chosen"])


@pytest.mark.parametrize("kept", [True, False])
async def test_previews_stand_or_go_when_the_panel_reopens(
    start: Start, visit: Visit, banner: Banner, kept: int
) -> None:
    visitor = visit(await start(previews_kept=kept))
    await visitor.open_library()
    await visitor.upload(banner("one.png"))
    await visitor.page.click("button.close")
    await visitor.page.click("button#newImage")
    assert await visitor.page.locator(PREVIEW).count() == kept


async def test_files_over_the_limits_are_refused_by_the_page_itself(
    start: Start, visit: Visit, banner: Banner
) -> None:
    sandbox = await start(files_at_once=1, max_file_bytes=6000)
    visitor = visit(sandbox)
    await visitor.open_library()
    large = banner("large.png")
    large.write_bytes(large.read_bytes() + b"\0" * 6000)
    await visitor.upload(large, banner("second.png"))
    reasons = visitor.page.locator("[data-dz-errormessage]")
    assert await reasons.all_text_contents() == [
        "File is too big. The limit is 6 KB.",
        "You can not upload any more files.",
    ]
    assert sandbox.state.arrivals() == []


@pytest.mark.parametrize(
    ("answer", "mark", "message"),
    [
        ("unauthorized", "dz-error", "Server responded with 401 code."),
        ("login_page", "dz-success", ""),
    ],
)
async def test_an_upload_without_a_session_keeps_nothing(
    start: Start, visit: Visit, banner: Banner, answer: str, mark: str, message: str
) -> None:
    sandbox = await start(expired_upload=answer)
    visitor = visit(sandbox)
    await visitor.open_library()
    sandbox.state.end_sessions()
    await visitor.upload(banner("lost.png"))
    await expect(visitor.page.locator(f"{PREVIEW}.{mark}")).to_have_count(1)
    assert await visitor.page.locator("[data-dz-errormessage]").text_content() == message
    assert sandbox.state.creatives() == []
    assert [arrival.result for arrival in sandbox.state.arrivals()] == ["unauthorized"]


async def test_ids_follow_the_order_in_which_files_are_done(
    start: Start, program: Connect, samples: list[Path]
) -> None:
    sandbox = await start(file_seconds=0.3)
    client = program(sandbox)
    await client.sign_in()
    content = samples[0].read_bytes()
    names = [f"file {number}" for number in range(8)]
    await asyncio.gather(
        *(client.upload(content, ad_format="static_banner", name=f"{name}.png") for name in names)
    )
    creatives = sandbox.state.creatives()
    assert sorted(creative.name for creative in creatives) == names
    assert [creative.name for creative in creatives] != [
        arrival.name.removesuffix(".png") for arrival in sandbox.state.arrivals()
    ]
    ids = [int(creative.id) for creative in creatives]
    assert ids == sorted(set(ids))
    assert {number % 10 for number in ids} <= {1, 2}


async def test_a_second_page_that_uploads_can_be_refused(
    start: Start, program: Connect, samples: list[Path]
) -> None:
    sandbox = await start(concurrent_pages="refused", file_seconds=0.5)
    client = program(sandbox)
    await client.sign_in()
    content = samples[0].read_bytes()
    answers = await asyncio.gather(
        *(
            client.upload(content, ad_format="static_banner", name=f"{page}.png", page=page)
            for page in ("one", "two")
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert len(sandbox.state.creatives()) == 1


async def test_a_second_page_that_uploads_can_have_to_wait(
    start: Start, program: Connect, samples: list[Path]
) -> None:
    sandbox = await start(concurrent_pages="queued", file_seconds=0.3)
    client = program(sandbox)
    await client.sign_in()
    content = samples[0].read_bytes()
    uploads = [
        client.upload(content, ad_format="static_banner", name=f"{page} {number}.png", page=page)
        for page in ("one", "two")
        for number in range(2)
    ]
    assert {answer.status for answer in await asyncio.gather(*uploads)} == {200}
    pages = [creative.name.split()[0] for creative in sandbox.state.creatives()]
    assert pages in (["one", "one", "two", "two"], ["two", "two", "one", "one"])


async def test_a_file_over_the_limit_is_refused_by_the_server_too(
    start: Start, program: Connect
) -> None:
    sandbox = await start(max_file_bytes=10_000)
    client = program(sandbox)
    await client.sign_in()
    answer = await client.upload(b"x" * 3_000_000, ad_format="static_banner", name="a.png")
    assert answer.status == 413
    assert [arrival.result for arrival in sandbox.state.arrivals()] == ["incomplete"]
    assert list(sandbox.state.arrivals_folder.iterdir()) == []


async def test_a_file_whose_sender_goes_away_is_told_as_incomplete(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox = await start()
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("ad_format", "static_banner"), ("name", "gone.png"))
    ]
    body = "".join(parts) + '--x\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n'
    head = (
        "POST /media-library/upload HTTP/1.1\r\nHost: sandbox\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 900000\r\n\r\n"
    )
    port = int(sandbox.url.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{head}{body}\r\n".encode() + b"y" * 300_000)
    await writer.drain()
    writer.close()

    async def told() -> bool:
        return bool(sandbox.state.arrivals())

    await until(told)
    [arrival] = sandbox.state.arrivals()
    assert (arrival.name, arrival.result) == ("gone.png", "incomplete")
    assert sandbox.state.creatives() == []
    assert list(sandbox.state.arrivals_folder.iterdir()) == []
    assert caplog.records == []


async def test_uploads_share_the_speed_of_the_line(start: Start, program: Connect) -> None:
    sandbox = await start(upload_bytes_per_second=200_000)
    client = program(sandbox)
    await client.sign_in()
    began = time.monotonic()
    await asyncio.gather(
        *(
            client.upload(b"x" * 50_000, ad_format="static_banner", name=f"{number}.png")
            for number in range(2)
        )
    )
    assert time.monotonic() - began >= 0.45


@pytest.mark.parametrize(("manner", "stretches"), [("per_file", 2), ("never", 0)])
async def test_the_processing_message_may_come_and_go(
    start: Start, visit: Visit, banner: Banner, manner: str, stretches: int
) -> None:
    visitor = visit(await start(busy_message=manner, parallel_uploads=1, file_seconds=0.3))
    await visitor.open_library()
    await visitor.page.evaluate("""() => {
        const message = document.querySelector(".processingMessage");
        window.stretches = 0;
        let before = true;
        setInterval(() => {
            window.stretches += before && !message.hidden;
            before = message.hidden;
        }, 5);
    }""")
    await visitor.upload(banner("one.png"), banner("two.png"))
    await expect(visitor.page.locator("div.processingMessage")).to_be_hidden()
    assert await visitor.page.evaluate("window.stretches") == stretches


async def test_cards_show_a_picture_of_images_and_videos(
    start: Start, program: Connect, samples: list[Path]
) -> None:
    sandbox = await start(thumbnails=True)
    client = program(sandbox)
    await client.sign_in()
    for folder, ad_format in (("Image", "native_image"), ("Video", "native_video")):
        path = next(path for path in samples if path.parent.name == folder)
        await client.upload(path.read_bytes(), ad_format=ad_format, name=path.name)
        [creative] = sandbox.state.creatives(ad_format=ad_format)
        address = f"/media-library/thumbnail/{creative.id}"
        assert f'src="{address}"' in (await client.list(ad_format)).body["rows"]
        async with client.http.get(f"{sandbox.url}{address}") as response:
            with Image.open(BytesIO(await response.read())) as picture:
                assert picture.size == (320, 180)
