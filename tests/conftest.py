from __future__ import annotations

import os
import signal
import tempfile

import pytest
from hypothesis import settings

import warm

# What runs in the background of a script ignores Ctrl+C, and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
# Each worker of the tests holds its accounts for itself.
os.environ["CFU_STATE_DIR"] = tempfile.mkdtemp(prefix="cfu-state-")

# Comparing looks loads large packages, in each of many processes; its own tests turn it on.
os.environ["FIND_SIMILAR"] = "False"

# A busy machine is no slower code.
settings.register_profile("thorough", deadline=None)
settings.register_profile("everyday", deadline=None, max_examples=30)


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples where the further cases are left out, too."""
    everyday = "not slow" in config.getoption("markexpr")
    settings.load_profile("everyday" if everyday else "thorough")


def pytest_sessionfinish() -> None:
    warm.stop()
