"""What came of `process`, for whoever shows it."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Any

from attrs import field, frozen

from creative_flow.ledger.prepared import Prepared


class Way(StrEnum):
    """How a file is made of its source."""

    COPY = "copy"
    COMPRESS = "compress"
    CONVERT = "convert"
    PAIR = "native pair"


class Fate(StrEnum):
    """What became of one source."""

    MADE = "processed"
    PLANNED = "to process"
    SKIPPED = "skipped"
    FAILED = "failed"
    NOT_DONE = "not done"

    @property
    def is_well(self) -> bool:
        """Whether a run in which every source ends so exits with 0."""
        return self in {Fate.MADE, Fate.PLANNED, Fate.SKIPPED}


@frozen
class Processed:
    """What became of one source. ``made`` are its files as the inventory has them."""

    source: Path
    fate: Fate
    made: tuple[Prepared, ...] = ()
    way: Way | None = None
    error: str = ""
    notes: tuple[str, ...] = ()


@frozen
class ProcessReport:
    """One run of `process`. There is one entry per source, in the order of their paths.

    ``error`` is empty unless the run as a whole was stopped; ``exit_code`` then is that error's.
    """

    session: str
    dry_run: bool
    items: tuple[Processed, ...] = field(repr=lambda items: f"<{len(items)} sources>")
    session_csv: Path | None = None
    seconds: float = 0.0
    error: str = ""
    error_exit_code: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many sources ended in each way that occurs."""
        return dict(Counter(item.fate.value for item in self.items))

    @property
    def exit_code(self) -> int:
        """0 if all is well, 1 if some source is not, else the code of what stopped the run."""
        if self.error:
            return self.error_exit_code or 1
        return 0 if all(item.fate.is_well for item in self.items) else 1

    def to_dict(self) -> dict[str, Any]:
        """Return the run as ``--json`` prints it."""
        return {
            "session": self.session,
            "dry_run": self.dry_run,
            "error": self.error or None,
            "counts": self.counts,
            "files": [
                {
                    "source": str(item.source),
                    "fate": item.fate.value,
                    "error": item.error or None,
                    "notes": list(item.notes),
                    "made": [
                        {
                            "unique_id": row.unique_id,
                            "native_pair_id": row.native_pair_id or None,
                            "path": row.path,
                            "creative_type": row.facts.get("creative_type") or None,
                        }
                        for row in item.made
                    ],
                }
                for item in self.items
            ],
        }
