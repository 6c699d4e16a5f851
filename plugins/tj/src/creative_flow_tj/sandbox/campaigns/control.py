"""The control API of campaigns: their truth as JSON under ``/_sandbox/campaigns``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import attrs
from aiohttp import web

from creative_flow.errors import SettingsError
from creative_flow_tj.sandbox.campaigns import seeds
from creative_flow_tj.sandbox.campaigns.pages import flow_of
from creative_flow_tj.sandbox.campaigns.records import (
    Campaign,
    Confirmation,
    CsvFile,
    StoredAd,
)
from creative_flow_tj.sandbox.control import NotThere, answering, body_of, iso
from creative_flow_tj.sandbox.pages import Html, fill, join
from creative_flow_tj.sandbox.seeds import account_of
from creative_flow_tj.sandbox.site import Site

CAMPAIGNS_SHOWN = 50


async def _read_all(site: Site, request: web.Request) -> object:
    account, whole = request.query.get("account", ""), request.query.get("ads") == "1"

    def read() -> object:
        counts = site.campaigns.counts()
        return {
            "campaigns": [
                campaign_json(site, campaign, *counts[campaign.id])
                | ({"ads": _ads_json(site, campaign)} if whole else {})
                for campaign in site.campaigns.campaigns(account)
            ]
        }

    return await asyncio.to_thread(read)


async def _read_one(site: Site, request: web.Request) -> object:
    campaign = _campaign(site, request)

    def read() -> object:
        confirmations = site.campaigns.confirmations(campaign.id)
        ads = _ads_json(site, campaign)
        return campaign_json(site, campaign, len(ads), len(confirmations)) | {
            "ads": ads,
            "csv_files": csv_files_json(site.campaigns.csv_files(campaign.id), confirmations),
            "confirmations": [confirmation_json(each) for each in confirmations],
        }

    return await asyncio.to_thread(read)


def _campaign(site: Site, request: web.Request) -> Campaign:
    campaign_id = request.match_info["campaign_id"]
    campaign = site.campaigns.campaign(campaign_id)
    if campaign is None:
        raise NotThere(f"There is no campaign {campaign_id!r}.")
    return campaign


def campaign_json(
    site: Site, campaign: Campaign, ads: int, confirmations: int
) -> dict[str, object]:
    """Return a campaign as the control API tells it, with how many ads and confirmations it has."""
    return attrs.asdict(campaign) | {
        "flow": flow_of(campaign, site.settings),
        "ad_count": ads,
        "confirmation_count": confirmations,
    }


def _ads_json(site: Site, campaign: Campaign) -> list[dict[str, object]]:
    return [ad_json(ad) for ad in site.campaigns.ads(campaign.id)]


def ad_json(ad: StoredAd) -> dict[str, object]:
    """Return an ad as the control API tells it; ``request`` is the confirmation's number, or 0."""
    return {
        "id": ad.id,
        "name": ad.name,
        "target_url": ad.target_url,
        "creative_ids": list(ad.creative_ids),
        "cells": dict(ad.cells),
        "created_at": iso(ad.created_at),
        "visible_at": iso(ad.visible_at),
        "request": ad.request,
    }


def csv_files_json(
    files: Iterable[CsvFile], confirmations: Iterable[Confirmation]
) -> list[dict[str, object]]:
    """Return each different CSV once, with how often it was previewed, refused and confirmed."""
    told: dict[str, dict[str, object]] = {}
    hashes = {file.token: file.sha256 for file in files}
    asked = [(hashes.get(each.token, ""), each.created) for each in confirmations]
    for file in files:
        like = [other for other in files if other.sha256 == file.sha256]
        told[file.sha256] = {
            "sha256": file.sha256,
            "file_name": file.file_name,
            "size": file.size,
            "rows": len(file.ads),
            "previews": len(like),
            "refused": sum(bool(other.issues) for other in like),
            "issues": list(file.issues),
            "confirmations": sum(sha256 == file.sha256 for sha256, _ in asked),
            "ads_created": sum(created for sha256, created in asked if sha256 == file.sha256),
        }
    return [*told.values()]


def confirmation_json(confirmation: Confirmation) -> dict[str, object]:
    """Return a confirmation as the control API tells it."""
    return attrs.asdict(confirmation) | {"confirmed_at": iso(confirmation.confirmed_at)}


async def _add(site: Site, request: web.Request) -> object:
    body = await body_of(request)
    account = account_of(body, site.settings)
    there = site.campaigns.campaigns(account)
    taken = sum(not campaign.number for campaign in there)
    asked = seeds.campaigns_of(body, account, site.settings, taken)
    for campaign, ads in asked:
        if not await asyncio.to_thread(site.campaigns.add, campaign, ads):
            raise SettingsError(f"There is a campaign {campaign.id} already.")
    return {"ids": [campaign.id for campaign, _ in asked]}


async def _change(site: Site, request: web.Request) -> object:
    campaign = seeds.changed(_campaign(site, request), await body_of(request))
    site.campaigns.change(campaign)
    return attrs.asdict(campaign)


async def _remove(site: Site, request: web.Request) -> object:
    campaign = _campaign(site, request)
    site.campaigns.remove(campaign.id)
    return {"removed": campaign.id}


async def _remove_ad(site: Site, request: web.Request) -> object:
    ad_id = request.match_info["ad_id"]
    if not site.campaigns.remove_ad(ad_id):
        raise NotThere(f"There is no ad {ad_id!r}.")
    return {"removed": ad_id}


def rows(site: Site) -> Html:
    """Return the campaigns as rows of a table on the page of the controls."""
    counts = site.campaigns.counts()
    found = site.campaigns.campaigns()
    shown = [
        fill(
            "campaigns/control_row.html",
            id=campaign.id,
            name=campaign.name,
            kind=campaign.kind,
            category=campaign.content_category,
            status=campaign.status,
            ads=str(counts[campaign.id][0]),
            confirmations=str(counts[campaign.id][1]),
        )
        for campaign in found[:CAMPAIGNS_SHOWN]
    ]
    more = len(found) - len(shown)
    if more:
        shown.append(Html(f'<tr><td colspan="7">… and {more} more.</td></tr>'))
    return join(shown) if shown else Html('<tr><td colspan="7">There are none.</td></tr>')


_R = "/_sandbox"
ROUTES: list[web.AbstractRouteDef] = [
    web.get(f"{_R}/campaigns", answering(_read_all)),
    web.post(f"{_R}/campaigns", answering(_add)),
    web.get(f"{_R}/campaigns/{{campaign_id}}", answering(_read_one)),
    web.post(f"{_R}/campaigns/{{campaign_id}}", answering(_change)),
    web.delete(f"{_R}/campaigns/{{campaign_id}}", answering(_remove)),
    web.delete(f"{_R}/ads/{{ad_id}}", answering(_remove_ad)),
]
"""The addresses of the control API of campaigns."""
