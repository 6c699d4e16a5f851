"""The command line: thin commands over the rooms below, each imported when it is used."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

MANY_OBJECTS = 50_000
"""How many new objects there must be before they are searched for ones that nobody needs."""


def program() -> NoReturn:
    """Run the command that this process was started for, and end with its exit code.

    What the process holds goes with it: to take thousands of objects apart one by one took as long
    as many a command. Threads are waited for before, and all that is to be done at the end is done.
    Where another program runs this one, or wants to do something after it, Python ends as it does.
    """
    code: int | None = None
    is_ours = getattr(sys.modules["__main__"], "program", None) is program

    def leave() -> None:
        with suppress(OSError, ValueError):  # then Python tells it, as it always does
            if code is not None:
                for stream in (sys.stdout, sys.stderr):
                    stream.flush()
                os._exit(code & 0xFF)

    if is_ours and not atexit._ncallbacks():  # what is registered first is called last
        atexit.register(leave)
    code = main()
    sys.exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Never raises but for ``SystemExit``."""
    hears = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if hears:  # nothing has begun yet that Ctrl+C could interrupt: it just ends the process
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # A command makes objects that nearly all stay: to search them often for what nobody needs took
    # up to a tenth of the time.
    gc.set_threshold(MANY_OBJECTS)
    from creative_flow.cli import top

    if hears:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return top.main(arguments)
