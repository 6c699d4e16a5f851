"""One walk through a library as the terminal sees it: live bar, questions, summary."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

import click

from creative_flow.blocking import finish
from creative_flow.cli.asking import making_room
from creative_flow.cli.running import is_interactive
from creative_flow.report.library import show_walk
from creative_flow.report.progress import progress

if TYPE_CHECKING:
    from creative_flow.libraries.refreshing import Wish
    from creative_flow.walked import Walked
    from creative_flow.workspace import Workspace


def run_walk(
    workspace: Workspace,
    platform: str,
    wish: Wish,
    people: TextIO,
    *,
    account: str,
    headless: bool | None,
) -> Walked:
    """Walk, showing progress on standard error and at the end what was found to ``people``.

    Raises what `walk_library` raises before it begins.
    """
    from creative_flow.libraries.refreshing import walk_library

    interactive = is_interactive()
    with progress(sys.stderr) as bar:

        def confirm_removed(title: str, missing: int, known: int) -> bool:
            question = (
                f"{title} does not show {missing:,} of the {known:,} creatives that it had. "
                "Mark them as removed?"
            )
            with making_room(bar):
                return click.confirm(question, default=False, err=True)

        walked = finish(
            walk_library(
                platform,
                wish,
                workspace=workspace,
                account=account,
                headless=headless,
                interactive=interactive,
                on_event=bar,
                confirm_removed=confirm_removed if interactive else None,
            )
        )
    show_walk(walked, people)
    return walked
