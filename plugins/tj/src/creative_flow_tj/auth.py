"""Signing in: a saved session if it still holds, else the site's own page and a person.

The captcha is the person's: this module fills in the credentials, waits until the page itself
enables its LOG IN button, and presses it once.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING, Any

from creative_flow.errors import (
    BrowserMissing,
    CredentialsRefused,
    LoginTimeout,
    PlatformUnreachable,
    WrongAccount,
)
from creative_flow.failpoints import failpoint
from creative_flow.platform import Auth, Context, Credentials
from creative_flow.settings import write_private
from creative_flow.waiting import ended
from creative_flow_tj import site as site_data
from creative_flow_tj.session import TjSession, Where, plain_errors
from creative_flow_tj.texts import first_line, says
from creative_flow_tj.windows import Shared

if TYPE_CHECKING:
    from playwright.async_api import Playwright, StorageState

    from creative_flow_tj.rest import Rest

_OWNER = "creative_flow"
"""The key, beside Playwright's own, that says whose session a file holds."""


class _SignIn(Enum):
    READY = auto()
    REFUSED = auto()
    INSIDE = auto()
    STUCK = auto()


class TjAuth(Auth[TjSession]):
    """Opens sessions on the advertiser site, each a page in a Chromium of its own."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.site = site_data.load(context.overrides_file)
        # Chromium sends a request again by itself, a file's too, when a connection that it used
        # before is reset (HttpNetworkTransaction::ShouldResendRequest). None is used twice, then.
        self._fresh_connections = bool(self.site.number("limits.fresh_connections"))
        self._early: asyncio.Task[Playwright] | None = None

    def prepare(self) -> None:
        """Start Playwright, which starts no browser yet."""
        # Loaded now: its process can then start up while others load what they need.
        import playwright.async_api  # noqa: F401

        self._early = asyncio.create_task(_started())

    async def discard(self) -> None:
        """Stop Playwright, however far it has come."""
        early, self._early = self._early, None
        if early is not None:
            await ended(early)
            if not early.exception():
                await early.result().stop()

    async def open(self, *, fresh: bool = False) -> TjSession:
        """Restore the saved session, else sign in and save it; either way prove it.

        Raises `CredentialsMissing`, `CredentialsRefused`, `LoginTimeout`, `WrongAccount`,
        `PageNotUnderstood`, `PlatformUnreachable`, `BrowserMissing`.
        """
        credentials = self.context.require_credentials()
        saved = None if fresh else self._saved(credentials)
        session = await self._launch(credentials, saved)
        async with AsyncExitStack() as unless_open:
            unless_open.push_async_callback(session.close)
            with plain_errors(session):
                if saved is None or not await session.alive():
                    if saved is not None:
                        self.context.notify("The saved session has ended; signing in again.")
                    await self._sign_in(session, credentials)
                    await self.save(session)
                else:
                    await self._compare(session, saved["shown_as"])
            unless_open.pop_all()
        return session

    async def save(self, session: TjSession) -> None:
        """Keep the login in Playwright's storage-state format, owner-readable, with its owner."""
        state: dict[str, Any] = dict(await session.browser.storage_state())
        state[_OWNER] = {
            "login": session.login,
            "base_url": self.context.settings["TJ_BASE_URL"],
            "saved_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "shown_as": await _shown_as(session),
        }
        try:
            with failpoint("session.save"):
                write_private(self.context.session_file, json.dumps(state).encode())
        except OSError as error:
            self.context.notify(
                f"The login can't be kept in {self.context.session_file} "
                f"({error.strerror or error}); the next run has to sign in again."
            )

    def forget(self) -> bool:
        """Remove the saved session; return whether there was one."""
        file = self.context.session_file
        # What a run that was killed while saving left behind is a login, too.
        kept = [*file.parent.glob(f"{file.name}.tmp-*"), *([file] if file.exists() else [])]
        for each in kept:
            each.unlink(missing_ok=True)
        return bool(kept)

    def _saved(self, credentials: Credentials) -> dict[str, Any] | None:
        """Return the saved session if it is this login's on this site, with its owner's facts."""
        try:
            state = json.loads(self.context.session_file.read_text("utf-8"))
            owner = state.pop(_OWNER)
            state["cookies"], state["origins"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            self.context.notify(
                f"{self.context.session_file.name} can't be used (damaged, or not saved by this "
                "program); signing in."
            )
            return None
        theirs = (owner.get("login"), owner.get("base_url"))
        if theirs != (credentials.login, self.context.settings["TJ_BASE_URL"]):
            self.context.notify("The saved session belongs to another login; signing in.")
            return None
        return {"state": state, "shown_as": owner.get("shown_as", "")}

    async def _compare(self, session: TjSession, expected: str) -> None:
        """Raise `WrongAccount` if the page names another account than it did at the sign-in."""
        shown = await _shown_as(session)
        if shown and expected and shown != expected:
            raise WrongAccount(
                f"The page shows another account than {session.login}'s.",
                hint=f"Run `cfu logout --platform {self.context.platform}`, then log in.",
                evidence=await session.capture("wrong-account"),
            )

    async def _launch(self, credentials: Credentials, saved: dict[str, Any] | None) -> TjSession:
        from playwright.async_api import Error

        from creative_flow.browser import launch_options, require_chromium, why_not_launched

        found = require_chromium(self.context.settings.get("CFU_CHROMIUM") or None)
        slow = float(self.context.settings.get("SLOW_MO") or 0)
        early, self._early = self._early, None
        playwright = await (early or _started())
        async with AsyncExitStack() as undo:
            undo.push_async_callback(playwright.stop)
            options = launch_options(found, headless=self.context.headless, slow_mo=slow)
            if self._fresh_connections:
                options["args"] = [*options["args"], "--disable-http2", "--disable-quic"]
            try:
                browser = await playwright.chromium.launch(**options)
            except Error as error:
                raise BrowserMissing(
                    f"{found.path} ({found.how}) does not start: {why_not_launched(str(error))}.",
                    hint="Set CFU_CHROMIUM to another browser.",
                ) from error
            undo.push_async_callback(browser.close)
            state: StorageState | None = saved["state"] if saved else None
            try:
                inside = await browser.new_context(
                    storage_state=state,
                    viewport={"width": 1280, "height": 900},
                    extra_http_headers={"Connection": "close"} if self._fresh_connections else None,
                )
                inside.set_default_timeout(float(self.context.settings.get("TIMEOUT") or 30000))
                page = await inside.new_page()
            except Error as error:
                raise PlatformUnreachable(f"The browser failed: {first_line(error)}.") from error
            # Whoever has the session closes it, and so all of this.
            stop = undo.pop_all().aclose
        return TjSession(
            self.context, self.site, Shared(inside, stop), page, login=credentials.login
        )

    async def _sign_in(self, session: TjSession, credentials: Credentials) -> None:
        await session.goto(self.context.settings["TJ_LOGIN_URL"], signed_in=False)
        await session.uncover()
        username = await session.find("selectors.sign_in.username", signed_in=False)
        await username.fill(credentials.login)
        password = await session.find("selectors.sign_in.password", signed_in=False)
        await password.fill(credentials.password)
        submit = await session.find("selectors.sign_in.submit", signed_in=False)

        limit = await self._call_a_person(session)
        state = await session.watch(lambda: self._look(session), limit=limit, pause=0.2)
        if state is None:
            raise LoginTimeout(
                f"The captcha of {self.context.info.title} was not solved within {limit:.0f} s.",
                hint=f"Run `cfu login --platform {self.context.platform}` on a machine with a "
                "screen, without --headless, and solve it in the window.",
                evidence=await session.capture("captcha"),
            )
        if state is _SignIn.READY:
            await session.click_on(submit, "selectors.sign_in.submit")
            state = await session.watch(
                partial(self._look, session, session.rest()),
                limit=self.site.seconds("signed_in"),
                pause=0.1,
            )
        if state is _SignIn.REFUSED:
            raise CredentialsRefused(
                f"{self.context.info.title} does not recognize the credentials of "
                f"{credentials.login}; they were tried once.",
                hint=f"Correct them with `cfu setup --platform {self.context.platform}`.",
                evidence=await session.capture("credentials-refused"),
            )
        if state in {None, _SignIn.STUCK} or not await session.alive():
            raise await session.misunderstood("signing in led to no page that is known")

    async def _call_a_person(self, session: TjSession) -> float:
        """Say that a captcha may wait, where a person can see it; return the time they have."""
        if self.context.headless:
            limit = self.site.seconds("captcha_headless")
            self.context.notify(
                f"Waiting up to {limit:.0f} s for the captcha to be solved or absent "
                "(no window is shown)."
            )
            return limit
        limit = self.site.seconds("captcha")
        await session.page.bring_to_front()
        self.context.notify(
            f"\a{self.context.info.title}: please solve the captcha in the browser window "
            f"(up to {limit:.0f} s)."
        )
        return limit

    async def _look(self, session: TjSession, after: Rest | None = None) -> _SignIn | None:
        """Tell what the sign-in page waits for now.

        ``after`` is the page's rest after LOG IN was pressed: a page that rests without asking for
        a password is inside for all one can tell, and the media library says whether that is so.
        """
        text = await session.page.locator("body").inner_text()
        if says(text, self.site.words("texts.refused")):
            return _SignIn.REFUSED
        if await session.first(self.site.ranked("selectors.sign_in.password")) is None:
            inside = await session.where() is Where.INSIDE
            at_rest = after is not None and await after.reached()
            return _SignIn.INSIDE if inside or at_rest else None
        if after is not None:
            return _SignIn.STUCK if await after.reached() else None
        submit = await session.first(self.site.ranked("selectors.sign_in.submit"))
        # Only an absent attribute means enabled: disabled="" is disabled (site facts, "Sign-in").
        if submit is not None and await submit.get_attribute("disabled") is None:
            return _SignIn.READY
        return None


async def _started() -> Playwright:
    """Start Playwright. Once begun it is waited for: half of it could not be stopped."""
    from playwright.async_api import async_playwright

    starting = asyncio.create_task(async_playwright().start())
    try:
        await ended(starting)
    except asyncio.CancelledError:
        # Ctrl+C at a terminal reaches its process, too, which may then never have come up.
        if not starting.cancelled() and starting.exception() is None:
            await starting.result().stop()
        raise
    return starting.result()


async def _shown_as(session: TjSession) -> str:
    """Return what the page calls the account, or an empty text where it does not say."""
    shown = await session.first(session.site.ranked("selectors.sign_in.account_name"))
    return " ".join((await shown.inner_text()).split()) if shown else ""
