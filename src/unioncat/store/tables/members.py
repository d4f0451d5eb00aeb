"""Tables of who takes part: audiences, places, libraries, groups, sources."""

from sqlalchemy import Column, Date, Float, ForeignKey, Identity, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from unioncat.store.tables.base import audience_column, metadata, moment

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

library_group = Table(
    "library_group",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("mode", Text, nullable=False),
)

audience = Table(
    "audience",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("code", Text, nullable=False, unique=True),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("group_id", ForeignKey("library_group.id")),
    Column(
        "library_id",
        Integer,
        ForeignKey("library.id", name="fk_audience_library_id", use_alter=True),
        unique=True,
    ),
)
"""A circle is everybody (0), a group's libraries, or (`library_id`) one library alone."""

province = Table(
    "province",
    metadata,
    Column("key", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("successor_key", ForeignKey("province.key", deferrable=True, initially="DEFERRED")),
    Column("lat", Float),
    Column("lon", Float),
)

library = Table(
    "library",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("province_key", ForeignKey("province.key")),
    Column("lat", Float),
    Column("lon", Float),
    Column("contact", JSONB, nullable=False, server_default="{}"),
    Column("isil", Text),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("successor_id", ForeignKey("library.id")),
    audience_column(),
    moment("created_at", default=True),
)

library_parent = Table(
    "library_parent",
    metadata,
    Column("library_id", ForeignKey("library.id", ondelete="CASCADE"), primary_key=True),
    Column("parent_id", ForeignKey("library.id"), primary_key=True),
    Column("valid_from", Date),
    Column("valid_to", Date),
)

library_in_group = Table(
    "library_in_group",
    metadata,
    Column("library_id", ForeignKey("library.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", ForeignKey("library_group.id"), primary_key=True),
)

source = Table(
    "source",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("library_id", ForeignKey("library.id"), nullable=False),
    Column("protocol", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("set_spec", Text),
    Column("every_minutes", Integer, nullable=False),
    Column("hours", Text),
    Column("overlap_seconds", Integer, nullable=False),
    Column("profile", Text, nullable=False),
    Column("options", JSONB, nullable=False, server_default="{}"),
    Column("assertions", JSONB, nullable=False, server_default="{}"),
    Column("politeness", JSONB, nullable=False, server_default="{}"),
    Column("state", Text, nullable=False, server_default="active"),
    Column("identity", JSONB),
    Column("reconcile_days", Integer),
    Column("licence", Text, nullable=False, server_default="unknown"),
    Column("licence_words", Text, nullable=False, server_default=""),
    audience_column(),
    moment("created_at", default=True),
)

audience_change = Table(
    "audience_change",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("old_audience", SmallInteger, ForeignKey("audience.id"), nullable=False),
    Column("new_audience", SmallInteger, ForeignKey("audience.id"), nullable=False),
    Column("by", Text, nullable=False),
    Column("sources", ARRAY(Integer), nullable=False),
    Column("library_id", Integer, ForeignKey("library.id")),
    moment("asked_at", default=True),
    moment("done_at", nullable=True),
    Column("before", JSONB, nullable=False),
    Column("after", JSONB(none_as_null=True)),
)
"""A member's change of mind, from being asked until what followed from it is done, with the proof.

`subject` is library or source. What viewers lost is counted in `before` and `after`.
"""
