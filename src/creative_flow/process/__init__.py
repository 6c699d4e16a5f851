"""From raw files to creatives: probed, named, converted, recorded.

Nothing here knows a platform: what a native pair is and which images are too large, the ad formats'
rules say. The work itself is in `make`, its order in `run`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from creative_flow.lazy import lazily

if TYPE_CHECKING:
    from creative_flow.process.api import process, process_async
    from creative_flow.process.begun import begin

__all__ = ["begin", "process", "process_async"]

__getattr__ = lazily(__name__, {"api": "process process_async", "begun": "begin"})
