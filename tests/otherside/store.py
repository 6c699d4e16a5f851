"""What the site keeps: its creatives, and a record of every file that arrived."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Literal

from attrs import evolve, field, frozen

from .knobs import AdFormat
from .uploads import Media

Ended = Literal["in progress", "kept", "duplicate", "rejected", "unauthorized", "lost"]
Answer = Literal["none yet", "ok", "error", "401", "500", "reset", "hang"]


@frozen(kw_only=True)
class SiteCreative:
    """A creative of the library; a seeded one has no bytes, so no hash and size 0."""

    id: str
    name: str  # as shown
    filename: str  # as it arrived
    ad_format: AdFormat
    sha256: str
    size: int  # bytes
    media: Media
    review_status: str
    visible_from: float = field(repr=False)  # time.monotonic()


@frozen(kw_only=True)
class Arrival:
    """One file that reached the site: what became of it, and what the browser was told."""

    filename: str
    ad_format: AdFormat
    sha256: str
    size: int  # bytes
    ended: Ended = "in progress"
    answer: Answer = "none yet"
    reason: str | None = None  # of a rejection, as the page shows it
    creative_id: str | None = None


class Store:
    """The library's truth, in the order of creation."""

    def __init__(self) -> None:
        self.creatives: list[SiteCreative] = []
        self.arrivals: list[Arrival] = []
        self._made = 0

    def _next_id(self) -> str:
        """Return ten digits, mostly ten more than the last, ending in 1 or 2."""
        self._made += 2 if self._made % 7 == 5 else 1
        return str(1_032_500_000 + 10 * self._made + (2 if self._made % 4 == 3 else 1))

    def add(
        self,
        ad_format: AdFormat,
        name: str,
        filename: str,
        media: Media,
        *,
        sha256: str = "",
        size: int = 0,
        review_status: str = "pending",
        visible_after_s: float = 0.0,
    ) -> SiteCreative:
        """Create a creative, whether or not its name is taken."""
        creative = SiteCreative(
            id=self._next_id(),
            name=name,
            filename=filename,
            ad_format=ad_format,
            sha256=sha256,
            size=size,
            media=media,
            review_status=review_status,
            visible_from=time.monotonic() + visible_after_s,
        )
        self.creatives.append(creative)
        return creative

    def has(self, ad_format: AdFormat, name: str) -> bool:
        """Tell whether the name is taken in this ad format."""
        return any(c.ad_format == ad_format and c.name == name for c in self.creatives)

    def shown(
        self, ad_format: AdFormat, page: int, size: int
    ) -> tuple[Sequence[SiteCreative], int, int]:
        """Return a page's creatives (newest first), that page's number, and how many pages."""
        now = time.monotonic()
        rows = [c for c in self.creatives if c.ad_format == ad_format and c.visible_from <= now]
        pages = max(1, -(-len(rows) // size))
        page = min(max(1, page), pages)
        return rows[::-1][(page - 1) * size : page * size], page, pages

    def arrived(self, arrival: Arrival) -> int:
        """Note an arrival; return where it stands in the record."""
        self.arrivals.append(arrival)
        return len(self.arrivals) - 1

    def note(
        self,
        index: int,
        ended: Ended,
        answer: Answer,
        *,
        reason: str | None = None,
        creative_id: str | None = None,
    ) -> Arrival:
        """Complete the record of an arrival."""
        self.arrivals[index] = evolve(
            self.arrivals[index],
            ended=ended,
            answer=answer,
            reason=reason,
            creative_id=creative_id,
        )
        return self.arrivals[index]
