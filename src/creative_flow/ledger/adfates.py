"""Ads in campaigns of which it is open what became of them."""

from __future__ import annotations

from sqlalchemy import Connection, and_, exists, func, or_, select

from creative_flow.campaign import CampaignStatus
from creative_flow.ledger.adrecords import IntentState
from creative_flow.ledger.tables import ad_intents, ad_outcomes, ad_runs

_OPEN = (CampaignStatus.FAILED.value, CampaignStatus.UNKNOWN.value)


def open_evidence(connection: Connection) -> frozenset[str]:
    """Return the evidence of campaigns, of any account, whose last outcome is failed or unknown.

    While it is not known what a confirmation created, also that of every run which could not tell.
    """
    newest = (
        select(func.max(ad_outcomes.c.id))
        .join(ad_runs, ad_runs.c.run == ad_outcomes.c.run)
        .group_by(ad_runs.c.account_id, ad_outcomes.c.campaign_id)
    )
    unsettled = exists().where(
        ad_intents.c.account_id == ad_runs.c.account_id,
        ad_intents.c.campaign_id == ad_outcomes.c.campaign_id,
        ad_intents.c.state == IntentState.OPEN.value,
        ad_intents.c.sending_began_at.is_not(None),
    )
    rows = connection.execute(
        select(ad_outcomes.c.evidence)
        .join(ad_runs, ad_runs.c.run == ad_outcomes.c.run)
        .where(
            or_(
                and_(ad_outcomes.c.status.in_(_OPEN), ad_outcomes.c.id.in_(newest)),
                and_(ad_outcomes.c.status == CampaignStatus.UNKNOWN.value, unsettled),
            )
        )
    )
    return frozenset(name for row in rows for name in row.evidence)
