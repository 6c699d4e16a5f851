"""Looks back at runs over campaigns. Nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Row, func, select

from creative_flow.campaign import CampaignOutcome, CampaignStatus
from creative_flow.ledger.adrecords import PastAdRun
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.database import Connected
from creative_flow.ledger.tables import accounts, ad_outcomes, ad_runs


class AdHistory:
    """Looks back at runs over campaigns, and at what they came to, of all accounts."""

    def __init__(self, reading: Connected) -> None:
        self._reading = reading

    def past_runs(self, *, prefix: str = "", limit: int | None = None) -> tuple[PastAdRun, ...]:
        """Return the runs whose id begins with ``prefix``, the newest first."""
        query = select(ad_runs, accounts.c.platform, accounts.c.account).join(
            accounts, accounts.c.id == ad_runs.c.account_id
        )
        if prefix:
            query = query.where(ad_runs.c.run.startswith(prefix, autoescape=True))
        query = query.order_by(ad_runs.c.started_at.desc(), ad_runs.c.run.desc()).limit(limit)
        with self._reading() as connection:
            rows = connection.execute(query).all()
            counts: defaultdict[str, dict[CampaignStatus, int]] = defaultdict(dict)
            for chunk in chunked(row.run for row in rows):
                found = connection.execute(
                    select(ad_outcomes.c.run, ad_outcomes.c.status, func.count())
                    .where(ad_outcomes.c.run.in_(chunk))
                    .group_by(ad_outcomes.c.run, ad_outcomes.c.status)
                )
                for run, status, number in found:
                    counts[run][CampaignStatus(status)] = number
            return tuple(
                PastAdRun(
                    run=row.run,
                    platform=row.platform,
                    account=row.account,
                    login=row.login,
                    slot=row.slot,
                    total=row.total,
                    started_at=row.started_at,
                    finished_at=row.finished_at,
                    error=row.error,
                    counts=counts[row.run],
                )
                for row in rows
            )

    def outcomes(self, run: str) -> tuple[CampaignOutcome, ...]:
        """Return what each campaign came to in a run, in the order of recording."""
        with self._reading() as connection:
            rows = connection.execute(
                select(ad_outcomes).where(ad_outcomes.c.run == run).order_by(ad_outcomes.c.id)
            )
            return tuple(_outcome(row) for row in rows)

    def known_campaign(self, platform: str, account: str) -> str:
        """Return the campaign of an account that got ads last, empty if none did."""
        there = (CampaignStatus.SUCCESS.value, CampaignStatus.SKIPPED.value)
        query = (
            select(ad_outcomes.c.campaign_id)
            .join(ad_runs, ad_runs.c.run == ad_outcomes.c.run)
            .join(accounts, accounts.c.id == ad_runs.c.account_id)
            .where(
                accounts.c.platform == platform,
                accounts.c.account == account,
                ad_outcomes.c.status.in_(there),
            )
            .order_by(ad_outcomes.c.id.desc())
            .limit(1)
        )
        with self._reading() as connection:
            return connection.execute(query).scalar_one_or_none() or ""


def _outcome(row: Row[Any]) -> CampaignOutcome:
    return CampaignOutcome(
        campaign_id=row.campaign_id,
        status=CampaignStatus(row.status),
        name=row.name,
        csv_file=row.csv_file,
        ads_created=row.ads_created,
        invalid=tuple(row.invalid),
        error=row.error,
        note=row.note,
        evidence=tuple(row.evidence),
        at=row.at,
    )
