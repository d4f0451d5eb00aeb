"""Pairs that were judged the same and are kept apart by a third record wait for a person too."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("edge", sa.Column("divided", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.drop_index("ix_edge_unsure", table_name="edge")
    op.create_index(
        "ix_edge_open",
        "edge",
        ["score", "left_id", "right_id"],
        postgresql_where=sa.text("verdict = 'unsure'::text OR divided"),
    )
