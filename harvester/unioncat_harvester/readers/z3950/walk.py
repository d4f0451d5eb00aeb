"""The walk through everything that a target has: slice after slice, page after page, from any place on.

A record is passed over only with a word about it: positions that bring nothing are put aside, result sets
that end too early are cut into slices or end the walk with an error.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from unioncat_harvester.cuts import strategies
from unioncat_harvester.reader import ListEndless, SourceError
from unioncat_harvester.readers.z3950 import query as queries
from unioncat_harvester.readers.z3950.client import Client, Fetched, QueryRefused
from unioncat_harvester.readers.z3950.diagnostics import OUT_OF_RANGE, Diagnostic
from unioncat_harvester.readers.z3950.query import Attribute, Query, Term
from unioncat_harvester.readers.z3950.responses import Received
from unioncat_harvester.readers.z3950.settings import Settings
from unioncat_harvester.slices import Condition, Conditions, Relation, Slice, SliceError, Slices

NO_CAP = 2**40
UPTO, FROM = Attribute(2, 2), Attribute(2, 4)
TRUNCATED = Attribute(5, 1)
RELATION, TRUNCATION = 2, 5
MAX_IN_A_ROW = 30
"""Records refused one after the other before the target is taken to refuse all."""
ENOUGH_BYTES = 8 * 1024 * 1024
"""A page ends beyond this size."""
CAPS = frozenset({OUT_OF_RANGE, 12, 31, 33, 220})
"""Diagnostics by which a target says that it shows no more."""


class Place(msgspec.Struct, array_like=True, frozen=True):
    """Where the walk goes on: enough for a new process, with a new session."""

    syntax: str
    query: str
    """The base query as PQF."""
    cap: int
    slice: str | None
    """Token of the slice; none for the first."""
    start: int
    """Position within it of the next record."""
    hits: int
    """Its hits when it was begun; 0 if it was not."""
    cuts: str = ""
    """The strategies by which it is cut (`cuts.strategies`)."""

    def token(self) -> str:
        """Write it for a checkpoint."""
        return msgspec.json.encode(self).decode()


@dataclass
class Leaf:
    """What one page brings, and where it goes on after it."""

    place: Place
    received: list[Received] = field(default_factory=list)
    size: int = 0
    total: int | None = None
    again: bool = False
    """Some of it, or of what follows, may have come before."""
    notes: list[str] = field(default_factory=list)


class CapFound(Exception):
    """The target shows only so many records of this result set."""

    def __init__(self, shown: int, said: str) -> None:
        super().__init__(said)
        self.shown = shown


def read_place(token: str) -> Place | None:
    """Read a checkpoint's token; none if it is not ours."""
    try:
        return msgspec.json.decode(token, type=Place)
    except msgspec.DecodeError:
        return None


def narrowed(base: Query, conditions: Conditions) -> Query:
    """Put the conditions of a slice to the base query."""
    wanted = [_condition(one) for one in conditions if one.wanted]
    unwanted = [_condition(one) for one in conditions if not one.wanted]
    together = queries.join(queries.AND, [base, *wanted])
    return queries.join(queries.NOT, [together, *unwanted]) if unwanted else together


def _condition(condition: Condition) -> Query:
    given = queries.attributes(condition.index)

    def term(text: str, *more: Attribute) -> Query:
        types = {one.type for one in more}
        return Term(text, (*[one for one in given if one.type not in types], *more))

    if condition.relation is Relation.UPTO:
        return term(condition.values[0], UPTO)
    if condition.relation is Relation.PREFIX:
        return term(condition.values[0], TRUNCATED)
    return queries.join(queries.OR, [term(text) for text in condition.values])


def since(base: Query, changed: Sequence[Attribute], day: str) -> Query:
    """Narrow the base query to what was changed on a day or later."""
    kept = [one for one in changed if one.type != RELATION]
    return queries.join(queries.AND, [base, Term(day, (*kept, FROM))])


def _bytes(received: Received) -> bytes:
    if isinstance(received, Diagnostic):
        return b""
    return received.element.contents() if received.element is not None else received.data


def _beyond(diagnostics: Sequence[Diagnostic]) -> bool:
    return any(one.code in CAPS for one in diagnostics)


class Walk:
    """One walk; `leaves` gives its pages."""

    def __init__(
        self, client: Client, settings: Settings, source: str, find_cuts: Callable[[Query], str | None]
    ) -> None:
        """`find_cuts` looks for a strategy where the source names none."""
        self._client = client
        self._find_cuts = find_cuts
        self._settings = settings
        self._source = source
        self._refused = 0
        self._good = False

    def count(self, base: Query, conditions: Conditions) -> int:
        """Ask how many records a part of the whole has."""
        return self._client.search(narrowed(base, conditions)).hits

    def leaves(self, place: Place) -> Iterator[Leaf]:
        """Give the pages from a place on. Raises `SourceError`."""
        now: int | None = None
        while True:
            try:
                yield from self._leaves(place, now)
                return
            except SliceError as error:
                raise self._fault(str(error), error.remedy) from error
            except _CutFiner as finer:
                place, now = finer.place, finer.now

    def _leaves(self, place: Place, now: int | None) -> Iterator[Leaf]:
        base = queries.parse(place.query)
        plan = Slices(
            place.cap or NO_CAP,
            strategies(place.cuts, dt.datetime.now(dt.UTC).date()),
            lambda conditions: self.count(base, conditions),
            lambda index, start, number: self._terms(index, start, number),
            count_capped=bool(place.cap) and self._settings.counts_capped,
        )
        again = now is not None
        for slice_ in plan.slices(place.slice, now=now):
            here = slice_.token == place.slice
            start, hits = (place.start, place.hits) if here and place.hits else (1, slice_.hits)
            place = msgspec.structs.replace(place, slice=slice_.token, start=start, hits=hits)
            query = narrowed(base, slice_.conditions)
            for leaf in self._slice(query, place, slice_):
                place = leaf.place
                leaf.again = leaf.again or again
                leaf.total = None if plan.count_capped else plan.total
                yield leaf

    def _slice(self, query: Query, place: Place, slice_: Slice) -> Iterator[Leaf]:
        before: list[bytes] = []
        while place.start <= place.hits:
            try:
                leaf = self._leaf(query, place)
            except CapFound as cap:
                raise self._capped(cap, place, slice_) from cap
            now = [_bytes(one) for one in leaf.received]
            if now == before and len(before) > 1:
                raise ListEndless(
                    f"the target gives the same {len(before)} records again at position {place.start}",
                    "It does not heed where a request begins: ask its operator, or set present to 1.",
                    source=self._source,
                    page=self._client.page,
                )
            before, place = now, leaf.place
            yield leaf

    def _leaf(self, query: Query, place: Place) -> Leaf:
        """Read a page: one request, unless some of its records are refused."""
        leaf = Leaf(place)
        self._client.notes.clear()
        count = self._settings.present
        position = place.start
        while position < place.start + self._settings.present and position <= leaf.place.hits:
            left = place.start + self._settings.present - position
            got = self._client.fetch(query, position, min(count, left), place.syntax)
            leaf.size += got.size
            if got.hits != leaf.place.hits:
                back = self._changed(leaf, position, got.hits)
                if back is not None:
                    position = back
                    break
            if got.records:
                leaf.received += got.records
                position += len(got.records)
                self._good, self._refused = True, 0
                count = min(2 * count, self._settings.present)
                if leaf.size > ENOUGH_BYTES:
                    break
            elif count > 1:
                count = max(1, min(count, left) // 2)
            elif leaf.received and _beyond(got.diagnostics):
                break  # what came is a page; the next one finds the end
            else:
                leaf.received.append(self._nothing(query, position, place.syntax, got))
                position += 1
        leaf.place = msgspec.structs.replace(leaf.place, start=position)
        leaf.notes += self._client.notes
        return leaf

    def _changed(self, leaf: Leaf, position: int, hits: int) -> int | None:
        """Heed that the result set has other hits than before: step back by what went away."""
        gone = leaf.place.hits - hits
        leaf.notes.append(f"the target changed meanwhile: {leaf.place.hits} records before, {hits} now")
        leaf.place = msgspec.structs.replace(leaf.place, hits=hits)
        leaf.again = gone > 0
        return max(1, position - gone) if gone > 0 else None

    def _nothing(self, query: Query, position: int, syntax: str, got: Fetched) -> Diagnostic:
        """Decide what it means that a position brings nothing: a cap, or one record that is refused."""
        said = "; ".join(one.text for one in got.diagnostics) or "no record and no reason"
        if _beyond(got.diagnostics):
            raise CapFound(position - 1, said)
        follows = position < got.hits and self._client.fetch(query, position + 1, 1, syntax).records
        self._refused += 1
        if not follows and not self._good and (self._refused > 2 or position >= got.hits):
            remedy = "Set the source's format, or the option elements; `probe` shows which ones work."
            raise self._fault(
                f"the target has {got.hits} records but gives none: {said}",
                got.diagnostics[0].remedy if got.diagnostics else remedy,
            )
        if not follows and not got.diagnostics:
            raise CapFound(position - 1, said)
        if self._refused > MAX_IN_A_ROW:
            raise self._fault(
                f"the target refuses {self._refused} records one after the other: {said}",
                "Ask the target's operator; until then the source cannot be harvested as a whole.",
            )
        return got.diagnostics[0] if got.diagnostics else Diagnostic(OUT_OF_RANGE, said)

    def _capped(self, cap: CapFound, place: Place, slice_: Slice) -> Exception:
        """Go on in smaller slices where the target shows less than it counts."""
        cuts = place.cuts
        if cap.shown > 0 and not cuts:
            cuts = self._find_cuts(queries.parse(place.query)) or ""
        if not cuts:
            return self._fault(
                f"the target shows only {cap.shown} of {place.hits} records ({cap})",
                "Set the option slices to an index by which the whole can be cut, for example"
                " `numbers local-number` or `days date-entered`; `probe` shows which ones it answers.",
            )
        finer = msgspec.structs.replace(place, cap=cap.shown, slice=slice_.token, start=1, hits=0, cuts=cuts)
        return _CutFiner(finer, place.hits)

    def _terms(self, index: str, start: str, number: int) -> list[tuple[str, int | None]]:
        """List terms of an index, as slices ask for them."""
        term = Term(start, queries.attributes(index))
        try:
            entries = self._client.scan(term, number).entries
        except QueryRefused:
            if start:
                return []  # many targets refuse to go beyond the last term
            raise
        encoding = self._client.encoding
        try:
            return [(one.term.decode(encoding), one.hits) for one in entries]
        except UnicodeDecodeError as error:
            raise self._fault(
                f"terms of index {index} are not in {encoding}", "Set the option charset."
            ) from error

    def _fault(self, message: str, remedy: str) -> SourceError:
        return SourceError(message, remedy, source=self._source, page=self._client.page)


class _CutFiner(Exception):
    """The walk goes on in smaller slices."""

    def __init__(self, place: Place, now: int) -> None:
        super().__init__("smaller slices")
        self.place = place
        self.now = now
        """Hits of the slice that is to be cut."""
