"""``cfu`` as a process of its own that need not import everything first.

One warm process per worker of the tests has imported what the commands use. It forks for each
command, which so has its own memory, environment, folder, streams, signals and exit code, and runs
the same ``cfu`` script to its end, but for freeing its objects. What the interpreter reads when it
starts (``PYTHON…``, the locale) can't be changed later: each set of those has a warm process of its
own.

What is about starting itself, imports, terminals or kills starts ``cfu`` cold.
"""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import IO

from attrs import define, field, frozen

CFU = Path(sys.executable).with_name("cfu")
BROWSING = ("playwright.async_api",)
LONGEST = 120.0
"""Seconds after which a command is killed."""
_SERVER = Path(__file__).with_name("server.py")
_STARTING = 60.0
_CODE = struct.Struct("!i")


@frozen
class Done:
    """What came of a command."""

    code: int
    out: str
    err: str


@define(eq=False)
class Process:
    """A command that was started; as in `subprocess`, its exit code is minus the signal."""

    pid: int
    stdout: IO[bytes]
    stderr: IO[bytes] | None
    """None where it goes to ``stdout``."""
    _status: socket.socket
    _code: int | None = field(default=None, init=False)

    @property
    def returncode(self) -> int | None:
        """The exit code, or None while it runs."""
        if self._code is None and _readable(self._status, 0):
            self._code = _receive(self._status)
        return self._code

    def wait(self, seconds: float = LONGEST) -> int:
        """Return the exit code; after so long it is killed, and `TimeoutError` raised."""
        if self._code is None:
            if not _readable(self._status, max(0, seconds)):
                self.kill()
                raise TimeoutError(f"process {self.pid} did not end")
            self._code = _receive(self._status)
        self._status.close()
        return self._code

    def communicate(self, seconds: float = LONGEST) -> tuple[bytes, bytes]:
        """Read both streams to their end, and wait."""
        ends = monotonic() + seconds
        read: dict[IO[bytes], list[bytes]] = {self.stdout: []}
        if self.stderr is not None:
            read[self.stderr] = []
        with selectors.DefaultSelector() as waiting:
            for stream, pieces in read.items():
                waiting.register(stream, selectors.EVENT_READ, pieces)
            while waiting.get_map():
                if not (ready := waiting.select(max(0, ends - monotonic()))):
                    self.kill()
                    raise TimeoutError(f"process {self.pid} did not close its streams")
                for key, _ in ready:
                    if piece := os.read(key.fd, 65_536):
                        key.data.append(piece)
                    else:
                        waiting.unregister(key.fileobj)
        self.wait(ends - monotonic())
        for stream in read:
            stream.close()
        out, err = read[self.stdout], read[self.stderr] if self.stderr is not None else []
        return b"".join(out), b"".join(err)

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once, if it still runs."""
        self.send_signal(signal.SIGKILL)


@frozen
class _Zygote:
    process: subprocess.Popen[bytes]
    line: socket.socket


_zygotes: dict[frozenset[tuple[str, str]], _Zygote] = {}


def start(
    *arguments: object,
    environ: Mapping[str, str],
    cwd: Path,
    feed: str = "",
    merged: bool = False,
    module: str = "",
    uses: Sequence[str] = (),
) -> Process:
    """Start ``cfu``, or ``python -m`` a module.

    ``feed`` is what it reads from standard input; with ``merged`` it says all on ``stdout``. What
    it ``uses`` beyond what all do is imported by the warm process, once.
    """
    request = {
        "program": str(CFU),
        "module": module,
        "arguments": [*map(str, arguments)],
        "environ": dict(environ),
        "cwd": str(cwd),
        "uses": [*uses],
    }
    content = json.dumps(request).encode()
    line = _zygote(environ).line
    ours, theirs = socket.socketpair()
    stdin, fed = os.pipe()
    out, stdout = os.pipe()
    err, stderr = (-1, stdout) if merged else os.pipe()
    os.write(fed, feed.encode())  # tests feed less than a pipe holds
    os.close(fed)
    handles = [stdin, stdout, stderr, theirs.fileno()]
    socket.send_fds(line, [_CODE.pack(len(content))], handles)
    line.sendall(content)
    theirs.close()
    for handle in {stdin, stdout, stderr}:
        os.close(handle)
    if not _readable(ours, _STARTING):
        raise TimeoutError("the warm process does not answer")
    return Process(
        _receive(ours),
        os.fdopen(out, "rb"),
        None if merged else os.fdopen(err, "rb"),
        ours,
    )


async def run(*arguments: object, environ: Mapping[str, str], cwd: Path) -> Done:
    """Run a ``cfu`` that drives a browser to its end, while the loop goes on."""
    process = start(*arguments, environ=environ, cwd=cwd, uses=BROWSING)
    out, err = await asyncio.to_thread(process.communicate)
    return Done(process.wait(), out.decode(), err.decode())


def stop() -> None:
    """End the warm processes; they end by themselves, too, if this one is killed."""
    for zygote in _zygotes.values():
        zygote.line.close()
    for zygote in _zygotes.values():
        try:
            zygote.process.wait(10)
        except subprocess.TimeoutExpired:
            zygote.process.kill()
            zygote.process.wait()
    _zygotes.clear()


def _zygote(environ: Mapping[str, str]) -> _Zygote:
    """Return a warm process whose interpreter was started as this environment wants it."""
    read_at_start = {
        name: value
        for name, value in environ.items()
        if name.startswith(("PYTHON", "LC_", "LANG")) and name != "PYTHONPATH"
    }
    key = frozenset(read_at_start.items())
    if key not in _zygotes or _zygotes[key].process.poll() is not None:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, _SERVER, str(theirs.fileno())],
                env={"PATH": os.environ["PATH"], **read_at_start},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        _zygotes[key] = _Zygote(process, ours)
    return _zygotes[key]


def _readable(line: socket.socket, seconds: float) -> bool:
    with selectors.DefaultSelector() as waiting:
        waiting.register(line, selectors.EVENT_READ)
        return bool(waiting.select(seconds))


def _receive(line: socket.socket) -> int:
    content = line.recv(_CODE.size, socket.MSG_WAITALL)
    if len(content) < _CODE.size:
        raise RuntimeError("the warm process is gone")
    return int(_CODE.unpack(content)[0])
