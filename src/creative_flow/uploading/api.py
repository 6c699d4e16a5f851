"""What scripts and the command line call."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path

from creative_flow import registry
from creative_flow.blocking import blocking
from creative_flow.creative import Report
from creative_flow.errors import NotSupported, UsageError
from creative_flow.events import Listener, Noticed
from creative_flow.uploading.books import Bulletin
from creative_flow.uploading.items import Options
from creative_flow.uploading.run import Run
from creative_flow.workspace import Workspace

AnyPath = str | PathLike[str]


async def upload_async(
    platform: str,
    files: Sequence[AnyPath] | AnyPath | None = None,
    *,
    workspace: Workspace | AnyPath = ".",
    live: bool = False,
    account: str = "default",
    ad_format: str | None = None,
    campaign: str = "",
    force: bool = False,
    fresh: bool = False,
    retry_failed: bool = False,
    wait: bool = False,
    limit: int | None = None,
    skip_similar: bool = False,
    parallel: int = 1,
    headless: bool | None = None,
    interactive: bool | None = None,
    confirm_forget: Callable[[int], bool] | None = None,
    on_event: Listener | Sequence[Listener] | None = None,
) -> Report:
    """Upload creatives to a platform and return what became of each.

    ``files`` are files and folders; None stands for those of the last ``cfu process``. Unless
    ``live``, nothing is sent and the report is the plan. A run goes on where earlier ones stopped:
    what was sent and failed is left out unless ``retry_failed``; ``fresh`` does not look at earlier
    runs, and ``force`` not even at what the platform is known to have. ``wait`` waits for another
    run that holds the account, instead of giving up. ``limit`` is the most files to send,
    ``parallel`` how many batches may be sent at once, each of another ad format. ``skip_similar``
    leaves out what looks like something that is up (`UsageError` if the extra ``similar`` is not
    installed). ``headless`` None leaves the window to the setting ``HEADLESS_MODE``.
    ``confirm_forget`` is asked (with their number) whether known creatives are to be forgotten,
    where the user has cleared the library's CSV; without it nothing is.

    What goes wrong within the run stands in the report (``error``, ``exit_code``). Raised is only
    what keeps a run from starting: `UsageError`, `PluginError`, `WrongAccount`.
    """
    if limit is not None and limit < 1:
        raise UsageError(f"A limit of {limit} files sends nothing.", hint="Give 1 or more.")
    if parallel < 1:
        raise UsageError(f"{parallel} batches at once send nothing.", hint="Give 1 or more.")
    place = workspace if isinstance(workspace, Workspace) else Workspace(Path(workspace))
    listeners = [on_event] if callable(on_event) else list(on_event or ())
    bulletin = Bulletin(listeners)
    bulletin.add(registry.listeners(bulletin.warn))
    used = registry.load(platform, place.overrides_file(platform))
    if used.info.unsupported:
        raise NotSupported(used.info.unsupported)
    place.prepare()
    context = place.context(
        platform,
        used.info,
        account,
        # A dry run opens no window; whether one could be shown is not its business.
        headless=headless if live else True,
        interactive=sys.stdin.isatty() if interactive is None else interactive,
        notify=lambda message: bulletin.tell(Noticed(message)),
    )
    run = Run(
        place,
        used,
        context,
        bulletin,
        Options(ad_format or "", force, fresh or retry_failed, limit, skip_similar),
        campaign=campaign,
        fresh=fresh,
        wait=wait,
        confirm_forget=confirm_forget,
        parallel=parallel,
    )
    return await run.carry_out(_as_paths(files), live=live)


upload = blocking(upload_async)
"""`upload_async` for scripts without an event loop; inside one it raises `UsageError`."""


def _as_paths(files: Sequence[AnyPath] | AnyPath | None) -> list[Path] | None:
    if files is None:
        return None
    if isinstance(files, str | PathLike):
        return [Path(files)]
    return [Path(file) for file in files]
