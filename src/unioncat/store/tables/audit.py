"""Tables of the log of who did what. A trigger refuses every change of entries but appending."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from unioncat.store.tables.base import metadata, moment

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    moment("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    Index("ix_audit_entry_action", "action", "number"),
    Index("ix_audit_entry_actor", "actor", "number"),
)

audit_name = Table(
    "audit_name",
    metadata,
    Column("pseudonym", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("salt", LargeBinary, nullable=False),
)
"""Whom the pseudonyms of entries stand for; without its row a pseudonym is nobody's."""
