"""``cfu campaigns``: ads CSVs into campaigns."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from creative_flow.cli.options import (
    account_option,
    platform_option,
    window_option,
    workspace_option,
)
from creative_flow.cli.output import Output

if TYPE_CHECKING:
    from creative_flow.campaign import CampaignsReport
    from creative_flow.campaigns import Wish
    from creative_flow.campaigns.api import JobStatus
    from creative_flow.events import Event
    from creative_flow.report.log import RunLog
    from creative_flow.workspace import Workspace

_EPILOG = """\b
Examples:
  cfu campaigns upload campaign_mapping.csv --platform tj
  cfu campaigns upload campaign_mapping.csv --platform tj --live
  cfu campaigns upload campaign_mapping.csv --platform tj --live --campaign 1013000001
  cfu campaigns upload --ads tracking/Upload_CSV/BatchAB12_20261121_071427_Native.csv \\
      --campaign 1013000001 --platform tj --live

\b
Exit codes:
  0    all well: each campaign has its ads
  1    some campaign failed, or it could not be proved what it has
  2    something in the mapping or an ads CSV is wrong; nothing was sent
Others are those of `cfu upload --help`.
"""

_SLOT = click.option(
    "--slot",
    default="",
    metavar="NAME",
    help="Which of several jobs; each has a checkpoint of its own.",
)


@click.group(epilog="`cfu campaigns COMMAND --help` tells more.")
def campaigns() -> None:
    """Put the ads of CSVs into campaigns, and go on after a crash."""


@campaigns.command(epilog=_EPILOG)
@click.argument(
    "mapping",
    required=False,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="[MAPPING]",
)
@platform_option()
@click.option("--live", is_flag=True, help="Really send. Without it nothing leaves this machine.")
@click.option(
    "--campaign",
    "campaign_ids",
    multiple=True,
    metavar="ID",
    help="Only this campaign of the mapping; with --ads, a campaign to put them into. Repeatable.",
)
@click.option(
    "--ads",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="One ads CSV for the campaigns that --campaign names, instead of a mapping.",
)
@_SLOT
@account_option
@window_option
@click.option(
    "--fresh", is_flag=True, help="Begin anew; ads that a campaign has are still not added again."
)
@click.option("--retry-failed", is_flag=True, help="Take up again what failed earlier.")
@click.option("--force", is_flag=True, help="Add ads although the campaign has them already.")
@click.option(
    "--drop-invalid",
    is_flag=True,
    help="If the platform calls creatives invalid, send the CSV once more without their ads.",
)
@click.option(
    "--parallel",
    type=click.IntRange(min=1, max=16),
    default=1,
    metavar="N",
    help="Work on N campaigns at once, each on a page of its own (default: 1).",
)
@click.option(
    "--wait", is_flag=True, help="If another run holds the account, wait until it is done."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
@workspace_option()
@click.pass_obj
def upload(
    output: Output,
    mapping: Path | None,
    platform: str,
    live: bool,
    campaign_ids: tuple[str, ...],
    ads: Path | None,
    slot: str,
    account: str,
    headless: bool | None,
    fresh: bool,
    retry_failed: bool,
    force: bool,
    drop_invalid: bool,
    parallel: int,
    wait: bool,
    as_json: bool,
    workspace: Path,
) -> int:
    """Put the ads of CSV files into campaigns, or check that they could go in.

    MAPPING says which campaign gets which ads CSV; its first line is
    campaign_id,csv_filename,campaign_name,enabled. All of it is checked before the first click.
    Without --live nothing is sent.

    With --live each campaign's page is opened, ads that it has already are left out, and what was
    sent is proved by the campaign's own list of ads. After every campaign data/session/ holds a
    checkpoint, in which you may change statuses: the same command goes on from there.
    """
    from creative_flow.campaigns import Wish
    from creative_flow.workspace import Workspace

    if (mapping is None) == (ads is None):
        raise click.UsageError("Give a mapping, or an ads CSV with --ads.")
    if ads is not None and not campaign_ids:
        raise click.UsageError("--ads needs a --campaign to put them into.")
    wish = Wish(
        mapping=mapping,
        ads=ads,
        campaigns=campaign_ids,
        slot=slot,
        fresh=fresh,
        retry_failed=retry_failed,
        force=force,
        drop_invalid=drop_invalid,
        wait=wait,
        parallel=parallel,
    )
    output.platform = platform
    report = _run(output, Workspace(workspace), platform, wish, account, headless, live=live)
    output.runs.append(report.to_dict())
    if as_json:
        output.document({"runs": output.runs})
    return report.exit_code


def _run(
    output: Output,
    place: Workspace,
    platform: str,
    wish: Wish,
    account: str,
    headless: bool | None,
    *,
    live: bool,
) -> CampaignsReport:
    from creative_flow import registry
    from creative_flow.campaigns import CheckFailed, put_ads
    from creative_flow.cli.running import is_interactive, run_log
    from creative_flow.report.campaigns import CampaignsProgress, show_campaigns
    from creative_flow.report.text import clean
    from creative_flow.uploading.books import Bulletin

    with run_log(place) as log, CampaignsProgress(sys.stderr) as bar:
        bulletin = Bulletin([log, bar])
        bulletin.add(registry.listeners(bulletin.warn))
        try:
            report = put_ads(
                platform,
                wish,
                workspace=place,
                live=live,
                account=account,
                headless=headless,
                interactive=is_interactive(),
                on_event=bulletin.tell,
            )
        except CheckFailed as error:
            if len(error.problems) > 1:  # a single one is the error's own line
                for line in error.problems:
                    print(clean(f"{line}."), file=sys.stderr)
            raise
        page = _write_page(place, report, log) if report.run else None
    show_campaigns(report, output.people, root=place.root, log=log.path, page=page)
    return report


def _write_page(place: Workspace, report: CampaignsReport, log: RunLog) -> Path | None:
    """Write the run's page. If that fails, there is a warning, and `cfu report` can make it."""
    from creative_flow.cli.output import tell
    from creative_flow.errors import CreativeFlowError
    from creative_flow.events import Noticed
    from creative_flow.report.page import write_campaigns

    try:
        return write_campaigns(place, report.run)
    except CreativeFlowError as error:
        log(Noticed(f"The report of the run was not written: {error}", warning=True))
        tell(f"Warning: no report was written; `cfu report {report.run}` makes it.")
        return None


@campaigns.command()
@platform_option()
@_SLOT
@account_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
@workspace_option()
@click.pass_obj
def status(
    output: Output, platform: str, slot: str, account: str, as_json: bool, workspace: Path
) -> None:
    """Show how far a job is, by its checkpoint; edits of the file count."""
    from creative_flow.campaign import CampaignStatus
    from creative_flow.campaigns import status_of
    from creative_flow.report.campaigns import RETRY, job_lines
    from creative_flow.workspace import Workspace

    def tell(event: Event) -> None:
        from creative_flow.cli.output import tell
        from creative_flow.events import Noticed

        if isinstance(event, Noticed):
            tell(event.message)

    place = Workspace(workspace)
    found = status_of(platform, workspace=place, account=account, slot=slot, notify=tell)
    if as_json:
        output.document(
            {
                "platform": platform,
                "account": account,
                "slot": slot or None,
                "error": None,
                "jobs": [_told(each) for each in found],
            }
        )
        return
    if not found:
        named = f" in slot {slot}" if slot else ""
        print(f"Nothing was put into campaigns yet{named}.", file=output.people)
    for each in found:
        for line in job_lines(each.job, each.file, each.entries, each.open, root=place.root):
            print(line.text, file=output.people)
        print(file=output.people)
    if any(it.status is CampaignStatus.FAILED for each in found for it in each.entries):
        print(RETRY, file=output.people)


def _told(each: JobStatus) -> dict[str, object]:
    return {
        "kind": each.job.kind,
        "session_id": each.job.session_id,
        "started_at": each.job.started_at.astimezone().isoformat(),
        "last_updated": each.job.updated_at.astimezone().isoformat(),
        "checkpoint": str(each.file),
        "campaigns": [
            {
                "campaign_id": entry.campaign_id,
                "campaign_name": entry.name or None,
                "csv_file": entry.csv_file,
                "status": entry.status.value,
                "ads_created": entry.ads_created,
                "invalid_creatives_count": entry.invalid,
                "error": entry.error or None,
                "timestamp": entry.at.astimezone().isoformat() if entry.at else None,
                "to_settle": entry.campaign_id in each.open,
            }
            for entry in each.entries
        ],
    }
