"""What the plugin tells the core about TrafficJunky."""

from __future__ import annotations

from pathlib import Path

from creative_flow.platform import API_VERSION, PlatformInfo, Setting
from creative_flow_tj import site as site_data

ADS_TEXTS = (
    Setting(
        "TJ_ADS_TARGET_URL",
        "https://example.com/?sub11={CampaignName}",
        "where ads lead; macros stay as they are",
    ),
    Setting("TJ_ADS_HEADLINE", "YOUR HEADLINE", "the headline of native ads"),
    Setting("TJ_ADS_BRAND", "YOUR BRAND", "the brand name of native ads"),
    Setting("TJ_ADS_CTA_TEXT", "", "the words on the button of pre-roll ads"),
    Setting("TJ_ADS_CTA_URL", "", "where that button leads"),
    Setting("TJ_ADS_BANNER_CTA_CREATIVE_ID", "", "the banner below pre-roll ads"),
    Setting("TJ_ADS_BANNER_CTA_TITLE", "", "its title"),
    Setting("TJ_ADS_BANNER_CTA_SUBTITLE", "", "its second line"),
    Setting("TJ_ADS_BANNER_CTA_URL", "", "where it leads"),
    Setting("TJ_ADS_TRACKING_PIXEL", "", "a tracking pixel for pre-roll ads"),
)
"""What ads CSVs hold where ``config/tj_ads.toml`` says nothing. The first three must be set."""


def ads_setting(key: str) -> str:
    """Return the name of the setting for a text of ads, such as ``target_url``."""
    return f"TJ_ADS_{key.upper()}"


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
        batch_pause_seconds=site.seconds("between_batches"),
        batches_per_hour=site.number("limits.batches_per_hour"),
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
            *ADS_TEXTS,
        ),
    )
