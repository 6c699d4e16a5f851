"""``cfu library refresh`` and ``sync-status``: the record, brought in line with the platform.

Both only read, so neither takes the account's lease: a run that uploads goes on beside them. What
it adds meanwhile is younger than the walk, and can't be marked as removed by it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from attrs import frozen

from creative_flow import registry
from creative_flow.creative import AdFormat
from creative_flow.errors import CreativeFlowError, Interrupted, NotSupported
from creative_flow.events import Listener, Noticed
from creative_flow.libraries.clerk import Clerk
from creative_flow.libraries.desk import Desk, desk
from creative_flow.libraries.going_on import Progress
from creative_flow.libraries.walking import ConfirmRemoved, FormatWalker
from creative_flow.link import Link
from creative_flow.walked import FormatWalked, Walked
from creative_flow.workspace import Workspace


@frozen
class Wish:
    """What is asked for.

    ``ad_formats`` are names; none means all. ``sync_status`` asks only for what has no verdict yet,
    and with ``everything`` for all. ``fresh`` does not go on where a refresh was interrupted.
    ``accept_removed`` marks as removed what is proved to be gone, however much it is.
    """

    ad_formats: Sequence[str] = ()
    sync_status: bool = False
    everything: bool = False
    fresh: bool = False
    accept_removed: bool = False

    @property
    def what(self) -> str:
        """The command that asks for it."""
        return "sync-status" if self.sync_status else "refresh"


async def walk_library(
    platform: str,
    wish: Wish,
    *,
    workspace: Workspace | Path | str = ".",
    account: str = "default",
    headless: bool | None = None,
    interactive: bool = False,
    on_event: Listener = lambda _: None,
    confirm_removed: ConfirmRemoved | None = None,
) -> Walked:
    """Walk a platform's library and bring the record of it in line; return what was found.

    ``on_event`` is told what the user should know at once (`Noticed`), and after each page how far
    it is (`Progressed`). ``confirm_removed`` is asked where a great part of an ad format is gone;
    without it, and unless the wish accepts it, that is only reported.

    What goes wrong on the way stands in what is returned (``error``, ``exit_code``); what was seen
    by then is in the ledger. Raised is only what keeps it from starting: `UsageError`,
    `PluginError`, `WrongAccount`, `CredentialsMissing`.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace(Path(workspace))
    used = registry.load(platform, place.overrides_file(platform))
    if used.info.unsupported:
        raise NotSupported(used.info.unsupported)
    chosen = [used.info.ad_format(name) for name in wish.ad_formats] or list(used.info.ad_formats)
    started = monotonic()

    def accept(title: str, missing: int, known: int) -> bool:
        return wish.accept_removed or bool(
            confirm_removed and confirm_removed(title, missing, known)
        )

    def notify(message: str) -> None:
        on_event(Noticed(message))

    opened = desk(place, used, account, notify=notify, headless=headless, interactive=interactive)
    at = await asyncio.to_thread(opened.__enter__)
    try:
        at.context.require_credentials()
        link = Link(used, at.context)
        clerk = Clerk(at.context, at.ledger, at.mirror)
        walker = FormatWalker(at.context, used.library(at.context), link, clerk, on_event, accept)
        found: list[FormatWalked] = []
        error: CreativeFlowError | None = None
        try:
            await _walk_all(at, wish, chosen, walker, clerk, found)
        except CreativeFlowError as caught:
            error = caught
        except asyncio.CancelledError:
            error = Interrupted(
                "Interrupted; what was seen is recorded.",
                hint="Run the same command again to go on.",
            )
        finally:
            await link.drop()
            await clerk.follow()
    finally:
        await asyncio.to_thread(opened.__exit__, None, None, None)
    login = at.context.credentials.login if at.context.credentials else ""
    return Walked(
        what=wish.what,
        platform=platform,
        title=used.info.title,
        account=account,
        formats=tuple(found),
        login=login,
        error=_told(error) if error else "",
        error_exit_code=error.exit_code if error else 0,
        seconds=monotonic() - started,
    )


async def _walk_all(
    at: Desk,
    wish: Wish,
    chosen: Sequence[AdFormat],
    walker: FormatWalker,
    clerk: Clerk,
    found: list[FormatWalked],
) -> None:
    """Walk one ad format after the other, and keep which are through."""
    context = at.context
    login = context.credentials.login if context.credentials else ""
    file = at.place.refresh_file(context.platform, context.account)
    whole = not wish.sync_status and not wish.ad_formats
    progress = Progress(file, f"{context.place} {login}") if whole else None
    done = progress.recall() if progress and not wish.fresh else {}
    for ad_format in chosen:
        walked = FormatWalked(ad_format.name, ad_format.title)
        found.append(walked)
        if ad_format.name in done:
            minutes = (datetime.now(UTC) - done[ad_format.name]).total_seconds() / 60
            walked.earlier = walked.complete = True
            context.notify(
                f"Going on: {ad_format.title} was read {minutes:.0f} minutes ago "
                "(--fresh reads it again)."
            )
            continue
        try:
            await walker.walk(
                ad_format,
                walked,
                unreviewed_only=wish.sync_status and not wish.everything,
            )
        finally:
            # A long refresh shows in the CSV after each ad format, an interrupted one at once.
            await clerk.follow()
        if progress:
            await asyncio.to_thread(progress.finished, ad_format.name)
    if progress:
        await asyncio.to_thread(progress.forget)


def _told(error: CreativeFlowError) -> str:
    evidence = ", ".join(path.name for path in error.evidence)
    told = str(error)
    return told if not evidence or evidence in told else f"{told} Evidence: {evidence}."
