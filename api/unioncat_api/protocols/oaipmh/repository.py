"""What the provider asks of a store of records: six questions, answered by key position.

A page continues after the key (datestamp, identifier) of the last item handed out, never after a number of
items. So a repository must set datestamps when a change becomes visible: a record that appears late must not
carry a datestamp older than pages already handed out, or a harvest under way would miss it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol


class Granularity(StrEnum):
    """Finest unit of datestamps that a repository speaks."""

    DAY = "YYYY-MM-DD"
    SECOND = "YYYY-MM-DDThh:mm:ssZ"


class DeletedRecords(StrEnum):
    """How long a repository remembers deletions."""

    NO = "no"
    TRANSIENT = "transient"
    PERSISTENT = "persistent"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a repository says of itself.

    `earliest` is a full datestamp. With `domain` the identifiers follow the oai-identifier scheme
    ("oai:domain:…") and Identify says so. `audience` names who asks: a resumption token made for one audience
    is refused for every other.
    """

    name: str
    base_url: str
    admin_emails: tuple[str, ...]
    earliest: str
    granularity: Granularity = Granularity.SECOND
    deleted: DeletedRecords = DeletedRecords.PERSISTENT
    domain: str | None = None
    sample_identifier: str | None = None
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """A metadata format."""

    prefix: str
    schema: str
    namespace: str


DUBLIN_CORE = Format(
    "oai_dc",
    "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
    "http://www.openarchives.org/OAI/2.0/oai_dc/",
)
"""The format that every repository must have (OAI-PMH 2.0 §3.4)."""
MARCXML = Format(
    "marc21",
    "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd",
    "http://www.loc.gov/MARC21/slim",
)
"""MARC 21 in XML, under its usual prefix."""


@dataclass(frozen=True, slots=True)
class SetInfo:
    """A set: "a:b" is a subset of "a"."""

    spec: str
    name: str


class Key(NamedTuple):
    """Place of an item in every list: UTC datestamp (`YYYY-MM-DDThh:mm:ssZ`), then identifier."""

    datestamp: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Item:
    """A record, or the tombstone of one. `metadata` is one well-formed XML element, empty when deleted."""

    identifier: str
    datestamp: str
    deleted: bool = False
    sets: tuple[str, ...] = ()
    metadata: bytes = b""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list holds: bounds are full datestamps, both inclusive; a set includes its subsets."""

    prefix: str
    since: str | None = None
    until: str | None = None
    set: str | None = None


class Repository(Protocol):
    """A store of records, as one audience may see it."""

    async def identity(self) -> Identity:
        """Describe the repository."""
        ...

    async def formats(self, identifier: str | None = None) -> Sequence[Format] | None:
        """Give the formats of the repository, or of one item; `None` if there is no such item."""
        ...

    async def sets(self) -> Sequence[SetInfo]:
        """Give all sets; empty means that the repository knows no sets."""
        ...

    async def get(self, prefix: str, identifier: str) -> Item | None:
        """Give one item in one format."""
        ...

    async def page(self, selection: Selection, after: Key | None, limit: int) -> Sequence[Item]:
        """Give up to `limit` items in the order of their keys, beginning after `after`."""
        ...

    async def count(self, selection: Selection) -> int:
        """Count the items of a selection."""
        ...
