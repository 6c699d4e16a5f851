"""The command line: thin commands over the rooms below, each imported when it is used."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Never raises but for ``SystemExit``."""
    hears = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if hears:  # nothing has begun yet that Ctrl+C could interrupt: it just ends the process
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from creative_flow.cli import top

    if hears:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return top.main(arguments)
