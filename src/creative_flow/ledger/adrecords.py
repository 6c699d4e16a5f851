"""What the ledger hands out of campaigns: jobs, where campaigns stand, confirmations, past runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import Factory, frozen

from creative_flow.campaign import Ad, CampaignStatus


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
