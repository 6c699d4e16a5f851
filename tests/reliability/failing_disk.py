"""A disk on which a chosen write fails, or on which there is no room: for real, not in our code."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

CALLS = ("write", "pwrite64", "fsync", "fdatasync", "rename", "ftruncate", "mkdir")
"""What writes."""

_LASTS_SECONDS = 90
"""Files named by the time of their making are told beforehand, for so long."""

_FIXED = (
    *(".", ".gitignore", "config", "source_files", "data", "data/session", "data/screenshots"),
    *("tracking", "tracking/upload_logs", "tracking/kept_aside"),
    *(f"data/session/ledger.db{end}" for end in ("", "-wal", "-shm", "-journal")),
    *("data/session/tj_session.json", "tracking/library.csv", "tracking/.library.csv.new"),
    *("tracking/TJ_Creative_Library.csv", "tracking/.TJ_Creative_Library.csv.new"),
    *("tracking/status.csv", "tracking/.status.csv.new"),
)


def failing(place: Path, log: Path, calls: str, error: str = "", nth: int = 0) -> list[str]:
    """Return what runs a command so that the nth of some calls fails, if it is on our files.

    Each thread counts for itself. Without ``nth`` the calls are only written to ``log``.
    """
    now = datetime.now().astimezone()
    times = [now + timedelta(seconds=number) for number in range(_LASTS_SECONDS)]
    names = [
        name
        for time in (f"{it:%Y%m%d-%H%M%S}" for it in times)
        for name in (
            f"tracking/upload_status_{time}.csv",
            f"tracking/.upload_status_{time}.csv.new",
            f"tracking/upload_logs/upload_log_{time}.txt",
        )
    ]
    paths = [option for name in (*_FIXED, *names) for option in ("-P", str(place / name))]
    fault = ["-e", f"inject={calls}:error={error}:when={nth}"] if nth else []
    return [
        *("strace", "-f", "--seccomp-bpf", "-q", "-o", str(log), "-e", f"trace={calls}"),
        *(*fault, *paths),
    ]


def failed(log: Path) -> list[str]:
    """Return the calls that were made to fail."""
    return [line for line in log.read_text(errors="replace").splitlines() if "(INJECTED)" in line]


@contextmanager
def small_disk(place: Path, *, megabytes: int) -> Iterator[Path]:
    """Give a file system of this size at ``place``; where that may not be, skip the test."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(mount, check=False).returncode:
        pytest.skip("no small file system can be mounted here (that needs root, on Linux)")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def leave_room(disk: Path, kilobytes: int) -> Path:
    """Fill a file system up to the last so many KiB; return the file that does it."""
    filler = disk / "filler"
    free = os.statvfs(disk)
    with filler.open("wb") as file:
        file.write(bytes(free.f_bavail * free.f_frsize - kilobytes * 1024))
    return filler
