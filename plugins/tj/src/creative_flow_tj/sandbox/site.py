"""The parts of a running sandbox, and how a request finds them."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs
from aiohttp import web

from creative_flow_tj.sandbox.campaigns.state import CampaignState
from creative_flow_tj.sandbox.drift import Drift, drift_of
from creative_flow_tj.sandbox.faults import Faults
from creative_flow_tj.sandbox.settings import Settings
from creative_flow_tj.sandbox.state import State

SESSION_COOKIE = "tj_session"
MAX_OPEN_SIGN_INS = 1000


class Captchas:
    """The captchas of the sign-in pages that are open, each known by its page's token."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, tuple[float, bool]] = OrderedDict()

    def open(self) -> str:
        """Return the token of a new sign-in page. Of very many, the oldest are forgotten."""
        token = secrets.token_urlsafe(12)
        self._pages[token] = (time.monotonic(), False)
        if len(self._pages) > MAX_OPEN_SIGN_INS:
            self._pages.popitem(last=False)
        return token

    def solve(self, token: str) -> None:
        """Take one page's captcha as solved."""
        if token in self._pages:
            self._pages[token] = (self._pages[token][0], True)

    def solve_all(self) -> int:
        """Take every open page's captcha as solved; return how many were not solved before."""
        unsolved = [token for token, (_, solved) in self._pages.items() if not solved]
        for token in unsolved:
            self.solve(token)
        return len(unsolved)

    def solved(self, token: str, settings: Settings) -> bool:
        """Return whether that page may be sent."""
        if settings.captcha == "none":
            return True
        opened_at, solved = self._pages.get(token, (0.0, False))
        if settings.captcha == "auto" and token in self._pages:
            solved = solved or time.monotonic() - opened_at >= settings.captcha_seconds
        return solved

    def close(self, token: str) -> None:
        """Forget a page that was sent."""
        self._pages.pop(token, None)


class UploadingPages:
    """Which pages of which account are uploading now."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._busy: Counter[tuple[str, str]] = Counter()

    @asynccontextmanager
    async def turn(self, account: str, page: str, mode: str) -> AsyncIterator[bool]:
        """Let a page of an account upload one file; give False if it is refused.

        ``mode`` is the setting ``concurrent_pages``; "queued" waits until no other page is busy.
        """
        async with self._changed:
            if mode == "queued":
                await self._changed.wait_for(lambda: not self._others(account, page))
            admitted = mode != "refused" or not self._others(account, page)
            if admitted:
                self._busy[account, page] += 1
        try:
            yield admitted
        finally:
            if admitted:
                self._busy -= Counter({(account, page): 1})
            async with self._changed:
                self._changed.notify_all()

    def _others(self, account: str, page: str) -> bool:
        return any(owner == account and other != page for owner, other in self._busy)


class Link:
    """The line by which uploads come in: all of them share its speed."""

    def __init__(self) -> None:
        self._free_at = 0.0

    async def carry(self, size: int, bytes_per_second: int) -> None:
        """Wait as long as that many bytes take; a speed of 0 means no time."""
        if not bytes_per_second:
            return
        now = time.monotonic()
        self._free_at = max(self._free_at, now) + size / bytes_per_second
        await asyncio.sleep(self._free_at - now)


@attrs.define(kw_only=True)
class Site:
    """Everything that a request may need.

    ``requests`` counts those answered, by path kind; ``changes`` how often a list has grown or
    shrunk by itself.
    """

    settings: Settings
    state: State
    faults: Faults = attrs.field(factory=Faults)
    captchas: Captchas = attrs.field(factory=Captchas)
    uploading: UploadingPages = attrs.field(factory=UploadingPages)
    link: Link = attrs.field(factory=Link)
    requests: Counter[str] = attrs.field(factory=Counter)
    changes: int = 0
    closing: asyncio.Event = attrs.field(factory=asyncio.Event)
    campaign_state: CampaignState = attrs.field()
    luck: random.Random = attrs.field()

    @campaign_state.default
    def _beside_the_creatives(self) -> CampaignState:
        return CampaignState(self.state)

    @luck.default
    def _seeded_luck(self) -> random.Random:
        return random.Random(self.settings.seed)  # noqa: S311  it decides processing times

    @property
    def campaigns(self) -> CampaignState:
        """What is remembered of campaigns, those that are there from the start included."""
        self.campaign_state.fill(self.settings)
        return self.campaign_state

    @property
    def drift(self) -> Drift | None:
        """How the site has changed, if it has."""
        only = self.settings.drift_only
        return drift_of(self.settings.drift, "" if only == "seeded" else only)

    @property
    def shown(self) -> Settings:
        """The settings, with what the drift makes of them."""
        return self.settings.changed(self.drift.settings) if self.drift else self.settings

    def account_of(self, request: web.Request) -> str | None:
        """Return the account that the request's session is signed in to, if it lives."""
        account = self.state.session_account(
            session_token(request), lives_seconds=self.settings.session_seconds
        )
        return account if account in self.settings.accounts else None

    async def pause(self, seconds: float) -> None:
        """Let time pass, but no longer than until the sandbox stops."""
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self.closing.wait()
        except TimeoutError:
            return


SITE: web.AppKey[Site] = web.AppKey("site", Site)
"""Where the application keeps its `Site`."""


def session_token(request: web.Request) -> str:
    """Return the token of the session that the request belongs to, "" if it has none."""
    return request.cookies.get(SESSION_COOKIE, "")
