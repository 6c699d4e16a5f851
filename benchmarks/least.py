"""The least that preparing files takes: each is read, hashed, probed, copied and flushed.

    python benchmarks/least.py FOLDER OUT [THREADS]

It goes from file to file, or has some threads. It loads what that needs and no more; the folder of
the copies is flushed once, in the end. `benchmarks.process` measures it from start to end.
"""

from __future__ import annotations

import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from creative_flow.probe import probe_bytes


def main(folder: Path, out: Path, threads: int) -> None:
    """Copy what is in ``folder`` to ``out``, which must not exist."""
    out.mkdir()

    def one(file: Path) -> str:
        data = file.read_bytes()
        found = hashlib.sha256(data).hexdigest()
        probe_bytes(file, data)
        with (out / file.name).open("xb") as copy:
            copy.write(data)
            copy.flush()
            os.fsync(copy.fileno())
        return found

    files = sorted(folder.iterdir())
    if threads == 1:
        for file in files:
            one(file)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, files))
    handle = os.open(out, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
