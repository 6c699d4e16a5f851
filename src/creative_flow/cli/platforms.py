"""``cfu platforms``: what is installed, and what it can do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from creative_flow.cli.options import workspace_option
from creative_flow.cli.output import Output

if TYPE_CHECKING:
    from creative_flow.registry import Listing


@click.command()
@workspace_option()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
@click.pass_obj
def platforms(output: Output, workspace: Path, as_json: bool) -> None:
    """List the installed platforms and what each can do.

    A plugin that can't be used is listed with the reason. Another platform is another package:
    pip install creative-flow-NAME.
    """
    from creative_flow import registry

    found = registry.survey()
    if as_json:
        output.document({"platforms": [_described(listing) for listing in found]})
        return
    if not found:
        click.echo("No platform is installed. Each is a package: pip install creative-flow-NAME")
        return
    cells = [("Name", "Title", "Can", "Version", "Package")]
    cells += [
        (each.name, each.title, ", ".join(each.capabilities) or "-", each.version, each.package)
        for each in found
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for number, line in enumerate(cells):
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo(_clean("  ".join(padded).rstrip()))
        if number and (word := found[number - 1].problem or found[number - 1].note):
            click.echo(_clean(f"    {word}"))


def _clean(text: str) -> str:
    from creative_flow.report.text import clean

    return clean(text)


def _described(listing: Listing) -> dict[str, object]:
    return {
        "name": listing.name,
        "title": listing.title or None,
        "package": listing.package,
        "version": listing.version,
        "capabilities": list(listing.capabilities),
        "problem": listing.problem or None,
        "note": listing.note or None,
    }
