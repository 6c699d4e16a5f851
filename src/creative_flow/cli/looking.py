"""``cfu library show``, ``search``, ``export``, ``rebuild``: the record alone is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from creative_flow.cli.options import account_option, platform_option, workspace_option
from creative_flow.cli.output import Output, tell

if TYPE_CHECKING:
    from creative_flow.ledger import KnownEntry
    from creative_flow.libraries.desk import Desk


@click.command()
@click.argument("wanted", metavar="ID|NAME")
@platform_option()
@account_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
@workspace_option()
@click.pass_obj
def show(
    output: Output, wanted: str, platform: str, account: str, as_json: bool, workspace: Path
) -> int:
    """Show all that is known of a creative, given by its Creative ID or its name.

    Exits with 1 if there is none. Nothing is asked of the platform.
    """
    from creative_flow.libraries.looking import find

    with _desk(workspace, platform, account) as at:
        found = list(find(at, wanted))
    if as_json:
        _document(output, platform, account, found)
    elif not found:
        click.echo(_clean(f"Nothing is known of {wanted!r}. `cfu library search` looks for parts."))
    else:
        for entry in found:
            _describe(entry)
    return 0 if found else 1


@click.command()
@click.argument("text", default="")
@platform_option()
@account_option
@click.option("--ad-format", default="", metavar="NAME", help="Only in this ad format.")
@click.option("--status", default="", metavar="STATUS", help="Only with this review status.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    metavar="N",
    help="Show so many at most, the newest first (default: 50).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
@workspace_option()
@click.pass_obj
def search(
    output: Output,
    text: str,
    platform: str,
    account: str,
    ad_format: str,
    status: str,
    limit: int,
    as_json: bool,
    workspace: Path,
) -> int:
    """List the creatives whose name holds TEXT, or whose Creative ID begins with it.

    Exits with 1 if there is none. Nothing is asked of the platform.
    """
    from creative_flow.libraries import looking

    with _desk(workspace, platform, account) as at:
        found = looking.search(at, text, ad_format=ad_format, status=status, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    if as_json:
        _document(output, platform, account, found, more=more)
    elif not found:
        click.echo("Nothing is found.")
    else:
        for entry in found:
            status_shown = entry.review_status or "-"
            click.echo(
                _clean(f"{entry.creative_id}  {entry.ad_format}  {status_shown}  {entry.name}")
            )
        if more:
            click.echo(f"There are more than {limit}; --limit shows them.")
    return 0 if found else 1


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@platform_option()
@account_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json"]),
    help="How to write it (default: by the file's name, else csv).",
)
@click.option("--ad-format", default="", metavar="NAME", help="Only this ad format.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there already.")
@workspace_option()
def export(
    file: Path,
    platform: str,
    account: str,
    form: str | None,
    ad_format: str,
    overwrite: bool,
    workspace: Path,
) -> None:
    """Write all that is known of the library to FILE, as CSV or JSON.

    Nothing is asked of the platform.
    """
    from creative_flow.libraries import looking

    form = form or ("json" if file.suffix.casefold() == ".json" else "csv")
    with _desk(workspace, platform, account) as at:
        count = looking.export(at, file, form=form, ad_format=ad_format, overwrite=overwrite)
    click.echo(_clean(f"{count:,} creatives are in {file}."))


@click.command()
@platform_option()
@account_option
@click.option("--dry-run", is_flag=True, help="Only say what would be taken in.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
@workspace_option()
@click.pass_obj
def rebuild(
    output: Output, platform: str, account: str, dry_run: bool, as_json: bool, workspace: Path
) -> int:
    """Make a lost record anew from the CSV files in tracking/.

    Read are the library's CSV, the status files of all runs, and the inventory. All of it counts as
    your word: it fills what is not known, and changes nothing that is. Exits with 1 if rows did not
    count; each is told by file, line and column. `cfu library refresh` then asks the platform.
    """
    from creative_flow import registry
    from creative_flow.libraries.rebuilding import rebuild as rebuild_library
    from creative_flow.report.library import show_rebuilt
    from creative_flow.workspace import Workspace

    place = Workspace(workspace)
    chosen = registry.load(platform, place.overrides_file(platform))
    rebuilt = rebuild_library(place, chosen, account, dry_run=dry_run, notify=tell)
    if as_json:
        output.document(rebuilt.to_dict())
    else:
        show_rebuilt(rebuilt.to_dict(), output.people)
    return 1 if rebuilt.not_counted else 0


@contextmanager
def _desk(workspace: Path, platform: str, account: str) -> Iterator[Desk]:
    """Open an account's record to look into it."""
    from creative_flow import registry
    from creative_flow.libraries.desk import desk
    from creative_flow.workspace import Workspace

    place = Workspace(workspace)
    chosen = registry.load(platform, place.overrides_file(platform))
    with desk(place, chosen, account, notify=tell) as at:
        yield at


def _document(
    output: Output, platform: str, account: str, found: list[KnownEntry], **more: object
) -> None:
    from creative_flow.libraries.looking import described

    about: dict[str, Any] = {"platform": platform, "account": account, "error": None}
    output.document({**about, "entries": [described(entry) for entry in found], **more})


_WORDS = {
    "proved": "uploaded from here, and proved",
    "platform": "seen on the platform",
    "user": "your word",
}


def _describe(entry: KnownEntry) -> None:
    """Print all that is known of an entry."""
    facts = {
        "ad format": entry.ad_format,
        "status": entry.review_status or "not known",
        "uploaded": entry.upload_date,
        "dimensions": entry.dimensions,
        "type": entry.file_type,
        "size": "" if entry.size is None else f"{entry.size:,} bytes",
        "sha256": entry.sha256,
        "known by": _WORDS[entry.origin.value],
        "forgotten": "yes, until the platform is asked" if entry.forgotten else "",
        **entry.extra,
    }
    click.echo(_clean(f"{entry.creative_id}  {entry.name}"))
    for label, fact in facts.items():
        if fact:
            click.echo(_clean(f"  {label:<11} {fact}"))


def _clean(text: str) -> str:
    from creative_flow.report.text import clean

    return clean(text)
