"""Tables of consignments: books that go round a chain of stops for a term, and gifts."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Identity, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from unioncat.store.tables.base import audience_column, metadata, moment

consignment = Table(
    "consignment",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("owner_id", ForeignKey("library.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("donor", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False),
    Column("place", Integer, nullable=False, server_default="0"),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("note", Text, nullable=False, server_default=""),
    moment("made_at"),
    moment("changed_at"),
    audience_column(),
    Index("ix_consignment_owner_id", "owner_id"),
)
"""`place` is the number of the stop at which it is, or to which it is on its way; 0 is the owner."""

consignment_stop = Table(
    "consignment_stop",
    metadata,
    Column("consignment_id", ForeignKey("consignment.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("library_id", ForeignKey("library.id")),
    Column("name", Text, nullable=False),
    Column("arrive_by", Date),
    Column("leave_by", Date),
    moment("received_at", nullable=True),
    moment("left_at", nullable=True),
    Index("ix_consignment_stop_library_id", "library_id"),
)
"""A stop need not be a library with a catalogue: a book station or a school has a name only."""

consignment_item = Table(
    "consignment_item",
    metadata,
    Column("consignment_id", ForeignKey("consignment.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("author", Text, nullable=False, server_default=""),
    Column("barcode", Text, nullable=False, server_default=""),
    Column("copies", Integer, nullable=False),
    Column("value", Integer, nullable=False, server_default="0"),
    Column("record", Text),
    CheckConstraint("copies > 0", name="copies"),
)
"""`value` of one copy in đồng; `record` is the public id of a union record."""

consignment_difference = Table(
    "consignment_difference",
    metadata,
    Column("consignment_id", ForeignKey("consignment.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("missing", Integer, nullable=False),
    Column("damaged", Integer, nullable=False),
    Column("found", Integer, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
)
"""What the receipt at a place (0: back at the owner) says of an item, where something is not as it was."""

consignment_event = Table(
    "consignment_event",
    metadata,
    Column("consignment_id", ForeignKey("consignment.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    moment("at"),
    Column("actor", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("why", Text, nullable=False, server_default=""),
    Column("data", JSONB, nullable=False, server_default="{}"),
)
