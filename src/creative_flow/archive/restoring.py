"""Back from a batch folder to where the files came from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

from creative_flow.archive.ground import AnyPath, as_workspace, holding, ignore, in_groups
from creative_flow.archive.manifest import NAME, Entry, Manifest
from creative_flow.archive.moves import Facts, Move, Mover, NotMoved
from creative_flow.archive.results import Left, Moved, RestoreReport
from creative_flow.errors import UsageError, WorkspaceError
from creative_flow.events import Listener, Progressed
from creative_flow.failpoints import failpoint
from creative_flow.moving import digest
from creative_flow.workspace import Workspace

_MARKED_AT_ONCE = 1_000
"""The manifest is written anew once for so many files: each time, that is the whole of it."""


def restore(
    batches: Sequence[str] = (),
    *,
    workspace: Workspace | AnyPath = ".",
    dry_run: bool = False,
    by_copy: bool = False,
    on_event: Listener | None = None,
) -> RestoreReport:
    """Move archived files back to where they came from; report on every file.

    ``batches`` name batch folders (``batch_AB12-20261121``, or ``AB12``); none stands for all. A
    file whose place is taken by another one stays, and so does one that is no longer what was
    archived. ``dry_run`` and ``by_copy`` are as in `archive_files`. Stopped at any point, the same
    call goes on.

    ``on_event`` is told how far it is (`Progressed`). Raises `UsageError` for a batch that is not
    there, `WorkspaceError` if another process is at work in the archive.
    """
    place = as_workspace(workspace)
    folders = _folders(place, batches)
    work = _Work(place, Mover(by_copy=by_copy), on_event or ignore, dry_run)
    with nullcontext() if dry_run or not folders else holding(place):
        work.carry_out(folders)
    return RestoreReport(
        moved=tuple(work.moved),
        left=tuple(work.left),
        dry_run=dry_run,
        notices=tuple(work.notices),
    )


def _folders(place: Workspace, batches: Sequence[str]) -> list[Path]:
    """Return the batch folders that are meant. Raises `UsageError` for one that is not there."""
    there = sorted(path.parent for path in place.archive.glob(f"batch_*/{NAME}"))
    if not batches:
        return there
    found = []
    for batch in batches:
        name = Path(batch).name
        meant = [it for it in there if it.name == name] or [
            it for it in there if it.name.startswith(f"batch_{name.upper()}-")
        ]
        if len(meant) != 1:
            names = ", ".join(it.name for it in (meant or there)[:5]) or "none"
            what = "Several batches are" if meant else "There is no batch"
            raise UsageError(f"{what} {batch!r} in {place.archive}.", hint=f"There is: {names}.")
        found += meant
    return list(dict.fromkeys(found))


class _Work:
    """What was done so far."""

    def __init__(self, place: Workspace, mover: Mover, tell: Listener, dry_run: bool) -> None:
        self.moved: list[Moved] = []
        self.left: list[Left] = []
        self.notices: list[str] = []
        self._place = place
        self._mover = mover
        self._tell = tell
        self._dry_run = dry_run

    def carry_out(self, folders: Sequence[Path]) -> None:
        """Restore whole batches. What can't be done is reported, and stays."""
        manifests = []
        for folder in folders:
            try:
                manifests.append(Manifest(folder / NAME, self._place.kept_aside))
            except WorkspaceError as error:
                self.left.append(Left(folder, str(error), failed=True))
        of = sum(len(manifest.archived) for manifest in manifests)
        for manifest in manifests:
            back: list[Entry] = []
            try:
                for group in in_groups(manifest.archived, lambda it: it.size):
                    back += self._restore(manifest, group, of)
                    if len(back) >= _MARKED_AT_ONCE:
                        self._mark(manifest, back)
                        back = []
                self._mark(manifest, back)
            except WorkspaceError as error:
                self.left.append(Left(manifest.path, str(error), failed=True))
            self.notices += manifest.notices

    def _restore(self, manifest: Manifest, group: Sequence[Entry], of: int) -> list[Entry]:
        """Restore some files; return the rows of all that are back."""
        planned = []
        back: list[Entry] = []
        for entry in group:
            source = manifest.path.parent / entry.place
            target = self._place.root / entry.path
            move = Move(source, target, entry.sha256, Facts(0, 0, 0, 0))
            try:
                if _is_back(move):
                    back.append(entry)
                    continue
            except NotMoved as reason:
                move.why = str(reason)
            except OSError as error:
                move.why = f"it can't be read: {error.strerror or error}"
            planned.append((move, entry))
        if not self._dry_run:
            moves = [move for move, _ in planned]
            self._mover.prepare(moves)
            self._mover.place(moves)
            self._mover.remove(moves)
            back += [entry for move, entry in planned if move.goes_on]
        for move, entry in planned:
            if move.goes_on:
                self.moved.append(_moved(move, entry))
            else:
                self.left.append(Left(move.source, move.why, failed=True))
        self._tell(Progressed("restoring", len(self.moved) + len(self.left), of))
        return back

    def _mark(self, manifest: Manifest, back: Sequence[Entry]) -> None:
        if back and not self._dry_run:
            at = datetime.now().astimezone().isoformat(timespec="seconds")
            with failpoint("archive.mark"):
                manifest.mark_restored(back, at)


def _is_back(move: Move) -> bool:
    """Look at both ends of a move; say whether the file is back already.

    Raises `NotMoved` where the file must stay.
    """
    facts, there = Facts.of(move.source), Facts.of(move.target)
    if facts is None:
        if there is not None and digest(move.target) == move.sha256:
            return True  # it was moved, and then something kept that from being written down
        raise NotMoved("it is not in the archive any more, nor where it came from")
    move.facts = facts
    if digest(move.source) != move.sha256:
        raise NotMoved("its content is no longer what the manifest says")
    if there is None:
        if os.path.lexists(move.target):
            raise NotMoved(f"{move.target} is something else, and nothing is overwritten")
        return False
    move.there = there.is_same_file(facts) or digest(move.target) == move.sha256
    move.held = not there.size and facts.size > 0
    if not move.there and not move.held:
        raise NotMoved(f"another file lies at {move.target}, and nothing is overwritten")
    return False


def _moved(move: Move, entry: Entry) -> Moved:
    return Moved(
        path=move.source,
        to=move.target,
        size=entry.size,
        sha256=entry.sha256,
        creative_id=entry.creative_id,
        ad_format=entry.ad_format,
        platform=entry.platform,
        account=entry.account,
        run=entry.run,
        already=move.there,
    )
