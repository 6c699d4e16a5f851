"""Somebody at a browser who has never seen the site's source: goes by roles and texts alone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from creative_flow_tj.sandbox import TjSandbox

LOG_IN = re.compile(r"^(log in|sign in|continue)$", re.IGNORECASE)
COOKIES = re.compile(r"accept all|i agree|allow all|got it", re.IGNORECASE)
NEWS = re.compile(r"got it|not now|dismiss", re.IGNORECASE)
UPLOAD = re.compile(r"^(?!how|upload rules).*(upload|(add|new) creative)", re.IGNORECASE)
BROWSE = re.compile(r"browse|(choose|select) files", re.IGNORECASE)
CLOSE = re.compile(r"close|done|^[×✕]$", re.IGNORECASE)
NEXT = re.compile(r"^(next|next page|›|»|older)$", re.IGNORECASE)
NATIVE = re.compile(r"^native", re.IGNORECASE)
IN_STREAM = re.compile(r"in-stream", re.IGNORECASE)
VIDEO = re.compile(r"rollover|video|teaser", re.IGNORECASE)


class Person:
    """Goes by what is seen. Every method waits until what was done shows."""

    def __init__(self, page: Page, sandbox: TjSandbox) -> None:
        self.page = page
        self.sandbox = sandbox
        self.failures: list[str] = []
        page.on("pageerror", lambda error: self.failures.append(str(error)))

    def control(self, name: re.Pattern[str], *, inside: Locator | None = None) -> Locator:
        """Return the first button, link or tab that is seen with that name."""
        place = inside or self.page.locator("body")
        kinds = [place.get_by_role(role, name=name) for role in ("tab", "button", "link")]
        return kinds[0].or_(kinds[1]).or_(kinds[2]).filter(visible=True).first

    async def sign_in(self) -> None:
        """Accept cookies, fill in the form, and arrive."""
        page = self.page
        await page.goto(f"{self.sandbox.url}/sign-in")
        await self.control(COOKIES).click()
        await page.get_by_role("textbox").first.fill("sandbox")
        await page.locator("input[type=password]").fill("sandbox-password")
        await self.control(LOG_IN).click()
        await expect(page.get_by_text("$0.00")).to_be_visible()

    async def open_library(self) -> None:
        """Follow the link to the media library, and dismiss what is in the way."""
        await self.page.get_by_role("link", name="Media Library").first.click()
        await expect(self.upload_button).to_be_visible()
        news = self.page.get_by_role("dialog", name="News")
        if await news.is_visible():
            await self.control(NEWS, inside=news).click()

    @property
    def upload_button(self) -> Locator:
        """What opens the upload panel; not a link to advice about uploading."""
        return self.control(
            re.compile(rf"^(?!how|upload rules).*({UPLOAD.pattern})", re.IGNORECASE)
        )

    async def open_tab(self, name: re.Pattern[str], first_name: str) -> None:
        """Choose a tab, and wait until its newest creative is seen."""
        await self.control(name, inside=self.page.locator("main")).click()
        await self.sees(first_name)

    async def choose_native_videos(self, first_name: str) -> None:
        """Choose the videos under the tab Native: a radio button or an entry of a list box."""
        box = self.page.get_by_role("combobox").filter(
            has=self.page.get_by_role("option", name=VIDEO)
        )
        if await box.count():
            await box.select_option(index=1)
        else:
            await self.page.get_by_role("radio", name=VIDEO).check()
        await self.sees(first_name)

    async def go_on(self, first_name: str) -> None:
        """Turn to the next page of the list, on which the first one's newest is not."""
        await self.control(NEXT).click()
        await expect(self.page.get_by_text(first_name)).to_have_count(0)

    async def upload(self, file: Path) -> None:
        """Open the panel, choose a file, wait for the site to have it, and close the panel."""
        await self.upload_button.click()
        async with self.page.expect_file_chooser() as chooser:
            await self.control(BROWSE).click()
        await (await chooser.value).set_files(file)
        await expect(self.page.get_by_text(file.name, exact=True)).to_be_visible()
        await self.sees(file.stem)
        if await self.page.get_by_text("Press Escape to close").is_visible():
            await self.page.keyboard.press("Escape")
        elif await self.control(CLOSE).is_visible():
            await self.control(CLOSE).click()
        await expect(self.upload_button).to_be_enabled()

    async def sees(self, name: str) -> None:
        """Wait until a creative's name stands in the page."""
        whole = re.compile(rf"{re.escape(name)}$")  # a preview's name goes on: it has an extension
        await expect(self.page.locator("main").get_by_text(whole).first).to_be_attached()
