"""What each source shall be called, and who is asked where nothing is known."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from creative_flow.errors import UsageError
from creative_flow.naming import Fields, Grammar, ids_in
from creative_flow.platform import PlatformInfo
from creative_flow.process import metadata
from creative_flow.process.fields import Resolved, grammar, resolve, tells
from creative_flow.process.fields import ask as ask_about
from creative_flow.process.find import Source
from creative_flow.workspace import Workspace

Ask = Callable[[str, str], str]
"""Asks a person a question, with the answer that is suggested; returns the answer."""


class Names:
    """Finds the fields of sources: their names', their folders', the settings'.

    ``ask`` is asked, once for a folder, where only the settings would say something, and the answer
    is remembered; without it that is told to ``notify``, with whether it is a warning.
    """

    def __init__(
        self,
        place: Workspace,
        info: PlatformInfo | None,
        *,
        ask: Ask | None,
        notify: Callable[[str, bool], None],
    ) -> None:
        """Read what the user says of folders. Raises `UsageError` for a table that is none."""
        self.grammar: Grammar = grammar(place.settings)
        self._place = place
        self._ad_formats = info.ad_formats if info else ()
        self._ask = ask
        self._notify = notify
        self._metadata = metadata.read(place.metadata_csv)
        self._told: set[str] = set()
        self._plain: dict[tuple[str, int | None], Resolved] = {}
        for problem in self._metadata.problems:
            notify(problem, True)

    def fields(self, source: Source, seconds: int | None) -> tuple[Fields, tuple[str, ...]]:
        """Return what is known of a source, with its own id if its name has one, and notes.

        Raises `UsageError` saying what of it can't be used, and where it comes from.
        """
        found = self._resolve(source, seconds)
        if found.unknown and source.folder not in self._told:
            self._told.add(source.folder)
            if self._ask is not None:
                self._introduce(source)
                row = ask_about(source.folder, self._ask, self._place.settings, self._ad_formats)
                metadata.remember(self._place.metadata_csv, row)
                self._metadata = metadata.read(self._place.metadata_csv)
                self._plain.clear()
                found = self._resolve(source, seconds)
            else:
                self._report(source, found)
        if found.problems:
            raise UsageError("; ".join(found.problems))
        known = found.fields
        own = found.own_id if found.own_id.count("-") == 1 else ""
        return evolve(known, unique_id=own) if own else known, found.notes

    def _resolve(self, source: Source, seconds: int | None) -> Resolved:
        stem = source.path.stem
        if tells(stem, self.grammar):
            return self._found(source, seconds)
        # Of any other name only the id counts, so that one answer does for the folder.
        key = source.folder, seconds
        if key not in self._plain:
            self._plain[key] = self._found(source, seconds)
        own_id = ids_in(stem)[0]
        known = self._plain[key]
        return evolve(known, own_id=own_id) if own_id != known.own_id else known

    def _found(self, source: Source, seconds: int | None) -> Resolved:
        return resolve(
            source.path.name,
            source.folder,
            metadata=self._metadata,
            settings=self._place.settings,
            grammar=self.grammar,
            ad_formats=self._ad_formats,
            seconds=seconds,
        )

    def _introduce(self, source: Source) -> None:
        """Say why somebody is about to be asked."""
        self._notify(
            f"Nothing is said of the folder {_shown(source)!r} yet. The answers are kept in "
            f"tracking/{self._place.metadata_csv.name}; nothing is made before all are given.",
            False,
        )

    def _report(self, source: Source, found: Resolved) -> None:
        told = ", ".join(
            f"{field} {getattr(found.fields, field)} (from {where})"
            for field, where in found.sources.items()
        )
        table = self._place.metadata_csv.name
        self._notify(
            f"Nothing is said of the folder {_shown(source)!r}: {told}. "
            f"To say more, add a row for it to tracking/{table}.",
            False,
        )


def _shown(source: Source) -> str:
    """Return what a person calls the folder that a source lies in."""
    folder = f"source_files/{source.folder}".rstrip("/.") if source.moves else source.folder
    return folder or str(source.path.parent)
