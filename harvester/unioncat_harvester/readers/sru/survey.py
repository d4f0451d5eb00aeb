"""What a first look says to the person who registers a source: a page of records, and what the server can do.

Every question of it asks for one record at most, save the page; nothing is kept.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from unioncat.domain.source import RawRecord, Run, RunMode, RunState, Source
from unioncat.domain.switches import Suggestion
from unioncat_harvester.markup.holdings import HOLDINGS
from unioncat_harvester.reader import Findings, Identity, Page, SourceError
from unioncat_harvester.readers.sru import query as queries
from unioncat_harvester.readers.sru.client import Client, NoAnswer, ServerRefuses
from unioncat_harvester.readers.sru.settings import AUTO, NO_CAP, Settings
from unioncat_harvester.slices import Condition, Conditions, Relation

_NUMBERED = re.compile(
    r"(identifier|recordid|control-?number|local-?number|\bid$|[._]id$|mms)", re.IGNORECASE
)
_DATED = re.compile(r"(creat|entered|added|modif|updat|change|date)", re.IGNORECASE)
_CHANGED = re.compile(r"(modif|updat|change)", re.IGNORECASE)
USUAL_NUMBERED = ("rec.identifier", "rec.id")
USUAL_DATED = ("rec.lastModificationDate", "rec.creationDate", "dc.date")
FORMS = ("%Y%m%d", "%Y-%m-%d")
MOST_TRIED = 6
"""Indexes of one kind that are tried."""


class Pages(Protocol):
    """Gives the pages of a run."""

    def __call__(self, run: Run) -> Iterator[Page]:
        """Give them."""


@dataclass
class Survey:
    """One look at one source."""

    source: Source
    settings: Settings
    client: Client
    advice: list[str] = field(default_factory=list)
    suggestions: list[Suggestion] = field(default_factory=list)

    def findings(self, said: Identity, query: tuple[str, int], schema: str, pages: Pages) -> Findings:
        """Read a page, ask what the server can do, and say what to set. Raises `SourceError`."""
        explained = self.client.explained()
        base, total = query
        if self.source.format == AUTO and schema != AUTO:
            self.suggestions.append(Suggestion("format", schema, "the best schema that the server has"))
        found = self._page(pages)
        cap = self._cap(base, total, found.received)
        if cap < total:
            self._slices(base, total, cap, explained.indexes, found.numbers)
        self._changes(base, total, explained.indexes)
        self.advice += self._words(found, not explained.facts)
        return Findings(
            address=self.source.address,
            identity=said,
            offers=explained.schemas,
            sets=(),
            more_sets=False,
            format=schema,
            records=found.live,
            quarantined=found.aside,
            list_size=total,
            has_more=found.received < total,
            page_bytes=found.size,
            repaired=found.repaired,
            holdings=tuple((tag, count) for tag, count in found.holdings.items() if count),
            notes=(f"version {self.client.version}", *found.notes),
            advice=tuple(self.advice),
            suggestions=tuple(self.suggestions),
        )

    def _count(self, query: str) -> int | None:
        """Ask how many records a query finds; none where the server does not take it."""
        try:
            response = self.client.search(query, start=1, records=1)
        except ServerRefuses:
            return None
        response.close()
        return response.hits

    def query(self) -> tuple[str, int]:
        """Find the query that finds most: the source's own, or the best of the usual ones; and its hits."""
        if self.settings.query is not None:
            candidates: Iterable[str] = (self.settings.query,)
        else:
            candidates = queries.USUAL
        best, most = "", -1
        for candidate in candidates:
            hits = self._count(queries.together(candidate, self.settings.part))
            if hits is not None and hits > most:
                best, most = candidate, hits
        if most < 1:
            raise SourceError(
                "no query that should find everything brings a record",
                "Set the option query to one that finds all records of the library, in CQL.",
                source=self.source.code,
            )
        if best != (self.settings.query or queries.ALL_RECORDS):
            self.suggestions.append(Suggestion("query", best, f"it finds most records: {most:,}"))
        return best, most

    def _page(self, pages: Pages) -> "_Look":
        run = Run(
            0,
            self.source.id,
            self.source.code,
            RunMode.FULL,
            RunState.RUNNING,
            started=dt.datetime.now(dt.UTC),
        )
        look = _Look()
        page = next(pages(run))
        try:
            look.take(page)
        finally:
            page.close()
        return look

    def _cap(self, base: str, total: int, sure: int) -> int:
        """Find out how many records of a result set the server shows; `sure` came already."""
        if self._shows(base, total):
            return NO_CAP
        low, high = max(1, sure), total
        for usual in (100, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000):
            if low < usual < high and self._shows(base, usual):
                low = usual
                if usual + 1 < high and not self._shows(base, usual + 1):
                    high = usual + 1
                    break
            elif low < usual < high:
                high = usual
                break
        while high - low > 1:
            middle = (low + high) // 2
            if self._shows(base, middle):
                low = middle
            else:
                high = middle
        self.suggestions.append(Suggestion("cap", str(low), f"the server shows {low:,} of {total:,} records"))
        return low

    def _shows(self, base: str, place: int) -> bool:
        try:
            response = self.client.search(
                queries.together(base, self.settings.part), start=place, records=1, tries=2
            )
        except (ServerRefuses, NoAnswer):
            return False
        response.close()
        return response.received > 0

    def _slices(self, base: str, total: int, cap: int, indexes: Iterable[str], numbers: "list[int]") -> None:
        """Find an index that cuts the whole cleanly in two."""
        listed = tuple(indexes)
        ways: list[str] = []
        for index in _tried(listed, _NUMBERED, USUAL_NUMBERED):
            if numbers and self._cuts(base, total, index, str(sorted(numbers)[len(numbers) // 2])):
                ways.append(f"numbers {index}")
                break
        for index, form in ((i, f) for i in _tried(listed, _DATED, USUAL_DATED) for f in FORMS):
            if any(self._cuts(base, total, index, day.strftime(form)) for day in _days()):
                ways.insert(0, f"days {index}" + ("" if form == FORMS[0] else f" form={form}"))
                break
        if not ways:
            ways = [
                f"prefixes {i}"
                for i in _tried(listed, _NUMBERED, USUAL_NUMBERED)
                if self._begins(base, total, i)
            ]
        if ways:
            text = "; ".join(ways[:2])
            reason = f"the server shows only {cap:,} records at once; these indexes cut cleanly"
            self.suggestions.append(Suggestion("slices", text, reason))
        else:
            self.advice.append(
                f"The server shows only {cap:,} of {total:,} records, and no index was found to cut them by:"
                " ask its operator to raise this limit, or which index has a number or date of every record."
            )

    def _cuts(self, base: str, total: int, index: str, value: str) -> bool:
        condition = Condition(index, Relation.UPTO, (value,))
        return self._halves(base, total, condition)

    def _begins(self, base: str, total: int, index: str) -> bool:
        return any(self._halves(base, total, Condition(index, Relation.PREFIX, (one,))) for one in "0123")

    def _halves(self, base: str, total: int, condition: Condition) -> bool:
        """Tell whether a condition and its opposite divide the whole."""
        sides: list[int] = []
        for wanted in (True, False):
            conditions: Conditions = (
                Condition(condition.index, condition.relation, condition.values, wanted),
            )
            query = queries.narrowed(queries.together(base, self.settings.part), conditions)
            hits = self._count(query)
            if not hits:
                return False
            sides.append(hits)
        return sum(sides) == total

    def _changes(self, base: str, total: int, indexes: Iterable[str]) -> None:
        """Find an index of the last change."""
        if self.settings.changed:
            return
        today = dt.datetime.now(dt.UTC).date()
        for index in _tried(tuple(indexes), _CHANGED, USUAL_DATED[:1]):
            for form in FORMS:
                old, new = (
                    self._count(queries.since(base, index, day.strftime(form)))
                    for day in (dt.date(1980, 1, 1), today + dt.timedelta(366))
                )
                if old and new is not None and new < old <= total:
                    self.suggestions.append(
                        Suggestion(
                            "changed", index, "increments can be asked for by the date of the last change"
                        )
                    )
                    if form != FORMS[0]:
                        self.suggestions.append(
                            Suggestion("changed-form", form, "this is how it writes a day")
                        )
                    return

    def _words(self, look: "_Look", silent: bool) -> Iterator[str]:
        yield (
            "SRU does not tell of deletions: the source is read whole"
            + (
                " at every harvest."
                if not self._has("changed")
                else " now and then (reconcile_days), to find them."
            )
        )
        if silent:
            yield "The server does not describe itself (explain): what it offers was tried out."
        if look.live == 0:
            yield "The first page holds no usable record: see the notes, and set format and id."
        elif not any(look.holdings.values()):
            yield "No holdings are seen in the records, so each counts as one copy of the library."
        else:
            tags = ", ".join(f"{tag} ({HOLDINGS[tag]})" for tag, count in look.holdings.items() if count)
            yield f"Holdings seem to lie in {tags}: choose the profile that reads them."

    def _has(self, name: str) -> bool:
        return self.settings.changed is not None or any(one.name == name for one in self.suggestions)


@dataclass
class _Look:
    """What the first page held. Fields are only searched for in the bytes; nothing is interpreted."""

    live: int = 0
    aside: int = 0
    received: int = 0
    size: int = 0
    repaired: bool = False
    notes: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    holdings: dict[str, int] = field(default_factory=lambda: dict.fromkeys(HOLDINGS, 0))

    def take(self, page: Page) -> None:
        self.received, self.size, self.repaired = page.received, page.size, page.repaired
        self.notes += page.notes
        reasons: dict[str, str] = {}
        for batch in page.batches():
            self.aside += len(batch.quarantined)
            reasons.update((one.code, one.detail) for one in batch.quarantined)
            for record in batch.records:
                self._one(record)
        self.notes += [f"put aside: {reason}" for reason in reasons.values()]

    def _one(self, record: RawRecord) -> None:
        self.live += 1
        digits = record.local_id
        if digits.isascii() and digits.isdigit() and len(digits) < 13:
            self.numbers.append(int(digits))
        for tag in self.holdings:
            self.holdings[tag] += f'tag="{tag}"'.encode() in record.payload


def _tried(listed: Iterable[str], pattern: re.Pattern[str], usual: Iterable[str]) -> list[str]:
    """Give the indexes to try: those listed whose name says it, then the usual ones."""
    named = [one for one in listed if pattern.search(one) and queries.is_index(one)]
    return list(dict.fromkeys((*named, *usual)))[:MOST_TRIED]


def _days() -> Iterator[dt.date]:
    today = dt.datetime.now(dt.UTC).date()
    yield from (today - dt.timedelta(days) for days in (30, 365, 3 * 365, 8 * 365, 15 * 365))
