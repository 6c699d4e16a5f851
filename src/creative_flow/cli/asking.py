"""Questions at the terminal while something is being done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from creative_flow.report.progress import LiveProgress, PlainProgress


@contextmanager
def making_room(bar: LiveProgress | PlainProgress) -> Iterator[None]:
    """Let a question have the terminal, and Ctrl+C stop it at once.

    While an event loop runs, Ctrl+C only asks it to stop, which it can't hear before the answer.
    """
    with bar.paused():
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
