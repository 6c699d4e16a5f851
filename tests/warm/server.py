"""The warm process: imports once, then forks for each command it is asked for.

It has one thread, and never runs what the commands run. It ends when the tests that started it do.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import struct
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

CODE = struct.Struct("!i")
LOOK = 2.0
"""Seconds between looks whether whoever started this is still there."""

FIRST = (
    *(
        "asyncio",
        "dotenv",
        "importlib.metadata",
        "platformdirs",
        "pluggy",
        "tenacity",
        "webbrowser",
    ),
    *("rich.console", "rich.live", "rich.markup", "rich.progress", "rich.table", "rich.text"),
    *("sqlalchemy", "sqlalchemy.dialects.sqlite", "sqlalchemy.event"),
    *("PIL.Image", "PIL.PngImagePlugin", "PIL.JpegImagePlugin", "PIL.GifImagePlugin"),
    *("av", "creative_flow_tj", "creative_flow_exoclick"),
)


def main() -> None:
    """Serve the socket whose number is the argument."""
    parent = os.getppid()
    line = socket.socket(fileno=int(sys.argv[1]))
    line.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended, ends = os.pipe()
    os.set_blocking(ends, False)
    signal.set_wakeup_fd(ends, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    prepare()
    running: dict[int, socket.socket] = {}
    waiting = selectors.DefaultSelector()
    waiting.register(line, selectors.EVENT_READ)
    waiting.register(ended, selectors.EVENT_READ)
    while os.getppid() == parent:
        for key, _ in waiting.select(LOOK):
            if key.fileobj == ended:
                os.read(ended, 4096)
                tell_who_ended(running)
                continue
            head, handles, _, _ = socket.recv_fds(line, CODE.size, 4)
            if not head:
                return
            request = json.loads(receive(line, CODE.unpack(head)[0]))
            for name in request["uses"]:
                importlib.import_module(name)
            status = socket.socket(fileno=handles[3])
            # Until the child has handlers of its own, nothing sent to it is lost.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
            gc.freeze()
            pid = os.fork()
            if not pid:
                waiting.close()
                for each in (line, status, *running.values()):
                    each.close()
                os.close(ended)
                signal.set_wakeup_fd(-1)
                os.close(ends)
                become(request, handles[:3])
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
            for handle in handles[:3]:
                os.close(handle)
            running[pid] = status
            status.sendall(CODE.pack(pid))


def prepare() -> None:
    """Import what commands import."""
    for name in FIRST:
        importlib.import_module(name)
    import creative_flow

    for found in pkgutil.walk_packages(creative_flow.__path__, "creative_flow."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)


def receive(line: socket.socket, size: int) -> bytes:
    """Return so many bytes."""
    content = b""
    while len(content) < size:
        piece = line.recv(size - len(content))
        if not piece:
            raise EOFError("half a request")
        content += piece
    return content


def tell_who_ended(running: dict[int, socket.socket]) -> None:
    """Send the exit codes of all that ended."""
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with running.pop(pid) as line:
            try:
                line.sendall(CODE.pack(os.waitstatus_to_exitcode(status)))
            except BrokenPipeError:
                continue  # nobody waits for it


def become(request: dict[str, Any], streams: list[int]) -> NoReturn:
    """Be the command, from here to the end of the process."""
    for target, handle in enumerate(streams):
        os.dup2(handle, target)
    for handle in {*streams} - {0, 1, 2}:
        os.close(handle)
    for name in ("stdin", "stdout", "stderr"):
        renew(name)
    os.environ.clear()
    os.environ.update(request["environ"])
    os.chdir(request["cwd"])
    time.tzset()
    tempfile.tempdir = None
    first = request["cwd"] if request["module"] else str(Path(request["program"]).parent)
    path = [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each]
    sys.path[:] = [first, *path, *sys.path[1:]]
    importlib.invalidate_caches()
    sys.argv[:] = [request["program"], *request["arguments"]]

    from creative_flow import failpoints

    failpoints._FAIL_AT = os.environ.get("CFU_FAIL_AT", "")  # read when it is imported
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        if request["module"]:
            runpy.run_module(request["module"], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(request["program"], run_name="__main__")
        end(0)
    except SystemExit as stop:
        if stop.code is None or isinstance(stop.code, int):
            end(stop.code or 0)
        raise


def end(code: int) -> NoReturn:
    """End as the interpreter does, but free no objects: that takes longer than most commands."""
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and not stream.closed:
                stream.flush()
    except OSError:
        sys.exit(code)  # the interpreter tells it
    os._exit(code & 0xFF)


def renew(name: str) -> None:
    """Make a standard stream anew, as the interpreter does, for what its handle is now."""
    old = getattr(sys, name)
    file = open(old.fileno(), "rb" if name == "stdin" else "wb", closefd=False)  # noqa: SIM115
    new = io.TextIOWrapper(
        file,
        old.encoding,
        old.errors,
        newline=None if name == "stdin" else "\n",
        line_buffering=old.line_buffering,
        write_through=old.write_through,
    )
    setattr(sys, name, new)
    setattr(sys, f"__{name}__", new)


if __name__ == "__main__":
    main()
