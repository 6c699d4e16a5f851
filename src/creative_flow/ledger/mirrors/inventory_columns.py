"""The columns of the inventory's CSV files, and what stands in them for one file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

from attrs import frozen

from creative_flow.creative import Status
from creative_flow.ledger.mirrors.cells import shown_line
from creative_flow.ledger.prepared import Part, Prepared, UploadFact

COLUMNS = (
    "unique_id",
    "original_filename",
    "new_filename",
    "creator_name",
    "language",
    "category",
    "content_type",
    "creative_type",
    "duration_seconds",
    "aspect_ratio",
    "width_px",
    "height_px",
    "file_size_mb",
    "file_format",
    "date_processed",
    "source_path",
    "notes",
    "native_pair_id",
)
"""What both files begin with (DESIGN, "Mirrors")."""

UPLOAD_STATUS = "upload_status"
_FACT_COLUMNS = COLUMNS[1:-3]
"""All but the id, the source's path, the notes and the pair's id."""
_all_facts: Callable[[Mapping[str, str]], tuple[str, ...]] = itemgetter(*_FACT_COLUMNS)
_TELLING = {"creative_id", "upload_date", "campaign_id"}


@frozen
class PlatformColumns:
    """The columns in which a platform's uploads show: ``tj`` and (``creative_id``, …)."""

    platform: str
    prefix: str
    columns: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The headings."""
        return tuple(f"{self.prefix}_{column}" for column in self.columns)

    def cells(self, fact: UploadFact | None) -> tuple[str, ...]:
        """Return what stands below them for one file."""
        if fact is None or not fact.creative_id:
            return ("",) * len(self.columns)
        at = fact.at.astimezone() if fact.at else None
        known = {
            "creative_id": fact.creative_id,
            "upload_date": f"{at:%Y-%m-%d}" if at else "",
            "campaign_id": fact.campaign,
        }
        return tuple(known[column] for column in self.columns if column in _TELLING)


def base_cells(row: Prepared) -> list[str]:
    """Return the cells of `COLUMNS`."""
    try:
        facts = _all_facts(row.facts)
    except KeyError:
        facts = tuple(row.facts.get(name, "") for name in _FACT_COLUMNS)
    return [row.unique_id, *facts, row.source, row.notes, row.native_pair_id]


def session_line(row: Prepared) -> str:
    """Return a row's line in the session's CSV; the inventory's begins with it."""
    return shown_line(base_cells(row))


def pair_status(halves: Sequence[Prepared], uploads: Mapping[str, Sequence[UploadFact]]) -> str:
    """Return how far a native pair is: empty, ``success``, or which half is missing."""
    up = {
        half.part: any(fact.creative_id for fact in uploads.get(half.unique_id, ()))
        for half in halves
    }
    if not any(up.values()):
        return ""
    if all(up.values()) and len(up) == 2:
        return Status.SUCCESS.value
    missing = next(part for part in (Part.VIDEO, Part.IMAGE) if not up.get(part))
    return f"half up: {missing.value} missing"
