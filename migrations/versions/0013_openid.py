"""Sign-in by a provider of identities; the log of who did what may be cut up to a sealed summary."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    moments = [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("linked_at", "used_at")
    ]
    op.create_table(
        "account_identity",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        *moments,
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_account_identity")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_identity_account_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("account_id", "issuer", name=op.f("uq_account_identity_account_id")),
    )
    op.execute("DROP TRIGGER audit_only_grows ON audit_entry")
    op.execute(
        "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
    )
    # What a sealed summary speaks for may go; whether the summary is true, verifying tells.
    op.execute(
        "CREATE FUNCTION audit_only_cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF OLD.number > COALESCE((SELECT (detail->>'up_to')::bigint FROM audit_entry "
        "WHERE action = 'audit.cut' ORDER BY number DESC LIMIT 1), 0) "
        "THEN RAISE EXCEPTION 'the audit log only grows'; END IF; RETURN OLD; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_only_cut BEFORE DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_only_cut()"
    )
