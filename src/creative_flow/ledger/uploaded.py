"""What is up: how each upload of a name ended, looked up by index. Nothing is changed here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from sqlalchemy import Connection, and_, func, select

from creative_flow.creative import Status
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.database import Connected
from creative_flow.ledger.records import PastUpload
from creative_flow.ledger.tables import accounts, library, uploads


class Uploads:
    """Look-ups among all that was ever uploaded. Empty ``platform`` or ``account``: any."""

    def __init__(self, reading: Connected) -> None:
        self._reading = reading

    def accounts(self) -> tuple[tuple[str, str], ...]:
        """Return every platform and account on record, in order."""
        with self._reading() as connection:
            rows = connection.execute(select(accounts.c.platform, accounts.c.account))
            return tuple(sorted((row.platform, row.account) for row in rows))

    def by_name(
        self, keys: Collection[str], *, platform: str = "", account: str = ""
    ) -> dict[str, tuple[PastUpload, ...]]:
        """Return the uploads of each name in any ad format, oldest first.

        What a run only skipped was no upload. A name that was never uploaded is left out.
        """
        found: defaultdict[str, list[PastUpload]] = defaultdict(list)
        with self._reading() as connection:
            for account_id in _accounts(connection, platform, account):
                # With all three columns of the index named, the look-up does not grow.
                ad_formats = list(_ad_formats(connection, account_id))
                for chunk in chunked(keys):
                    named = and_(
                        uploads.c.account_id == account_id,
                        uploads.c.ad_format.in_(ad_formats),
                        uploads.c.name_key.in_(chunk),
                    )
                    for past in _past(connection, named):
                        found[past.key].append(past)
        return {key: _in_order(past) for key, past in found.items()}

    def by_unique_id(
        self, unique_ids: Collection[str], *, platform: str = "", account: str = ""
    ) -> dict[str, tuple[PastUpload, ...]]:
        """Return the uploads of each unique id, as `by_name` does by name."""
        found: defaultdict[str, list[PastUpload]] = defaultdict(list)
        with self._reading() as connection:
            ids = list(_accounts(connection, platform, account))
            for chunk in chunked(unique_ids):
                wanted = and_(uploads.c.unique_id.in_(chunk), uploads.c.account_id.in_(ids))
                for past in _past(connection, wanted):
                    found[past.unique_id].append(past)
        return {unique_id: _in_order(past) for unique_id, past in found.items()}


def _in_order(past: list[PastUpload]) -> tuple[PastUpload, ...]:
    return tuple(sorted(past, key=lambda it: it.position))


def _accounts(connection: Connection, platform: str, account: str) -> list[int]:
    query = select(accounts.c.id)
    if platform:
        query = query.where(accounts.c.platform == platform)
    if account:
        query = query.where(accounts.c.account == account)
    return list(connection.execute(query).scalars())


def _ad_formats(connection: Connection, account_id: int) -> Iterator[str]:
    """Yield the ad formats that an account has used, one step in the index for each."""
    last = ""
    while True:
        found = connection.execute(
            select(func.min(uploads.c.ad_format)).where(
                uploads.c.account_id == account_id, uploads.c.ad_format > last
            )
        ).scalar_one_or_none()
        if found is None:
            return
        yield found
        last = found


def _past(connection: Connection, wanted: object) -> Iterator[PastUpload]:
    query = (
        select(
            uploads,
            accounts.c.platform,
            accounts.c.account,
            library.c.forgotten,
            library.c.review_status,
        )
        .join(accounts, accounts.c.id == uploads.c.account_id)
        .outerjoin(
            library,
            and_(
                library.c.account_id == uploads.c.account_id,
                library.c.creative_id == uploads.c.creative_id,
                library.c.ad_format == uploads.c.ad_format,
            ),
        )
        .where(wanted, uploads.c.status != Status.SKIPPED.value)  # type: ignore[arg-type]
    )
    for row in connection.execute(query):
        yield PastUpload(
            run=row.run,
            platform=row.platform,
            account=row.account,
            ad_format=row.ad_format,
            key=row.name_key,
            sha256=row.sha256,
            size=row.size,
            unique_id=row.unique_id,
            native_pair_id=row.native_pair_id,
            status=Status(row.status),
            creative_id=row.creative_id,
            fate_open=row.fate_open,
            stands=not (row.forgotten or row.review_status == "removed"),
            position=row.id,
        )
