"""What a run did in campaigns, as a CSV file that it writes once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from creative_flow.campaign import CampaignOutcome, CampaignsReport
from creative_flow.ledger.mirrors import disk
from creative_flow.ledger.mirrors.cells import line, shown

COLUMNS = (
    "campaign_id",
    "campaign_name",
    "csv_file",
    "status",
    "ads_created",
    "error",
    "timestamp",
)


def write_summary(path: Path, report: CampaignsReport) -> None:
    """Write a line per campaign. Raises `WorkspaceError`."""

    def lines() -> Iterator[bytes]:
        yield line(COLUMNS).encode()
        for outcome in report.outcomes:
            yield line(shown(cell) for cell in _cells(outcome)).encode()

    disk.replace(path, lines(), None)


def _cells(outcome: CampaignOutcome) -> tuple[str, ...]:
    return (
        outcome.campaign_id,
        outcome.name,
        outcome.csv_file,
        outcome.status.value,
        str(outcome.ads_created),
        outcome.error,
        f"{outcome.at.astimezone():%Y-%m-%d %H:%M:%S}" if outcome.at else "",
    )
