"""Making durable what was written: a power cut from then on costs nothing of it."""

from __future__ import annotations

import fcntl
import os
import sys
from contextlib import suppress
from pathlib import Path


def sync(handle: int) -> None:
    """Make a file's bytes, or the names in a folder, durable. Raises `OSError`."""
    if sys.platform == "darwin":
        # There fsync() may stop at the drive's cache; not every file system knows the other way.
        with suppress(OSError):
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
    os.fsync(handle)


def begin_sync(handle: int) -> None:
    """Have a file's bytes on their way to the disk, where the system knows how.

    `sync` for one file then makes what was begun for others durable with it, or nearly: they take
    their places on the disk in one step, not in one each. Never fails: what is wrong, `sync` says.
    """
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def sync_folder(folder: Path) -> None:
    """Make durable which names stand in a folder. Raises `OSError`."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        sync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it, durably; ``mode`` is for the lowest. Raises `OSError`."""
    if folder.is_dir():
        return
    if not folder.parent.is_dir():
        make_folder(folder.parent)
    folder.mkdir(mode=mode, exist_ok=True)
    sync_folder(folder.parent)
