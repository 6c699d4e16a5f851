"""Runs calls in processes of their own, so that a crash costs one file and not the run.

Codecs are large programs in C that read files from anywhere: one that crashes, or never ends, takes
only its own process with it. Workers end with this process, even if it is killed: each reads from a
socket whose other end nobody else holds.
"""

from __future__ import annotations

import asyncio
import pickle
import signal
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from creative_flow.process.child import Child, cores
from creative_flow.process.failing import ConversionError
from creative_flow.process.started import Started, end
from creative_flow.process.worker import LENGTH, Answer, remove, request
from creative_flow.waiting import ended

T = TypeVar("T")
P = ParamSpec("P")

SECONDS = 600.0
"""How long one call may take."""


def codec_threads(files: int, workers: int) -> int:
    """Return how many threads a codec should have, so that together they just fill the cores."""
    return max(1, cores() // max(1, min(files, workers)))


class Workers:
    """Up to ``count`` processes, each started when it is first needed.

    ``seconds`` is the limit for one call. Use it as ``async with Workers() as workers``; on the way
    out all of them are killed, whatever they are doing.
    """

    def __init__(self, count: int | None = None, *, seconds: float = SECONDS) -> None:
        self.count = count or cores()
        self._seconds = seconds
        self._free = asyncio.Semaphore(self.count)
        self._idle: list[_Worker] = []
        self._asked: deque[_Worker] = deque()
        self._all: set[_Worker] = set()

    async def __aenter__(self) -> Workers:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> None:
        """Kill all of them, whatever they are doing."""
        for worker in self._all:
            worker.kill()
        for worker in self._all:
            worker.end()
        self._all.clear()
        self._idle.clear()
        self._asked.clear()

    async def take_over(self, started: Iterable[Started]) -> None:
        """Have those work that were started already. From then on they are this one's to end.

        Each that was asked for something has its place among ``count`` from the next `answer` on.
        """
        left = deque(started)
        try:
            while left:
                worker = await _Worker.taken_over(left[0])
                (self._asked if left.popleft().is_asked else self._idle).append(worker)
                self._all.add(worker)
        finally:
            end(left)

    async def answer(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do as `run` does with a call that a worker was asked for before it was taken over.

        The calls come in the order of the workers, before all others.
        """
        async with self._free:
            worker = self._asked.popleft()
            return await self._waited_for(
                worker, worker.answer(), partial(function, *args, **kwargs)
            )

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a worker and return what it returns, or raise what it raises.

        The function must be importable by its name; it, its arguments and its result must pass
        through `pickle`. Raises `ConversionError`, which names the first path among the arguments,
        if the worker crashed or took too long.
        """
        return await self.run_leaving((), function, *args, **kwargs)

    async def run_leaving(
        self,
        temporaries: Iterable[Path],
        function: Callable[P, T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Do as `run` does, and remove the ``temporaries`` if the function could not end.

        That is: if the worker crashed, took too long, was stopped, or lost its parent.
        """
        left = tuple(temporaries)
        call = partial(function, *args, **kwargs)
        message = request(call, left)
        async with self._free:
            worker = await self._take()
            return await self._waited_for(worker, worker.ask(message), call, left)

    async def _waited_for(
        self,
        worker: _Worker,
        answering: Coroutine[Any, Any, Answer],
        call: partial[T],
        left: Iterable[Path] = (),
    ) -> T:
        is_well = False
        try:
            async with asyncio.timeout(self._seconds):
                answer = await answering
            is_well = True
        except TimeoutError as error:
            reason = f"it took longer than {self._seconds:g} s"
            raise ConversionError(_subject(call), reason) from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            reason = f"the worker {await worker.how_it_ended()}"
            raise ConversionError(_subject(call), reason) from error
        finally:
            if is_well:
                self._idle.append(worker)
            else:
                self._all.discard(worker)
                worker.end()
                remove(left)
        if answer.error is not None:
            raise answer.error
        value: T = answer.value
        return value

    async def _take(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            self._all.discard(worker)
            worker.end()
        worker = await _Worker.start()
        self._all.add(worker)
        return worker


def _subject(call: partial[Any]) -> Path:
    """Return the file that a call is about: by custom its first path."""
    known = (*call.args, *call.keywords.values())
    return next((each for each in known if isinstance(each, Path)), Path("?"))


class _Worker:
    """One process, and the socket over which it is spoken to."""

    def __init__(
        self, process: Child, answers: asyncio.StreamReader, calls: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self._answers = answers
        self._calls = calls

    @classmethod
    async def start(cls) -> _Worker:
        return await cls.taken_over(Started.start())

    @classmethod
    async def taken_over(cls, started: Started) -> _Worker:
        process, channel, _ = started
        connecting = asyncio.create_task(asyncio.open_unix_connection(sock=channel))
        try:
            await ended(connecting)
        except asyncio.CancelledError:
            cls(process, *connecting.result()).end()
            raise
        return cls(process, *connecting.result())

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    async def ask(self, message: bytes) -> Answer:
        """Send a `request` and wait for the answer."""
        self._calls.write(message)
        await self._calls.drain()
        return await self.answer()

    async def answer(self) -> Answer:
        """Wait for the answer to what it was asked."""
        (length,) = LENGTH.unpack(await self._answers.readexactly(LENGTH.size))
        answer = pickle.loads(await self._answers.readexactly(length))  # noqa: S301 - our own child
        if not isinstance(answer, Answer):
            raise ConnectionError
        return answer

    async def how_it_ended(self) -> str:
        """Say why there is no answer."""
        code = await asyncio.to_thread(self._process.wait)
        if code >= 0:
            return f"ended with exit code {code}"
        if -code == signal.SIGKILL:
            return "was killed, perhaps for want of memory"
        return f"crashed ({signal.Signals(-code).name})"

    def kill(self) -> None:
        """Kill it."""
        self._process.kill()

    def end(self) -> None:
        """Kill it, and wait until it is gone; nothing, being cancelled either, comes between."""
        self._calls.close()
        self.kill()
        self._process.wait()
