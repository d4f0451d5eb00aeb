"""Tables of the pull stage: runs with their checkpoint, and raw records as they came."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from unioncat.store.tables.base import metadata, moment

harvest_run = Table(
    "harvest_run",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("mode", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", UUID(as_uuid=True)),
    Column("session", Text),
    moment("started_at"),
    moment("finished_at", nullable=True),
    moment("heartbeat_at", nullable=True),
    moment("since", nullable=True),
    Column("token", Text),
    Column("cursor", BigInteger),
    Column("list_size", BigInteger),
    moment("response_date", nullable=True),
    Column("list_finished", Boolean, nullable=False, server_default="false"),
    Column("restarts", SmallInteger, nullable=False, server_default="0"),
    Column("pages", Integer, nullable=False, server_default="0"),
    Column("received", BigInteger, nullable=False, server_default="0"),
    Column("created", BigInteger, nullable=False, server_default="0"),
    Column("changed", BigInteger, nullable=False, server_default="0"),
    Column("unchanged", BigInteger, nullable=False, server_default="0"),
    Column("deleted", BigInteger, nullable=False, server_default="0"),
    Column("quarantined", BigInteger, nullable=False, server_default="0"),
    Column("repaired", BigInteger, nullable=False, server_default="0"),
    Column("bytes", BigInteger, nullable=False, server_default="0"),
    Column("swept", BigInteger, nullable=False, server_default="0"),
    Column("shut_out", BigInteger, nullable=False, server_default="0"),
    Column("error", Text),
    Column("remedy", Text),
    Index("ix_harvest_run_source_id", "source_id", "id"),
    Index(
        "uq_harvest_run_running",
        "source_id",
        unique=True,
        postgresql_where=text("state IN ('running','failed')"),
    ),
)

harvest_token = Table(
    "harvest_token",
    metadata,
    Column("run_id", ForeignKey("harvest_run.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
)

harvest_seen = Table(
    "harvest_seen",
    metadata,
    Column("run_id", ForeignKey("harvest_run.id", ondelete="CASCADE"), primary_key=True),
    Column("local_id", Text, primary_key=True),
)
"""Records that a run saw and kept nothing of: unchanged, unusable; with its raw records, all that it saw."""

raw_record = Table(
    "raw_record",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("source_id", Integer, ForeignKey("source.id"), nullable=False),
    Column("run_id", Integer, ForeignKey("harvest_run.id"), nullable=False),
    moment("received_at", default=True),
    Column("deleted", Boolean, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("format", Text, nullable=False),
    Column("datestamp", Text),
    Column("local_id", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("place", Text),
    Index("uq_raw_record_version", "source_id", "local_id", "run_id", unique=True),
    Index("ix_raw_record_run_id", "run_id", "id"),
)
"""One row for each version of a record; `payload` is zstd over the bytes received, `hash` is of those."""
