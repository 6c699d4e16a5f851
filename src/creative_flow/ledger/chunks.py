"""Cutting long inputs into pieces that fit one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

CHUNK = 500
"""How many values go in one statement."""

T = TypeVar("T")


def chunked(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Yield the values in lists of ``size``, the last one perhaps shorter."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk
