"""From ``uploaded/`` to ``archive/batch_{ID}-{date}/``: what is up makes room for what is not."""

from __future__ import annotations

import re
import stat
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path, PurePosixPath

from attrs import evolve

from creative_flow.archive.find import Finder, Found
from creative_flow.archive.ground import (
    AnyPath,
    as_workspace,
    check_names,
    holding,
    ignore,
    in_groups,
)
from creative_flow.archive.manifest import NAME, Entry, Manifest
from creative_flow.archive.moves import Facts, Move, Mover
from creative_flow.archive.results import (
    ArchiveReport,
    Left,
    Moved,
)
from creative_flow.errors import UsageError, WorkspaceError
from creative_flow.events import Listener, Progressed
from creative_flow.failpoints import failpoint
from creative_flow.ledger import Ledger
from creative_flow.moving import digest
from creative_flow.workspace import Workspace

_RUN = re.compile(r"(\d{8})-\d{6}-([0-9a-f]+)")


def archive_files(
    paths: Sequence[AnyPath] | None = None,
    *,
    workspace: Workspace | AnyPath = ".",
    platform: str = "",
    account: str = "",
    dry_run: bool = False,
    by_copy: bool = False,
    on_event: Listener | None = None,
) -> ArchiveReport:
    """Move what is up to the batch folder of the run that uploaded it; report on every file.

    ``paths`` are files and folders of the workspace, None stands for ``uploaded/``. A file is up if
    its content was uploaded under its name, to ``platform`` and ``account`` (empty: any), and has a
    Creative ID on record; of a native pair both halves must be. ``dry_run`` only tells. ``by_copy``
    copies even where a hard link would do. Stopped at any point, the same call goes on.

    ``on_event`` is told how far it is (`Progressed`). Raises `UsageError` for paths that are none
    of the workspace's, `WorkspaceError` if another process is at work in the archive, and
    `LedgerError`.
    """
    place = as_workspace(workspace)
    tell = on_event or ignore
    if paths is None and not place.uploaded.is_dir():
        raise UsageError(
            f"There is no folder uploaded/ in {place.root}.",
            hint="Name your workspace with --workspace, or the files to archive.",
        )
    place.prepare()
    with Ledger.open(place.ledger_url) as ledger:
        check_names(ledger, platform, account)
        with nullcontext() if dry_run else holding(place):
            finder = Finder(place, ledger, platform, account, tell)
            found, left = finder.find(None if paths is None else [Path(path) for path in paths])
            work = _Work(place, Mover(by_copy=by_copy), tell, len(found))
            batches: defaultdict[str, list[Found]] = defaultdict(list)
            for it in found:
                batches[_batch_name(it.upload.run)].append(it)
            for name in sorted(batches):
                work.batch(place.archive / name, batches[name], dry_run=dry_run)
    return ArchiveReport(
        moved=tuple(work.moved),
        left=(*left, *work.left),
        dry_run=dry_run,
        notices=tuple(work.notices),
        root=place.archive,
    )


class _Work:
    """What was done so far, batch folder by batch folder."""

    def __init__(self, place: Workspace, mover: Mover, tell: Listener, of: int) -> None:
        self.moved: list[Moved] = []
        self.left: list[Left] = []
        self.notices: list[str] = []
        self._place = place
        self._mover = mover
        self._tell = tell
        self._of = of

    def batch(self, folder: Path, files: Sequence[Found], *, dry_run: bool) -> None:
        """Archive the files of one run. What can't be done is reported, and stays."""
        waiting = list(files)
        try:
            manifest = Manifest(folder / NAME, self._place.kept_aside)
        except WorkspaceError as error:
            self._stay(waiting, str(error))
            return
        targets = _Targets(folder, manifest)
        try:
            for group in in_groups(files, lambda it: it.facts.size):
                planned = [self._plan(it, targets) for it in group]
                waiting = waiting[len(group) :]
                if not dry_run:
                    self._carry_out(manifest, planned)
                for it, move, entry in planned:
                    if move.goes_on:
                        self.moved.append(_moved(it, move, entry))
                    else:
                        self.left.append(Left(it.path, move.why, failed=True))
                self._tell(Progressed("archiving", len(self.moved) + len(self.left), self._of))
        except WorkspaceError as error:  # the manifest: without it nothing goes there
            self._stay([*group, *waiting], str(error))
        self.notices += manifest.notices

    def _plan(self, it: Found, targets: _Targets) -> tuple[Found, Move, Entry]:
        path = it.path.relative_to(self._place.root).as_posix()
        upload = it.upload
        entry = Entry(
            name=it.path.name,
            size=it.facts.size,
            sha256=upload.sha256,
            creative_id=upload.creative_id,
            path=path,
            ad_format=upload.ad_format,
            platform=upload.platform,
            account=upload.account,
            run=upload.run,
            archived_at=datetime.now().astimezone().isoformat(timespec="seconds"),
        )
        move = Move(it.path, it.path, upload.sha256, it.facts)
        try:
            entry = targets.choose(entry, move)
        except OSError as error:
            move.why = f"{targets.folder}: {error.strerror or error}"
        return it, move, entry

    def _carry_out(self, manifest: Manifest, planned: Sequence[tuple[Found, Move, Entry]]) -> None:
        """Move a group: whole copies first, then the rows, then the names, then the sources go."""
        moves = [move for _, move, _ in planned]
        new = [
            (move, entry)
            for _, move, entry in planned
            if manifest.of(entry.path, entry.sha256) != entry
        ]
        self._mover.prepare(moves)
        with failpoint("archive.manifest"):
            manifest.append([entry for move, entry in new if move.goes_on])
        self._mover.place(moves)
        # A row is there for what lies there, whatever becomes of the source.
        absent = [
            entry
            for move, entry in new
            if not move.goes_on and manifest.of(entry.path, entry.sha256) == entry
        ]
        absent = [it for it in absent if not (manifest.path.parent / it.place).exists()]
        if absent:
            with failpoint("archive.drop"):
                manifest.drop(absent)
        self._mover.remove(moves)

    def _stay(self, files: Sequence[Found], why: str) -> None:
        self.left += [Left(it.path, why, failed=True) for it in files]
        self._tell(Progressed("archiving", len(self.moved) + len(self.left), self._of))


class _Targets:
    """Chooses where files come to lie in a batch folder, so that nothing is overwritten."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self._manifest = manifest
        # Some file systems know no capitals: what differs in these only counts as the same name.
        self._taken: set[str] = set()

    def choose(self, entry: Entry, move: Move) -> Entry:
        """Set a move's target; return its row, which is the one there is if that still holds."""
        known = self._manifest.of(entry.path, entry.sha256)
        for name in _names(entry.name, known.name if known else ""):
            row = known if known and known.name == name else evolve(entry, name=name)
            target = self.folder / row.place
            if row.place.casefold() in self._taken or row.place.casefold() == NAME:
                continue
            owner = self._manifest.at(row.place)
            if owner is not None and owner.path != entry.path:
                continue
            there = Facts.of(target)
            if there is None and _is_there(target):
                continue
            move.there = there is not None and _is_same(there, target, move)
            move.held = there is not None and not there.size and row is known and row.size > 0
            if there is None or move.there or move.held:
                self._taken.add(row.place.casefold())
                move.target = target
                return row
        raise AssertionError  # pragma: no cover - the names don't end


def _names(name: str, first: str) -> Iterator[str]:
    """Yield the names to try: the one on record if any, the file's own, then numbered ones."""
    if first:
        yield first
    yield name
    own = PurePosixPath(name)
    number = 2
    while True:
        yield own.with_stem(f"{own.stem} ({number})").name
        number += 1


def _is_there(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    return not stat.S_ISREG(mode)


def _is_same(there: Facts, target: Path, move: Move) -> bool:
    """Say whether the target is the source under another name, or holds the same content."""
    if there.is_same_file(move.facts):
        return True
    return there.size == move.facts.size and digest(target) == move.sha256


def _moved(it: Found, move: Move, entry: Entry) -> Moved:
    return Moved(
        path=it.path,
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


def _batch_name(run: str) -> str:
    """Return the name of a run's batch folder: ``batch_AB12-20261121``."""
    found = _RUN.fullmatch(run)
    return f"batch_{found[2].upper()}-{found[1]}" if found else f"batch_{run}"
