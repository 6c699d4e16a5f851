"""What a walk through a platform's library asks of the record, and what people look up in it."""

from __future__ import annotations

from collections.abc import Collection

from attrs import frozen
from sqlalchemy import Connection, func, or_, select

from creative_flow.ledger import library as entries
from creative_flow.ledger import owners
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.records import REMOVED, KnownEntry
from creative_flow.ledger.tables import accounts, library

_PAGE = 5_000
_UNREVIEWED = ("", "pending")


@frozen
class Standing:
    """An entry that the platform is taken to have, as far as a walk needs it."""

    creative_id: str
    name: str
    review_status: str
    position: int


def standing(
    connection: Connection,
    platform: str,
    account: str,
    ad_format: str,
    *,
    upto: int,
    after: int,
    unreviewed: bool,
) -> list[Standing]:
    """Return the next entries behind position ``after`` that stand and did not change since."""
    query = (
        select(library.c.creative_id, library.c.name, library.c.review_status, library.c.position)
        .join(accounts, accounts.c.id == library.c.account_id)
        .where(
            accounts.c.platform == platform,
            accounts.c.account == account,
            library.c.ad_format == ad_format,
            library.c.position > after,
            library.c.position <= upto,
            library.c.revision <= upto,
            library.c.forgotten.is_(False),
            library.c.review_status != REMOVED,
        )
        .order_by(library.c.position)
        .limit(_PAGE)
    )
    if unreviewed:
        query = query.where(library.c.review_status.in_(_UNREVIEWED))
    return [Standing(*row) for row in connection.execute(query)]


def count_standing(connection: Connection, platform: str, account: str, ad_format: str) -> int:
    """Return how many entries of an ad format the platform is taken to have."""
    query = (
        select(func.count())
        .select_from(library)
        .join(accounts, accounts.c.id == library.c.account_id)
        .where(
            accounts.c.platform == platform,
            accounts.c.account == account,
            library.c.ad_format == ad_format,
            library.c.forgotten.is_(False),
            library.c.review_status != REMOVED,
        )
    )
    return connection.execute(query).scalar_one()


def mark_removed(
    connection: Connection,
    platform: str,
    account: str,
    ad_format: str,
    ids: Collection[str],
    *,
    unchanged_since: int,
) -> list[KnownEntry]:
    """Mark entries as removed that nobody has changed since; return them as they were."""
    account_id = owners.require(connection, platform, account)
    owners.lock(connection, account_id)
    marked = []
    for chunk in chunked(ids):
        found = entries.by_id(connection, platform, account, chunk)
        marked += [
            entry
            for known in found.values()
            for entry in known
            if entry.ad_format == ad_format and entry.stands and entry.revision <= unchanged_since
        ]
    changes = {(it.ad_format, it.creative_id): {"review_status": REMOVED} for it in marked}
    entries.change(connection, platform, account, changes)
    return marked


def found(
    connection: Connection,
    platform: str,
    account: str,
    text: str,
    *,
    ad_format: str,
    status: str,
    limit: int,
) -> list[KnownEntry]:
    """Return the newest entries whose name holds a text, or whose Creative ID begins with it."""
    query = (
        select(library.c.ad_format, library.c.creative_id)
        .join(accounts, accounts.c.id == library.c.account_id)
        .where(
            accounts.c.platform == platform,
            accounts.c.account == account,
            library.c.forgotten.is_(False),
        )
        .order_by(library.c.position.desc())
        .limit(limit)
    )
    if text:
        query = query.where(
            or_(
                library.c.name.icontains(text, autoescape=True),
                library.c.creative_id.startswith(text, autoescape=True),
            )
        )
    if ad_format:
        query = query.where(library.c.ad_format == ad_format)
    if status:
        query = query.where(func.lower(library.c.review_status) == status.lower())
    wanted = [tuple(row) for row in connection.execute(query)]
    known = entries.by_id(connection, platform, account, [creative_id for _, creative_id in wanted])
    whole = {(it.ad_format, it.creative_id): it for some in known.values() for it in some}
    return [whole[name] for name in wanted]
