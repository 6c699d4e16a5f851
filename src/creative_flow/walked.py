"""What a walk through a platform's library has found, as it is told and as ``--json`` prints it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import Factory, define, frozen

MOST_KEPT = 1_000
"""How many changes of one kind in one ad format are told one by one; the rest is counted."""


@frozen
class Change:
    """What became of one entry: its review status ``was`` one, and ``now`` is another.

    ``now`` is ``removed`` for one that the platform does not show any more; ``was`` is empty for
    one that was not known, or of unknown status. ``reason`` is the platform's word, if it shows it.
    """

    creative_id: str
    name: str
    was: str = ""
    now: str = ""
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {
            "creative_id": self.creative_id,
            "name": self.name,
            "was": self.was or None,
            "now": self.now or None,
            "reason": self.reason or None,
        }


@define
class Changes:
    """Changes of one kind: how many, and the first of them."""

    count: int = 0
    first: list[Change] = Factory(list)

    def add(self, changes: Iterable[Change]) -> None:
        """Count more changes."""
        for change in changes:
            self.count += 1
            if len(self.first) < MOST_KEPT:
                self.first.append(change)

    def to_dict(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {"count": self.count, "first": [change.to_dict() for change in self.first]}


@define
class FormatWalked:
    """What was found in one ad format.

    ``pages`` counts pages asked for, ``walks`` how often the list was begun, ``entries`` what was
    seen. ``complete`` says that the list was read to its end. ``new`` was not known; ``reviewed``
    has another review status; ``back`` had been removed and is there again; ``removed`` is gone;
    ``waiting`` was asked for and still has no verdict. ``unseen`` counts known entries that were
    not seen and are left as they are, and ``why`` says why.
    """

    name: str
    title: str
    pages: int = 0
    walks: int = 0
    entries: int = 0
    complete: bool = False
    earlier: bool = False
    """Whether it was read by a refresh that was interrupted later, and not again."""
    new: Changes = Factory(Changes)
    reviewed: Changes = Factory(Changes)
    back: Changes = Factory(Changes)
    removed: Changes = Factory(Changes)
    waiting: int = 0
    unseen: int = 0
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {
            "ad_format": self.name,
            "pages": self.pages,
            "walks": self.walks,
            "entries": self.entries,
            "complete": self.complete,
            "read_earlier": self.earlier,
            "new": self.new.to_dict(),
            "reviewed": self.reviewed.to_dict(),
            "back": self.back.to_dict(),
            "removed": self.removed.to_dict(),
            "waiting": self.waiting,
            "unseen": self.unseen,
            "why": self.why or None,
        }


@frozen
class Walked:
    """One ``cfu library refresh`` or ``sync-status``, as it is told.

    ``what`` is ``refresh`` or ``sync-status``. ``error`` is empty unless it was stopped;
    ``error_exit_code`` is that error's. What had been seen by then is in the ledger.
    """

    what: str
    platform: str
    title: str
    account: str
    formats: tuple[FormatWalked, ...]
    login: str = ""
    error: str = ""
    error_exit_code: int = 0
    seconds: float = 0.0

    @property
    def pages(self) -> int:
        """How many pages were asked for."""
        return sum(each.pages for each in self.formats)

    @property
    def exit_code(self) -> int:
        """0 if all could be told, 1 if something is left open, else what stopped it."""
        if self.error:
            return self.error_exit_code or 1
        return 1 if any(each.unseen for each in self.formats) else 0

    def to_dict(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {
            "what": self.what,
            "platform": self.platform,
            "account": self.account,
            "error": self.error or None,
            "seconds": round(self.seconds, 3),
            "pages": self.pages,
            "ad_formats": [each.to_dict() for each in self.formats],
        }
