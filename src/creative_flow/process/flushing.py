"""Has many copies flushed and read back at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from creative_flow.ledger.chunks import chunked
from creative_flow.moving import Copy

_THREADS = 4
"""A disk that takes its time takes hardly longer for some flushes at once than for one."""
_FILES = 4
"""How many files a thread takes at a time: with one it would be longer on its way than at work."""
_SOON = 0.0005
"""Seconds for a file up to which threads would only wait for each other, and for the folder."""
_AT_FIRST = 0.002
"""Seconds that a few files may take longer."""


def flush(copies: Sequence[Copy | OSError]) -> list[int | OSError]:
    """Finish copies; return of each how many bytes it has, or why it is none.

    In threads as soon as the disk turns out to take its time.
    """
    for copy in copies:
        if isinstance(copy, Copy):
            copy.begin_flush()
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
