"""Named places where state changes, at which a test can have the process die.

``CFU_FAIL_AT=ledger.intent:before`` (or ``:after``) ends the process there as a kill or a power cut
would: at once, with no clean-up. Nothing happens where the variable is not set. The tests read the
names from the source, so a new place can't be forgotten.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

_FAIL_AT = os.environ.get("CFU_FAIL_AT", "")


@contextmanager
def failpoint(name: str) -> Iterator[None]:
    """Mark what changes state, with both sides of it."""
    if _FAIL_AT:
        _perhaps_die(f"{name}:before")
    yield
    if _FAIL_AT:
        _perhaps_die(f"{name}:after")


def _perhaps_die(here: str) -> None:
    if here == _FAIL_AT:
        os.kill(os.getpid(), signal.SIGKILL)
