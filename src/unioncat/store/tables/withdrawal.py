"""The table of records that members have taken back."""

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from unioncat.store.tables.base import metadata, moment

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("source_id", Integer, ForeignKey("source.id"), primary_key=True),
    Column("local_id", Text, primary_key=True),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    moment("at", default=True),
    moment("gone_at", nullable=True),
)
"""As long as a row stands, whatever its source sends under this id is read as a deletion."""
