"""ExoClick for creative-flow: registers and describes itself; uploading is not built yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from creative_flow import hookimpl

if TYPE_CHECKING:
    from creative_flow.platform import PlatformInfo
    from creative_flow_exoclick.not_yet import ExoClickAuth, ExoClickIdExtractor, ExoClickUploader


@hookimpl
def creative_flow_platform_info(overrides: Path) -> PlatformInfo:
    """Describe ExoClick."""
    from creative_flow_exoclick.info import platform_info

    return platform_info()


@hookimpl
def creative_flow_auth() -> type[ExoClickAuth]:
    """Hand over a class that says that signing in is not built yet."""
    from creative_flow_exoclick.not_yet import ExoClickAuth

    return ExoClickAuth


@hookimpl
def creative_flow_uploader() -> type[ExoClickUploader]:
    """Hand over a class that says that uploading is not built yet."""
    from creative_flow_exoclick.not_yet import ExoClickUploader

    return ExoClickUploader


@hookimpl
def creative_flow_id_extractor() -> type[ExoClickIdExtractor]:
    """Hand over a class that says that reading the library is not built yet."""
    from creative_flow_exoclick.not_yet import ExoClickIdExtractor

    return ExoClickIdExtractor
