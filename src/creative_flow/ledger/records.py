"""What the ledger hands out: known library entries and open intents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from attrs import Factory, field, frozen

from creative_flow.campaign import Ad, CampaignStatus
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


@frozen
class AdJob:
    """What one checkpoint file shows: the campaigns of one kind of ads CSV in one slot.

    ``session_id`` is another one whenever the job is begun afresh.
    """

    job_id: int
    platform: str
    account: str
    kind: str
    slot: str
    session_id: str
    started_at: datetime
    updated_at: datetime


@frozen
class AdEntry:
    """Where a campaign stands in a job: a row of a checkpoint.

    ``invalid`` counts the creatives that the platform called invalid. ``digest`` is what the CSV's
    ads were; empty where only the user's word tells of them.
    """

    campaign_id: str
    status: CampaignStatus
    ads_created: int = 0
    at: datetime | None = None
    name: str = ""
    csv_file: str = ""
    error: str = ""
    invalid: int = 0
    digest: str = ""


@frozen
class SentAd:
    """An ad of a CSV that was, or is about to be, confirmed.

    ``had`` is how many ads like it the campaign listed before, ``alike`` how many that may be it
    under a name that the page has changed.
    """

    name: str
    creative_ids: tuple[str, ...]
    had: int = 0
    alike: int = 0

    @property
    def ad(self) -> Ad:
        """What tells it from others."""
        return Ad(self.name, self.creative_ids)


class IntentState(StrEnum):
    """How much is known of a confirmation."""

    OPEN = "open"
    """It may have created its ads, or some of them, or none."""
    KNOWN = "known"
    """It is known which it created, and no outcome counts them yet."""
    COUNTED = "counted"
    """An outcome counts them; or there were none."""


@frozen
class AdIntent:
    """One confirmation of an ads CSV in a campaign.

    Ads may have been created if ``sending_began_at`` is a time. ``total`` is how many ads the
    campaign had before; ``created`` are the places, in ``ads``, of those that are known to be
    there.
    """

    intent_id: int
    job_id: int
    run: str
    campaign_id: str
    ads: tuple[SentAd, ...]
    total: int
    state: IntentState
    sending_began_at: datetime | None
    created: tuple[int, ...] = ()

    @property
    def created_ads(self) -> tuple[SentAd, ...]:
        """The ads that are known to be there."""
        return tuple(self.ads[place] for place in self.created)


@frozen
class PastAdRun:
    """One live run that put ads into campaigns. Times are aware, in UTC.

    ``counts`` are its outcomes by status.
    """

    run: str
    platform: str
    account: str
    login: str
    slot: str
    total: int
    started_at: datetime
    finished_at: datetime | None
    error: str
    counts: Mapping[CampaignStatus, int] = Factory(dict)

    @property
    def seconds(self) -> float | None:
        """How long it took, or None if its end is not recorded."""
        if self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()
