"""A signed-in page of the site, and the few ways in which the plugin may touch it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from math import inf
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

from attrs import evolve, frozen

from creative_flow.errors import LoginLost, PageNotUnderstood, PlatformUnreachable
from creative_flow.platform import Context, Session
from creative_flow.waiting import until
from creative_flow_tj.covers import closer_of, is_covered
from creative_flow_tj.rest import Rest
from creative_flow_tj.texts import first_line, says
from creative_flow_tj.traffic import Traffic
from creative_flow_tj.windows import Shared

if TYPE_CHECKING:
    from playwright.async_api import (
        BrowserContext,
        Dialog,
        ElementHandle,
        Frame,
        Locator,
        Page,
    )

    from creative_flow.checks import Check
    from creative_flow_tj.site import Ranked, Site


T = TypeVar("T")

_BETWEEN_PAGES = ("context was destroyed", "Cannot find context", "because of a navigation")
_LOOK_SECONDS = 5.0
"""How long a look at a page that is not understood may take; a page may hang."""


class Where(Enum):
    """What kind of page stands in the window."""

    INSIDE = auto()
    SIGN_IN = auto()
    ELSEWHERE = auto()


@frozen
class Sent:
    """A batch that went through a page: into which ad format, under which names.

    ``since`` is the traffic's mark from before, ``mark`` the one on the cards that stood there.
    """

    ad_format: str
    keys: frozenset[str]
    since: int
    mark: str


class TjSession(Session):
    """One page of one login. ``login`` is who it was made for."""

    def __init__(
        self, context: Context, site: Site, shared: Shared, page: Page, login: str
    ) -> None:
        self.context = context
        self.site = site
        self.page = page
        self.login = login
        self.shows: str | None = None
        """The ad format whose list is proved to stand in the page; None after any navigation."""
        self.untouched = False
        """Whether the library stands in the page as it was opened, perhaps still loading."""
        self.sent: Sent | None = None
        """The batch that went through the page as it stands there, until its list was read."""
        self.loaded_at = -inf
        """The monotonic time when the list that stands there was last asked for, or came."""
        self._shared = shared
        self._closed = False
        shared.pages += 1
        hosts = frozenset(
            urlsplit(context.settings[name]).hostname or ""
            for name in ("TJ_BASE_URL", "TJ_LOGIN_URL")
        )
        self.traffic = Traffic(page, hosts, site.words("addresses.sign_in_signs"))
        self.loading_since = 0
        """The traffic's mark from before the page that stands here was opened."""
        page.on("dialog", _answer_dialog)
        page.on("framenavigated", self._navigated)

    # ── Session ──────────────────────────────────────────────────────────────────────────────────

    async def alive(self) -> bool:
        """Open the media library and say whether it is shown, not a sign-in page.

        Raises `PageNotUnderstood` if something else is shown at its address.
        """
        address = self.site.text("addresses.library")
        await self.goto(address, signed_in=False)
        where = await self.settled()
        if where is Where.ELSEWHERE and self._stands_at(address):
            raise await self.misunderstood(
                "neither the media library nor a sign-in page is recognized",
                "texts.library_heading",
            )
        self.untouched = where is Where.INSIDE
        return self.untouched

    async def capture(self, label: str) -> tuple[Path, ...]:
        """Save a screenshot and a snapshot of the page as it is now."""
        from creative_flow.evidence import save_evidence

        folder = self.context.evidence_dir
        return await save_evidence(self.page, folder, label, secrets=self._secrets)

    async def picture(self, label: str) -> tuple[Path, ...]:
        """Save a screenshot alone."""
        from creative_flow.evidence import save_picture

        folder = self.context.evidence_dir
        return await save_picture(self.page, folder, label, secrets=self._secrets)

    @property
    def _secrets(self) -> tuple[str, ...]:
        credentials = self.context.credentials
        return (credentials.password,) if credentials else ()

    async def fork(self) -> TjSession:
        """Open another page of this login. Raises `PlatformUnreachable` if the browser is gone."""
        with plain_errors(self):
            page = await self._shared.new_window(self.page)
        return TjSession(self.context, self.site, self._shared, page, self.login)

    async def close(self) -> None:
        """Close the page, and the browser with the last one."""
        if self._closed:
            return
        self._closed = True
        self._shared.pages -= 1
        if self._shared.pages == 0:
            await self._shared.stop()
        else:
            await self.page.close()

    @property
    def browser(self) -> BrowserContext:
        """The browser context that holds the login."""
        return self._shared.browser

    def _navigated(self, frame: Frame) -> None:
        """Forget what stood in the page, also when it went elsewhere by itself."""
        if frame.parent_frame is None:
            self._forget()

    def _forget(self) -> None:
        self.shows = None
        self.untouched = False
        self.sent = None

    # ── Going somewhere ──────────────────────────────────────────────────────────────────────────

    async def goto(
        self, address: str, *, signed_in: bool = True, may_be: frozenset[int] = frozenset()
    ) -> int:
        """Open an address, relative ones on the advertiser host; return the answer's status.

        A status of ``may_be`` is none to complain about. Raises `PlatformUnreachable` for no answer
        or a server error, `PageNotUnderstood` for any other error page, and with ``signed_in``
        `LoginLost` for a sign-in page.
        """
        from playwright.async_api import Error

        self._forget()
        self.loading_since = self.traffic.mark()
        self.loaded_at = monotonic()
        url = urljoin(self.context.settings["TJ_BASE_URL"].rstrip("/") + "/", address.lstrip("/"))
        if "://" in address:
            url = address
        limit = self.site.seconds("navigation") * 1000
        try:
            response = await self.page.goto(url, wait_until="domcontentloaded", timeout=limit)
        except Error as error:
            raise PlatformUnreachable(
                f"{url} does not answer: {first_line(error)}.",
                hint="Check the connection, and whether the site is up, then run again.",
            ) from error
        status = response.status if response else 200
        if status >= 500 or status == 429:
            raise PlatformUnreachable(
                f"{url} answers with status {status}.", hint="Try again in a few minutes."
            )
        if signed_in and (status == 401 or await self._answer(self.where) is Where.SIGN_IN):
            raise LoginLost(f"{self.context.info.title} shows its sign-in page.")
        if status >= 400 and status != 401 and status not in may_be:
            raise await self.misunderstood(f"{url} answers with status {status}")
        return status

    async def stop_everything(self) -> None:
        """Leave the page, so that no request of it can go on sending."""
        from playwright.async_api import Error

        self._forget()
        try:
            await self.page.goto("about:blank", timeout=self.site.seconds("element") * 1000)
        except Error:
            # A page that can't even be left is killed; a killed page sends nothing.
            with suppress(Error):
                await self.page.close()

    async def where(self) -> Where:
        """Tell a page inside from a sign-in page. The address alone is not enough."""
        if await self.first(self.site.ranked("selectors.sign_in.password"), rare=True):
            return Where.SIGN_IN
        text = await self.page.locator("body").inner_text()
        if says(text, self.site.words("texts.expired")):
            return Where.SIGN_IN
        if says(text, self.site.words("texts.library_heading")):
            return Where.INSIDE
        path = urlsplit(self.page.url).path
        if any(sign in path for sign in self.site.words("addresses.sign_in_signs")):
            return Where.SIGN_IN
        if says(text, self.site.words("texts.signed_in")) or any(
            sign in path for sign in self.site.words("addresses.signed_in_signs")
        ):
            return Where.INSIDE
        return Where.ELSEWHERE

    async def settled(self) -> Where:
        """Wait until the page shows what it is, and return that."""
        rest = self.rest()

        async def look() -> Where | None:
            where = await self.where()
            return where if where is not Where.ELSEWHERE or await rest.reached() else None

        limit = self.site.seconds("element")
        return await self.watch(look, limit=limit, pause=0.1) or Where.ELSEWHERE

    def rest(self, seconds: float | None = None) -> Rest:
        """Return what tells when the page is at rest for so long (default: by the site's data)."""
        return Rest(
            self.page,
            self.traffic,
            seconds=self.site.seconds("at_rest") if seconds is None else seconds,
            patience=self.site.seconds("element"),
        )

    def _stands_at(self, address: str) -> bool:
        return urlsplit(self.page.url).path.rstrip("/") == urlsplit(address).path.rstrip("/")

    async def watch(
        self, look: Callable[[], Awaitable[T | None]], *, limit: float, pause: float
    ) -> T | None:
        """Look at the page until there is something to see; None when ``limit`` seconds are up.

        A look that falls into a change of pages counts as having seen nothing. Raises
        `PlatformUnreachable` if the page answers no look at all, as where a script never ends.
        """
        from playwright.async_api import Error

        async def between_pages() -> T | None:
            try:
                return await self._answer(look)
            except Error as error:
                if any(sign in str(error) for sign in _BETWEEN_PAGES):
                    return None
                raise

        return await until(between_pages, limit=limit, pause=pause)

    async def _answer(self, look: Callable[[], Awaitable[T]]) -> T:
        """Return what a look at the page gives. Raises `PlatformUnreachable` if nothing comes."""
        patience = self.site.seconds("element")
        try:
            async with asyncio.timeout(patience):
                return await look()
        except TimeoutError as error:
            raise PlatformUnreachable(
                f"{self.context.info.title}: the page has not answered for {patience:.0f} s.",
                hint="Try again in a few minutes.",
            ) from error

    # ── Finding and clicking ─────────────────────────────────────────────────────────────────────

    async def first(
        self, ranked: Ranked, *, visible: bool = True, rare: bool = False
    ) -> Locator | None:
        """Return the best-ranked match that stands in the page now, or None.

        The first way is mostly the one, or none is; so before the others are tried one by one, the
        page is asked for any of them. With ``rare`` it is asked so before the first one, too.
        """
        for place, candidate in enumerate(ranked):
            rest = ranked[place:]
            asked = place == (0 if rare else 1) and len(rest) > 1
            if asked and not await self._any_of(rest, visible=visible).count():
                return None
            found = self._any_of((candidate,), visible=visible)
            if await found.count():
                return found.first
        return None

    async def find(self, key: str, *, visible: bool = True, signed_in: bool = True) -> Locator:
        """Return the best-ranked match for ``key``, waiting for one until the page is at rest.

        Raises `PageNotUnderstood` naming the key if none does, and with ``signed_in`` `LoginLost`
        if that is because a sign-in page is shown.
        """
        from playwright.async_api import Error

        ranked = self.site.ranked(key)
        rest = self.rest()
        found: Locator | None = None

        async def look() -> bool | None:
            nonlocal found
            found = await self.first(ranked, visible=visible)
            if found is not None:
                return True
            return False if await rest.reached() else None

        why: Error | None = None
        try:
            await self.watch(look, limit=self.site.seconds("element"), pause=0.1)
        except Error as error:
            why = error
        if found is None:
            if signed_in and await self.where() is Where.SIGN_IN:
                raise LoginLost(f"{self.context.info.title} shows its sign-in page.") from why
            raise await self.misunderstood(
                f"nothing on the page matches {key} ({len(ranked)} ways tried)", key
            ) from why
        return found

    def _any_of(self, ranked: Ranked, *, visible: bool) -> Locator:
        """Return what matches in any way at all."""
        anything = self.page.locator(ranked[0].selector)
        for candidate in ranked[1:]:
            anything = anything.or_(self.page.locator(candidate.selector))
        return anything.filter(visible=True) if visible else anything

    async def click(self, key: str) -> None:
        """Click what ``key`` names; if something covers it, close that and click again.

        Only for clicks that send nothing. Raises `PageNotUnderstood`.
        """
        await self.click_on(await self.find(key), key)

    async def click_on(self, target: Locator | ElementHandle, key: str) -> None:
        """Click an element already found under ``key``."""
        from playwright.async_api import Error

        limit = self.site.seconds("element") * 1000 / 2
        await self.uncover(target)
        try:
            await target.click(timeout=limit)
        except Error as error:
            # Only what was covered is clicked again: any other click may have had its effect.
            if not await self.uncover(target):
                raise await self._not_clickable(key, error) from error
            try:
                await target.click(timeout=limit)
            except Error as again:
                raise await self._not_clickable(key, again) from again

    async def uncover(self, target: Locator | ElementHandle | None = None) -> bool:
        """Close a banner or guide that may cover the page; say whether there was one.

        With ``target`` only if something lies over that; then also what is no banner that is known,
        but has a control which says that it closes it.
        """
        from playwright.async_api import Error

        limit = self.site.seconds("element") * 1000 / 3
        try:
            if target and not await is_covered(target, limit):
                return False
            cover = await self.first(self.site.ranked("selectors.overlay.close"), rare=True)
            if cover is not None:
                await cover.click(timeout=limit)
            words = self.site.css("overlay")["close_words"]
            previews = self.site.css("previews")["preview"]
            control = await closer_of(target, words, limit, apart=previews) if target else None
            if control is not None:
                await control.click(timeout=limit)
        except Error:
            return False  # the click that follows says what is in the way
        return cover is not None or control is not None

    async def _not_clickable(self, key: str, error: Exception) -> PageNotUnderstood:
        return await self.misunderstood(
            f"{key} is there but can't be clicked: {first_line(error)}", key
        )

    async def misunderstood(self, what: str, key: str = "") -> PageNotUnderstood:
        """Return the error for a page that is not as expected.

        It has evidence, and says what else of the page is not found, by one look that waits for
        nothing. ``key`` is what was looked for.
        """
        from creative_flow_tj.look import short_form

        evidence = await self.capture(f"{self.context.platform}-{key or 'page'}")
        checks = await self._look_around(key)
        found = short_form(checks)
        names = ", ".join(path.name for path in evidence)
        hint = (
            f"Run `cfu doctor --platform {self.context.platform}`, which suggests what to set in "
            f"config/{self.context.overrides_file.name}."
        )
        return PageNotUnderstood(
            f"{self.context.info.title}, {urlsplit(self.page.url).path}: "
            f"{'; '.join(filter(None, (what, found)))}.",
            hint=f"{hint} Evidence: {names}." if names else hint,
            evidence=evidence,
            checks=tuple(evolve(it, evidence=evidence) if it.is_trouble else it for it in checks),
        )

    async def _look_around(self, key: str) -> tuple[Check, ...]:
        """Look for all that should stand on this page, if it is one whose parts are known."""
        from playwright.async_api import Error

        from creative_flow_tj import look_campaign
        from creative_flow_tj.look import library_page, sign_in_page

        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                if self._stands_at(self.context.settings["TJ_LOGIN_URL"]):
                    return await sign_in_page(self.page, self.site)
                if self._stands_at(self.site.text("addresses.library")):
                    return await library_page(self.page, self.site, key)
                if look_campaign.is_at(self.page.url, self.site):
                    return await look_campaign.campaign_page(self.page, self.site)
        except (Error, TimeoutError):
            pass  # nothing more can be said than what was not understood
        return ()


@contextmanager
def plain_errors(session: TjSession) -> Iterator[None]:
    """Turn what Playwright raises into the project's errors."""
    from playwright.async_api import Error

    try:
        yield
    except Error as error:
        if session.page.is_closed() or "closed" in first_line(error).lower():
            raise PlatformUnreachable(
                "The browser was closed.", hint="Run the same command again to go on."
            ) from error
        raise PageNotUnderstood(
            f"{session.context.info.title}: the page does not do what it should: "
            f"{first_line(error)}.",
            hint=f"See `cfu upload --help`, exit code {PageNotUnderstood.exit_code}.",
        ) from error


async def _answer_dialog(dialog: Dialog) -> None:
    """Let a page be left; say no to anything else it asks."""
    if dialog.type == "beforeunload":
        await dialog.accept()
    else:
        await dialog.dismiss()
