"""Tables of the normalise stage: bibliographic records with keys and features, holdings, issues."""

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
)
from sqlalchemy.dialects.postgresql import ARRAY

from unioncat.store.tables.base import audience_column, metadata, moment

bib_record = Table(
    "bib_record",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("source_id", Integer, ForeignKey("source.id"), nullable=False),
    audience_column(),
    Column("raw_id", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("normaliser", SmallInteger, nullable=False),
    Column("rules", Text, nullable=False),
    moment("updated_at", default=True),
    Column("local_id", Text, nullable=False),
    Column("keys", ARRAY(BigInteger), nullable=False),
    Column("features", LargeBinary),
    Column("body", LargeBinary),
    Column("findings", ARRAY(Text)),
    Index("ix_bib_record_source_id", "source_id"),
)
"""`id` hashes source code and local id; `body`, `features` are packed domain objects, null when deleted.

`rules` is the version of the matching rules that made `keys` and `features`. `findings` names what a
cataloguer should mend; null on records that were normalised before it was looked for.
"""

holding = Table(
    "holding",
    metadata,
    Column("record_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", SmallInteger, primary_key=True, autoincrement=False),
    Column("library_id", Integer, ForeignKey("library.id"), nullable=False),
    audience_column(),
    Column("copies", Integer, nullable=False),
    Column("location", Text),
    Column("shelf_mark", Text),
    Column("items", ARRAY(Text), nullable=False),
    Column("volume", Text),
    Column("status", Text, nullable=False),
    Column("note", Text),
    Column("url", Text),
    Index("ix_holding_library_id", "library_id"),
)
"""Explicit holdings only: a live record without one is held by the library of its source."""

catalogue_progress = Table(
    "catalogue_progress",
    metadata,
    Column("run_id", Integer, ForeignKey("harvest_run.id", ondelete="CASCADE"), primary_key=True),
    Column("raw_id", BigInteger, nullable=False),
    Column("finished", Boolean, nullable=False),
)

issue = Table(
    "issue",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("source_id", Integer, ForeignKey("source.id"), nullable=False),
    Column("run_id", Integer, ForeignKey("harvest_run.id", ondelete="CASCADE")),
    moment("at", default=True),
    Column("stage", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("local_id", Text),
    Column("payload", LargeBinary),
    Index("ix_issue_source_id", "source_id", "id"),
    Index("ix_issue_record", "source_id", "local_id", "stage"),
)
