"""The tables of what lending is agreed on, and of books that travel together."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011a"
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
        _to("lending_agreement", "audience_id", "audience"),
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
        _to("lending_party", "agreement_id", "lending_agreement", gone="CASCADE"),
        _to("lending_party", "group_id", "library_group"),
        _to("lending_party", "library_id", "library"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_party")),
    )
    _index("lending_party", "agreement_id")
    op.create_table(
        "lending_policy",
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        _moment("changed_at", nullable=False, now=True),
        sa.Column("changed_by", sa.Text(), nullable=False),
        _to("lending_policy", "library_id", "library"),
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
        _to("lending_closure", "library_id", "library"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_closure")),
    )
    _index("lending_closure", "last_day")
    op.create_table(
        "lending_avoidance",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        _to("lending_avoidance", "library_id", "library"),
        _to("lending_avoidance", "other_id", "library"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_avoidance")),
    )
    _index("lending_avoidance", "library_id")
    _index("lending_avoidance", "other_id")
    op.create_table(
        "lending_rota",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _moment("made_at", nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("entries", postgresql.JSONB(), nullable=False),
        sa.Column("dropped", postgresql.JSONB(), nullable=False),
        _to("lending_rota", "request_id", "lending_request", gone="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_rota")),
        sa.UniqueConstraint("request_id", "version", name=op.f("uq_lending_rota_request_id_version")),
    )
    op.create_table(
        "lending_availability",
        sa.Column("request_id", sa.UUID(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=True),
        _moment("asked_at", nullable=False),
        _to("lending_availability", "request_id", "lending_request", gone="CASCADE"),
        _to("lending_availability", "library_id", "library"),
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
        _moment("made_at", nullable=False),
        _moment("changed_at", nullable=False),
        sa.Column("audience_id", sa.SmallInteger(), server_default="0", nullable=False),
        _to("consignment", "audience_id", "audience"),
        _to("consignment", "owner_id", "library"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consignment")),
        sa.UniqueConstraint("number", name=op.f("uq_consignment_number")),
    )
    _index("consignment", "owner_id")
    op.create_table(
        "consignment_stop",
        sa.Column("consignment_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("arrive_by", sa.Date(), nullable=True),
        sa.Column("leave_by", sa.Date(), nullable=True),
        _moment("received_at"),
        _moment("left_at"),
        _to("consignment_stop", "consignment_id", "consignment", gone="CASCADE"),
        _to("consignment_stop", "library_id", "library"),
        sa.PrimaryKeyConstraint("consignment_id", "position", name=op.f("pk_consignment_stop")),
    )
    _index("consignment_stop", "library_id")
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
        _to("consignment_item", "consignment_id", "consignment", gone="CASCADE"),
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
        _to("consignment_difference", "consignment_id", "consignment", gone="CASCADE"),
        sa.PrimaryKeyConstraint(
            "consignment_id", "place", "position", name=op.f("pk_consignment_difference")
        ),
    )
    op.create_table(
        "consignment_event",
        sa.Column("consignment_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        _moment("at", nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("data", postgresql.JSONB(), server_default="{}", nullable=False),
        _to("consignment_event", "consignment_id", "consignment", gone="CASCADE"),
        sa.PrimaryKeyConstraint("consignment_id", "seq", name=op.f("pk_consignment_event")),
    )


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
