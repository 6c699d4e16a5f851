"""The list of creatives: tabs, cards, pages, and reloads in the background."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect

from .support import Connect, Program, Start, Visit

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]

CARD = "div.creativeContainer.globalCreativeContainer"


async def seed(client: Program, ad_format: str, *names: str) -> list[str]:
    creatives = [{"name": name, "ad_format": ad_format} for name in names]
    answer = await client.call("POST", "library", {"creatives": creatives})
    return list(answer.body["ids"])


async def test_each_tab_lists_its_own_ad_format(
    start: Start, visit: Visit, program: Connect
) -> None:
    sandbox = await start()
    client = program(sandbox)
    for ad_format in (
        "static_banner",
        "video_banner",
        "in_stream_video",
        "native_image",
        "native_video",
    ):
        await seed(client, ad_format, f"a {ad_format}")
    visitor = visit(sandbox)
    await visitor.open_library()
    page = visitor.page
    await expect(page.get_by_text("MEDIA LIBRARY", exact=True)).to_be_visible()
    names = page.locator("label.creativeName")
    await expect(names).to_have_text(["a static_banner"])
    for selector, ad_format in (
        ("a#video_tab", "video_banner"),
        ("a#in_stream_video_tab", "in_stream_video"),
        ("a#native_tab", "native_image"),
        ("label:has(input#native_rollover)", "native_video"),
        ("label:has(input#native_static)", "native_image"),
        ("a#static_tab", "static_banner"),
    ):
        await page.click(selector)
        await expect(names).to_have_text([f"a {ad_format}"])
    await expect(page.locator("input[name=native_type]").first).to_be_hidden()
    assert await page.locator('a[href="#in_stream_video"]').count() == 1
    values = page.locator("input[name=native_type]")
    assert [await values.nth(number).get_attribute("value") for number in (0, 1)] == ["0", "1"]


async def test_a_card_is_built_as_the_sites_cards_are(
    start: Start, visit: Visit, program: Connect
) -> None:
    sandbox = await start()
    [creative_id] = await seed(program(sandbox), "static_banner", "EN_Summer_ID-1A2B3C4D")
    visitor = visit(sandbox)
    await visitor.open_library()
    source = await visitor.page.locator(CARD).evaluate("card => card.outerHTML")
    assert re.sub(r"\s+", " ", source).startswith(
        '<div class="creativeContainer globalCreativeContainer" '
        f'data-id="{creative_id}" data-review-status="pending"> '
        '<label class="creativeName checkboxLabel mb-0" '
        'title="EN_Summer_ID-1A2B3C4D">EN_Summer_ID-1A2B3C4D</label> '
        f'<span class="bannerId">{creative_id}</span> '
    )
    card = visitor.page.locator(CARD)
    await expect(card.locator("span.dimensions")).to_have_text("300x250")
    await expect(card.locator("span.fileType")).to_have_text("png")
    status = card.locator("span.reviewStatus")
    assert await status.get_attribute("data-review-status") == "pending"


@pytest.mark.parametrize(
    ("ad_format", "dimensions", "file_types"),
    [
        ("static_banner", 1, 1),
        ("native_image", 1, 1),
        ("video_banner", 1, 0),
        ("in_stream_video", 0, 0),
    ],
)
async def test_some_tabs_tell_less(
    start: Start, program: Connect, ad_format: str, dimensions: int, file_types: int
) -> None:
    client = program(await start(file_type_dot=True))
    await client.sign_in()
    await seed(client, ad_format, "a name")
    rows = (await client.list(ad_format)).body["rows"]
    assert rows.count('<span class="dimensions">') == dimensions
    assert rows.count('<span class="fileType">.') == file_types


async def test_old_cards_stand_until_the_new_ones_have_come(
    start: Start, visit: Visit, program: Connect
) -> None:
    sandbox = await start()
    client = program(sandbox)
    await seed(client, "static_banner", "old")
    await seed(client, "video_banner", "new")
    visitor = visit(sandbox)
    await visitor.open_library()
    await client.call("PATCH", "settings", {"list_seconds": 1})
    await visitor.page.click("a#video_tab")
    await expect(visitor.page.locator(".dataTables_processing")).to_be_visible()
    assert await visitor.names() == ["old"]
    assert "active" in str(await visitor.page.locator("a#video_tab").get_attribute("class"))
    await expect(visitor.page.locator("label.creativeName")).to_have_text(["new"])
    await expect(visitor.page.locator(".dataTables_processing")).to_be_hidden()


async def test_an_answer_that_was_overtaken_is_dropped(
    start: Start, visit: Visit, program: Connect
) -> None:
    sandbox = await start()
    client = program(sandbox)
    await seed(client, "video_banner", "overtaken")
    await seed(client, "in_stream_video", "wanted")
    visitor = visit(sandbox)
    await visitor.open_library()
    await client.call("POST", "faults", {"path": "list", "kind": "drip", "seconds": 0.6})
    async with visitor.page.expect_response("**/list?ad_format=video_banner*") as late:
        await visitor.page.click("a#video_tab")
        await visitor.page.click("a#in_stream_video_tab")
        await expect(visitor.page.locator("label.creativeName")).to_have_text(["wanted"])
    await (await late.value).finished()
    assert await visitor.names() == ["wanted"]


async def test_a_tab_that_is_chosen_already_reloads_nothing(
    start: Start, visit: Visit, program: Connect
) -> None:
    sandbox = await start()
    client = program(sandbox)
    visitor = visit(sandbox)
    await visitor.open_library()
    await visitor.page.click("a#static_tab")
    async with visitor.page.expect_response("**/list?*"):
        await visitor.page.click("a#native_tab")
    await visitor.page.click("label:has(input#native_static)")
    async with visitor.page.expect_response("**/list?ad_format=native_video*"):
        await visitor.page.click("label:has(input#native_rollover)")
    assert (await client.call("GET", "requests")).body["list"] == 3


async def test_lists_have_twelve_to_a_page_and_the_newest_first(
    start: Start, visit: Visit, program: Connect
) -> None:
    sandbox = await start()
    names = [f"creative {number}" for number in range(1, 31)]
    await seed(program(sandbox), "static_banner", *names)
    visitor = visit(sandbox)
    await visitor.open_library()
    following = visitor.page.locator("a.page-link", has_text="Next")
    info = visitor.page.locator("#creativesTable_info")
    seen = await visitor.names()
    for shown in ("Showing 13 to 24 of 30 entries", "Showing 25 to 30 of 30 entries"):
        assert "disabled" not in str(await following.locator("xpath=..").get_attribute("class"))
        await following.click()
        await expect(info).to_have_text(shown)
        seen += await visitor.names()
    assert seen == names[::-1]
    assert "disabled" in str(await following.locator("xpath=..").get_attribute("class"))
    await visitor.page.locator("a.page-link", has_text="Previous").click()
    await expect(info).to_have_text("Showing 13 to 24 of 30 entries")
    await visitor.page.get_by_role("link", name="1", exact=True).click()
    await expect(info).to_have_text("Showing 1 to 12 of 30 entries")


async def test_an_empty_list_says_so(start: Start, visit: Visit) -> None:
    visitor = visit(await start())
    await visitor.open_library()
    await expect(visitor.page.locator("div.emptyLibrary")).to_be_visible()
    assert await visitor.page.locator(CARD).count() == 0


async def test_an_empty_list_can_say_so_in_a_row_of_the_table(
    start: Start, program: Connect
) -> None:
    client = program(await start(empty_sign="table_row"))
    await client.sign_in()
    body = (await client.list("static_banner")).body
    assert '<td class="dataTables_empty">' in body["rows"]
    assert body["sign"] == ""


@pytest.mark.parametrize("manner", ["keep", "message", "sign_in"])
async def test_a_failed_reload_leaves_the_old_cards(
    start: Start, visit: Visit, program: Connect, manner: str
) -> None:
    sandbox = await start(list_failure=manner)
    client = program(sandbox)
    await seed(client, "static_banner", "old")
    visitor = visit(sandbox)
    await visitor.open_library()
    await client.call("POST", "faults", {"path": "list", "kind": "status"})
    async with visitor.page.expect_response(lambda response: response.status == 500):
        await visitor.page.click("a#video_tab")
    await expect(visitor.page.locator(".dataTables_processing")).to_be_hidden()
    assert await visitor.names() == ["old"]
    assert await visitor.page.locator("#listMessage").is_visible() == (manner == "message")


async def test_a_failed_reload_can_open_a_dialog(
    start: Start, visit: Visit, program: Connect
) -> None:
    sandbox = await start(list_failure="dialog")
    visitor = visit(sandbox)
    await visitor.open_library()
    await program(sandbox).call("POST", "faults", {"path": "list", "kind": "status"})
    async with visitor.page.expect_event("dialog") as dialog:
        click = asyncio.create_task(visitor.page.click("a#video_tab"))
    assert "Ajax error" in (await dialog.value).message
    await (await dialog.value).dismiss()
    await click


async def test_a_page_may_go_to_the_sign_in_when_the_list_is_refused(
    start: Start, visit: Visit, program: Connect
) -> None:
    sandbox = await start(list_failure="sign_in")
    visitor = visit(sandbox)
    await visitor.open_library()
    await program(sandbox).call("POST", "sessions/expire")
    await visitor.page.click("a#video_tab")
    await visitor.page.wait_for_url("**/sign-in")


async def test_a_list_request_without_a_session_can_be_answered_with_the_login_page(
    start: Start, program: Connect
) -> None:
    client = program(await start(expired_list="login_page"))
    answer = await client.get("/media-library/list?ad_format=native_image")
    assert answer.status == 200
    assert 'id="submitBtn"' in answer.body


async def test_names_are_escaped_in_the_source_and_whole_on_the_page(
    start: Start, visit: Visit, program: Connect
) -> None:
    name = """<b>Ümläut</b> & "quotes" 'n' #1 100%  two  spaces"""
    sandbox = await start()
    await seed(program(sandbox), "static_banner", name)
    visitor = visit(sandbox)
    await visitor.open_library()
    assert await visitor.names() == [name]
    assert await visitor.page.locator("label.creativeName").get_attribute("title") == name


async def test_names_can_be_folded_and_cut(start: Start, program: Connect) -> None:
    client = program(await start(fold_white_space=True, name_limit=8, name_limit_in="label"))
    await client.sign_in()
    await seed(client, "static_banner", " one   two three")
    rows = (await client.list("static_banner")).body["rows"]
    assert 'title="one two three">one two …</label>' in rows


async def test_the_first_list_can_stand_in_the_page(
    start: Start, visit: Visit, program: Connect
) -> None:
    sandbox = await start(first_list="in_page")
    client = program(sandbox)
    await seed(client, "static_banner", "at once")
    visitor = visit(sandbox)
    await visitor.open_library()
    assert await visitor.names() == ["at once"]
    assert (await client.call("GET", "requests")).body["list"] == 0


async def test_a_review_status_is_shown_on_the_card(start: Start, program: Connect) -> None:
    client = program(await start())
    await client.sign_in()
    [creative_id] = await seed(client, "static_banner", "judged")
    await client.call("POST", f"creatives/{creative_id}", {"review_status": "rejected"})
    rows = (await client.list("static_banner")).body["rows"]
    assert f'data-id="{creative_id}" data-review-status="rejected"' in rows
    assert '<span class="reviewStatus" data-review-status="rejected">Rejected</span>' in rows


async def test_twenty_thousand_creatives_are_listed_page_by_page(
    start: Start, program: Connect
) -> None:
    client = program(await start())
    await client.sign_in()
    answer = await client.call("POST", "library", {"count": 20_000, "ad_format": "native_video"})
    assert len(set(answer.body["ids"])) == 20_000
    last = (await client.list("native_video", page=1667)).body
    assert last["rows"].count("data-id") == 20_000 - 1666 * 12
    assert "Showing 19993 to 20000 of 20000 entries" in last["foot"]


async def test_selectors_of_older_clients_find_what_they_look_for(
    start: Start, visit: Visit, program: Connect
) -> None:
    sandbox = await start(captcha="person")
    await seed(program(sandbox), "static_banner", "a name")
    visitor = visit(sandbox)
    page = visitor.page
    # A page that asks for its captcha again and again must come to rest in between.
    await page.goto(f"{visitor.url}/sign-in", wait_until="networkidle")
    await visitor.open_library()
    for selector in (
        "text=MEDIA LIBRARY",
        'button:has-text("Upload")',
        'a[href="#native"]',
        "a.tab:has-text('Native')",
        "div.creativeContainer[data-id]",
        "span.bannerId",
        'a.page-link:has-text("Next")',
    ):
        await expect(page.locator(selector).first).to_be_visible()
    await page.click("a#native_tab")
    for selector in ('label:has-text("Static Banner")', 'label:has-text("Rollover")'):
        await expect(page.locator(selector).first).to_be_visible()
    await page.locator('[data-gtm-index="uploadCreativesMediaLibrary"]').click()
    await expect(page.locator('span:has-text("Browse your computer")')).to_be_visible()
    assert await page.locator("div.processingMessage.customMessage").count() == 1
