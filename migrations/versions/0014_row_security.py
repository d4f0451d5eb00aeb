"""Row-level security: a role that reads for viewers and sees what their audiences may see.

The role belongs to the server, not to the database; `store.migrate` sees to it before any step.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

READER = "unioncat_reader"

OPEN = ("audience", "library_group", "province")
"""Tables whose rows are for everybody."""

OWN = "audience_id = ANY ((SELECT viewer_audiences())::smallint[])"
POLICIES = {
    "library": OWN,
    "source": OWN + " AND EXISTS (SELECT FROM library l WHERE l.id = library_id)",
    "bib_record": OWN,
    "cluster": OWN,
    "match_key": OWN,
    "joined": OWN,
    "holding": OWN + " AND EXISTS (SELECT FROM bib_record b WHERE b.id = record_id)",
    "library_parent": "EXISTS (SELECT FROM library l WHERE l.id = library_id)"
    " AND EXISTS (SELECT FROM library l WHERE l.id = parent_id)",
    "library_in_group": "EXISTS (SELECT FROM library l WHERE l.id = library_id)",
    "harvest_run": "EXISTS (SELECT FROM source s WHERE s.id = source_id)",
    "issue": "EXISTS (SELECT FROM source s WHERE s.id = source_id)",
    "quality_report": "EXISTS (SELECT FROM source s WHERE s.id = source_id)",
    "cluster_member": "EXISTS (SELECT FROM cluster c WHERE c.id = cluster_id)",
    "cluster_successor": "EXISTS (SELECT FROM cluster c WHERE c.id = cluster_id)"
    " AND EXISTS (SELECT FROM cluster c WHERE c.id = successor_id)",
    "edge": "EXISTS (SELECT FROM bib_record b WHERE b.id = left_id)"
    " AND EXISTS (SELECT FROM bib_record b WHERE b.id = right_id)",
    "decision": "EXISTS (SELECT FROM bib_record b WHERE b.id = left_id)"
    " AND EXISTS (SELECT FROM bib_record b WHERE b.id = right_id)",
    "pending_join": "EXISTS (SELECT FROM bib_record b WHERE b.id = record_id)",
    "joining": "EXISTS (SELECT FROM bib_record b WHERE b.id = record_id)",
    "pending_publish": "EXISTS (SELECT FROM cluster c WHERE c.id = cluster_id)",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("audience", sa.Column("library_id", sa.Integer(), nullable=True))
    op.create_foreign_key("fk_audience_library_id", "audience", "library", ["library_id"], ["id"])
    op.create_unique_constraint("uq_audience_library_id", "audience", ["library_id"])
    op.execute(
        "CREATE FUNCTION viewer_audiences() RETURNS smallint[] LANGUAGE sql STABLE PARALLEL SAFE"
        " RETURN string_to_array(current_setting('unioncat.audiences', true), ',')::smallint[]"
    )
    op.execute(
        f"DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO {READER}', current_schema()); END $$"
    )
    for table in OPEN:
        op.execute(f"GRANT SELECT ON {table} TO {READER}")
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY seen ON {table} FOR SELECT TO {READER} USING ({condition})")
        op.execute(f"GRANT SELECT ON {table} TO {READER}")
    op.create_table(
        "audience_change",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("old_audience", sa.SmallInteger(), nullable=False),
        sa.Column("new_audience", sa.SmallInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("sources", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audience_change")),
        sa.ForeignKeyConstraint(["old_audience"], ["audience.id"], name="fk_audience_change_old_audience"),
        sa.ForeignKeyConstraint(["new_audience"], ["audience.id"], name="fk_audience_change_new_audience"),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name="fk_audience_change_library_id"),
    )
