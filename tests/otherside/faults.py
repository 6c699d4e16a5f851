"""Faults that a test orders ahead: how the next requests of a kind go wrong."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Literal

from aiohttp import web
from attrs import frozen

FaultKind = Literal["list", "upload", "page"]
FaultHow = Literal["500", "reset", "hang"]


@frozen
class Fault:
    """One fault; `after_keeping` matters to uploads only."""

    how: FaultHow
    after_keeping: bool


class Faults:
    """The faults still to come, in the order in which they were ordered."""

    def __init__(self) -> None:
        self._coming: dict[FaultKind, list[Fault]] = {"list": [], "upload": [], "page": []}
        self.over = asyncio.Event()  # ends the requests that hang

    def order(self, kind: FaultKind, fault: Fault, count: int) -> None:
        """Let the next `count` requests of a kind fail."""
        self._coming[kind] += [fault] * count

    def take(self, kind: FaultKind) -> Fault | None:
        """Return the fault that this request must show, if any."""
        return self._coming[kind].pop(0) if self._coming[kind] else None

    async def show(self, fault: Fault, request: web.Request) -> web.Response:
        """Make the request fail; after a reset or a hang the answer reaches nobody."""
        if fault.how == "hang":
            await self.over.wait()
        transport = request.transport
        if fault.how != "500" and transport is not None:
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        return web.Response(status=500, text="Whoops, something went wrong.")
