"""One run of `process`: look at every source, make what is to be made, record it, move the source.

While a group of files is made, the one before it is recorded and the next is announced.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from attrs import field, frozen

from creative_flow.creative import NativePair
from creative_flow.errors import CreativeFlowError, Interrupted, LedgerError, WorkspaceError
from creative_flow.events import Event, Noticed, Progressed
from creative_flow.failpoints import failpoint
from creative_flow.ledger.mirrors.inventory import InventoryMirror, write_session
from creative_flow.ledger.mirrors.inventory_columns import session_line
from creative_flow.ledger.prepared import Part, Prepared
from creative_flow.process import unnamed
from creative_flow.process.books import Books
from creative_flow.process.crew import Crew
from creative_flow.process.group import Made, make_group
from creative_flow.process.items import Task
from creative_flow.process.looking import Look
from creative_flow.process.make import NotMade, make_pair
from creative_flow.process.plan import Planned, Planner
from creative_flow.processed import Fate, Processed, ProcessReport, Way
from creative_flow.waiting import ended
from creative_flow.workspace import Workspace

if TYPE_CHECKING:
    from creative_flow.ledger.anyledger import AnyLedger
    from creative_flow.ledger.inventory import Inventory

_log = logging.getLogger(__name__)

_GROUP, _GROUP_BYTES = 250, 64_000_000
"""How many files, and bytes, are recorded in one transaction at most."""
_ENCODED_AS = 10
"""As how many files one counts that is encoded: that takes as long, or longer."""
_MAKERS = 8
_SESSION = "%Y%m%d-%H%M%S"


@frozen
class Run:
    """What a run of `process` needs to know; ``copies`` is where copies without names lie."""

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
    copies: Path | None
    turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    made: dict[Path, Processed] = field(factory=dict, init=False)
    """What has become of each source so far, as recorded."""
    books: Books = field(init=False)

    @books.default
    def _books(self) -> Books:
        return Books(self.place, self.ledger, self.inventory)

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
        copies = {task.unnamed.path for task in tasks if task.unnamed and task.way is Way.COPY}
        unnamed.keep_only(self.copies, copies)
        try:
            await asyncio.to_thread(self.books.take_up)
            await self._make(tasks)
        except CreativeFlowError as caught:
            error = caught
        except asyncio.CancelledError:
            error = _interrupted()
        session_csv = None
        if not isinstance(error, LedgerError):  # of which what is written down is read
            session_csv, why = await self._written_down(all_made=error is None)
            error = error or why
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
            await ended(work)
            raise

    async def _in_turn(
        self, groups: Sequence[Sequence[Task]], of: int, stop: asyncio.Event
    ) -> None:
        """Make one group while the one before it is recorded and the next is announced."""
        with ThreadPoolExecutor(_MAKERS, thread_name_prefix="process") as makers:
            made: list[tuple[Task, Made]] = []
            for number, group in enumerate(groups):
                if not number:
                    await self._announce(group)
                making = asyncio.ensure_future(make_group(group, self.crew, makers))
                try:
                    if made:
                        await self._conclude(made, of)
                    if number + 1 < len(groups) and not stop.is_set():
                        await self._announce(groups[number + 1])
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
                await self._announce([task])
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

    async def _announce(self, tasks: Sequence[Task]) -> None:
        await asyncio.to_thread(self.books.announce, tasks)

    async def _conclude(self, results: Sequence[tuple[Task, Made]], of: int) -> None:
        async with self.turn:
            recording = asyncio.create_task(asyncio.to_thread(self.books.conclude, results))
            try:
                await ended(recording)
            finally:  # what is being recorded is told, also when the run is cancelled meanwhile
                recorded = recording.result()
                self.made.update((done.source, done) for done in recorded)
                if _log.isEnabledFor(logging.DEBUG):
                    for done in recorded:
                        _log.debug("%s: %s", done.fate.value, done.source.name)
                if recorded:
                    now = recorded[-1].source.name
                    self.tell(Progressed("Processing", len(self.made), of, now))

    # ---- the mirrors

    async def _written_down(
        self, *, all_made: bool
    ) -> tuple[Path | None, CreativeFlowError | None]:
        """Write both CSV files, while what only making has needed goes.

        Returns the session's, and what kept it from being written or came between.
        """
        writing = asyncio.create_task(asyncio.to_thread(self._write_down, all_made=all_made))
        error: CreativeFlowError | None = None
        try:
            await ended(asyncio.gather(writing, self._clear(), return_exceptions=True))
        except asyncio.CancelledError:
            error = _interrupted()
        try:
            return writing.result(), error
        except (LedgerError, WorkspaceError) as caught:
            return None, caught

    async def _clear(self) -> None:
        await asyncio.to_thread(unnamed.remove, self.copies)
        self.crew.end()

    def _write_down(self, *, all_made: bool) -> Path | None:
        """Write both CSV files; return the session's, None if there is nothing in it.

        A session of which not all was made is gone on with by the next run.
        """
        session, lines = self.planner.session, dict[str, str]()

        def gather(row: Prepared, line: str) -> None:
            if row.session == session:
                lines[row.unique_id] = line

        try:
            with failpoint("mirror.inventory"):
                for line in self.master.follow(gather):
                    self.tell(Noticed(line, warning=True))
        except WorkspaceError:  # no reason for the session's not to be there
            for row in self.inventory.rows(session=session):
                gather(row, session_line(row))
            self._write_session(lines.values(), all_made=all_made)
            raise
        return self._write_session(lines.values(), all_made=all_made)

    def _write_session(self, lines: Collection[str], *, all_made: bool) -> Path | None:
        if not lines:
            return None
        with failpoint("mirror.session"):
            write_session(self.place.session_csv, lines)
        if all_made:
            self.ledger.remember_mirror(self.place.session_csv, {"session": self.planner.session})
        return self.place.session_csv

    def _ended(self, each: Planned, error: CreativeFlowError | None) -> Processed:
        if each.processed:
            return each.processed
        assert each.task is not None  # noqa: S101 - a plan has the one or the other
        source = each.task.source.path
        why = f"the run was stopped: {error.message}" if error else "the run was stopped"
        return self.made.get(source) or Processed(source, Fate.NOT_DONE, error=why)


def _interrupted() -> CreativeFlowError:
    return Interrupted("Interrupted.", hint="Run the same command again to go on.")


def _first(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error of a group, however deep it lies."""
    first = several.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _groups(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    """Yield tasks in groups for one record each: what a crash costs, and how often one is told."""
    group: list[Task] = []
    count = size = 0
    for task in tasks:
        if group and (count >= _GROUP or size + task.size > _GROUP_BYTES):
            yield group
            group, count, size = [], 0, 0
        group.append(task)
        count += 1 if task.way is Way.COPY else _ENCODED_AS
        size += task.size
    if group:
        yield group


def _planned(task: Task | None) -> Processed:
    assert task is not None  # noqa: S101 - a plan has the one or the other
    rows = tuple(target.row for target in task.targets)
    notes = tuple(dict.fromkeys(row.notes for row in rows if row.notes))
    return Processed(task.source.path, Fate.PLANNED, rows, way=task.way, notes=notes)


def session_id(now: datetime) -> str:
    """Return what names one session of processing, by the local time."""
    return f"{now:{_SESSION}}"


def session_after(session: str) -> str:
    """Return the next name after one that is taken."""
    return f"{datetime.strptime(session, _SESSION) + timedelta(seconds=1):{_SESSION}}"  # noqa: DTZ007 - only a name
