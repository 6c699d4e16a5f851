"""What the ledger hands out: known library entries and open intents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from attrs import Factory, field, frozen

from creative_flow.creative import LibraryEntry, Snapshot, Status

REMOVED = "removed"
"""The review status of what the platform does not have any more."""


class Origin(StrEnum):
    """On whose word a library entry stands."""

    PROVED = "proved"
    """Uploaded from here, and its id proved."""
    PLATFORM = "platform"
    """Seen in the platform's list."""
    USER = "user"
    """A hand-made row."""

    @property
    def weight(self) -> int:
        """How much the word counts: a proof more than a sight, a sight more than the user's."""
        return _WEIGHTS[self]


_WEIGHTS = {Origin.USER: 0, Origin.PLATFORM: 1, Origin.PROVED: 2}


@frozen
class KnownEntry:
    """One creative that an account is known to have.

    ``name`` is the file's name where it was uploaded from here, else the name as the platform shows
    it; ``key`` is what the platform tells names apart by. ``size`` counts bytes, ``upload_date`` is
    ``YYYY-MM-DD``; what is not known is empty. ``forgotten`` is True where the user asked to forget
    it: it then says nothing until the platform was asked. ``extra`` holds the user's own columns,
    ``notes`` among them, by their headings.

    ``position`` and ``revision`` are the ledger's: the entry's place in the order in which entries
    came in, and when it was last changed, on the same counter, which only grows. They are not
    compared, and what a caller puts there is ignored.
    """

    platform: str
    account: str
    ad_format: str
    creative_id: str
    name: str
    key: str
    sha256: str = ""
    size: int | None = None
    upload_date: str = ""
    dimensions: str = ""
    file_type: str = ""
    review_status: str = ""
    origin: Origin = field(kw_only=True)
    forgotten: bool = False
    extra: Mapping[str, str] = Factory(dict)
    position: int = field(default=0, eq=False, kw_only=True)
    revision: int = field(default=0, eq=False, kw_only=True)

    @property
    def stands(self) -> bool:
        """Whether the platform is taken to have it still."""
        return not self.forgotten and self.review_status != REMOVED

    @classmethod
    def seen(cls, platform: str, account: str, entry: LibraryEntry) -> KnownEntry:
        """Return what is known of an entry that only the platform's list tells of."""
        return cls(
            platform=platform,
            account=account,
            ad_format=entry.ad_format,
            creative_id=entry.creative_id,
            name=entry.name,
            key=entry.key,
            dimensions=entry.dimensions,
            file_type=entry.file_type,
            review_status=entry.review_status,
            origin=Origin.PLATFORM,
        )


@frozen
class Sending:
    """When a batch was sent: its bytes could leave from ``began_at`` on; all was told at the end.

    ``ended_at`` is None where the batch was interrupted.
    """

    began_at: datetime
    ended_at: datetime | None


@frozen
class Attempt:
    """How an earlier sending of a creative ended, in which run, and with which content."""

    run: str
    status: Status
    error: str
    sha256: str
    evidence: tuple[str, ...] = ()


_UP = frozenset({Status.SUCCESS, Status.DUPLICATE})


@frozen
class PastUpload:
    """How one upload of a creative ended.

    ``key`` is what the platform can tell its name apart by, ``size`` counts bytes. ``fate_open``
    says that it is not known whether the platform has it; ``stands`` is False where its Creative ID
    was forgotten, or the platform has removed it since. ``position`` grows with every upload.
    """

    run: str
    platform: str
    account: str
    ad_format: str
    key: str
    sha256: str
    size: int
    unique_id: str
    native_pair_id: str
    status: Status
    creative_id: str
    fate_open: bool
    stands: bool
    position: int

    @property
    def is_up(self) -> bool:
        """Whether the platform has the creative, by an id that is on record."""
        return self.status in _UP and bool(self.creative_id) and self.stands


@frozen
class Intent:
    """One creative whose fate is open.

    Its bytes may have left if ``sending_began_at`` is a time; if it is None, nothing was sent.
    ``status`` is PENDING (the run ended before the fate was known) or UNKNOWN_ID (the platform was
    asked and it could not be told). ``snapshot`` is what stood in the library before the sending,
    ``error`` why it could not be told, ``evidence`` names files below the workspace.
    """

    upload_id: int
    run: str
    batch_id: int
    platform: str
    account: str
    ad_format: str
    path: Path
    key: str
    sha256: str
    size: int
    unique_id: str
    native_pair_id: str
    campaign: str
    sending_began_at: datetime | None
    snapshot: Snapshot | None
    status: Status
    error: str = ""
    evidence: tuple[str, ...] = ()
