"""From raw files to creatives: probed, named, converted, recorded.

Nothing here knows a platform: what a native pair is and which images are too large, the ad formats'
rules say. The work itself is in `make`, its order in `run`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from creative_flow.process.api import process, process_async

__all__ = ["process", "process_async"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from creative_flow.process import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
