"""Errands, libraries that register themselves, lists of libraries to be won, reports on quality, hours."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "errand",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("progress", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("remedy", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
    )
    op.create_index("ix_errand_asked_at", "errand", ["asked_at"])
    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.LargeBinary(), nullable=True),
        sa.Column("software", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("set_spec", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("errand_id", sa.UUID(), nullable=True),
        sa.Column("appraisal", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("letters", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("expected_code", sa.Text(), nullable=True),
        sa.Column("library_code", sa.Text(), nullable=True),
        sa.Column("source_code", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        _moment("created_at"),
        _moment("touched_at"),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_registration_token_hash")),
    )
    op.create_index("ix_registration_state", "registration", ["state", "id"])
    op.create_index("ix_registration_origin", "registration", ["origin", "created_at"])
    op.create_index("ix_registration_errand_id", "registration", ["errand_id"])
    op.create_table(
        "members_sheet",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("brought_by", sa.Text(), nullable=False),
        _moment("brought_at"),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members_sheet")),
    )
    op.create_table(
        "expected_library",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("province_key", sa.Text(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("invite_hash", sa.LargeBinary(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        _moment("created_at"),
        sa.ForeignKeyConstraint(
            ["group_id"], ["library_group.id"], name=op.f("fk_expected_library_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["province_key"], ["province.key"], name=op.f("fk_expected_library_province_key")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_expected_library")),
        sa.UniqueConstraint("invite_hash", name=op.f("uq_expected_library_invite_hash")),
    )
    op.create_index("ix_expected_library_group_id", "expected_library", ["group_id"])
    op.create_table(
        "onboarding_goal",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("libraries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["library_group.id"], name=op.f("fk_onboarding_goal_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onboarding_goal")),
    )
    op.create_index(
        "uq_onboarding_goal",
        "onboarding_goal",
        ["group_id", "due"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "quality_report",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("measured", sa.BigInteger(), nullable=False),
        sa.Column("sound", sa.BigInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("issues", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_quality_report_source_id")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_quality_report")),
    )
    # Neither column has a default, so no row is written anew.
    op.add_column("bib_record", sa.Column("findings", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("source", sa.Column("hours", sa.Text(), nullable=True))


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
