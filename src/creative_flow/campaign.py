"""Ads in campaigns: what a campaign lists, what a page says of a CSV, what became of a campaign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from attrs import frozen

from creative_flow.creative import name_key


@frozen
class Ad:
    """What tells an ad from others: its name, and the Creative IDs of what it is made of.

    Where a page lists it without them, ``creative_ids`` is empty.
    """

    name: str
    creative_ids: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What a platform can tell its name apart by."""
        return name_key(self.name)

    def may_be(self, listed: Ad) -> bool:
        """Say whether a listed ad is such a one, as far as the list tells.

        A name that is shown cut, with an ellipsis, counts where the Creative IDs are shown, too.
        """
        if not set(listed.creative_ids) <= set(self.creative_ids):
            return False
        shown = listed.key
        cut = shown.removesuffix("…").removesuffix("...").rstrip()
        is_cut = cut != shown and bool(listed.creative_ids) and self.key.startswith(cut)
        return self.key == shown or is_cut


@frozen
class ListedAds:
    """A campaign's ads as its page lists them. ``total`` is how many the page says there are."""

    total: int
    ads: tuple[Ad, ...]

    @property
    def complete(self) -> bool:
        """Whether every ad that the page counts was seen."""
        return len(self.ads) == self.total

    def like(self, ad: Ad) -> int:
        """Return how many of them are such an ad."""
        return sum(ad.may_be(listed) for listed in self.ads)


@frozen
class CsvIssue:
    """Something that the platform says against an ads CSV.

    ``row`` counts the ads of the CSV from 1, None where it is about no single one.
    """

    message: str
    row: int | None = None


@frozen
class CsvVerdict:
    """What the platform says of an ads CSV before any ad is created; without issues it takes it.

    ``rows`` is how many ads it shows a preview of, None where it shows none. ``evidence`` names
    files that show the issues.
    """

    issues: tuple[CsvIssue, ...] = ()
    rows: int | None = None
    evidence: tuple[Path, ...] = ()


class CampaignStatus(StrEnum):
    """What became of a campaign in a run."""

    PENDING = "pending"
    """Not tried, or not to its end."""
    SUCCESS = "success"
    """Its ads are there, proved."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """There was nothing to do."""
    DRY_RUN_SUCCESS = "dry_run_success"
    """Its ads could go in."""
    UNKNOWN = "unknown"
    """It could not be proved what is there; the next run asks."""

    @property
    def is_well(self) -> bool:
        """Whether nobody has to do anything about it."""
        return self in {self.SUCCESS, self.SKIPPED, self.DRY_RUN_SUCCESS}

    @property
    def is_done(self) -> bool:
        """Whether a live run leaves it alone from now on."""
        return self in {self.SUCCESS, self.SKIPPED}


@frozen
class CampaignOutcome:
    """What became of one campaign in one run.

    ``csv_file`` is the name of its ads CSV, ``ads_created`` how many ads were proved to be new.
    ``invalid`` are the Creative IDs that the platform called invalid. ``earlier`` marks what an
    earlier run came to and this one left alone. ``note`` is what should be known besides.
    """

    campaign_id: str
    status: CampaignStatus
    name: str = ""
    csv_file: str = ""
    ads_created: int = 0
    invalid: tuple[str, ...] = ()
    error: str = ""
    note: str = ""
    evidence: tuple[str, ...] = ()
    at: datetime | None = None
    earlier: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {
            "campaign_id": self.campaign_id,
            "campaign_name": self.name or None,
            "csv_file": self.csv_file,
            "status": self.status.value,
            "ads_created": self.ads_created,
            "invalid_creatives": list(self.invalid),
            "error": self.error or None,
            "note": self.note or None,
            "evidence": list(self.evidence),
            "earlier": self.earlier,
        }


@frozen
class CampaignsReport:
    """What one run did, campaign by campaign, in the order of the mapping.

    ``run`` is empty for a dry run. ``error`` is empty unless the run was stopped;
    ``error_exit_code`` is that error's. ``seconds`` is how long it took.
    """

    run: str
    platform: str
    title: str
    account: str
    live: bool
    outcomes: tuple[CampaignOutcome, ...]
    login: str = ""
    slot: str = ""
    error: str = ""
    error_exit_code: int = 0
    seconds: float = 0.0
    summary_csv: Path | None = None

    @property
    def counts(self) -> Mapping[str, int]:
        """How many campaigns there are of each status."""
        return Counter(outcome.status.value for outcome in self.outcomes)

    @property
    def ads_created(self) -> int:
        """How many ads are new."""
        return sum(outcome.ads_created for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """0 if all is well, 1 if some campaign is not, else what stopped the run."""
        if self.error:
            return self.error_exit_code or 1
        return 0 if all(outcome.status.is_well for outcome in self.outcomes) else 1

    def to_dict(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {
            "run": self.run,
            "platform": self.platform,
            "account": self.account,
            "live": self.live,
            "slot": self.slot or None,
            "error": self.error or None,
            "counts": dict(self.counts),
            "seconds": round(self.seconds, 3),
            "campaigns": [outcome.to_dict() for outcome in self.outcomes],
        }
