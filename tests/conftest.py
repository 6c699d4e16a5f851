from __future__ import annotations

import os
import signal
import tempfile

from hypothesis import settings

import warm

# What runs in the background of a script ignores Ctrl+C, and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
# Each worker of the tests holds its accounts for itself.
os.environ["CFU_STATE_DIR"] = tempfile.mkdtemp(prefix="cfu-state-")

# Comparing looks loads large packages, in each of many processes; its own tests turn it on.
os.environ["FIND_SIMILAR"] = "False"

settings.register_profile("here", deadline=None)  # a busy machine is no slower code
settings.load_profile("here")


def pytest_sessionfinish() -> None:
    warm.stop()
