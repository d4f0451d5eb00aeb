"""How a full harvest finds what vanished without a deletion, and how often identifiers are compared."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("swept", "shut_out"):
        op.add_column("harvest_run", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("source", sa.Column("reconcile_days", sa.Integer(), nullable=True))
