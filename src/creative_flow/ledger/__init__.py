"""The ledger: the durable record of runs, uploads and libraries, and the mirrors people read.

SQLAlchemy is loaded when `Ledger` is first asked for, not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from creative_flow.ledger.ledger import Ledger

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


def __getattr__(name: str) -> object:
    if name == "Ledger":
        from creative_flow.ledger.ledger import Ledger

        return Ledger
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
