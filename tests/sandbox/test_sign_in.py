"""Signing in, staying signed in, and what stands there when that is over."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from .support import Connect, Start, Visit, until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]


async def test_the_button_is_disabled_until_a_person_solves_the_captcha(
    start: Start, visit: Visit
) -> None:
    visitor = visit(await start(captcha="person"))
    page = visitor.page
    await page.goto(f"{visitor.url}/sign-in")
    button = page.locator("input#submitBtn")
    assert await button.get_attribute("disabled") == ""
    assert await button.get_attribute("value") == "LOG IN"
    await page.fill('input[placeholder*="USERNAME"]', "sandbox")
    await page.fill('input[type="password"]', "sandbox-password")
    await page.click("text=I'm not a robot")
    await expect(button).to_be_enabled()
    await button.click()
    await expect(page.get_by_text("ALL CAMPAIGNS", exact=True)).to_be_visible()
    await expect(page.get_by_text("Account Balance", exact=True)).to_be_visible()
    assert page.url == f"{visitor.url}/dashboard"
    cookies = {cookie["name"]: cookie for cookie in await page.context.cookies()}
    assert cookies["tj_session"]["httpOnly"]


async def test_the_control_api_solves_the_captcha_of_an_open_page(
    start: Start, visit: Visit, program: Connect
) -> None:
    sandbox = await start(captcha="person")
    visitor = visit(sandbox)
    await visitor.page.goto(f"{visitor.url}/sign-in")
    assert (await program(sandbox).call("POST", "captcha/solve")).body == {"solved": 1}
    await expect(visitor.page.locator("input#submitBtn")).to_be_enabled()


async def test_a_captcha_can_solve_itself_after_a_while(start: Start, visit: Visit) -> None:
    visitor = visit(await start(captcha="auto", captcha_seconds=0.5))
    await visitor.page.goto(f"{visitor.url}/sign-in")
    await expect(visitor.page.locator("input#submitBtn")).to_be_disabled()
    await expect(visitor.page.locator("input#submitBtn")).to_be_enabled()


async def test_a_form_sent_past_the_captcha_signs_nobody_in(start: Start, program: Connect) -> None:
    client = program(await start(captcha="person"))
    assert await client.sign_in() == "/sign-in"
    assert (await client.list("static_banner")).status == 401


async def test_wrong_credentials_are_told_in_the_sites_words(start: Start, visit: Visit) -> None:
    visitor = visit(await start())
    await visitor.sign_in(password="not the password")
    await expect(visitor.page.get_by_text("don't recognize these credentials")).to_have_count(1)
    await visitor.sign_in()
    await expect(visitor.page.get_by_text("ALL CAMPAIGNS", exact=True)).to_be_visible()


async def test_the_cookie_banner_covers_the_page_until_it_is_accepted(
    start: Start, visit: Visit
) -> None:
    visitor = visit(await start(cookie_banner=True))
    page = visitor.page
    await page.goto(f"{visitor.url}/sign-in", wait_until="networkidle")
    covering = "document.elementFromPoint(innerWidth / 2, innerHeight / 3).closest('#cookieBanner')"
    assert await page.evaluate(f"{covering} !== null")
    await page.click("button:has-text('Accept All')")
    assert await page.evaluate(f"{covering} === null")
    await page.reload()
    await expect(page.locator("#cookieBanner")).to_be_hidden()


@pytest.mark.parametrize(
    ("form", "path"),
    [("sign_in", "/sign-in"), ("login", "/login"), ("missed_you", "/media-library")],
)
async def test_an_ended_session_shows_in_each_of_its_forms(
    start: Start, visit: Visit, program: Connect, form: str, path: str
) -> None:
    sandbox = await start(expired_page=form)
    visitor = visit(sandbox)
    await visitor.open_library()
    assert (await program(sandbox).call("POST", "sessions/expire")).body == {"ended": 1}
    await visitor.page.goto(f"{visitor.url}/media-library")
    assert visitor.page.url == f"{visitor.url}{path}"
    heading = await visitor.page.locator("h1").text_content()
    assert heading == ("We missed you" if form == "missed_you" else "Sign in")
    await expect(visitor.page.locator("input[name='password']")).to_be_visible()


async def test_one_can_sign_in_again_where_one_was_missed(
    start: Start, visit: Visit, program: Connect
) -> None:
    sandbox = await start(expired_page="missed_you")
    visitor = visit(sandbox)
    await visitor.open_library()
    await program(sandbox).call("POST", "sessions/expire")
    await visitor.page.goto(f"{visitor.url}/media-library")
    form = visitor.page.locator("form[action*='login']")
    await form.locator("input[name='username']").fill("sandbox")
    await form.locator("input[name='password']").fill("sandbox-password")
    await form.locator("input[type=submit]").click()
    await expect(visitor.page.get_by_text("ALL CAMPAIGNS", exact=True)).to_be_visible()


async def test_a_session_ends_when_its_lifetime_is_over(start: Start, program: Connect) -> None:
    client = program(await start(session_seconds=1))
    await client.sign_in()
    assert (await client.list("static_banner")).status == 200

    async def over() -> bool:
        return (await client.list("static_banner")).status == 401

    await until(over)


@pytest.mark.parametrize(
    ("where", "count", "visible"),
    [
        ("header", 1, True),
        ("menu", 1, False),
        ("none", 0, False),
    ],
)
async def test_the_accounts_name_stands_where_it_is_told_to(
    start: Start, visit: Visit, where: str, count: int, visible: bool
) -> None:
    visitor = visit(await start(account_name=where))
    await visitor.open_library()
    name = visitor.page.get_by_text("sandbox", exact=True)
    assert await name.count() == count
    assert await name.is_visible() == visible


async def test_accounts_have_libraries_of_their_own(start: Start, program: Connect) -> None:
    sandbox = await start(accounts={"one": "first-password", "two": "second-password"})
    client = program(sandbox)
    await client.call(
        "POST", "library", {"account": "two", "count": 1, "ad_format": "native_image"}
    )
    await client.sign_in("one", "first-password")
    assert "data-id" not in (await client.list("native_image")).body["rows"]
    client.http.cookie_jar.clear()
    await client.sign_in("two", "second-password")
    assert "data-id" in (await client.list("native_image")).body["rows"]


async def test_signing_out_ends_the_session(start: Start, visit: Visit) -> None:
    visitor = visit(await start())
    await visitor.open_library()
    await visitor.page.click("text=Sign out")
    await visitor.page.goto(f"{visitor.url}/media-library")
    assert visitor.page.url == f"{visitor.url}/sign-in"
