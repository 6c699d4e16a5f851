"""The ledger's tables, for SQLite and PostgreSQL alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from creative_flow.ledger.anytext import escape, unescape


class AnyText(TypeDecorator[str]):
    """Text that may hold what a database's text can't: lone surrogates and NUL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape on the way in."""
        return None if value is None else escape(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Restore on the way out."""
        return None if value is None else unescape(value)


class UtcTime(TypeDecorator[datetime]):
    """An aware point in time, kept as ISO 8601 in UTC, which also sorts as text."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Bring to UTC. A time without a zone is the local one, as Python takes it."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Return an aware time in UTC."""
        return None if value is None else datetime.fromisoformat(value)


class Compact(TypeDecorator[object]):
    """Lists and mappings as JSON in plain ASCII, which holds any text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        """Write without blanks."""
        if isinstance(value, Mapping):
            value = dict(value)
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        """Read back."""
        return None if value is None else json.loads(value)


metadata = MetaData()

_RowId = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only INTEGER keys itself

schema_version = Table(
    "schema_version",
    metadata,
    Column("version", Integer, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("login", AnyText, nullable=False, default=""),
    # Counts entries added and changed. Locking this row puts an account's writers in one order, so
    # that "everything up to N" means the same to all of them.
    Column("head", BigInteger, nullable=False, default=0),
    UniqueConstraint("platform", "account"),
)

library = Table(
    "library",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("ad_format", Text, nullable=False),
    Column("creative_id", Text, nullable=False),
    Column("name", AnyText, nullable=False),
    Column("name_key", AnyText, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger),
    Column("upload_date", AnyText, nullable=False),
    Column("dimensions", AnyText, nullable=False),
    Column("file_type", AnyText, nullable=False),
    Column("review_status", AnyText, nullable=False),
    Column("origin", Text, nullable=False),
    Column("forgotten", Boolean, nullable=False),
    Column("extra", Compact, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    UniqueConstraint("account_id", "creative_id", "ad_format"),
    Index("library_by_name", "account_id", "ad_format", "name_key"),
    Index("library_by_content", "account_id", "sha256"),
    Index("library_by_position", "account_id", "position"),
    Index("library_by_revision", "account_id", "revision"),
)

runs = Table(
    "runs",
    metadata,
    Column("run", Text, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("login", AnyText, nullable=False),
    Column("campaign", AnyText, nullable=False),
    Column("total", Integer, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("error", AnyText, nullable=False, default=""),
    Index("runs_by_account", "account_id", "started_at"),
)

batches = Table(
    "batches",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("run", ForeignKey("runs.run"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("ad_format", Text, nullable=False),
    Column("campaign", AnyText, nullable=False),
    Column("snapshot", Compact, nullable=False),
    Column("intended_at", UtcTime, nullable=False),
    Column("sending_began_at", UtcTime),
    Column("closed_at", UtcTime),
    Index("batches_by_run", "run"),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("run", ForeignKey("runs.run"), nullable=False),
    Column("batch_id", ForeignKey("batches.id")),
    Column("batch_number", Integer),
    Column("path", AnyText, nullable=False),
    Column("ad_format", Text, nullable=False),
    Column("name_key", AnyText, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("unique_id", AnyText, nullable=False),
    Column("native_pair_id", AnyText, nullable=False),
    Column("status", Text, nullable=False),
    Column("creative_id", Text, nullable=False, default=""),
    Column("error", AnyText, nullable=False, default=""),
    Column("evidence", Compact, nullable=False, default=()),
    Column("retries", Integer, nullable=False, default=0),
    Column("note", AnyText, nullable=False, default=""),
    Column("at", UtcTime),
    # True while it can't be told whether the platform has the file.
    Column("fate_open", Boolean, nullable=False, default=False),
    UniqueConstraint("run", "path"),
    Index("uploads_by_fate", "account_id", "fate_open"),
    Index("uploads_by_batch", "batch_id"),
    Index("uploads_by_name", "account_id", "ad_format", "name_key"),
    Index("uploads_by_unique_id", "unique_id"),
)

# What `process` makes, one row per file. ``place`` is the workspace where several share a ledger.
inventory = Table(
    "inventory",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("place", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("unique_id", AnyText, nullable=False),
    Column("native_pair_id", AnyText, nullable=False),
    Column("part", Text, nullable=False),
    # False while the file is being made: a crash leaves such rows.
    Column("ready", Boolean, nullable=False),
    Column("source_sha256", Text, nullable=False),
    Column("source", AnyText, nullable=False),
    Column("archived", AnyText, nullable=False),
    Column("path", AnyText, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("facts", Compact, nullable=False),
    Column("notes", AnyText, nullable=False),
    Column("extra", Compact, nullable=False),
    Column("revision", BigInteger, nullable=False),
    UniqueConstraint("unique_id"),
    Index("inventory_by_source", "place", "source_sha256"),
    Index("inventory_unready", "place", "ready"),
    Index("inventory_by_pair", "native_pair_id"),
)

# Ads into campaigns. A job is what one checkpoint file shows; ``kind`` is the kind of its ads CSVs.
ad_jobs = Table(
    "ad_jobs",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("place", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("session_id", AnyText, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("account_id", "place", "kind", "slot"),
)

ad_campaigns = Table(
    "ad_campaigns",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("job_id", ForeignKey("ad_jobs.id"), nullable=False),
    Column("campaign_id", AnyText, nullable=False),
    Column("status", Text, nullable=False),
    Column("ads_created", Integer, nullable=False),
    Column("at", UtcTime),
    Column("name", AnyText, nullable=False),
    Column("csv_file", AnyText, nullable=False),
    Column("error", AnyText, nullable=False),
    Column("invalid", Integer, nullable=False),
    # What the ads of the CSV were, so that other ones under the same name are not taken for done.
    Column("digest", Text, nullable=False),
    UniqueConstraint("job_id", "campaign_id"),
)

ad_runs = Table(
    "ad_runs",
    metadata,
    Column("run", Text, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("login", AnyText, nullable=False),
    Column("slot", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("error", AnyText, nullable=False, default=""),
    Index("ad_runs_by_account", "account_id", "started_at"),
)

ad_outcomes = Table(
    "ad_outcomes",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("run", ForeignKey("ad_runs.run"), nullable=False),
    Column("campaign_id", AnyText, nullable=False),
    Column("name", AnyText, nullable=False),
    Column("csv_file", AnyText, nullable=False),
    Column("status", Text, nullable=False),
    Column("ads_created", Integer, nullable=False),
    Column("invalid", Compact, nullable=False),
    Column("error", AnyText, nullable=False),
    Column("note", AnyText, nullable=False),
    Column("evidence", Compact, nullable=False),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("run", "campaign_id"),
)

# One confirmation of one CSV. It is open until it is known which of its ads were created, and known
# until the campaign's outcome counts them.
ad_intents = Table(
    "ad_intents",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("job_id", ForeignKey("ad_jobs.id"), nullable=False),
    Column("run", ForeignKey("ad_runs.run"), nullable=False),
    Column("campaign_id", AnyText, nullable=False),
    Column("ads", Compact, nullable=False),
    Column("total", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("created", Compact, nullable=False),
    Column("intended_at", UtcTime, nullable=False),
    Column("sending_began_at", UtcTime),
    Column("known_at", UtcTime),
    Index("ad_intents_by_state", "account_id", "state"),
)

files = Table(
    "files",
    metadata,
    Column("host", Text, primary_key=True),
    Column("path", AnyText, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("inode", AnyText, nullable=False),  # as text: it may need all 64 bits, unsigned
    Column("sha256", Text, nullable=False),
)

# What contents look like, one row per picture or moment of a clip; see `ledger.looks`.
looks = Table(
    "looks",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("moment", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("sha256", "moment"),
)

look_bands = Table(
    "look_bands",
    metadata,
    Column("band", Integer, primary_key=True, autoincrement=False),
    Column("look_id", BigInteger, primary_key=True),
    Column("sketch", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What a search for look-alikes has found, until another content can be found; see `ledger.looks`.
look_searches = Table(
    "look_searches",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("most", Integer, nullable=False),
    Column("moments", Integer, nullable=False),
    Column("found", Text, nullable=False),
)

mirrors = Table(
    "mirrors",
    metadata,
    Column("host", Text, primary_key=True),
    Column("path", AnyText, primary_key=True),
    Column("state", Compact, nullable=False),
)
