"""Law 1 as code: which entries of a list are proved to be new.

An id is new if it was not there before. Where the whole list was one page, read at once, that is a
difference of sets. Else something may have slid past the reader from page to page, and the order
must testify: new entries stand on top, and below them what stood there before follows in the same
order. Whatever can't be told is neither new nor old.
"""

from __future__ import annotations

from collections.abc import Iterable

from creative_flow.creative import LibraryEntry, Snapshot, may_be_shown_as


class Walk:
    """What a walk through a list, newest page first, has shown so far.

    ``before`` is what stood there earlier, or None if nobody looked: then nothing is ever new.
    """

    def __init__(self, before: Snapshot | None) -> None:
        self._before = before
        self._rank = (
            {entry.creative_id: rank for rank, entry in enumerate(before.entries)} if before else {}
        )
        self._seen: dict[str, LibraryEntry] = {}
        self.ended = False
        """Whether the list was read to its end."""
        self.in_order = True
        """Whether what stood there before still follows the new entries in the same order."""
        self._top: list[LibraryEntry] = []
        self._below: list[LibraryEntry] = []
        self._next_rank = 0
        self._page: dict[str, LibraryEntry] = {}
        self._longest_page = 0

    def add(self, entries: Iterable[LibraryEntry], *, last: bool) -> None:
        """Take in one page. An entry that slid here from the page before counts once."""
        page_before = self._page
        self._page = {entry.creative_id: entry for entry in entries}
        self._longest_page = max(self._longest_page, len(self._page))
        fresh = False
        for entry in self._page.values():
            if entry.creative_id in self._seen:
                # What slid here comes first. Else the list grew by more than a page meanwhile, and
                # what seemed to lie below is perhaps new.
                if fresh or entry.creative_id not in page_before:
                    self.in_order = False
                continue
            fresh = True
            self._seen[entry.creative_id] = entry
            rank = self._rank.get(entry.creative_id)
            if rank is not None:
                # A gap is what somebody removed meanwhile. Not so at the top: what the reader of
                # the snapshot missed by a removal could then stand there as if it were new.
                follows = rank >= self._next_rank if self._next_rank else rank == 0
                self.in_order = self.in_order and follows
                self._next_rank = rank + 1
            elif self._next_rank == 0:
                self._top.append(entry)
            else:
                self._below.append(entry)
                if self._next_rank < len(self._rank):
                    self.in_order = False
        self.ended = self.ended or last

    @property
    def entries(self) -> tuple[LibraryEntry, ...]:
        """Everything seen, in the list's order."""
        return tuple(self._seen.values())

    @property
    def anchored(self) -> bool:
        """Whether something that stood there before was met, or there was nothing to meet."""
        return self._next_rank > 0 or self.ended

    @property
    def lost(self) -> bool:
        """Whether something stood there before, and nothing of it was met."""
        return bool(self._rank) and self._next_rank == 0

    def new(self, key: str) -> tuple[LibraryEntry, ...]:
        """Return the entries of this name that are proved not to have been there before."""
        if self._before is None:
            return ()
        if self._before.complete and len(self._before.entries) < self._longest_page:
            candidates = [*self._top, *self._below]
        elif self._next_rank > 0 and self.in_order:
            candidates = self._top
        else:
            candidates = []
        return tuple(entry for entry in candidates if entry.key == key)

    def old(self, key: str) -> tuple[LibraryEntry, ...]:
        """Return the entries of this name that are proved to have been there before.

        With no knowledge of earlier (``before`` is None) that is everything of this name.
        """
        return tuple(entry for entry in self._old if entry.key == key)

    def unproved(self, key: str) -> tuple[LibraryEntry, ...]:
        """Return the entries of this name of which neither can be proved."""
        told = {entry.creative_id for entry in (*self.new(key), *self.old(key))}
        return tuple(
            entry
            for entry in self._seen.values()
            if entry.key == key and entry.creative_id not in told
        )

    def alike(self, key: str) -> tuple[LibraryEntry, ...]:
        """Return the entries, not proved old, that may be this name as a platform changed it."""
        old = {entry.creative_id for entry in self._old}
        return tuple(
            entry
            for entry in self._seen.values()
            if entry.creative_id not in old
            and entry.key != key
            and may_be_shown_as(key, entry.name)
        )

    @property
    def _old(self) -> list[LibraryEntry]:
        """What is proved to have been there before."""
        if self._before is None:
            return list(self._seen.values())
        known = [entry for entry in self._seen.values() if entry.creative_id in self._rank]
        whole = self._next_rank == len(self._rank)
        if not self._before.complete and self.in_order and whole and self.ended:
            known += self._below
        return known
