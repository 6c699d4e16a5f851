"""Worker processes that are started before there is an event loop.

They begin to work while this process still loads what it needs. `Workers` takes them over.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple, ParamSpec

from creative_flow.process.child import Child, child, cores, is_copy
from creative_flow.process.worker import load, request

P = ParamSpec("P")

MANY = 200
"""From how many files on workers are worth their start."""
SHARE = 125
"""How many files a worker is given at once."""


class Started(NamedTuple):
    """A worker, and the socket over which it is spoken to; whether it was asked for something."""

    process: Child
    channel: socket.socket
    is_asked: bool = False

    @classmethod
    def start(cls) -> Started:
        """Start a worker. Raises `OSError`."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                return cls(child(theirs.fileno()), ours)
        except OSError:
            ours.close()
            raise

    def asked(self, function: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> Started:
        """Have it begin with a call, once; `Workers.answer` waits for what comes of it."""
        with suppress(OSError):  # if it has ended, whoever waits for the answer learns of it
            self.channel.sendall(request(partial(function, *args, **kwargs)))
        return self._replace(is_asked=True)


def how_many(files: int) -> int:
    """Return how many workers so many files are worth: one for each core, and for each share."""
    return min(cores(), -(-files // SHARE)) if files >= MANY else 0


def start(count: int) -> list[Started]:
    """Start so many workers; none where not all of them can be started."""
    if count and is_copy():
        load()  # once for all of them
    started: list[Started] = []
    try:
        started.extend(Started.start() for _ in range(count))
    except OSError:
        end(started)
        return []
    return started


def end(workers: Iterable[Started]) -> None:
    """Kill workers, and wait until they are gone."""
    for worker in workers:
        worker.channel.close()
        worker.process.kill()
    for worker in workers:
        worker.process.wait()
