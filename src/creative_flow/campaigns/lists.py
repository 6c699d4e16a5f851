"""What a campaign's own list says, read until it can be believed.

Nothing here changes a campaign.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Any

from creative_flow.campaign import ListedAds
from creative_flow.campaigns.books import Books
from creative_flow.campaigns.items import Item
from creative_flow.campaigns.judge import Seen, grew_by, look_for
from creative_flow.errors import LoginLost, PageNotUnderstood, PlatformUnreachable
from creative_flow.ledger import AdIntent, SentAd
from creative_flow.link import Link
from creative_flow.platform import AdPublisher, Confirmation, Context, Session, Verdict
from creative_flow.registry import Platform
from creative_flow.waiting import until


class Lists:
    """The lists of ads that campaigns show."""

    def __init__(
        self, platform: Platform, context: Context, publisher: AdPublisher[Any], books: Books
    ) -> None:
        self._platform = platform
        self._context = context
        self._publisher = publisher
        self._books = books
        self._since = monotonic()

    @property
    def seconds_left(self) -> float:
        """How long it is until ads of earlier runs that no list shows are known not to be there."""
        return self._context.info.settle_seconds - (monotonic() - self._since)

    async def look(self, item: Item, session: Session) -> tuple[str, ListedAds]:
        """Read the campaign's name and all of its ads, afresh."""
        self._books.step(f"reading the ads of {item.name or item.campaign_id}")

        async def look() -> tuple[str, ListedAds] | None:
            name = await self._publisher.open(session, item.campaign_id)
            listed = await self._publisher.ads(session, item.campaign_id)
            return (name, listed) if listed.complete else None

        info = self._context.info
        found = await until(look, limit=info.settle_seconds, pause=info.poll_seconds)
        if found is None:
            raise PageNotUnderstood(
                f"{info.title}, campaign {item.campaign_id}: the page counts more ads than it "
                "lists.",
                evidence=await session.capture(f"campaign-{item.campaign_id}-total"),
            )
        return found

    async def wait_for(
        self, item: Item, intents: Sequence[AdIntent], link: Link, seconds: float
    ) -> None:
        """Return once the ads of interrupted confirmations are all there, or time is up."""

        async def look() -> bool | None:
            if self.seconds_left <= 0:
                return True
            _, listed = await link.ask(lambda session: self.look(item, session))
            found = (look_for(intent.ads, listed) for intent in intents)
            return True if not any(seen.missing or seen.open for seen in found) else None

        pause = self._context.info.poll_seconds
        await until(look, limit=seconds + 2 * pause, pause=pause)

    async def prove(
        self,
        item: Item,
        ads: Sequence[SentAd],
        before: int,
        confirmation: Confirmation,
        link: Link,
        ended: float,
    ) -> tuple[Seen, ListedAds]:
        """Look until the ads are proved to be there, or it is late enough to say what is not."""
        info = self._context.info
        last: tuple[Seen, ListedAds] | None = None
        # What the page shows by itself spares loading it anew, where that is proof enough.
        if confirmation.verdict is Verdict.ACCEPTED and (shown := await self._shown(item, link)):
            seen = look_for(ads, shown)
            if grew_by(seen, before, shown) and not seen.missing:
                return seen, shown

        async def list_anew(session: Session) -> ListedAds:
            await self._publisher.open(session, item.campaign_id)
            return await self._publisher.ads(session, item.campaign_id)

        async def look() -> tuple[Seen, ListedAds] | None:
            nonlocal last
            waited = monotonic() - ended
            listed = await link.ask(list_anew)
            last = (look_for(ads, listed), listed)
            if grew_by(last[0], before, listed) and not last[0].missing:
                return last
            return last if waited >= info.settle_seconds else None

        limit = 2 * info.settle_seconds + 60
        found = await until(look, limit=limit, pause=info.poll_seconds) or last
        if found is None:
            raise PlatformUnreachable(f"{info.title} does not list the campaign's ads any more.")
        return found

    async def _shown(self, item: Item, link: Link) -> ListedAds | None:
        """Return the ads as the page shows them now, if it does."""
        session = await link.session()
        try:
            with self._platform.boundary():
                return await self._publisher.ads(session, item.campaign_id)
        except (LoginLost, PlatformUnreachable, PageNotUnderstood):
            return None  # it is asked properly next
