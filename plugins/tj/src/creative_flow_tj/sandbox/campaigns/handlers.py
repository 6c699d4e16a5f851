"""The addresses of campaigns: pages, the template, the table, and ads made by a CSV."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import json
import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from creative_flow_tj.sandbox.campaigns import pages, table
from creative_flow_tj.sandbox.campaigns.csv_check import ISSUES, Library, check
from creative_flow_tj.sandbox.campaigns.records import COLUMNS, Campaign
from creative_flow_tj.sandbox.faults import Fault
from creative_flow_tj.sandbox.library import LAST_PAGE, signed_in
from creative_flow_tj.sandbox.records import StoredCreative
from creative_flow_tj.sandbox.sign_in import html_response, login_page
from creative_flow_tj.sandbox.site import SITE, Site
from creative_flow_tj.sandbox.wire import drip, spoil

GUIDE_COOKIE = "guide_closed"
MAX_FILE_NAME = 255
FAILURES = frozenset({"unauthorized", "closed", "unknown"})
_NO_STORE = {"Cache-Control": "no-store"}
_CAMPAIGN = "/campaign/{campaign_id}"
_KINDS = (
    ("GET", re.compile(r"/campaign/[^/]+(/ad-settings|/overview/ads)"), "page"),
    ("GET", re.compile(r"/campaign/[^/]+/ads/list"), "ads"),
    ("POST", re.compile(r"/campaign/[^/]+/ads/csv-preview"), "preview"),
    ("POST", re.compile(r"/campaign/[^/]+/ads/csv-confirm"), "confirm"),
)

Work = Callable[[Fault | None], Awaitable[web.Response]]


def campaign_path_kind(method: str, path: str) -> str:
    """Return the kind of a request to a campaign: "page", "ads", "preview", "confirm" or ""."""
    return next(
        (kind for verb, form, kind in _KINDS if verb == method and form.fullmatch(path)), ""
    )


# Pages


@signed_in
async def show_list(request: web.Request, account: str) -> web.Response:
    """Show a page of the account's campaigns."""
    site = request.app[SITE]
    search = request.query.get("search", "")
    number = request.query.get("page", "1")
    page = int(number[:9]) if number.isascii() and number.isdigit() else 1
    found = site.campaigns.campaigns(account, search=search.strip())
    text = pages.campaign_list(account, found, site.shown, search=search, page=min(page, LAST_PAGE))
    return html_response(text)


@signed_in
async def show_settings(request: web.Request, account: str) -> web.Response:
    """Show a campaign's settings."""
    return await _show(request, account, pages.ad_settings, guided={"everywhere"})


@signed_in
async def show_overview(request: web.Request, account: str) -> web.Response:
    """Show a campaign's ads."""
    return await _show(request, account, pages.overview, guided={"everywhere", "overview"})


async def _show(
    request: web.Request, account: str, page: Callable[..., str], *, guided: set[str]
) -> web.Response:
    site = request.app[SITE]
    await site.pause(site.settings.campaign_page_seconds)
    campaign = _campaign(site, request, account)
    if campaign is None:
        return _missing(site)
    ads = await asyncio.to_thread(site.campaigns.ads, campaign.id)
    guide = site.settings.guide in guided and GUIDE_COOKIE not in request.cookies
    return html_response(page(account, campaign, ads, site.shown, guide=guide))


def _campaign(site: Site, request: web.Request, account: str | None) -> Campaign | None:
    campaign = site.campaigns.campaign(request.match_info["campaign_id"])
    return campaign if campaign and campaign.account == account else None


def _missing(site: Site) -> web.Response:
    if site.settings.missing_campaign == "list":
        return web.Response(status=302, headers={"Location": "/campaigns"})
    raise web.HTTPNotFound


@signed_in
async def go_to_overview(request: web.Request, account: str) -> web.Response:
    """Go from a campaign's own address to its ads."""
    location = f"/campaign/{request.match_info['campaign_id']}/overview/ads"
    return web.Response(status=302, headers={"Location": location})


@signed_in
async def template(request: web.Request, account: str) -> web.Response:
    """Answer with the CSV that has a campaign's columns and no ad."""
    site = request.app[SITE]
    campaign = _campaign(site, request, account)
    if campaign is None:
        return _missing(site)
    text = io.StringIO(newline="")
    native = campaign.kind == "native"
    writer = csv.writer(text, quoting=csv.QUOTE_ALL if native else csv.QUOTE_MINIMAL)
    writer.writerow(COLUMNS[campaign.kind])
    disposition = f'attachment; filename="mass_ads_template_{campaign.id}.csv"'
    return web.Response(
        text=text.getvalue(),
        content_type="text/csv",
        headers={"Content-Disposition": disposition} | _NO_STORE,
    )


# Background requests


async def ads_list(request: web.Request) -> web.Response:
    """Answer a background request for a part of the table."""
    site = request.app[SITE]
    await site.pause(site.settings.ads_table_seconds)
    account = site.account_of(request)
    if account is None:
        return _unauthorized(site)
    campaign = _campaign(site, request, account)
    if campaign is None:
        raise web.HTTPNotFound
    ads = await asyncio.to_thread(site.campaigns.ads, campaign.id)
    return web.json_response(
        table.answer(ads, campaign, site.shown, request.query), headers=_NO_STORE
    )


async def preview(request: web.Request) -> web.StreamResponse:
    """Take a CSV and check it; the answer is its rows with a token, or the issues."""
    site = request.app[SITE]
    name, content = await _sent_file(request)

    async def work(fault: Fault | None) -> web.Response:
        await site.pause(site.settings.preview_seconds)
        account = site.account_of(request)
        if account is None:
            return _unauthorized(site)
        campaign = _campaign(site, request, account)
        if campaign is None or not pages.takes_csv(campaign, site.settings):
            raise web.HTTPNotFound
        return await asyncio.to_thread(_checked, site, campaign, name, content)

    return await _faulty(request, "preview", work)


def _checked(site: Site, campaign: Campaign, name: str, content: bytes) -> web.Response:
    settings = site.settings

    def creative(creative_id: str) -> StoredCreative | None:
        found = site.state.creative(creative_id)
        return found if found and found.account == campaign.account else None

    def category(creative_id: str) -> str:
        return site.campaigns.category(creative_id, settings.creative_category)

    checked = check(content, campaign, settings, Library(creative, category))
    token = site.campaigns.keep_csv(
        campaign.id,
        file_name=name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        ads=checked.ads,
        issues=checked.issues,
    )
    if checked.issues:
        return web.json_response({"message": ISSUES, "issues": checked.issues}, status=422)
    rows = [[ad.name, ad.target_url, ", ".join(ad.creative_ids)] for ad in checked.ads]
    return web.json_response({"token": token, "rows": rows})


async def confirm(request: web.Request) -> web.StreamResponse:
    """Create the ads of a CSV that was previewed."""
    site = request.app[SITE]
    token = await _sent_token(request)
    campaign_id = request.match_info["campaign_id"]
    campaigns = site.campaigns
    number = campaigns.begin(campaign_id, token)

    async def work(fault: Fault | None) -> web.Response:
        await site.pause(site.settings.confirm_seconds)
        account = site.account_of(request)
        campaign = _campaign(site, request, account)
        share = 1.0
        if fault and (fault.kind == "silent" or fault.when == "during"):
            share = 0.0 if fault.kind == "silent" else 0.5
        if account is None:
            result = campaigns.conclude(number, "unauthorized")
        elif campaign is None or not pages.takes_csv(campaign, site.settings):
            result = campaigns.conclude(number, "closed")
        else:
            result = await asyncio.to_thread(
                campaigns.create, number, campaign_id, token, site.settings, share=share
            )
        if result == "unauthorized":
            return _unauthorized(site)
        if result in FAILURES:
            return web.json_response({"error": "These ads can't be created."}, status=409)
        return web.json_response({"success": True})

    def told(answer: str, *, before: bool) -> None:
        if before:
            campaigns.conclude(number, "dropped")
        campaigns.answered(number, answer)

    return await _faulty(request, "confirm", work, told)


def _nobody_told(answer: str, *, before: bool) -> None:
    """Record nothing."""


async def _faulty(
    request: web.Request,
    kind: str,
    work: Work,
    told: Callable[..., None] = _nobody_told,
) -> web.StreamResponse:
    """Do the work of a request, with what an ordered fault does before, to, or after it.

    ``told`` hears what the browser is answered, and whether that was before any work.
    """
    site = request.app[SITE]
    fault = site.faults.take(kind, name=request.match_info["campaign_id"])
    cutting = fault is not None and fault.kind in {"status", "reset", "timeout"}
    if fault and fault.when == "before":
        if cutting:
            told(_answer(fault), before=True)
        if spoiled := await spoil(request, fault):
            return spoiled
    response = await work(fault)
    if fault and fault.when != "before":
        if cutting:
            told(_answer(fault), before=False)
        if spoiled := await spoil(request, fault):
            return spoiled
        if site.account_of(request) is None:
            response = _unauthorized(site)
    told(str(response.status), before=False)
    return (
        await drip(request, response, fault.seconds) if fault and fault.kind == "drip" else response
    )


def _answer(fault: Fault) -> str:
    return str(fault.status) if fault.kind == "status" else fault.kind


def _unauthorized(site: Site) -> web.Response:
    if site.settings.expired_list == "login_page":
        return login_page(site)
    return web.Response(status=401)


async def _sent_file(request: web.Request) -> tuple[str, bytes]:
    """Return the name and bytes of the CSV that a page sends. Raises `web.HTTPBadRequest`."""
    try:
        field = (await request.post()).get("massAdsCsv")
    except (ValueError, AssertionError, RuntimeError) as error:
        raise web.HTTPBadRequest from error
    if not isinstance(field, web.FileField):
        raise web.HTTPBadRequest
    return field.filename[:MAX_FILE_NAME], await asyncio.to_thread(field.file.read)


async def _sent_token(request: web.Request) -> str:
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise web.HTTPBadRequest from error
    token = body.get("token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token.isascii():
        raise web.HTTPBadRequest
    return token


ROUTES: list[web.AbstractRouteDef] = [
    web.get("/campaigns", show_list),
    web.get(_CAMPAIGN, go_to_overview),
    web.get(f"{_CAMPAIGN}/ad-settings", show_settings),
    web.get(f"{_CAMPAIGN}/overview/ads", show_overview),
    web.get(f"{_CAMPAIGN}/ads/list", ads_list),
    web.post(f"{_CAMPAIGN}/ads/csv-preview", preview),
    web.post(f"{_CAMPAIGN}/ads/csv-confirm", confirm),
    web.get("/ad/mass-action/{campaign_id}/template", template),
]
"""The addresses of campaigns."""
