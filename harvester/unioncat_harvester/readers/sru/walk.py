"""The walk through everything that a server has: slice after slice, page after page, from any place on.

The next page begins behind what came, whatever the server says of it. A record is passed over only with a
word about it, and a result set that ends too early is cut into slices or ends the walk with an error.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import msgspec

from unioncat.domain.source import Quarantined
from unioncat_harvester.markup import cut
from unioncat_harvester.reader import ListBroken, ListEndless, SourceError
from unioncat_harvester.readers.sru import query as queries
from unioncat_harvester.readers.sru.answer import Response
from unioncat_harvester.readers.sru.client import Client, NoAnswer, ServerRefuses
from unioncat_harvester.readers.sru.diagnostics import CAPS, EMPTY_TERM, TOO_MANY
from unioncat_harvester.readers.sru.settings import NO_CAP, Settings
from unioncat_harvester.slices import Conditions, Relation, Slice, SliceError, Slices, SumsDiffer

MAX_PASSED = 3
"""Records in a row that the server cannot send, before the walk ends."""
MAX_BACK = 20
"""Times that a result set may shrink while it is read."""
OF_RELATIONS = frozenset({10, 19, 20, 22})
"""Diagnostics by which a server says that it does not know a relation."""
OF_RECORDS = frozenset({1, 63, 64, 65, 67, 68, 69, 70})
"""Diagnostics that may be about a single record among those asked for."""


class Place(msgspec.Struct, array_like=True, frozen=True):
    """Where the walk goes on: enough for a new process."""

    query: str
    cap: int
    slice: str | None = None
    """Token of the slice; none where the whole is read as one."""
    start: int = 1
    """Position of the next record, from 1."""
    hits: int = 0
    """Records of this result set, as last told; 0 if it was not begun."""
    total: int = 0
    """Records of the whole: the least that was told of it while it was read."""

    def token(self) -> str:
        """Write it for a checkpoint."""
        return msgspec.json.encode(self).decode()


@dataclass
class Leaf:
    """What one page brings, and where the walk goes on after it; at the end of all, nowhere."""

    response: Response | None
    place: Place | None
    total: int | None
    aside: list[Quarantined] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    again: bool = False

    @property
    def received(self) -> int:
        """Records on it, with those put aside."""
        return len(self.aside) + (self.response.received if self.response else 0)


class CapFound(Exception):
    """The server shows only so many records of this result set; `now` is what a slice has grown to."""

    def __init__(self, shown: int, said: str, now: int | None = None) -> None:
        super().__init__(said)
        self.shown = shown
        self.now = now


def read_place(token: str) -> Place | None:
    """Read a checkpoint's token; none if it is not ours."""
    try:
        return msgspec.json.decode(token, type=Place)
    except msgspec.DecodeError:
        return None


class Walk:
    """One walk through the answers to one query."""

    def __init__(self, client: Client, settings: Settings, source: str, records: int) -> None:
        self._client = client
        self._settings = settings
        self._source = source
        self._most = self._ask = records
        self._place = Place("", NO_CAP)
        self._again = False
        self._exact = list(queries.EXACT)

    def leaves(self, query: str, place: Place | None) -> Iterator[Leaf]:
        """Give the pages from a place on. Raises `SourceError`, `ListBroken` where the place is of no use."""
        if place is not None and place.query != query:
            raise ListBroken(
                "the source's options were changed while it was being harvested",
                "The list begins again by itself.",
                source=self._source,
                page=self._client.page,
            )
        self._place = place or Place(query, self._settings.cap)
        now: int | None = None
        while True:
            try:
                yield from self._walk(now)
            except CapFound as found:
                now = self._narrow(found)
            except SumsDiffer as fault:
                raise ListBroken(
                    str(fault), fault.remedy, source=self._source, page=self._client.page
                ) from fault
            except SliceError as fault:
                raise self._error(str(fault), fault.remedy) from fault
            else:
                return

    def count(self, query: str, conditions: Conditions, cap: int) -> int:
        """Ask how many records a part of the whole has."""
        by_terms = any(one.relation is Relation.TERMS for one in conditions)
        while True:
            try:
                response = self._client.search(self._narrowed(query, conditions), start=1, records=1)
            except ServerRefuses as fault:
                if self._settings.counts_capped and TOO_MANY in fault.numbers:
                    return cap
                if not by_terms or not fault.numbers & OF_RELATIONS or len(self._exact) == 1:
                    raise self._refused(fault) from fault
                del self._exact[0]
            else:
                response.close()
                return response.hits or 0

    def terms(self, index: str, start: str, number: int) -> list[tuple[str, int | None]]:
        """Ask for the terms of an index from `start` on."""
        for first in (start, *(() if start else ("0",))):
            try:
                return self._client.scan(f"{index} = {queries.quoted(first)}", number)
            except ServerRefuses as fault:
                if EMPTY_TERM not in fault.numbers or first:
                    raise self._refused(fault) from fault
        return []

    def _narrowed(self, query: str, conditions: Conditions) -> str:
        return queries.narrowed(query, conditions, self._exact[0])

    def _walk(self, now: int | None) -> Iterator[Leaf]:
        place = self._place
        if place.slice is None and not (self._settings.strategies and place.cap < NO_CAP):
            yield from self._positions(())
            return
        plan = Slices(
            place.cap,
            self._settings.strategies,
            lambda conditions: self.count(place.query, conditions, place.cap),
            self.terms,
            count_capped=self._settings.counts_capped,
        )
        parts = plan.slices(place.slice, now=now)
        part = next(parts, None)
        if part is None:
            yield Leaf(None, None, 0)
        if part is not None and part.token != place.slice:
            self._place = self._at(part, plan)
        while part is not None:
            following: Slice | None = None
            for leaf in self._positions(part.conditions):
                leaf.total = plan.total
                if leaf.place is None:
                    following = next(parts, None)
                    if following is None:
                        # what went while it was read can no longer come
                        leaf.total = min(plan.total, self.count(place.query, (), plan.total))
                    else:
                        self._place = leaf.place = self._at(following, plan)
                yield leaf
            part = following

    def _at(self, part: Slice, plan: Slices) -> Place:
        return replace_place(self._place, cap=plan.cap, slice=part.token, hits=part.hits, total=plan.total)

    def _narrow(self, found: CapFound) -> int | None:
        """Go over to slices, or to smaller ones; give what the slice has grown to, if it has."""
        place = self._place
        if found.shown < 1 or not self._settings.strategies:
            remedy = (
                "Set the option slices, as in `numbers rec.identifier` (`probe` suggests one), so that the"
                " harvest goes by parts."
                if found.shown
                else "Set the options cap and slices (`probe` suggests them): the harvest then goes by parts."
            )
            shown = f"the first {found.shown}" if found.shown else "none"
            raise self._error(f"the server shows {shown} of {place.hits or 'its'} records: {found}", remedy)
        if found.now is None and place.slice is not None and found.shown >= place.cap:
            raise self._error(
                f"the server shows {found.shown} records of a part, but not all {place.hits} of it: {found}",
                "Set the option cap to a lower number.",
            )
        self._client.notes.append(
            f"the server shows {found.shown} records of a result set: it is read in slices"
        )
        self._again = True
        if place.slice is None:
            self._place = Place(place.query, found.shown)
        elif found.now is None:
            self._place = replace_place(place, cap=found.shown, slice=place.slice, hits=place.hits)
        else:
            return found.now
        return None

    def _positions(self, conditions: Conditions) -> Iterator[Leaf]:
        """Read one result set from the place on; the last leaf's place is none."""
        query = self._narrowed(self._place.query, conditions)
        before = b""
        back = 0
        while True:
            place = self._place
            leaf = self._page(query, place)
            response = leaf.response
            told = leaf.total if response is None else response.hits
            hits = place.hits if told is None else told
            shrunk = place.hits - hits
            exact = response is None or response.exact
            if place.start > 1 and shrunk > 0 and exact and back < MAX_BACK:
                back += 1
                before = b""
                self._step_back(leaf, place, shrunk)
                continue
            if response is not None:
                before = self._good(leaf, response, place, before)
            start = place.start + leaf.received
            ended = start > hits
            if place.slice is None:
                # what came to it while it was read need not have been seen
                place = msgspec.structs.replace(place, total=min(place.total or hits, hits))
                leaf.total = place.total if exact else None
            leaf.place = None if ended else msgspec.structs.replace(place, start=start, hits=hits)
            leaf.notes += self._client.notes
            self._client.notes.clear()
            leaf.again, self._again = self._again, False
            if leaf.place is not None:
                self._place = leaf.place
            yield leaf
            if ended:
                return
            self._ask = min(self._most, self._ask * 2)

    def _step_back(self, leaf: Leaf, place: Place, shrunk: int) -> None:
        """Go back as far as records may have moved up when others went."""
        if leaf.response is not None:
            leaf.response.close()
        self._again = True
        self._client.notes.append(f"{shrunk} records went while they were read: a step back is taken")
        self._place = msgspec.structs.replace(
            place, start=max(1, place.start - shrunk), hits=place.hits - shrunk
        )

    def _good(self, leaf: Leaf, response: Response, place: Place, before: bytes) -> bytes:
        """See that an answer goes on where the one before ended; give what tells it from the next."""
        try:
            self._judge(place, response.hits or 0, leaf)
            mark = fingerprint(response)
            if response.received and mark == before:
                raise ListEndless(
                    f"the server sends the same records for position {place.start} as before",
                    "It does not understand startRecord: ask its operator to mend paging.",
                    source=self._source,
                    page=self._client.page,
                )
        except BaseException:
            response.close()
            raise
        return mark

    def _judge(self, place: Place, hits: int, leaf: Leaf) -> None:
        """See whether the server still shows what it counts."""
        if place.slice is not None and place.start == 1:
            if hits > place.cap:
                raise CapFound(place.cap, f"a part has grown to {hits} records", hits)
            if hits * 2 < place.hits:
                raise self._error(
                    f"the server counts {place.hits} records for a part, and {hits} when they are asked for",
                    "Its counts cannot be used: ask its operator, or slice by another index.",
                )
        if leaf.received == 0 and place.start <= hits:
            raise CapFound(place.start - 1, f"no record came from position {place.start} on")

    def _page(self, query: str, place: Place) -> Leaf:
        """Ask for one page; a record that the server cannot send is put aside."""
        room = place.cap - place.start + 1
        if room < 1:
            raise CapFound(place.cap, "as the option cap says")
        try:
            return self._leaf(query, place.start, min(self._ask, room))
        except ServerRefuses as fault:
            if fault.numbers & CAPS:
                hits = place.hits if fault.hits is None else fault.hits
                if place.start > 1 and place.start > hits:
                    return Leaf(None, None, hits)
                raise CapFound(place.start - 1, str(fault)) from fault
            if not fault.numbers & OF_RECORDS:
                raise self._refused(fault) from fault
            return self._around(query, place, self._refused(fault))
        except NoAnswer as fault:
            return self._around(query, place, fault)

    def _leaf(self, query: str, start: int, records: int, tries: int | None = None) -> Leaf:
        response = self._client.search(query, start=start, records=records, tries=tries)
        notes = [f"came at try {response.answer.tries}"] if response.answer.tries > 1 else []
        notes += [f"repaired: {mend}" for mend in response.reading.mends]
        if response.answer.moved:
            notes.append(
                f"the server has moved for good to {response.answer.moved}: change the source's address"
            )
        if response.diagnostics:
            notes.append("the server adds " + "; ".join(one.text for one in response.diagnostics))
        return Leaf(response, None, None, notes=notes)

    def _around(self, query: str, place: Place, fault: SourceError) -> Leaf:
        """Find out whether a single record is at fault, and go around it; else raise the fault."""
        for passed in range(MAX_PASSED + 1):
            start = place.start + passed
            aside = [self._passed(position, fault) for position in range(place.start, start)]
            if aside and place.hits and start > place.hits:
                return Leaf(None, None, None, aside)
            try:
                leaf = self._leaf(query, start, 1, tries=2)
            except (ServerRefuses, NoAnswer):
                continue
            self._ask = 1
            return replace(leaf, aside=aside)
        raise fault

    def _passed(self, position: int, fault: SourceError) -> Quarantined:
        return Quarantined(
            None,
            "record-unavailable",
            f"The server cannot send the record at position {position}: {fault.message}. Ask its operator to"
            " mend the record.",
        )

    def _refused(self, fault: ServerRefuses) -> SourceError:
        return self._error(f"the server refuses: {fault}", fault.remedy)

    def _error(self, message: str, remedy: str) -> SourceError:
        return SourceError(message, remedy, source=self._source, page=self._client.page)


def replace_place(place: Place, *, cap: int, slice: str | None, hits: int, total: int = 0) -> Place:
    """Give the beginning of another result set of the same walk."""
    return Place(place.query, cap, slice, 1, hits, total or place.total)


def fingerprint(response: Response) -> bytes:
    """Tell pages apart by their first record."""
    entry = next((one for entries in response.reading.scanned.entries() for one in entries), None)
    if entry is None:
        return b""
    place = (entry.first, entry.last) if entry.roots else (entry.body, entry.body_end)
    return (
        blake2b(cut.element(response.reading.body, *place), digest_size=16).digest() if place[0] >= 0 else b""
    )
