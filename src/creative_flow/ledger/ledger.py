"""The ledger's front: every call is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection

from creative_flow.creative import Batch, Outcome, Snapshot
from creative_flow.ledger import adfates, library, owners, runs, walks
from creative_flow.ledger.adhistory import AdHistory
from creative_flow.ledger.adjobs import AdJobs
from creative_flow.ledger.anyledger import AnyLedger
from creative_flow.ledger.brought import BroughtUp
from creative_flow.ledger.database import Database
from creative_flow.ledger.history import History
from creative_flow.ledger.locks import ServerLock
from creative_flow.ledger.records import Attempt, Intent, KnownEntry, Sending
from creative_flow.ledger.statements import Executing
from creative_flow.ledger.uploaded import Uploads
from creative_flow.ledger.walks import Standing

_PAGE = 2_000


class Ledger(AnyLedger):
    """The durable record of accounts, libraries, runs and uploads."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database.reading_text,
            database.writing_text,
            is_shared=database.engine.dialect.name != "sqlite",
        )
        self._database = database

    @classmethod
    def open(cls, url: str) -> Ledger:
        """Open the ledger at ``sqlite:////path`` or ``postgresql://…``; create or migrate it.

        Raises `LedgerError` in one line, without the password, if it can't be opened or trusted.
        """
        return cls(Database(url))

    def close(self) -> None:
        """Write down what waits, and give every connection back."""
        super().close()
        self._database.close()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Do as `_write` does, for statements that are SQLAlchemy's."""
        with self._database.transaction() as connection:
            yield connection
            self._hashes.write(Executing(connection))
        self._hashes.written()

    # ---- accounts

    def bind_account(
        self, platform: str, account: str, login: str, *, rebind: bool = False
    ) -> None:
        """Remember the login that an account stands for; with ``rebind``, change it.

        Raises `WrongAccount` if another one was remembered.
        """
        with self._writing() as connection:
            owners.bind(connection, platform, account, login, rebind=rebind)

    def login(self, platform: str, account: str) -> str:
        """Return the login that an account stands for; empty if none was remembered."""
        with self._database.reading() as connection:
            return owners.login(connection, platform, account)

    # ---- ads

    def ad_jobs(self, place: str = "") -> AdJobs:
        """Return the record of ads put into campaigns; ``place`` as for `inventory`."""
        return AdJobs(self._database.reading, self._writing, place if self._is_shared else "")

    def ad_history(self) -> AdHistory:
        """Return the look back at runs over campaigns, of any workspace."""
        return AdHistory(self._database.reading)

    # ---- leases

    def server_lock(self, key: str) -> ServerLock | None:
        """Return a lock that all users of this ledger share; None if it lies on one machine."""
        engine = self._database.engine
        return ServerLock(engine, key) if self._is_shared else None

    def one_line(self) -> AbstractContextManager[None]:
        """Turn a failure of the database into `LedgerError`."""
        return self._database.one_line()

    # ---- library

    def by_name(
        self, platform: str, account: str, ad_format: str, keys: Collection[str]
    ) -> dict[str, tuple[KnownEntry, ...]]:
        """Return the entries of an ad format by name key, forgotten ones included.

        A key that no entry has is left out. The cost does not grow with the library.
        """
        with self._database.reading() as connection:
            return library.by_name(connection, platform, account, ad_format, keys)

    def by_content(
        self, platform: str, account: str, hashes: Collection[str]
    ) -> dict[str, tuple[KnownEntry, ...]]:
        """Return the entries of all ad formats by SHA-256, as `by_name` does by name."""
        with self._database.reading() as connection:
            return library.by_content(connection, platform, account, hashes)

    def elsewhere(
        self, platform: str, account: str, hashes: Collection[str]
    ) -> dict[str, tuple[KnownEntry, ...]]:
        """Return the entries of the platform's other accounts by SHA-256, as `by_content` does."""
        with self._database.reading() as connection:
            return library.elsewhere(connection, platform, account, hashes)

    def by_id(
        self, platform: str, account: str, ids: Collection[str]
    ) -> dict[str, tuple[KnownEntry, ...]]:
        """Return the entries of all ad formats by Creative ID, as `by_name` does by name."""
        with self._database.reading() as connection:
            return library.by_id(connection, platform, account, ids)

    def entries(self, platform: str, account: str, *, after: int = 0) -> Iterator[KnownEntry]:
        """Yield the entries behind a position in ledger order, forgotten ones included.

        They are read page by page: memory does not grow with the library.
        """
        while True:
            with self._database.reading() as connection:
                page = library.after(connection, platform, account, after, _PAGE)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].position

    def head(self, platform: str, account: str) -> int:
        """Return the last position or revision given in an account's library; 0 if none was."""
        with self._database.reading() as connection:
            return library.head(connection, platform, account)

    def changed(self, platform: str, account: str, *, since: int, upto: int) -> int:
        """Return how many entries at or before position ``upto`` changed after ``since``."""
        with self._database.reading() as connection:
            return library.changed(connection, platform, account, since=since, upto=upto)

    def add_entries(self, platform: str, account: str, entries: Iterable[KnownEntry]) -> int:
        """Take entries in, in one transaction; return how many were not known.

        A known one keeps what stands on a stronger word and has its empty fields filled; the review
        status follows what the platform shows; a forgotten one counts again.
        """
        with self._writing() as connection:
            return library.add(connection, platform, account, entries)

    def forget(self, platform: str, account: str, ids: Collection[tuple[str, str]]) -> None:
        """Flag entries, given by (ad format, Creative ID), as forgotten. They are kept."""
        with self._writing() as connection:
            changes = {name: {"forgotten": True} for name in ids}
            library.change(connection, platform, account, changes)

    def annotate(
        self,
        platform: str,
        account: str,
        extras: Mapping[tuple[str, str], Mapping[str, str]],
    ) -> None:
        """Set the user's own columns of entries, given by (ad format, Creative ID)."""
        with self._writing() as connection:
            changes = {name: {"extra": dict(extra)} for name, extra in extras.items()}
            library.change(connection, platform, account, changes)

    # ---- walks through a library, and look-ups by people

    def standing(
        self, platform: str, account: str, ad_format: str, *, upto: int, unreviewed: bool = False
    ) -> Iterator[Standing]:
        """Yield the entries of an ad format that the platform is taken to have.

        Left out is what came in or changed after the ledger's `head` was ``upto``; ``unreviewed``
        leaves those whose review status is not known, or pending.
        """
        after = 0
        while True:
            with self._database.reading() as connection:
                page = walks.standing(
                    connection,
                    *(platform, account, ad_format),
                    upto=upto,
                    after=after,
                    unreviewed=unreviewed,
                )
            if not page:
                return
            yield from page
            after = page[-1].position

    def count_standing(self, platform: str, account: str, ad_format: str) -> int:
        """Return how many entries of an ad format the platform is taken to have."""
        with self._database.reading() as connection:
            return walks.count_standing(connection, platform, account, ad_format)

    def mark_removed(
        self,
        platform: str,
        account: str,
        ad_format: str,
        ids: Collection[str],
        *,
        unchanged_since: int,
    ) -> list[KnownEntry]:
        """Mark entries as removed on the platform, in one transaction; return them as they were.

        Who came in or changed after the ledger's `head` was ``unchanged_since`` is left alone.
        """
        with self._writing() as connection:
            return walks.mark_removed(
                connection, platform, account, ad_format, ids, unchanged_since=unchanged_since
            )

    def search(
        self,
        platform: str,
        account: str,
        text: str,
        *,
        ad_format: str = "",
        status: str = "",
        limit: int,
    ) -> list[KnownEntry]:
        """Return the newest entries that match, whatever the case; an empty text matches all.

        ``text`` is a part of the name or the beginning of a Creative ID.
        """
        with self._database.reading() as connection:
            return walks.found(
                connection, platform, account, text, ad_format=ad_format, status=status, limit=limit
            )

    # ---- runs

    def start_run(
        self, platform: str, account: str, *, login: str, campaign: str, total: int
    ) -> str:
        """Record that a run of ``total`` creatives begins; return its id.

        The id is ``YYYYMMDD-HHMMSS-xxxx`` in local time.
        """
        with self._writing() as connection:
            return runs.start(
                connection, platform, account, login=login, campaign=campaign, total=total
            )

    def finish_run(self, run: str, *, error: str = "") -> None:
        """Record that a run has ended, and with which error if any."""
        with self._writing() as connection:
            runs.finish(connection, run, error=error)

    def record(self, run: str, outcomes: Iterable[Outcome]) -> None:
        """Record outcomes of creatives of which nothing was sent, in one transaction.

        A path's earlier outcome in the run stands, unless it is PENDING and its fate is not open.
        """
        with self._writing() as connection:
            runs.record(connection, run, outcomes)

    def outcomes(self, run: str) -> tuple[Outcome, ...]:
        """Return each creative's outcome in a run, in the order in which they were recorded."""
        with self._database.reading() as connection:
            return runs.outcomes(connection, run)

    def history(self) -> History:
        """Return the look back at runs of uploads, for lists, reports and totals."""
        return History(self._database.reading)

    def brought_up(self) -> BroughtUp:
        """Return the look back at what runs brought up."""
        return BroughtUp(self._database.reading)

    # ---- batches

    def write_intent(self, run: str, batch: Batch, snapshot: Snapshot, campaign: str) -> int:
        """Record what is about to be sent, each creative PENDING; return the batch's id.

        It is durable on return. Raises `LedgerError` if a creative has its outcome in this run
        already, or its fate is still open.
        """
        with self._writing() as connection:
            return runs.write_intent(connection, run, batch, snapshot, campaign)

    def mark_sending(self, batch_id: int) -> None:
        """Record that from now on bytes of the batch may leave. It is durable on return."""
        with self._writing() as connection:
            runs.mark_sending(connection, batch_id)

    def finish_batch(
        self, batch_id: int, outcomes: Iterable[Outcome], entries: Iterable[KnownEntry]
    ) -> None:
        """Record outcomes and new library entries and close the batch, in one transaction.

        A creative without an outcome stays PENDING with its fate open, one that ends UNKNOWN_ID
        stays open too. Raises `LedgerError` for an outcome of a file that is not in the batch.
        """
        with self._writing() as connection:
            platform, account = runs.account_of_batch(connection, batch_id)
            runs.finish_batch(connection, batch_id, outcomes)
            library.add(connection, platform, account, entries)

    def abandon_batch(self, batch_id: int) -> None:
        """Close a batch of which nothing was sent: its PENDING creatives are free again.

        If its sending had begun, the batch stays as it is, to be settled by asking (law 2).
        """
        with self._writing() as connection:
            runs.abandon_batch(connection, batch_id)

    def sendings(self, platform: str, account: str, *, most: int) -> tuple[Sending, ...]:
        """Return when batches of an account, of any run, were sent: the newest, oldest first."""
        with self._database.reading() as connection:
            return runs.sendings(connection, platform, account, most=most)

    def open_intents(self, platform: str, account: str) -> tuple[Intent, ...]:
        """Return every creative, of any run, whose fate is open, oldest first."""
        with self._database.reading() as connection:
            return runs.open_intents(connection, platform, account)

    def last_attempts(
        self, platform: str, account: str, ad_format: str, keys: Collection[str]
    ) -> dict[str, Attempt]:
        """Return how the newest sending of each name of an ad format ended.

        A name that was never in a batch is left out. The cost does not grow with the ledger.
        """
        with self._database.reading() as connection:
            return runs.last_attempts(connection, platform, account, ad_format, keys)

    def uploads(self) -> Uploads:
        """Return the look-ups among all that was ever uploaded, whatever the account."""
        return Uploads(self._database.reading)

    def open_evidence(self) -> frozenset[str]:
        """Return the evidence of all that is open, of any account: creatives, and campaigns."""
        with self._database.reading() as connection:
            return runs.open_evidence(connection) | adfates.open_evidence(connection)

    def settle(
        self,
        intent: Intent,
        outcome: Outcome | None,
        entries: Iterable[KnownEntry] = (),
        *,
        why: str = "",
    ) -> None:
        """Record what became of an open intent, and the entries seen, in one transaction.

        None says that the platform does not have it: the creative is PENDING, free to be planned
        again; ``why`` says how that is known, if not by asking. UNKNOWN_ID keeps it open. Raises
        `LedgerError` if the intent is not open any more.
        """
        with self._writing() as connection:
            runs.settle(connection, intent, outcome, why=why)
            library.add(connection, intent.platform, intent.account, entries)
