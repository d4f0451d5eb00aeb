"""The table of spreadsheets of requests, between preview and placing."""

from sqlalchemy import Column, ForeignKey, Identity, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from unioncat.store.tables.base import metadata, moment

lending_batch = Table(
    "lending_batch",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("library_id", ForeignKey("library.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("lines", JSONB, nullable=False),
    Column("brought_by", Text, nullable=False),
    moment("brought_at", default=True),
    moment("placed_at", nullable=True),
    Column("numbers", JSONB, nullable=False, server_default="[]"),
    Index("ix_lending_batch_brought_at", "brought_at"),
)
"""`lines` go when they are placed, because they name readers; `numbers` are the requests that came of it."""
