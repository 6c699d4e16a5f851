"""What stands in raw files: each is read once, hashed and probed. Worker processes do it, too."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from creative_flow.creative import Media
from creative_flow.probe import NotMedia, probe, probe_bytes

WORTH_REMEMBERING = 1_000_000
"""Bytes from which on a file is not hashed here: the ledger knows the hash, or is to keep it."""


@frozen
class Look:
    """What a file is. ``mtime_ns`` and ``inode`` are from before it was read.

    ``sha256`` is empty for a file that is `WORTH_REMEMBERING`.
    """

    media: Media
    size: int
    mtime_ns: int
    inode: int
    sha256: str

    @property
    def is_all(self) -> bool:
        """Whether nothing more has to be found out."""
        return bool(self.sha256)


def look_at(paths: Sequence[str]) -> list[Look | str]:
    """Return for each file what it is, or why nobody can say, in a few words."""
    return [_look(path) for path in paths]


def _look(path: str) -> Look | str:
    try:
        about = os.stat(path)  # noqa: PTH116 - quicker, and there are thousands
        size, sha256 = about.st_size, ""
        if size < WORTH_REMEMBERING and stat.S_ISREG(about.st_mode):
            data = Path(path).read_bytes()
            size, sha256 = len(data), hashlib.sha256(data).hexdigest()
            media = probe_bytes(Path(path), data)
        else:
            media = probe(Path(path))
    except NotMedia as error:
        return error.reason
    except FileNotFoundError:
        return "it is gone, or a link to nothing"
    except OSError as error:
        return f"it can't be read: {error.strerror or error}"
    return Look(media, size, about.st_mtime_ns, about.st_ino, sha256)
