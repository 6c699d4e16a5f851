"""TrafficJunky for creative-flow: hooks only; what they hand over is imported when asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from creative_flow import hookimpl

if TYPE_CHECKING:
    from creative_flow.platform import PlatformInfo, Sandbox
    from creative_flow_tj.ads import TjAds
    from creative_flow_tj.auth import TjAuth
    from creative_flow_tj.doctor import TjDoctor
    from creative_flow_tj.ids import TjIdExtractor
    from creative_flow_tj.publisher import TjAdPublisher
    from creative_flow_tj.uploader import TjUploader


@hookimpl
def creative_flow_platform_info(overrides: Path) -> PlatformInfo:
    """Describe TrafficJunky, with the user's overrides."""
    from creative_flow_tj.info import platform_info

    return platform_info(overrides)


@hookimpl
def creative_flow_auth() -> type[TjAuth]:
    """Hand over sign-in through the site's own page."""
    from creative_flow_tj.auth import TjAuth

    return TjAuth


@hookimpl
def creative_flow_uploader() -> type[TjUploader]:
    """Hand over uploading through the media library's Dropzone."""
    from creative_flow_tj.uploader import TjUploader

    return TjUploader


@hookimpl
def creative_flow_id_extractor() -> type[TjIdExtractor]:
    """Hand over reading the media library's cards."""
    from creative_flow_tj.ids import TjIdExtractor

    return TjIdExtractor


@hookimpl
def creative_flow_doctor() -> type[TjDoctor]:
    """Hand over the walk through the site's pages."""
    from creative_flow_tj.doctor import TjDoctor

    return TjDoctor


@hookimpl
def creative_flow_ads_csv() -> type[TjAds]:
    """Hand over the site's ads CSVs: native and pre-roll."""
    from creative_flow_tj.ads import TjAds

    return TjAds


@hookimpl
def creative_flow_ad_publisher() -> type[TjAdPublisher]:
    """Hand over what puts ads into campaigns."""
    from creative_flow_tj.publisher import TjAdPublisher

    return TjAdPublisher


@hookimpl
def creative_flow_sandbox() -> type[Sandbox] | None:
    """Hand over the stand-in of the site, if its extra is installed."""
    from importlib.util import find_spec

    if any(find_spec(needed) is None for needed in ("aiohttp", "av", "PIL")):
        return None
    from creative_flow_tj.sandbox import TjSandbox

    return TjSandbox
