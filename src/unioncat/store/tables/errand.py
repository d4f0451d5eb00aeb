"""Table of errands: what pages ask of the harvester, and its answers."""

from sqlalchemy import Column, Index, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from unioncat.store.tables.base import metadata, moment

errand = Table(
    "errand",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("progress", JSONB, nullable=False, server_default="{}"),
    Column("result", JSONB),
    Column("error", Text),
    Column("remedy", Text),
    moment("asked_at", default=True),
    moment("done_at", nullable=True),
    Index("ix_errand_asked_at", "asked_at"),
)
