"""Tables of the ways in: registrations, sheets of many members, libraries to be won, reports on quality."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from unioncat.store.tables.base import metadata, moment

registration = Table(
    "registration",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("origin", LargeBinary),
    Column("software", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("set_spec", Text),
    Column("facts", JSONB),
    Column("errand_id", UUID(as_uuid=True)),
    Column("appraisal", JSONB),
    Column("letters", JSONB, nullable=False, server_default="[]"),
    Column("expected_code", Text),
    Column("library_code", Text),
    Column("source_code", Text),
    Column("decided_by", Text),
    Column("reason", Text),
    moment("created_at", default=True),
    moment("touched_at", default=True),
    moment("submitted_at", nullable=True),
    moment("decided_at", nullable=True),
    Index("ix_registration_state", "state", "id"),
    Index("ix_registration_origin", "origin", "created_at"),
    Index("ix_registration_errand_id", "errand_id"),
)
"""`token_hash` is of the applicant's private link, `origin` of the network it came from: never in plain."""

members_sheet = Table(
    "members_sheet",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("lines", JSONB, nullable=False),
    Column("brought_by", Text, nullable=False),
    moment("brought_at", default=True),
    moment("applied_at", nullable=True),
)
"""A spreadsheet of libraries as it was read, between preview and registration."""

expected_library = Table(
    "expected_library",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("province_key", ForeignKey("province.key")),
    Column("group_id", ForeignKey("library_group.id")),
    Column("email", Text),
    Column("invite_hash", LargeBinary, unique=True),
    moment("invited_at", nullable=True),
    moment("created_at", default=True),
    Index("ix_expected_library_group_id", "group_id"),
)

onboarding_goal = Table(
    "onboarding_goal",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("group_id", ForeignKey("library_group.id")),
    Column("due", Date, nullable=False),
    Column("libraries", Integer, nullable=False),
    Index("uq_onboarding_goal", "group_id", "due", unique=True, postgresql_nulls_not_distinct=True),
)
"""Without a group the goal is the whole federation's."""

quality_report = Table(
    "quality_report",
    metadata,
    Column("source_id", ForeignKey("source.id"), primary_key=True),
    moment("at"),
    Column("records", BigInteger, nullable=False),
    Column("measured", BigInteger, nullable=False),
    Column("sound", BigInteger, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("issues", BigInteger, nullable=False),
)
"""One report a source, made when something has come; pages show it with its date and never count."""
