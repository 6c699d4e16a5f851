"""Tells when a page has come to rest, so that nobody waits for what will not come."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

    from creative_flow_tj.traffic import Traffic

_SIGNS = """() => [
  location.href,
  document.readyState,
  document.querySelectorAll("*").length,
  document.body ? document.body.innerText.replace(/\\d+/g, "").length : 0,
]"""
"""What changes when a page shows something new, and stays while a clock on it ticks."""


class Rest:
    """The rest of one page: nothing new in it, and nothing that it asked for, for ``seconds``.

    What has been under way for more than ``patience`` seconds does not count as asked for: pages
    keep connections open for news.
    """

    def __init__(self, page: Page, traffic: Traffic, *, seconds: float, patience: float) -> None:
        self._page = page
        self._traffic = traffic
        self._seconds = seconds
        self._patience = patience
        self._signs: list[object] = []
        self._since = monotonic()

    async def reached(self) -> bool:
        """Look once more, and say whether the page is at rest by now."""
        signs: list[object] = await self._page.evaluate(_SIGNS)
        waiting = "complete" not in signs or self._traffic.pending(0, younger=self._patience)
        if waiting or signs != self._signs:
            self._signs, self._since = signs, monotonic()
        return monotonic() - self._since >= self._seconds
