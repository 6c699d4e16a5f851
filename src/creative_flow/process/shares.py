"""Shares of a long list of files, each a call on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

THREADS = 4
"""More bring little where flushing takes its time; where it does not they only wait for another."""
_FILES = 4
"""How many files a thread takes at a time: with one it would be longer on its way than at work."""


def shares(items: Sequence[A], size: int) -> Iterator[Sequence[A]]:
    """Yield the items in parts of ``size``, the last one perhaps shorter."""
    return (items[at : at + size] for at in range(0, len(items), size))


def in_threads(do: Callable[[Sequence[A]], list[B]], items: Sequence[A]) -> list[B]:
    """Return what ``do`` makes of the items, in their order; some threads do a few each."""
    if len(items) <= _FILES:
        return do(items)
    with ThreadPoolExecutor(THREADS) as threads:
        return [it for made in threads.map(do, shares(items, _FILES)) for it in made]
