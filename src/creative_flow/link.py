"""A live connection: a session that is opened when needed, and again when it dies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from creative_flow.errors import CreativeFlowError, LoginLost, PlatformUnreachable
from creative_flow.platform import Context, Session
from creative_flow.registry import Platform

T = TypeVar("T")

_TRIES = 3
"""How often a step that sends nothing is tried, when the platform fails in a passing way."""


class Link:
    """Opens the session on first use; repeats what is safe to repeat.

    ``retries`` counts how often a step was repeated.
    """

    def __init__(self, platform: Platform, context: Context) -> None:
        self._platform = platform
        self._context = context
        self._session: Session | None = None
        self.retries = 0

    async def session(self) -> Session:
        """Return the session, signing in if there is none."""
        if self._session is None:
            self._session = await self._platform.open_session(self._context)
        return self._session

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
        session, self._session = self._session, None
        if session is not None:
            # It may be dead already, which is often why it is dropped.
            with suppress(CreativeFlowError), self._platform.boundary():
                await session.close()

    async def capture(self, label: str) -> tuple[Path, ...]:
        """Save evidence of what the session shows; nothing if that can't be done."""
        if self._session is None:
            return ()
        with suppress(CreativeFlowError), self._platform.boundary():
            return await self._session.capture(label)
        return ()

    async def _before_another_try(self, state: Any) -> None:  # noqa: ANN401 - tenacity's own
        self.retries += 1
        error = state.outcome.exception()
        self._context.notify(f"{error} Trying again ({self.retries}).")
        await self.drop()
