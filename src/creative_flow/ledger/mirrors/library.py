"""The library as a CSV file: it grows with the ledger, and some of a user's edits are read back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from creative_flow.creative import AdFormat
from creative_flow.errors import WorkspaceError
from creative_flow.ledger.mirrors import disk
from creative_flow.ledger.mirrors.complaints import Complaints
from creative_flow.ledger.mirrors.disk import Fingerprint, Stamp, TouchedMeanwhile
from creative_flow.ledger.mirrors.edits import Comparison, Edits, Written
from creative_flow.ledger.mirrors.library_file import LibraryFile
from creative_flow.ledger.mirrors.rows import COLUMNS, written
from creative_flow.ledger.mirrors.spreadsheet import Sheet, Unreadable
from creative_flow.ledger.mirrors.state import State, Unfinished
from creative_flow.ledger.mirrors.tail import appended, may_be_torn
from creative_flow.ledger.mirrors.words import AdFormatWords
from creative_flow.ledger.records import KnownEntry

if TYPE_CHECKING:
    from creative_flow.ledger.ledger import Ledger

_REQUIRED = ("creative_id", "filename")
_ATTEMPTS = 5
_SMALL = 2_000
"""A file of up to this many rows is written anew as soon as one of them has changed."""
_LARGE_SHARE = 20
"""A larger one, when one row in so many has."""

ConfirmForget = Callable[[int], bool]


class LibraryMirror:
    """Keeps a CSV file and an account's library in the ledger in step.

    Rows are appended; where one that stands there has changed, the file is written anew, but a
    large one only when many have. What a user changed is read by `take_in`. Calls raise
    `WorkspaceError` if the file can't be read or written and `LedgerError` if the ledger can't.
    """

    def __init__(
        self,
        ledger: Ledger,
        path: Path,
        *,
        platform: str,
        account: str,
        ad_formats: Sequence[AdFormat],
        kept_aside: Path,
    ) -> None:
        """Mirror to ``path``; ``kept_aside`` is the folder for copies of what was restored."""
        self._ledger = ledger
        self._file = LibraryFile(ledger, path, platform, account)
        self._path = path
        self._platform = platform
        self._account = account
        self._words = AdFormatWords(ad_formats)
        self._kept_aside = kept_aside
        self._notify: Callable[[str], None] = lambda _: None

    def take_in(
        self, *, notify: Callable[[str], None], confirm_forget: ConfirmForget | None
    ) -> Edits:
        """Read what a user changed since the file was written; restore what does not count.

        ``notify`` is told each message. ``confirm_forget`` asks a person whether that many entries
        shall be forgotten, when the file was cleared to its header; without it nothing is.
        """
        self._notify = notify
        return self._until_quiet(lambda: self._look(confirm_forget))

    def follow(self) -> None:
        """Write what the ledger has and the file lacks. The cost is that of what was added."""
        self._until_quiet(self._catch_up)

    def rewrite(self) -> None:
        """Write the file anew from the ledger, after taking in what a user changed."""

        def work() -> Edits:
            edits = self._look(None)
            self._file.write(self._file.stamp, self._file.state)
            return edits

        self._until_quiet(work)

    def _until_quiet(self, work: Callable[[], Edits]) -> Edits:
        """Do the work; if somebody else writes the file meanwhile, do it again."""
        for _ in range(_ATTEMPTS):
            try:
                edits = work()
            except TouchedMeanwhile:
                continue
            for message in edits.messages:
                self._notify(message)
            return edits
        raise WorkspaceError(
            f"{self._path} is being changed all the time.",
            hint="Close it in the other program and run again.",
        )

    def _catch_up(self) -> Edits:
        state, stamp = self._file.state, self._file.stamp
        edits = Edits()
        if state is None or stamp != state.stamp:
            edits = self._look(None)
            state, stamp = self._file.state, self._file.stamp
        if state is None or stamp is None:
            self._file.write(stamp, state)
            return edits
        if self._file.head == max(state.upto, state.fresh):
            return edits
        state = self._file.counted(state)
        due = state.lagging and (state.upto <= _SMALL or state.lagging * _LARGE_SHARE >= state.upto)
        if due or not self._file.append_new(state, stamp):
            self._file.write(stamp, state)
        return edits

    def _look(self, confirm_forget: ConfirmForget | None) -> Edits:
        """Find out whether the file is as it was written, and if not, what was done to it."""
        state, stamp = self._file.state, self._file.stamp
        if stamp is None:
            if state is None and self._file.head == 0:
                return Edits()
            self._file.write(None, state)
            return self._restored("was gone", state)
        if state is None:
            return self._look_at_all(stamp, None, confirm_forget)
        if state.is_untouched(stamp):
            return Edits()
        with disk.blaming(self._path):
            as_written = (
                stamp.size >= state.fingerprint.size
                and Fingerprint.of(self._path, state.fingerprint.size) == state.fingerprint
            )
        if not as_written:
            return self._look_at_all(stamp, state, confirm_forget)
        if stamp.size > state.fingerprint.size:
            return self._look_at_tail(stamp, state)
        self._file.remember(state)
        return Edits()

    def _look_at_all(
        self, stamp: Stamp, state: State | None, confirm_forget: ConfirmForget | None
    ) -> Edits:
        if stamp.size == 0:
            self._file.write(stamp, state)
            return self._restored("was empty", state)
        complaints = Complaints(self._path.name)
        comparison = self._comparison(complaints, state)
        columns: tuple[str, ...] = ()
        to_end = False
        with disk.blaming(self._path):
            try:
                headings = (*COLUMNS, "notes", *(state.own if state else ()))
                sheet = Sheet.open(self._path, headings, _REQUIRED)
                columns = sheet.columns
                comparison.take(sheet.rows(), columns)
                to_end = True
            except Unreadable as reason:
                complaints.add(f"{reason}.")
        own = tuple(name for name in columns if name not in COLUMNS)
        if to_end and not comparison.rows and set(COLUMNS) <= set(columns):
            return self._cleared(stamp, state, confirm_forget)
        for column in (*COLUMNS, *(state.own if state else ())) if to_end else ():
            if column not in columns:
                complaints.add("the column is gone; it is written again.", column=column)
        comparison.close(to_end=to_end)
        # A heading that was left empty or cut off counts only if something stands below it.
        used = comparison.used_columns
        if not comparison.rows:
            own = ()
        own = tuple(name for name in own if not name.startswith("column ") or name in used)
        kept = state.unfinished if state and not to_end else ()
        return self._restore(stamp, state, comparison, complaints, own=own, kept=kept)

    def _cleared(
        self,
        stamp: Stamp,
        state: State | None,
        confirm_forget: ConfirmForget | None,
    ) -> Edits:
        """Only the header is left: forget what stood there, if a person says so."""
        wanted = [
            (entry.ad_format, entry.creative_id)
            for entry in self._file.entries()
            if state and entry.position <= state.upto and not entry.forgotten
        ]
        if wanted and confirm_forget is not None and confirm_forget(len(wanted)):
            self._ledger.forget(self._platform, self._account, wanted)
            self._file.write(stamp, state, unfinished=())
            message = f"{self._path.name} was cleared: {len(wanted)} creatives are forgotten."
            return Edits(forgotten=len(wanted), messages=(message,))
        self._file.write(stamp, state)
        if not wanted:
            return Edits()
        why = "you said no" if confirm_forget else "that is asked for in a terminal only"
        return self._restored(f"was cleared, but nothing is forgotten ({why})", state)

    def _look_at_tail(self, stamp: Stamp, state: State) -> Edits:
        """Read what stands behind the part that was written from here."""
        with disk.blaming(self._path), self._path.open("rb") as file:
            file.seek(state.fingerprint.size)
            tail = file.read(stamp.size - state.fingerprint.size)
        state, rest, next_entry = self._own_rows(state, tail)
        if not rest or (next_entry and written(next_entry, state.own).encode().startswith(rest)):
            # A crash came between writing and remembering, or tore the last line.
            self._file.append(state, stamp, b"", state.upto)
            return Edits()
        complaints = Complaints(self._path.name)
        comparison = self._comparison(complaints, state, appended_only=True)
        columns = (*COLUMNS, *state.own)
        try:
            rows = list(appended(rest, state.fingerprint.lines, len(columns)))
            if next_entry is not None and may_be_torn(rows, rest, next_entry, state.own):
                complaints.add("the row follows one that was cut off.", line=rows[0].number)
                rows = rows[1:]
            comparison.take(rows, columns)
        except Unreadable as reason:
            complaints.add(f"{reason}.")
        comparison.close(to_end=True)
        if complaints.count or comparison.matched or next_entry is not None:
            return self._restore(stamp, state, comparison, complaints, kept=state.unfinished)
        # All is new and stands in the ledger's order: the file may stay as the user left it.
        if self._file.stamp != stamp:
            raise TouchedMeanwhile
        state = evolve(
            self._file.counted(state),
            fingerprint=state.fingerprint.plus(rest),
            unfinished=(*state.unfinished, *comparison.unfinished),
        )
        end = b"" if rest.endswith(b"\n") else b"\n"
        self._file.append(state, stamp, end, self._file.head)
        return self._edits(comparison, complaints, None)

    def _own_rows(self, state: State, tail: bytes) -> tuple[State, bytes, KnownEntry | None]:
        """Skip the rows that `follow` wrote; return what is left, and what it would write next."""
        for entry in self._file.entries(after=state.upto):
            if entry.forgotten:
                continue
            row = written(entry, state.own).encode()
            if not tail.startswith(row):
                return state, tail, entry
            tail = tail[len(row) :]
            state = evolve(state, fingerprint=state.fingerprint.plus(row), upto=entry.position)
        return state, tail, None

    def _restore(
        self,
        stamp: Stamp,
        state: State | None,
        comparison: Comparison,
        complaints: Complaints,
        *,
        own: Sequence[str] = (),
        kept: Unfinished = (),
    ) -> Edits:
        """Write the file anew; if something in it does not count, keep the user's aside first."""
        aside = disk.keep_aside(self._path, self._kept_aside) if complaints.count else None
        self._file.write(stamp, state, own=own, unfinished=(*kept, *comparison.unfinished))
        return self._edits(comparison, complaints, aside)

    def _edits(self, comparison: Comparison, complaints: Complaints, aside: Path | None) -> Edits:
        name = self._path.name
        messages = list(complaints.lines())
        if aside is not None:
            messages.append(f"{name} is restored from the ledger; your file is kept as {aside}.")
        if waiting := len(comparison.unfinished):
            messages.append(
                f"{name}: {waiting} rows without Creative ID are kept; they don't count."
            )
        return Edits(
            rows_added=comparison.rows_added,
            statuses_filled=comparison.statuses_filled,
            rows_noted=comparison.rows_noted,
            restored=complaints.count,
            messages=tuple(messages),
            kept_aside=aside,
        )

    def _restored(self, what: str, state: State | None) -> Edits:
        """Return edits that say what had become of a file that was known."""
        if state is None:
            return Edits()
        return Edits(messages=(f"{self._path.name} {what}; it is written again from the ledger.",))

    def _comparison(
        self, complaints: Complaints, state: State | None, *, appended_only: bool = False
    ) -> Comparison:
        return Comparison(
            self._ledger,
            self._platform,
            self._account,
            words=self._words,
            complaints=complaints,
            written=Written(state.upto, state.fresh) if state else None,
            appended_only=appended_only,
        )
