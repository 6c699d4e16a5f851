"""``cfu library``: the record of what an account has on a platform."""

from __future__ import annotations

from pathlib import Path

import click

from creative_flow.cli.options import account_option, platform_option, workspace_option
from creative_flow.cli.output import tell


@click.group(
    epilog="Every command of it takes --workspace DIR. `cfu library COMMAND --help` tells more."
)
def library() -> None:
    """Look after the record of what a platform has.

    The record grows by itself with every upload, and tracking/ holds it as a CSV file. Here it is
    put right by hand.
    """


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
@workspace_option()
def add(
    platform: str,
    ad_format: str,
    name: str,
    creative_id: str,
    status: str,
    account: str,
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
    title = chosen.info.title
    click.echo(
        clean(
            f"Recorded on your word: {name.strip()} is Creative ID {creative_id.strip()} "
            f"in {wanted.title} of {title}, account {account}."
        )
    )
    for intent in settled:
        click.echo(clean(f"This settles what became of {intent.path} in run {intent.run}."))
