"""What a platform plugin subclasses: `Auth`, `Session`, `Uploader`, `IdExtractor`; perhaps more.

A plugin is one package with one entry point in the group ``creative_flow.platforms``. The module it
names implements the hooks of :mod:`creative_flow.hookspecs`, each of which hands over one of the
classes below. This is a whole plugin for a network that has an HTTP API::

    from creative_flow import hookimpl
    from creative_flow.platform import Auth, IdExtractor, LibraryPage, Session, Uploader

    class AcmeSession(Session):
        def __init__(self, client):
            self.client = client
        async def alive(self):
            return (await self.client.get("/me")).status_code == 200
        async def capture(self, label):
            return ()                                   # an API has no page to photograph
        async def fork(self):
            return AcmeSession(self.client)
        async def close(self):
            await self.client.aclose()

    class AcmeAuth(Auth[AcmeSession]):
        async def open(self, *, fresh=False):
            return AcmeSession(make_client(self.context.require_credentials()))
        async def save(self, session): ...
        def forget(self):
            return False

    class AcmeUploader(Uploader[AcmeSession]):
        async def send(self, session, batch, gate, progress):
            await gate()                                # from here on bytes may have left
            results = [await post(session.client, creative) for creative in batch.creatives]
            return SendReport(results)

    class AcmeIds(IdExtractor[AcmeSession]):
        async def pages(self, session, ad_format):      # newest first
            number, last = 0, False
            while not last:
                number += 1
                entries, last = await fetch_page(session.client, ad_format, number)
                yield LibraryPage(tuple(entries), last=last)

    @hookimpl
    def creative_flow_auth():
        return AcmeAuth
    # … and one such function for each of the other hooks

The core asks, proves and records; a plugin only says what stands on the platform and hands files
over. That is why `IdExtractor` needs no more than one walk through a list, and why
`Uploader.send` never retries.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from attrs import field, frozen

from creative_flow.creative import (
    AdFormat,
    Batch,
    Creative,
    LibraryEntry,
    NativePair,
    Snapshot,
)
from creative_flow.errors import CredentialsMissing, UsageError
from creative_flow.proof import Walk

if TYPE_CHECKING:
    from creative_flow.campaign import CsvVerdict, ListedAds
    from creative_flow.checks import Check

API_VERSION = 1
"""The version of this contract. A plugin names the one it was written for in its `PlatformInfo`."""

Notify = Callable[[str], None]
"""Tells the user one line, now."""


@frozen
class Setting:
    """A setting that a platform reads from command line, environment or ``config/.env``.

    ``tells_apart`` says that another value means another platform: a login at a sandbox is not the
    login of the same name at the real one.
    """

    name: str
    default: str
    help: str
    tells_apart: bool = False


@frozen
class PlatformInfo:
    """What a platform is and how it wants to be treated.

    ``title`` is for people ("TrafficJunky"); ``column_prefix`` names its columns in mirrors (``tj``
    gives ``tj_creative_id``) and its credentials (``TJ_USERNAME``); ``library_mirror`` is the file
    name of its library's CSV; ``batch_size`` how many files go in one batch at most. The waiting
    times, in seconds: ``settle_seconds`` after the last byte could have left, "not there" counts
    (DESIGN, law 2); ``appear_seconds`` is how long an accepted file's id may take to show;
    ``duplicate_seconds`` how long to wait for one if an older entry bears the name already;
    ``poll_seconds`` the pause between two looks. ``unsupported`` is empty, or the one line that
    says why nothing can be uploaded yet: plans show it, and every attempt ends in it.
    ``id_pattern`` is a regular expression that the whole of a Creative ID matches, for ids that
    people type. ``native_pair`` says what ``cfu process`` makes of a video for a native pair; None
    where the platform has none. ``inventory_columns`` are the facts that the inventory CSV shows
    of an upload, in order: ``creative_id``, ``upload_date``, ``campaign_id``; where several
    platforms have some, the one of the least ``inventory_order`` stands leftmost.

    Two are manners, 0 for none: ``batch_pause_seconds``, the least time from one batch's beginning
    or end to the beginning of the next, and ``batches_per_hour``, how many may begin in any hour,
    those of earlier runs of the account included.
    """

    title: str
    api_version: int
    ad_formats: tuple[AdFormat, ...]
    library_mirror: str
    column_prefix: str
    batch_size: int
    settle_seconds: float
    appear_seconds: float
    duplicate_seconds: float
    poll_seconds: float
    settings: tuple[Setting, ...] = ()
    unsupported: str = ""
    id_pattern: str = "[0-9]+"
    native_pair: NativePair | None = None
    inventory_columns: tuple[str, ...] = ("creative_id", "upload_date")
    inventory_order: int = 100
    batch_pause_seconds: float = 0.0
    batches_per_hour: int = 0

    def ad_format(self, name: str) -> AdFormat:
        """Return the ad format of that name.

        Raises `UsageError` if there is none, naming those that exist.
        """
        for ad_format in self.ad_formats:
            if ad_format.name == name:
                return ad_format
        known = ", ".join(ad_format.name for ad_format in self.ad_formats)
        raise UsageError(f"{self.title} has no ad format {name!r}.", hint=f"It has: {known}.")


@frozen
class Credentials:
    """A login and its password. The password never shows in a representation."""

    login: str
    password: str = field(repr=lambda _: "***")


@frozen
class Context:
    """What the core tells a plugin about the run it works for.

    ``settings`` holds every `Setting` of the platform and the general ones (``HEADLESS_MODE``,
    ``TIMEOUT``, …), the strongest source having won. ``session_file`` is where a login may be kept
    (owner-readable only), ``overrides_file`` the user's own data for this platform, and
    ``evidence_dir`` where captures go. ``interactive`` is False where nobody sits at a terminal.
    """

    platform: str
    account: str
    info: PlatformInfo
    settings: Mapping[str, str]
    session_file: Path
    overrides_file: Path
    evidence_dir: Path
    credentials: Credentials | None
    headless: bool
    interactive: bool
    notify: Notify

    @property
    def place(self) -> str:
        """Which of several like it the platform is: the real one, a sandbox."""
        values = (self.settings[it.name] for it in self.info.settings if it.tells_apart)
        return " ".join((self.platform, *values))

    def require_credentials(self) -> Credentials:
        """Return the credentials, or raise `CredentialsMissing` saying how to set them."""
        if self.credentials is None:
            raise CredentialsMissing(
                f"No credentials are set for {self.info.title}, account {self.account!r}.",
                hint=f"Run `cfu setup --platform {self.platform}`.",
            )
        return self.credentials


class Session(ABC):
    """A live login: a browser page, an HTTP client, whatever the platform needs."""

    login: str = ""
    """The login this session was made for."""

    @abstractmethod
    async def alive(self) -> bool:
        """Ask the platform whether the login still holds."""

    @abstractmethod
    async def capture(self, label: str) -> tuple[Path, ...]:
        """Save evidence of what is seen now, without secrets; return the files' paths."""

    async def picture(self, label: str) -> tuple[Path, ...]:
        """Save a picture of what is seen now, where nothing is wrong; return the files' paths.

        What `capture` saves, unless there is a quicker way to a picture alone.
        """
        return await self.capture(label)

    @abstractmethod
    async def fork(self) -> Session:
        """Open another page of the same login, to work side by side.

        Either may be closed first. Raises `NotSupported` if the platform can't be worked with in
        several places at once; batches then go one after the other. Raises `PlatformUnreachable` if
        this session is dead.
        """

    @abstractmethod
    async def close(self) -> None:
        """Give everything back. Closing twice is fine."""


S = TypeVar("S", bound=Session)


class Auth(ABC, Generic[S]):
    """Opens sessions for one account, and keeps or forgets the saved login."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def prepare(self) -> None:
        """Begin, in the running event loop, what `open` will take long over and nobody sees.

        That is neither a window nor anything that the platform notices: whether the account is
        needed is not known yet. `discard` follows, after `open` if there is need of that.
        """
        return

    async def discard(self) -> None:
        """Give back what `prepare` made and no `open` has taken over. Twice is fine."""
        return

    @abstractmethod
    async def open(self, *, fresh: bool = False) -> S:
        """Return a session that is proved to be signed in as the account.

        Restores the saved login, else (or with ``fresh``) lets the user sign in and saves it. Wrong
        credentials are tried once. Raises `LoginError`, `PageNotUnderstood`, `PlatformUnreachable`.
        """

    @abstractmethod
    async def save(self, session: S) -> None:
        """Keep the login for the next run, readable by its owner only."""

    @abstractmethod
    def forget(self) -> bool:
        """Remove the saved login; return whether there was one."""


class Verdict(StrEnum):
    """What the platform said about one file that was handed to it."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCLEAR = "unclear"


@frozen
class SendResult:
    """The platform's word on one file. ``reason`` is its text, where it gave one.

    UNCLEAR means that the file may or may not have arrived (a time-out, a server error, a dead
    connection); the core then settles it by asking.
    """

    creative: Creative
    verdict: Verdict
    reason: str = ""


@frozen
class SendReport:
    """What came of handing over a batch: one result per creative.

    ``login_lost`` says that the login died on the way, ``evidence`` names files that show what was
    seen if not all was well.
    """

    results: tuple[SendResult, ...]
    login_lost: bool = False
    evidence: tuple[Path, ...] = ()


Gate = Callable[[], Awaitable[None]]
"""Awaited once by `Uploader.send` right before the first byte can leave; may raise to forbid it."""

Progress = Callable[[int, int], None]
"""Told (files done, bytes done) of the batch as it goes."""


class Uploader(ABC, Generic[S]):
    """Hands batches to the platform."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def claims(self, path: Path) -> Sequence[AdFormat]:
        """Return the ad formats that the file's folder, else its name, chooses.

        Override it where a platform has other habits; no answer leaves the choice to the rules.
        """
        formats = self.context.info.ad_formats
        by_folder = [ad_format for ad_format in formats if ad_format.claims(path)]
        return by_folder or [ad_format for ad_format in formats if ad_format.claims_name(path.stem)]

    @abstractmethod
    async def send(self, session: S, batch: Batch, gate: Gate, progress: Progress) -> SendReport:
        """Send one batch, once, and report what the platform said of each file.

        Awaits ``gate`` right before bytes can leave; whatever is raised before that point means
        that nothing was sent. After it, nothing is raised for what can be told per file, and when
        the call returns or raises no byte can leave any more. Raises `PageNotUnderstood`,
        `LoginLost`, `PlatformUnreachable`.
        """


@frozen
class LibraryPage:
    """One page of a library's list, newest first. ``total`` is the whole list's length if shown."""

    entries: tuple[LibraryEntry, ...]
    last: bool
    total: int | None = None


class IdExtractor(ABC, Generic[S]):
    """Reads what stands in an ad format's library."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @abstractmethod
    def pages(self, session: S, ad_format: AdFormat) -> AsyncIterator[LibraryPage]:
        """Walk the list from its newest page on, as the platform has it now (never a stale one).

        Ends after the page that is proved to be the last. Raises `PageNotUnderstood`, `LoginLost`,
        `PlatformUnreachable`.
        """

    def newest(self, session: S, ad_format: AdFormat) -> AsyncIterator[LibraryPage]:
        """Walk as `pages` does, before a batch is sent.

        A plugin may begin with a list that came seconds ago, if nothing was done in it since.
        """
        return self.pages(session, ad_format)

    async def snapshot(self, session: S, ad_format: AdFormat, room: int) -> Snapshot:
        """Read as many of the newest pages as ``room`` new entries can fill, plus one."""
        walk = Walk(None)
        filled = False
        async with walking(self.newest(session, ad_format)) as pages:
            async for page in pages:
                walk.add(page.entries, last=page.last)
                if filled:
                    break
                filled = len(walk.entries) >= room
        return Snapshot(ad_format.name, walk.entries, walk.ended, datetime.now(UTC))

    async def find(
        self,
        session: S,
        ad_format: AdFormat,
        keys: Collection[str],
        before: Snapshot | None,
        *,
        to_end: bool,
        looked_at: Callable[[int], None] = lambda _: None,
    ) -> Walk:
        """Look for names: what bears them, and which of it was not there ``before``.

        Stops once each key has a new entry. With ``to_end`` it otherwise reads the whole list, else
        only down to what stood there before; where the list is not in the order it had, it always
        reads on. ``looked_at`` is told the number of pages read so far.
        """
        walk = Walk(before)
        async with walking(self.pages(session, ad_format)) as pages:
            number = 0
            async for page in pages:
                number += 1
                looked_at(number)
                walk.add(page.entries, last=page.last)
                if walk.anchored and (
                    all(walk.new(key) for key in keys) or (walk.in_order and not to_end)
                ):
                    break
        return walk


@asynccontextmanager
async def walking(pages: AsyncIterator[LibraryPage]) -> AsyncIterator[AsyncIterator[LibraryPage]]:
    """Close a generator that is left early, so that the page it holds is free at once."""
    try:
        yield pages
    finally:
        if isinstance(pages, AsyncGenerator):
            await pages.aclose()


class Library(Generic[S]):
    """Walks a whole library, ad format by ad format, for ``cfu library refresh``.

    It needs no plugin of its own: as it stands here, it reads what `IdExtractor.pages` reads. A
    plugin subclasses it where a long walk can be had cheaper than many short looks, such as longer
    pages or no reload between two ad formats.
    """

    def __init__(self, context: Context, ids: IdExtractor[S]) -> None:
        self.context = context
        self.ids = ids

    def pages(self, session: S, ad_format: AdFormat) -> AsyncIterator[LibraryPage]:
        """Walk the list from its newest page on, as the platform has it now.

        Like `IdExtractor.pages`, but the session is this walk's alone: nothing else is done with it
        between two calls. Every page but the last must have the same number of entries, and each
        entry its review status if the platform shows one. Whether something slid past while the
        list changed is the core's business. Ends after the page that is proved to be the last.
        Raises `PageNotUnderstood`, `LoginLost`, `PlatformUnreachable`.
        """
        return self.ids.pages(session, ad_format)


@frozen
class Confirmation:
    """What came of confirming an ads CSV.

    ACCEPTED means that the platform took it without a word against it; whether the ads are there is
    for the campaign's list to prove. Everything else is UNCLEAR, for ``reason``. ``login_lost``
    says that the login died on the way, ``evidence`` names files that show what was seen.
    """

    verdict: Verdict
    reason: str = ""
    login_lost: bool = False
    evidence: tuple[Path, ...] = ()


class AdPublisher(ABC, Generic[S]):
    """Puts the ads of a CSV into a campaign.

    The core calls `open`, `ads`, `offer` and `confirm` on one session in this order, perhaps some
    of them again; only `confirm` changes anything on the platform. What a CSV is, which ads are
    there already and what counts as proved is the core's business.
    """

    campaign_id_pattern: str = "[0-9]+"
    """A regular expression that the whole of a campaign's id matches."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def filled(self, key: str, text: str, campaign_name: str) -> str:
        """Return a cell as it goes into the campaign of that name; ``key`` is its column's.

        As it stands here, nothing is changed.
        """
        return text

    @abstractmethod
    async def open(self, session: S, campaign_id: str) -> str:
        """Load the campaign's page afresh and return the campaign's name as it stands there.

        Raises `CampaignUnavailable` if there is no such campaign, or it takes no ads now, and
        `PageNotUnderstood`, `LoginLost`, `PlatformUnreachable`.
        """

    @abstractmethod
    async def ads(self, session: S, campaign_id: str) -> ListedAds:
        """Read all ads that the page lists that was opened last, or that stands there since.

        Raises `PageNotUnderstood`, `LoginLost`, `PlatformUnreachable`.
        """

    @abstractmethod
    async def offer(self, session: S, campaign_id: str, csv: Path) -> CsvVerdict:
        """Hand an ads CSV to the page that was opened last, and return what it says.

        No ad is created by that. Raises `PageNotUnderstood`, `LoginLost`, `PlatformUnreachable`.
        """

    @abstractmethod
    async def confirm(self, session: S, campaign_id: str, gate: Gate) -> Confirmation:
        """Have the ads of the CSV created that was offered last, once.

        Awaits ``gate`` right before that can begin; whatever is raised before that point means that
        no ad was created. After it nothing is raised for what can be told, and when the call
        returns or raises nothing can leave any more. Raises `PageNotUnderstood`, `LoginLost`,
        `PlatformUnreachable`.
        """


class Doctor(ABC, Generic[S]):
    """Looks whether the platform's pages are still as the plugin expects them."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @abstractmethod
    def examine(self, session: S) -> AsyncIterator[Check]:
        """Walk the pages and yield what was found of each thing, in the order of the pages.

        Changes nothing on the platform and ends soon, however much is missing. Raises `LoginLost`
        and `PlatformUnreachable`; a page that is not as expected is a `Check`.
        """

    async def examine_campaign(self, session: S, campaign_id: str) -> AsyncIterator[Check]:
        """Look in the same way at a campaign's pages, through which ads are put into it.

        An empty id says that no campaign is known; then each check says that. A platform that takes
        no ads has nothing to look at, which is what this one does.
        """
        nothing: tuple[Check, ...] = ()
        for check in nothing:
            yield check


class Sandbox(ABC):
    """A stand-in of the platform on this machine, for rehearsal, demo and tests."""

    @abstractmethod
    def __init__(
        self, *, state_dir: Path | None = None, settings: Mapping[str, object] | None = None
    ) -> None:
        """Keep what it is told in ``state_dir``, if given; ``settings`` are the sandbox's own."""

    @abstractmethod
    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve on a loopback address (port 0: any that is free); return the base address."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop serving."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Return the settings that aim the plugin at this sandbox, credentials included."""

    @abstractmethod
    def make_samples(self, folder: Path) -> list[Path]:
        """Write sample creatives that the platform takes; existing ones are left alone."""
