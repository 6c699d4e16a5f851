"""What the plugin tells the core about TrafficJunky."""

from __future__ import annotations

from pathlib import Path

from creative_flow.platform import API_VERSION, PlatformInfo, Setting
from creative_flow_tj import site as site_data


def platform_info(overrides: Path | None) -> PlatformInfo:
    """Describe TrafficJunky by ``site.toml`` and the user's overrides.

    Raises `SettingsError` for overrides that make no sense.
    """
    site = site_data.load(overrides)
    return PlatformInfo(
        title="TrafficJunky",
        api_version=API_VERSION,
        ad_formats=site.ad_formats(),
        library_mirror="TJ_Creative_Library.csv",
        column_prefix="tj",
        batch_size=site.number("limits.batch_size"),
        settle_seconds=site.seconds("settle"),
        appear_seconds=site.seconds("appear"),
        duplicate_seconds=site.seconds("duplicate"),
        poll_seconds=site.seconds("poll"),
        id_pattern=site.text("limits.id_pattern"),
        native_pair=site.native_pair(),
        inventory_columns=("creative_id", "upload_date", "campaign_id"),
        inventory_order=1,
        settings=(
            Setting(
                "TJ_BASE_URL",
                "https://advertiser.trafficjunky.com",
                "the advertiser site",
                tells_apart=True,
            ),
            Setting("TJ_LOGIN_URL", "https://www.trafficjunky.com/sign-in", "the sign-in page"),
        ),
    )
