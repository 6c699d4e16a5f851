"""The version of the ledger's tables, and the way from older ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, insert, inspect, select, text, update

from creative_flow.errors import LedgerError
from creative_flow.ledger import looks
from creative_flow.ledger.statements import Executing
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


def _put_ads_into_campaigns(connection: Connection) -> None:
    server = connection.dialect.name == "postgresql"
    number = "BIGSERIAL" if server else "INTEGER NOT NULL"
    ref = "BIGINT" if server else "INTEGER"
    account = f"account_id {ref} NOT NULL REFERENCES accounts (id)"
    job = f"job_id {ref} NOT NULL REFERENCES ad_jobs (id)"
    run = "run TEXT NOT NULL REFERENCES ad_runs (run)"
    for name, columns in (
        (
            "ad_jobs",
            (
                f"id {number}, {account}, place TEXT NOT NULL, kind TEXT NOT NULL, "
                "slot TEXT NOT NULL, session_id TEXT NOT NULL, started_at VARCHAR NOT NULL, "
                "updated_at VARCHAR NOT NULL, PRIMARY KEY (id), "
                "UNIQUE (account_id, place, kind, slot)"
            ),
        ),
        (
            "ad_campaigns",
            (
                f"id {number}, {job}, campaign_id TEXT NOT NULL, status TEXT NOT NULL, "
                "ads_created INTEGER NOT NULL, at VARCHAR, name TEXT NOT NULL, "
                "csv_file TEXT NOT NULL, error TEXT NOT NULL, invalid INTEGER NOT NULL, "
                "digest TEXT NOT NULL, PRIMARY KEY (id), UNIQUE (job_id, campaign_id)"
            ),
        ),
        (
            "ad_runs",
            (
                f"run TEXT NOT NULL, {account}, login TEXT NOT NULL, slot TEXT NOT NULL, "
                "total INTEGER NOT NULL, started_at VARCHAR NOT NULL, finished_at VARCHAR, "
                "error TEXT NOT NULL, PRIMARY KEY (run)"
            ),
        ),
        (
            "ad_outcomes",
            (
                f"id {number}, {run}, campaign_id TEXT NOT NULL, name TEXT NOT NULL, "
                "csv_file TEXT NOT NULL, status TEXT NOT NULL, ads_created INTEGER NOT NULL, "
                "invalid TEXT NOT NULL, error TEXT NOT NULL, note TEXT NOT NULL, "
                "evidence TEXT NOT NULL, at VARCHAR NOT NULL, PRIMARY KEY (id), "
                "UNIQUE (run, campaign_id)"
            ),
        ),
        (
            "ad_intents",
            (
                f"id {number}, {account}, {job}, {run}, campaign_id TEXT NOT NULL, "
                "ads TEXT NOT NULL, total INTEGER NOT NULL, state TEXT NOT NULL, "
                "created TEXT NOT NULL, intended_at VARCHAR NOT NULL, sending_began_at VARCHAR, "
                "known_at VARCHAR, PRIMARY KEY (id)"
            ),
        ),
    ):
        connection.execute(text(f"CREATE TABLE {name} ({columns})"))
    connection.execute(text("CREATE INDEX ad_runs_by_account ON ad_runs (account_id, started_at)"))
    connection.execute(text("CREATE INDEX ad_intents_by_state ON ad_intents (account_id, state)"))


def _cut_looks_into_wider_bands(connection: Connection) -> None:
    connection.execute(text("DROP TABLE look_bands"))
    connection.execute(
        text(
            "CREATE TABLE look_bands (band INTEGER NOT NULL, look_id BIGINT NOT NULL, "
            "sketch BIGINT NOT NULL, PRIMARY KEY (band, look_id))"
            + ("" if connection.dialect.name == "postgresql" else " WITHOUT ROWID")
        )
    )
    looks.cut_anew(Executing(connection))


def _keep_searches_for_looks(connection: Connection) -> None:
    connection.execute(
        text(
            "CREATE TABLE look_searches (sha256 TEXT NOT NULL, most INTEGER NOT NULL, "
            "moments INTEGER NOT NULL, found TEXT NOT NULL, PRIMARY KEY (sha256))"
        )
    )


STEPS: Mapping[int, Step] = {
    2: _look_uploads_up_by_name,
    3: _keep_an_inventory,
    4: _keep_looks,
    5: _put_ads_into_campaigns,
    6: _cut_looks_into_wider_bands,
    7: _keep_searches_for_looks,
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
