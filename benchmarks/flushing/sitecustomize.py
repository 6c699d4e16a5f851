"""Makes each flush take ``CFU_BENCH_FLUSH_MS`` milliseconds longer, as on a disk that takes it.

Python loads this by its name, in each process of a measurement that has its folder on the path.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

_fsync = os.fsync
_SECONDS = float(os.environ["CFU_BENCH_FLUSH_MS"]) / 1000


def fsync(fd: FileDescriptorLike) -> None:
    """Flush a file, and take one's time over it."""
    _fsync(fd)
    time.sleep(_SECONDS)


os.fsync = fsync
