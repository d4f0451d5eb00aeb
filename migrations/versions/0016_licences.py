"""Under which licence each source gives its records away; what is here already has not said."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("source", sa.Column("licence", sa.Text(), server_default="unknown", nullable=False))
    op.add_column("source", sa.Column("licence_words", sa.Text(), server_default="", nullable=False))
