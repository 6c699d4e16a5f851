"""How an answer is spoiled on its way: what the kinds of faults do to a request."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import NoReturn

from aiohttp import web

from creative_flow_tj.sandbox.faults import Fault
from creative_flow_tj.sandbox.site import SITE, session_token

DRIPS = 20
_LINGER_NOT = struct.pack("ii", 1, 0)


def cut(request: web.Request) -> NoReturn:
    """Reset the request's connection. Raises ConnectionResetError, as if the client had gone."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        if connection is not None:
            # Without lingering, the kernel sends a reset in place of an orderly end.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        request.transport.abort()
    raise ConnectionResetError("The connection was reset, as ordered.")


async def drip(
    request: web.Request, response: web.StreamResponse, seconds: float
) -> web.StreamResponse:
    """Send an answer in small pieces that take ``seconds`` in all."""
    body = response.body if isinstance(response, web.Response) else None
    if not isinstance(body, bytes) or not body:
        await request.app[SITE].pause(seconds)
        return response
    slow = web.StreamResponse(status=response.status, headers=response.headers)
    for cookie in response.cookies.values():
        slow.cookies[cookie.key] = cookie
    slow.content_length = len(body)
    await slow.prepare(request)
    step = max(1, -(-len(body) // DRIPS))
    for start in range(0, len(body), step):
        await request.app[SITE].pause(seconds / DRIPS)
        await slow.write(body[start : start + step])
    await slow.write_eof()
    return slow


async def spoil(request: web.Request, fault: Fault) -> web.Response | None:
    """Do to a request what the fault says, before or in place of its answer.

    Returns the answer to give, or None if the request goes on ("drip", "expire"). Raises
    ConnectionResetError if the connection was cut.
    """
    site = request.app[SITE]
    if fault.kind == "status":
        return web.Response(status=fault.status)
    if fault.kind == "timeout":
        await site.pause(fault.seconds)
    if fault.kind in {"timeout", "reset"}:
        cut(request)
    if fault.kind == "expire":
        await asyncio.to_thread(site.state.end_sessions, token=session_token(request))
    return None
