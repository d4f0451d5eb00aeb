"""People's decisions with names and undo, identifiers not believed, and the rules that read each record."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # All records so far were read under the first version of the rules; a default costs no rewrite.
    op.add_column("bib_record", sa.Column("rules", sa.Text(), nullable=False, server_default="1"))
    op.alter_column("bib_record", "rules", server_default=None)
    op.add_column("decision", sa.Column("undone_by", sa.Text(), nullable=True))
    for side in ("left", "right"):
        op.add_column("decision", sa.Column(f"{side}_ref", sa.Text(), nullable=False, server_default=""))
        op.execute(
            f"UPDATE decision d SET {side}_ref = s.code || ':' || b.local_id"
            f" FROM bib_record b JOIN source s ON s.id = b.source_id WHERE b.id = d.{side}_id"
        )
        op.alter_column("decision", f"{side}_ref", server_default=None)
    for table, content in (("pending_join", "true"), ("joining", "false")):
        op.add_column(
            table, sa.Column("content", sa.Boolean(), nullable=False, server_default=sa.text(content))
        )
    op.create_index(
        "ix_edge_unsure",
        "edge",
        ["score", "left_id", "right_id"],
        unique=False,
        postgresql_where=sa.text("verdict = 'unsure'::text"),
    )
    op.create_table(
        "distrusted_identifier",
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("scheme", "value", name=op.f("pk_distrusted_identifier")),
    )
