"""What the sandbox keeps records of: creatives and arrivals."""

from __future__ import annotations

import attrs

REVIEW_STATUSES = ("pending", "approved", "rejected")


@attrs.frozen(kw_only=True)
class NewCreative:
    """A creative that is about to get an id. ``visible_at`` is a time as of `time.time`."""

    account: str
    ad_format: str
    name: str
    file_type: str
    size: int
    width: int
    height: int
    duration: float | None
    sha256: str = ""
    review_status: str = "pending"
    visible_at: float = 0.0


@attrs.frozen(kw_only=True)
class StoredCreative(NewCreative):
    """A creative in the library. ``seq`` grows with the order in which they were created."""

    seq: int
    id: str
    created_at: float

    @property
    def dimensions(self) -> str:
        """Width and height in pixels, written like "640x360"."""
        return f"{self.width}x{self.height}"


@attrs.frozen(kw_only=True)
class Arrival:
    """One file that arrived in one upload request, and what became of it.

    ``result`` is "created", "duplicate", "rejected", "unauthorized" (no session), "refused"
    (another page is uploading), "incomplete" (the connection ended first, or the file was too
    large), "dropped" (a fault before it was kept), "processing", or "interrupted" (the sandbox
    ended first). ``answer`` is what the browser was told: a status such as "200", or "reset".
    """

    number: int
    account: str
    ad_format: str
    name: str
    size: int
    sha256: str
    arrived_at: float
    result: str
    reason: str
    answer: str
    creative_id: str


@attrs.frozen(kw_only=True)
class Counts:
    """How many creatives, arrivals and open sessions there are."""

    creatives: int
    arrivals: int
    sessions: int
