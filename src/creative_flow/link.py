"""A live connection: a session that is opened when needed, and again when it dies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from creative_flow.errors import CreativeFlowError, LoginLost, PlatformUnreachable
from creative_flow.platform import Auth, Context, Session
from creative_flow.registry import Platform
from creative_flow.waiting import ended

T = TypeVar("T")

_TRIES = 3
"""How often a step that sends nothing is tried, when the platform fails in a passing way."""


class Link:
    """Opens the session on first use; repeats what is safe to repeat.

    `fork` gives links that have pages of their own of the same login, to work side by side. They
    sign in through the link that they were forked from: once for all of them, however many find
    that the login has ended. ``retries`` counts how often a step of this link was repeated.
    """

    def __init__(self, platform: Platform, context: Context) -> None:
        self._platform = platform
        self._context = context
        self._session: Session | None = None
        self._parent: Link | None = None
        self._base: Session | None = None
        """The parent's session that this one's page belongs to."""
        self._opening = asyncio.Lock()
        self._auth: Auth[Any] | None = None
        """What was prepared and not used yet."""
        self._early: asyncio.Task[Session] | None = None
        self._hopeless: CreativeFlowError | None = None
        self.retries = 0

    def fork(self) -> Link:
        """Return a link with a page of its own, opened on first use, of this link's login.

        Close it (`drop`) before this one. Using it raises `NotSupported` where the platform can't
        have several pages at once.
        """
        child = Link(self._platform, self._context)
        child._parent = self
        return child

    def prepare(self) -> None:
        """Let the plugin begin what opening a session takes long over and the platform can't see.

        Raises `PluginBroken`.
        """
        self._auth = self._platform.auth(self._context)
        with self._platform.boundary():
            self._auth.prepare()

    def open_early(self) -> None:
        """Begin to open the session, for whoever asks for it first. That one gets the errors."""
        if self._session is None and self._early is None:
            self._early = asyncio.create_task(self._opened())

    async def session(self) -> Session:
        """Return the session, signing in if there is none.

        Raises what opening it does. Unless that was of a passing kind it is not tried again, but
        raised again: wrong credentials are tried once, whoever else asks (DESIGN, law 7).
        """
        async with self._opening:
            if self._session is None:
                if self._parent is not None:
                    self._base, self._session = await self._page_of(self._parent)
                else:
                    self._session = await self._open()
            return self._session

    async def open(self) -> None:
        """Open the session now, trying as often as for a question."""

        async def nothing(_: Session) -> None:
            return

        await self.ask(nothing)

    async def ask(self, step: Callable[[Session], Awaitable[T]]) -> T:
        """Do something that only asks; after a passing failure or a lost login, do it again.

        Never for a step that sends. Raises what the last try raised.
        """
        from tenacity import (
            AsyncRetrying,
            retry_if_exception_type,
            stop_after_attempt,
            wait_random_exponential,
        )

        trying = AsyncRetrying(
            retry=retry_if_exception_type((PlatformUnreachable, LoginLost)),
            stop=stop_after_attempt(_TRIES),
            wait=wait_random_exponential(multiplier=0.5, max=8),
            before_sleep=self._before_another_try,
            reraise=True,
        )

        async def once() -> T:
            session = await self.session()
            with self._platform.boundary():
                return await step(session)

        answer: T = await trying(once)
        return answer

    async def drop(self) -> None:
        """Close the session; the next use opens another one."""
        early, self._early = self._early, None
        if early is not None:
            early.cancel()
            await ended(early)
            if not early.cancelled() and early.exception() is None:
                self._session = early.result()
        session, self._session = self._session, None
        if session is not None:
            await self._close(session)
        auth, self._auth = self._auth, None
        await self._discard(auth)

    async def renew(self) -> None:
        """Close the session because its login has ended; the next use signs in again.

        Of a forked link, the session that the page belongs to goes, too, unless that is another one
        by now. Pages that other links have of it stay as they are.
        """
        base, parent = self._base, self._parent
        await self.drop()
        if parent is not None and base is not None:
            await parent._retire(base)

    async def capture(self, label: str) -> tuple[Path, ...]:
        """Save evidence of what the session shows; nothing if that can't be done."""
        return await self._saved(lambda session: session.capture(label))

    async def picture(self, label: str) -> tuple[Path, ...]:
        """Save a picture of what the session shows; nothing if that can't be done."""
        return await self._saved(lambda session: session.picture(label))

    async def _saved(
        self, save: Callable[[Session], Awaitable[tuple[Path, ...]]]
    ) -> tuple[Path, ...]:
        if self._session is None:
            return ()
        with suppress(CreativeFlowError), self._platform.boundary():
            return await save(self._session)
        return ()

    async def _open(self) -> Session:
        if self._hopeless is not None:
            raise self._hopeless
        opening, self._early = self._early, None
        try:
            return await (opening or self._opened())
        except (PlatformUnreachable, LoginLost):
            raise
        except CreativeFlowError as error:
            self._hopeless = error
            raise

    async def _opened(self) -> Session:
        prepared, self._auth = self._auth, None
        try:
            return await self._platform.open_session(self._context, prepared)
        finally:
            await self._discard(prepared)

    async def _discard(self, prepared: Auth[Any] | None) -> None:
        if prepared is not None:
            with suppress(CreativeFlowError), self._platform.boundary():
                await prepared.discard()

    async def _page_of(self, parent: Link) -> tuple[Session, Session]:
        """Return the parent's session and another page of it."""
        base = await parent.session()
        try:
            with self._platform.boundary():
                return base, await base.fork()
        except PlatformUnreachable:
            # It may have died with nobody noticing, while nothing was done with it.
            await parent._retire(base)
        base = await parent.session()
        with self._platform.boundary():
            return base, await base.fork()

    async def _retire(self, base: Session) -> None:
        """Close a session that is no good any more, unless that is done already."""
        async with self._opening:
            if self._session is not base:
                return
            self._session = None
            await self._close(base)

    async def _close(self, session: Session) -> None:
        # It may be dead already, which is often why it is closed.
        with suppress(CreativeFlowError), self._platform.boundary():
            await session.close()

    async def _before_another_try(self, state: Any) -> None:  # noqa: ANN401 - tenacity's own
        self.retries += 1
        error = state.outcome.exception()
        self._context.notify(f"{error} Trying again ({self.retries}).")
        if isinstance(error, LoginLost) or state.attempt_number > 1:
            await self.renew()
        else:
            await self.drop()
