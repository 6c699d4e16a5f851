"""Makes a group of sources that need no codec: mostly they wait for the disk.

They are copied, many at once, while what has to be encoded is encoded in threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from creative_flow.durable import make_folder
from creative_flow.ledger.prepared import Prepared
from creative_flow.process.copying import copy_to, undone
from creative_flow.process.crew import Crew
from creative_flow.process.items import Task
from creative_flow.process.make import NotMade, copied, make_one, not_made, order
from creative_flow.processed import Way

Made = tuple[Prepared, ...] | NotMade


async def make_group(tasks: Sequence[Task], crew: Crew, makers: ThreadPoolExecutor) -> list[Made]:
    """Make what is to be made of each, in their order; ``makers`` are the threads that encode."""
    loop = asyncio.get_running_loop()
    coming = [
        loop.run_in_executor(makers, _or_why_not, task)
        for task in tasks
        if task.way is not Way.COPY
    ]
    copies = iter(await _copies([task for task in tasks if task.way is Way.COPY], crew))
    others = iter(await asyncio.gather(*coming))
    return [next(copies) if task.way is Way.COPY else next(others) for task in tasks]


async def _copies(tasks: Sequence[Task], crew: Crew) -> list[Made]:
    if not tasks:
        return []
    try:
        for folder in {target.path.parent for task in tasks for target in task.targets}:
            await asyncio.to_thread(make_folder, folder)
    except OSError as error:
        return [not_made(task, error) for task in tasks]
    sizes = await crew.do(
        copy_to,
        [order(task) for task in tasks],
        lost=undone,
    )
    return [copied(task, size) for task, size in zip(tasks, sizes, strict=True)]


def _or_why_not(task: Task) -> Made:
    try:
        return make_one(task)
    except NotMade as error:
        return error
