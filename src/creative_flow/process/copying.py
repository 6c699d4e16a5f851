"""Copies sources to where their creatives belong: flushed, verified, then named.

A copy lies under a name of its own until it is whole, so that a crash leaves either nothing or a
file that `make.sweep` takes away. Worker processes do it, too.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from errno import EIO

from creative_flow.failpoints import failpoint
from creative_flow.ledger.chunks import chunked
from creative_flow.moving import Copy, place

_THREADS = 4
"""More bring little where flushing takes its time; where it does not they only wait for another."""
_FILES = 4
"""How many files a thread takes at a time: with one it would be longer on its way than at work."""

Order = tuple[str, str, str]
"""A source, where its copy belongs, in a folder that is there, and the SHA-256 of both."""


def beside(path: str) -> str:
    """Return where a file lies until it is whole."""
    folder, name = os.path.split(path)
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - quicker, and there are thousands
    return f"{folder}/.{stem}.part{suffix}"


def copy_to(orders: Sequence[Order]) -> list[int | OSError]:
    """Carry out orders; return of each how many bytes the copy has, or why there is none.

    The names are durable once the folder is flushed.
    """
    written = [_written(order) for order in orders]
    # A disk takes hardly longer for some flushes at once than for one. All else is quicker in one
    # thread: others would only wait for the folder, and for each other.
    flushed = _in_threads(written)
    return [_placed(order, it) for order, it in zip(orders, flushed, strict=True)]


def _written(order: Order) -> Copy | OSError:
    source, target, sha256 = order
    try:
        clear(target)
        clear(beside(target))
        return Copy(source, beside(target), sha256)
    except OSError as error:
        return error


def _in_threads(copies: Sequence[Copy | OSError]) -> list[int | OSError]:
    if len(copies) <= _FILES:
        return _flushed(copies)
    with ThreadPoolExecutor(_THREADS) as threads:
        return [it for some in threads.map(_flushed, chunked(copies, _FILES)) for it in some]


def _flushed(copies: Sequence[Copy | OSError]) -> list[int | OSError]:
    return [copy if isinstance(copy, OSError) else _finished(copy) for copy in copies]


def _finished(copy: Copy) -> int | OSError:
    try:
        copy.finish()
    except OSError as error:
        return error
    return copy.size


def _placed(order: Order, size: int | OSError) -> int | OSError:
    if isinstance(size, OSError):
        return size
    _, target, _ = order
    try:
        with failpoint("process.place"):
            place(beside(target), target)
    except OSError as error:
        with suppress(OSError):  # the next run takes it away
            clear(beside(target))
        return error
    return size


def undone(order: Order, why: str) -> OSError:
    """Take away what is there of an order that could not be ended; return why it was not."""
    _, target, _ = order
    try:
        clear(target)
        clear(beside(target))
    except OSError as error:
        return error  # the next run takes it away
    return OSError(EIO, why)


def clear(path: str) -> None:
    """Take away what an interrupted attempt left. Raises `OSError`."""
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - quicker, and there are thousands
