"""A refresh of libraries of 2,000 and 20,000 entries: pages a second, requests a page.

    python -m benchmarks.refresh [--sizes 2000 20000]

`cfu library refresh` in a fresh workspace, against a sandbox that answers at once. The figures are
those of the whole process: start, sign-in and the ledger's writing included.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import CFU, Line, folder, run, say, table
from benchmarks.site import serving

SIZES = (2_000, 20_000)
AD_FORMAT = "static_banner"
LIMIT = 900.0
"""Seconds that one refresh may take."""


@dataclass(frozen=True)
class Refreshed:
    """One refresh: its pages, the list requests that the site answered, seconds, bytes at most."""

    pages: int
    requests: int
    seconds: float
    peak: int

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.pages / self.seconds


def measure(sizes: Sequence[int] = SIZES) -> list[Line]:
    """Refresh each library once."""
    with folder() as root:
        done = {}
        for size in sizes:
            say(f"refresh: {size:,} entries …")
            done[size] = refresh(root / str(size), size)
    lines = [
        Line(
            f"refresh of {size:,} entries: requests a page",
            it.requests / it.pages,
            most=1.02,
            detail=f"{it.pages:,} pages, {it.requests:,} requests (one to see that the login "
            f"holds), {it.rate:.1f} pages/s, {it.seconds:.0f} s, {it.peak / 1e6:.0f} MB",
        )
        for size, it in done.items()
    ]
    if len(sizes) > 1:
        least, largest = done[min(sizes)], done[max(sizes)]
        lines.append(
            Line(
                f"refresh, pages a second: {max(sizes):,} entries : {min(sizes):,} entries",
                largest.rate / least.rate,
                detail=f"{largest.rate:.1f} : {least.rate:.1f} pages/s",
            )
        )
    return lines


def refresh(root: Path, size: int) -> Refreshed:
    """Refresh a library of so many entries; raise ``RuntimeError`` if not all of it is found."""
    seeds = [{"count": size, "ad_format": AD_FORMAT}]
    command = (*CFU, "library", "refresh", "--platform", "tj", "--workspace", str(root))
    with serving({"list_seconds": 0, "thumbnails": False}, seeds) as site:
        done = run(
            [*command, "--ad-format", AD_FORMAT, "--headless", "--json"],
            environ=site.environ,
            limit=LIMIT,
        )
        requests = site.requests()["list"]
    document = json.loads(done.output)
    [found] = document["ad_formats"]
    if found["entries"] != size:
        raise RuntimeError(f"{found['entries']} of {size} entries were found")
    return Refreshed(document["pages"], requests, done.seconds, done.peak)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    print(table(measure(parser.parse_args().sizes)))


if __name__ == "__main__":
    main()
