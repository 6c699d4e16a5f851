"""The table of a campaign's ads: its columns, and what its background requests are answered."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from creative_flow_tj.sandbox.campaigns.records import Campaign, StoredAd
from creative_flow_tj.sandbox.pages import cut_name, shown_name
from creative_flow_tj.sandbox.settings import Settings

MAX_DIGITS = 9

Row = Mapping[str, str]

_NAME = {"key": "name", "title": "Ad Name", "class": "dtc_adName"}
_CREATIVE = {"key": "creative", "title": "Creative ID", "class": "dtc_creativeId"}
_STATUS = {"key": "status", "title": "Status", "class": "dtc_status"}
_OVERVIEW = [
    {"key": "checkbox", "title": "", "class": "dtc_checkbox"},
    {"key": "id", "title": "ID", "class": "dtc_bannerId"},
    _NAME,
    {"key": "bid_status", "title": "Bid Status", "class": "dtc_bidStatus"},
]


def columns(settings: Settings, *, overview: bool) -> list[dict[str, str]]:
    """Return the table's columns: ``key`` of a row's value, ``title``, and ``class`` of cells."""
    if overview:
        return _OVERVIEW
    return [_NAME, *([_CREATIVE] if settings.ads_show_creative_id else []), _STATUS]


def listed(ads: Iterable[StoredAd], settings: Settings) -> list[StoredAd]:
    """Return the ads that a table lists now, in its order."""
    now = time.time()
    visible = [ad for ad in ads if ad.visible_at <= now]
    return visible[::-1] if settings.ads_order == "newest_first" else visible


def rows(ads: Iterable[StoredAd], campaign: Campaign, settings: Settings) -> list[Row]:
    """Return what the table shows of ads."""
    status = {"active": "Active", "paused": "Paused", "archived": "Archived"}[campaign.status]
    return [_row(ad, status, settings) for ad in ads]


def _row(ad: StoredAd, status: str, settings: Settings) -> Row:
    name = shown_name(ad.name, settings)
    cut = cut_name(name, settings)
    creatives = ", ".join(ad.creative_ids)
    return {
        "name": cut,
        "title": cut if settings.name_limit_in == "both" else name,
        "creative": creatives,
        "status": status,
        "bid_status": status,
        "id": ad.id if settings.overview_id == "ad" else ad.creative_ids[0],
    }


def answer(
    ads: list[StoredAd], campaign: Campaign, settings: Settings, query: Mapping[str, str]
) -> dict[str, object]:
    """Return what a background request is answered, as DataTables asks and takes it.

    ``query`` has ``draw``, ``start``, ``length`` (-1: all) and ``search[value]``.
    """
    found = listed(ads, settings)
    late = len(ads) - len(found) if settings.ads_total == "created" else 0
    total = len(found) + late
    wanted = query.get("search[value]", "").casefold()
    if wanted:
        found = [ad for ad in found if wanted in ad.name.casefold()]
    filtered = len(found) + (0 if wanted else late)
    start, length = _number(query, "start"), _number(query, "length")
    part = found if query.get("length") == "-1" else found[start : start + length]
    return {
        "draw": _number(query, "draw"),
        "recordsTotal": total,
        "recordsFiltered": filtered,
        "data": rows(part, campaign, settings),
    }


def _number(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "")
    return int(text[:MAX_DIGITS]) if text.isascii() and text.isdigit() else 0
