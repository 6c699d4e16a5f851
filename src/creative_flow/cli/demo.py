"""``cfu demo``: the main job, with everything it needs, on this machine alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from creative_flow.cli.options import platform_option, workspace_option
from creative_flow.cli.output import Output

if TYPE_CHECKING:
    from creative_flow.creative import Report
    from creative_flow.platform import Sandbox
    from creative_flow.workspace import Workspace

_START_SECONDS = 30
_FOLDER = "demo-workspace"


@click.command()
@workspace_option(default=_FOLDER, shown=_FOLDER)
@platform_option(default="tj")
@click.pass_obj
def demo(output: Output, workspace: Path, platform: str) -> int:
    """Upload samples to a sandbox, to see the whole job done.

    It makes a workspace with sample creatives, starts a stand-in of the platform on this machine,
    signs in, sends everything through a real browser without a window, and leaves the workspace
    for you to look at. Run it again: nothing is sent twice.
    """
    from creative_flow.cli.running import Choices, run_upload
    from creative_flow.cli.sandbox import sandbox_class
    from creative_flow.workspace import Workspace

    place = Workspace(workspace)
    place.prepare()
    made = sandbox_class(place, platform)(
        state_dir=place.root / ".sandbox", settings={"captcha": "auto"}
    )
    samples = made.make_samples(place.uploaded)
    click.echo(f"1. The workspace {place.root} holds {len(samples)} sample creatives.")
    with _served(made) as address:
        click.echo(f"2. A sandbox of the platform is running at {address}, on this machine only.")
        click.echo("3. Signing in and uploading through a browser without a window …\n")
        aimed = Workspace(
            workspace, overrides={**made.environment(), "CFU_DATABASE_URL": place.own_ledger_url}
        )
        report = run_upload(
            aimed,
            platform,
            [place.uploaded],
            Choices(live=True, headless=True),
            output.people,
        )
    _look_around(place, report)
    return report.exit_code


@contextmanager
def _served(made: Sandbox) -> Iterator[str]:
    """Serve a sandbox in a thread of its own, so that the upload has an event loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(made.start(), loop).result(_START_SECONDS)
        asyncio.run_coroutine_threadsafe(made.stop(), loop).result(_START_SECONDS)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_START_SECONDS)
        loop.close()


def _look_around(workspace: Workspace, report: Report) -> None:
    """Say what there is to see in the workspace."""
    from creative_flow.creative import Status

    statuses = {outcome.status for outcome in report.outcomes}
    if report.error or not statuses:
        return
    if statuses == {Status.SKIPPED}:
        click.echo(
            f"\nAll {len(report.outcomes)} are already there: nothing was sent. "
            f"To begin anew, remove {workspace.root}."
        )
        return
    click.echo(f"\nLook around in {workspace.root}:")
    for place, what in (
        ("tracking/*_Creative_Library.csv", "every creative with its Creative ID"),
        ("tracking/upload_status_*.csv", "what became of each file, run by run"),
        ("tracking/Upload_CSV/", "ads for campaigns, made of what went up"),
        ("tracking/reports/", "a page about each run: open it in a browser"),
        ("tracking/upload_logs/", "what happened when"),
        ("data/screenshots/", "the platform's pages as cfu saw them"),
        ("data/session/ledger.db", "the record that all of this is written from"),
    ):
        click.echo(f"  {place:<33} {what}")
    click.echo("\nRun it again: nothing is sent twice.")
