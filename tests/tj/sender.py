"""Hands files to the page as a run does, without what comes before and after."""

from __future__ import annotations

import hashlib
from pathlib import Path

from creative_flow.creative import Batch, Creative
from creative_flow.platform import Gate, SendReport
from creative_flow_tj.session import TjSession
from upload.media import image

from .plugin import Plugin


class Sender:
    """Hands banners to the page, and keeps what the uploader told on the way."""

    def __init__(self, plugin: Plugin, session: TjSession, folder: Path) -> None:
        self._plugin = plugin
        self._session = session
        self._folder = folder
        self.arrived_at_gate: list[int] = []
        self.progress: list[tuple[int, int]] = []

    async def _gate(self) -> None:
        self.arrived_at_gate.append(len(self._plugin.stage.site.arrivals()))

    async def send(
        self, *names: str, size: tuple[int, int] = (300, 250), gate: Gate | None = None
    ) -> SendReport:
        """Send new pictures of these names; ``gate`` stands in place of one that only counts."""
        paths = [image(self._folder / f"{name}.png", size) for name in names]
        creatives = tuple(
            Creative(
                path,
                "static_banner",
                path.stat().st_size,
                hashlib.sha256(path.read_bytes()).hexdigest(),
            )
            for path in paths
        )
        return await self._plugin.uploader.send(
            self._session,
            Batch(1, "static_banner", creatives),
            gate or self._gate,
            lambda files, size: self.progress.append((files, size)),
        )
