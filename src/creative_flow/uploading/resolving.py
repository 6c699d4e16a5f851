"""Open questions, settled by hand: a person's word is checked, written down, and marked as theirs.

What is asked of the platform here is asked as a run does it; nothing is sent from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from attrs import frozen

from creative_flow.creative import AdFormat, LibraryEntry, Outcome, Status, file_key
from creative_flow.errors import UsageError
from creative_flow.events import Event, Noticed
from creative_flow.ledger import (
    Intent,
    KnownEntry,
    Ledger,
    LibraryMirror,
    Origin,
    StatusMirror,
)
from creative_flow.ledger.lease import Lease
from creative_flow.ledger.mirrors.words import AdFormatWords
from creative_flow.ledger.records import REMOVED
from creative_flow.link import Link
from creative_flow.platform import Context, Notify
from creative_flow.registry import Platform
from creative_flow.tracking import master_mirror_in_use
from creative_flow.uploading.books import Books, Bulletin, now
from creative_flow.uploading.settle import Settler
from creative_flow.workspace import Workspace

_BY_WORD = "on the user's word"
_NOT_THERE = "The user looked and says that the platform does not have it."


@frozen
class Resolver:
    """What a person can settle for one account. Made by `resolver`.

    Every call that settles something holds the account while it does, and raises `AccountBusy` if
    a run holds it.
    """

    place: Workspace
    platform: Platform
    context: Context
    ledger: Ledger
    mirror: LibraryMirror

    def open(self) -> tuple[Intent, ...]:
        """Return every creative that may or may not have reached the platform, oldest first."""
        found = self.ledger.open_intents(self.context.platform, self.context.account)
        return tuple(intent for intent in found if intent.sending_began_at is not None)

    def evidence(self, intent: Intent) -> tuple[Path, ...]:
        """Return the files that show what was seen, as far as they are still there."""
        files = (self.place.root / name for name in intent.evidence)
        return tuple(file for file in files if file.is_file())

    def add(
        self, ad_format: AdFormat, name: str, creative_id: str, *, review_status: str = ""
    ) -> tuple[Intent, ...]:
        """Take in a creative on the user's word; return the open ones that this settles.

        ``name`` is the file's name, or the name as the platform shows it. Raises `UsageError` for
        an id that is none, and if the id or the name is taken.
        """
        name = name.strip()
        if not name:
            raise UsageError("A creative needs a name.", hint="Give the file's name with --name.")
        key = file_key(AdFormatWords(self.context.info.ad_formats).key_stem(name))
        concerned = tuple(
            it for it in self.open() if (it.ad_format, it.key) == (ad_format.name, key)
        )
        entry = KnownEntry(
            platform=self.context.platform,
            account=self.context.account,
            ad_format=ad_format.name,
            creative_id=self._checked_id(creative_id),
            name=name,
            key=key,
            file_type=Path(name).suffix.lower().lstrip("."),
            review_status=review_status.strip(),
            origin=Origin.USER,
        )
        self._check_free(entry, concerned)
        if not concerned:
            self.ledger.add_entries(entry.platform, entry.account, [entry])
        for intent in concerned:
            self._settle_as(intent, entry.creative_id, entry.review_status)
        self.mirror.follow()
        return concerned

    def known_as(self, intent: Intent, creative_id: str) -> None:
        """Settle an open creative by the id that the user found.

        Raises `UsageError` for an id that is none or is taken.
        """
        creative_id = self._checked_id(creative_id)
        self._check_free(_entry(intent, creative_id, ""), [intent])
        self._settle_as(intent, creative_id, "")
        self.mirror.follow()

    def not_there(self, intent: Intent) -> None:
        """Settle an open creative as not on the platform: it may be sent again."""
        with self._holding(intent):
            self.ledger.settle(intent, None, why=_NOT_THERE)

    async def look(
        self, intents: Sequence[Intent], *, headless: bool | None, step: Callable[[str], None]
    ) -> None:
        """Ask the platform what became of open creatives, and write that down.

        Signs in if need be. ``step`` is told what it is busy with. Raises what keeps the platform
        from being asked.
        """
        context = self.place.context(
            self.context.platform,
            self.context.info,
            self.context.account,
            headless=headless,
            interactive=self.context.interactive,
            notify=self.context.notify,
        )
        context.require_credentials()
        link = Link(self.platform, context)
        with self._holding(*intents) as lease:
            ids, books = self.platform.ids(context), self._books(lease)
            settler = Settler(context, ids, link, books, step, root=self.place.root)
            try:
                await settler.settle(intents)
            finally:
                await link.drop()

    # ── Checking ─────────────────────────────────────────────────────────────────────────────────

    def _checked_id(self, creative_id: str) -> str:
        creative_id = creative_id.strip()
        pattern = self.context.info.id_pattern
        if not re.fullmatch(pattern, creative_id, re.ASCII):
            title = self.context.info.title
            raise UsageError(
                f"{creative_id!r} is no Creative ID of {title}.",
                hint=f"It must match {pattern}, as {title} shows it in its library.",
            )
        return creative_id

    def _check_free(self, entry: KnownEntry, concerned: Sequence[Intent]) -> None:
        """Raise `UsageError` if the entry's id is another creative's, or its name is taken.

        A name that stood there before a file was sent may stand there twice now.
        """
        place = (entry.platform, entry.account)
        creative_id = entry.creative_id
        before = [_stood_before(intent) for intent in concerned]
        with_id: list[KnownEntry | LibraryEntry] = [
            *self.ledger.by_id(*place, [creative_id]).get(creative_id, ()),
            *(seen[creative_id] for seen in before if creative_id in seen),
        ]
        for other in with_id:
            if (other.ad_format, other.key) != (entry.ad_format, entry.key):
                raise UsageError(
                    f"Creative ID {creative_id} is taken: it is {other.name!r} in "
                    f"{other.ad_format}.",
                    hint="Look it up on the platform again.",
                )
            if isinstance(other, KnownEntry) and other.review_status == REMOVED:
                raise UsageError(
                    f"Creative ID {creative_id} is marked as removed: a refresh did not find it.",
                    hint="If it is there again, `cfu library refresh` takes it up.",
                )
        named = self.ledger.by_name(*place, entry.ad_format, [entry.key]).get(entry.key, ())
        for other in named:
            if not other.stands:
                continue
            if other.creative_id == creative_id and not concerned:
                raise UsageError(
                    f"{other.name!r} with Creative ID {creative_id} is in the library already."
                )
            stood_before = any(other.creative_id in seen for seen in before)
            if other.creative_id != creative_id and not stood_before:
                raise UsageError(
                    f"The name {other.name!r} is taken in {entry.ad_format} by Creative ID "
                    f"{other.creative_id}.",
                    hint="Look both up on the platform.",
                )

    # ── Writing ──────────────────────────────────────────────────────────────────────────────────

    def _settle_as(self, intent: Intent, creative_id: str, review_status: str) -> None:
        stood_before = creative_id in _stood_before(intent)
        outcome = Outcome(
            intent.path,
            Status.DUPLICATE if stood_before else Status.SUCCESS,
            ad_format=intent.ad_format,
            creative_id=creative_id,
            error="the platform had this name before" if stood_before else "",
            evidence=intent.evidence,
            at=now(),
            note=_BY_WORD,
        )
        entry = _entry(intent, creative_id, review_status)
        with self._holding(intent):
            self.ledger.settle(intent, outcome, [entry])

    @contextmanager
    def _holding(self, *intents: Intent) -> Iterator[Lease]:
        """Hold the account, and make sure that nobody has settled these meanwhile."""
        credentials = self.context.credentials
        who = credentials.login if credentials else self.ledger.login(*self._account)
        with Lease(self.place.state_dir, self.ledger, self.context.place, who).take() as lease:
            still = {intent.upload_id for intent in self.open()}
            for intent in intents:
                if intent.upload_id not in still:
                    raise UsageError(f"What became of {intent.path.name} was settled meanwhile.")
            yield lease

    @property
    def _account(self) -> tuple[str, str]:
        return self.context.platform, self.context.account

    def _books(self, lease: Lease) -> Books:
        """Return books for settling only: they belong to no run, and get no outcomes."""
        info, account = self.context.info, self.context.account
        status_csv = self.place.status_csv(datetime.now().astimezone(), account)
        return Books(
            self.ledger,
            "",
            lease,
            campaign="",
            account=self._account,
            library=self.mirror,
            status=StatusMirror(status_csv, title=info.title, column_prefix=info.column_prefix),
            master=master_mirror_in_use(self.ledger, self.place),
            master_seconds=0.0,
            bulletin=Bulletin([self._pass_on]),
        )

    def _pass_on(self, event: Event) -> None:
        if isinstance(event, Noticed):
            self.context.notify(event.message)


@contextmanager
def resolver(
    place: Workspace, platform: Platform, account: str, *, interactive: bool, notify: Notify
) -> Iterator[Resolver]:
    """Open an account's record, with what the user has changed in its library CSV taken in.

    Raises `UsageError` for a record that can't be opened, `WrongAccount` for another login's.
    """
    place.prepare()
    context = place.context(
        platform.name,
        platform.info,
        account,
        headless=True,  # no window before somebody wants to look
        interactive=interactive,
        notify=notify,
    )
    with Ledger.open(place.ledger_url) as ledger:
        if context.credentials:
            ledger.bind_account(platform.name, account, context.credentials.login)
        mirror = LibraryMirror(
            ledger,
            place.library_mirror(platform.info, account),
            platform=platform.name,
            account=account,
            ad_formats=platform.info.ad_formats,
            kept_aside=place.tracking / "kept_aside",
        )
        mirror.take_in(notify=notify, confirm_forget=None)
        yield Resolver(place, platform, context, ledger, mirror)


def _entry(intent: Intent, creative_id: str, review_status: str) -> KnownEntry:
    """Return the entry that an open creative becomes on the user's word."""
    stood_before = creative_id in _stood_before(intent)
    began = intent.sending_began_at
    return KnownEntry(
        platform=intent.platform,
        account=intent.account,
        ad_format=intent.ad_format,
        creative_id=creative_id,
        name=intent.path.name,
        key=intent.key,
        # What stood there before has a content that nobody here knows.
        sha256="" if stood_before else intent.sha256,
        size=None if stood_before else intent.size,
        upload_date=f"{began.astimezone():%Y-%m-%d}" if began and not stood_before else "",
        file_type=intent.path.suffix.lower().lstrip("."),
        review_status=review_status,
        origin=Origin.USER,
    )


def _stood_before(intent: Intent) -> dict[str, LibraryEntry]:
    """Return what is known to have stood in the library before the sending, by Creative ID."""
    entries = intent.snapshot.entries if intent.snapshot else ()
    return {entry.creative_id: entry for entry in entries}
