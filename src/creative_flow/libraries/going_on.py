"""Where a refresh goes on that was interrupted: at the first ad format that it had not finished.

Not within one: a list that has grown has other entries on page 57 than it had, and pages can only
be reached one after the other. What was seen there is recorded all the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from creative_flow.ledger.mirrors import disk
from creative_flow.ledger.mirrors.disk import Stamp, TouchedMeanwhile

_HOLDS = timedelta(hours=1)
"""What was read longer ago is read again."""
_SCHEMA = 1


class Progress:
    """The ad formats that a refresh has finished, by name, with the time at which.

    ``who`` tells accounts apart: another login at another place goes on with nothing.
    """

    def __init__(self, file: Path, who: str) -> None:
        self._file = file
        self._who = who
        self._done: dict[str, datetime] = {}

    def recall(self) -> Mapping[str, datetime]:
        """Return what an interrupted refresh has finished a short time ago."""
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            if kept["schema"] == _SCHEMA and kept["who"] == self._who:
                done = {name: datetime.fromisoformat(at) for name, at in kept["done"].items()}
                now = datetime.now(UTC)
                self._done = {n: at for n, at in done.items() if now - _HOLDS < at <= now}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            self._done = {}  # a file that is not there or not ours only costs time
        return self._done

    def finished(self, ad_format: str) -> None:
        """Keep that an ad format is through. Raises `WorkspaceError`."""
        self._done[ad_format] = datetime.now(UTC)
        done = {name: at.isoformat() for name, at in self._done.items()}
        content = json.dumps({"schema": _SCHEMA, "who": self._who, "done": done}, indent=2)
        try:
            disk.replace(self._file, [content.encode() + b"\n"], Stamp.of(self._file))
        except TouchedMeanwhile:
            return  # another refresh of this account keeps its own

    def forget(self) -> None:
        """Begin anew the next time. Raises `WorkspaceError`."""
        self._done = {}
        with disk.blaming(self._file):
            self._file.unlink(missing_ok=True)
