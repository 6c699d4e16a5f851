"""Starts processes that run `creative_flow.process.worker`.

To copy this process takes a tenth of what a new one takes to load what both need. But a lock that
another thread holds at that moment would stay locked in the copy for ever: so only where there is
no other thread, those of libraries in C included, which only Linux tells.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from attrs import define

_START = "import sys; sys.path[:] = {path!r}; from creative_flow.process.worker import main; main()"
_THREADS = Path("/proc/self/task")
_HANDLES = Path("/proc/self/fd")
_THEIRS: list[object] = []
"""What may hold text that the process that was copied will write: not to be cleared away here."""


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Child(Protocol):
    """A process of ours, as `subprocess.Popen` has it."""

    def poll(self) -> int | None:
        """Return its exit code, minus the signal that ended it, or None while it runs."""

    def wait(self) -> int:
        """Return its exit code once it has ended."""

    def kill(self) -> None:
        """Kill it, if it runs."""


def child(channel: int) -> Child:
    """Start a worker that is spoken to over the other end of a socket. Raises `OSError`."""
    if is_copy():
        return _forked(channel)
    return subprocess.Popen(
        # not from the current folder, which may hold anything
        [sys.executable, "-P", "-c", _START.format(path=sys.path)],
        stdin=channel,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def is_copy() -> bool:
    """Say whether a worker would be a copy of this process: whether that has but one thread."""
    if sys.platform != "linux":
        return False
    try:
        return len(list(_THREADS.iterdir())) == 1
    except OSError:
        return False


def _forked(channel: int) -> Child:
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if not pid:
            try:
                _be_a_worker(channel, blocked)
            finally:
                os._exit(1)  # never back to where the other process goes on
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    return _Copy(pid)


def _be_a_worker(channel: int, blocked: Iterable[int]) -> None:
    """Leave all behind that the other process has begun, and work."""
    gc.freeze()  # what is never cleared away closes no file, and tells nobody of it
    signal.set_wakeup_fd(-1)
    handled = (each for each in signal.valid_signals() if callable(signal.getsignal(each)))
    _THEIRS.extend(signal.signal(each, signal.SIG_DFL) for each in handled)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    os.dup2(channel, 0)
    nothing = os.open(os.devnull, os.O_WRONLY)
    for handle in (1, 2):
        os.dup2(nothing, handle)
    os.closerange(3, 1 + max(int(each.name) for each in _HANDLES.iterdir()))
    _THEIRS.extend((sys.stdin, sys.stdout, sys.stderr))
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout, sys.stderr = (os.fdopen(handle, "w", closefd=False) for handle in (1, 2))
    from creative_flow.process.worker import main

    main()


@define
class _Copy:
    """A copy of this process."""

    _pid: int
    _code: int | None = None

    def poll(self) -> int | None:
        return self._ended(os.WNOHANG)

    def wait(self) -> int:
        return self._ended(0) or 0

    def kill(self) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it ended, and somebody waits for it
                os.kill(self._pid, signal.SIGKILL)

    def _ended(self, how: int) -> int | None:
        if self._code is None:
            try:
                pid, status = os.waitpid(self._pid, how)
            except ChildProcessError:  # somebody else has waited for it
                self._code = 0
            else:
                self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code
