"""An account's record, opened to be looked into or brought in line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from attrs import frozen

from creative_flow.ledger import Ledger, LibraryMirror
from creative_flow.platform import Context, Notify
from creative_flow.registry import Platform
from creative_flow.workspace import Workspace


@frozen
class Desk:
    """One account's ledger and the CSV of its library, with the user's edits taken in."""

    place: Workspace
    platform: Platform
    context: Context
    ledger: Ledger
    mirror: LibraryMirror


@contextmanager
def desk(
    place: Workspace,
    platform: Platform,
    account: str,
    *,
    notify: Notify,
    headless: bool | None = True,
    interactive: bool = False,
    take_in: bool = True,
) -> Iterator[Desk]:
    """Open an account's record. With ``take_in``, edits of its library CSV count first.

    Raises `UsageError` for a record that can't be opened, `WrongAccount` for another login's.
    """
    place.prepare()
    context = place.context(
        platform.name,
        platform.info,
        account,
        headless=headless,
        interactive=interactive,
        notify=notify,
    )
    with Ledger.open(place.ledger_url) as ledger:
        if context.credentials:
            ledger.bind_account(platform.name, account, context.credentials.login)
        mirror = LibraryMirror(
            ledger,
            place.library_mirror(platform.info, account),
            platform=platform.name,
            account=account,
            ad_formats=platform.info.ad_formats,
            kept_aside=place.kept_aside,
        )
        if take_in:
            mirror.take_in(notify=notify, confirm_forget=None)
        yield Desk(place, platform, context, ledger, mirror)
