"""Where the time of an upload goes: a table per phase, from what the run itself tells.

    python -m benchmarks.phases [--latency none]

30 files in 3 ad formats go to a sandbox, as in `benchmarks.uploads`. A phase lasts from the moment
when the run says that it takes it up until it says the next thing.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.measuring import folder
from benchmarks.site import serving
from benchmarks.uploads import LATENCIES, make_files

if TYPE_CHECKING:
    from creative_flow.events import Event

PHASES = (
    ("looking at", "plan: read, probe, hash"),
    ("reading the newest", "snapshot of the newest entries, sign-in"),
    ("sending", "sending, until the site is done"),
    ("reading the ids", "reading the ids back, the proof"),
)
_REST = "start, browser, ledger, CSV files, ads"


def main() -> None:
    """Upload once and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--latency", choices=LATENCIES, default="as on the site")
    settings, _ = LATENCIES[parser.parse_args().latency]
    with folder() as root, serving(settings) as site:
        make_files(root / "files")
        os.environ.update(site.environ, CFU_STATE_DIR=str(root / "state"))
        spent: defaultdict[str, float] = defaultdict(float)
        began = last = perf_counter()
        phase = _REST

        from creative_flow import upload
        from creative_flow.events import BatchFinished, BatchStarted, StepChanged

        def listen(event: Event) -> None:
            nonlocal last, phase
            named = _REST
            if isinstance(event, StepChanged):
                named = next((name for sign, name in PHASES if event.what.startswith(sign)), phase)
            elif not isinstance(event, (BatchFinished, BatchStarted)):
                named = phase
            now = perf_counter()
            spent[phase] += now - last
            last, phase = now, named

        upload(
            "tj", root / "files", workspace=root / "w", live=True, headless=True, on_event=listen
        )
        spent[phase] += perf_counter() - last
        whole = perf_counter() - began
        requests = site.requests()
    for name in (*(name for _, name in PHASES), _REST):
        print(f"{name:44} {spent[name]:6.1f} s  {spent[name] / whole:4.0%}")
    print(f"{'all':44} {whole:6.1f} s")
    print(
        f"requests: {requests['page']} pages, {requests['list']} lists, {requests['upload']} files"
    )


if __name__ == "__main__":
    main()
