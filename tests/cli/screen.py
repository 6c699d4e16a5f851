"""A command at a real terminal, as a person has it."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from cli.conftest import CFU, Terminal
from cli.test_account import read_until


class Screen:
    """What a command shows, and the keys that it is given."""

    def __init__(self, process: subprocess.Popen[bytes], handle: int) -> None:
        self.process = process
        self._handle = handle
        self.shown = ""
        self._ahead = ""  # what came with the text that was waited for, behind it

    def wait_for(self, text: str) -> str:
        """Return what is shown up to a text."""
        before, text, self._ahead = read_until(self._handle, text, self._ahead).partition(text)
        self.shown += before + text
        return before + text

    def answer(self, text: str, waiting_for: str) -> str:
        """Wait for a question, type the answer; return what was shown before it."""
        asked = self.wait_for(waiting_for)
        self.type(f"{text}\n")
        return asked

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._handle, keys.encode())

    def is_quiet(self, seconds: float) -> bool:
        """Say whether nothing more is shown for so long."""
        return not self._ahead and not select.select([self._handle], [], [], seconds)[0]

    def interrupt(self) -> None:
        """Press Ctrl+C."""
        self.is_quiet(0.2)
        self.process.send_signal(signal.SIGINT)
        if self.is_quiet(2):
            # It came in the moment between a question and the waiting for its answer.
            self.process.send_signal(signal.SIGINT)
        self.wait_for("cfu: Stopped.")

    def ends(self) -> int:
        """Return the exit code."""
        code = self.process.wait(30)
        self.shown += self._ahead
        try:
            while more := os.read(self._handle, 4096):
                self.shown += more.decode()
        except OSError:  # how the end of a terminal shows on Linux
            pass
        return code


@contextmanager
def at_a_terminal(terminal: Terminal, *arguments: str, **environ: str) -> Iterator[Screen]:
    """Run a command in the workspace, at a terminal of its own."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [CFU, *arguments, "--workspace", terminal.workspace],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**terminal.environ, **environ},
        cwd=terminal.folder,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Screen(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
