"""Looking into the record of a library: one creative, a search, all of it as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from creative_flow.creative import name_key
from creative_flow.errors import UsageError
from creative_flow.ledger import KnownEntry
from creative_flow.ledger.anytext import escape
from creative_flow.ledger.mirrors import disk
from creative_flow.ledger.mirrors.cells import line, shown
from creative_flow.ledger.mirrors.disk import Stamp, TouchedMeanwhile
from creative_flow.ledger.mirrors.rows import COLUMNS
from creative_flow.ledger.mirrors.words import AdFormatWords
from creative_flow.libraries.desk import Desk

FORMATS = ("csv", "json")
_MORE = ("size_bytes", "sha256", "origin")


def find(at: Desk, wanted: str) -> tuple[KnownEntry, ...]:
    """Return the entries with that Creative ID, else those that bear that name in any ad format.

    A name may be given with or without the file's extension.
    """
    place = (at.context.platform, at.context.account)
    wanted = wanted.strip()
    if found := at.ledger.by_id(*place, [wanted]).get(wanted):
        return found
    stem = AdFormatWords(at.platform.info.ad_formats).key_stem(wanted)
    keys = {name_key(wanted), name_key(stem)}
    return tuple(
        entry
        for ad_format in at.platform.info.ad_formats
        for entries in at.ledger.by_name(*place, ad_format.name, keys).values()
        for entry in entries
    )


def search(at: Desk, text: str, *, ad_format: str, status: str, limit: int) -> list[KnownEntry]:
    """Return the newest entries that match; see `Ledger.search`. Raises `UsageError`."""
    name = at.platform.info.ad_format(ad_format).name if ad_format else ""
    place = (at.context.platform, at.context.account)
    return at.ledger.search(*place, text.strip(), ad_format=name, status=status, limit=limit)


def export(at: Desk, file: Path, *, form: str, ad_format: str, overwrite: bool) -> int:
    """Write what is known to a file, whole or not at all; return how many entries it holds.

    ``form`` is ``csv`` (the columns of the library's CSV, size, hash, origin, the user's own) or
    ``json``. Raises `UsageError` if the file is there already, and `WorkspaceError`.
    """
    name = at.platform.info.ad_format(ad_format).name if ad_format else ""
    with disk.blaming(file):
        stamp = Stamp.of(file)
        if file.is_dir():
            raise UsageError(f"{file} is a folder.", hint="Name the file that is to be written.")
    if stamp is not None and not overwrite:
        raise UsageError(
            f"{file} is there already.", hint="Give another name, or --overwrite to replace it."
        )
    count = 0

    def entries() -> Iterator[KnownEntry]:
        nonlocal count
        count = 0
        for entry in at.ledger.entries(at.context.platform, at.context.account):
            if not entry.forgotten and name in {"", entry.ad_format}:
                count += 1
                yield entry

    own = tuple(dict.fromkeys(column for entry in entries() for column in entry.extra))
    lines = _csv(entries(), own) if form == "csv" else _json(at, entries())
    try:
        disk.replace(file, lines, stamp)
    except TouchedMeanwhile:
        raise UsageError(f"{file} was written by another program meanwhile.") from None
    return count


def described(entry: KnownEntry) -> dict[str, Any]:
    """Return an entry as ``--json`` and the export tell it; what is not known is null."""
    return {
        "creative_id": entry.creative_id,
        "name": entry.name,
        "ad_format": entry.ad_format,
        "review_status": entry.review_status or None,
        "upload_date": entry.upload_date or None,
        "dimensions": entry.dimensions or None,
        "file_type": entry.file_type or None,
        "size": entry.size,
        "sha256": entry.sha256 or None,
        "origin": entry.origin.value,
        "forgotten": entry.forgotten,
        "own_columns": dict(entry.extra),
    }


def _csv(entries: Iterator[KnownEntry], own: tuple[str, ...]) -> Iterator[bytes]:
    yield line((*COLUMNS, *_MORE, *own)).encode()
    for entry in entries:
        known = (
            entry.creative_id,
            entry.name,
            entry.upload_date,
            entry.dimensions,
            entry.file_type,
            entry.ad_format,
            entry.review_status,
            "" if entry.size is None else str(entry.size),
            entry.sha256,
            entry.origin.value,
        )
        extra = (escape(entry.extra.get(column, "")) for column in own)
        yield line([*map(shown, known), *extra]).encode()


def _json(at: Desk, entries: Iterator[KnownEntry]) -> Iterator[bytes]:
    """Yield one document, an entry per line, without ever holding all of it."""
    about = {"schema": 1, "platform": at.context.platform, "account": at.context.account}
    yield json.dumps(about)[:-1].encode() + b', "entries": [\n'
    comma = b""
    for entry in entries:
        yield comma + json.dumps(described(entry)).encode()
        comma = b",\n"
    yield b"\n]}\n"
