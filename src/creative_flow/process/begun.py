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

from creative_flow.ledger.chunks import chunked
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
    dry_run: bool = False,
) -> Iterator[Begun]:
    """Find the sources, and have workers begin; see `creative_flow.process.process_async`.

    Use it as ``with begin(…) as run``. Raises `UsageError` for a path that is not there.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace(Path(workspace))
    sources, passed_over = find(_as_paths(paths), place, native=native)
    count = started.how_many(len(sources))
    # Only where there are many, and workers, whose end is certain, are copies worth the while.
    with unnamed.folder(place, sources if count and not dry_run else ()) as copies:
        run = Begun(place, sources, passed_over, dry_run, copies, started.start(count))
        try:
            run.ask_workers()
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
        dry_run: bool,
        copies: Path | None,
        workers: Sequence[Started],
    ) -> None:
        self._place = place
        self._sources = sources
        self._passed_over = passed_over
        self._dry_run = dry_run
        self._copies = copies
        self._files = [
            (str(source.path), unnamed.where(copies if workers else None, source, number))
            for number, source in enumerate(sources)
        ]
        self.workers = workers
        """Those that nobody has taken over yet."""

    def ask_workers(self) -> None:
        """Have each worker begin with a share; there are as many shares, or more."""
        shares = chunked(self._files, started.SHARE)
        self.workers = [worker.asked(look_at, next(shares)) for worker in self.workers]

    async def carry_out(
        self,
        *,
        platform: str | None,
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

        workers, self.workers = self.workers, ()
        async with Crew(workers) as crew:
            looking = crew.begin(
                look_at,
                self._files,
                lost=lambda _, why: f"it can't be read: {why}",
                asked=len(workers),
            )
            # The rest is loaded while sources are being looked at.
            await asyncio.to_thread(import_module, "creative_flow.process.start")
            from creative_flow.process.start import Wanted, start

            wanted = Wanted(
                self._sources,
                self._passed_over,
                platform,
                self._dry_run,
                jobs,
                ask,
                tell,
                self._copies,
            )
            return await start(self._place, wanted, crew, looking)


def _as_paths(paths: Sequence[AnyPath] | AnyPath | None) -> list[Path] | None:
    if paths is None:
        return None
    if isinstance(paths, str | PathLike):
        return [Path(paths)]
    return [Path(path) for path in paths]
