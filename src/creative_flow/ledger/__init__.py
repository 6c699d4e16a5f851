"""The ledger: the durable record of runs, uploads and libraries, and the mirrors people read.

Each part is loaded when it is first asked for; only `Ledger` itself needs SQLAlchemy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from creative_flow.lazy import lazily

if TYPE_CHECKING:
    from creative_flow.ledger.adrecords import (
        AdEntry,
        AdIntent,
        AdJob,
        IntentState,
        PastAdRun,
        SentAd,
    )
    from creative_flow.ledger.ledger import Ledger
    from creative_flow.ledger.lookups import Lookups
    from creative_flow.ledger.mirrors.checkpoint import CheckpointMirror
    from creative_flow.ledger.mirrors.edits import Edits
    from creative_flow.ledger.mirrors.inventory import InventoryMirror
    from creative_flow.ledger.mirrors.inventory_columns import PlatformColumns
    from creative_flow.ledger.mirrors.library import LibraryMirror
    from creative_flow.ledger.mirrors.status import StatusMirror
    from creative_flow.ledger.past import PastBatch, PastOutcome, PastRun, RunTotals, Tally
    from creative_flow.ledger.prepared import Part, Prepared, UploadFact
    from creative_flow.ledger.records import (
        Attempt,
        Intent,
        KnownEntry,
        Origin,
        PastUpload,
        Sending,
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

__getattr__ = lazily(
    __name__,
    {
        "adrecords": "AdEntry AdIntent AdJob IntentState PastAdRun SentAd",
        "ledger": "Ledger",
        "lookups": "Lookups",
        "mirrors.checkpoint": "CheckpointMirror",
        "mirrors.edits": "Edits",
        "mirrors.inventory": "InventoryMirror",
        "mirrors.inventory_columns": "PlatformColumns",
        "mirrors.library": "LibraryMirror",
        "mirrors.status": "StatusMirror",
        "past": "PastBatch PastOutcome PastRun RunTotals Tally",
        "prepared": "Part Prepared UploadFact",
        "records": "Attempt Intent KnownEntry Origin PastUpload Sending",
    },
)
