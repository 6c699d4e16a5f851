"""Upload ad creatives to many ad networks, and get back Creative IDs that are proven.

Nothing is imported before it is asked for: the command line starts through this package too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

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

_HOMES = {
    "CreativeFlowError": "creative_flow.errors",
    "Outcome": "creative_flow.creative",
    "Report": "creative_flow.creative",
    "Status": "creative_flow.creative",
    "hookimpl": "creative_flow.hookspecs",
    "upload": "creative_flow.uploading",
    "upload_async": "creative_flow.uploading",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
