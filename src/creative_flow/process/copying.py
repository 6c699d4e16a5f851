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
from time import monotonic

from creative_flow.failpoints import failpoint
from creative_flow.ledger.chunks import chunked
from creative_flow.moving import Copy, place

_THREADS = 4
"""A disk that takes its time takes hardly longer for some flushes at once than for one."""
_FILES = 4
"""How many files a thread takes at a time: with one it would be longer on its way than at work."""
_SOON = 0.0005
"""Seconds for a file up to which threads would only wait for each other, and for the folder."""
_AT_FIRST = 0.002
"""Seconds that a few files may take longer."""

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
    for copy in written:
        if isinstance(copy, Copy):
            copy.begin_flush()
    flushed = _flushed(written)
    return [_placed(order, it) for order, it in zip(orders, flushed, strict=True)]


def _written(order: Order) -> Copy | OSError:
    source, target, sha256 = order
    part = beside(target)
    try:
        with suppress(FileExistsError):
            return Copy(source, part, sha256)
        clear(part)  # an interrupted attempt has left it
        return Copy(source, part, sha256)
    except OSError as error:
        return error


def _flushed(copies: Sequence[Copy | OSError]) -> list[int | OSError]:
    """Finish the copies; in threads as soon as the disk turns out to take its time."""
    done = _all_finished(copies[:_FILES])  # these wait for what all have in common
    began = monotonic()
    for number, copy in enumerate(copies[_FILES:]):
        if monotonic() - began > _SOON * number + _AT_FIRST:
            break
        done.append(_finished(copy))
    left = copies[len(done) :]
    if not left:
        return done
    with ThreadPoolExecutor(_THREADS) as threads:
        return done + [
            it for some in threads.map(_all_finished, chunked(left, _FILES)) for it in some
        ]


def _all_finished(copies: Sequence[Copy | OSError]) -> list[int | OSError]:
    return [_finished(copy) for copy in copies]


def _finished(copy: Copy | OSError) -> int | OSError:
    if isinstance(copy, OSError):
        return copy
    try:
        copy.finish()
    except OSError as error:
        return error
    return copy.size


def _placed(order: Order, size: int | OSError) -> int | OSError:
    if isinstance(size, OSError):
        return size
    _, target, _ = order
    part = beside(target)
    try:
        with failpoint("process.place"):
            try:
                place(part, target)
            except FileExistsError:
                clear(target)  # as above
                place(part, target)
    except OSError as error:
        with suppress(OSError):  # the next run takes it away
            clear(part)
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
