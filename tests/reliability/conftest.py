"""What `make reliability` prints: one line per kind of fault, counted from the tests that ran."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

EVERYTHING = "reliability or not reliability"
"""How pytest is asked for the whole matrix; without it only a fast part runs."""

KINDS = {
    "test_failpoints": "killed before or after a change of state, then run again",
    "test_failpoints_process": "killed while raw files are processed, then run again",
    "test_campaigns": "killed while ads go into campaigns, then run again",
    "test_lanes": "killed while several batches are sent at once, then run again",
    "test_network": "requests failing before, while or after a file is kept; late ids",
    "test_power_ledger": "power lost: the ledger, cut back to what was flushed",
    "test_power_files": "power lost: the mirrors, without what was not flushed",
    "test_archive_faults": "killed, or power lost, while files go to the archive and back",
    "test_disk": "disk full or failing at a write",
    "test_secrets": "every byte left behind searched for secrets",
    "test_hostile": "hostile names and pages",
    "test_changed_pages": "one thing of the site's pages changed",
}


@pytest.fixture
def root() -> Iterator[Path]:
    """Make a folder with a short name: sockets, of which browsers make some, can't lie deep."""
    with tempfile.TemporaryDirectory(prefix="cfu-", dir="/tmp") as folder:
        yield Path(folder).resolve()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table, if the whole matrix was asked for."""
    if terminalreporter.config.getoption("markexpr") != EVERYTHING:
        return
    held: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for outcome, count in (("passed", held), ("failed", broken), ("error", broken)):
        for report in terminalreporter.getreports(outcome):
            count[Path(report.nodeid.split("::")[0]).stem] += 1
    terminalreporter.section("reliability")
    terminalreporter.write_line(f"{'cases':>6}  {'held':>6}  {'broken':>6}  what is done to a run")
    for kind, what in KINDS.items():
        cases = held[kind] + broken[kind]
        if cases:
            terminalreporter.write_line(f"{cases:>6}  {held[kind]:>6}  {broken[kind]:>6}  {what}")
