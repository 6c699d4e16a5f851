"""Makes a group of sources that need no worker processes: mostly they wait for the disk.

Copies are written one after the other while earlier ones are flushed and read back, many at once: a
disk takes hardly longer for many flushes that come together than for one. What has to be encoded is
encoded meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

from creative_flow.ledger.records import Prepared
from creative_flow.moving import Copy
from creative_flow.process.items import Task
from creative_flow.process.make import NotMade, begin_copy, end_copy, make_one
from creative_flow.processed import Way

Made = tuple[Prepared, ...] | NotMade
T = TypeVar("T")

_MAKERS = 8
_FLUSHED_AT_ONCE = 16
"""More brings nothing; each has an open file."""


class Group:
    """Makes groups. Use it as ``with Group() as group``."""

    def __init__(self) -> None:
        self._makers = ThreadPoolExecutor(_MAKERS, thread_name_prefix="process")
        self._flushers = ThreadPoolExecutor(_FLUSHED_AT_ONCE, thread_name_prefix="flush")

    def __enter__(self) -> Group:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._makers.shutdown()
        self._flushers.shutdown()

    def make(self, tasks: Sequence[Task]) -> list[Made]:
        """Make what is to be made of each, in their order."""
        encoded = [task for task in tasks if task.way is not Way.COPY]
        coming = [self._makers.submit(_or_why_not, make_one, task) for task in encoded]
        copied = [task for task in tasks if task.way is Way.COPY]
        copies = iter(self._copies(copied))
        others = iter(coming)
        return [next(copies) if task.way is Way.COPY else next(others).result() for task in tasks]

    def _copies(self, tasks: Sequence[Task]) -> list[Made]:
        made: list[Made] = []
        waiting: deque[tuple[Task, Copy | NotMade, Future[None] | None]] = deque()
        for task in tasks:
            if len(waiting) == _FLUSHED_AT_ONCE:
                made.append(_ended(*waiting.popleft()))
            begun = _or_why_not(begin_copy, task)
            finishing = self._flushers.submit(begun.finish) if isinstance(begun, Copy) else None
            waiting.append((task, begun, finishing))
        return made + [_ended(*each) for each in waiting]


def _ended(task: Task, begun: Copy | NotMade, finishing: Future[None] | None) -> Made:
    if isinstance(begun, NotMade) or finishing is None:
        assert isinstance(begun, NotMade)  # noqa: S101 - what is begun is being finished
        return begun
    return _or_why_not(lambda it: end_copy(it, begun, finishing.result), task)


def _or_why_not(make: Callable[[Task], T], task: Task) -> T | NotMade:
    try:
        return make(task)
    except NotMade as error:
        return error
