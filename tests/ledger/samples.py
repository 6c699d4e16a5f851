"""Nouns as the tests of this folder need them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from creative_flow.creative import (
    AdFormat,
    Batch,
    Certainty,
    Creative,
    Kind,
    LibraryEntry,
    Limit,
    Outcome,
    Snapshot,
    Status,
    name_key,
)
from creative_flow.ledger import KnownEntry, Origin

P, A = "tj", "default"
NOON = datetime(2026, 3, 14, 12, 0, 0, tzinfo=UTC)
NAME = "EN_Summer_F_Real_SFW_Generic_Ana_4sec_ID-1A2B3C4D"


def entry(
    creative_id: str,
    name: str = f"{NAME}.png",
    *,
    ad_format: str = "static_banner",
    origin: Origin = Origin.PROVED,
    sha256: str = "",
    upload_date: str = "2026-03-14",
    dimensions: str = "300x250",
    file_type: str = "png",
    review_status: str = "",
    **extra: str,
) -> KnownEntry:
    return KnownEntry(
        platform=P,
        account=A,
        ad_format=ad_format,
        creative_id=creative_id,
        name=name,
        key=name_key(Path(name).stem),
        sha256=sha256,
        upload_date=upload_date,
        dimensions=dimensions,
        file_type=file_type,
        review_status=review_status,
        origin=origin,
        extra=extra,
    )


def creative(name: str, ad_format: str = "static_banner") -> Creative:
    return Creative(Path("/w/uploaded") / name, ad_format, 1234, "ab" * 32, unique_id="ID-1A2B3C4D")


def batch(*names: str, number: int = 1) -> Batch:
    return Batch(number, "static_banner", tuple(creative(name) for name in names))


def snapshot(*ids: str) -> Snapshot:
    entries = tuple(LibraryEntry("static_banner", i, f"old {i}", "approved") for i in ids)
    return Snapshot("static_banner", entries, complete=True, taken_at=NOON)


def outcome(name: str, status: Status, creative_id: str = "", error: str = "") -> Outcome:
    return Outcome(
        creative(name).path,
        status,
        ad_format="static_banner",
        creative_id=creative_id,
        error=error,
        evidence=("data/screenshots/a.png",) if error else (),
        size=1234,
        sha256="ab" * 32,
        unique_id="ID-1A2B3C4D",
        batch=1,
        at=NOON,
    )


def _types(*names: str) -> Limit[frozenset[str]]:
    return Limit(frozenset(names), Certainty.KNOWN, "the tests", "file_types")


def _sizes(*pairs: tuple[int, int]) -> Limit[frozenset[tuple[int, int]]]:
    return Limit(frozenset(pairs), Certainty.KNOWN, "the tests", "dimensions")


FORMATS = (
    AdFormat(
        "static_banner",
        "Static Banner",
        Kind.IMAGE,
        _types("png", "jpg", "gif"),
        dimensions=_sizes((300, 250), (950, 250)),
    ),
    AdFormat(
        "video_banner", "Video Banner", Kind.VIDEO, _types("mp4"), dimensions=_sizes((300, 250))
    ),
    AdFormat("in_stream_video", "In-Stream Video", Kind.VIDEO, _types("mp4")),
    AdFormat(
        "native_image", "Native Image", Kind.IMAGE, _types("png"), dimensions=_sizes((640, 360))
    ),
    AdFormat(
        "native_video", "Native Video", Kind.VIDEO, _types("mp4"), dimensions=_sizes((640, 360))
    ),
)
