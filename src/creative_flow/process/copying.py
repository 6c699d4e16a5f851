"""Copies sources to where their creatives belong: flushed, verified, then named.

A copy lies under a name of its own until it is whole, so that a crash leaves either nothing or a
file that `make.sweep` takes away. Worker processes do it, too.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from errno import EIO
from typing import NamedTuple

from creative_flow.failpoints import failpoint
from creative_flow.moving import Copy, FileCopy, place
from creative_flow.process.flushing import flush
from creative_flow.process.unnamed import Unnamed, stamps


class Order(NamedTuple):
    """A source, and where its copy belongs, in a folder that is there.

    ``sha256`` is that of both. ``unnamed`` is a copy that was made already, if there is one.
    """

    source: str
    target: str
    sha256: str
    unnamed: Unnamed | None = None


def beside(path: str) -> str:
    """Return where a file lies until it is whole."""
    folder, name = os.path.split(path)
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - quicker, and there are thousands
    return f"{folder}/.{stem}.part{suffix}"


def copy_to(orders: Sequence[Order]) -> list[int | OSError]:
    """Carry out orders; return of each how many bytes the copy has, or why there is none.

    The names are durable once the folder is flushed.
    """
    done = [_named(order) for order in orders]
    left = [order for order, size in zip(orders, done, strict=True) if size is None]
    flushed = flush([_written(order) for order in left])
    placed = iter([_placed(order, it) for order, it in zip(left, flushed, strict=True)])
    return [next(placed) if size is None else size for size in done]


def _named(order: Order) -> int | None:
    """Give a copy its name that was made already; return its size, None if there is none."""
    if order.unnamed is None:
        return None
    try:
        if stamps(os.stat(order.source)) != order.unnamed.source:  # noqa: PTH116 - as above
            return None  # somebody has changed it meanwhile
        _place(order.unnamed.path, order.target)
    except OSError:
        return None  # it is made anew: if anything is wrong, it shows there
    size, *_ = order.unnamed.source
    return size


def _written(order: Order) -> Copy | OSError:
    source, part, sha256 = order.source, beside(order.target), order.sha256
    try:
        with suppress(FileExistsError):
            return FileCopy(source, part, sha256)
        clear(part)  # an interrupted attempt has left it
        return FileCopy(source, part, sha256)
    except OSError as error:
        return error


def _placed(order: Order, size: int | OSError) -> int | OSError:
    if isinstance(size, OSError):
        return size
    part = beside(order.target)
    try:
        _place(part, order.target)
    except OSError as error:
        with suppress(OSError):  # the next run takes it away
            clear(part)
        return error
    return size


def _place(copy: str, target: str) -> None:
    with failpoint("process.place"):
        try:
            place(copy, target)
        except FileExistsError:
            clear(target)  # an interrupted attempt has left it
            place(copy, target)


def undone(order: Order, why: str) -> OSError:
    """Take away what is there of an order that could not be ended; return why it was not."""
    try:
        clear(order.target)
        clear(beside(order.target))
    except OSError as error:
        return error  # the next run takes it away
    return OSError(EIO, why)


def clear(path: str) -> None:
    """Take away what an interrupted attempt left. Raises `OSError`."""
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - quicker, and there are thousands
