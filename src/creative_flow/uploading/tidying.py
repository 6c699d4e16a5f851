"""What a live run clears away before it begins: evidence that has become old."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from creative_flow.evidence import remove_old_evidence
from creative_flow.workspace import Workspace

if TYPE_CHECKING:
    from creative_flow.ledger import Ledger

_log = logging.getLogger(__name__)


def tidy_evidence(place: Workspace, ledger: Ledger) -> None:
    """Remove evidence older than ``KEEP_EVIDENCE_DAYS`` (0: none) that no open question needs."""
    days = place.number("KEEP_EVIDENCE_DAYS")
    if not days:
        return
    needed = [place.root / name for name in ledger.open_evidence()]
    if removed := remove_old_evidence(place.screenshots, days=days, keep=needed):
        _log.info("removed %d evidence files older than %g days", removed, days)
