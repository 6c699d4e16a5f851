"""A platform without a browser, whose pages, logins and uploads a test can hold up and count."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

from attrs import Factory, define, evolve, field
from PIL import Image

from creative_flow import Report
from creative_flow.creative import AdFormat, Batch, Certainty, Kind, LibraryEntry, Limit
from creative_flow.errors import CreativeFlowError, LoginLost, NotSupported
from creative_flow.events import Event, Noticed
from creative_flow.ledger.lease import Lease
from creative_flow.platform import (
    API_VERSION,
    Auth,
    Gate,
    IdExtractor,
    LibraryPage,
    PlatformInfo,
    Progress,
    SendReport,
    SendResult,
    Session,
    Uploader,
    Verdict,
)
from creative_flow.registry import Platform
from creative_flow.uploading.books import Bulletin
from creative_flow.uploading.items import Options
from creative_flow.uploading.run import Run
from creative_flow.workspace import Workspace

SIZES = {"small": (30, 20), "wide": (60, 20), "tall": (20, 60)}
"""The ad formats, each told by its pixels."""


def ad_format(name: str) -> AdFormat:
    pixels = Limit(frozenset({SIZES[name]}), Certainty.KNOWN, "this file", name)
    types = Limit(frozenset({"png"}), Certainty.KNOWN, "this file", name)
    return AdFormat(name, name.title(), Kind.IMAGE, types, dimensions=pixels)


INFO = PlatformInfo(
    title="Yard",
    api_version=API_VERSION,
    ad_formats=tuple(map(ad_format, SIZES)),
    library_mirror="Yard_Library.csv",
    column_prefix="yard",
    batch_size=1,
    settle_seconds=0.2,
    appear_seconds=1,
    duplicate_seconds=0.1,
    poll_seconds=0.01,
)


async def nothing(_: Batch) -> None: ...


@define
class Yard:
    """The platform, and what happened there."""

    forks: bool = True
    """Whether one login can have several pages."""
    before: Callable[[Batch], Awaitable[None]] = nothing
    """What happens when a batch is about to be sent; nothing of it has left."""
    during: Callable[[Batch], Awaitable[None]] = nothing
    """What happens while it is sent."""
    on_look: Callable[[Path], None] = lambda _: None
    """Told each file that is looked at, in the thread that makes the plan."""
    on_sign_in: Callable[[int], None] = lambda _: None
    """Told how many sign-ins there have been; may refuse one."""
    lists: dict[str, list[LibraryEntry]] = field(factory=lambda: {name: [] for name in SIZES})
    sent: list[str] = field(factory=list)
    """Each file that was taken, in that order."""
    preparations: int = 0
    prepared: int = 0
    """How many sign-ins are prepared and were neither begun nor given up."""
    takes_over: bool = True
    """Whether a sign-in gets as far as to use what was prepared."""
    opened_ready: list[bool] = field(factory=list)
    """Of each sign-in, whether it was prepared."""
    sign_ins: int = 0
    login: int = 0
    """The login that holds; older ones have ended."""
    pages: int = 0
    """How many pages are open."""
    busy: list[str] = field(factory=list)
    """The ad formats of the batches that are being sent."""
    most_busy: int = 0
    asked: asyncio.Event = field(factory=asyncio.Event)
    """Set when somebody has signed in."""
    _ids: itertools.count[int] = field(factory=lambda: itertools.count(1_000_000_001, 10))

    def end_login(self) -> None:
        self.login = -1

    def take(self, batch: Batch) -> None:
        for creative in batch.creatives:
            self.sent.append(creative.name)
            entry = LibraryEntry(batch.ad_format, str(next(self._ids)), creative.stem, "")
            self.lists[batch.ad_format].insert(0, entry)


def platform(yard: Yard, info: PlatformInfo = INFO) -> Platform:
    """Return the platform as a plugin would hand it over."""

    class YardSession(Session):
        def __init__(self, login: int) -> None:
            self.of = login
            self.closed = False
            yard.pages += 1

        async def alive(self) -> bool:
            return self.of == yard.login

        async def capture(self, label: str) -> tuple[Path, ...]:
            return ()

        async def fork(self) -> Session:
            if not yard.forks:
                raise NotSupported("Yard shows one page only.")
            return YardSession(self.of)

        async def close(self) -> None:
            yard.pages -= not self.closed
            self.closed = True

    class YardAuth(Auth[YardSession]):
        ready = False

        def prepare(self) -> None:
            self.ready = True
            yard.preparations += 1
            yard.prepared += 1

        async def discard(self) -> None:
            yard.prepared -= self.ready
            self.ready = False

        async def open(self, *, fresh: bool = False) -> YardSession:
            yard.opened_ready.append(self.ready)
            if yard.takes_over:
                await self.discard()
            yard.sign_ins += 1
            yard.on_sign_in(yard.sign_ins)
            yard.asked.set()
            await asyncio.sleep(0.02)  # long enough for others to come while it is under way
            yard.login = yard.sign_ins
            return YardSession(yard.login)

        async def save(self, session: YardSession) -> None: ...

        def forget(self) -> bool:
            return False

    class YardUploader(Uploader[YardSession]):
        def claims(self, path: Path) -> Sequence[AdFormat]:
            yard.on_look(path)
            return super().claims(path)

        async def send(
            self, session: YardSession, batch: Batch, gate: Gate, progress: Progress
        ) -> SendReport:
            await yard.before(batch)
            if not await session.alive():
                raise LoginLost("The login has ended.")
            await gate()
            yard.busy.append(batch.ad_format)
            yard.most_busy = max(yard.most_busy, len(yard.busy))
            assert len(set(yard.busy)) == len(yard.busy), "two batches of one ad format at once"
            try:
                await yard.during(batch)
            finally:
                yard.busy.remove(batch.ad_format)
            lost = not await session.alive()
            if not lost:
                yard.take(batch)
            verdict = Verdict.UNCLEAR if lost else Verdict.ACCEPTED
            results = tuple(
                SendResult(it, verdict, "401" if lost else "") for it in batch.creatives
            )
            return SendReport(results, login_lost=lost)

    class YardIds(IdExtractor[YardSession]):
        async def pages(
            self, session: YardSession, ad_format: AdFormat
        ) -> AsyncIterator[LibraryPage]:
            await asyncio.sleep(0)
            if not await session.alive():
                raise LoginLost("The login has ended.")
            yield LibraryPage(tuple(yard.lists[ad_format.name]), last=True)

    return Platform(
        name="yard",
        package="creative-flow-yard",
        version="1",
        info=info,
        auth=YardAuth,
        uploader=YardUploader,
        ids=YardIds,
        find_library=lambda: None,
        find_doctor=lambda: None,
        find_sandbox=lambda: None,
        find_ads_csv=lambda: None,
    )


@define
class Works:
    """A workspace that uploads to a yard."""

    folder: Path
    yard: Yard = Factory(Yard)
    info: PlatformInfo = INFO
    told: list[Event] = field(factory=list)

    @property
    def notices(self) -> list[str]:
        return [event.message for event in self.told if isinstance(event, Noticed)]

    def place(self) -> Workspace:
        settings = {
            "YARD_USERNAME": "ana.buyer",
            "YARD_PASSWORD": "four-quiet-herons",
            "CFU_STATE_DIR": str(self.folder / "state"),
            "TAKE_SCREENSHOTS": "False",
        }
        place = Workspace(self.folder / "workspace", overrides=settings, environ={})
        place.prepare()
        return place

    def files(self, ad_format: str, count: int) -> list[Path]:
        """Make creatives of an ad format, each with content of its own."""
        made = []
        for number in range(count):
            path = self.folder / "files" / f"{ad_format}_{number}.png"
            path.parent.mkdir(exist_ok=True)
            Image.new("RGB", SIZES[ad_format], (number, 1, 2)).save(path)
            made.append(path)
        return made

    async def upload(
        self,
        files: Sequence[Path],
        *,
        parallel: int = 1,
        limit: int | None = None,
        live: bool = True,
    ) -> Report:
        """Run once."""
        place = self.place()
        bulletin = Bulletin([self.told.append])
        context = place.context(
            "yard",
            self.info,
            "default",
            headless=True,
            interactive=False,
            notify=lambda message: bulletin.tell(Noticed(message)),
        )
        run = Run(
            place,
            platform(self.yard, self.info),
            context,
            bulletin,
            evolve(Options(), limit=limit),
            campaign="",
            fresh=False,
            wait=False,
            confirm_forget=None,
            parallel=parallel,
        )
        report = await run.carry_out(list(files), live=live)
        assert self.yard.pages == 0, "a page was left open"
        self.check(report)
        return report

    def check(self, report: Report) -> None:
        """Hold what is said against what the yard has."""
        names = [(it.ad_format, it.name) for every in self.yard.lists.values() for it in every]
        assert len(set(names)) == len(names), "sent twice"
        truth = {it.creative_id: it for every in self.yard.lists.values() for it in every}
        for outcome in report.outcomes:
            if outcome.creative_id:
                entry = truth[outcome.creative_id]
                assert (entry.ad_format, entry.name) == (outcome.ad_format, outcome.path.stem)

    def lease(self) -> Lease:
        """Return the lease that a run takes, to be held by somebody else."""
        from creative_flow.ledger import Ledger

        place = self.place()
        return Lease(place.state_dir, Ledger.open(place.ledger_url), "yard", "ana.buyer")


def refuse(error: CreativeFlowError, *, at: int) -> Callable[[int], None]:
    """Let one sign-in fail."""

    def sign_in(number: int) -> None:
        if number == at:
            raise error

    return sign_in
