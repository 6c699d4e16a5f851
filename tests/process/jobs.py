"""What the tests have workers do."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from creative_flow.probe import NotMedia
from creative_flow.process.failing import ConversionError


def add(path: Path, left: int, right: int) -> tuple[str, int, int]:
    return path.name, left + right, os.getpid()


def about_itself(path: Path) -> tuple[str, int, bool]:
    """Return the command line, how many files are open, and whether nothing can be read."""
    command = Path(f"/proc/{os.getpid()}/cmdline").read_bytes().decode()
    handles = list(Path("/proc/self/fd").iterdir())
    return command, len(handles) - 1, sys.stdin.read() == ""


def terminate_itself(path: Path) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(10)


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


def doubled(numbers: Sequence[int]) -> list[tuple[int, object]]:
    """Return each twice, and the process that says so; crash at a negative one."""
    if min(numbers) < 0:
        ctypes.string_at(0)
    return [(2 * number, os.getpid()) for number in numbers]


def doubled_here(here: int) -> Callable[[Sequence[int]], list[tuple[int, object]]]:
    """Return what does as `doubled` does, but crashes in any process but this."""
    return partial(_doubled_in, here)


def _doubled_in(here: int, numbers: Sequence[int]) -> list[tuple[int, object]]:
    if os.getpid() != here:
        ctypes.string_at(0)
    return doubled(numbers)


def lost(number: int, why: str) -> tuple[int, object]:
    return -1, 0


def never(number: int, why: str) -> tuple[int, object]:
    raise AssertionError(why)
