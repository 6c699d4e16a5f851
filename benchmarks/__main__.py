"""All benchmarks, or those that are named, as one table.

    python -m benchmarks                     all of them (about 55 minutes)
    python -m benchmarks plan startup        these
    python -m benchmarks --list              what there is

The exit code is 1 if a ratio is not as wanted.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.measuring import Line, lines_of, say, table

NUMBERED = {
    "uploads": "`cfu upload` against a straight-line script",
    "parallel": "several ad formats at once against one after the other",
    "campaigns": "`cfu campaigns upload` against a straight-line script, and several lanes of it",
    "bandwidth": "how much of a slow link is used",
    "plan": "planning against up to a million known creatives, and the naive way",
    "process": "`cfu process` against plain ffmpeg, and against a loop over small images",
    "startup": "commands with nothing to do",
    "refresh": "walks through libraries",
    "similar": "look-alikes: hits and false alarms",
}
"""Each benchmark's module. It has ``measure()``, which returns lines."""


def main() -> int:
    """Measure what was asked for, print the table, return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones; all if none is named")
    parser.add_argument("--list", action="store_true", help="say what there is")
    wanted = parser.parse_args()
    if wanted.list:
        print("\n".join(f"{name:10} {what}" for name, what in NUMBERED.items()))
        return 0
    if unknown := set(wanted.names) - set(NUMBERED):
        parser.error(f"there is no {', '.join(sorted(unknown))}; see --list")
    lines: list[Line] = []
    failed = False
    for name in wanted.names or NUMBERED:
        began = time.monotonic()
        try:
            lines += _alone(name)
        except Exception as error:  # noqa: BLE001 - one that fails must not cost the others
            failed = True
            say(f"{name}: FAILED: {error}")
        say(f"{name}: {time.monotonic() - began:.0f} s")
    print(table(lines))
    return int(failed or any(line.verdict == "NOT OK" for line in lines))


def _alone(name: str) -> list[Line]:
    """Measure in a process of its own: what one benchmark loads would count as another's memory."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(lines_of, f"benchmarks.{name}").result()


if __name__ == "__main__":
    sys.exit(main())
