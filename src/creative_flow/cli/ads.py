"""``cfu ads``: the ads CSVs of an earlier run, made again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from creative_flow.cli.options import workspace_option
from creative_flow.cli.output import Output, tell
from creative_flow.errors import NotSupported, UsageError

if TYPE_CHECKING:
    from creative_flow.ledger import Ledger
    from creative_flow.ledger.brought import LiveRun

_EPILOG = """\b
Examples:
  cfu ads                          of the last run that brought something up
  cfu ads 20261121-071427-ab12     of that run
  cfu ads AB12                     of the run whose files begin with BatchAB12
"""


@click.command(epilog=_EPILOG)
@click.argument("run", default="last", metavar="[RUN]")
@workspace_option()
@click.pass_obj
def ads(output: Output, run: str, workspace: Path) -> None:
    """Make the ads CSVs of an earlier run again.

    A live upload makes them by itself. After you have changed what ads say, in config/tj_ads.toml
    or in the settings, this makes them anew, for RUN or for the last run that brought something up.
    No file is overwritten: those that differ from what is there get the time of now in their names.
    Nothing is asked of the platform.
    """
    from creative_flow import registry
    from creative_flow.adfiles import make_ads
    from creative_flow.ledger import Ledger
    from creative_flow.report.summary import ads_lines
    from creative_flow.wording import counted
    from creative_flow.workspace import Workspace

    place = Workspace(workspace)
    place.prepare()
    with Ledger.open(place.ledger_url) as ledger:
        found = _find(ledger, run)
        platform = registry.load(found.platform, place.overrides_file(found.platform))
        context = place.context(
            platform.name,
            platform.info,
            found.account,
            headless=True,
            interactive=False,
            notify=tell,
        )
        maker = platform.ads_csv(context)
        if maker is None:
            raise NotSupported(f"{platform.info.title} has no ads CSVs.")
        with platform.boundary():
            made = make_ads(found, place, context, maker, ledger)
    said = f"{counted(made.ads, 'ad')} of run {found.run}, account {found.account}"
    if not made.files:
        said = f"Run {found.run} brought up nothing that goes into an ads CSV"
    elif not made.fresh:
        said += ": nothing has changed since they were made"
    print(f"{said}.", file=output.people)
    for line in ads_lines(made.files, made.remarks, place.root):
        print(line.text, file=output.people)


def _find(ledger: Ledger, name: str) -> LiveRun:
    front = ledger.brought_up()
    if name.casefold() == "last":
        last = front.last()
        if last is None:
            raise UsageError(
                "No run of this workspace has brought anything up.",
                hint="`cfu upload … --live` does.",
            )
        return last
    found = front.runs(name.removeprefix("Batch"))
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(
            f"There is no run {name!r}.", hint="The summary and the log of a run name it."
        )
    raise UsageError(
        f"{name!r} can be any of {len(found)} runs.",
        hint=f"Name one: {', '.join(each.run for each in found[:5])}.",
    )
