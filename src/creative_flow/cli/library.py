"""``cfu library``: the record of what an account has on a platform."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from creative_flow.cli.looking import export, rebuild, search, show
from creative_flow.cli.options import (
    account_option,
    platform_option,
    window_option,
    workspace_option,
)
from creative_flow.cli.output import Output, tell

if TYPE_CHECKING:
    from creative_flow.libraries.refreshing import Wish


@click.group(
    epilog="Every command of it takes --workspace DIR. `cfu library COMMAND --help` tells more."
)
def library() -> None:
    """Look after the record of what a platform has.

    The record grows by itself with every upload, and tracking/ holds it as a CSV file. Here it is
    brought in line with the platform, looked into, and put right by hand.
    """


_WALK_EPILOG = """\b
Exit codes:
  0    all well
  1    something could not be told, and is left as it was
  4    a page is not as expected: what was seen is recorded, nothing is marked as removed
  130  interrupted: what was seen is recorded; the same command goes on
Others are those of `cfu upload --help`.
"""


def _walk_options(function: Callable[..., int]) -> Callable[..., int]:
    for option in (
        platform_option(),
        account_option,
        click.option(
            "--ad-format",
            "ad_formats",
            multiple=True,
            metavar="NAME",
            help="Only this part of the platform's library. May be repeated.",
        ),
        click.option(
            "--accept-removed",
            is_flag=True,
            help="Mark what is gone as removed even if it is a great part of an ad format.",
        ),
        window_option,
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead."),
        workspace_option(),
        click.pass_obj,
    )[::-1]:
        function = option(function)
    return function


@library.command(epilog=_WALK_EPILOG)
@_walk_options
@click.option(
    "--fresh", is_flag=True, help="Read all of it, also where an interrupted refresh goes on."
)
def refresh(
    output: Output,
    platform: str,
    account: str,
    ad_formats: tuple[str, ...],
    accept_removed: bool,
    headless: bool | None,
    as_json: bool,
    workspace: Path,
    fresh: bool,
) -> int:
    """Read the platform's whole library, and bring the record in line with it.

    New entries are added, review statuses follow, and what is gone is marked as removed; it is
    never deleted. Nothing changes on the platform, and an upload may go on meanwhile. Only what is
    missing from a whole list, looked for twice, is marked as removed.
    """
    from creative_flow.libraries.refreshing import Wish

    wish = Wish(ad_formats=ad_formats, fresh=fresh, accept_removed=accept_removed)
    return _walk(output, wish, platform, account, headless, as_json, workspace)


@library.command("sync-status", epilog=_WALK_EPILOG)
@_walk_options
@click.option(
    "--all", "everything", is_flag=True, help="Ask for everything, not only for what is pending."
)
def sync_status(
    output: Output,
    platform: str,
    account: str,
    ad_formats: tuple[str, ...],
    accept_removed: bool,
    headless: bool | None,
    as_json: bool,
    workspace: Path,
    everything: bool,
) -> int:
    """Ask what became of the creatives that wait for a verdict.

    Says what was approved, rejected (and why, if the page shows it) or removed. It reads each list
    only as far down as something is pending.
    """
    from creative_flow.libraries.refreshing import Wish

    wish = Wish(
        ad_formats=ad_formats,
        sync_status=True,
        everything=everything,
        accept_removed=accept_removed,
    )
    return _walk(output, wish, platform, account, headless, as_json, workspace)


def _walk(
    output: Output,
    wish: Wish,
    platform: str,
    account: str,
    headless: bool | None,
    as_json: bool,
    workspace: Path,
) -> int:
    from creative_flow.cli.walking import run_walk
    from creative_flow.workspace import Workspace

    walked = run_walk(
        Workspace(workspace), platform, wish, output.people, account=account, headless=headless
    )
    if as_json:
        output.document(walked.to_dict())
    return walked.exit_code


_EXAMPLES = """\b
Example:
  cfu library add --platform tj --ad-format static_banner --name EN_Summer.png --id 1032530511
"""


@library.command(epilog=_EXAMPLES)
@platform_option()
@click.option(
    "--ad-format",
    required=True,
    metavar="NAME",
    help="The part of the platform's library that it is in, such as static_banner.",
)
@click.option("--name", required=True, metavar="NAME", help="The file's name.")
@click.option(
    "--id", "creative_id", required=True, metavar="ID", help="Its Creative ID on the platform."
)
@click.option(
    "--status",
    default="",
    metavar="STATUS",
    help="Its review status, if you know it, such as approved.",
)
@account_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
@workspace_option()
@click.pass_obj
def add(
    output: Output,
    platform: str,
    ad_format: str,
    name: str,
    creative_id: str,
    status: str,
    account: str,
    as_json: bool,
    workspace: Path,
) -> None:
    """Record a creative that the platform has, on your word.

    A file of that name is then not sent any more. If it was open what became of such a file, that
    is settled. Nothing is asked of the platform, so look the id up there first.
    """
    from creative_flow import registry
    from creative_flow.report.text import clean
    from creative_flow.uploading.resolving import resolver
    from creative_flow.workspace import Workspace

    place = Workspace(workspace)
    chosen = registry.load(platform, place.overrides_file(platform))
    wanted = chosen.info.ad_format(ad_format)
    with resolver(place, chosen, account, interactive=False, notify=tell) as desk:
        settled = desk.add(wanted, name, creative_id, review_status=status)
    if as_json:
        about = {"platform": platform, "account": account, "error": None}
        entry = {"creative_id": creative_id.strip(), "name": name.strip(), "ad_format": ad_format}
        runs = [{"path": str(intent.path), "run": intent.run} for intent in settled]
        output.document({**about, "entries": [entry], "settled": runs})
        return
    title = chosen.info.title
    click.echo(
        clean(
            f"Recorded on your word: {name.strip()} is Creative ID {creative_id.strip()} "
            f"in {wanted.title} of {title}, account {account}."
        )
    )
    for intent in settled:
        click.echo(clean(f"This settles what became of {intent.path} in run {intent.run}."))


for _command in (show, search, export, rebuild):
    library.add_command(_command)
