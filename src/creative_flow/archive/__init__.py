"""The archive: uploaded files go to batch folders, and come back when they are needed again."""

from __future__ import annotations

from creative_flow.archive.archiving import archive_files
from creative_flow.archive.restoring import restore
from creative_flow.archive.results import (
    ArchiveReport,
    Left,
    Moved,
    MoveReport,
    RestoreReport,
)

__all__ = [
    "ArchiveReport",
    "Left",
    "MoveReport",
    "Moved",
    "RestoreReport",
    "archive_files",
    "restore",
]
