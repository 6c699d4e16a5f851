"""One walk through a list, and whether it is proved that nothing slid past the reader.

A list is read page by page while it changes. What comes on top pushes entries down, and some are
seen twice; what is removed lets entries slide up, and one may pass from a page that is not read
yet to one that is read already, unseen. Only a walk of which that is ruled out may say that
something is gone.

It is ruled out between two pages if

- the last entry of the one stands on the other, too: below it nothing can have passed; or
- both show how long the whole list is, and it has not become shorter: new entries come on top; or
- all that was read before are different entries, as many as the pages have places, and each of
  them is seen again later: so they still stood above, and nothing had room to slide among them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice

from creative_flow.platform import LibraryPage


class Survey:
    """What one walk, newest page first, has shown so far."""

    def __init__(self) -> None:
        self.seen: dict[str, None] = {}
        """The Creative IDs, in the order in which they were first seen."""
        self.pages = 0
        self.repeats = 0
        """How often an entry was seen again on a later page."""
        self.ended = False
        """Whether the list was read to its end."""
        self.total: int | None = None
        """How long the whole list is by what its last page says."""
        self.grew = False
        """Whether something came on top while the list was read."""
        self.slid = False
        """Whether the list's length says that something may have slid past unseen."""
        self.longest = 0
        """How many entries the longest page had."""
        self._places = 0
        self._last: list[str] = []
        self._shortest: int | None = None  # of all pages but the last one
        self._loose: list[tuple[int, int]] = []  # pages read and entries seen where nothing joins

    def add(self, page: LibraryPage) -> None:
        """Take in the next page."""
        ids = [entry.creative_id for entry in page.entries]
        if self.pages:
            self._join(ids, page.total)
            before = len(self._last)
            self._shortest = min(before, before if self._shortest is None else self._shortest)
        for creative_id in ids:
            if creative_id in self.seen:
                self.repeats += 1
                self.grew = True
            self.seen[creative_id] = None
        self.pages += 1
        self._places += len(ids)
        self.longest = max(self.longest, len(ids))
        self.total = page.total
        self._last = ids
        self.ended = page.last

    def _join(self, ids: Sequence[str], total: int | None) -> None:
        """Tell whether this page follows the one before without a gap."""
        known = total is not None and self.total is not None
        longer = (total or 0) - (self.total or 0)
        self.grew = self.grew or (known and longer > 0)
        if (self._last and self._last[-1] in ids) or (known and longer >= 0):
            return
        self.slid = self.slid or known
        self._loose.append((self.pages, len(self.seen)))

    @property
    def fits(self) -> bool:
        """Whether the pages add up to the length that the list is said to have, if it is said."""
        return self.total is None or self._places == self.total

    @property
    def falls_short(self) -> bool:
        """Whether the list is said to be longer than its pages were. That is never so at its end.

        It may be shorter, where so much was removed that a page came to lie behind the end.
        """
        return self.total is not None and self._places < self.total

    def is_whole(self, seen_later: Collection[str]) -> bool:
        """Say whether it is proved that all which stood there throughout was seen.

        ``seen_later`` holds the Creative IDs that were seen after this walk had ended.
        """
        uneven = self._shortest is not None and self._shortest != self.longest
        if not self.ended or not self.fits or (uneven and self.total is None):
            return False
        if any(seen != self.longest * pages for pages, seen in self._loose):
            return False
        must_last = self._loose[-1][1] if self._loose else 0
        return all(creative_id in seen_later for creative_id in islice(self.seen, must_last))
