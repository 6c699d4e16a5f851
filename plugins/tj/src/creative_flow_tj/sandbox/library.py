"""The dashboard, the media library, the lists it asks for, and the pictures on its cards."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web

from creative_flow_tj.sandbox import media, pages
from creative_flow_tj.sandbox.seeds import seeds_of
from creative_flow_tj.sandbox.sign_in import html_response, login_page, session_ended
from creative_flow_tj.sandbox.site import SITE, Site

LAST_PAGE = 1_000_000
_PICTURE_HEADERS = {"Cache-Control": "private, max-age=86400"}

Page = Callable[[web.Request, str], Awaitable[web.Response]]


def signed_in(page: Page) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Make a handler of a page that also takes the account, for those who are signed in."""

    async def handler(request: web.Request) -> web.Response:
        account = request.app[SITE].account_of(request)
        return await page(request, account) if account else session_ended(request)

    return handler


async def start(request: web.Request) -> web.Response:
    """Go to the dashboard, or to the sign-in page."""
    account = request.app[SITE].account_of(request)
    return web.Response(status=302, headers={"Location": "/dashboard" if account else "/sign-in"})


@signed_in
async def dashboard(request: web.Request, account: str) -> web.Response:
    """Show the page that follows a sign-in."""
    site = request.app[SITE]
    campaigns = len(site.campaigns.campaigns(account))
    return html_response(pages.dashboard(account, site.settings, campaigns=campaigns))


@signed_in
async def show(request: web.Request, account: str) -> web.Response:
    """Show the media library with its default tab."""
    site = request.app[SITE]
    settings = site.shown
    first = pages.CreativeList.blank()
    if settings.first_list == "in_page":
        first = _list(site, account, media.AD_FORMATS[0], page=1)
    page = pages.media_library(account, settings, page=secrets.token_urlsafe(9), first=first)
    return html_response(page)


async def creatives(request: web.Request) -> web.Response:
    """Answer a background request for one page of a list."""
    site = request.app[SITE]
    await site.pause(site.settings.list_seconds)
    account = site.account_of(request)
    if account is None:
        if site.settings.expired_list == "login_page":
            return login_page(site)
        return web.Response(status=401)
    ad_format = request.query.get("ad_format", "")
    number = request.query.get("page", "1")
    if ad_format not in media.AD_FORMATS or not (number.isascii() and number.isdigit()):
        return web.json_response({"error": "There is no such list."}, status=400)
    page = min(max(int(number[:9]), 1), LAST_PAGE)
    if page > 1:
        _change(site, account, ad_format)
    answer = _list(site, account, ad_format, page=page).as_json()
    return web.json_response(answer, headers={"Cache-Control": "no-store"})


def _change(site: Site, account: str, ad_format: str) -> None:
    """Let the list grow and shrink under whoever reads it, as the knobs say."""
    settings = site.settings
    if not (settings.list_grows or settings.list_shrinks) or site.changes >= settings.list_changes:
        return
    site.changes += 1
    newest, _ = site.state.listed(account, ad_format, page=1, per_page=settings.list_shrinks or 1)
    for creative in newest[: settings.list_shrinks]:
        site.state.remove_creative(creative.id)
    if settings.list_grows:
        prefix = f"EN_Meanwhile_{site.changes}"
        body = {"account": account, "ad_format": ad_format, "prefix": prefix}
        seeds = seeds_of({**body, "count": settings.list_grows}, settings)
        site.state.add_creatives(seeds)


def _list(site: Site, account: str, ad_format: str, *, page: int) -> pages.CreativeList:
    settings = site.shown
    found, total = site.state.listed(
        account, ad_format, page=page, per_page=settings.cards_per_page
    )
    return pages.CreativeList.of(found, settings, page=page, total=total)


async def thumbnail(request: web.Request) -> web.Response:
    """Answer with a small picture of a creative."""
    site = request.app[SITE]
    creative = site.state.creative(request.match_info["creative_id"])
    if creative is None or creative.account != site.account_of(request):
        return web.Response(status=404)
    path = site.state.file(creative.sha256)
    if path is None:
        return web.Response(status=404)
    try:
        picture = await asyncio.to_thread(media.thumbnail, path)
    except media.UnreadableMedia:
        return web.Response(status=404)
    return web.Response(body=picture, content_type="image/jpeg", headers=_PICTURE_HEADERS)
