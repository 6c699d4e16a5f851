"""What the ledger remembers of a library mirror."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import asdict, frozen

from creative_flow.ledger.mirrors.disk import Fingerprint, Stamp

_RACY_NS = 2_000_000_000
"""A file changed this shortly before it was looked at may change again unnoticed."""

Unfinished = tuple[Mapping[str, str], ...]
"""The user's rows that have no Creative ID yet: cells by column, as they stand."""


@frozen
class State:
    """What was written last.

    ``upto`` is the position of the last entry that the file holds, ``fresh`` the revision up to
    which its rows show what the ledger has; ``own`` are the headings of the user's own columns.
    ``lagging`` is how many changes after that its rows may lack, ``counted`` the revision up to
    which they were counted.
    """

    stamp: Stamp
    fingerprint: Fingerprint
    checked_ns: int
    upto: int
    fresh: int
    own: tuple[str, ...] = ()
    unfinished: Unfinished = ()
    lagging: int = 0
    counted: int = 0

    def is_untouched(self, stamp: Stamp) -> bool:
        """Say whether a file with this stamp is as it was written, without reading it."""
        return stamp == self.stamp and stamp.mtime_ns < self.checked_ns - _RACY_NS

    def packed(self) -> dict[str, Any]:
        """Return it as the ledger keeps it."""
        return asdict(self)

    @classmethod
    def read(cls, packed: Mapping[str, Any]) -> State:
        """Return what `packed` was made from."""
        return cls(
            **{
                **packed,
                "stamp": Stamp(**packed["stamp"]),
                "fingerprint": Fingerprint(**packed["fingerprint"]),
                "own": tuple(packed["own"]),
                "unfinished": tuple(packed["unfinished"]),
            }
        )
