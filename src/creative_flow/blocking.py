"""Async work for callers that have no event loop, and Ctrl+C while it is being done."""

from __future__ import annotations

import functools
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from time import monotonic
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from creative_flow.errors import CreativeFlowError, PluginBroken, UsageError

if TYPE_CHECKING:
    import asyncio

P = ParamSpec("P")
T = TypeVar("T")

_DEAF_SECONDS = 1.0
"""How long the event loop may take to hear Ctrl+C; longer takes only what does not let go of it."""
PATIENCE_SECONDS = 10.0
"""How long what is to end in good order may take; whoever presses then wants it left."""


def blocking(work: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Return the twin of an async function, for scripts that have no event loop.

    Inside one it raises `UsageError`. The function's name ends in ``_async``, its twin's does not.
    """
    name = work.__name__.removesuffix("_async")

    @functools.wraps(work)
    def twin(*args: P.args, **kwargs: P.kwargs) -> T:
        if _in_a_loop():
            raise UsageError(
                f"{name}() can't be called inside a running event loop.",
                hint=f"Use `await {work.__name__}(…)` there.",
            )
        return finish(work(*args, **kwargs))

    twin.__name__ = twin.__qualname__ = name
    return twin


def _in_a_loop() -> bool:
    if "asyncio" not in sys.modules:
        return False
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def finish(work: Coroutine[Any, Any, T], *, patience: float = PATIENCE_SECONDS) -> T:
    """Do as `asyncio.run` does, but hear every Ctrl+C between two steps of the event loop.

    Each one cancels the work: the first asks it to stop, each further one cuts short what it still
    does to end in good order. Raises `KeyboardInterrupt` if it stopped; and at once for one that
    comes where none was heard for a second, or ``patience`` seconds after the first.
    (`asyncio.run` raises that wherever the second one happens to come; within the loop's own steps
    something that was to be called is then forgotten, and who waits for it waits for ever.)
    """
    is_begun = False
    try:
        import asyncio

        runner = asyncio.Runner()
        loop = runner.get_loop()
        task = loop.create_task(work)
        is_begun = True
    finally:
        if not is_begun:  # nobody shall wonder that it was never awaited
            work.close()
    with _Hearing(loop, task, patience), runner:
        return loop.run_until_complete(task)


class _Hearing:
    """What hears Ctrl+C while the loop runs and is closed, unless somebody else does already."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any], patience: float
    ) -> None:
        self._loop = loop
        self._task = task
        self._patience = patience
        self._first: float | None = None
        self._unheard_since: float | None = None
        self._is_ours = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )

    def __enter__(self) -> None:
        if self._is_ours:
            signal.signal(signal.SIGINT, self._press)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        # What is cut short, and whose processes the terminal has stopped, may fail in any way.
        tells = isinstance(error, CreativeFlowError) and not isinstance(error, PluginBroken)
        if self._first is not None and error is not None and not tells:
            raise KeyboardInterrupt from error

    def _press(self, _number: int, _frame: FrameType | None) -> None:
        now = monotonic()
        self._first = now if self._first is None else self._first
        since = self._unheard_since = now if self._unheard_since is None else self._unheard_since
        is_late = now - since > _DEAF_SECONDS or now - self._first > self._patience
        if is_late or self._loop.is_closed():
            raise KeyboardInterrupt
        self._loop.call_soon_threadsafe(self._hear)

    def _hear(self) -> None:
        if self._task.done():
            return  # what is being ended now can't be stopped, only left
        self._unheard_since = None
        self._task.cancel()
