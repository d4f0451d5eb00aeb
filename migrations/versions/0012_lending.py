"""The tables of lending."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _terms()
    _consignments()


def _terms() -> None:
    op.create_table(
        "lending_agreement",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("services", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("audience_id", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["audience_id"], ["audience.id"], name=op.f("fk_lending_agreement_audience_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_agreement")),
        sa.UniqueConstraint("code", name=op.f("uq_lending_agreement_code")),
    )
    op.create_table(
        "lending_party",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("lends", sa.Boolean(), nullable=False),
        sa.Column("borrows", sa.Boolean(), nullable=False),
        sa.CheckConstraint("num_nonnulls(library_id, group_id) = 1", name=op.f("ck_lending_party_one")),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["lending_agreement.id"],
            name=op.f("fk_lending_party_agreement_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["group_id"], ["library_group.id"], name=op.f("fk_lending_party_group_id")),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_lending_party_library_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_party")),
    )
    op.create_index("ix_lending_party_agreement_id", "lending_party", ["agreement_id"], unique=False)
    op.create_table(
        "lending_policy",
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_lending_policy_library_id")),
        sa.PrimaryKeyConstraint("library_id", name=op.f("pk_lending_policy")),
    )
    op.create_table(
        "lending_closure",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_lending_closure_order")),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_lending_closure_library_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_closure")),
    )
    op.create_index("ix_lending_closure_last_day", "lending_closure", ["last_day"], unique=False)
    op.create_table(
        "lending_avoidance",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_lending_avoidance_library_id")),
        sa.ForeignKeyConstraint(["other_id"], ["library.id"], name=op.f("fk_lending_avoidance_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_avoidance")),
    )
    op.create_index("ix_lending_avoidance_library_id", "lending_avoidance", ["library_id"], unique=False)
    op.create_index("ix_lending_avoidance_other_id", "lending_avoidance", ["other_id"], unique=False)
    op.create_table(
        "lending_rota",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("entries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("dropped", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_rota")),
        sa.UniqueConstraint("request_id", "version", name=op.f("uq_lending_rota_request_id_version")),
    )


def _consignments() -> None:
    op.create_table(
        "consignment",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("donor", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("audience_id", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["audience_id"], ["audience.id"], name=op.f("fk_consignment_audience_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["library.id"], name=op.f("fk_consignment_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consignment")),
        sa.UniqueConstraint("number", name=op.f("uq_consignment_number")),
    )
    op.create_index("ix_consignment_owner_id", "consignment", ["owner_id"], unique=False)
    op.create_table(
        "consignment_stop",
        sa.Column("consignment_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("arrive_by", sa.Date(), nullable=True),
        sa.Column("leave_by", sa.Date(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consignment_id"],
            ["consignment.id"],
            name=op.f("fk_consignment_stop_consignment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_consignment_stop_library_id")),
        sa.PrimaryKeyConstraint("consignment_id", "position", name=op.f("pk_consignment_stop")),
    )
    op.create_index("ix_consignment_stop_library_id", "consignment_stop", ["library_id"], unique=False)
    op.create_table(
        "consignment_item",
        sa.Column("consignment_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), server_default="", nullable=False),
        sa.Column("barcode", sa.Text(), server_default="", nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), server_default="0", nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.CheckConstraint("copies > 0", name=op.f("ck_consignment_item_copies")),
        sa.ForeignKeyConstraint(
            ["consignment_id"],
            ["consignment.id"],
            name=op.f("fk_consignment_item_consignment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("consignment_id", "position", name=op.f("pk_consignment_item")),
    )
    op.create_table(
        "consignment_difference",
        sa.Column("consignment_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("damaged", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["consignment_id"],
            ["consignment.id"],
            name=op.f("fk_consignment_difference_consignment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "consignment_id", "place", "position", name=op.f("pk_consignment_difference")
        ),
    )
    op.create_table(
        "consignment_event",
        sa.Column("consignment_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["consignment_id"],
            ["consignment.id"],
            name=op.f("fk_consignment_event_consignment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("consignment_id", "seq", name=op.f("pk_consignment_event")),
    )
