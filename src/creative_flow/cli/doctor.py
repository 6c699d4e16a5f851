"""``cfu doctor``: whether a platform's pages are still as the plugin expects them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from creative_flow.blocking import finish
from creative_flow.checks import CheckState
from creative_flow.cli.options import (
    account_option,
    platform_option,
    window_option,
    workspace_option,
)
from creative_flow.cli.output import Output, one_line, tell
from creative_flow.errors import CreativeFlowError, NotSupported, PageNotUnderstood, UsageError

if TYPE_CHECKING:
    from creative_flow.checks import Check
    from creative_flow.platform import Context
    from creative_flow.registry import Platform
    from creative_flow.workspace import Workspace

_EPILOG = """\b
Examples:
  cfu doctor --platform tj
  cfu doctor --platform tj --headless --json
  cfu doctor --platform tj --campaign 1013000001

\b
Exit codes:
  0    all that uploads and ads need is found, perhaps by a fallback
  3    a login is needed, or was refused
  4    something that uploads or ads need is missing
  7    the platform can't be reached
"""


@click.command(epilog=_EPILOG)
@platform_option()
@account_option
@window_option
@click.option(
    "--campaign",
    default="",
    metavar="ID",
    help="The campaign whose page is looked at (default: one that got ads from here).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
@workspace_option()
@click.pass_obj
def doctor(
    output: Output,
    platform: str,
    account: str,
    headless: bool | None,
    campaign: str,
    as_json: bool,
    workspace: Path,
) -> int:
    """Check that a platform's pages are still as expected.

    Signs in, walks the pages without changing anything, and tells of each thing that the plugin
    looks for whether it is found, found by a fallback, or missing. For what is missing it suggests
    lines for the platform's settings file, such as config/tj.toml; you decide whether to put them
    there. A campaign's page is looked at, too, if one is known: one that got ads from here, or that
    --campaign names.
    """
    from creative_flow import registry
    from creative_flow.cli.running import is_interactive
    from creative_flow.report.findings import settings_block, show
    from creative_flow.report.text import clean
    from creative_flow.workspace import Workspace

    place = Workspace(workspace)
    checks: tuple[Check, ...] = ()
    error: CreativeFlowError | None = None
    title = platform
    try:
        place.prepare()
        chosen = registry.load(platform, place.overrides_file(platform))
        title = chosen.info.title
        context = place.context(
            chosen.name,
            chosen.info,
            account,
            headless=headless,
            interactive=is_interactive(),
            notify=tell,
        )
        known = campaign or _known_campaign(place, chosen.name, account)
        pages, its_page = finish(_examine(chosen, context, known))
        checks = (*pages, *its_page)
        seen = any(check.state is CheckState.FOUND for check in its_page)
        if campaign and not seen and not _exit_code(checks):
            why = next((check.why for check in its_page if check.why), "its page is not known")
            error = UsageError(
                f"Campaign {campaign} could not be looked at: {why}.",
                hint="Check its id, and that it is this account's.",
            )
    except PageNotUnderstood as changed:
        # Signing in met the changed page already; it says what of that page is missing.
        error, checks = changed, changed.checks
    except CreativeFlowError as other:
        error = other
    # What to do next and the evidence stand in the report, where there is one.
    told = "" if error is None else one_line(error)
    if isinstance(error, PageNotUnderstood) and checks:
        told = error.message
    if told:
        print(f"cfu: {clean(told)}", file=sys.stderr)
    if checks:
        show(
            checks,
            output.people,
            title=title,
            settings=place.overrides_file(platform),
            root=place.root,
        )
    if as_json:
        output.document(
            {
                "platform": platform,
                "account": account,
                "checks": [check.to_dict() for check in checks],
                "toml": settings_block(checks),
                "error": told or None,
            }
        )
    return error.exit_code if error else _exit_code(checks)


def _known_campaign(place: Workspace, platform: str, account: str) -> str:
    """Return a campaign that is known to be there, or an empty text."""
    from creative_flow.ledger import Ledger

    if place.ledger_url == place.own_ledger_url and not place.own_ledger_file.exists():
        return ""
    with Ledger.open(place.ledger_url) as ledger:
        return ledger.ad_history().known_campaign(platform, account)


async def _examine(
    platform: Platform, context: Context, campaign: str
) -> tuple[tuple[Check, ...], tuple[Check, ...]]:
    """Sign in, unless a saved login still holds, and walk the pages; a campaign's come apart."""
    if platform.info.unsupported:
        raise NotSupported(platform.info.unsupported)
    made = platform.doctor(context)
    if made is None:
        raise NotSupported(f"{platform.info.title} has no doctor: its plugin comes without one.")
    session = await platform.open_session(context)
    with platform.boundary():
        try:
            checks = [check async for check in made.examine(session)]
            of_campaign = [check async for check in made.examine_campaign(session, campaign)]
            return tuple(checks), tuple(of_campaign)
        finally:
            await session.close()


def _exit_code(checks: Sequence[Check]) -> int:
    return PageNotUnderstood.exit_code if any(check.is_trouble for check in checks) else 0
