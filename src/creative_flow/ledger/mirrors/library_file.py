"""The library mirror's file: written as a whole or appended to, and remembered."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from creative_flow.ledger.mirrors import disk
from creative_flow.ledger.mirrors.cells import line
from creative_flow.ledger.mirrors.disk import Stamp, TouchedMeanwhile
from creative_flow.ledger.mirrors.rows import COLUMNS, header, written
from creative_flow.ledger.mirrors.state import State, Unfinished

if TYPE_CHECKING:
    from creative_flow.ledger.ledger import Ledger
    from creative_flow.ledger.records import KnownEntry


class _ColumnsLacking(Exception):
    """The library holds cells for columns that the file would not have."""


class LibraryFile:
    """One account's library in one file.

    Writing raises `TouchedMeanwhile` if the file is not what the caller has seen, so that nobody's
    changes are overwritten unread.
    """

    def __init__(self, ledger: Ledger, path: Path, platform: str, account: str) -> None:
        self._ledger = ledger
        self.path = path
        self._platform = platform
        self._account = account

    def entries(self, *, after: int = 0) -> Iterator[KnownEntry]:
        """Yield the ledger's entries behind a position."""
        return self._ledger.entries(self._platform, self._account, after=after)

    @property
    def head(self) -> int:
        """How far the ledger has come."""
        return self._ledger.head(self._platform, self._account)

    @property
    def stamp(self) -> Stamp | None:
        """The file's stamp, None if there is no file."""
        with disk.blaming(self.path):
            return Stamp.of(self.path)

    @property
    def state(self) -> State | None:
        """What was written last, None if nothing was."""
        packed = self._ledger.mirror_state(self.path)
        return None if packed is None else State.read(packed)

    def remember(self, state: State) -> None:
        """Remember that the file is as ``state`` says, with the stamp it has now."""
        stamp = self.stamp
        if stamp is None or stamp.size != state.fingerprint.size:
            raise TouchedMeanwhile
        now = evolve(state, stamp=stamp, checked_ns=time.time_ns())
        self._ledger.remember_mirror(self.path, now.packed())

    def counted(self, state: State) -> State:
        """Return the state with the changes counted in that its rows lack by now.

        Only what is new is looked at; a row that changed twice counts twice.
        """
        head = self.head
        since = max(state.fresh, state.counted)
        new = self._ledger.changed(self._platform, self._account, since=since, upto=state.upto)
        return evolve(state, lagging=state.lagging + new, counted=head)

    def append_new(self, state: State, stamp: Stamp) -> bool:
        """Append the entries that came in; return False if the file has no column for them."""
        head = self.head
        parts = []
        for entry in self.entries(after=state.upto):
            if entry.position > head:
                break
            if entry.forgotten:
                continue
            if not set(entry.extra) <= set(state.own):
                return False
            parts.append(written(entry, state.own))
        self.append(state, stamp, "".join(parts).encode(), head)
        return True

    def append(self, state: State, stamp: Stamp, data: bytes, upto: int) -> None:
        """Append to the file of this stamp where ``state`` ends; what stands behind that goes.

        It then holds the entries up to a position.
        """
        disk.append(self.path, data, at=state.fingerprint.size, size=stamp.size)
        self.remember(
            evolve(
                state,
                fingerprint=state.fingerprint.plus(data),
                upto=upto,
                fresh=state.fresh if state.lagging else max(state.fresh, state.counted),
            )
        )

    def write(
        self,
        stamp: Stamp | None,
        state: State | None,
        *,
        own: Sequence[str] = (),
        unfinished: Unfinished | None = None,
    ) -> None:
        """Write everything from the ledger in place of the file of this stamp.

        ``own`` are the headings of the user's columns, ``unfinished`` their rows without an id;
        what ``state`` has of them stays.
        """
        if unfinished is None:
            unfinished = state.unfinished if state else ()
        columns = list(dict.fromkeys([*own, *(state.own if state else ())]))
        head = self.head
        while True:
            lacking: dict[str, None] = {}
            try:
                lines = self._lines(columns, head, unfinished, lacking)
                fingerprint = disk.replace(self.path, lines, stamp)
                break
            except _ColumnsLacking:
                columns += lacking
        self.remember(
            State(
                stamp=Stamp(0, 0, 0),
                fingerprint=fingerprint,
                checked_ns=0,
                upto=head,
                fresh=head,
                counted=head,
                own=tuple(columns),
                unfinished=unfinished,
            )
        )

    def _lines(
        self, own: Sequence[str], head: int, unfinished: Unfinished, lacking: dict[str, None]
    ) -> Iterator[bytes]:
        """Yield the file's lines. Raises `_ColumnsLacking` if entries have other columns too."""
        yield header(own).encode()
        for entry in self.entries():
            if entry.position > head:
                break
            if not entry.forgotten:
                lacking.update(dict.fromkeys(name for name in entry.extra if name not in own))
                yield written(entry, own).encode()
        for row in unfinished:
            yield line(row.get(column, "") for column in (*COLUMNS, *own)).encode()
        if lacking:
            raise _ColumnsLacking
