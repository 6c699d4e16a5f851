"""SQLite's write-ahead log, read as its file format describes: a header, then frames.

The header has 32 bytes: magic number, format, page size, checkpoint number, two salts, two check
sums. A frame has 24 bytes and a page; the second number of its head is not zero if it commits. A
frame counts only if it bears the header's salts and the running check sum fits.
"""

from __future__ import annotations

import struct
from itertools import pairwise

from attrs import frozen

HEADER = 32
FRAME_HEAD = 24
_BIG_ENDIAN = 0x377F0683
_LITTLE_ENDIAN = 0x377F0682


@frozen
class Frame:
    """One frame that counts: its place in the file, in bytes, and whether it commits."""

    start: int
    end: int
    commits: bool


def frames(log: bytes) -> list[Frame]:
    """Return the frames that count, which is to say, up to the first that does not."""
    if len(log) < HEADER:
        return []
    magic, _, page, _, *salts, one, two = struct.unpack(">8I", log[:HEADER])
    assert magic in {_BIG_ENDIAN, _LITTLE_ENDIAN}
    order = ">" if magic == _BIG_ENDIAN else "<"
    total = _sum(order, log[: HEADER - 8], (0, 0))
    if total != (one, two):
        return []
    found = []
    for start, end in pairwise(range(HEADER, len(log) + 1, FRAME_HEAD + page)):
        _, size, *rest = struct.unpack(">6I", log[start : start + FRAME_HEAD])
        total = _sum(order, log[start : start + 8] + log[start + FRAME_HEAD : end], total)
        if rest != [*salts, *total]:
            break
        found.append(Frame(start, end, size != 0))
    return found


def salts(log: bytes) -> bytes:
    """Return what tells one generation of the log from the next."""
    return log[16:24]


def flipped(data: bytes, place: int) -> bytes:
    """Return the bytes with one bit turned over."""
    return data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]


def _sum(order: str, data: bytes, start: tuple[int, int]) -> tuple[int, int]:
    one, two = start
    for x, y in struct.iter_unpack(f"{order}2I", data):
        one = (one + x + two) & 0xFFFFFFFF
        two = (two + y + one) & 0xFFFFFFFF
    return one, two
