"""What is publicly known of ExoClick, each fact with its source.

No limit here was seen at work on the site, so each only warns.
"""

from __future__ import annotations

from typing import TypeVar

from creative_flow.creative import AdFormat, Certainty, Kind, Limit
from creative_flow.platform import API_VERSION, PlatformInfo

T = TypeVar("T")

UNSUPPORTED = "Uploading to ExoClick is not built yet: the plugin only describes the platform."
"""The one line that every attempt ends in."""

BANNER_FAQ = "docs.exoclick.com, FAQ: What weight should my banner creatives be?"
REQUIREMENTS = "docs.exads.com, Ad Format Requirements (believed to be ExoClick's ad server)"


def _believed(value: T, source: str) -> Limit[T]:
    # There is no settings file to lift a limit with, hence no setting to name.
    return Limit(value, Certainty.UNKNOWN, source, setting="")


AD_FORMATS = (
    AdFormat(
        name="banner",
        title="Banner",
        kind=Kind.IMAGE,
        file_types=_believed(frozenset({"gif", "jpg", "png"}), REQUIREMENTS),
        # "150KB": taken in the larger of its two readings.
        max_bytes=_believed(150 * 1024, BANNER_FAQ),
    ),
    AdFormat(
        name="video_banner",
        title="Video banner",
        kind=Kind.VIDEO,
        file_types=_believed(frozenset({"mp4"}), BANNER_FAQ),
    ),
    AdFormat(
        name="in_stream_video",
        title="In-stream video",
        kind=Kind.VIDEO,
        file_types=_believed(frozenset({"mp4"}), REQUIREMENTS),
        seconds=_believed((15.0, float("inf")), REQUIREMENTS),
        max_bytes=_believed(50_000_000, REQUIREMENTS),
    ),
)


def platform_info() -> PlatformInfo:
    """Describe ExoClick. The waiting times mean nothing until there is something to wait for."""
    return PlatformInfo(
        title="ExoClick",
        api_version=API_VERSION,
        ad_formats=AD_FORMATS,
        library_mirror="EXO_Creative_Library.csv",
        column_prefix="exo",
        batch_size=1,
        settle_seconds=0.0,
        appear_seconds=0.0,
        duplicate_seconds=0.0,
        poll_seconds=1.0,
        inventory_order=2,
        unsupported=UNSUPPORTED,
    )
