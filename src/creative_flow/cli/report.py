"""``cfu report``: what became of live runs, as a list, a page, or totals over time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from creative_flow.cli.options import workspace_option
from creative_flow.cli.output import Output, tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from enum import StrEnum

    from creative_flow.ledger import Ledger, PastAdRun, PastRun
    from creative_flow.workspace import Workspace

_EPILOG = """\b
Examples:
  cfu report
  cfu report last
  cfu report 20260314-12
  cfu report --totals
"""


@click.command(epilog=_EPILOG)
@click.argument("run", required=False)
@click.option("--totals", is_flag=True, help="Make a page of all runs over time, and open it.")
@click.option("--open/--no-open", "opens", default=True, help="Open the page in your browser.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    metavar="N",
    help="List the newest N runs (default: 20).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document; nothing is opened.")
@workspace_option()
@click.pass_obj
def report(
    output: Output,
    run: str | None,
    totals: bool,
    opens: bool,
    limit: int,
    as_json: bool,
    workspace: Path,
) -> int:
    """List the live runs, or make the page of one and open it.

    RUN is a run's id, as much of its beginning as no other run shares, or `last`. The page is made
    anew from the ledger: it tells what is known by now. It needs no network, and lies with those of
    all live runs in tracking/reports/. Where creatives of the run need attention, a CSV beside it
    lists them. Dry runs leave no record.
    """
    from creative_flow.workspace import Workspace

    if run and totals:
        raise click.UsageError("RUN and --totals exclude each other.")
    place = Workspace(workspace)
    if run or totals:
        found, pages = _make(place, run)
        if as_json:
            output.document(
                {
                    "runs": [_described(it) for it in found],
                    "pages": [*map(str, pages)],
                    "error": None,
                }
            )
        else:
            _show(place, pages, opens=opens)
        return 0
    found = _listed(place, limit)
    if as_json:
        output.document({"runs": [_described(it) for it in found], "error": None})
    else:
        _print(found, more=len(found) == limit)
    return 0


def _make(place: Workspace, run: str | None) -> tuple[Sequence[PastRun | PastAdRun], list[Path]]:
    """Make the page of a run, or of totals; return the run, and what was written."""
    from creative_flow.ledger import Ledger
    from creative_flow.report.page import find_run, write_campaigns, write_report, write_totals

    _require_ledger(place)
    if run is None:
        return [], [write_totals(place)]
    with Ledger.open(place.ledger_url) as ledger:
        over_campaigns = _over_campaigns(place, ledger, run)
        past = None if over_campaigns else find_run(ledger, run)
    if past is None:
        return over_campaigns, [write_campaigns(place, over_campaigns[0].run)]
    written = write_report(place, past.run)
    return [past], [it for it in (written.page, written.errors_csv) if it]


def _over_campaigns(place: Workspace, ledger: Ledger, run: str) -> Sequence[PastAdRun]:
    """Return the one run over campaigns that is meant, if it is one of those."""
    last = run == "last"
    found = ledger.ad_history().past_runs(prefix="" if last else run, limit=2)
    others = ledger.history().past_runs(prefix="" if last else run, limit=1)
    if last:
        newest = found and (not others or found[0].started_at > others[0].started_at)
        return found[:1] if newest else ()
    return found if len(found) == 1 and not others else ()


def _listed(place: Workspace, limit: int) -> Sequence[PastRun | PastAdRun]:
    from creative_flow.ledger import Ledger

    if not _has_ledger(place):
        return []
    with Ledger.open(place.ledger_url) as ledger:
        uploads = ledger.history().past_runs(limit=limit)
        others = ledger.ad_history().past_runs(limit=limit)
    found: list[PastRun | PastAdRun] = [*uploads, *others]
    return sorted(found, key=lambda it: it.started_at, reverse=True)[:limit]


def _has_ledger(place: Workspace) -> bool:
    """Say whether there is a ledger to look into: looking must not make one."""
    return place.ledger_url != place.own_ledger_url or (place.session_dir / "ledger.db").exists()


def _require_ledger(place: Workspace) -> None:
    from creative_flow.errors import UsageError

    if not _has_ledger(place):
        raise UsageError(
            f"No live run is recorded in {place.root}.", hint="Choose a folder with --workspace."
        )


def _described(past: PastRun | PastAdRun) -> dict[str, Any]:
    return {
        "run": past.run,
        "started_at": past.started_at.isoformat(timespec="seconds"),
        "finished_at": past.finished_at and past.finished_at.isoformat(timespec="seconds"),
        "seconds": past.seconds,
        "platform": past.platform,
        "account": past.account,
        "live": True,
        "total": past.total,
        "counts": {status.value: number for status, number in past.counts.items()},
        "error": past.error or None,
    }


def _print(found: Sequence[PastRun | PastAdRun], *, more: bool) -> None:
    from creative_flow.campaign import CampaignStatus
    from creative_flow.creative import Status
    from creative_flow.ledger import PastAdRun
    from creative_flow.report.text import clean, shown_time

    order: list[StrEnum] = [*Status, *CampaignStatus]
    if not found:
        click.echo("No live run is recorded here. Dry runs leave no record.")
        return
    rows = [("Run", "When", "Where", "Took", "What became of it")]
    for past in found:
        counts = [
            f"{number:,} {status.value}"
            for status, number in sorted(past.counts.items(), key=lambda it: order.index(it[0]))
        ]
        what = (", ".join(counts) or "nothing") + " in campaigns" * isinstance(past, PastAdRun)
        stopped = f"stopped: {past.error}" if past.error else ""
        ended = "" if past.finished_at else "its end is not recorded"
        rows.append(
            (
                past.run,
                f"{past.started_at.astimezone():%Y-%m-%d %H:%M}",
                f"{past.platform}/{past.account}",
                "–" if past.seconds is None else shown_time(past.seconds),
                "; ".join(filter(None, (what, stopped, ended))),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for *cells, last in rows:
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        click.echo(clean("  ".join([*padded, last])))
    click.echo("\nThe page of one: `cfu report RUN`, or `cfu report last`.")
    if more:
        click.echo("There may be more: --limit.")


def _show(place: Workspace, pages: Sequence[Path], *, opens: bool) -> None:
    """Name what was made, and open the page where there is a screen."""
    from creative_flow.report.text import shown_path
    from creative_flow.workspace import has_screen

    for page in pages:
        click.echo(shown_path(page, None))
    if opens and has_screen(place.environ) and click.launch(pages[0].as_uri()) != 0:
        tell("No browser could be started: open the page yourself.")
