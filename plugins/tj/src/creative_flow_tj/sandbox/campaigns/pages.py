"""The pages of campaigns as HTML: their list, a campaign's settings, its overview."""

from __future__ import annotations

import html
import json
import random
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from creative_flow_tj.sandbox.campaigns import table
from creative_flow_tj.sandbox.campaigns.records import Campaign, StoredAd
from creative_flow_tj.sandbox.pages import Html, fill, header, join, layout, shown_name
from creative_flow_tj.sandbox.settings import Settings

_KIND_TITLES = {"pre_roll": "In-Stream (Pre-roll)", "native": "Native"}
_CSV_SETTINGS = ("csv_sent", "issues_in", "csv_failure", "confirm_says", "after_confirm")
_NOTHING = Html("")


def flow_of(campaign: Campaign, settings: Settings) -> str:
    """Return how ads are confirmed in a campaign: "modal" or "button"."""
    if settings.csv_flow != "random":
        return settings.csv_flow
    luck = random.Random(f"{settings.seed} {campaign.id}")  # noqa: S311  the same every time
    return luck.choice(["modal", "button"])


def takes_csv(campaign: Campaign, settings: Settings) -> bool:
    """Return whether a campaign's page offers to create ads, and whether the site creates them."""
    return campaign.status == "active" or (
        campaign.status == "paused" and settings.paused_takes_csv
    )


def campaign_list(
    account: str, found: Sequence[Campaign], settings: Settings, *, search: str, page: int
) -> str:
    """Return a page of the list of campaigns: of those found, the ``page``-th part."""
    per_page = settings.campaigns_per_page
    last = max(1, -(-len(found) // per_page))
    page = min(max(page, 1), last)
    before = (page - 1) * per_page
    shown = found[before : before + per_page]
    first = before + 1 if shown else 0
    content = fill(
        "campaigns/list.html",
        search=search,
        rows=join([_campaign_row(campaign, settings) for campaign in shown]),
        info=f"Showing {first} to {before + len(shown)} of {len(found)} entries",
        previous=_list_link("Previous", page - 1, last, search),
        next=_list_link("Next", page + 1, last, search),
    )
    top = header(account, settings, current="/campaigns")
    return layout("All campaigns", content, header=top, script="menu.js")


def _campaign_row(campaign: Campaign, settings: Settings) -> Html:
    return fill(
        "campaigns/list_row.html",
        id=campaign.id,
        name=shown_name(campaign.name, settings),
        kind=_KIND_TITLES[campaign.kind],
        category=campaign.content_category.capitalize(),
        status=campaign.status.capitalize(),
    )


def _list_link(text: str, page: int, last: int, search: str) -> Html:
    if not 1 <= page <= last:
        return Html(f'<span class="greyButton smallButton disabled">{text}</span>')
    query = html.escape(urlencode({"search": search, "page": page}))
    return Html(f'<a class="greyButton smallButton" href="/campaigns?{query}">{text}</a>')


def ad_settings(
    account: str, campaign: Campaign, ads: Sequence[StoredAd], settings: Settings, *, guide: bool
) -> str:
    """Return a campaign's settings, with the step that creates ads."""
    creating = fill("campaigns/closed.html", status=campaign.status)
    if takes_csv(campaign, settings):
        flow = flow_of(campaign, settings)
        values = settings.as_json()
        csv_settings = {name: values[name] for name in _CSV_SETTINGS} | {"flow": flow}
        creating = fill(
            "campaigns/csv.html",
            id=campaign.id,
            chosen=Html(" checked") if settings.csv_chosen else _NOTHING,
            hidden=_NOTHING if settings.csv_chosen else Html(" hidden"),
            size=f"{settings.csv_max_bytes / 1000:g}",
            ads=str(settings.csv_max_ads),
            modal=_modal(settings),
            settings=_as_json(csv_settings),
        )
    parts = {"creating": creating, "table": _table(campaign, ads, settings, overview=False)}
    content = _filled("campaigns/ad_settings.html", campaign, settings, **parts)
    return _page(account, campaign, settings, content, guide=guide)


def overview(
    account: str, campaign: Campaign, ads: Sequence[StoredAd], settings: Settings, *, guide: bool
) -> str:
    """Return a campaign's overview of its ads."""
    ads_table = _table(campaign, ads, settings, overview=True)
    content = _filled("campaigns/overview.html", campaign, settings, table=ads_table)
    return _page(account, campaign, settings, content, guide=guide)


def _filled(template: str, campaign: Campaign, settings: Settings, **parts: Html) -> Html:
    return fill(
        template,
        id=campaign.id,
        name=shown_name(campaign.name, settings),
        kind=_KIND_TITLES[campaign.kind],
        category=campaign.content_category.capitalize(),
        **parts,
    )


def _page(
    account: str, campaign: Campaign, settings: Settings, content: Html, *, guide: bool
) -> str:
    top = header(account, settings, current="/campaigns")
    whole = join([content, fill("campaigns/guide.html") if guide else _NOTHING])
    title = shown_name(campaign.name, settings)
    return layout(title, whole, header=top, script="campaigns/campaign.js")


def _modal(settings: Settings) -> Html:
    """Return the modal; its confirming button bears one of two classes, and looks alike."""
    other = "greyButton" if settings.confirm_class == "confirmAds" else ""
    classes = " ".join(filter(None, [other, "smallButton", settings.confirm_class]))
    return fill("campaigns/modal.html", classes=classes)


def _table(
    campaign: Campaign, ads: Sequence[StoredAd], settings: Settings, *, overview: bool
) -> Html:
    """Return the table; one that the page cuts has all its rows in the page from the start."""
    values: dict[str, object] = {
        "mode": settings.ads_table,
        "length_control": settings.ads_length,
        "per_page": int(settings.ads_per_page),
        "columns": table.columns(settings, overview=overview),
        "address": f"/campaign/{campaign.id}/ads/list",
        "failure": settings.list_failure,
        "none": settings.ads_none,
    }
    if settings.ads_table == "client":
        values["rows"] = table.rows(table.listed(ads, settings), campaign, settings)
    return fill("campaigns/table.html", settings=_as_json(values))


def _as_json(values: Mapping[str, object]) -> Html:
    return Html(json.dumps(values).replace("<", "\\u003c"))
