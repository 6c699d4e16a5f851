"""A run whose sources are known, and whose workers have been started.

They look at sources while this process loads an event loop, and what else a run needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from creative_flow.process import started, unnamed
from creative_flow.process.find import Source, find
from creative_flow.process.looking import look_at
from creative_flow.process.started import Started
from creative_flow.workspace import Workspace

if TYPE_CHECKING:
    from creative_flow.events import Event, Listener
    from creative_flow.process.names import Ask
    from creative_flow.processed import ProcessReport

AnyPath = str | PathLike[str]


@contextmanager
def begin(
    paths: Sequence[AnyPath] | AnyPath | None = None,
    *,
    workspace: Workspace | AnyPath = ".",
    native: bool = False,
) -> Iterator[Begun]:
    """Find the sources and start workers for them; see `creative_flow.process.process_async`.

    Use it as ``with begin(…) as run``. Raises `UsageError` for a path that is not there.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace(Path(workspace))
    sources, passed_over = find(_as_paths(paths), place, native=native)
    run = Begun(place, sources, passed_over, started.start(started.how_many(len(sources))))
    try:
        yield run
    finally:
        started.end(run.workers)


class Begun:
    """For `begin` alone."""

    def __init__(
        self,
        place: Workspace,
        sources: Sequence[Source],
        passed_over: Sequence[Path],
        workers: Sequence[Started],
    ) -> None:
        self._place = place
        self._sources = sources
        self._passed_over = passed_over
        self.workers = workers
        """Those that nobody has taken over yet."""

    async def carry_out(
        self,
        *,
        platform: str | None,
        dry_run: bool,
        jobs: int | None,
        ask: Ask | None,
        on_event: Listener | Sequence[Listener] | None,
    ) -> ProcessReport:
        """Do the work, once. Raises as `creative_flow.process.process_async` does."""
        import asyncio

        from creative_flow.process.crew import Crew

        listeners = [on_event] if callable(on_event) else list(on_event or ())

        def tell(event: Event) -> None:
            for listener in listeners:
                listener(event)

        sources, place = self._sources, self._place
        # Only where there are many, and workers, whose end is certain, is it worth the while.
        to_copy = () if dry_run or not self.workers else sources
        with unnamed.folder(place, to_copy) as copies:
            files = [
                (str(source.path), unnamed.where(copies, source, number))
                for number, source in enumerate(sources)
            ]
            workers, self.workers = self.workers, ()
            async with Crew(workers) as crew:
                looking = crew.begin(look_at, files, lost=lambda _, why: f"it can't be read: {why}")
                # The rest is loaded while sources are being looked at.
                await asyncio.to_thread(import_module, "creative_flow.process.start")
                from creative_flow.process.start import Wanted, start

                wanted = Wanted(
                    sources, self._passed_over, platform, dry_run, jobs, ask, tell, copies
                )
                return await start(place, wanted, crew, looking)


def _as_paths(paths: Sequence[AnyPath] | AnyPath | None) -> list[Path] | None:
    if paths is None:
        return None
    if isinstance(paths, str | PathLike):
        return [Path(paths)]
    return [Path(path) for path in paths]
