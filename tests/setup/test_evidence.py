"""Evidence shows what was seen, never a secret, and never stands in the way of the error."""

from __future__ import annotations

import asyncio
import html
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from playwright.async_api import Browser, Error, Page, async_playwright

from creative_flow.browser import find_chromium, launch_options, redact_html, save_evidence

PASSWORD = "p&<>\"' w0rd+ü%/\\"

PAGE = """<!DOCTYPE html><html><head>
<meta name="csrf-token" content="meta-secret"><meta name="description" content="A fine page">
<script nonce="nonce-secret">var session = "script-secret";</script>
<script src="/app.js?v=3&amp;token=address-secret"></script></head>
<body onload="start('event-secret')" data-csrf="data-secret"><!-- comment-secret -->
<form action="/login"><input type="password" value="typed-secret">
<input type="HIDDEN" name="x" value="hidden-secret"><input name="api_key" value="named-secret">
<input name="user" value="ana@example.com">
<textarea name="g-recaptcha-response"><b>textarea-secret</b></textarea></form>
<div class="creativeContainer" data-id="1032530511">Tom &amp; Jerry &lt;3</div></body></html>"""


def test_what_is_named_like_a_secret_is_taken_out() -> None:
    assert "-secret" not in redact_html(PAGE)


def test_what_is_no_secret_stays_as_it_was() -> None:
    shown = redact_html(PAGE)
    for kept in (
        "<!DOCTYPE html>",
        '<meta name="description" content="A fine page">',
        'src="/app.js?v=3&amp;token=',
        '<input name="user" value="ana@example.com">',
        '<div class="creativeContainer" data-id="1032530511">Tom &amp; Jerry &lt;3</div>',
        "</textarea></form>",
    ):
        assert kept in shown


@pytest.mark.parametrize(
    "written",
    [
        PASSWORD,
        html.escape(PASSWORD),
        html.escape(PASSWORD, quote=False),
        quote(PASSWORD, safe=""),
        quote_plus(PASSWORD),
        json.dumps(PASSWORD)[1:-1],
        "".join(f"&#{ord(each)};" for each in PASSWORD),
        "".join(f"&#X{ord(each):04X};" for each in PASSWORD),
        PASSWORD.replace("ü", "&uuml;").replace(" ", "&nbsp;"),
    ],
)
def test_a_given_secret_is_taken_out_however_it_is_written(written: str) -> None:
    shown = redact_html(f"<p>before {written} after</p>", [PASSWORD])
    assert shown == "<p>before [redacted] after</p>"


@given(secret=st.text(st.characters(codec="utf-8"), min_size=4, max_size=30))
def test_any_secret_is_taken_out_of_text_and_attributes(secret: str) -> None:
    escaped = html.escape(secret)
    shown = redact_html(f'<p title="{escaped}">{escaped}</p>', [secret])
    assert shown == '<p title="[redacted]">[redacted]</p>'


def test_of_two_secrets_the_longer_goes_first_and_an_empty_one_is_none() -> None:
    assert redact_html("<p>hunter2x hunter2</p>", ["hunter2", "", "hunter2x"]) == (
        "<p>[redacted] [redacted]</p>"
    )


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    found = find_chromium()
    if found is None:
        pytest.skip("there is no browser on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options(found, headless=True))
        yield browser
        await browser.close()


in_one_browser = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    opened = await browser.new_page()
    yield opened
    await opened.context.close()


def names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


@pytest.mark.browser
@in_one_browser
async def test_a_picture_and_the_page_are_saved_for_their_owner_only(
    page: Page, tmp_path: Path
) -> None:
    await page.set_content(PAGE)
    await page.locator("[type=password]").fill(PASSWORD)
    await page.evaluate("text => document.body.append(text)", PASSWORD)
    snapshot, picture = await save_evidence(
        page, tmp_path / "deep" / "er", "no-cards", secrets=[PASSWORD]
    )
    assert snapshot.parent == tmp_path / "deep" / "er"
    assert snapshot.stem == picture.stem
    assert snapshot.stem.endswith("Z-no-cards")
    assert {each.stat().st_mode & 0o777 for each in (snapshot, picture)} == {0o600}
    assert picture.read_bytes().startswith(b"\x89PNG")
    text = snapshot.read_text()
    assert "1032530511" in text
    assert "-secret" not in text
    assert "w0rd" not in text


@pytest.mark.browser
@in_one_browser
async def test_a_cookies_value_is_a_secret_too(page: Page, tmp_path: Path) -> None:
    await page.context.add_cookies(
        [{"name": "sid", "value": "abcdef123456", "url": "http://127.0.0.1/"}]
    )
    await page.set_content("<p>you are abcdef123456</p>")
    [snapshot, _] = await save_evidence(page, tmp_path, "x")
    assert "abcdef123456" not in snapshot.read_text()


@pytest.mark.browser
@in_one_browser
async def test_a_hostile_label_does_no_harm(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    for label in ("../../etc/passwd", "/", "", "a\0b\nc", "ü" * 300, ".hidden"):
        files = await save_evidence(page, folder, label)
        assert [each.parent for each in files] == [folder, folder]
        assert {each.name for each in files} <= set(names(folder))
    assert names(tmp_path) == ["evidence"]


@pytest.mark.browser
@in_one_browser
async def test_evidence_never_replaces_evidence(page: Page, tmp_path: Path) -> None:
    saved = await asyncio.gather(*(save_evidence(page, tmp_path, "same") for _ in range(3)))
    files = [path for files in saved for path in files]
    assert len(set(files)) == len(names(tmp_path)) == 6


@pytest.mark.browser
@in_one_browser
async def test_a_page_that_hangs_is_given_up_in_time(page: Page, tmp_path: Path) -> None:
    hanging = asyncio.ensure_future(page.evaluate("() => { while (true); }"))
    started = time.monotonic()
    assert await save_evidence(page, tmp_path, "hung", limit=0.5) == ()
    assert time.monotonic() - started < 4
    hanging.cancel()


@pytest.mark.browser
@in_one_browser
async def test_a_page_that_crashed_or_is_gone_gives_nothing_and_raises_nothing(
    tmp_path: Path,
) -> None:
    async with chromium() as browser:
        crashed, closed, left = [await browser.new_page() for _ in range(3)]
        with pytest.raises(Error):
            await crashed.goto("chrome://crash", timeout=5000)
        await closed.close()
        assert await save_evidence(crashed, tmp_path, "crashed") == ()
        assert await save_evidence(closed, tmp_path, "closed") == ()
    assert await save_evidence(left, tmp_path, "left") == ()


@pytest.mark.browser
@in_one_browser
async def test_a_folder_that_cannot_be_written_is_logged(
    page: Page, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    assert await save_evidence(page, tmp_path / "file" / "folder", "x") == ()
    assert "Evidence can't be saved" in caplog.text
