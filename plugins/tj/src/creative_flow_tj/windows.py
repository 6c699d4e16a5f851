"""The windows of one login: pages of one browser, that don't stand in each other's light."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

from attrs import define, field

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page


@define
class Shared:
    """What all pages of one login have in common, given back when the last page closes."""

    browser: BrowserContext
    stop: Any
    pages: int = 0
    _opening: asyncio.Lock = field(factory=asyncio.Lock)

    async def new_window(self, beside: Page) -> Page:
        """Open another page, in a window of its own.

        In the back of another page it would be drawn, and so clicked, only now and then.
        """
        from playwright.async_api import Error

        whole = self.browser.browser
        if whole is None:
            return await self.browser.new_page()
        blank = f"about:blank#{secrets.token_hex(8)}"
        async with self._opening:
            try:
                control = await whole.new_browser_cdp_session()
                one_of = await self.browser.new_cdp_session(beside)
                about = (await one_of.send("Target.getTargetInfo"))["targetInfo"]
                async with self.browser.expect_page(lambda page: page.url == blank) as opened:
                    await control.send(
                        "Target.createTarget",
                        {
                            "url": blank,
                            "newWindow": True,
                            "browserContextId": about["browserContextId"],
                        },
                    )
                page = await opened.value
                await one_of.detach()
                await control.detach()
            except Error:
                # A browser that knows no windows has no back and front, either.
                return await self.browser.new_page()
        return page
