"""The ledger at a glance: what a dry run looks up, read without SQLAlchemy.

To import SQLAlchemy takes longer than all the rest of a small dry run. So where nothing is to be
brought in line first, the SQLite file is read as it is. Whatever is out of the ordinary (another
version, something open, a mirror that was edited, any error) is left to the `Ledger`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import time_ns
from typing import Any, Self

from attrs import evolve

from creative_flow.creative import Status
from creative_flow.errors import LedgerError
from creative_flow.ledger import mirrorstates
from creative_flow.ledger.anytext import escape, unescape
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.mirrors.disk import Fingerprint, Stamp
from creative_flow.ledger.mirrors.state import State
from creative_flow.ledger.plain import PlainFile
from creative_flow.ledger.plainledger import PlainLedger
from creative_flow.ledger.records import Attempt, Intent, KnownEntry, Origin
from creative_flow.ledger.statements import marks


class Glance(PlainLedger):
    """One account's part of a ledger that nothing is wrong with. It has `Lookups`."""

    def __init__(self, file: PlainFile) -> None:
        """For `open` alone."""
        super().__init__(file)
        self._accounts: dict[tuple[str, str], int] = {}

    @classmethod
    def open(cls, file: Path, platform: str, account: str, login: str, mirror: Path) -> Self | None:
        """Open a ledger's SQLite file, or return None if only the `Ledger` will do.

        It will where there is no such file yet, or one of another version; where the account is
        bound to another ``login`` (empty: none is at hand), or has creatives whose fate is open;
        and where its library ``mirror`` is not as it was written.
        """
        opened = PlainFile.open(file)
        if opened is None:
            return None
        glance = cls(opened)
        with suppress(LedgerError, OSError, LookupError, TypeError, ValueError):
            if glance._is_in_line(platform, account, login, mirror):
                return glance
        opened.close()  # the `Ledger` says what is wrong with it
        return None

    # ---- look-ups; see `Lookups`

    def by_name(
        self, platform: str, account: str, ad_format: str, keys: Collection[str]
    ) -> dict[str, tuple[KnownEntry, ...]]:
        """Return the entries of an ad format by name key; a key that none has is left out."""
        return self._entries(
            (platform, account),
            f"account_id = {self._account(platform, account)} AND ad_format = ? AND name_key",
            [ad_format],
            [escape(key) for key in keys],
            lambda entry: entry.key,
        )

    def by_content(
        self, platform: str, account: str, hashes: Collection[str]
    ) -> dict[str, tuple[KnownEntry, ...]]:
        """Return the entries of all ad formats by SHA-256."""
        return self._entries(
            (platform, account),
            f"account_id = {self._account(platform, account)} AND sha256",
            [],
            [digest for digest in hashes if digest],
            lambda entry: entry.sha256,
        )

    def elsewhere(
        self, platform: str, account: str, hashes: Collection[str]
    ) -> dict[str, tuple[KnownEntry, ...]]:
        """Return the entries of the platform's other accounts by SHA-256."""
        query = "SELECT id, account FROM accounts WHERE platform = ? AND account <> ?"
        found: defaultdict[str, tuple[KnownEntry, ...]] = defaultdict(tuple)
        for row in sorted(self._rows(query, platform, account), key=lambda row: row["account"]):
            self._accounts[platform, row["account"]] = row["id"]
            for digest, entries in self.by_content(platform, row["account"], hashes).items():
                found[digest] += entries
        return dict(found)

    def last_attempts(
        self, platform: str, account: str, ad_format: str, keys: Collection[str]
    ) -> dict[str, Attempt]:
        """Return how the newest sending of each name of an ad format ended."""
        newest = {}
        query = (
            "SELECT * FROM uploads WHERE account_id = ? AND ad_format = ? AND batch_id IS NOT NULL "
            "AND name_key IN ({}) ORDER BY id"
        )
        account_id = self._account(platform, account)
        for chunk in chunked([escape(key) for key in keys]):
            for row in self._rows(query.format(marks(chunk)), account_id, ad_format, *chunk):
                newest[unescape(row["name_key"])] = Attempt(
                    row["run"],
                    Status(row["status"]),
                    unescape(row["error"]),
                    row["sha256"],
                    tuple(json.loads(row["evidence"])),
                )
        return newest

    def open_intents(self, platform: str, account: str) -> tuple[Intent, ...]:
        """Return nothing: where a creative's fate is open, no `Glance` is made."""
        return ()

    # ---- opening

    def _is_in_line(self, platform: str, account: str, login: str, mirror: Path) -> bool:
        """Say whether nothing has to be bound, settled, read back or restored first."""
        query = "SELECT id, login, head FROM accounts WHERE platform = ? AND account = ?"
        [found] = self._rows(query, platform, account)
        self._accounts[platform, account] = found["id"]
        if login and unescape(found["login"]) != login:
            return False
        query = "SELECT 1 FROM uploads WHERE account_id = ? AND fate_open = 1 LIMIT 1"
        if self._rows(query, found["id"]):
            return False
        with self._read() as execute:
            was = mirrorstates.as_text(execute, mirror)
        stamp = Stamp.of(mirror)
        if was is None:
            return stamp is None and found["head"] == 0
        state = State.read(json.loads(was))
        if stamp is None or stamp.size != state.fingerprint.size:
            return False
        if state.is_untouched(stamp):
            return True
        # Written a moment before it was last looked at: then the time of change does not tell.
        now = time_ns()
        if stamp != state.stamp or Fingerprint.of(mirror, stamp.size) != state.fingerprint:
            return False
        if Stamp.of(mirror) != stamp:
            return False
        # So that it need not be read next time. To lose that costs time; a ledger that can't be
        # written can still be read.
        with suppress(LedgerError), self._write() as execute:
            mirrorstates.renew(execute, mirror, was, evolve(state, checked_ns=now).packed())
        return True

    # ---- reading

    def _account(self, platform: str, account: str) -> int:
        return self._accounts[platform, account]

    def _entries(
        self,
        whose: tuple[str, str],
        where: str,
        first: list[str],
        values: Iterable[str],
        by: Callable[[KnownEntry], str],
    ) -> dict[str, tuple[KnownEntry, ...]]:
        found: defaultdict[str, list[KnownEntry]] = defaultdict(list)
        for chunk in chunked(values):
            query = f"SELECT * FROM library WHERE {where} IN ({{}})"  # noqa: S608 - no user's text
            for row in self._rows(query.format(marks(chunk)), *first, *chunk):
                entry = _entry(row, *whose)
                found[by(entry)].append(entry)
        return {
            wanted: tuple(sorted(entries, key=lambda entry: entry.position))
            for wanted, entries in found.items()
        }

    def _rows(self, query: str, *values: object) -> Sequence[Any]:
        with self._read() as execute:
            return execute(query, values)


def _entry(row: Mapping[str, Any], platform: str, account: str) -> KnownEntry:
    return KnownEntry(
        platform=platform,
        account=account,
        ad_format=row["ad_format"],
        creative_id=row["creative_id"],
        name=unescape(row["name"]),
        key=unescape(row["name_key"]),
        sha256=row["sha256"],
        size=row["size"],
        upload_date=unescape(row["upload_date"]),
        dimensions=unescape(row["dimensions"]),
        file_type=unescape(row["file_type"]),
        review_status=unescape(row["review_status"]),
        origin=Origin(row["origin"]),
        forgotten=bool(row["forgotten"]),
        extra=json.loads(row["extra"]),
        position=row["position"],
        revision=row["revision"],
    )
