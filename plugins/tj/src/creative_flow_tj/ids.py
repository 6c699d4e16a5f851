"""What stands in the media library now, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator

from creative_flow.creative import AdFormat
from creative_flow.platform import IdExtractor, Library, LibraryPage
from creative_flow_tj.library_list import LibraryList
from creative_flow_tj.session import TjSession, plain_errors


class TjIdExtractor(IdExtractor[TjSession]):
    """Reads the cards of one tab, newest page first."""

    async def pages(self, session: TjSession, ad_format: AdFormat) -> AsyncIterator[LibraryPage]:
        """Load the library afresh and walk the ad format's tab until Next is disabled."""
        shelf = LibraryList(session)
        with plain_errors(session):
            first = await shelf.open(ad_format.name)
        async for page in _from(first, shelf, session, ad_format):
            yield page


class TjLibrary(Library[TjSession]):
    """Walks one tab after the other; only the first one loads the library afresh."""

    async def pages(self, session: TjSession, ad_format: AdFormat) -> AsyncIterator[LibraryPage]:
        """Turn to the ad format's tab, which loads its list, and walk to where Next is disabled."""
        shelf = LibraryList(session)
        with plain_errors(session):
            first = await shelf.turn_to(ad_format.name)
        async for page in _from(first, shelf, session, ad_format):
            yield page


async def _from(
    first: LibraryPage, shelf: LibraryList, session: TjSession, ad_format: AdFormat
) -> AsyncIterator[LibraryPage]:
    """Yield a list's first page and all that follow."""
    page = first
    yield page
    while not page.last:
        with plain_errors(session):
            page = await shelf.next(ad_format.name)
        yield page
