"""Makes a group of sources that need no worker processes: mostly they wait for the disk.

Copies are written one after the other while earlier ones are flushed and read back, many at once: a
disk takes hardly longer for many flushes that come together than for one. What has to be encoded is
encoded meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Self, TypeVar

from attrs import frozen

from creative_flow.ledger.records import Prepared
from creative_flow.process.items import Task
from creative_flow.process.make import NotMade, begin_copy, end_copy, make_one
from creative_flow.processed import Way

Made = tuple[Prepared, ...] | NotMade
T = TypeVar("T")

_MAKERS = 8
_FLUSHED_AT_ONCE = 16
"""More brings nothing; each has an open file."""


@frozen
class Group:
    """Makes groups. Use it as ``with Group.ready() as group``."""

    _makers: ThreadPoolExecutor
    _flushers: ThreadPoolExecutor

    @classmethod
    @contextmanager
    def ready(cls) -> Iterator[Self]:
        """Have the threads at hand."""
        with (
            ThreadPoolExecutor(_MAKERS, thread_name_prefix="process") as makers,
            ThreadPoolExecutor(_FLUSHED_AT_ONCE, thread_name_prefix="flush") as flushers,
        ):
            yield cls(makers, flushers)

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
        waiting: deque[Callable[[], Made]] = deque()
        for task in tasks:
            if len(waiting) == _FLUSHED_AT_ONCE:
                made.append(waiting.popleft()())
            waiting.append(self._begun(task))
        return made + [end() for end in waiting]

    def _begun(self, task: Task) -> Callable[[], Made]:
        """Begin a copy; return what waits for its end, or says why it was not begun."""
        copy = _or_why_not(begin_copy, task)
        if isinstance(copy, NotMade):
            return lambda: copy
        finish = self._flushers.submit(copy.finish).result
        return lambda: _or_why_not(lambda it: end_copy(it, copy, finish), task)


def _or_why_not(make: Callable[[Task], T], task: Task) -> T | NotMade:
    try:
        return make(task)
    except NotMade as error:
        return error
