"""What the sandbox keeps records of besides creatives: campaigns, ads, CSV files, confirmations."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

KINDS = ("pre_roll", "native")
CATEGORIES = ("general", "cartoon", "couples")
"""Content categories; the first is the usual one."""
STATUSES = ("active", "paused", "archived")

PRE_ROLL_COLUMNS = (
    "Ad Name",
    "Target URL",
    "Creative ID",
    "Custom CTA Text",
    "Custom CTA URL",
    "Banner CTA Creative ID",
    "Banner CTA Title",
    "Banner CTA Subtitle",
    "Banner CTA URL",
    "Tracking Pixel",
)
NATIVE_COLUMNS = (
    "Ad Name",
    "Target URL",
    "Video Creative ID",
    "Thumbnail Creative ID",
    "Headline",
    "Brand Name",
)
COLUMNS: Mapping[str, tuple[str, ...]] = {"pre_roll": PRE_ROLL_COLUMNS, "native": NATIVE_COLUMNS}
"""The columns of an ads CSV by the campaign's kind, in their order."""

CREATIVE_COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "pre_roll": {
        "Creative ID": ("in_stream_video",),
        "Banner CTA Creative ID": ("static_banner", "video_banner"),
    },
    "native": {
        "Video Creative ID": ("native_video",),
        "Thumbnail Creative ID": ("native_image",),
    },
}
"""The columns that hold Creative IDs, each with the ad formats that it takes."""


@attrs.frozen(kw_only=True)
class Campaign:
    """One campaign. ``number`` counts those an account has from the start; of others it is 0."""

    id: str
    account: str
    number: int
    name: str
    kind: str
    content_category: str
    status: str


@attrs.frozen(kw_only=True)
class NewAd:
    """An ad that is about to get an id: a row of a CSV, by its columns, cells as they came."""

    cells: Mapping[str, str]

    @property
    def name(self) -> str:
        """The ad's name."""
        return self.cells["Ad Name"]

    @property
    def target_url(self) -> str:
        """Where a click leads."""
        return self.cells["Target URL"]

    @property
    def creative_ids(self) -> tuple[str, ...]:
        """The ad's own creatives: one of a pre-roll ad, video and thumbnail of a native one."""
        columns = ("Creative ID", "Video Creative ID", "Thumbnail Creative ID")
        return tuple(self.cells[column] for column in columns if column in self.cells)


@attrs.frozen(kw_only=True)
class StoredAd(NewAd):
    """An ad in a campaign. ``request`` is the confirmation that made it, 0 if none did.

    ``seq`` grows with the order in which ads were created. Times are as of `time.time`; before
    ``visible_at`` the ad is there, but no table lists it.
    """

    seq: int
    id: str
    campaign_id: str
    created_at: float
    visible_at: float
    request: int


@attrs.frozen(kw_only=True)
class CsvFile:
    """One CSV that was sent for a preview; with ``issues`` it was refused.

    ``token`` is what a confirmation names it by. ``uses`` counts the confirmations that created
    ads, or would have, had the site not been told to create none.
    """

    number: int
    token: str
    campaign_id: str
    file_name: str
    size: int
    sha256: str
    ads: tuple[NewAd, ...]
    issues: tuple[str, ...]
    previewed_at: float
    uses: int


@attrs.frozen(kw_only=True)
class Confirmation:
    """One request to create the ads of a CSV, and what became of it.

    ``result`` is "created" (all ads), "partial", "nothing" (answered like a success, without an
    ad), "again" (this preview was confirmed before), "unknown" (there is no such preview),
    "closed" (the campaign takes no ads), "unauthorized" (no session), "dropped" (a fault before
    anything was done), "processing", or "interrupted" (the sandbox ended first). ``created`` counts
    ads; ``answer`` is what the browser was told: a status such as "200", or "reset".
    """

    number: int
    campaign_id: str
    token: str
    confirmed_at: float
    result: str
    created: int
    answer: str
