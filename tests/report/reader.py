"""A real browser that reads pages, and what can be measured in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import Factory, frozen
from playwright.async_api import Browser, Page, async_playwright

from creative_flow.browser import launch_options, require_chromium

CONTRAST = """() => {
  const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) =>
    0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const found = parse(getComputedStyle(e).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const worst = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    if (element.closest(".unseen, script, style, :disabled, option, title")) continue;
    const style = getComputedStyle(element);
    const colour = element.closest("svg") ? style.fill : style.color;
    const [one, other] = [luminance(parse(colour)), luminance(ground(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) worst.push([walk.currentNode.textContent.trim(), element.className, ratio]);
  }
  return worst;
}"""
"""Every text that stands out from its ground by less than WCAG 2.2 (AA) wants."""


@frozen
class Reader:
    """A browser, and what the pages it read have asked for and complained about."""

    browser: Browser
    asked: list[str] = Factory(list)
    complaints: list[str] = Factory(list)

    @asynccontextmanager
    async def reading(self, path: Path, width: int = 1280, **options: Any) -> AsyncIterator[Page]:
        """Open a page from the disk, in a window of this width."""
        self.asked.clear()
        self.complaints.clear()
        context = await self.browser.new_context(
            viewport={"width": width, "height": 900}, **options
        )
        page = await context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        await page.goto(path.as_uri())
        yield page
        await context.close()

    @property
    def reached_out(self) -> list[str]:
        """What was asked for that does not lie on this machine."""
        return [url for url in self.asked if not url.startswith(("file:", "data:"))]


@asynccontextmanager
async def reader() -> AsyncIterator[Reader]:
    """Start a browser."""
    async with async_playwright() as playwright:
        options = launch_options(require_chromium(), headless=True)
        browser = await playwright.chromium.launch(**options)
        yield Reader(browser)
        await browser.close()


async def sideways(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    found: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found


async def names(page: Page) -> list[str]:
    """Return the names of the files that are shown, in order."""
    return await page.locator("table.files tbody th > bdi").all_text_contents()
