"""A report's small pictures are made while the platform works, so that nobody waits for them."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

from creative_flow.events import BatchProgress, Event, RunFinished

if TYPE_CHECKING:
    from creative_flow.creative import Batch
    from creative_flow.workspace import Workspace

_PATIENCE = 1.0
"""Seconds to wait for the picture that is being made when the run is over."""


class Ahead:
    """Listens to a live run, and makes pictures of what is being sent.

    It only saves time: a picture that is not made here is made with the page.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._seen: set[int] = set()
        self._batches: SimpleQueue[Batch | None] = SimpleQueue()
        self._over = threading.Event()
        self._worker: threading.Thread | None = None

    def __call__(self, event: Event) -> None:
        """Take up what is on its way; leave off once the run is over."""
        match event:
            case BatchProgress(batch=batch) if batch.number not in self._seen:
                self._seen.add(batch.number)
                self._batches.put(batch)
                if self._worker is None:
                    self._worker = threading.Thread(target=self._work, daemon=True)
                    self._worker.start()
            case RunFinished():
                self.close()

    def close(self) -> None:
        """Leave off. Twice is fine."""
        self._over.set()
        self._batches.put(None)
        if self._worker is not None:
            self._worker.join(_PATIENCE)

    def _work(self) -> None:
        from creative_flow.report.page.thumbnails import Thumbnails

        thumbnails = Thumbnails(self._workspace.thumbnails, self._workspace.archive)
        while batch := self._batches.get():
            for creative in batch.creatives:
                if self._over.is_set():
                    return
                thumbnails.prepare(creative)
