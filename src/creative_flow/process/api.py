"""What scripts and the command line call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from creative_flow.blocking import blocking
from creative_flow.process.begun import AnyPath, begin

if TYPE_CHECKING:
    from creative_flow.events import Listener
    from creative_flow.process.names import Ask
    from creative_flow.processed import ProcessReport
    from creative_flow.workspace import Workspace


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
    with begin(paths, workspace=workspace, native=native, dry_run=dry_run) as run:
        return await run.carry_out(platform=platform, jobs=jobs, ask=ask, on_event=on_event)


process = blocking(process_async)
"""`process_async` for scripts without an event loop; inside one it raises `UsageError`."""
