"""Records what was made, and moves sources away once their results stand.

A group of files is recorded in one transaction before it is made and in one after; sources move
only then. What a crash leaves is taken up by the next run: its rows say what was being made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from creative_flow.durable import make_folder, sync_folder
from creative_flow.errors import WorkspaceError
from creative_flow.failpoints import failpoint
from creative_flow.ledger.mirrors.disk import Stamp
from creative_flow.ledger.prepared import Part, Prepared
from creative_flow.moving import Move, copy, move, place
from creative_flow.process.group import Made
from creative_flow.process.items import Task
from creative_flow.process.make import NotMade, sweep
from creative_flow.processed import Fate, Processed, Way
from creative_flow.workspace import Workspace

if TYPE_CHECKING:
    from creative_flow.ledger.anyledger import AnyLedger
    from creative_flow.ledger.inventory import Inventory

_CHANGED = OSError("it was changed after it was read")


@frozen
class Books:
    """What a run writes to the inventory, and what follows from it for the sources."""

    place: Workspace
    ledger: AnyLedger
    inventory: Inventory

    def announce(self, tasks: Iterable[Task]) -> None:
        """Record what is about to be made."""
        rows = [target.row for task in tasks for target in task.targets]
        with failpoint("inventory.plan"):
            self.inventory.plan(rows)

    def conclude(self, results: Sequence[tuple[Task, Made]]) -> list[Processed]:
        """Record what stands, then move the sources of it away."""
        folders = {
            row.path.rpartition("/")[0]
            for _, made in results
            if not isinstance(made, NotMade)
            for row in made
        }
        try:
            for folder in folders:
                sync_folder(self.place.root / folder)
        except OSError as error:
            raise WorkspaceError(
                f"{error.filename or self.place.uploaded} can't be flushed: {error.strerror}.",
                hint="Check the disk and run it again.",
            ) from error
        new: list[Prepared] = []
        as_planned: list[Prepared] = []
        ended: list[Processed] = []
        for task, made in results:
            if isinstance(made, NotMade):
                ended.append(Processed(task.source.path, Fate.FAILED, error=str(made)))
                continue
            originals = tuple(
                evolve(target.row, ready=True)
                for target in task.targets
                if target.row.part is Part.ORIGINAL
            )
            as_planned += originals
            (as_planned if task.way is Way.COPY else new).extend(made)
            rows = (*made, *originals)
            notes = tuple(dict.fromkeys(row.notes for row in made if row.notes))
            ended.append(Processed(task.source.path, Fate.MADE, rows, way=task.way, notes=notes))
        with failpoint("inventory.finish"):
            self.inventory.finish(new, as_planned=as_planned)
        of = {task.source.path: task for task, _ in results}
        stand = {done.source: done.made for done in ended if done.fate is Fate.MADE}
        with failpoint("process.source"):
            went = self._put_away(
                {
                    path: (rows, of[path].sha256)
                    for path, rows in stand.items()
                    if _stamp(path) == of[path].stamp
                }
            )
        with failpoint("inventory.moved"):
            self.inventory.moved(
                {
                    row.unique_id: where
                    for path, rows in stand.items()
                    for row in rows
                    if isinstance(where := went.get(path), str)
                }
            )
        return [
            _and_its_source(done, went.get(done.source, _CHANGED)) if done.made else done
            for done in ended
        ]

    # ---- what an earlier run left

    def take_up(self) -> None:
        """Undo what a crash left half done, and move sources that were not moved yet."""
        for row in self.inventory.unready():
            if row.part is not Part.ORIGINAL:
                sweep(self.place.root / row.path)
        left: dict[Path, list[Prepared]] = {}
        for row in self.inventory.unmoved():
            left.setdefault(self.place.root / row.source, []).append(row)
        still: dict[Path, tuple[Sequence[Prepared], str]] = {}
        moved: dict[str, str] = {}
        for path, rows in left.items():
            if path.is_file() and self.ledger.sha256(path) == rows[0].source_sha256:
                still[path] = (rows, rows[0].source_sha256)
            else:  # it was moved, or taken away: nobody can say more
                moved |= {row.unique_id: _where_kept(rows, self.place.root) for row in rows}
        for path, where in self._put_away(still).items():
            if isinstance(where, str):
                moved |= {row.unique_id: where for row in left[path]}
        if moved:
            self.inventory.moved(moved)

    # ---- the sources

    def _put_away(
        self, sources: Mapping[Path, tuple[Sequence[Prepared], str]]
    ) -> dict[Path, str | OSError]:
        """Move sources, with what was made of each and its hash, to the archive.

        Returns where each is now, relative to the workspace (``.``: where it was), or why it could
        not be moved.
        """
        went: dict[Path, str | OSError] = {}
        moves = []
        raw, archived, root = (
            f"{folder}/"
            for folder in (self.place.source_files, self.place.archived_sources, self.place.root)
        )
        for path, (rows, sha256) in sources.items():
            original = next((row for row in rows if row.part is Part.ORIGINAL), None)
            if str(path).startswith(raw):
                target = archived + str(path).removeprefix(raw)
                if original is not None:
                    target = str(self.place.root / original.path)
                moves.append(Move(path, target, sha256))
            elif original is None:
                went[path] = "."  # it is not the workspace's to move
            else:
                went[path] = _kept(path, self.place.root, original.path, sha256)
        for path, there in move(moves).items():
            went[path] = there if isinstance(there, OSError) else there.removeprefix(root)
        return went


def _stamp(path: Path) -> Stamp | None:
    try:
        return Stamp.of(path)
    except OSError:
        return None


def _kept(source: Path, root: Path, path: str, sha256: str) -> str | OSError:
    """Copy a source that stays where it is; return where the copy is, or why there is none."""
    target = root / path
    beside = target.with_name(f".{target.name}.part")
    try:
        make_folder(target.parent)
        beside.unlink(missing_ok=True)
        if not target.exists():
            copy(source, beside, sha256)
            place(beside, target)
            sync_folder(target.parent)
    except OSError as error:
        return error
    return path


def _where_kept(rows: Sequence[Prepared], root: Path) -> str:
    """Return where a source is that was moved, as far as its rows tell."""
    kept = [row.path for row in rows if row.part is Part.ORIGINAL and (root / row.path).exists()]
    return kept[0] if kept else "."


def _and_its_source(done: Processed, went: str | OSError) -> Processed:
    """Say so where a source could not be moved away."""
    if isinstance(went, str):
        return done
    why = f"its source stays where it is: {went.strerror or went}"
    return evolve(done, notes=(*done.notes, why))
