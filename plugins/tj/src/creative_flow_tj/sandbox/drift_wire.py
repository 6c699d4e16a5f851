"""How a drift gets to the browser: every answer of the site goes through it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from creative_flow_tj.sandbox.drift import Drift
from creative_flow_tj.sandbox.drift_panel import (
    LANDING_ADDRESSES,
    LIBRARY_ADDRESSES,
    LIST_ADDRESSES,
    UPLOAD_ADDRESSES,
)
from creative_flow_tj.sandbox.site import SITE

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OTHER_ADDRESSES: dict[str, tuple[str, ...]] = {
    "/media-library": LIBRARY_ADDRESSES,
    "/dashboard": LANDING_ADDRESSES,
    "/media-library/list": LIST_ADDRESSES,
    "/media-library/upload": UPLOAD_ADDRESSES,
}
"""Where pages and background requests may have moved to."""

_OTHERS = frozenset(address for others in OTHER_ADDRESSES.values() for address in others)

_UNCHANGED = ("/_sandbox", "/campaign/", "/assets/campaigns/", "/ad/")


@web.middleware
async def drifted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer as the site is after its drift, if it has one. Controls and campaigns never drift."""
    drift = request.app[SITE].drift
    path = request.path
    if path in _OTHERS and (drift is None or path not in drift.addresses.values()):
        raise web.HTTPNotFound
    if drift is None or path.startswith(_UNCHANGED):
        return await handler(request)
    if path in drift.addresses:
        if path in {"/media-library", "/dashboard"}:
            return web.Response(status=302, headers={"Location": drift.addresses[path]})
        raise web.HTTPNotFound
    response = await handler(request)
    return _changed(response, drift) if isinstance(response, web.Response) else response


def _changed(response: web.Response, drift: Drift) -> web.Response:
    location = response.headers.get("Location")
    if location in drift.addresses:
        response.headers["Location"] = drift.addresses[location]
    if response.content_type == "text/html":
        response.text = drift.page(response.text or "")
    elif response.content_type == "application/json":
        body = json.loads(response.text or "null")
        if isinstance(body, dict):
            response.text = json.dumps({name: _told(name, body[name], drift) for name in body})
    return response


def _told(name: str, value: object, drift: Drift) -> object:
    """Return what stands under a name of an answer in JSON: a list's parts, or an error."""
    if not isinstance(value, str):
        return value
    return drift.reason(value) if name == "error" else drift.page(value)


def drifted_asset(name: str, text: str, drift: Drift) -> str:
    """Return a style sheet or script as it is after a drift."""
    if name == "names.js":
        return drift.table
    return drift.style(text) if name.endswith(".css") else text
