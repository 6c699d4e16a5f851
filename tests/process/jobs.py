"""What the tests have workers do."""

from __future__ import annotations

import ctypes
import fcntl
import os
import sys
import threading
from pathlib import Path

from creative_flow.probe import NotMedia
from creative_flow.process.failing import ConversionError


def add(path: Path, left: int, right: int) -> tuple[str, int, int]:
    return path.name, left + right, os.getpid()


def crash(path: Path, left_behind: Path) -> None:
    """Write half a file, then do what a broken codec does."""
    left_behind.write_bytes(b"half")
    ctypes.string_at(0)


def hang(path: Path, left_behind: Path) -> None:
    """Write half a file, hold a lock for as long as the process lives, and never end."""
    left_behind.write_bytes(b"half")
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("held")
        file.flush()
        threading.Event().wait()


def fail(path: Path) -> None:
    raise ConversionError(path, "it is too green", hint="Paint it.")


def fail_unportably(path: Path) -> None:
    raise NotMedia(path, "it is a poem")


def leave(path: Path) -> None:
    os._exit(7)


def chatter(path: Path) -> int:
    """Print where answers go, past Python too."""
    print("noise", flush=True)
    os.write(1, b"noise")
    sys.stdout.flush()
    return 3


def unanswerable(path: Path) -> object:
    return threading.Lock()
