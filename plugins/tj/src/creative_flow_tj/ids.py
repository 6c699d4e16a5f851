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
            page = await shelf.reloaded(ad_format.name)
        if page is not None:
            yield page
        with plain_errors(session):
            page = await shelf.turn_to(ad_format.name)
        async for each in _walk(session, shelf, ad_format, page):
            yield each

    async def newest(self, session: TjSession, ad_format: AdFormat) -> AsyncIterator[LibraryPage]:
        """Do as `pages`, but begin with what stands in the page if that came a moment ago."""
        shelf = LibraryList(session)
        with plain_errors(session):
            page = await shelf.newest(ad_format.name)
        async for each in _walk(session, shelf, ad_format, page):
            yield each


async def _walk(
    session: TjSession, shelf: LibraryList, ad_format: AdFormat, page: LibraryPage
) -> AsyncIterator[LibraryPage]:
    """Yield a page that stands there, and those after it."""
    yield page
    while not page.last:
        with plain_errors(session):
            page = await shelf.next(ad_format.name)
        yield page
