"""What needs attention in a run, as a CSV file."""

from __future__ import annotations

from collections.abc import Iterator

from creative_flow.ledger.mirrors.cells import line, shown
from creative_flow.report.advice import advice
from creative_flow.report.page.view import RunView

COLUMNS = ("file_path", "file_name", "ad_format", "status", "reason", "advice", "evidence")


def errors_csv(view: RunView) -> Iterator[bytes]:
    """Yield the file line by line; nothing if no creative of the run needs attention.

    No spreadsheet runs what a name or a reason says. Several pieces of evidence stand in one cell,
    parted by ``; ``.
    """
    head = line(COLUMNS).encode()
    for file in view.files:
        if not file.attention:
            continue
        outcome = file.outcome
        cells = (
            str(outcome.path),
            outcome.name,
            outcome.ad_format,
            outcome.status.value,
            outcome.error,
            advice(outcome.status, outcome.error),
            "; ".join(evidence.name for evidence in file.evidence),
        )
        yield head + line(shown(cell) for cell in cells).encode()
        head = b""
