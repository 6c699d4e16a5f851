"""Upload ad creatives to many ad networks, and get back Creative IDs that are proven.

Nothing is imported before it is asked for: the command line starts through this package too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from creative_flow.lazy import lazily

if TYPE_CHECKING:
    from creative_flow.creative import Outcome, Report, Status
    from creative_flow.errors import CreativeFlowError
    from creative_flow.hookspecs import hookimpl
    from creative_flow.uploading import upload, upload_async

__all__ = [
    "CreativeFlowError",
    "Outcome",
    "Report",
    "Status",
    "hookimpl",
    "upload",
    "upload_async",
]

__getattr__ = lazily(
    __name__,
    {
        "creative": "Outcome Report Status",
        "errors": "CreativeFlowError",
        "hookspecs": "hookimpl",
        "uploading": "upload upload_async",
    },
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
