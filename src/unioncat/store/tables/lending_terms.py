"""Tables of the terms of lending: agreements, policies, closed days, do-not-route lists, and whom to ask."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from unioncat.store.tables.base import audience_column, metadata, moment

lending_agreement = Table(
    "lending_agreement",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("services", ARRAY(Text), nullable=False),
    Column("cost", Integer),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date),
    Column("document", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    audience_column(),
)

lending_party = Table(
    "lending_party",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("agreement_id", ForeignKey("lending_agreement.id", ondelete="CASCADE"), nullable=False),
    Column("library_id", ForeignKey("library.id")),
    Column("group_id", ForeignKey("library_group.id")),
    Column("lends", Boolean, nullable=False),
    Column("borrows", Boolean, nullable=False),
    CheckConstraint("num_nonnulls(library_id, group_id) = 1", name="one"),
    Index("ix_lending_party_agreement_id", "agreement_id"),
)

lending_policy = Table(
    "lending_policy",
    metadata,
    Column("library_id", ForeignKey("library.id"), primary_key=True, autoincrement=False),
    Column("terms", JSONB, nullable=False),
    moment("changed_at", default=True),
    Column("changed_by", Text, nullable=False),
)
"""`terms` is a `Policy` without its library; a library without a row has the defaults."""

lending_closure = Table(
    "lending_closure",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("library_id", ForeignKey("library.id")),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    CheckConstraint("first_day <= last_day", name="order"),
    Index("ix_lending_closure_last_day", "last_day"),
)
"""Without a library: for all, which is how days moved by the government's yearly decision are kept."""

lending_avoidance = Table(
    "lending_avoidance",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("library_id", ForeignKey("library.id"), nullable=False),
    Column("other_id", ForeignKey("library.id"), nullable=False),
    Column("side", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date),
    Index("ix_lending_avoidance_library_id", "library_id"),
    Index("ix_lending_avoidance_other_id", "other_id"),
)

lending_rota = Table(
    "lending_rota",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("request_id", ForeignKey("lending_request.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    moment("made_at"),
    Column("made_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("entries", JSONB, nullable=False),
    Column("dropped", JSONB, nullable=False),
    UniqueConstraint("request_id", "version"),
)
"""Whom a request may be sent to, in order, with every key; a new row for each making and each reordering.

`basis` is the fingerprint of the holdings it was made from: while it is the same, nothing is ranked anew.
"""

lending_availability = Table(
    "lending_availability",
    metadata,
    Column("request_id", ForeignKey("lending_request.id", ondelete="CASCADE"), primary_key=True),
    Column("library_id", ForeignKey("library.id"), primary_key=True),
    Column("available", Boolean),
    moment("asked_at"),
)
"""What lenders' own systems said of what a request wants; null where they could not tell."""
