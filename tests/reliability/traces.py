"""`cfu` as a user runs it; all that it leaves behind stays in one folder, to be looked through."""

from __future__ import annotations

import asyncio
import base64
import html
import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from attrs import define, field

from creative_flow.browser import require_chromium

_KEPT = ("PATH", "LANG", "VIRTUAL_ENV", "LD_LIBRARY_PATH")


@define
class Traces:
    """Runs commands, and gathers what they say and what their processes show to others."""

    root: Path
    """Everything that a command may write lies below it."""
    given: Mapping[str, str]
    """Settings that the commands find in their environment."""
    said: list[bytes] = field(factory=list)
    processes: set[bytes] = field(factory=set)
    """Argument lists and environments of every process that was seen."""

    @property
    def place(self) -> Path:
        return self.root / "place"

    @property
    def environ(self) -> dict[str, str]:
        """What the commands are given."""
        folders = {"HOME": "home", "TMPDIR": "tmp", "CFU_STATE_DIR": "state"}
        for name in folders.values():
            (self.root / name).mkdir(exist_ok=True)
        return {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            **{name: str(self.root / folder) for name, folder in folders.items()},
            "CFU_CHROMIUM": str(require_chromium().path),
            "LOG_LEVEL": "DEBUG",
            **self.given,
        }

    async def cfu(
        self, *arguments: str, typed: Iterable[tuple[str, str]] = (), fail_at: str = ""
    ) -> tuple[int, str]:
        """Run a command in a real terminal, typing answers to its questions.

        Return the exit code and all that the terminal was sent.
        """
        return await asyncio.to_thread(self._in_terminal, arguments, tuple(typed), fail_at)

    def _in_terminal(
        self, arguments: tuple[str, ...], typed: tuple[tuple[str, str], ...], fail_at: str
    ) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "creative_flow.cli", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=self.place,
            env={**self.environ, "CFU_FAIL_AT": fail_at},
            start_new_session=True,
        )
        os.close(theirs)
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(process.pid, over), daemon=True)
        watcher.start()
        questions = list(typed)
        shown, unread = b"", b""
        try:
            while True:
                try:
                    more = os.read(ours, 4096)
                except OSError:  # how the end of a terminal shows on Linux
                    break
                if not more:
                    break
                shown += more
                unread += more
                if questions and questions[0][0].encode() in unread:
                    os.write(ours, f"{questions.pop(0)[1]}\n".encode())
                    unread = b""
            code = process.wait(30)
        finally:
            process.kill()
            process.wait()
            over.set()
            watcher.join()
            os.close(ours)
        self.said.append(shown)
        assert not questions, f"never asked for {questions}: {shown!r}"
        return code, shown.decode(errors="replace")

    async def quietly(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command without a terminal; return exit code, standard output and error."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "creative_flow.cli", *arguments),
            cwd=self.place,
            env=self.environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        over = threading.Event()
        watching = asyncio.create_task(asyncio.to_thread(self._watch, process.pid, over))
        try:
            out, err = await process.communicate()
        finally:
            over.set()
            await watching
        self.said += [out, err]
        assert process.returncode is not None
        return process.returncode, out.decode(errors="replace"), err.decode(errors="replace")

    def _watch(self, pid: int, over: threading.Event) -> None:
        """Note what a process and all below it show of themselves, until it is over."""
        while not over.wait(0.02):
            for each in _family(pid):
                for name in ("cmdline", "environ"):
                    try:
                        self.processes.add(Path(f"/proc/{each}/{name}").read_bytes())
                    except OSError:
                        continue  # it has ended

    def files(self) -> Iterator[Path]:
        """Yield every file that was left behind, wherever it lies."""
        return (path for path in self.root.rglob("*") if path.is_file() and not path.is_symlink())


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return  # it has ended
    for task in tasks:
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))


def forms(secret: str) -> dict[str, bytes]:
    """Return the ways in which a secret could stand in a file, by name."""
    raw = secret.encode()
    # Within a longer text its base64 looks different by where it begins; the ends are cut off.
    inside = {
        f"base64 at {at}": base64.b64encode(b"\0" * at + raw)[(at * 8 + 5) // 6 :][:-4]
        for at in range(3)
    }
    ways = {
        "as it is": raw,
        "url": quote(secret, safe="").encode(),
        "form": quote_plus(secret).encode(),
        "html": html.escape(secret).encode(),
        "html text": html.escape(secret, quote=False).encode(),
        "json": json.dumps(secret)[1:-1].encode(),
        "json text": json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
        "json twice": json.dumps(json.dumps(secret)[1:-1])[1:-1].encode(),
        "python": repr(secret)[1:-1].encode(),
        "utf-16": secret.encode("utf-16-le"),
        "hex": raw.hex().encode(),
        **inside,
    }
    return {name: way for name, way in ways.items() if way}
