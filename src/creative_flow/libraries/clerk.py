"""Writes down what a walk sees: one transaction per page, and what of it is news."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import TypeVar

from creative_flow.creative import LibraryEntry
from creative_flow.errors import WorkspaceError
from creative_flow.ledger import KnownEntry, Ledger, LibraryMirror
from creative_flow.ledger.records import REMOVED
from creative_flow.platform import Context
from creative_flow.waiting import whole
from creative_flow.walked import Change, FormatWalked

T = TypeVar("T")


class Clerk:
    """The record of one account while its library is walked.

    Ledger calls run in a thread; one that has begun is always waited for.
    """

    def __init__(self, context: Context, ledger: Ledger, mirror: LibraryMirror) -> None:
        self._context = context
        self._place = (context.platform, context.account)
        self._ledger = ledger
        self._mirror = mirror

    async def head(self) -> int:
        """Return how far the record has come: what comes in from now on is behind it."""
        return await self._call(lambda: self._ledger.head(*self._place))

    async def count(self, ad_format: str) -> int:
        """Return how many entries of an ad format the platform is taken to have."""
        return await self._call(lambda: self._ledger.count_standing(*self._place, ad_format))

    async def standing(self, ad_format: str, upto: int, *, unreviewed: bool) -> dict[str, str]:
        """Return Creative ID and name of what the platform is taken to have; see `Ledger`."""
        return await self._call(
            lambda: {
                it.creative_id: it.name
                for it in self._ledger.standing(
                    *self._place, ad_format, upto=upto, unreviewed=unreviewed
                )
            }
        )

    async def see(
        self, ad_format: str, entries: Collection[LibraryEntry], found: FormatWalked
    ) -> None:
        """Record a page of the list, and add to ``found`` what of it is news."""
        seen = [KnownEntry.seen(*self._place, entry) for entry in entries]

        def work() -> dict[str, KnownEntry]:
            ids = [entry.creative_id for entry in seen]
            known = self._ledger.by_id(*self._place, ids)
            self._ledger.add_entries(*self._place, seen)
            return {
                it.creative_id: it
                for some in known.values()
                for it in some
                if it.ad_format == ad_format
            }

        known = await self._call(work) if seen else {}
        for entry in {entry.creative_id: entry for entry in entries}.values():
            _sort(entry, known.get(entry.creative_id), found)

    async def remove(
        self, ad_format: str, ids: Collection[str], unchanged_since: int, found: FormatWalked
    ) -> None:
        """Mark entries as removed, unless somebody has changed them since."""
        marked = await self._call(
            lambda: self._ledger.mark_removed(
                *self._place, ad_format, ids, unchanged_since=unchanged_since
            )
        )
        found.removed.add(
            Change(it.creative_id, it.name, it.review_status, REMOVED) for it in marked
        )

    async def follow(self) -> None:
        """Bring the library's CSV up to date; one that can't be written costs a warning."""
        try:
            await self._call(self._mirror.follow)
        except WorkspaceError as error:
            self._context.notify(f"{error} The ledger has it all; the file follows next time.")

    async def _call(self, work: Callable[[], T]) -> T:
        return await whole(asyncio.to_thread(work))


def _sort(entry: LibraryEntry, known: KnownEntry | None, found: FormatWalked) -> None:
    """Tell what a sight of an entry changes."""
    now, reason = entry.review_status, entry.reason
    if known is None or known.forgotten:
        found.new.add([Change(entry.creative_id, entry.name, "", now, reason)])
    elif known.review_status == REMOVED:
        found.back.add([Change(entry.creative_id, known.name, REMOVED, now, reason)])
    elif now and now != known.review_status:
        change = Change(entry.creative_id, known.name, known.review_status, now, reason)
        found.reviewed.add([change])
