"""What stands in the media library now, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator

from creative_flow.creative import AdFormat
from creative_flow.platform import IdExtractor, LibraryPage
from creative_flow_tj.library_list import LibraryList
from creative_flow_tj.session import TjSession, plain_errors


class TjIdExtractor(IdExtractor[TjSession]):
    """Reads the cards of one tab, newest page first."""

    async def pages(self, session: TjSession, ad_format: AdFormat) -> AsyncIterator[LibraryPage]:
        """Have the ad format's list loaded anew and walk it until Next is disabled."""
        shelf = LibraryList(session)
        with plain_errors(session):
            page = await shelf.turn_to(ad_format.name)
        yield page
        while not page.last:
            with plain_errors(session):
                page = await shelf.next(ad_format.name)
            yield page
