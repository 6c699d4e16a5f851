"""Ads into campaigns: jobs with their checkpoints, runs, intents before and outcomes after."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from creative_flow.campaign import CampaignOutcome, CampaignStatus
from creative_flow.errors import LedgerError
from creative_flow.ledger import owners
from creative_flow.ledger.adrecords import AdEntry, AdIntent, AdJob, IntentState, SentAd
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.database import Connected
from creative_flow.ledger.tables import (
    accounts,
    ad_campaigns,
    ad_intents,
    ad_jobs,
    ad_outcomes,
    ad_runs,
    runs,
)


class AdJobs:
    """The record of ads put into campaigns. ``place`` tells workspaces that share a ledger apart.

    Each call is one transaction, durable on return, and raises `LedgerError` if the database fails.
    """

    def __init__(self, reading: Connected, writing: Connected, place: str) -> None:
        self._reading = reading
        self._writing = writing
        self._place = place

    # ---- jobs and their checkpoints

    def job(self, platform: str, account: str, kind: str, slot: str) -> AdJob | None:
        """Return a job, None if it was never begun."""
        with self._reading() as connection:
            return self._find(connection, platform, account, kind, slot)

    def begin(self, platform: str, account: str, kind: str, slot: str) -> AdJob:
        """Return a job; it is begun if it never was."""
        with self._writing() as connection:
            found = self._find(connection, platform, account, kind, slot)
            if found is None:
                account_id = owners.require(connection, platform, account)
                names = {"account_id": account_id, "place": self._place, "kind": kind, "slot": slot}
                connection.execute(insert(ad_jobs).values(names | _beginning()))
                found = self._find(connection, platform, account, kind, slot)
            if found is None:
                raise LedgerError(f"The job {slot or kind!r} can't be recorded.")
            return found

    def restart(self, job: AdJob) -> None:
        """Begin a job afresh: what its campaigns came to does not count any more."""
        with self._writing() as connection:
            connection.execute(delete(ad_campaigns).where(ad_campaigns.c.job_id == job.job_id))
            connection.execute(
                update(ad_jobs).where(ad_jobs.c.id == job.job_id).values(_beginning())
            )

    def entries(self, job: AdJob) -> dict[str, AdEntry]:
        """Return where each campaign of a job stands, in the order in which they came in."""
        with self._reading() as connection:
            rows = connection.execute(
                select(ad_campaigns)
                .where(ad_campaigns.c.job_id == job.job_id)
                .order_by(ad_campaigns.c.id)
            )
            return {row.campaign_id: _entry(row) for row in rows}

    def put(self, job: AdJob, entries: Iterable[AdEntry]) -> None:
        """Write where campaigns stand."""
        with self._writing() as connection:
            self._put(connection, job.job_id, entries)

    def remove(self, job: AdJob, campaign_ids: Collection[str]) -> None:
        """Let campaigns of a job stand nowhere again."""
        with self._writing() as connection:
            for chunk in chunked(campaign_ids):
                connection.execute(
                    delete(ad_campaigns).where(
                        ad_campaigns.c.job_id == job.job_id, ad_campaigns.c.campaign_id.in_(chunk)
                    )
                )
            _touch(connection, job.job_id)

    # ---- runs

    def start_run(self, platform: str, account: str, *, login: str, slot: str, total: int) -> str:
        """Record that a run over so many campaigns begins; return its id, as uploads have it."""
        now = datetime.now(UTC)
        with self._writing() as connection:
            while True:
                run = f"{now.astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
                taken = (
                    connection.execute(select(table.c.run).where(table.c.run == run)).first()
                    for table in (runs, ad_runs)
                )
                if not any(taken):
                    break
            connection.execute(
                insert(ad_runs).values(
                    run=run,
                    account_id=owners.require(connection, platform, account),
                    login=login,
                    slot=slot,
                    total=total,
                    started_at=now,
                )
            )
        return run

    def finish_run(self, run: str, *, error: str = "") -> None:
        """Record that a run has ended, and with which error if any."""
        with self._writing() as connection:
            connection.execute(
                update(ad_runs)
                .where(ad_runs.c.run == run)
                .values(finished_at=datetime.now(UTC), error=error)
            )

    # ---- intents and outcomes

    def write_intent(
        self, run: str, job: AdJob, campaign_id: str, ads: Sequence[SentAd], total: int
    ) -> AdIntent:
        """Record that these ads are about to be created in a campaign that has ``total``."""
        with self._writing() as connection:
            intent_id: int = connection.execute(
                insert(ad_intents)
                .values(
                    account_id=owners.require(connection, job.platform, job.account),
                    job_id=job.job_id,
                    run=run,
                    campaign_id=campaign_id,
                    ads=[[ad.name, list(ad.creative_ids), ad.had, ad.alike] for ad in ads],
                    total=total,
                    state=IntentState.OPEN.value,
                    created=[],
                    intended_at=datetime.now(UTC),
                )
                .returning(ad_intents.c.id)
            ).scalar_one()
        return AdIntent(
            intent_id, job.job_id, run, campaign_id, tuple(ads), total, IntentState.OPEN, None
        )

    def mark_sending(self, intent: AdIntent) -> None:
        """Record that from now on its ads may come to be."""
        with self._writing() as connection:
            changed = connection.execute(
                update(ad_intents)
                .where(_is(intent), ad_intents.c.state == IntentState.OPEN.value)
                .values(sending_began_at=datetime.now(UTC))
            )
            if changed.rowcount != 1:
                raise LedgerError(f"Intent {intent.intent_id} is closed: nothing may be sent.")

    def abandon(self, intent: AdIntent) -> None:
        """Close an intent of which nothing was sent; one that had begun stays as it is."""
        with self._writing() as connection:
            connection.execute(
                update(ad_intents)
                .where(_is(intent), ad_intents.c.sending_began_at.is_(None))
                .values(state=IntentState.COUNTED.value, known_at=datetime.now(UTC))
            )

    def know(self, intent: AdIntent, created: Collection[int]) -> None:
        """Record which ads of an intent are there, by their places; the others are not."""
        with self._writing() as connection:
            connection.execute(
                update(ad_intents)
                .where(_is(intent))
                .values(
                    state=IntentState.KNOWN.value,
                    created=sorted(created),
                    known_at=datetime.now(UTC),
                )
            )

    def intents(self, job: AdJob) -> dict[str, tuple[AdIntent, ...]]:
        """Return, by campaign, what was confirmed and is open, in any job of the account.

        Of this job, also what is known and no outcome counts yet.
        """
        found: dict[str, tuple[AdIntent, ...]] = {}
        with self._reading() as connection:
            account_id = owners.find(connection, job.platform, job.account)
            rows = connection.execute(
                select(ad_intents)
                .where(
                    ad_intents.c.account_id == account_id,
                    ad_intents.c.state.in_([IntentState.OPEN.value, IntentState.KNOWN.value]),
                )
                .order_by(ad_intents.c.id)
            )
            for intent in map(_intent, rows):
                if intent.job_id == job.job_id or intent.state is IntentState.OPEN:
                    found[intent.campaign_id] = (*found.get(intent.campaign_id, ()), intent)
        return found

    def finish(self, run: str, job: AdJob, outcome: CampaignOutcome, digest: str) -> None:
        """Record what became of a campaign, with its checkpoint, in one transaction.

        It counts what is known of the campaign's intents; open ones stay open.
        """
        at = outcome.at or datetime.now(UTC)
        known = outcome.status is not CampaignStatus.UNKNOWN
        entry = AdEntry(
            outcome.campaign_id,
            # The files that people read know no such word: it is to be taken up again.
            outcome.status if known else CampaignStatus.PENDING,
            outcome.ads_created,
            at,
            outcome.name,
            outcome.csv_file,
            outcome.error,
            len(outcome.invalid),
            digest,
        )
        values = {
            "name": outcome.name,
            "csv_file": outcome.csv_file,
            "status": outcome.status.value,
            "ads_created": outcome.ads_created,
            "invalid": list(outcome.invalid),
            "error": outcome.error,
            "note": outcome.note,
            "evidence": list(outcome.evidence),
            "at": at,
        }
        mine = (ad_outcomes.c.run == run, ad_outcomes.c.campaign_id == outcome.campaign_id)
        with self._writing() as connection:
            connection.execute(delete(ad_outcomes).where(*mine))
            connection.execute(
                insert(ad_outcomes).values(run=run, campaign_id=outcome.campaign_id, **values)
            )
            self._put(connection, job.job_id, [entry])
            if known:
                connection.execute(
                    update(ad_intents)
                    .where(
                        ad_intents.c.job_id == job.job_id,
                        ad_intents.c.campaign_id == outcome.campaign_id,
                        ad_intents.c.state == IntentState.KNOWN.value,
                    )
                    .values(state=IntentState.COUNTED.value)
                )

    # ---- small things

    def _find(
        self, connection: Connection, platform: str, account: str, kind: str, slot: str
    ) -> AdJob | None:
        row = connection.execute(
            select(ad_jobs)
            .join(accounts, accounts.c.id == ad_jobs.c.account_id)
            .where(
                accounts.c.platform == platform,
                accounts.c.account == account,
                ad_jobs.c.place == self._place,
                ad_jobs.c.kind == kind,
                ad_jobs.c.slot == slot,
            )
        ).one_or_none()
        if row is None:
            return None
        return AdJob(
            row.id,
            platform,
            account,
            kind,
            slot,
            row.session_id,
            row.started_at,
            row.updated_at,
        )

    def _put(self, connection: Connection, job_id: int, entries: Iterable[AdEntry]) -> None:
        for entry in entries:
            values = _values(entry)
            changed = connection.execute(
                update(ad_campaigns)
                .where(
                    ad_campaigns.c.job_id == job_id,
                    ad_campaigns.c.campaign_id == entry.campaign_id,
                )
                .values(values)
            )
            if not changed.rowcount:
                names = {"job_id": job_id, "campaign_id": entry.campaign_id}
                connection.execute(insert(ad_campaigns).values(names | values))
        _touch(connection, job_id)


def _beginning() -> dict[str, Any]:
    now = datetime.now(UTC)
    session = f"{now.astimezone():%Y%m%d_%H%M%S}_{secrets.token_hex(2)}"
    return {"session_id": session, "started_at": now, "updated_at": now}


def _touch(connection: Connection, job_id: int) -> None:
    connection.execute(
        update(ad_jobs).where(ad_jobs.c.id == job_id).values(updated_at=datetime.now(UTC))
    )


def _is(intent: AdIntent) -> Any:  # noqa: ANN401 - SQLAlchemy's generic condition
    return ad_intents.c.id == intent.intent_id


def _values(entry: AdEntry) -> dict[str, Any]:
    return {
        "status": entry.status.value,
        "ads_created": entry.ads_created,
        "at": entry.at,
        "name": entry.name,
        "csv_file": entry.csv_file,
        "error": entry.error,
        "invalid": entry.invalid,
        "digest": entry.digest,
    }


def _entry(row: Row[Any]) -> AdEntry:
    return AdEntry(
        row.campaign_id,
        CampaignStatus(row.status),
        row.ads_created,
        row.at,
        row.name,
        row.csv_file,
        row.error,
        row.invalid,
        row.digest,
    )


def _intent(row: Row[Any]) -> AdIntent:
    return AdIntent(
        intent_id=row.id,
        job_id=row.job_id,
        run=row.run,
        campaign_id=row.campaign_id,
        ads=tuple(SentAd(name, tuple(ids), had, alike) for name, ids, had, alike in row.ads),
        total=row.total,
        state=IntentState(row.state),
        sending_began_at=row.sending_began_at,
        created=tuple(row.created),
    )
