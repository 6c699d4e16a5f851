"""What scripts and the command line call."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from creative_flow.blocking import blocking
from creative_flow.process import unnamed
from creative_flow.process.crew import Crew
from creative_flow.process.find import find
from creative_flow.process.looking import look_at
from creative_flow.workspace import Workspace

if TYPE_CHECKING:
    from creative_flow.events import Event, Listener
    from creative_flow.process.names import Ask
    from creative_flow.processed import ProcessReport

AnyPath = str | PathLike[str]


async def process_async(
    paths: Sequence[AnyPath] | AnyPath | None = None,
    *,
    workspace: Workspace | AnyPath = ".",
    platform: str | None = None,
    native: bool = False,
    dry_run: bool = False,
    jobs: int | None = None,
    ask: Ask | None = None,
    on_event: Listener | Sequence[Listener] | None = None,
) -> ProcessReport:
    """Prepare raw files for upload: probe, name, convert, compress, record.

    ``paths`` are files and folders; None stands for all of ``source_files/``. ``platform`` is the
    one whose rules choose ad formats, sizes and native pairs; None takes the only one that is
    installed and can upload. ``native`` makes a native pair of every video, wherever it lies.
    ``jobs`` is how many videos are converted at once (default: as many as there are cores).
    ``ask`` is asked about folders that nothing is known of, in the thread of the event loop; what
    it raises ends the run before anything is made. Without it such folders are reported.

    What goes wrong with one file stands in the report. Raised is only what keeps the run from
    starting: `UsageError`, `PluginError`, `LedgerError`.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace(Path(workspace))
    listeners = [on_event] if callable(on_event) else list(on_event or ())

    def tell(event: Event) -> None:
        for listener in listeners:
            listener(event)

    sources, passed_over = find(_as_paths(paths), place, native=native)
    with unnamed.folder(place, () if dry_run else sources) as copies:
        files = [
            (str(source.path), unnamed.where(copies, source, number))
            for number, source in enumerate(sources)
        ]
        async with Crew(len(sources)) as crew:
            looking = crew.begin(look_at, files, lost=lambda _, why: f"it can't be read: {why}")
            # The rest is loaded while sources are being looked at.
            await asyncio.to_thread(import_module, "creative_flow.process.start")
            from creative_flow.process.start import Wanted, start

            wanted = Wanted(sources, passed_over, platform, dry_run, jobs, ask, tell, copies)
            return await start(place, wanted, crew, looking)


process = blocking(process_async)
"""`process_async` for scripts without an event loop; inside one it raises `UsageError`."""


def _as_paths(paths: Sequence[AnyPath] | AnyPath | None) -> list[Path] | None:
    if paths is None:
        return None
    if isinstance(paths, str | PathLike):
        return [Path(paths)]
    return [Path(path) for path in paths]
