"""The tables of lending: partners, requests and what comes of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011a"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _partners()
    _requests()


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
        _moment("made_at", nullable=False, now=True),
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
    _index("lending_agency", "library_id")
    _index("lending_agency", "partner_id")
    op.create_table(
        "lending_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _moment("at", nullable=False, now=True),
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
    _index("lending_message", "at")
    _index("lending_message", "hash")
    _index("lending_message", "outbox_id")
    _index("lending_message", "request_id")


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
    _index("lending_request", "answer_due", where="closed_at IS NULL")
    _index("lending_request", "closed_at", where="reader_gone_at IS NULL")
    _index("lending_request", "due_at", where="closed_at IS NULL")
    _index("lending_request", "home_id", "state", "changed_at")
    _index("lending_request", "needed_by", where="closed_at IS NULL")
    _index("lending_request", "home_id", "changed_at", name="open", where="closed_at IS NULL")
    _index("lending_request", "previous_id")
    _index("lending_request", "home_id", "same_key", name="same_key")
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
    _index("lending_reader", "account_id")
    _index("lending_reader", "card")
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
    _index("lending_supply", "answer_due", where="closed_at IS NULL")
    _index("lending_supply", "due_at", where="closed_at IS NULL")
    _index("lending_supply", "supplier_id", "changed_at", name="open", where="closed_at IS NULL")
    _index("lending_supply", "request_id", "number")
    _index("lending_supply", "requester_id")
    _index("lending_supply", "retry_of")
    _index("lending_supply", "requester_id", name="stray", where="stray")
    _index("lending_supply", "supplier_id", "supplier_state", "changed_at")
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
    _index("lending_event", "at")
    _index("lending_event", "request_id")
    _index("lending_event", "supply_id")
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
        _moment("created_at", nullable=False, now=True),
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
    _index("lending_outbox", "id", name="dead", where="state = 'dead'")
    _index("lending_outbox", "due_at", where="state = 'waiting'")
    _index("lending_outbox", "lane", "id", where="state = 'waiting'")
    _index("lending_outbox", "request_id")
    _index("lending_outbox", "sent_at")
    _index("lending_outbox", "supply_id")
    op.create_table(
        "lending_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("request_id", sa.UUID(), nullable=True),
        sa.Column("supply_id", sa.UUID(), nullable=True),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("side", sa.Text(), nullable=True),
        _moment("made_at", nullable=False, now=True),
        _moment("expires_at", nullable=False),
        _moment("used_at"),
        sa.Column("used_for", sa.Text(), nullable=True),
        _to("lending_link", "library_id", "library"),
        _to("lending_link", "request_id", "lending_request", gone="CASCADE"),
        _to("lending_link", "supply_id", "lending_supply", gone="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_lending_link")),
    )
    _index("lending_link", "expires_at")
    _index("lending_link", "request_id")
    _index("lending_link", "supply_id")
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
    _index("lending_note", "request_id")
    _index("lending_note", "supply_id")
    _index("lending_note", "side", name="unread", where="incoming AND read_at IS NULL")
    op.create_table(
        "lending_batch",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("brought_by", sa.Text(), nullable=False),
        _moment("brought_at", nullable=False, now=True),
        _moment("placed_at"),
        sa.Column("numbers", postgresql.JSONB(), server_default="[]", nullable=False),
        _to("lending_batch", "library_id", "library"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_batch")),
    )
    _index("lending_batch", "brought_at")


def _moment(name: str, *, nullable: bool = True, now: bool = False) -> sa.Column[object]:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def _to(table: str, column: str, other: str, *, gone: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=gone
    )


def _index(table: str, *columns: str, name: str | None = None, where: str | None = None) -> None:
    condition = sa.text(where) if where else None
    op.create_index(f"ix_{table}_{name or columns[0]}", table, list(columns), postgresql_where=condition)
