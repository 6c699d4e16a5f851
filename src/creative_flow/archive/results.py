"""What archiving and restoring come to."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from attrs import frozen


@frozen
class Moved:
    """One file that was moved, or in a dry run would be.

    ``size`` counts bytes, ``sha256`` is in lower-case hex. ``run`` is the run that uploaded it;
    ``already`` is True where the same content lay at ``to`` before.
    """

    path: Path
    to: Path
    size: int
    sha256: str
    creative_id: str
    ad_format: str
    platform: str
    account: str
    run: str
    already: bool = False


@frozen
class Left:
    """One file that stays where it is, and why in one line. ``failed``: it should have moved."""

    path: Path
    why: str
    failed: bool = False


@frozen
class MoveReport:
    """What became of every file that was looked at.

    ``notices`` are lines that the user should read: a manifest that was put right, say.
    """

    moved: tuple[Moved, ...]
    left: tuple[Left, ...]
    dry_run: bool = False
    notices: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Left, ...]:
        """The files that should have moved and could not."""
        return tuple(left for left in self.left if left.failed)

    @property
    def size(self) -> int:
        """Bytes of all the files that moved."""
        return sum(moved.size for moved in self.moved)

    @property
    def exit_code(self) -> int:
        """0 if all is well; 1 if a file should have moved and could not."""
        return 1 if self.failed else 0

    def _to_dict(self, kind: str) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "error": None,
            kind: [
                {
                    "path": str(moved.path),
                    "to": str(moved.to),
                    "size": moved.size,
                    "sha256": moved.sha256,
                    "creative_id": moved.creative_id,
                    "ad_format": moved.ad_format,
                    "platform": moved.platform,
                    "account": moved.account,
                    "run": moved.run,
                }
                for moved in self.moved
            ],
            "left": [
                {"path": str(left.path), "why": left.why, "failed": left.failed}
                for left in self.left
            ],
        }


@frozen
class ArchiveReport(MoveReport):
    """What `archive_files` did."""

    root: Path = Path()
    """The folder that holds the batch folders."""

    @property
    def batches(self) -> dict[Path, int]:
        """How many files moved to each batch folder."""
        return dict(Counter(self.root / it.to.relative_to(self.root).parts[0] for it in self.moved))

    def to_dict(self) -> dict[str, Any]:
        """Return the report as ``--json`` prints it."""
        return self._to_dict("archived")


@frozen
class RestoreReport(MoveReport):
    """What `restore` did."""

    def to_dict(self) -> dict[str, Any]:
        """Return the report as ``--json`` prints it."""
        return self._to_dict("restored")
