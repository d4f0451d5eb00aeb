"""Sickle with our own transport and parsing underneath: it keeps the verbs and the resumption loop.

Nothing of sickle's own fetching or reading is used: it takes a page that is cut off for the end of a list.
"""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from lxml import etree
from sickle import Sickle, oaiexceptions
from sickle.iterator import OAIResponseIterator
from sickle.response import OAIResponse

from unioncat.domain.source import Source
from unioncat_harvester.markup.page import Reading
from unioncat_harvester.markup.repair import has_root
from unioncat_harvester.reader import AnswerLost, SourceError
from unioncat_harvester.readers.oaipmh import dates
from unioncat_harvester.readers.oaipmh.quirks import Quirks
from unioncat_harvester.readers.oaipmh.scan import OAI, RECORD_VERBS, SHAPE, read
from unioncat_harvester.surroundings import Surroundings
from unioncat_harvester.transport import Answer, Refused, TooLarge, Transport, Unusable, http_date

MAX_SMALL_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer that is no list of records."""
ODD_BYTES = 256 * 1024
NO_ENDPOINT = (
    "This address is not the endpoint: ask the library for the one of OAI-PMH. Usual ones end in"
    " /cgi-bin/koha/oai.pl (Koha), /oai/request or /server/oai/request (DSpace), /cgi/oai2 (EPrints)."
)
ERRORS: dict[str, type[Exception]] = {
    "badArgument": oaiexceptions.BadArgument,
    "badResumptionToken": oaiexceptions.BadResumptionToken,
    "badVerb": oaiexceptions.BadVerb,
    "cannotDisseminateFormat": oaiexceptions.CannotDisseminateFormat,
    "idDoesNotExist": oaiexceptions.IdDoesNotExist,
    "noMetadataFormats": oaiexceptions.NoMetadataFormat,
    "noRecordsMatch": oaiexceptions.NoRecordsMatch,
    "noSetHierarchy": oaiexceptions.NoSetHierarchy,
}
"""Codes of OAI-PMH §3.6; any other is a fault of the server."""


class PageResponse(OAIResponse):  # type: ignore[misc]
    """One answer, read once; `xml` is the answer without its records."""

    def __init__(self, answer: Answer, reading: Reading, params: dict[str, str]) -> None:
        super().__init__(answer, params)
        self.answer = answer
        self.reading = reading

    @property
    def xml(self) -> etree._Element:
        """The answer without its records, in the OAI namespace."""
        return self.reading.scanned.root

    @property
    def raw(self) -> str:
        """The answer as text."""
        self.reading.body.seek(0)
        return self.reading.body.read().decode("utf-8", "replace")

    @property
    def date(self) -> datetime | None:
        """The server's time: the earlier of its responseDate and its HTTP date.

        A responseDate that is local time labelled Z would let the next `from` pass changes by.
        """
        told = (self.said_date, http_date(self.answer.headers.get("date", "")))
        return min((moment for moment in told if moment), default=None)

    @property
    def said_date(self) -> datetime | None:
        """What the answer itself gives as its time."""
        return dates.parse(self.xml.findtext(OAI + "responseDate"))

    @property
    def shift(self) -> timedelta | None:
        """How far responseDate is ahead of the HTTP date, which is always UTC; none where one is missing."""
        sent = http_date(self.answer.headers.get("date", ""))
        return self.said_date - sent if self.said_date and sent else None

    def close(self) -> None:
        """Let go of the answer's bytes; the tree stays."""
        self.reading.close()


class Client(Sickle):  # type: ignore[misc]
    """Asks one OAI-PMH endpoint. Raises sickle's exceptions for OAI errors, `SourceError` for all else."""

    def __init__(self, source: Source, quirks: Quirks, surroundings: Surroundings) -> None:
        super().__init__(source.address, iterator=OAIResponseIterator)
        self._source = source
        self.quirks = quirks
        self._surroundings = surroundings
        self._transport = Transport(
            source.address,
            source.politeness,
            surroundings.agent,
            guard=surroundings.guard,
            credentials=surroundings.credentials,
            backoff=surroundings.backoff,
            stop=surroundings.stop,
        )
        self._kept: Path | None = None
        self.label = "probe"
        """Names kept answers."""
        self.page: int | None = None
        """Number of the page that is asked for, for messages."""
        self.listed: PageResponse | None = None
        """The last page of records."""
        self.odd = b""
        """At a first look, the beginning of an answer that had to be mended."""
        self.latest: PageResponse | None = None
        """The last answer that was read, errors of the protocol included."""
        self.format = source.format
        """The metadataPrefix that is harvested."""
        self.tries: int | None = None
        """Fewer tries than the source's politeness allows, where failure is likely."""
        self.first_look = False
        """What is no OAI-PMH at all is then refused at once: nobody says that it ever was."""

    def close(self) -> None:
        """Give the connections back."""
        self._transport.close()

    def harvest(self, **params: str) -> PageResponse:
        """Ask for one answer and read it to its end; called by sickle for every verb."""
        verb = params["verb"]
        self._kept = None
        limit = None if verb in RECORD_VERBS or verb == "ListIdentifiers" else MAX_SMALL_ANSWER
        try:
            response = self._transport.fetch(
                self.url(params), partial(self._read, params), max_bytes=limit, tries=self.tries
            )
        except (Unusable, TooLarge) as fault:
            remedy = "Try again later; if it stays so, tell the server's operator."
            if isinstance(fault, TooLarge):
                remedy = fault.remedy
            if self._kept is not None:
                remedy += f" The answer is kept in {self._kept}."
            raise AnswerLost(
                f"{verb} brought no usable answer: {fault}", remedy, source=self._source.code, page=self.page
            ) from fault
        except Refused as fault:
            raise SourceError(
                f"{verb} brought no usable answer: {fault}",
                fault.remedy,
                source=self._source.code,
                page=self.page,
            ) from fault
        self.latest = response
        if verb == "ListRecords":
            self.listed = response
        errors = response.xml.findall(OAI + "error")
        if errors:
            response.close()
            raise ERRORS[str(errors[0].get("code"))](_said(errors))
        return response

    def url(self, params: dict[str, str]) -> str:
        """Make the address of a request; every value is encoded exactly once."""
        asked: dict[str, Any] = dict(params)
        tail = ""
        if self.quirks.verbatim_token and "resumptionToken" in asked:
            tail = "&resumptionToken=" + asked.pop("resumptionToken")
        if self.quirks.prefix_with_token and "resumptionToken" in params:
            asked["metadataPrefix"] = self.format
        mark = "&" if "?" in self.endpoint else "?"
        return f"{self.endpoint}{mark}{urlencode(asked, quote_via=quote, safe='')}{tail}"

    def _read(self, params: dict[str, str], answer: Answer) -> PageResponse:
        """Accept an answer, or raise `Unusable` so that it is asked for again."""
        try:
            reading = read(answer.body, params["verb"], self.quirks.charset)
            try:
                check(reading, answer.status, params["verb"])
            except BaseException:
                reading.scanned.index.close()
                if reading.body is not answer.body:
                    reading.body.close()
                raise
        except (Unusable, Refused) as fault:
            self._kept = self._keep("unusable", answer)
            if self.first_look and answer.status < 400 and answer.size and not has_root(answer.body, SHAPE):
                raise Refused(str(fault), NO_ENDPOINT) from fault
            raise
        if reading.mends:
            self._keep("repaired", answer)
            if self.first_look:
                answer.body.seek(0)
                self.odd = answer.body.read(ODD_BYTES)
        if reading.body is not answer.body:
            answer.body.close()
        return PageResponse(answer, reading, params)

    def _keep(self, why: str, answer: Answer) -> Path | None:
        page = self.page if self.page is not None else 0
        return self._surroundings.keep(self._source.code, f"{self.label}-page{page}-{why}", answer.body)


def check(reading: Reading, status: int, verb: str) -> None:
    """Raise `Unusable` for an answer that is OAI-PMH by its looks only."""
    root, scanned = reading.scanned.root, reading.scanned
    errors = root.findall(OAI + "error")
    unknown = [str(error.get("code")) for error in errors if error.get("code") not in ERRORS]
    if errors and scanned.received:
        raise Unusable(f"the page holds an error ({_said(errors)}) beside {scanned.received} records")
    if unknown:
        raise Unusable(f"the server reports an error that OAI-PMH does not know ({_said(errors)})")
    if status >= 400 and not errors:
        raise Unusable(f"the server answered with HTTP status {status}")
    if not errors and root.find(OAI + verb) is None:
        raise Unusable(f"the answer holds neither {verb} nor an error")


def _said(errors: list[etree._Element]) -> str:
    return "; ".join(f"{e.get('code') or 'no code'}: {e.text or 'without explanation'}"[:300] for e in errors)
