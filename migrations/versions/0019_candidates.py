"""The pairs that a join has yet to judge, instead of keys that lead to them; what is derived is unlogged."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("shared_key")
    op.create_table(
        "candidate",
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("other_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("record_id", "other_id", name=op.f("pk_candidate")),
        prefixes=["UNLOGGED"],
    )
    op.execute("ALTER TABLE match_key SET UNLOGGED")
