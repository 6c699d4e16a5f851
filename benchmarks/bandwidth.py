"""How much of a slow link an upload uses: 500 MB of video through 50 Mbit/s.

    python -m benchmarks.bandwidth [--megabytes 500] [--megabits 50]

The sandbox takes uploads at so many bytes a second, all together. What counts is the time from the
moment when the first bytes may leave until the last file is in: the arrivals' own times there.
"""

from __future__ import annotations

import argparse
import struct
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from benchmarks.measuring import Line, folder, say, table
from benchmarks.site import serving
from benchmarks.uploads import cfu

MEGABYTES, MEGABITS = 500, 50
FILES = 10
LEAST = 0.95


def measure(megabytes: int = MEGABYTES, megabits: int = MEGABITS) -> list[Line]:
    """Upload one batch once; that takes as long as the link takes."""
    rate = megabits * 1_000_000 // 8
    with folder() as root:
        files = root / "files"
        size = make_files(files, megabytes * 1_000_000 // FILES) * FILES
        say(f"bandwidth: {size / 1e6:.0f} MB at {megabits} Mbit/s take {size / rate:.0f} s …")
        # The link alone is to be waited for: a file that the site works on uses none of it.
        settings = {"upload_bytes_per_second": rate, "file_seconds": 0, "batch_seconds": 0}
        with serving(settings) as site:
            done = cfu(site, files, root / "workspace")
            began, ended = _span(root / "workspace", site.ask("state")["arrivals"])
    seconds = ended - began
    return [
        Line(
            f"link of {megabits} Mbit/s used while sending {size / 1e6:.0f} MB",
            size / rate / seconds,
            least=LEAST,
            detail=f"{seconds:.1f} s, {size / seconds * 8 / 1e6:.1f} Mbit/s; "
            f"whole process {done.seconds:.1f} s, {done.peak / 1e6:.0f} MB",
        )
    ]


def _span(place: Path, arrivals: Sequence[dict[str, str]]) -> tuple[float, float]:
    """Return when bytes could leave, by the ledger, and when the last file was in, by the site."""
    import sqlite3

    database = sqlite3.connect(place / "data" / "session" / "ledger.db")
    [(began,)] = database.execute("SELECT min(sending_began_at) FROM batches")
    database.close()
    ended = max(datetime.fromisoformat(it["arrived_at"]).timestamp() for it in arrivals)
    return datetime.fromisoformat(began).timestamp(), ended


def make_files(root: Path, size: int) -> int:
    """Make clips that are valid and cost next to nothing; return how many bytes one has.

    Behind a small clip stands a box of free space (ISO 14496-12, "Free Space Box"), whose bytes
    nobody wrote: the file has a hole, and each its own number in it.
    """
    from benchmarks.uploads import make_clip

    root.mkdir()
    for number in range(FILES):
        path = root / f"EN_Summer_F_Real_SFW_Generic_Ana_6sec_ID-2A2B{number:04X}.mp4"
        make_clip(path)
        room = size - path.stat().st_size
        with path.open("ab") as file:
            file.write(struct.pack(">I4sQ", room, b"free", number))
            file.truncate(size)
    return size


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=MEGABYTES)
    parser.add_argument("--megabits", type=int, default=MEGABITS)
    asked = parser.parse_args()
    print(table(measure(asked.megabytes, asked.megabits)))


if __name__ == "__main__":
    main()
