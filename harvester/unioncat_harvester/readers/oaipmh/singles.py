"""Records fetched one by one: where a list cannot be had, or where single ones are asked for.

A record that its server cannot give is put aside under its name; that costs no other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sickle import oaiexceptions

from unioncat.domain.source import Checkpoint, Quarantined, RawRecord, Source
from unioncat_harvester.reader import MAX_LOCAL_ID, AnswerLost, Batch, Page, SourceError
from unioncat_harvester.readers.oaipmh import cut, survey
from unioncat_harvester.readers.oaipmh.client import Client, PageResponse
from unioncat_harvester.readers.oaipmh.faults import OAI_ERRORS, fault
from unioncat_harvester.readers.oaipmh.scan import OAI

FEW = 24
"""Records that are fetched one by one rather than narrowed down further.

Each cut in two costs about four requests, so fewer than this are had sooner one by one.
"""
MOST = 50_000
"""Records of a list that is not to be had at all; more would take days."""
CHUNK = 50
CHUNK_BYTES = 16 * 1024 * 1024
NEVER = "-unioncat-none"
"""Makes an identifier of which no server has a record."""
LOST_IN_A_ROW = 5
"""After so many failures it is seen whether the server answers at all."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some records of a page of identifiers, and where that page goes on."""

    page: Page
    more: bool
    """Whether the page of identifiers has more."""
    next: int
    token: str | None
    """The next page of identifiers."""
    date: datetime | None


class Singles:
    """Single records of one source."""

    def __init__(self, source: Source, client: Client, format_: str) -> None:
        self._source = source
        self._client = client
        self._format = format_
        self._lost = 0
        self._open: PageResponse | None = None
        self._asked: tuple[dict[str, str], int] | None = None
        self._coming: Iterator[str] = iter(())

    def fit(self, arguments: dict[str, str], most: int | None) -> bool:
        """Tell whether a list's identifiers can be had and are few: at most `most`, all on one page.

        Without `most`, whether they can be had and are not beyond all measure.
        """
        try:
            response = next(self._client.ListIdentifiers(**arguments))
        except oaiexceptions.NoRecordsMatch:
            return True
        except (SourceError, *OAI_ERRORS):
            return False
        token = response.xml.find(f"{OAI}ListIdentifiers/{OAI}resumptionToken")
        received = response.reading.scanned.received
        response.close()
        if most is None:
            return (survey.number(token, "completeListSize") or received) <= MOST
        return received <= most and not (token is not None and token.text)

    def chunk(self, arguments: dict[str, str], skip: int, number: int, *, resumed: bool) -> Chunk:
        """Fetch records of a page of identifiers, from the one at `skip` on."""
        response = self._at(arguments, skip, resumed=resumed)
        if response is None:
            page = self.page((), number, Checkpoint())
            date = self._client.latest.date if self._client.latest else None
            return Chunk(page, more=False, next=0, token=None, date=date)
        identifiers = tuple(islice(self._coming, CHUNK))
        page = self.page(identifiers, number, Checkpoint())
        element = response.xml.find(f"{OAI}ListIdentifiers/{OAI}resumptionToken")
        token = (element.text or "") if element is not None else ""
        after = skip + len(identifiers)
        more = after < response.reading.scanned.received
        self._asked = (arguments, after) if more else None
        if not more:
            self._close()
        return Chunk(page, more, after, token or None, response.date)

    def _at(self, arguments: dict[str, str], skip: int, *, resumed: bool) -> PageResponse | None:
        """Give the page of identifiers that stands at `skip`; asked anew where another was read since."""
        if self._open is not None and self._asked == (arguments, skip):
            return self._open
        self._close()
        try:
            response: PageResponse = next(self._client.ListIdentifiers(**arguments))
        except oaiexceptions.NoRecordsMatch:
            return None
        except OAI_ERRORS as error:
            raise fault(self._source, error, self._client.page, resumed=resumed) from error
        self._open = response
        self._coming = islice(_identifiers(response), skip, None)
        return response

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None

    def page(self, identifiers: Sequence[str], number: int, checkpoint: Checkpoint) -> Page:
        """Fetch records and make a page of them; those that the server no longer has are left out."""
        records: list[RawRecord] = []
        aside: list[Quarantined] = []
        batches: list[Batch] = []
        size = weight = received = gone = 0
        for identifier in identifiers:
            found = self.get(identifier)
            if found is None:
                gone += 1
                continue
            received += 1
            if isinstance(found, RawRecord):
                records.append(found)
            else:
                aside.append(found)
            weight += len(found.payload)
            size += len(found.payload)
            if weight > CHUNK_BYTES:
                batches.append(Batch(tuple(records), tuple(aside)))
                records, aside, weight = [], [], 0
        if records or aside:
            batches.append(Batch(tuple(records), tuple(aside)))
        return Page(
            number=number,
            checkpoint=checkpoint,
            received=received,
            size=size,
            content=lambda: iter(batches),
            release=lambda: None,
            notes=(f"{gone} listed records do not exist",) if gone else (),
        )

    def get(self, identifier: str) -> RawRecord | Quarantined | None:
        """Fetch one record; none if the server does not have it."""
        if not identifier or len(identifier) > MAX_LOCAL_ID:
            detail = "The list of identifiers holds one that cannot be used."
            return Quarantined(None, "identifier-missing", detail)
        try:
            response = self._client.harvest(
                verb="GetRecord", identifier=identifier, metadataPrefix=self._format
            )
        except oaiexceptions.IdDoesNotExist:
            return None
        except OAI_ERRORS as error:
            return Quarantined(identifier, "record-refused", f"The server does not give this record: {error}")
        except AnswerLost as error:
            self._lost += 1
            if self._lost % LOST_IN_A_ROW == 0:
                self._client.harvest(verb="Identify").close()
            detail = f"The server cannot give this record: {error.message}"
            return Quarantined(identifier, "record-lost", detail)
        self._lost = 0
        try:
            return self._only(response, identifier)
        finally:
            response.close()

    def _only(self, response: PageResponse, identifier: str) -> RawRecord | Quarantined:
        found = None
        for entries in response.reading.scanned.entries():
            for entry in entries:
                found = cut.record(response.reading.body, entry, self._format)
        if isinstance(found, Quarantined) and found.local_id is None:
            return Quarantined(identifier, found.code, found.detail, found.payload)
        if found is None or found.local_id != identifier:
            told = "nothing" if found is None else f"the record {found.local_id}"
            return Quarantined(identifier, "record-other", f"Asked for this record, the server gave {told}.")
        return found

    def still_there(self, identifiers: Sequence[str]) -> tuple[str, ...]:
        """Give those that the server has in the source's set, or of which it cannot tell.

        A server that fails for a record which never was fails for those that are gone: that tells nothing.
        """
        there: list[str] = []
        telling: bool | None = None
        for identifier in identifiers:
            found = self.get(identifier)
            if isinstance(found, Quarantined) and found.code == "record-lost":
                if telling is None:
                    telling = not isinstance(self.get(identifier + NEVER), Quarantined)
                if telling:
                    there.append(identifier)
            elif isinstance(found, Quarantined):
                if found.code != "record-refused":
                    there.append(identifier)
            elif found is not None and not found.deleted and self._in_set(found):
                there.append(identifier)
        return tuple(there)

    def _in_set(self, record: RawRecord) -> bool:
        wanted = self._source.set
        if not wanted or not record.sets:
            return True
        return any(spec == wanted or spec.startswith(wanted + ":") for spec in record.sets)


def _identifiers(response: PageResponse) -> Iterator[str]:
    for entries in response.reading.scanned.entries():
        for entry in entries:
            yield entry.said.get("identifier", "")
