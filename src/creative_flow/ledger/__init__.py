"""The ledger: the durable record of runs, uploads and libraries, and the mirrors people read.

Each part is loaded when it is first asked for; only `Ledger` itself needs SQLAlchemy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from creative_flow.ledger.ledger import Ledger
    from creative_flow.ledger.lookups import Lookups
    from creative_flow.ledger.mirrors.checkpoint import CheckpointMirror
    from creative_flow.ledger.mirrors.edits import Edits
    from creative_flow.ledger.mirrors.inventory import InventoryMirror, PlatformColumns
    from creative_flow.ledger.mirrors.library import LibraryMirror
    from creative_flow.ledger.mirrors.status import StatusMirror
    from creative_flow.ledger.past import PastBatch, PastOutcome, PastRun, RunTotals, Tally
    from creative_flow.ledger.records import (
        AdEntry,
        AdIntent,
        AdJob,
        Attempt,
        Intent,
        IntentState,
        KnownEntry,
        Origin,
        Part,
        PastAdRun,
        PastUpload,
        Prepared,
        Sending,
        SentAd,
        UploadFact,
    )

__all__ = [
    "AdEntry",
    "AdIntent",
    "AdJob",
    "Attempt",
    "CheckpointMirror",
    "Edits",
    "Intent",
    "IntentState",
    "InventoryMirror",
    "KnownEntry",
    "Ledger",
    "LibraryMirror",
    "Lookups",
    "Origin",
    "Part",
    "PastAdRun",
    "PastBatch",
    "PastOutcome",
    "PastRun",
    "PastUpload",
    "PlatformColumns",
    "Prepared",
    "RunTotals",
    "Sending",
    "SentAd",
    "StatusMirror",
    "Tally",
    "UploadFact",
]

_HOMES = {
    "AdEntry": "creative_flow.ledger.records",
    "AdIntent": "creative_flow.ledger.records",
    "AdJob": "creative_flow.ledger.records",
    "Attempt": "creative_flow.ledger.records",
    "CheckpointMirror": "creative_flow.ledger.mirrors.checkpoint",
    "Edits": "creative_flow.ledger.mirrors.edits",
    "Intent": "creative_flow.ledger.records",
    "IntentState": "creative_flow.ledger.records",
    "InventoryMirror": "creative_flow.ledger.mirrors.inventory",
    "KnownEntry": "creative_flow.ledger.records",
    "Ledger": "creative_flow.ledger.ledger",
    "LibraryMirror": "creative_flow.ledger.mirrors.library",
    "Lookups": "creative_flow.ledger.lookups",
    "Origin": "creative_flow.ledger.records",
    "Part": "creative_flow.ledger.records",
    "PastAdRun": "creative_flow.ledger.records",
    "PastBatch": "creative_flow.ledger.past",
    "PastOutcome": "creative_flow.ledger.past",
    "PastRun": "creative_flow.ledger.past",
    "PastUpload": "creative_flow.ledger.records",
    "PlatformColumns": "creative_flow.ledger.mirrors.inventory",
    "Prepared": "creative_flow.ledger.records",
    "RunTotals": "creative_flow.ledger.past",
    "Sending": "creative_flow.ledger.records",
    "SentAd": "creative_flow.ledger.records",
    "StatusMirror": "creative_flow.ledger.mirrors.status",
    "Tally": "creative_flow.ledger.past",
    "UploadFact": "creative_flow.ledger.records",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found
