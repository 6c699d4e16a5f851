"""The sandbox as a web application: its addresses, counting, and faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from creative_flow_tj.sandbox import control, control_page, library, pages, sign_in, uploads
from creative_flow_tj.sandbox.campaigns import control as campaign_control
from creative_flow_tj.sandbox.campaigns import handlers as campaigns
from creative_flow_tj.sandbox.drift import ASSETS as DRIFTED_ASSETS
from creative_flow_tj.sandbox.drift_wire import OTHER_ADDRESSES, drifted, drifted_asset
from creative_flow_tj.sandbox.sign_in import html_response
from creative_flow_tj.sandbox.site import SITE, Site
from creative_flow_tj.sandbox.wire import drip, spoil

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ASSETS = {
    "site.css": "text/css",
    "names.js": "text/javascript",
    "markup.js": "text/javascript",
    "sign_in.js": "text/javascript",
    "menu.js": "text/javascript",
    "list.js": "text/javascript",
    "dropzone.js": "text/javascript",
    "media_library.js": "text/javascript",
}
CAMPAIGN_ASSETS = {
    "campaigns.css": "text/css",
    "campaign.js": "text/javascript",
    "ads_table.js": "text/javascript",
    "csv.js": "text/javascript",
    "select2.js": "text/javascript",
}
"""Of the pages that no drift changes."""
MAX_BODY_BYTES = 8 * 1024 * 1024
"""Of any request but an upload, which is limited by the setting ``max_file_bytes``."""

_PAGES = ("/", "/sign-in", "/login", "/dashboard", "/campaigns", "/media-library")
_KINDS = {
    ("POST", "/sign-in"): "sign_in",
    ("POST", "/login"): "sign_in",
    ("GET", "/media-library/list"): "list",
    ("POST", "/media-library/upload"): "upload",
    **{("GET", page): "page" for page in _PAGES},
}
_KINDS |= {
    (method, other): kind
    for (method, address), kind in _KINDS.items()
    for other in OTHER_ADDRESSES.get(address, ())
}


def path_kind(request: web.Request) -> str:
    """Return the kind of a request: one of `faults.PATH_KINDS`, "control" or "other"."""
    method, path = request.method, request.path
    if path.startswith("/_sandbox"):
        return "control"
    return _KINDS.get((method, path)) or campaigns.campaign_path_kind(method, path) or "other"


@web.middleware
async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count every request but those of the control API."""
    kind = path_kind(request)
    if kind != "control":
        request.app[SITE].requests[kind] += 1
    return await handler(request)


@web.middleware
async def faulty(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Do what an ordered fault says. What changes something sees to its faults by itself."""
    kind = path_kind(request)
    if kind in {"upload", "preview", "confirm", "control", "other"}:
        return await handler(request)
    fault = request.app[SITE].faults.take(kind)
    if fault is None:
        return await handler(request)
    spoiled = await spoil(request, fault)
    if spoiled is not None:
        return spoiled
    response = await handler(request)
    return await drip(request, response, fault.seconds) if fault.kind == "drip" else response


@web.middleware
async def worded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer requests that fail with a page, or with JSON where a program asked."""
    try:
        return await handler(request)
    except (ConnectionError, web.RequestPayloadError):
        return web.Response()  # Nobody hears it: the connection is gone.
    except web.HTTPException as error:
        if error.status < 400:
            raise
        if path_kind(request) in {"page", "other"} and request.method == "GET":
            return html_response(
                pages.notice(error.reason, f"This page is not to be had ({error.status})."),
                status=error.status,
            )
        return web.json_response({"error": error.reason}, status=error.status)


async def asset(request: web.Request) -> web.Response:
    """Answer with a style sheet or script of the package."""
    name = request.match_info["name"]
    if name not in ASSETS:
        raise web.HTTPNotFound
    text = pages.web_file(name)
    drift = request.app[SITE].drift
    if drift and request.path.startswith(DRIFTED_ASSETS):
        text = drifted_asset(name, text, drift)
    return web.Response(text=text, content_type=ASSETS[name])


async def campaign_asset(request: web.Request) -> web.Response:
    """Answer with a style sheet or script of the campaigns' pages."""
    name = request.match_info["name"]
    if name not in CAMPAIGN_ASSETS:
        raise web.HTTPNotFound
    return web.Response(
        text=pages.web_file(f"campaigns/{name}"), content_type=CAMPAIGN_ASSETS[name]
    )


def _moved(address: str, route: Callable[[str], web.RouteDef]) -> list[web.RouteDef]:
    """Return an address's route, and those that it may have after a drift."""
    return [route(address), *map(route, OTHER_ADDRESSES[address])]


def make_app(site: Site) -> web.Application:
    """Return the application that serves a site."""
    app = web.Application(
        middlewares=[worded, counted, faulty, drifted], client_max_size=MAX_BODY_BYTES
    )
    app[SITE] = site
    app.add_routes(
        [
            web.get("/", library.start),
            web.get("/sign-in", sign_in.show),
            web.get("/login", sign_in.show),
            web.post("/sign-in", sign_in.submit),
            web.post("/login", sign_in.submit),
            web.post("/sign-out", sign_in.sign_out),
            web.get("/sign-in/captcha", sign_in.captcha),
            web.post("/sign-in/captcha", sign_in.captcha),
            *_moved("/dashboard", lambda path: web.get(path, library.dashboard)),
            *_moved("/media-library", lambda path: web.get(path, library.show)),
            *_moved("/media-library/list", lambda path: web.get(path, library.creatives)),
            *_moved("/media-library/upload", lambda path: web.post(path, uploads.upload)),
            web.get("/media-library/thumbnail/{creative_id}", library.thumbnail),
            web.get("/assets/{name}", asset),
            web.get(DRIFTED_ASSETS + "{name}", asset),
            web.get("/assets/campaigns/{name}", campaign_asset),
            *campaigns.ROUTES,
            *control.ROUTES,
            *campaign_control.ROUTES,
            *control_page.ROUTES,
        ]
    )
    return app
