"""Tables of the join stage: keys, judged pairs, people's decisions, and the clusters derived from them."""

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from unioncat.store.tables.base import audience_column, metadata, moment

match_key = Table(
    "match_key",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("record_id", BigInteger, primary_key=True, autoincrement=False),
    Column("audience_id", SmallInteger, nullable=False),
    prefixes=["UNLOGGED"],
)
"""Which records have a key; made of `joined`, and made anew when a crash has emptied it."""

joined = Table(
    "joined",
    metadata,
    Column("record_id", BigInteger, primary_key=True, autoincrement=False),
    Column("audience_id", SmallInteger, nullable=False),
    Column("keys", ARRAY(BigInteger), nullable=False),
)
"""The keys under which each record stands in `match_key` now: one row instead of a second index there."""

candidate = Table(
    "candidate",
    metadata,
    Column("record_id", BigInteger, primary_key=True, autoincrement=False),
    Column("other_id", BigInteger, primary_key=True, autoincrement=False),
    prefixes=["UNLOGGED"],
)
"""The pairs that the join under way has yet to judge, under the record that is the first to be judged."""

edge = Table(
    "edge",
    metadata,
    Column("left_id", BigInteger, primary_key=True, autoincrement=False),
    Column("right_id", BigInteger, primary_key=True, autoincrement=False),
    Column("verdict", Text, nullable=False),
    Column("score", REAL, nullable=False),
    Column("rules", Text, nullable=False),
    Column("evidence", LargeBinary),
    moment("judged_at", default=True),
    Column("divided", Boolean, nullable=False, server_default=text("false")),
    Index("ix_edge_right_id", "right_id"),
    Index(
        "ix_edge_open",
        "score",
        "left_id",
        "right_id",
        postgresql_where=text("verdict = 'unsure'::text OR divided"),
    ),
)
"""The machine's judgement of a pair, left < right, both of one audience.

`divided`: judged the same, and kept apart because a third record differs from one of the two.
"""

decision = Table(
    "decision",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("left_id", BigInteger, nullable=False),
    Column("right_id", BigInteger, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    moment("decided_at", default=True),
    moment("undone_at", nullable=True),
    Column("undone_by", Text),
    Column("left_ref", Text, nullable=False),
    Column("right_ref", Text, nullable=False),
    Index("ix_decision_left_id", "left_id"),
    Index("ix_decision_right_id", "right_id"),
)
"""A person's judgement of a pair; outranks the machine's. Rows are never changed but by an undo.

`left_ref` and `right_ref` ("source:local id") name the records to people and to other installations.
"""

distrusted_identifier = Table(
    "distrusted_identifier",
    metadata,
    Column("scheme", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    moment("decided_at", default=True),
    Column("withdrawn", Boolean, nullable=False),
    Column("applied", Boolean, nullable=False),
)
"""Identifiers that are no evidence; `applied` is false until the records that carry one are read again."""

cluster = Table(
    "cluster",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("public_id", Text, nullable=False, unique=True),
    audience_column(),
    Column("live", Boolean, nullable=False),
    moment("created_at", default=True),
    moment("updated_at", default=True),
)
"""A public id and its present; the smaller `id` is the older."""

cluster_member = Table(
    "cluster_member",
    metadata,
    Column("record_id", BigInteger, primary_key=True, autoincrement=False),
    Column("cluster_id", BigInteger, ForeignKey("cluster.id"), nullable=False),
    Index("ix_cluster_member_cluster_id", "cluster_id"),
)

cluster_successor = Table(
    "cluster_successor",
    metadata,
    Column("cluster_id", BigInteger, ForeignKey("cluster.id"), primary_key=True),
    Column("successor_id", BigInteger, ForeignKey("cluster.id"), primary_key=True),
    moment("at", default=True),
)
"""Where a cluster's members went when it merged (not live) or was split (live)."""

pending_join = Table(
    "pending_join",
    metadata,
    Column("record_id", BigInteger, primary_key=True, autoincrement=False),
    Column("content", Boolean, nullable=False, server_default=text("true")),
)
"""Records that wait for the join; `content` tells whether the record itself changed, not only its ties."""

joining = Table(
    "joining",
    metadata,
    Column("record_id", BigInteger, primary_key=True, autoincrement=False),
    Column("rejudge", Boolean, nullable=False),
    Column("content", Boolean, nullable=False, server_default=text("false")),
)
"""The records of the join under way: those whose pairs are judged anew, and those that were tied to one."""

pending_publish = Table(
    "pending_publish",
    metadata,
    Column("cluster_id", BigInteger, primary_key=True, autoincrement=False),
)
