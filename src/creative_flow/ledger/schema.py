"""The version of the ledger's tables, and the way from older ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, insert, inspect, select, text, update

from creative_flow.errors import LedgerError
from creative_flow.ledger.tables import metadata, schema_version
from creative_flow.ledger.version import VERSION

Step = Callable[[Connection], None]


def _look_uploads_up_by_name(connection: Connection) -> None:
    connection.execute(
        text("CREATE INDEX uploads_by_name ON uploads (account_id, ad_format, name_key)")
    )


def _keep_an_inventory(connection: Connection) -> None:
    connection.execute(text("CREATE INDEX uploads_by_unique_id ON uploads (unique_id)"))
    number = "BIGSERIAL" if connection.dialect.name == "postgresql" else "INTEGER NOT NULL"
    connection.execute(
        text(
            f"CREATE TABLE inventory (id {number}, place TEXT NOT NULL, session TEXT NOT NULL, "
            "unique_id TEXT NOT NULL, native_pair_id TEXT NOT NULL, part TEXT NOT NULL, "
            "ready BOOLEAN NOT NULL, source_sha256 TEXT NOT NULL, source TEXT NOT NULL, "
            "archived TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, "
            "size BIGINT NOT NULL, facts TEXT NOT NULL, notes TEXT NOT NULL, "
            "extra TEXT NOT NULL, revision BIGINT NOT NULL, PRIMARY KEY (id), UNIQUE (unique_id))"
        )
    )
    for name, columns in (
        ("inventory_by_source", "place, source_sha256"),
        ("inventory_unready", "place, ready"),
        ("inventory_by_pair", "native_pair_id"),
    ):
        connection.execute(text(f"CREATE INDEX {name} ON inventory ({columns})"))


def _keep_looks(connection: Connection) -> None:
    postgres = connection.dialect.name == "postgresql"
    number = "BIGSERIAL" if postgres else "INTEGER NOT NULL"
    connection.execute(
        text(
            f"CREATE TABLE looks (id {number}, sha256 TEXT NOT NULL, moment INTEGER NOT NULL, "
            "hash TEXT NOT NULL, PRIMARY KEY (id), UNIQUE (sha256, moment))"
        )
    )
    connection.execute(
        text(
            "CREATE TABLE look_bands (band INTEGER NOT NULL, look_id BIGINT NOT NULL, "
            "PRIMARY KEY (band, look_id))" + ("" if postgres else " WITHOUT ROWID")
        )
    )


STEPS: Mapping[int, Step] = {
    2: _look_uploads_up_by_name,
    3: _keep_an_inventory,
    4: _keep_looks,
}
"""By version: what leads there from the version before. A step names columns as they were then."""

_POSTGRES_LOCK = 0x63666C


def bring_up_to_date(
    connection: Connection, *, version: int = VERSION, steps: Mapping[int, Step] = STEPS
) -> None:
    """Create the tables, or migrate them forward to ``version``, in the transaction that is open.

    Raises `LedgerError` if they are of a newer version, or are somebody else's.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
    found = _found(connection)
    if found is None:
        metadata.create_all(connection)
        connection.execute(insert(schema_version).values(version=version))
        return
    if found > version:
        raise LedgerError(
            f"The ledger has version {found}, this program knows up to {version}.",
            hint="Update creative-flow.",
        )
    for number in range(found + 1, version + 1):
        steps[number](connection)
    if found < version:
        connection.execute(update(schema_version).values(version=version))


def _found(connection: Connection) -> int | None:
    """Return the version of the tables that are there, or None if there are none."""
    names = set(inspect(connection).get_table_names())
    if schema_version.name in names:
        found = connection.execute(select(schema_version.c.version)).scalars().all()
        if len(found) == 1:
            return int(found[0])
    elif not names & set(metadata.tables):
        return None
    raise LedgerError(
        "The database holds tables that are not the ledger's.",
        hint="Set CFU_DATABASE_URL to a database of its own.",
    )
