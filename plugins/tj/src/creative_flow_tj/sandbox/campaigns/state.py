"""What the sandbox remembers of campaigns: ads, CSV files, confirmations."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterable, Mapping
from typing import Any

from creative_flow_tj.sandbox.campaigns.records import (
    Campaign,
    Confirmation,
    CsvFile,
    NewAd,
    StoredAd,
)
from creative_flow_tj.sandbox.campaigns.seeds import campaigns_from_start
from creative_flow_tj.sandbox.settings import Settings
from creative_flow_tj.sandbox.state import State

FIRST_AD_ID = 1_052_000_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS campaign (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    content_category TEXT NOT NULL,
    status TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS campaign_list ON campaign (account, number);
CREATE TABLE IF NOT EXISTS ad (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    campaign_id TEXT NOT NULL,
    cells TEXT NOT NULL,
    created_at REAL NOT NULL,
    visible_at REAL NOT NULL,
    request INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS ad_list ON ad (campaign_id, seq);
CREATE TABLE IF NOT EXISTS csv_file (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE,
    campaign_id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    ads TEXT NOT NULL,
    issues TEXT NOT NULL,
    previewed_at REAL NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS csv_file_list ON csv_file (campaign_id);
CREATE TABLE IF NOT EXISTS confirmation (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    campaign_id TEXT NOT NULL,
    token TEXT NOT NULL,
    confirmed_at REAL NOT NULL,
    result TEXT NOT NULL,
    created INTEGER NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS confirmation_list ON confirmation (campaign_id);
CREATE TABLE IF NOT EXISTS creative_category (creative_id TEXT PRIMARY KEY, category TEXT NOT NULL);
"""
_TABLES = ("campaign", "ad", "csv_file", "confirmation", "creative_category")


class CampaignState:
    """The records of campaigns. Its methods may be called from any thread."""

    def __init__(self, state: State) -> None:
        """Keep the records in the database of ``state``."""
        self._state = state
        with state.transaction() as database:
            for statement in _SCHEMA.split(";"):
                database.execute(statement)
            database.execute(
                "UPDATE confirmation SET result='interrupted' WHERE result='processing'"
            )
        self._filled_for: object = None

    def reset(self) -> None:
        """Forget everything. Those from the start come back when they are asked for."""
        with self._state.transaction() as database:
            for table in _TABLES:
                database.execute(f"DELETE FROM {table}")  # noqa: S608  the names stand above
        self._filled_for = None

    def fill(self, settings: Settings) -> None:
        """Add the campaigns that each account has from the start, if there are fewer."""
        wanted = (tuple(settings.accounts), settings.campaigns)
        if wanted == self._filled_for:
            return
        with self._state.transaction() as database:
            for place, account in enumerate(settings.accounts):
                (last,) = database.execute(
                    "SELECT coalesce(MAX(number), 0) FROM campaign WHERE account=?", (account,)
                ).fetchone()
                numbers = range(last + 1, settings.campaigns + 1)
                for campaign, ads in campaigns_from_start(account, place, numbers, settings):
                    _add(database, campaign, ads)
        self._filled_for = wanted

    # Campaigns

    def add(self, campaign: Campaign, ads: Iterable[NewAd]) -> bool:
        """Add a campaign with ads that it has already; return False if its id is taken."""
        try:
            with self._state.transaction() as database:
                _add(database, campaign, ads)
        except sqlite3.IntegrityError:
            return False
        return True

    def campaigns(self, account: str = "", *, search: str = "") -> list[Campaign]:
        """Return all campaigns or an account's, those from the start first.

        ``search`` is a text that their names or ids contain.
        """
        rows = self._state.rows(
            "SELECT * FROM campaign WHERE (?='' OR account=?) ORDER BY number=0, account, number",
            (account, account),
        )
        found = [Campaign(**row) for row in rows]
        wanted = search.casefold()
        return [each for each in found if wanted in each.name.casefold() or wanted in each.id]

    def campaign(self, campaign_id: str) -> Campaign | None:
        """Return the campaign with that id."""
        rows = self._state.rows("SELECT * FROM campaign WHERE id=?", (campaign_id,))
        return Campaign(**rows[0]) if rows else None

    def change(self, campaign: Campaign) -> None:
        """Give a campaign another name, status or content category."""
        with self._state.transaction() as database:
            database.execute(
                "UPDATE campaign SET name=?, status=?, content_category=? WHERE id=?",
                (campaign.name, campaign.status, campaign.content_category, campaign.id),
            )

    def remove(self, campaign_id: str) -> bool:
        """Remove a campaign with its ads; return whether there was one."""
        with self._state.transaction() as database:
            database.execute("DELETE FROM ad WHERE campaign_id=?", (campaign_id,))
            found = database.execute("DELETE FROM campaign WHERE id=?", (campaign_id,))
            return found.rowcount > 0

    # Ads

    def ads(self, campaign_id: str) -> list[StoredAd]:
        """Return a campaign's ads, oldest first, those not listed yet included."""
        rows = self._state.rows("SELECT * FROM ad WHERE campaign_id=? ORDER BY seq", (campaign_id,))
        return [_ad(row) for row in rows]

    def remove_ad(self, ad_id: str) -> bool:
        """Remove an ad; return whether there was one."""
        seq = int(ad_id) - FIRST_AD_ID if ad_id.isascii() and ad_id.isdigit() else 0
        if abs(seq) > 2**62:
            return False
        with self._state.transaction() as database:
            return database.execute("DELETE FROM ad WHERE seq=?", (seq,)).rowcount > 0

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return how many ads and how many confirmations each campaign has, by its id."""
        rows = self._state.rows(
            "SELECT id, (SELECT COUNT(*) FROM ad WHERE campaign_id=campaign.id) AS ads,"
            " (SELECT COUNT(*) FROM confirmation WHERE campaign_id=campaign.id) AS confirmations"
            " FROM campaign"
        )
        return {row["id"]: (row["ads"], row["confirmations"]) for row in rows}

    # CSV files and confirmations

    def keep_csv(
        self,
        campaign_id: str,
        *,
        file_name: str,
        size: int,
        sha256: str,
        ads: Iterable[NewAd],
        issues: Iterable[str],
    ) -> str:
        """Keep a CSV that was checked; return the token that a confirmation names it by."""
        token = secrets.token_urlsafe(12)
        cells = json.dumps([dict(ad.cells) for ad in ads])
        with self._state.transaction() as database:
            database.execute(
                "INSERT INTO csv_file (token, campaign_id, file_name, size, sha256, ads, issues,"
                " previewed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(token, campaign_id, file_name, size, sha256),
                    *(cells, json.dumps([*issues]), time.time()),
                ),
            )
        return token

    def csv_files(self, campaign_id: str) -> list[CsvFile]:
        """Return the CSV files that a campaign was sent, in their order."""
        rows = self._state.rows(
            "SELECT * FROM csv_file WHERE campaign_id=? ORDER BY number", (campaign_id,)
        )
        return [_csv_file(row) for row in rows]

    def begin(self, campaign_id: str, token: str) -> int:
        """Record that a confirmation has come; return its number."""
        with self._state.transaction() as database:
            cursor = database.execute(
                "INSERT INTO confirmation (campaign_id, token, confirmed_at, result)"
                " VALUES (?, ?, ?, 'processing')",
                (campaign_id, token, time.time()),
            )
            return cursor.lastrowid or 0

    def conclude(self, number: int, result: str) -> str:
        """Record what became of a confirmation that created no ad; return the result."""
        with self._state.transaction() as database:
            _conclude(database, number, result, 0)
        return result

    def answered(self, number: int, answer: str) -> None:
        """Record what the browser was told about a confirmation."""
        with self._state.transaction() as database:
            database.execute("UPDATE confirmation SET answer=? WHERE number=?", (answer, number))

    def create(
        self, number: int, campaign_id: str, token: str, settings: Settings, *, share: float
    ) -> str:
        """Create the ads of a CSV, or the first ``share`` (0 to 1) of them; return the result.

        The look-up, the ads and the confirmation's result are one transaction.
        """
        with self._state.transaction() as database:
            row = database.execute(
                "SELECT * FROM csv_file WHERE token=? AND campaign_id=?", (token, campaign_id)
            ).fetchone()
            if row is None or json.loads(row["issues"]):
                return _conclude(database, number, "unknown", 0)
            if row["uses"] and settings.confirm_again == "ignored":
                return _conclude(database, number, "again", 0)
            ads = _csv_file(dict(row)).ads
            most = {"all": len(ads), "none": 0, "all_but_last": len(ads) - 1}
            created = min(most[settings.confirm_creates], int(len(ads) * share))
            late, step = settings.ads_visible_after_seconds, settings.ads_trickle_seconds
            now = time.time()
            for place, ad in enumerate(ads[:created]):
                _insert(database, campaign_id, ad, now, now + late + place * step, number)
            database.execute("UPDATE csv_file SET uses=uses+1 WHERE token=?", (token,))
            result = "created" if created == len(ads) else "partial" if created else "nothing"
            return _conclude(database, number, result, created)

    def confirmations(self, campaign_id: str = "") -> list[Confirmation]:
        """Return the confirmations of a campaign or of all, in their order."""
        rows = self._state.rows(
            "SELECT * FROM confirmation WHERE ?='' OR campaign_id=? ORDER BY number",
            (campaign_id, campaign_id),
        )
        return [Confirmation(**row) for row in rows]

    # Content categories of creatives

    def set_category(self, creative_id: str, category: str) -> None:
        """Set a creative's content category."""
        with self._state.transaction() as database:
            database.execute(
                "INSERT OR REPLACE INTO creative_category VALUES (?, ?)", (creative_id, category)
            )

    def category(self, creative_id: str, default: str) -> str:
        """Return a creative's content category, or the default if none was set."""
        rows = self._state.rows(
            "SELECT category FROM creative_category WHERE creative_id=?", (creative_id,)
        )
        return str(rows[0]["category"]) if rows else default


def _add(database: sqlite3.Connection, campaign: Campaign, ads: Iterable[NewAd]) -> None:
    database.execute(
        "INSERT INTO campaign VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            *(campaign.id, campaign.account, campaign.number, campaign.name),
            *(campaign.kind, campaign.content_category, campaign.status),
        ),
    )
    now = time.time()
    for ad in ads:
        _insert(database, campaign.id, ad, now, now, 0)


def _insert(
    database: sqlite3.Connection,
    campaign_id: str,
    ad: NewAd,
    created_at: float,
    visible_at: float,
    request: int,
) -> None:
    database.execute(
        "INSERT INTO ad (campaign_id, cells, created_at, visible_at, request)"
        " VALUES (?, ?, ?, ?, ?)",
        (campaign_id, json.dumps(dict(ad.cells)), created_at, visible_at, request),
    )


def _conclude(database: sqlite3.Connection, number: int, result: str, created: int) -> str:
    database.execute(
        "UPDATE confirmation SET result=?, created=? WHERE number=?", (result, created, number)
    )
    return result


def _ad(row: Mapping[str, Any]) -> StoredAd:
    return StoredAd(**{**row, "cells": json.loads(row["cells"])}, id=str(FIRST_AD_ID + row["seq"]))


def _csv_file(row: Mapping[str, Any]) -> CsvFile:
    ads = tuple(NewAd(cells=cells) for cells in json.loads(row["ads"]))
    return CsvFile(**{**row, "ads": ads, "issues": tuple(json.loads(row["issues"]))})
