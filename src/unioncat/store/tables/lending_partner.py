"""Tables of partners that speak ISO 18626, their agencies, and every message from and to them with its bytes.

Messages are only added to, except that their bodies are emptied after a time; what they did stands elsewhere.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from unioncat.store.tables.base import metadata, moment

lending_partner = Table(
    "lending_partner",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("address", Text),
    Column("version", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("quirks", ARRAY(Text), nullable=False, server_default="{}"),
    Column("token_hash", LargeBinary, unique=True),
    Column("certificate", Text, unique=True),
    Column("sealed", LargeBinary),
    Column("sealed_for", Text),
    Column("active", Boolean, nullable=False, server_default="true"),
    moment("made_at", default=True),
    CheckConstraint("version IN ('1.2', '2021-2')", name="version"),
    CheckConstraint("mode IN ('transparent', 'opaque')", name="mode"),
)

lending_agency = Table(
    "lending_agency",
    metadata,
    Column("symbol", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("partner_id", ForeignKey("lending_partner.id", ondelete="CASCADE"), nullable=False),
    Column("library_id", ForeignKey("library.id")),
    Index("ix_lending_agency_partner_id", "partner_id"),
    Index("ix_lending_agency_library_id", "library_id"),
)

lending_message = Table(
    "lending_message",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    moment("at", default=True),
    Column("way", Text, nullable=False),
    Column("partner_id", ForeignKey("lending_partner.id", ondelete="SET NULL")),
    Column("outbox_id", BigInteger),
    Column("kind", Text),
    Column("version", Text),
    Column("word", Text),
    Column("requesting_agency", Text),
    Column("supplying_agency", Text),
    Column("request_id", Text),
    Column("hash", LargeBinary, nullable=False),
    Column("body", LargeBinary),
    Column("outcome", Text, nullable=False),
    Column("status", Integer),
    Column("answer", LargeBinary),
    Column("error_type", Text),
    Column("error_value", Text),
    Column("unknown", ARRAY(Text), nullable=False, server_default="{}"),
    CheckConstraint("way IN ('in', 'out', 'inside')", name="way"),
    CheckConstraint("outcome IN ('ok', 'error', 'refused', 'failed')", name="outcome"),
    Index("ix_lending_message_request_id", "request_id"),
    Index("ix_lending_message_hash", "hash"),
    Index("ix_lending_message_outbox_id", "outbox_id"),
    Index("ix_lending_message_at", "at"),
)
