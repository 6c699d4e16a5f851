"""What is to be done in which campaign, by what its checkpoint says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from creative_flow.campaign import CampaignOutcome, CampaignStatus
from creative_flow.campaigns.items import Item, Wish
from creative_flow.ledger import AdEntry


@frozen
class Planned:
    """One campaign's place in the plan; ``outcome`` is set where nothing is to be done."""

    item: Item
    outcome: CampaignOutcome | None = None


@frozen
class Plan:
    """All campaigns of a run, in order."""

    campaigns: tuple[Planned, ...]

    @property
    def to_do(self) -> tuple[Item, ...]:
        """The campaigns that are to be worked on."""
        return tuple(it.item for it in self.campaigns if it.outcome is None)

    @property
    def successful(self) -> int:
        """How many an earlier run has brought to their end."""
        return sum(it.outcome is not None and it.outcome.status.is_well for it in self.campaigns)

    @property
    def failed(self) -> int:
        """How many failed earlier and are left alone."""
        return len(self.campaigns) - self.successful - len(self.to_do)


def plan(items: Sequence[Item], entries: Mapping[str, Mapping[str, AdEntry]], wish: Wish) -> Plan:
    """Return the plan; ``entries`` are by the kind of ads CSV, then by campaign."""
    return Plan(
        tuple(
            Planned(item, _earlier(item, entries[item.file.sheet.name].get(item.campaign_id), wish))
            for item in items
        )
    )


def _earlier(item: Item, entry: AdEntry | None, wish: Wish) -> CampaignOutcome | None:
    """Return what an earlier run came to, if that stands."""
    if entry is None or wish.fresh or not _is_about(entry, item):
        return None
    if not entry.status.is_done and (
        entry.status is not CampaignStatus.FAILED or wish.retry_failed
    ):
        return None
    failed = entry.status is CampaignStatus.FAILED
    return CampaignOutcome(
        campaign_id=item.campaign_id,
        status=CampaignStatus.FAILED if failed else CampaignStatus.SKIPPED,
        name=entry.name or item.name,
        csv_file=item.file.path.name,
        error=entry.error if failed else "",
        note="it failed earlier (--retry-failed takes it up)" if failed else _when(entry),
        at=entry.at,
        earlier=True,
    )


def _is_about(entry: AdEntry, item: Item) -> bool:
    """Say whether an entry is about the ads that the CSV holds now.

    A user's own entry tells no ads; it is about any, unless it names another file.
    """
    if entry.digest:
        return entry.digest == item.file.digest
    return entry.csv_file in {"", item.file.path.name}


def _when(entry: AdEntry) -> str:
    at = f" on {entry.at.astimezone():%Y-%m-%d %H:%M}" if entry.at else ""
    return f"done earlier{at}, {entry.ads_created:,} ads created"
