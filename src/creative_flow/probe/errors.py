"""What the readers of media files raise."""

from __future__ import annotations

from pathlib import Path

from creative_flow.errors import CreativeFlowError


class NotMedia(CreativeFlowError):
    """A file is not an image or video that can be used.

    ``reason`` is the message without the file's name, to stand beside it in a table.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{str(path)!r} can't be used: {reason}.")
        self.path = path
        self.reason = reason
