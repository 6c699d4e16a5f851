"""The library in the ledger: look-ups by index, and entries coming in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from attrs import evolve
from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update

from creative_flow.errors import LedgerError
from creative_flow.ledger import looks, owners
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.records import REMOVED, KnownEntry, Origin
from creative_flow.ledger.statements import Executing
from creative_flow.ledger.tables import accounts, library

_Found = defaultdict[str, list[KnownEntry]]


def _entries(platform: str, account: str) -> Select[Any]:
    return (
        select(library)
        .join(accounts, accounts.c.id == library.c.account_id)
        .where(accounts.c.platform == platform, accounts.c.account == account)
    )


# The look-ups below are put in ledger order here, not by the statement: asked for an order, SQLite
# walks the index that has it, and so the whole library.


def by_name_query(platform: str, account: str, ad_format: str, keys: Sequence[str]) -> Select[Any]:
    """Return the statement that looks names up."""
    return _entries(platform, account).where(
        library.c.ad_format == ad_format, library.c.name_key.in_(keys)
    )


def by_content_query(platform: str, account: str, hashes: Sequence[str]) -> Select[Any]:
    """Return the statement that looks contents up."""
    return _entries(platform, account).where(library.c.sha256.in_(hashes))


def by_id_query(platform: str, account: str, ids: Sequence[str]) -> Select[Any]:
    """Return the statement that looks Creative IDs up, whatever their ad format."""
    return _entries(platform, account).where(library.c.creative_id.in_(ids))


def by_name(
    connection: Connection, platform: str, account: str, ad_format: str, keys: Collection[str]
) -> dict[str, tuple[KnownEntry, ...]]:
    """Return the entries that bear the names; a name that none bears is left out."""
    found: _Found = defaultdict(list)
    for chunk in chunked(keys):
        for row in connection.execute(by_name_query(platform, account, ad_format, chunk)):
            found[row.name_key].append(_entry(row, platform, account))
    return _ordered(found)


def by_content(
    connection: Connection, platform: str, account: str, hashes: Collection[str]
) -> dict[str, tuple[KnownEntry, ...]]:
    """Return the entries that have the contents; one that none has is left out."""
    found: _Found = defaultdict(list)
    for chunk in chunked(digest for digest in hashes if digest):
        for row in connection.execute(by_content_query(platform, account, chunk)):
            found[row.sha256].append(_entry(row, platform, account))
    return _ordered(found)


def elsewhere_query(platform: str, account: str, hashes: Sequence[str]) -> Select[Any]:
    """Return the statement that looks contents up among the platform's other accounts."""
    return (
        select(library, accounts.c.account.label("holder"))
        .join(accounts, accounts.c.id == library.c.account_id)
        .where(
            accounts.c.platform == platform,
            accounts.c.account != account,
            library.c.sha256.in_(hashes),
        )
    )


def elsewhere(
    connection: Connection, platform: str, account: str, hashes: Collection[str]
) -> dict[str, tuple[KnownEntry, ...]]:
    """Return the entries of other accounts that have the contents, by content."""
    found: _Found = defaultdict(list)
    for chunk in chunked(digest for digest in hashes if digest):
        for row in connection.execute(elsewhere_query(platform, account, chunk)):
            found[row.sha256].append(_entry(row, platform, row.holder))
    return {
        digest: tuple(sorted(entries, key=lambda entry: (entry.account, entry.position)))
        for digest, entries in found.items()
    }


def by_id(
    connection: Connection, platform: str, account: str, ids: Collection[str]
) -> dict[str, tuple[KnownEntry, ...]]:
    """Return the entries of these Creative IDs in any ad format; an unknown id is left out."""
    found: _Found = defaultdict(list)
    for chunk in chunked(ids):
        for row in connection.execute(by_id_query(platform, account, chunk)):
            found[row.creative_id].append(_entry(row, platform, account))
    return _ordered(found)


def _ordered(found: _Found) -> dict[str, tuple[KnownEntry, ...]]:
    return {
        wanted: tuple(sorted(entries, key=lambda entry: entry.position))
        for wanted, entries in found.items()
    }


def after(
    connection: Connection, platform: str, account: str, position: int, limit: int
) -> list[KnownEntry]:
    """Return the next entries behind a position, in ledger order."""
    rows = connection.execute(
        _entries(platform, account)
        .where(library.c.position > position)
        .order_by(library.c.position)
        .limit(limit)
    )
    return [_entry(row, platform, account) for row in rows]


def head(connection: Connection, platform: str, account: str) -> int:
    """Return the highest position or revision that the account's library has come to."""
    found = connection.execute(
        select(accounts.c.head).where(
            accounts.c.platform == platform, accounts.c.account == account
        )
    ).scalar_one_or_none()
    return found or 0


def changed(connection: Connection, platform: str, account: str, *, since: int, upto: int) -> int:
    """Return how many entries at or before position ``upto`` changed after revision ``since``."""
    query = (
        select(func.count())
        .select_from(library)
        .join(accounts, accounts.c.id == library.c.account_id)
        .where(
            accounts.c.platform == platform,
            accounts.c.account == account,
            library.c.revision > since,
            library.c.revision > library.c.position,
            library.c.position <= upto,
        )
    )
    return connection.execute(query).scalar_one()


def add(connection: Connection, platform: str, account: str, entries: Iterable[KnownEntry]) -> int:
    """Take entries in; return how many were not known. See `Ledger.add_entries`."""
    account_id = owners.require(connection, platform, account)
    head_now = owners.lock(connection, account_id)
    new = 0
    for chunk in chunked(entries):
        incoming: dict[tuple[str, str], KnownEntry] = {}
        for entry in chunk:
            _check(entry, platform, account)
            name = (entry.ad_format, entry.creative_id)
            incoming[name] = merged(incoming[name], entry) if name in incoming else entry
        known = _known(connection, platform, account, account_id, incoming)
        inserts, updates = [], []
        for name, entry in incoming.items():
            row_id, old = known.get(name, (None, None))
            if old is None:
                head_now += 1
                inserts.append(
                    {**_values(entry), "account_id": account_id, "position": head_now}
                    | {"revision": head_now}
                )
                continue
            better = merged(old, entry)
            if better != old:
                head_now += 1
                updates.append({**_values(better), "row_id": row_id, "revision": head_now})
        if inserts:
            connection.execute(insert(library), inserts)
        _update(connection, updates)
        contents = {row["sha256"] for row in (*inserts, *updates) if row["sha256"]}
        looks.index(Executing(connection), contents)
        new += len(inserts)
    owners.advance(connection, account_id, head_now)
    return new


def change(
    connection: Connection,
    platform: str,
    account: str,
    changes: Mapping[tuple[str, str], Mapping[str, Any]],
) -> None:
    """Set attributes of known entries, each given by (ad format, Creative ID)."""
    account_id = owners.require(connection, platform, account)
    head_now = owners.lock(connection, account_id)
    for chunk in chunked(changes):
        updates = []
        for name, (row_id, old) in _known(connection, platform, account, account_id, chunk).items():
            wanted = evolve(old, **changes[name])
            if wanted != old:
                head_now += 1
                updates.append({**_values(wanted), "row_id": row_id, "revision": head_now})
        _update(connection, updates)
    owners.advance(connection, account_id, head_now)


def merged(known: KnownEntry, seen: KnownEntry) -> KnownEntry:
    """Return what is known of an entry after it was seen once more.

    The stronger word wins, the weaker one only fills what is empty. A review status is news: what
    the platform shows now stands, while the user's word fills it in. To be seen again ends being
    forgotten.
    """
    stronger = seen.origin.weight > known.origin.weight

    def pick(old: str, new: str) -> str:
        return new if new and (stronger or not old) else old

    name, key = known.name, known.key
    # A platform shows names without extension; of two forms of one name the file's own is kept.
    same_but_barer = seen.key == known.key and seen.origin is not Origin.PROVED
    if seen.name and (not known.name or (stronger and not same_but_barer)):
        name, key = seen.name, seen.key
    from_platform = seen.origin is not Origin.USER
    news = seen.review_status and from_platform
    before = known.review_status
    if before == REMOVED and from_platform:
        before = ""  # it is there again, whether or not its status is shown
    return evolve(
        known,
        name=name,
        key=key,
        sha256=pick(known.sha256, seen.sha256),
        size=seen.size if seen.size and (stronger or known.size is None) else known.size,
        upload_date=pick(known.upload_date, seen.upload_date),
        dimensions=pick(known.dimensions, seen.dimensions),
        file_type=pick(known.file_type, seen.file_type),
        review_status=seen.review_status if news else (before or seen.review_status),
        origin=seen.origin if stronger else known.origin,
        forgotten=known.forgotten and seen.forgotten,
        extra={**known.extra, **{head: text for head, text in seen.extra.items() if text}},
    )


def _known(
    connection: Connection,
    platform: str,
    account: str,
    account_id: int,
    names: Iterable[tuple[str, str]],
) -> dict[tuple[str, str], tuple[int, KnownEntry]]:
    """Return row id and entry of those that are there, by (ad format, Creative ID)."""
    wanted = set(names)
    rows = connection.execute(
        select(library).where(
            library.c.account_id == account_id,
            library.c.creative_id.in_([creative_id for _, creative_id in wanted]),
        )
    )
    return {
        (row.ad_format, row.creative_id): (row.id, _entry(row, platform, account))
        for row in rows
        if (row.ad_format, row.creative_id) in wanted
    }


def _update(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = [name for name in rows[0] if name != "row_id"]
        connection.execute(
            update(library)
            .where(library.c.id == bindparam("row_id"))
            .values({name: bindparam(name) for name in names}),
            rows,
        )


def _check(entry: KnownEntry, platform: str, account: str) -> None:
    """Refuse what would put an id where it does not belong (law 1)."""
    if not entry.creative_id or (entry.platform, entry.account) != (platform, account):
        raise LedgerError(
            f"Entry {entry.creative_id!r} of {entry.platform}, account {entry.account!r}, is not "
            f"one of {platform}, account {account!r}."
        )


def _values(entry: KnownEntry) -> dict[str, Any]:
    return {
        "ad_format": entry.ad_format,
        "creative_id": entry.creative_id,
        "name": entry.name,
        "name_key": entry.key,
        "sha256": entry.sha256,
        "size": entry.size,
        "upload_date": entry.upload_date,
        "dimensions": entry.dimensions,
        "file_type": entry.file_type,
        "review_status": entry.review_status,
        "origin": entry.origin.value,
        "forgotten": entry.forgotten,
        "extra": dict(entry.extra),
    }


def _entry(row: Row[Any], platform: str, account: str) -> KnownEntry:
    return KnownEntry(
        platform=platform,
        account=account,
        ad_format=row.ad_format,
        creative_id=row.creative_id,
        name=row.name,
        key=row.name_key,
        sha256=row.sha256,
        size=row.size,
        upload_date=row.upload_date,
        dimensions=row.dimensions,
        file_type=row.file_type,
        review_status=row.review_status,
        origin=Origin(row.origin),
        forgotten=row.forgotten,
        extra=row.extra,
        position=row.position,
        revision=row.revision,
    )
