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
    _partners()
    _requests()
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
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["lending_request.id"],
            name=op.f("fk_lending_rota_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_rota")),
        sa.UniqueConstraint("request_id", "version", name=op.f("uq_lending_rota_request_id_version")),
    )
    op.create_table(
        "lending_availability",
        sa.Column("request_id", sa.UUID(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["lending_request.id"],
            name=op.f("fk_lending_availability_request_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_lending_availability_library_id")
        ),
        sa.PrimaryKeyConstraint("request_id", "library_id", name=op.f("pk_lending_availability")),
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


def _requests() -> None:
    op.create_table(
        "lending_member",
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("two_approvals", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("answer_days", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("keep_reader_days", sa.SmallInteger(), nullable=True),
        sa.Column("tells_reader", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("way IN ('desk', 'letter')", name=op.f("ck_lending_member_way")),
        _to("lending_member", "library_id", "library"),
        sa.PrimaryKeyConstraint("library_id", name=op.f("pk_lending_member")),
    )
    op.create_table(
        "lending_counter",
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_lending_counter")),
    )
    op.create_table(
        "lending_request",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("pick_up_id", sa.Integer(), nullable=True),
        sa.Column("wanted", postgresql.JSONB(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("same_key", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("edition_wish", sa.Text(), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("max_cost", postgresql.JSONB(), nullable=True),
        sa.Column("reader_note", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("flags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("saved", sa.Text(), nullable=True),
        sa.Column("attempt", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("loan", postgresql.JSONB(), server_default="{}", nullable=False),
        _moment("due_at"),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("previous_id", sa.UUID(), nullable=True),
        sa.Column("successor_id", sa.UUID(), nullable=True),
        _moment("created_at", nullable=False),
        _moment("changed_at", nullable=False),
        _moment("closed_at"),
        _moment("answer_due"),
        _moment("reminded_at"),
        sa.Column("reminders", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        _moment("reader_gone_at"),
        _to("lending_request", "home_id", "library"),
        _to("lending_request", "pick_up_id", "library"),
        _to("lending_request", "previous_id", "lending_request"),
        _to("lending_request", "successor_id", "lending_request"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_request")),
        sa.UniqueConstraint("number", name=op.f("uq_lending_request_number")),
    )
    op.create_index(
        "ix_lending_request_answer_due",
        "lending_request",
        ["answer_due"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_lending_request_closed_at",
        "lending_request",
        ["closed_at"],
        postgresql_where=sa.text("reader_gone_at IS NULL"),
    )
    op.create_index(
        "ix_lending_request_due_at",
        "lending_request",
        ["due_at"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_lending_request_home_id", "lending_request", ["home_id", "state", "changed_at"])
    op.create_index(
        "ix_lending_request_needed_by",
        "lending_request",
        ["needed_by"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_lending_request_open",
        "lending_request",
        ["home_id", "changed_at"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_lending_request_previous_id", "lending_request", ["previous_id"])
    op.create_index("ix_lending_request_same_key", "lending_request", ["home_id", "same_key"])
    op.create_table(
        "lending_reader",
        sa.Column("request_id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("card", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("category", sa.Text(), server_default="", nullable=False),
        _to("lending_reader", "account_id", "account", gone="SET NULL"),
        _to("lending_reader", "request_id", "lending_request", gone="CASCADE"),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_lending_reader")),
    )
    op.create_index("ix_lending_reader_account_id", "lending_reader", ["account_id"])
    op.create_index("ix_lending_reader_card", "lending_reader", ["card"])
    op.create_table(
        "lending_supply",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("protocol_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.UUID(), nullable=True),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("requester_symbol", sa.Text(), nullable=False),
        sa.Column("supplier_symbol", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Integer(), nullable=True),
        sa.Column("supplier_id", sa.Integer(), nullable=True),
        sa.Column("supplier_ref", sa.Text(), nullable=True),
        sa.Column("wanted", postgresql.JSONB(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("max_cost", postgresql.JSONB(), nullable=True),
        sa.Column("requester_note", sa.Text(), server_default="", nullable=False),
        sa.Column("status_seen", sa.Text(), server_default="", nullable=False),
        _moment("status_at"),
        sa.Column("offer", postgresql.JSONB(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("stray", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("supplier_state", sa.Text(), nullable=True),
        sa.Column("supplier_flags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("supplier_saved", sa.Text(), nullable=True),
        sa.Column("loan", postgresql.JSONB(), server_default="{}", nullable=False),
        _moment("due_at"),
        sa.Column("cost", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("retry_of", sa.UUID(), nullable=True),
        _moment("created_at", nullable=False),
        _moment("changed_at", nullable=False),
        _moment("answered_at"),
        _moment("shipped_at"),
        _moment("closed_at"),
        _moment("answer_due"),
        _moment("reminded_at"),
        sa.Column("reminders", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        _to("lending_supply", "request_id", "lending_request"),
        _to("lending_supply", "requester_id", "library"),
        _to("lending_supply", "retry_of", "lending_supply"),
        _to("lending_supply", "supplier_id", "library"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_supply")),
        sa.UniqueConstraint("requester_symbol", "protocol_id", name="uq_lending_supply_protocol_id"),
    )
    op.create_index(
        "ix_lending_supply_answer_due",
        "lending_supply",
        ["answer_due"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_lending_supply_due_at",
        "lending_supply",
        ["due_at"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_lending_supply_open",
        "lending_supply",
        ["supplier_id", "changed_at"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_lending_supply_request_id", "lending_supply", ["request_id", "number"])
    op.create_index("ix_lending_supply_requester_id", "lending_supply", ["requester_id"])
    op.create_index("ix_lending_supply_retry_of", "lending_supply", ["retry_of"])
    op.create_index(
        "ix_lending_supply_stray", "lending_supply", ["requester_id"], postgresql_where=sa.text("stray")
    )
    op.create_index(
        "ix_lending_supply_supplier_id", "lending_supply", ["supplier_id", "supplier_state", "changed_at"]
    )
    op.create_table(
        "lending_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.UUID(), nullable=True),
        sa.Column("supply_id", sa.UUID(), nullable=True),
        _moment("at", nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("flags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("sent", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        _to("lending_event", "request_id", "lending_request"),
        _to("lending_event", "supply_id", "lending_supply"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_event")),
        sa.UniqueConstraint("subject_id", "side", "seq", name="uq_lending_event_subject_id"),
    )
    op.create_index("ix_lending_event_at", "lending_event", ["at"])
    op.create_index("ix_lending_event_request_id", "lending_event", ["request_id"])
    op.create_index("ix_lending_event_supply_id", "lending_event", ["supply_id"])
    op.create_table(
        "lending_outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), server_default="", nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("request_id", sa.UUID(), nullable=True),
        sa.Column("supply_id", sa.UUID(), nullable=True),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _moment("due_at", nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        _moment("claimed_until"),
        _moment("sent_at"),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('message', 'letter')", name=op.f("ck_lending_outbox_kind")),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'dead', 'withdrawn')", name=op.f("ck_lending_outbox_state")
        ),
        _to("lending_outbox", "request_id", "lending_request"),
        _to("lending_outbox", "supply_id", "lending_supply"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_lending_outbox_key")),
    )
    op.create_index(
        "ix_lending_outbox_dead", "lending_outbox", ["id"], postgresql_where=sa.text("state = 'dead'")
    )
    op.create_index(
        "ix_lending_outbox_due_at",
        "lending_outbox",
        ["due_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_lending_outbox_lane",
        "lending_outbox",
        ["lane", "id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_lending_outbox_request_id", "lending_outbox", ["request_id"])
    op.create_index("ix_lending_outbox_sent_at", "lending_outbox", ["sent_at"])
    op.create_index("ix_lending_outbox_supply_id", "lending_outbox", ["supply_id"])
    op.create_table(
        "lending_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("request_id", sa.UUID(), nullable=True),
        sa.Column("supply_id", sa.UUID(), nullable=True),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _moment("expires_at", nullable=False),
        _moment("used_at"),
        sa.Column("used_for", sa.Text(), nullable=True),
        _to("lending_link", "library_id", "library"),
        _to("lending_link", "request_id", "lending_request", gone="CASCADE"),
        _to("lending_link", "supply_id", "lending_supply", gone="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_lending_link")),
    )
    op.create_index("ix_lending_link_expires_at", "lending_link", ["expires_at"])
    op.create_index("ix_lending_link_request_id", "lending_link", ["request_id"])
    op.create_index("ix_lending_link_supply_id", "lending_link", ["supply_id"])
    op.create_table(
        "lending_note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.UUID(), nullable=True),
        sa.Column("supply_id", sa.UUID(), nullable=True),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("incoming", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        _moment("at", nullable=False),
        _moment("read_at"),
        _to("lending_note", "request_id", "lending_request"),
        _to("lending_note", "supply_id", "lending_supply"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_note")),
    )
    op.create_index("ix_lending_note_request_id", "lending_note", ["request_id"])
    op.create_index("ix_lending_note_supply_id", "lending_note", ["supply_id"])
    op.create_index(
        "ix_lending_note_unread",
        "lending_note",
        ["side"],
        postgresql_where=sa.text("incoming AND read_at IS NULL"),
    )
    op.create_table(
        "lending_batch",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("brought_by", sa.Text(), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _moment("placed_at"),
        sa.Column("numbers", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        _to("lending_batch", "library_id", "library"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_batch")),
    )
    op.create_index("ix_lending_batch_brought_at", "lending_batch", ["brought_at"])


def _partners() -> None:
    op.create_table(
        "lending_partner",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("quirks", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_for", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("mode IN ('transparent', 'opaque')", name=op.f("ck_lending_partner_mode")),
        sa.CheckConstraint("version IN ('1.2', '2021-2')", name=op.f("ck_lending_partner_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_partner")),
        sa.UniqueConstraint("certificate", name=op.f("uq_lending_partner_certificate")),
        sa.UniqueConstraint("code", name=op.f("uq_lending_partner_code")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_lending_partner_token_hash")),
    )
    op.create_table(
        "lending_agency",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        _to("lending_agency", "library_id", "library"),
        _to("lending_agency", "partner_id", "lending_partner", gone="CASCADE"),
        sa.PrimaryKeyConstraint("symbol", name=op.f("pk_lending_agency")),
    )
    op.create_index("ix_lending_agency_library_id", "lending_agency", ["library_id"])
    op.create_index("ix_lending_agency_partner_id", "lending_agency", ["partner_id"])
    op.create_table(
        "lending_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("word", sa.Text(), nullable=True),
        sa.Column("requesting_agency", sa.Text(), nullable=True),
        sa.Column("supplying_agency", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("error_type", sa.Text(), nullable=True),
        sa.Column("error_value", sa.Text(), nullable=True),
        sa.Column("unknown", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "outcome IN ('ok', 'error', 'refused', 'failed')", name=op.f("ck_lending_message_outcome")
        ),
        sa.CheckConstraint("way IN ('in', 'out', 'inside')", name=op.f("ck_lending_message_way")),
        _to("lending_message", "partner_id", "lending_partner", gone="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_message")),
    )
    op.create_index("ix_lending_message_at", "lending_message", ["at"])
    op.create_index("ix_lending_message_hash", "lending_message", ["hash"])
    op.create_index("ix_lending_message_outbox_id", "lending_message", ["outbox_id"])
    op.create_index("ix_lending_message_request_id", "lending_message", ["request_id"])


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, column: str, other: str, *, gone: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=gone
    )
