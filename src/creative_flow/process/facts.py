"""The facts of a processed file, as the cells of the inventory CSV."""

from __future__ import annotations

from datetime import datetime
from math import gcd
from pathlib import Path

from creative_flow.creative import Kind, Media
from creative_flow.naming import Fields


def media_cells(media: Media, size: int) -> dict[str, str]:
    """Return what a file's own content says; ``size`` in bytes."""
    part = gcd(media.width, media.height) or 1
    return {
        "duration_seconds": f"{media.seconds:.2f}" if media.kind is Kind.VIDEO else "",
        "aspect_ratio": f"{media.width // part}:{media.height // part}",
        "width_px": str(media.width),
        "height_px": str(media.height),
        "file_size_mb": f"{size / 1_000_000:.3f}",
        "file_format": media.file_type,
    }


def name_cells(fields: Fields, *, source: Path, new: str, ad_format: str) -> dict[str, str]:
    """Return what a file's names say."""
    return {
        "original_filename": source.name,
        "new_filename": new,
        "creator_name": fields.creator,
        "language": fields.language,
        "category": fields.category,
        "content_type": fields.rating,
        "creative_type": ad_format,
    }


def date_cell(when: datetime) -> dict[str, str]:
    """Return when a file was processed, in local time."""
    return {"date_processed": f"{when.astimezone():%Y-%m-%d %H:%M:%S}"}
