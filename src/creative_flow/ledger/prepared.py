"""What the ledger hands out of `process`: the files that were made, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import Factory, field, frozen

from creative_flow.creative import Status


class Part(StrEnum):
    """What of its source a file is."""

    WHOLE = ""
    VIDEO = "VID"
    IMAGE = "IMG"
    ORIGINAL = "ORG"


@frozen
class Prepared:
    """One file that `process` makes or has made.

    ``source``, ``path`` and ``archived`` are relative to the workspace, with ``/``: where the
    source lay, where the file lies, and where the source was moved to (empty: not yet). ``facts``
    are the cells of the inventory CSV by column, as far as nothing else here holds them.
    ``session`` is the ``cfu process`` that made it. ``position`` is the ledger's, in the order in
    which rows came in.
    """

    unique_id: str
    session: str
    source_sha256: str
    source: str
    path: str
    part: Part = Part.WHOLE
    native_pair_id: str = ""
    archived: str = ""
    sha256: str = ""
    size: int = 0
    ready: bool = False
    facts: Mapping[str, str] = Factory(dict)
    notes: str = ""
    extra: Mapping[str, str] = Factory(dict)
    position: int = field(default=0, eq=False, kw_only=True)


@frozen
class UploadFact:
    """What became of a processed file on one platform: its newest telling outcome."""

    platform: str
    account: str
    status: Status
    creative_id: str
    at: datetime | None
    campaign: str
