"""What scripts and the command line call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from creative_flow import registry
from creative_flow.errors import PluginMissing, UsageError
from creative_flow.events import Event, Listener, Noticed, Progressed
from creative_flow.ledger.records import Part
from creative_flow.platform import PlatformInfo
from creative_flow.process.alone import alone
from creative_flow.process.crew import Crew
from creative_flow.process.find import find
from creative_flow.process.items import Source
from creative_flow.process.looking import look_at
from creative_flow.process.names import Ask, Names
from creative_flow.process.plan import Planner
from creative_flow.process.run import Run, session_id
from creative_flow.process.workers import cores
from creative_flow.processed import ProcessReport
from creative_flow.tracking import master_mirror
from creative_flow.workspace import Workspace

if TYPE_CHECKING:
    from creative_flow.ledger.anyledger import AnyLedger

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
    ``ask`` is asked about folders that nothing is known of; without it they are reported.

    What goes wrong with one file stands in the report. Raised is only what keeps the run from
    starting: `UsageError`, `PluginError`, `LedgerError`.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace(Path(workspace))
    listeners = [on_event] if callable(on_event) else list(on_event or ())

    def tell(event: Event) -> None:
        for listener in listeners:
            listener(event)

    sources, passed_over = find(_as_paths(paths), place, native=native)
    async with Crew(len(sources)) as crew:  # its workers start while the rest is loaded
        infos = _infos(place)
        info = _chosen(infos, platform or place.setting("PROCESS_PLATFORM"))
        place.prepare()
        with nullcontext() if dry_run else alone(place):
            if passed_over:
                names = ", ".join(path.name for path in passed_over[:3])
                more = f" and {len(passed_over) - 3} more" if len(passed_over) > 3 else ""
                tell(Noticed(f"Passed over, no image or video by name: {names}{more}."))
            return await _prepared(
                place, infos, info, sources, crew, tell, dry_run, jobs or cores(), ask
            )


async def _prepared(
    place: Workspace,
    infos: Mapping[str, PlatformInfo],
    info: PlatformInfo | None,
    sources: Sequence[Source],
    crew: Crew,
    tell: Callable[[Event], None],
    dry_run: bool,
    jobs: int,
    ask: Ask | None,
) -> ProcessReport:
    # They are looked at while the ledger is loaded and opened.
    looking = crew.begin(
        look_at,
        [str(source.path) for source in sources],
        lost=lambda _, why: f"it can't be read: {why}",
    )
    try:
        with await asyncio.to_thread(_open, place) as ledger:
            inventory = ledger.inventory(place.identity)
            master = master_mirror(ledger, place, infos)
            for line in () if dry_run else await asyncio.to_thread(master.take_in):
                tell(Noticed(line, warning=True))
            planner = Planner(
                place,
                sources,
                ledger,
                inventory,
                info,
                Names(
                    place,
                    info,
                    ask=None if dry_run else ask,
                    notify=lambda line, warning: tell(Noticed(line, warning=warning)),
                ),
                session=_session(ledger, place),
                looked_at=lambda done: tell(Progressed("Looking at files", done, len(sources))),
            )
            pair = info.native_pair if info else None
            run = Run(
                place, planner, ledger, inventory, master, pair, _limits(info), jobs, crew, tell
            )
            return await run.carry_out(looking, dry_run=dry_run)
    finally:
        for part in looking:
            part.cancel()


def process(
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
    """`process_async` for scripts without an event loop; inside one it raises `UsageError`."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(
            process_async(
                paths,
                workspace=workspace,
                platform=platform,
                native=native,
                dry_run=dry_run,
                jobs=jobs,
                ask=ask,
                on_event=on_event,
            )
        )
    raise UsageError(
        "process() can't be called inside a running event loop.",
        hint="Use `await process_async(…)` there.",
    )


def _open(place: Workspace) -> AnyLedger:
    """Open the ledger without SQLAlchemy, which takes long to load, where that will do."""
    if not place.setting("CFU_DATABASE_URL"):
        from creative_flow.ledger.plainledger import PlainLedger

        if (ledger := PlainLedger.open(place.own_ledger_file)) is not None:
            return ledger
    from creative_flow.ledger import Ledger

    return Ledger.open(place.ledger_url)


def _infos(place: Workspace) -> dict[str, PlatformInfo]:
    """Return what the installed platforms say of themselves; broken ones say nothing here."""
    return registry.infos(place.overrides_file)


def _chosen(infos: Mapping[str, PlatformInfo], wanted: str) -> PlatformInfo | None:
    """Return the platform whose rules count; None where there is none to choose."""
    if wanted:
        if wanted not in infos:
            raise PluginMissing(
                f"There is no platform {wanted!r}.",
                hint=f"Installed are: {', '.join(infos) or 'none'}.",
            )
        return infos[wanted]
    able = [info for info in infos.values() if not info.unsupported]
    return able[0] if len(able) == 1 else None


def _limits(info: PlatformInfo | None) -> dict[Part, int | None]:
    """Return how many bytes each half of a native pair may have."""
    limits: dict[Part, int | None] = {Part.VIDEO: None, Part.IMAGE: None}
    if info is None or info.native_pair is None:
        return limits
    for part, name in (
        (Part.VIDEO, info.native_pair.video),
        (Part.IMAGE, info.native_pair.image),
    ):
        most = info.ad_format(name).max_bytes
        limits[part] = most.value if most else None
    return limits


def _session(ledger: AnyLedger, place: Workspace) -> str:
    """Return this session's name; one that was interrupted is gone on with."""
    last = ledger.inventory(place.identity).last_session()
    ended = (ledger.mirror_state(place.session_csv) or {}).get("session")
    return last if last and last != ended else session_id(datetime.now().astimezone())


def _as_paths(paths: Sequence[AnyPath] | AnyPath | None) -> list[Path] | None:
    if paths is None:
        return None
    if isinstance(paths, str | PathLike):
        return [Path(paths)]
    return [Path(path) for path in paths]
