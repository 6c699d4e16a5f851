"""The control API: JSON under ``/_sandbox/`` that reads the truth and turns the knobs."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

import attrs
from aiohttp import web

from creative_flow.errors import SettingsError
from creative_flow_tj.sandbox.campaigns.seeds import category_of
from creative_flow_tj.sandbox.faults import PATH_KINDS
from creative_flow_tj.sandbox.records import Arrival, StoredCreative
from creative_flow_tj.sandbox.seeds import account_of, review_status_of, seeds_of
from creative_flow_tj.sandbox.site import SITE, Site

Call = Callable[[Site, web.Request], Awaitable[object]]


class NotThere(Exception):
    """What the request names does not exist; the message says what."""


def answering(call: Call) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Make a handler of a call that returns what is answered as JSON."""

    async def handler(request: web.Request) -> web.Response:
        try:
            answer = await call(request.app[SITE], request)
        except SettingsError as error:
            return web.json_response({"error": str(error)}, status=400)
        except NotThere as error:
            return web.json_response({"error": str(error)}, status=404)
        return web.json_response(answer)

    return handler


async def body_of(request: web.Request) -> Mapping[str, object]:
    """Return the request's JSON object; nothing at all counts as an empty one."""
    text = await request.read()
    try:
        body = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"The request's body is no JSON ({error}).") from None
    if not isinstance(body, dict):
        raise SettingsError("The request's body is a JSON object.")
    return body


async def _read_state(site: Site, request: web.Request) -> object:
    wanted = {name: request.query.get(name, "") for name in ("account", "ad_format")}
    name = request.query.get("name")
    drift = site.drift

    def read() -> object:
        creatives = site.state.creatives(**wanted, name=name)
        arrivals = site.state.arrivals()
        times = Counter(_file_key(arrival) for arrival in arrivals)
        return {
            "creatives": [creative_json(creative) for creative in creatives],
            "arrivals": [
                arrival_json(arrival) | {"times": times[_file_key(arrival)]} for arrival in arrivals
            ],
            "drift": list(drift.described) if drift else [],
        }

    return await asyncio.to_thread(read)


def _file_key(arrival: Arrival) -> tuple[str, str, str, str]:
    return arrival.account, arrival.ad_format, arrival.name, arrival.sha256


def creative_json(creative: StoredCreative) -> dict[str, object]:
    """Return a creative as the control API tells it; times are ISO 8601 in UTC."""
    return attrs.asdict(creative) | {
        "dimensions": creative.dimensions,
        "created_at": iso(creative.created_at),
        "visible_at": iso(creative.visible_at),
    }


def arrival_json(arrival: Arrival) -> dict[str, object]:
    """Return an arrival as the control API tells it."""
    return attrs.asdict(arrival) | {"arrived_at": iso(arrival.arrived_at)}


def iso(moment: float) -> str:
    """Return a time as of `time.time` as ISO 8601 in UTC, with milliseconds."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


async def _file(request: web.Request) -> web.StreamResponse:
    path = request.app[SITE].state.file(request.match_info["sha256"])
    if path is None:
        return web.json_response({"error": "No file with that hash has arrived."}, status=404)
    return web.FileResponse(path, headers={"Content-Type": "application/octet-stream"})


async def _read_settings(site: Site, request: web.Request) -> object:
    return site.settings.as_json()


async def _change_settings(site: Site, request: web.Request) -> object:
    site.settings = site.settings.changed(await body_of(request))
    return site.settings.as_json()


async def _read_faults(site: Site, request: web.Request) -> object:
    return {"faults": site.faults.as_json()}


async def _order_fault(site: Site, request: web.Request) -> object:
    return attrs.asdict(site.faults.order(await body_of(request)))


async def _clear_faults(site: Site, request: web.Request) -> object:
    site.faults.clear()
    return {"faults": []}


async def _solve_captcha(site: Site, request: web.Request) -> object:
    return {"solved": site.captchas.solve_all()}


async def _expire_sessions(site: Site, request: web.Request) -> object:
    body = await body_of(request)
    account = account_of(body, site.settings) if "account" in body else None
    return {"ended": site.state.end_sessions(account=account)}


async def _seed_library(site: Site, request: web.Request) -> object:
    seeds = seeds_of(await body_of(request), site.settings)
    added = await asyncio.to_thread(site.state.add_creatives, seeds)
    return {"ids": [creative.id for creative in added]}


async def _change_creative(site: Site, request: web.Request) -> object:
    body = await body_of(request)
    creative_id = request.match_info["creative_id"]
    category = category_of(body) if "content_category" in body else ""
    status = review_status_of(body) if "review_status" in body or not category else ""
    creative = site.state.creative(creative_id)
    if creative is None:
        raise NotThere(f"There is no creative {creative_id!r}.")
    if category:
        site.campaigns.set_category(creative_id, category)
    if status:
        site.state.set_review_status(creative_id, status)
    changed = {"review_status": status or creative.review_status}
    return {"id": creative_id} | changed | ({"content_category": category} if category else {})


async def _remove_creative(site: Site, request: web.Request) -> object:
    creative_id = request.match_info["creative_id"]
    if not site.state.remove_creative(creative_id):
        raise NotThere(f"There is no creative {creative_id!r}.")
    return {"removed": creative_id}


async def _reset(site: Site, request: web.Request) -> object:
    reset(site)
    return {"reset": True}


async def _read_requests(site: Site, request: web.Request) -> object:
    return {kind: site.requests[kind] for kind in (*PATH_KINDS[1:], "other")}


def reset(site: Site) -> None:
    """Forget library, campaigns, arrivals, sessions, faults, counts. Settings stay as they are.

    How long files take begins anew, too: what is done the same way twice takes as long twice.
    """
    site.state.reset()
    site.luck.seed(site.settings.seed)
    site.campaign_state.reset()
    site.faults.clear()
    site.requests.clear()
    site.changes = 0


_R = "/_sandbox"
ROUTES: list[web.AbstractRouteDef] = [
    web.get(f"{_R}/state", answering(_read_state)),
    web.get(f"{_R}/files/{{sha256}}", _file),
    web.get(f"{_R}/requests", answering(_read_requests)),
    web.get(f"{_R}/settings", answering(_read_settings)),
    web.patch(f"{_R}/settings", answering(_change_settings)),
    web.get(f"{_R}/faults", answering(_read_faults)),
    web.post(f"{_R}/faults", answering(_order_fault)),
    web.delete(f"{_R}/faults", answering(_clear_faults)),
    web.post(f"{_R}/captcha/solve", answering(_solve_captcha)),
    web.post(f"{_R}/sessions/expire", answering(_expire_sessions)),
    web.post(f"{_R}/library", answering(_seed_library)),
    web.post(f"{_R}/creatives/{{creative_id}}", answering(_change_creative)),
    web.delete(f"{_R}/creatives/{{creative_id}}", answering(_remove_creative)),
    web.post(f"{_R}/reset", answering(_reset)),
]
"""The addresses of the control API."""
