"""Table of the credentials of sources: sealed, readable only with the key that is outside the database."""

from sqlalchemy import Column, ForeignKey, LargeBinary, Table, Text

from unioncat.store.tables.base import metadata, moment

source_secret = Table(
    "source_secret",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    moment("set_at", default=True),
)
