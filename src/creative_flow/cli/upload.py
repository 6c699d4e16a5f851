"""``cfu upload``: the main job."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from creative_flow.cli.options import account_option, window_option, workspace_option
from creative_flow.cli.output import Output, failed_run, one_line
from creative_flow.errors import CreativeFlowError, Interrupted

if TYPE_CHECKING:
    from creative_flow.cli.running import Choices
    from creative_flow.creative import Report
    from creative_flow.workspace import Workspace

_EPILOG = """\b
Examples:
  cfu upload banners/ --platform tj
  cfu upload banners/ --platform tj --live
  cfu upload --session --platform tj --live --limit 20
  cfu upload uploaded/ --platform tj --live --archive
  cfu upload clip.mp4 --platform tj --ad-format in_stream_video --live --json

\b
Exit codes:
  0    all well: each creative is up, was up already, or (dry run) could go up
  1    some creative failed, was rejected, or its fate is unknown
  2    wrong usage, settings, or workspace
  3    a login is needed, or was refused
  4    the platform's page is not as expected; nothing was guessed
  5    another run holds this account
  6    the plugin is missing or broken
  7    the platform can't be reached
  130  interrupted; the same command goes on where it stopped
"""


@click.command(epilog=_EPILOG)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATHS]...")
@click.option(
    "--platform",
    "platforms",
    multiple=True,
    required=True,
    metavar="NAME",
    help="Where to, as `cfu platforms` names it. May be repeated: one run each.",
)
@click.option("--live", is_flag=True, help="Really send. Without it nothing leaves this machine.")
@click.option(
    "--session",
    is_flag=True,
    help="Send what tracking/creative_inventory_session.csv lists (the default without PATHS).",
)
@click.option(
    "--ad-format",
    metavar="NAME",
    help="Send every file as this ad format, instead of judging each by folder, name and content.",
)
@click.option("--campaign", default="", metavar="ID", help="Recorded with each outcome; no more.")
@account_option
@window_option
@click.option(
    "--force",
    is_flag=True,
    help="Send files although the record says that they are up already.",
)
@click.option(
    "--retry-failed",
    is_flag=True,
    help="Take up again what was sent in an earlier run and failed.",
)
@click.option(
    "--fresh",
    is_flag=True,
    help="Begin anew instead of going on; what the platform has is still not sent again.",
)
@click.option(
    "--wait", is_flag=True, help="If another run holds the account, wait until it is done."
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Send at most N creatives; native pairs stay whole.",
)
@click.option(
    "--skip-similar",
    is_flag=True,
    help="Leave out what looks like something that is up, or like another file of this run.",
)
@click.option(
    "--parallel",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Send up to N batches at once, each of another ad format, in pages of one login.",
)
@click.option(
    "--archive",
    "to_archive",
    is_flag=True,
    help="Afterwards move what is up from uploaded/ to archive/, as `cfu archive` does.",
)
@click.option(
    "--refresh-library",
    is_flag=True,
    help="Do `cfu library refresh` first; without PATHS and --session, do only that.",
)
@click.option(
    "--sync-status",
    is_flag=True,
    help="Do `cfu library sync-status` first; without PATHS and --session, do only that.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
@workspace_option()
@click.pass_obj
def upload(
    output: Output,
    paths: tuple[Path, ...],
    platforms: tuple[str, ...],
    live: bool,
    session: bool,
    ad_format: str | None,
    campaign: str,
    account: str,
    headless: bool | None,
    force: bool,
    retry_failed: bool,
    fresh: bool,
    wait: bool,
    limit: int | None,
    skip_similar: bool,
    parallel: int,
    to_archive: bool,
    refresh_library: bool,
    sync_status: bool,
    as_json: bool,
    workspace: Path,
) -> int:
    """Send creatives to a platform, or show what would be sent.

    PATHS are files, and folders that are walked. Without --live this is a dry run: it checks every
    file and shows what would go up as what, in which batch, and what is left out and why. It needs
    no network, no login and no browser.

    With --live the files go up in batches, and each comes back with its Creative ID, proved by
    the platform's own list. What is there already is not sent again. The record is in tracking/:
    a status CSV of this run, and the library CSV of all.
    """
    from creative_flow.cli.running import Choices, archive_after, one_run, overall
    from creative_flow.workspace import Workspace

    if session and paths:
        raise click.UsageError("--session and PATHS exclude each other.")
    choices = Choices(
        live=live,
        account=account,
        ad_format=ad_format,
        campaign=campaign,
        force=force,
        retry_failed=retry_failed,
        fresh=fresh,
        wait=wait,
        limit=limit,
        skip_similar=skip_similar,
        parallel=parallel,
        headless=headless,
    )
    asks = refresh_library or sync_status
    sends = not asks or session or bool(paths)
    codes = []
    reports: list[Report | None] = []
    walks: list[dict[str, Any]] = []
    for platform in dict.fromkeys(platforms):
        output.platform = platform
        place = Workspace(workspace)
        code = _walk_first(output, place, platform, choices, walks, refresh_library) if asks else 0
        report = None
        # What a refresh could not tell stays as it was; what stopped it stops the upload.
        if sends and code <= 1:
            sent, report = one_run(output, place, platform, list(paths) or None, choices)
            code = max(code, sent)
        codes.append(code)
        reports.append(report)
        if code == Interrupted.exit_code:
            break
    document: dict[str, object] = {"runs": output.runs}
    if to_archive and sends:
        code, archived = archive_after(Workspace(workspace), reports, output.people)
        codes.append(code)
        if archived is not None:
            document["archive"] = archived
    if as_json:
        if asks:
            document["library"] = walks
        output.document(document)
    return overall(codes)


def _walk_first(
    output: Output,
    workspace: Workspace,
    platform: str,
    choices: Choices,
    walks: list[dict[str, Any]],
    whole: bool,
) -> int:
    """Bring the record in line with the platform; a refresh includes all that a sync would ask."""
    from creative_flow.cli.walking import run_walk
    from creative_flow.libraries.refreshing import Wish

    try:
        walked = run_walk(
            workspace,
            platform,
            Wish(sync_status=not whole),
            output.people,
            account=choices.account,
            headless=choices.headless,
        )
    except CreativeFlowError as error:
        print(f"cfu: {one_line(error)}", file=sys.stderr)
        output.runs.append(failed_run(platform, error, account=choices.account, live=choices.live))
        return error.exit_code
    walks.append(walked.to_dict())
    return walked.exit_code
