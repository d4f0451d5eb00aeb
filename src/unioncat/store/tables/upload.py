"""Tables of the files that libraries bring: the file, its bytes on their way, complaints line by line."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from unioncat.store.tables.base import metadata, moment

upload = Table(
    "upload",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("source_id", Integer, ForeignKey("source.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mode", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("by", Text, nullable=False),
    moment("at", default=True),
    Column("correction", JSONB, nullable=False, server_default="{}"),
    Column("look", JSONB(none_as_null=True)),
    Column("preview", JSONB(none_as_null=True)),
    Column("run_id", Integer, ForeignKey("harvest_run.id")),
    Column("errand_id", UUID(as_uuid=True)),
    Column("error", Text),
    Column("remedy", Text),
    Column("kept", Boolean, nullable=False, server_default="true"),
    Column("decided_by", Text),
    moment("decided_at", nullable=True),
    Index("ix_upload_source_id_at", "source_id", "at"),
    Index("uq_upload_run_id", "run_id", unique=True),
)

upload_line = Table(
    "upload_line",
    metadata,
    Column("upload_id", ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("place", Text),
    Column("local_id", Text),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

upload_chunk = Table(
    "upload_chunk",
    metadata,
    Column("upload_id", ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    prefixes=["UNLOGGED"],
)
"""Bytes of a file until a person has decided. Unlogged: in no write-ahead log and in no replica."""
