"""Sets a run up: whose rules count, the ledger, the planner; then carries it out.

It is loaded while workers look at the sources already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from creative_flow import registry
from creative_flow.asking import in_the_loop
from creative_flow.errors import PluginError, PluginMissing
from creative_flow.events import Event, Noticed, Progressed
from creative_flow.ledger.prepared import Part
from creative_flow.platform import PlatformInfo
from creative_flow.process import unnamed
from creative_flow.process.alone import alone
from creative_flow.process.child import cores
from creative_flow.process.names import Ask, Names
from creative_flow.process.plan import Planner
from creative_flow.process.run import Run, session_after, session_id
from creative_flow.tracking import master_mirror

if TYPE_CHECKING:
    from creative_flow.ledger.anyledger import AnyLedger
    from creative_flow.process.crew import Crew
    from creative_flow.process.find import Source
    from creative_flow.process.looking import Look
    from creative_flow.processed import ProcessReport
    from creative_flow.workspace import Workspace


class Wanted(NamedTuple):
    """What a run was asked for; see `creative_flow.process.process_async`.

    ``copies`` is where copies without names are made, None for nowhere.
    """

    sources: Sequence[Source]
    passed_over: Sequence[Path]
    platform: str | None
    dry_run: bool
    jobs: int | None
    ask: Ask | None
    tell: Callable[[Event], None]
    copies: Path | None


async def start(
    place: Workspace,
    wanted: Wanted,
    crew: Crew,
    looking: Sequence[Awaitable[Sequence[Look | str]]],
) -> ProcessReport:
    """Carry a run out. ``looking`` will have what its sources are, part by part."""
    infos = await asyncio.to_thread(registry.infos, place.overrides_file)
    named = wanted.platform or place.setting("PROCESS_PLATFORM")
    info = await asyncio.to_thread(_chosen, place, infos, named)
    place.prepare()
    with nullcontext() if wanted.dry_run else alone(place):
        if not wanted.dry_run:
            unnamed.sweep(place, keep=wanted.copies)
        if passed_over := wanted.passed_over:
            names = ", ".join(path.name for path in passed_over[:3])
            more = f" and {len(passed_over) - 3} more" if len(passed_over) > 3 else ""
            wanted.tell(Noticed(f"Passed over, no image or video by name: {names}{more}."))
        with await asyncio.to_thread(_open, place) as ledger:
            run = await _set_up(place, wanted, crew, infos, info, ledger)
            return await run.carry_out(looking, dry_run=wanted.dry_run)


async def _set_up(
    place: Workspace,
    wanted: Wanted,
    crew: Crew,
    infos: Mapping[str, PlatformInfo],
    info: PlatformInfo | None,
    ledger: AnyLedger,
) -> Run:
    tell, count = wanted.tell, len(wanted.sources)
    ask = None if wanted.dry_run or wanted.ask is None else in_the_loop(wanted.ask)
    inventory = ledger.inventory(place.identity)
    master = master_mirror(ledger, place, infos)
    for line in () if wanted.dry_run else await asyncio.to_thread(master.take_in):
        tell(Noticed(line, warning=True))
    planner = Planner(
        place,
        wanted.sources,
        ledger,
        inventory,
        info,
        Names(
            place,
            info,
            ask=ask,
            notify=lambda line, warning: tell(Noticed(line, warning=warning)),
        ),
        session=_session(ledger, place),
        looked_at=lambda done: tell(Progressed("Looking at files", done, count)),
    )
    pair, jobs = info.native_pair if info else None, wanted.jobs or cores()
    return Run(
        place,
        planner,
        ledger,
        inventory,
        master,
        pair,
        _limits(info),
        jobs,
        crew,
        tell,
        wanted.copies,
    )


def _open(place: Workspace) -> AnyLedger:
    """Open the ledger without SQLAlchemy, which takes long to load, where that will do."""
    if not place.setting("CFU_DATABASE_URL"):
        from creative_flow.ledger.plainledger import PlainLedger

        if (ledger := PlainLedger.in_file(place.own_ledger_file)) is not None:
            return ledger
    from creative_flow.ledger import Ledger

    return Ledger.open(place.ledger_url)


def _chosen(
    place: Workspace, infos: Mapping[str, PlatformInfo], wanted: str
) -> PlatformInfo | None:
    """Return the platform whose rules count; None where there is none to choose."""
    if wanted:
        if wanted not in infos:
            raise PluginMissing(
                f"There is no platform {wanted!r}.",
                hint=f"Installed are: {', '.join(infos) or 'none'}.",
            )
        return infos[wanted]
    able = [
        name for name, info in infos.items() if not info.unsupported and _can_be_used(place, name)
    ]
    return infos[able[0]] if len(able) == 1 else None


def _can_be_used(place: Workspace, name: str) -> bool:
    try:
        registry.load(name, place.overrides_file(name))
    except PluginError:
        return False
    return True


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
    if last and last != ended:
        return last
    new = session_id(datetime.now().astimezone())
    # Small runs may begin in one second, and a clock may be set back.
    return new if new > last else session_after(last)
