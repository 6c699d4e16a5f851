"""What stands in raw files: each is read once, hashed and probed. Worker processes do it, too."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from creative_flow.creative import Media
from creative_flow.moving import Copy, content
from creative_flow.probe import NotMedia, probe, probe_bytes
from creative_flow.process.flushing import flush
from creative_flow.process.unnamed import Unnamed, has_room, stamps, write

WORTH_REMEMBERING = 1_000_000
"""Bytes from which on a file is not hashed here: the ledger knows the hash, or is to keep it."""
_MOST_BYTES = 32_000_000
"""How much is kept in memory until copies of it are on the disk."""


class Look(NamedTuple):
    """What a file is. ``mtime_ns`` and ``inode`` are from before it was read.

    ``sha256`` is empty for a file that is `WORTH_REMEMBERING`. ``unnamed`` is a copy of it, flushed
    and verified, if there is one.
    """

    media: Media
    size: int
    mtime_ns: int
    inode: int
    sha256: str
    unnamed: Unnamed | None = None

    @property
    def is_all(self) -> bool:
        """Whether nothing more has to be found out."""
        return bool(self.sha256)


def look_at(files: Sequence[tuple[str, str]]) -> list[Look | str]:
    """Return for each file what it is, or why nobody can say, in a few words.

    With each file comes where a copy of it shall be made, empty for nowhere.
    """
    looks: list[Look | str] = []
    begun: dict[int, Copy | OSError] = {}
    size = 0
    first = next((copy for _, copy in files if copy), "")
    roomy = bool(first) and has_room(first)
    for number, (path, copy) in enumerate(files):
        look, data = _look(path, copy if roomy else "")
        looks.append(look)
        if isinstance(look, Look) and look.unnamed:
            begun[number] = write(path, copy, data)
            size += len(data)
            if size > _MOST_BYTES:
                _end(begun, looks)
                size = 0
    _end(begun, looks)
    return looks


def _end(begun: dict[int, Copy | OSError], looks: list[Look | str]) -> None:
    """Finish the copies that were begun, and forget those that are none."""
    for number, size in zip(begun, flush(list(begun.values())), strict=True):
        look = looks[number]
        if isinstance(size, OSError) and isinstance(look, Look):
            looks[number] = look._replace(unnamed=None)
    begun.clear()


def _look(name: str, copy: str) -> tuple[Look | str, bytes]:
    """Return what a file is, and what it holds if a copy of that shall lie at ``copy``."""
    data = b""
    path = Path(name)
    try:
        about = os.stat(name)  # noqa: PTH116 - quicker, and there are thousands
        size, sha256 = about.st_size, ""
        if size < WORTH_REMEMBERING and stat.S_ISREG(about.st_mode):
            data = content(name)
            size, sha256 = len(data), hashlib.sha256(data).hexdigest()
            media = probe_bytes(path, data)
        else:
            media = probe(path)
    except NotMedia as error:
        return error.reason, data
    except FileNotFoundError:
        return "it is gone, or a link to nothing", data
    except OSError as error:
        return f"it can't be read: {error.strerror or error}", data
    unnamed = Unnamed(copy, stamps(about)) if copy and sha256 else None
    return Look(media, size, about.st_mtime_ns, about.st_ino, sha256, unnamed), data
