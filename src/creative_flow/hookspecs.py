"""What a platform plugin may implement. Each hook hands over a class; none does any work.

Decorate the implementations with :data:`creative_flow.hookimpl`. A misspelt hook is reported when
the plugin is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from creative_flow.ads import AdsCsv
    from creative_flow.platform import (
        AdPublisher,
        Auth,
        Doctor,
        IdExtractor,
        Library,
        PlatformInfo,
        Sandbox,
        Uploader,
    )

PROJECT = "creative_flow"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec(firstresult=True)
def creative_flow_platform_info(overrides: Path) -> PlatformInfo:  # type: ignore[empty-body]
    """Describe the platform. ``overrides`` is the user's own data file; it need not exist.

    Raises `SettingsError` naming file and key for an override that makes no sense.
    """


@hookspec(firstresult=True)
def creative_flow_auth() -> type[Auth[Any]]:  # type: ignore[empty-body]
    """Return the class that opens sessions."""


@hookspec(firstresult=True)
def creative_flow_uploader() -> type[Uploader[Any]]:  # type: ignore[empty-body]
    """Return the class that sends batches."""


@hookspec(firstresult=True)
def creative_flow_id_extractor() -> type[IdExtractor[Any]]:  # type: ignore[empty-body]
    """Return the class that reads the library's list."""


@hookspec(firstresult=True)
def creative_flow_library() -> type[Library[Any]] | None:
    """Return the class that walks whole libraries (optional: see `Library`)."""


@hookspec(firstresult=True)
def creative_flow_doctor() -> type[Doctor[Any]] | None:
    """Return the class that examines the platform's pages, if there is one (optional)."""


@hookspec(firstresult=True)
def creative_flow_sandbox() -> type[Sandbox] | None:
    """Return the class of the platform's sandbox, if it is installed (optional)."""


@hookspec(firstresult=True)
def creative_flow_ads_csv() -> type[AdsCsv] | None:
    """Return the class that makes and reads the platform's ads CSVs, if it has any (optional)."""


@hookspec(firstresult=True)
def creative_flow_ad_publisher() -> type[AdPublisher[Any]] | None:
    """Return the class that puts ads into campaigns, if the platform has them (optional)."""
