"""One run of `process`: look at every source, make what is to be made, record it, move the source.

A group of files is recorded in one transaction before it is made and in one after; sources move
only then. What a crash leaves is taken up by the next run: its rows say what was being made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from creative_flow.creative import NativePair
from creative_flow.durable import make_folder, sync_folder
from creative_flow.errors import CreativeFlowError, Interrupted, LedgerError, WorkspaceError
from creative_flow.events import Event, Noticed, Progressed
from creative_flow.failpoints import failpoint
from creative_flow.ledger.mirrors.disk import Stamp
from creative_flow.ledger.mirrors.inventory import InventoryMirror, write_session
from creative_flow.ledger.records import Part, Prepared
from creative_flow.moving import Move, copy, move, place
from creative_flow.process.crew import Crew
from creative_flow.process.group import Made, make_group
from creative_flow.process.items import Task
from creative_flow.process.looking import Look
from creative_flow.process.make import NotMade, make_pair, sweep
from creative_flow.process.plan import Planned, Planner
from creative_flow.processed import Fate, Processed, ProcessReport, Way
from creative_flow.workspace import Workspace

if TYPE_CHECKING:
    from creative_flow.ledger.anyledger import AnyLedger
    from creative_flow.ledger.inventory import Inventory

_GROUP, _GROUP_BYTES = 250, 64_000_000
"""How many files, and bytes, are recorded in one transaction at most."""
_MAKERS = 8
_CHANGED = OSError("it was changed after it was read")


@frozen
class Run:
    """What a run of `process` needs to know."""

    place: Workspace
    planner: Planner
    ledger: AnyLedger
    inventory: Inventory
    master: InventoryMirror
    pair: NativePair | None
    limits: dict[Part, int | None]
    jobs: int
    crew: Crew
    tell: Callable[[Event], None]
    turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    made: dict[Path, Processed] = field(factory=dict, init=False)
    """What has become of each source so far, as recorded."""

    async def carry_out(
        self, looking: Iterable[Awaitable[Sequence[Look | str]]], *, dry_run: bool
    ) -> ProcessReport:
        """Plan by what stands in the sources and, unless ``dry_run``, make what is to be made.

        ``looking`` will have what the planner's sources are, part by part.
        """
        started = monotonic()
        planned = await self._planned(looking)
        if dry_run:
            items = tuple(each.processed or _planned(each.task) for each in planned)
            return ProcessReport("", True, items, seconds=monotonic() - started)
        error: CreativeFlowError | None = None
        tasks = [each.task for each in planned if each.task]
        try:
            await asyncio.to_thread(self._take_up)
            await self._make(tasks)
        except CreativeFlowError as caught:
            error = caught
        except asyncio.CancelledError:
            error = Interrupted("Interrupted.", hint="Run the same command again to go on.")
        session_csv = None
        try:
            session_csv = await asyncio.to_thread(self._write_down, whole=error is None)
        except (LedgerError, WorkspaceError) as caught:
            error = error or caught
        items = tuple(self._ended(each, error) for each in planned)
        return ProcessReport(
            self.planner.session,
            False,
            items,
            session_csv=session_csv,
            seconds=monotonic() - started,
            error=str(error) if error else "",
            error_exit_code=error.exit_code if error else 0,
        )

    async def _planned(self, looking: Iterable[Awaitable[Sequence[Look | str]]]) -> list[Planned]:
        """Plan for the first sources while others are still looked at."""
        planned: list[Planned] = []
        looks: list[Look | str] = []
        for part in looking:
            some = await part
            self.planner.looked(some)
            looks += some
            if len(looks) >= _GROUP:
                planned += await asyncio.to_thread(self.planner.plan, looks)
                looks = []
        return planned + await asyncio.to_thread(self.planner.plan, looks)

    # ---- making

    async def _make(self, tasks: Sequence[Task]) -> None:
        plain = [task for task in tasks if task.way is not Way.PAIR]
        pairs = [task for task in tasks if task.way is Way.PAIR]
        await self._plain(list(_groups(plain)), len(tasks))
        if pairs:
            await self._pairs(pairs, len(tasks))

    async def _plain(self, groups: Sequence[Sequence[Task]], of: int) -> None:
        """Make what needs no codec, with one record for each group.

        What was begun is finished and recorded, also when the run is cancelled meanwhile.
        """
        stop = asyncio.Event()
        work = asyncio.ensure_future(self._in_turn(groups, of, stop))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([work])
            raise

    async def _in_turn(
        self, groups: Sequence[Sequence[Task]], of: int, stop: asyncio.Event
    ) -> None:
        """Make one group while the one before it is recorded and the next is announced."""
        with ThreadPoolExecutor(_MAKERS, thread_name_prefix="process") as makers:
            made: list[tuple[Task, Made]] = []
            for number, group in enumerate(groups):
                if not number:
                    await self._plan_rows(group)
                making = asyncio.ensure_future(make_group(group, self.crew, makers))
                try:
                    if made:
                        await self._conclude(made, of)
                    if number + 1 < len(groups) and not stop.is_set():
                        await self._plan_rows(groups[number + 1])
                finally:
                    results = await making
                made = list(zip(group, results, strict=True))
                if stop.is_set():
                    break
            await self._conclude(made, of)

    async def _pairs(self, tasks: Sequence[Task], of: int) -> None:
        """Make native pairs, as many at once as there are workers, each recorded by itself."""
        from creative_flow.process.workers import Workers, codec_threads

        pair = self.pair
        assert pair is not None, "no pair is planned without a rule for it"  # noqa: S101
        threads = codec_threads(len(tasks), self.jobs)
        waiting = list(tasks)[::-1]

        async def work(workers: Workers) -> None:
            while waiting:
                task = waiting.pop()
                await self._plan_rows([task])
                try:
                    result: Made = await make_pair(task, workers, pair, self.limits, threads)
                except NotMade as error:
                    result = error
                await self._conclude([(task, result)], of)

        try:
            async with Workers(self.jobs) as workers, asyncio.TaskGroup() as group:
                for _ in range(min(self.jobs, len(tasks))):
                    group.create_task(work(workers))
        except* CreativeFlowError as several:
            raise _first(several) from several

    async def _plan_rows(self, tasks: Sequence[Task]) -> None:
        rows = [target.row for task in tasks for target in task.targets]
        with failpoint("inventory.plan"):
            await asyncio.to_thread(self.inventory.plan, rows)

    async def _conclude(self, results: Sequence[tuple[Task, Made]], of: int) -> None:
        async with self.turn:
            for done in await asyncio.to_thread(self._record, results):
                self.made[done.source] = done
                self.tell(Progressed("Processing", len(self.made), of, done.source.name))

    def _record(self, results: Sequence[tuple[Task, Made]]) -> list[Processed]:
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
        ready: list[Prepared] = []
        ended: list[Processed] = []
        for task, made in results:
            if isinstance(made, NotMade):
                ended.append(Processed(task.source.path, Fate.FAILED, error=str(made)))
                continue
            originals = (t.row for t in task.targets if t.row.part is Part.ORIGINAL)
            rows = [*made, *(evolve(row, ready=True) for row in originals)]
            ready += rows
            notes = tuple(dict.fromkeys(row.notes for row in made if row.notes))
            ended.append(
                Processed(task.source.path, Fate.MADE, tuple(rows), way=task.way, notes=notes)
            )
        with failpoint("inventory.finish"):
            self.inventory.finish(ready)
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
                moves.append(Move(path, Path(target), sha256))
            elif original is None:
                went[path] = "."  # it is not the workspace's to move
            else:
                went[path] = _kept(path, self.place.root, original.path, sha256)
        for path, there in move(moves).items():
            went[path] = there if isinstance(there, OSError) else str(there).removeprefix(root)
        return went

    # ---- what an earlier run left

    def _take_up(self) -> None:
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

    # ---- the mirrors

    def _write_down(self, *, whole: bool) -> Path | None:
        """Write both CSV files; return the session's, None if there is nothing in it.

        A session that is not ``whole`` is gone on with by the next run.
        """
        rows = list(self.inventory.rows(session=self.planner.session))
        with failpoint("mirror.session"):
            if rows:
                write_session(self.place.session_csv, rows)
        if rows and whole:
            self.ledger.remember_mirror(self.place.session_csv, {"session": self.planner.session})
        with failpoint("mirror.inventory"):
            for line in self.master.follow():
                self.tell(Noticed(line, warning=True))
        return self.place.session_csv if rows else None

    def _ended(self, each: Planned, error: CreativeFlowError | None) -> Processed:
        if each.processed:
            return each.processed
        assert each.task is not None  # noqa: S101 - a plan has the one or the other
        source = each.task.source.path
        why = f"the run was stopped: {error.message}" if error else "the run was stopped"
        return self.made.get(source) or Processed(source, Fate.NOT_DONE, error=why)


def _first(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error of a group, however deep it lies."""
    first = several.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _groups(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    """Yield tasks in groups for one record each: what a crash costs, and how often one is told."""
    group: list[Task] = []
    size = 0
    for task in tasks:
        if group and (len(group) >= _GROUP or size + task.size > _GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append(task)
        size += task.size
    if group:
        yield group


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


def _planned(task: Task | None) -> Processed:
    assert task is not None  # noqa: S101 - a plan has the one or the other
    rows = tuple(target.row for target in task.targets)
    notes = tuple(dict.fromkeys(row.notes for row in rows if row.notes))
    return Processed(task.source.path, Fate.PLANNED, rows, way=task.way, notes=notes)


def session_id(now: datetime) -> str:
    """Return what names one session of processing."""
    return f"{now.astimezone():%Y%m%d-%H%M%S}"
