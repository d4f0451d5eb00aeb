"""Tables of people: accounts, roles, one-time links, sessions, identities elsewhere, keys, failures.

No secret lies open.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from unioncat.store.tables.base import metadata, moment

account = Table(
    "account",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password", Text),
    Column("totp_sealed", LargeBinary),
    Column("totp_step", BigInteger),
    Column("active", Boolean, nullable=False, server_default="true"),
    Column("demo", Boolean, nullable=False, server_default="false"),
    moment("created_at", default=True),
    moment("signed_in_at", nullable=True),
)

account_role = Table(
    "account_role",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("role", Text, nullable=False),
    Column("library_id", ForeignKey("library.id")),
    moment("given_at", default=True),
    UniqueConstraint(
        "account_id", "role", "library_id", name="uq_account_role", postgresql_nulls_not_distinct=True
    ),
    Index("ix_account_role_library_id", "library_id"),
)

account_link = Table(
    "account_link",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("role", Text),
    Column("library_id", ForeignKey("library.id")),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE")),
    Column("made_by", ForeignKey("account.id", ondelete="CASCADE")),
    Column("hands_over", Boolean, nullable=False, server_default="false"),
    moment("made_at", default=True),
    moment("expires_at"),
)

account_session = Table(
    "account_session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("stage", Text, nullable=False),
    Column("device", Text, nullable=False),
    moment("begun_at", default=True),
    moment("seen_at", default=True),
    moment("expires_at"),
    Index("ix_account_session_account_id", "account_id"),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),
    moment("used_at", nullable=True),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("beginning", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    moment("made_at", default=True),
    moment("expires_at"),
    moment("used_at", nullable=True),
    Index("ix_api_key_account_id", "account_id"),
)

account_identity = Table(
    "account_identity",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    moment("linked_at", default=True),
    moment("used_at", default=True),
    UniqueConstraint("account_id", "issuer", name="uq_account_identity_account_id"),
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("who", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    moment("last_at", default=True),
)
