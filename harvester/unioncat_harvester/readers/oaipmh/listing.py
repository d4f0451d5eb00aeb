"""A list read to its end: pages one after the other, around whatever part of it the server cannot give.

A part that fails is cut in two by date until what fails is small; that is read record by record, so that one
record which its server cannot give costs itself alone. A list never ends on the server's bare word where its
own announced size contradicts it.
"""

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from sickle import oaiexceptions

from unioncat.domain.source import Checkpoint, Run, RunMode, Source
from unioncat_harvester.reader import (
    AnswerLost,
    Identity,
    ListBroken,
    ListEndless,
    Page,
    SourceError,
)
from unioncat_harvester.readers.oaipmh import cut, dates, survey
from unioncat_harvester.readers.oaipmh.client import Client, PageResponse
from unioncat_harvester.readers.oaipmh.faults import OAI_ERRORS, fault
from unioncat_harvester.readers.oaipmh.quirks import Quirks
from unioncat_harvester.readers.oaipmh.scan import OAI
from unioncat_harvester.readers.oaipmh.singles import FEW, Singles
from unioncat_harvester.readers.oaipmh.windows import DAY, SECOND, Place, Window, first_step, halves

MAX_FAULTS = 500
"""Windows of one run that may fail: a server of which so many parts are broken is mended, not read around."""
MAX_TOKEN = 64 * 1024
TOKENS_KNOWN = 1000
"""Tokens remembered here, to see a list go round at once; the store knows all of the run."""
SKEW = timedelta(minutes=10)


class Known(Protocol):
    """What the listing needs to know of its server."""

    def identify(self) -> Identity:
        """Give what the server says of itself, asked once."""


class Listing:
    """The pages of one run."""

    def __init__(
        self, source: Source, quirks: Quirks, client: Client, known: Known, run: Run, format_: str
    ) -> None:
        self._source = source
        self._quirks = quirks
        self._client = client
        self._known = known
        self._format = format_
        self._identifiers = run.mode is RunMode.RECONCILE
        self._verb = "ListIdentifiers" if self._identifiers else "ListRecords"
        self._number = run.counters.pages + 1
        self._first_date = run.checkpoint.response_date
        self._singles = Singles(source, client, format_)
        self._tokens: deque[bytes] = deque(maxlen=TOKENS_KNOWN)
        self._days = quirks.granularity == "day"
        self._notes: list[str] = []
        self._given_up: SourceError | None = None
        self._skewed = False
        since = run.since - quirks.clock if run.since and quirks.selective else None
        point = run.checkpoint
        self._place = Place.read(point.token, Window(since), run.counters.received, point.list_size)

    def pages(self) -> Iterator[Page]:
        """Give the pages from the run's checkpoint on."""
        following: Place | None = self._place
        again = False
        while (place := following) is not None:
            self._client.page = self._number
            try:
                page, following = self._next(place)
            except (AnswerLost, ListBroken, ListEndless) as error:
                following = self._around(place, error)
                again = True
                continue
            notes, self._notes = (*page.notes, *self._notes), []
            yield replace(page, again=again, notes=notes)
            again = False
            self._number += 1

    def _next(self, place: Place) -> tuple[Page, Place | None]:
        """Give the page at a place, and the place after it; none at the end."""
        if place.alone is not None:
            return self._one_by_one(place)
        place = self._stepped(place)
        try:
            response = self._ask(place)
        except oaiexceptions.NoRecordsMatch as nothing:
            return self._nothing(place, nothing)
        try:
            self._check_dates(place, response)
            return self._page(place, response)
        except BaseException:
            response.close()
            raise

    # Asking

    def _ask(self, place: Place) -> PageResponse:
        """Ask for one page. Dates that are refused in seconds are written as days from then on."""
        arguments = self._arguments(place)
        try:
            response: PageResponse = next(getattr(self._client, self._verb)(**arguments))
        except oaiexceptions.NoRecordsMatch:
            raise
        except oaiexceptions.BadArgument as error:
            if self._days or self._quirks.granularity or not {"from", "until"} & set(arguments):
                raise fault(self._source, error, self._client.page) from error
            self._days = True
            self._notes.append(
                "the server refuses seconds in dates, so days are used: set the option granularity to day"
            )
            return self._ask(place)
        except OAI_ERRORS as error:
            raise fault(self._source, error, self._client.page, resumed=place.token is not None) from error
        return response

    def _arguments(self, place: Place) -> dict[str, str]:
        """Make the arguments of a request: a token stands alone (§3.5)."""
        if place.token:
            return {"resumptionToken": place.token}
        arguments = {"metadataPrefix": self._format}
        if self._source.set:
            arguments["set"] = self._source.set
        window = place.windows[0]
        for name, moment in (("from", window.since), ("until", window.until)):
            if moment is not None:
                arguments[name] = dates.write(moment, seconds=self._unit() == SECOND)
        return arguments

    def _unit(self) -> timedelta:
        """Give the server's granularity."""
        if self._days:
            return DAY
        said = self._quirks.granularity or self._known.identify().fact("granularity") or ""
        return SECOND if said == "seconds" or "ss" in said.lower() else DAY

    def _earliest(self) -> datetime | None:
        return dates.parse(self._known.identify().fact("earliestDatestamp"))

    def _stepped(self, place: Place) -> Place:
        """Cut the length that the source wants off the front of a window not yet begun."""
        window = place.windows[0]
        if not self._quirks.windows or not self._quirks.selective or place.token or window.until:
            return place
        cut_ = first_step(window, self._quirks.windows, self._unit(), self._earliest(), self._now())
        if cut_ is None:
            return place
        return replace(place, windows=(*cut_, *place.windows[1:]), plain=False)

    def _now(self) -> datetime:
        return self._first_date or datetime.now(UTC)

    # Pages

    def _page(self, place: Place, response: PageResponse) -> tuple[Page, Place | None]:
        reading, answer = response.reading, response.answer
        element = response.xml.find(f"{OAI}{self._verb}/{OAI}resumptionToken")
        token = (element.text or "") if element is not None else ""
        received = reading.scanned.received
        self._check_token(place, token, received)
        size = survey.number(element, "completeListSize")
        here = replace(
            place,
            received=place.received + received,
            size=size if size is not None else place.size,
        )
        following = replace(here, token=token) if token else here.next_window()
        if self._identifiers:
            content = partial(cut.listed, reading.body, reading.scanned)
        else:
            content = partial(cut.batches, reading.body, reading.scanned, self._format)
        page = Page(
            number=self._number,
            checkpoint=self._checkpoint(
                here, following, survey.number(element, "cursor"), self._date(response)
            ),
            received=received,
            size=answer.size,
            content=content,
            release=response.close,
            repaired=bool(reading.mends),
            notes=tuple(self._remarks(response)),
            moved=answer.moved,
        )
        return page, following

    def _checkpoint(
        self, here: Place, following: Place | None, cursor: int | None, date: datetime | None
    ) -> Checkpoint:
        size = here.size if here.plain else None
        known = here.expected is not None and here.size is not None and not self._days
        if following is None and not here.plain and known:
            # windows that were rounded to days share records
            size = (here.expected or 0) + (here.size or 0)
        return Checkpoint(
            token=following.write() if following else None,
            cursor=cursor,
            list_size=size,
            response_date=date,
            finished=following is None,
        )

    def _date(self, response: PageResponse) -> datetime | None:
        """Give the server's time at the first answer of the run."""
        self._first_date = self._first_date or response.date
        return self._first_date

    def _remarks(self, response: PageResponse) -> Iterator[str]:
        for mend in response.reading.mends:
            yield f"repaired: {mend}"
        answer = response.answer
        if answer.moved:
            yield f"the server has moved for good to {answer.moved}: change the source's address"
        if answer.tries > 1:
            yield f"came at try {answer.tries}"
        if response.shift and abs(response.shift) > SKEW and not self._skewed:
            self._skewed = True
            hours = response.shift.total_seconds() / 3600
            yield f"the server's times are {hours:+.1f} hours from UTC; the earlier of its two clocks is used"

    def _nothing(self, place: Place, nothing: Exception) -> tuple[Page, Place | None]:
        """Take noRecordsMatch for the end of a list, unless the server had promised more."""
        trusted = self._source.assertions.trust_list_size
        if place.token and trusted and place.size is not None and place.received < place.size:
            raise SourceError(
                f"the list ended after {place.received} of {place.size} records with noRecordsMatch",
                "Harvest again later; if it stays so, tell the server's operator that paging loses records.",
                source=self._source.code,
                page=self._number,
            ) from nothing
        latest = self._client.latest
        if latest is not None:
            self._date(latest)
        if not place.token:
            place = replace(place, size=0)
        following = place.next_window()
        page = Page(
            number=self._number,
            checkpoint=self._checkpoint(place, following, None, self._first_date),
            received=0,
            size=latest.answer.size if latest else 0,
            content=lambda: iter(()),
            release=lambda: None,
        )
        return page, following

    def _one_by_one(self, place: Place) -> tuple[Page, Place | None]:
        """Read a window record by record, as its identifiers are listed."""
        arguments = self._arguments(place)
        chunk = self._singles.chunk(
            arguments, place.alone or 0, self._number, resumed=place.token is not None
        )
        here = replace(place, received=place.received + chunk.page.received)
        following: Place | None
        if chunk.more:
            following = replace(here, alone=chunk.next)
        elif chunk.token:
            following = replace(here, token=chunk.token, alone=0)
        else:
            following = here.next_window()
        date = self._first_date = self._first_date or chunk.date
        page = replace(chunk.page, checkpoint=self._checkpoint(here, following, None, date))
        return page, following

    # What goes wrong

    def _check_token(self, place: Place, token: str, received: int) -> None:
        """Raise `ListEndless` for a token that was handed out before."""
        if not token:
            return
        if len(token) > MAX_TOKEN:
            raise SourceError(
                f"the server handed out a resumption token of {len(token):,} characters",
                "Ask the server's operator to mend paging, or harvest in windows (option windows).",
                source=self._source.code,
                page=self._number,
            )
        mark = hashlib.blake2b(token.encode(), digest_size=12).digest()
        if mark in self._tokens or token == place.token:
            raise ListEndless(
                f"the server handed out the resumption token {token[:80]!r} for the second time"
                f" after {place.received + received} records",
                "Its list has no end: ask its operator to mend paging, or harvest by sets.",
                source=self._source.code,
                page=self._number,
            )
        self._tokens.append(mark)

    def _check_dates(self, place: Place, response: PageResponse) -> None:
        """See that the server keeps to the dates that it was asked for, as far as its records tell."""
        window = place.windows[0]
        if window == Window() or place.token:
            return
        within = outside = 0
        for entries in response.reading.scanned.entries():
            for entry in entries:
                moment = dates.parse(entry.said.get("datestamp"))
                if moment is not None:
                    within += window.holds(moment)
                    outside += not window.holds(moment)
        if outside <= within:
            return
        remedy = "Set the source's option selective to no; every harvest then fetches the whole list."
        if place.plain:
            self._notes.append(f"the server does not keep to `from`: {outside} records are older. {remedy}")
        elif self._given_up is not None:
            raise self._given_up
        else:
            raise SourceError(
                f"the server gives records from outside the dates {window}",
                f"{remedy} Take the option windows away.",
                source=self._source.code,
                page=self._number,
            )

    def _around(self, place: Place, error: SourceError) -> Place:
        """Give the place from which the list can be read past a failure. Raises it where there is none."""
        window = place.windows[0]
        self._tokens.clear()
        self._given_up = error
        if isinstance(error, ListBroken) and place.begun == 0:
            self._notes.append(f"{error.message}; {window} begins again")
            return place.again(alone=place.alone is not None)
        if place.alone is not None or not self._alive():
            raise error
        if place.faults >= MAX_FAULTS:
            raise ListEndless(
                f"{place.faults} parts of the list failed, the last with: {error.message}",
                "So much of it is broken that the server must be mended first; show its operator this.",
                source=self._source.code,
                page=self._number,
            ) from error
        self._client.tries = 2
        counted = replace(place, faults=place.faults + 1)
        if not self._identifiers and self._singles.fit(self._arguments(place.again()), FEW):
            self._notes.append(f"{error.message}; {window} is read record by record")
            return counted.again(alone=True)
        parts = self._parts(window)
        if parts is not None:
            self._notes.append(f"{error.message}; {window} is read in two parts")
            return counted.again(parts)
        if not self._identifiers and self._singles.fit(self._arguments(place.again()), None):
            self._notes.append(f"{error.message}; {window} is read record by record")
            return counted.again(alone=True)
        raise error

    def _parts(self, window: Window) -> Sequence[Window] | None:
        if not self._quirks.selective:
            return None
        return halves(window, self._unit(), self._earliest(), self._now())

    def _alive(self) -> bool:
        """Tell whether the server answers at all: one that is down is not read around, but waited for."""
        try:
            self._client.harvest(verb="Identify").close()
        except (SourceError, *OAI_ERRORS):
            return False
        return True
