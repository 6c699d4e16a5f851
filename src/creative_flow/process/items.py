"""What a run of `process` is made of: sources, and what is to be made of each."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from creative_flow.creative import Media
from creative_flow.ledger.mirrors.disk import Stamp
from creative_flow.ledger.prepared import Part, Prepared
from creative_flow.process.find import Source
from creative_flow.process.unnamed import Unnamed
from creative_flow.processed import Way

MADE_SUFFIXES = (".png", ".jpg", ".mp4")
"""What a file that is made may end in, whatever its source ends in."""


class Target(NamedTuple):
    """One file that is to stand in the end. ``row`` is how the inventory will have it."""

    path: Path
    row: Prepared


class Task(NamedTuple):
    """What is to be made of one source: one file, or the three of a native pair.

    ``stamp`` is what told, when it was read, whether it would be changed. ``unnamed`` is a
    copy of it, if one was made already.
    """

    source: Source
    media: Media
    sha256: str
    stamp: Stamp
    way: Way
    targets: tuple[Target, ...]
    max_bytes: int | None = None
    file_types: frozenset[str] = frozenset()
    unnamed: Unnamed | None = None

    @property
    def size(self) -> int:
        """Bytes of the source."""
        return self.stamp.size

    def target(self, part: Part) -> Target:
        """Return the file that is this part of the source. Raises `StopIteration`."""
        return next(target for target in self.targets if target.row.part is part)
