"""The port of every reader: what the harvester asks of a protocol, in no protocol's words.

A page is whole before its first record is given out: an answer that is cut off, broken or not what the
protocol promises raises `SourceError`, never ends a list early.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from unioncat.domain.source import Checkpoint, Quarantined, RawRecord, Run, Source
from unioncat.domain.switches import Suggestion

BATCH_RECORDS = 500
BATCH_BYTES = 4 * 1024 * 1024
MAX_RECORD_BYTES = 32 * 1024 * 1024
MAX_LOCAL_ID = 1000
"""Characters; a longer one is no identifier but an accident."""


class SourceError(Exception):
    """A source does not do what its protocol promises: names the source, the place and the remedy."""

    def __init__(self, message: str, remedy: str, *, source: str, page: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.source = source
        self.page = page

    def __str__(self) -> str:
        """Say where it happened and what."""
        place = f", page {self.page}" if self.page is not None else ""
        return f"source {self.source}{place}: {self.message}"


class ListBroken(SourceError):
    """The server no longer knows how its list goes on: the list must begin again."""


class ListEndless(SourceError):
    """The server hands out the same place of its list again: going on makes no sense."""


class AnswerLost(SourceError):
    """One answer does not come whole, whatever is tried; others may."""


class Stopped(Exception):
    """The harvester was told to stop while it waited for a server."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records of a page, at most `BATCH_RECORDS` and about `BATCH_BYTES`, in the order received."""

    records: tuple[RawRecord, ...]
    quarantined: tuple[Quarantined, ...] = ()
    listed: tuple[str, ...] = ()
    """Local ids of live records, where identifiers alone are compared."""
    listed_deleted: int = 0
    """Of such a list, those marked as deleted."""


def batches(items: Iterable[RawRecord | Quarantined]) -> Iterator[Batch]:
    """Give the records of a page in its order, in batches of bounded size."""
    records: list[RawRecord] = []
    aside: list[Quarantined] = []
    weight = 0
    for item in items:
        if isinstance(item, RawRecord):
            records.append(item)
        else:
            aside.append(item)
        weight += len(item.payload)
        if weight >= BATCH_BYTES or len(records) + len(aside) >= BATCH_RECORDS:
            yield Batch(tuple(records), tuple(aside))
            records, aside, weight = [], [], 0
    if records or aside:
        yield Batch(tuple(records), tuple(aside))


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page of a list. `close` it after use: its bytes may lie in a temporary file."""

    number: int
    checkpoint: Checkpoint
    received: int
    """Records on it, with those that are put aside."""
    size: int
    """Bytes of the answer after decompression."""
    content: Callable[[], Iterator[Batch]]
    release: Callable[[], None]
    repaired: bool = False
    notes: tuple[str, ...] = ()
    """What an operator should know of the way it came."""
    again: bool = False
    """The list, or a part of it, began again: what comes now may have come before."""
    moved: str | None = None
    """Where the server says that it has moved for good."""

    def batches(self) -> Iterator[Batch]:
        """Give the records in the order received; may be called again until `close`."""
        return self.content()

    def close(self) -> None:
        """Let go of the page's bytes."""
        self.release()


@dataclass(frozen=True, slots=True)
class Identity:
    """What a server says of itself; `facts` as it names them."""

    name: str
    facts: tuple[tuple[str, str], ...] = ()

    def fact(self, name: str) -> str | None:
        """Give the first value of a fact."""
        return next((value for key, value in self.facts if key == name), None)


@dataclass(frozen=True, slots=True)
class Offer:
    """A format that a server offers."""

    name: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What a probe found out; `advice` is for the person who registers the source."""

    address: str
    identity: Identity
    offers: tuple[Offer, ...]
    sets: tuple[tuple[str, str], ...]
    more_sets: bool
    format: str
    records: int = 0
    deleted: int = 0
    quarantined: int = 0
    list_size: int | None = None
    has_more: bool = False
    page_bytes: int = 0
    repaired: bool = False
    holdings: tuple[tuple[str, int], ...] = ()
    """Field tags that usually carry holdings, with the number of records that have them."""
    notes: tuple[str, ...] = ()
    advice: tuple[str, ...] = field(default=())
    suggestions: tuple[Suggestion, ...] = ()
    """Switches that would help, for a page to show and a person to accept (`domain.switches.applied`)."""


class Reader(ABC):
    """Reads one source. Synchronous: runs in a worker thread, one request at a time."""

    source: Source

    @abstractmethod
    def identify(self) -> Identity:
        """Ask the server who it is. Raises `SourceError`."""

    @abstractmethod
    def probe(self) -> Findings:
        """Look at a source before its first harvest: one page is read, nothing is kept."""

    @abstractmethod
    def pages(self, run: Run) -> Iterator[Page]:
        """Give the pages of a run from its checkpoint on; the last one's checkpoint is finished.

        Raises `SourceError`; `ListBroken` where the list must begin again; `Stopped`.
        """

    @abstractmethod
    def close(self) -> None:
        """Give connections back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Comparing(ABC):
    """What a reader can do whose server lists identifiers and gives single records.

    Its `pages` of a run that reconciles bring `Batch.listed` instead of records.
    """

    @abstractmethod
    def fetch(self, local_ids: Sequence[str], run: Run) -> Page:
        """Fetch single records; those that the server does not give are put aside or left out."""

    @abstractmethod
    def still_there(self, local_ids: Sequence[str]) -> tuple[str, ...]:
        """Give those that the server still has in this source, or of which it cannot tell."""
