"""Work for callers without an event loop: what it returns, and Ctrl+C while it is done."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

import pytest

from creative_flow.blocking import blocking, finish
from creative_flow.errors import CreativeFlowError, PluginBroken, UsageError


@contextmanager
def pressing(*gaps: float) -> Iterator[Callable[[], None]]:
    """Yield what begins to send Ctrl+C to this process, each time so many seconds after the last.

    None is sent any more once the block has ended.
    """
    over = threading.Event()

    def press() -> None:
        for gap in gaps:
            if over.wait(gap):
                return
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    try:
        yield thread.start
    finally:
        over.set()
        thread.join()


async def half_async(number: int) -> int:
    """Halve a number."""
    if number % 2:
        raise ValueError(number)
    return number // 2


half = blocking(half_async)


def test_the_twin_does_the_same_and_has_a_name_of_its_own() -> None:
    assert half(4) == 2
    assert (half.__name__, half.__doc__) == ("half", half_async.__doc__)
    with pytest.raises(ValueError, match="3"):
        half(3)


async def test_inside_an_event_loop_it_says_what_to_do() -> None:
    with pytest.raises(UsageError, match=r"half\(\) can't .* event loop.*await half_async"):
        half(4)


def test_ctrl_c_stops_the_work_and_lets_it_end_in_good_order() -> None:
    steps = []

    async def work() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            steps.append("ended")

    with pytest.raises(KeyboardInterrupt):
        finish(work())
    assert steps == ["ended"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_ends_well_in_spite_of_it_counts() -> None:
    async def work() -> str:
        signal.raise_signal(signal.SIGINT)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "as far as it came"
        return "never"

    assert finish(work()) == "as far as it came"


def test_the_next_one_cuts_the_ending_short() -> None:
    async def work() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(60)
        finally:
            signal.raise_signal(signal.SIGINT)
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                raise OSError("torn") from None

    with pytest.raises(KeyboardInterrupt) as stopped:
        finish(work())
    assert isinstance(stopped.value.__cause__, OSError)


@pytest.mark.parametrize("error", [OSError("its process is gone"), PluginBroken("it broke")])
def test_what_breaks_because_the_terminal_stops_it_is_no_failure(error: Exception) -> None:
    """Ctrl+C reaches every process of the terminal, those that the work needs too."""

    async def work() -> None:
        signal.raise_signal(signal.SIGINT)
        raise error

    with pytest.raises(KeyboardInterrupt):
        finish(work())


def test_whoever_has_waited_long_can_leave() -> None:
    async def work() -> None:
        begin()
        for _ in range(2):  # it hears, and does not stop
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
        await asyncio.sleep(60)

    with pytest.raises(KeyboardInterrupt), pressing(0.1, 0.2, 0.6) as begin:
        finish(work(), patience=0.5)


def test_what_the_work_has_to_say_is_not_lost() -> None:
    async def work() -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        try:
            await asyncio.sleep(60)
        finally:
            raise CreativeFlowError("Two files are in doubt.")

    with pytest.raises(CreativeFlowError, match="in doubt"):
        finish(work())


def test_two_of_them_do_not_cut_the_steps_of_the_loop_in_half() -> None:
    """What waits for something that was to be called would wait for ever."""

    async def work() -> None:
        loop = asyncio.get_running_loop()
        called = loop.create_future()

        def call() -> None:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            called.set_result(None)

        loop.call_soon(call)
        try:
            await asyncio.sleep(60)
        finally:
            await called

    with pytest.raises(KeyboardInterrupt):
        finish(work())


def test_a_loop_that_hears_nothing_is_left_by_the_next_one() -> None:
    stuck = threading.Event()

    async def work() -> None:
        begin()
        stuck.wait(30)

    begun = monotonic()
    with pytest.raises(KeyboardInterrupt), pressing(0.1, 0.2, 1.1) as begin:
        finish(work())
    assert 1 < monotonic() - begun < 10


def test_a_thread_that_does_not_end_is_left_by_the_next_one() -> None:
    stuck = threading.Event()

    async def work() -> None:
        begin()
        await asyncio.to_thread(stuck.wait, 30)

    begun = monotonic()
    with pytest.raises(KeyboardInterrupt), pressing(0.1, 0.2, 1.1) as begin:
        finish(work())
    stuck.set()
    assert monotonic() - begun < 10


@pytest.mark.parametrize("whose", ["another thread", "another handler"])
def test_where_somebody_else_hears_it_nothing_changes(whose: str) -> None:
    async def handler() -> object:
        return signal.getsignal(signal.SIGINT)

    def run(work: Coroutine[Any, Any, object]) -> None:
        results.append(finish(work))

    results: list[object] = []
    if whose == "another thread":
        thread = threading.Thread(target=run, args=(handler(),))
        thread.start()
        thread.join()
        assert results == [signal.default_int_handler]
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run(handler())
    finally:
        signal.signal(signal.SIGINT, before)
    assert results == [signal.SIG_IGN]
