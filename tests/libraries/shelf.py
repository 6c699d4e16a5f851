"""A platform without a browser: its lists are numbers, and change between two pages as told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import define, field, frozen

from creative_flow.creative import AdFormat, Batch, Certainty, Kind, LibraryEntry, Limit
from creative_flow.events import Event, Listener
from creative_flow.ledger import KnownEntry, Ledger, LibraryMirror
from creative_flow.libraries.clerk import Clerk
from creative_flow.libraries.walking import FormatWalker
from creative_flow.link import Link
from creative_flow.platform import (
    API_VERSION,
    Auth,
    Context,
    Gate,
    IdExtractor,
    Library,
    LibraryPage,
    PlatformInfo,
    Progress,
    SendReport,
    Session,
    Uploader,
)
from creative_flow.registry import Platform
from creative_flow.walked import FormatWalked
from creative_flow.workspace import Workspace

PAGE = 3
BANNER = AdFormat(
    name="banner",
    title="Banner",
    kind=Kind.IMAGE,
    file_types=Limit(frozenset({"png"}), Certainty.KNOWN, "this file", "banner.file_types"),
)
INFO = PlatformInfo(
    title="Shelf",
    api_version=API_VERSION,
    ad_formats=(BANNER,),
    library_mirror="Shelf_Library.csv",
    column_prefix="shelf",
    batch_size=2,
    settle_seconds=0,
    appear_seconds=0,
    duplicate_seconds=0,
    poll_seconds=0,
)


@define
class World:
    """A list that changes while it is read, newest first."""

    entries: list[int]
    with_total: bool = True
    statuses: dict[int, str] = field(factory=dict)
    events: list[list[int]] = field(factory=list)
    """What happens before each page that is still to be read."""
    asked: int = 0
    """How many pages were read."""
    ever: int = field(init=False)
    lasting: set[int] = field(init=False)
    """What has stood there since this was last set."""

    def __attrs_post_init__(self) -> None:
        self.ever = len(self.entries)
        self.lasting = set(self.entries)

    def happen(self, events: list[int]) -> None:
        """Let things happen: a number removes that place of the list, -1 adds one on top."""
        for event in events:
            if event < 0:
                self.entries.insert(0, self.ever)
                self.ever += 1
            elif self.entries:
                self.lasting.discard(self.entries.pop(event % len(self.entries)))

    def page(self, number: int) -> LibraryPage:
        """Return a page as it is after what happens before it."""
        self.happen(self.events.pop(0) if self.events else [])
        self.asked += 1
        start = (number - 1) * PAGE
        shown = self.entries[start : start + PAGE]
        return LibraryPage(
            tuple(
                LibraryEntry("banner", str(it), f"name {it}", self.statuses.get(it, "approved"))
                for it in shown
            ),
            last=start + PAGE >= len(self.entries),
            total=len(self.entries) if self.with_total else None,
        )


@frozen
class ShelfSession(Session):
    async def alive(self) -> bool:
        return True

    async def capture(self, label: str) -> tuple[Path, ...]:
        return ()

    async def fork(self) -> Session:
        return self

    async def close(self) -> None:
        return


class ShelfAuth(Auth[ShelfSession]):
    async def open(self, *, fresh: bool = False) -> ShelfSession:
        return ShelfSession()

    async def save(self, session: ShelfSession) -> None:
        return

    def forget(self) -> bool:
        return False


class ShelfUploader(Uploader[ShelfSession]):
    async def send(
        self, session: ShelfSession, batch: Batch, gate: Gate, progress: Progress
    ) -> SendReport:
        raise NotImplementedError


def platform(world: World) -> Platform:
    """Return the platform whose only list is that world."""

    class ShelfIds(IdExtractor[ShelfSession]):
        async def pages(
            self, session: ShelfSession, ad_format: AdFormat
        ) -> AsyncIterator[LibraryPage]:
            number, last = 0, False
            while not last:
                number += 1
                page = world.page(number)
                last = page.last
                yield page

    return Platform(
        name="shelf",
        package="creative-flow-shelf",
        version="1",
        info=INFO,
        auth=ShelfAuth,
        uploader=ShelfUploader,
        ids=ShelfIds,
        find_library=lambda: None,
        find_ads_csv=lambda: None,
        find_publisher=lambda: None,
        publishes=False,
        find_doctor=lambda: None,
        find_sandbox=lambda: None,
    )


@frozen
class Shelf:
    """One account of the platform, and its record."""

    context: Context
    platform: Platform
    world: World
    ledger: Ledger
    mirror: LibraryMirror

    async def walk(
        self,
        *,
        unreviewed_only: bool = False,
        accept: Callable[[str, int, int], bool] = lambda *_: True,
        tell: Listener = lambda _: None,
        library: Library[ShelfSession] | None = None,
    ) -> FormatWalked:
        """Walk the list once, as a refresh does."""
        link = Link(self.platform, self.context)
        clerk = Clerk(self.context, self.ledger, self.mirror)
        used = library or self.platform.library(self.context)
        walker = FormatWalker(self.context, used, link, clerk, tell, accept)
        found = FormatWalked(BANNER.name, BANNER.title)
        await walker.walk(BANNER, found, unreviewed_only=unreviewed_only)
        return found

    def entries(self) -> dict[int, KnownEntry]:
        """Return what the record holds, by number."""
        known = list(self.ledger.entries("shelf", self.context.account))
        assert len({entry.creative_id for entry in known}) == len(known)
        return {int(entry.creative_id): entry for entry in known}

    @property
    def standing(self) -> set[int]:
        return {number for number, entry in self.entries().items() if entry.stands}


@contextmanager
def shelf(place: Workspace, ledger: Ledger, world: World, account: str) -> Iterator[Shelf]:
    """Put a world on the shelf of an account."""
    used = platform(world)
    context = place.context(
        "shelf", INFO, account, headless=True, interactive=False, notify=lambda _: None
    )
    mirror = LibraryMirror(
        ledger,
        place.library_mirror(INFO, account),
        platform="shelf",
        account=account,
        ad_formats=INFO.ad_formats,
        kept_aside=place.kept_aside,
    )
    yield Shelf(context, used, world, ledger, mirror)


def recorder(told: list[Event]) -> Listener:
    return told.append
