"""Asks one SRU server: makes addresses, agrees on a version, accepts answers only when they are whole."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlencode

from unioncat.domain.source import Source
from unioncat_harvester.reader import SourceError
from unioncat_harvester.readers.sru import answer, diagnostics, explain
from unioncat_harvester.readers.sru.answer import EXPLAIN, SCAN, SEARCH, Response
from unioncat_harvester.readers.sru.diagnostics import Diagnostic
from unioncat_harvester.readers.sru.explain import Explained
from unioncat_harvester.readers.sru.settings import AUTO, VERSIONS, Settings
from unioncat_harvester.surroundings import Surroundings
from unioncat_harvester.transport import Answer, Refused, Transport, Unusable, http_date

MAX_SMALL_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer that is no list of records."""


class ServerRefuses(Exception):
    """The server answers with a diagnostic in the place of what was asked."""

    def __init__(self, said: Sequence[Diagnostic], hits: int | None = None) -> None:
        super().__init__(diagnostics.text(said))
        self.diagnostics = tuple(said)
        self.hits = hits

    @property
    def numbers(self) -> frozenset[int | None]:
        """The numbers of its diagnostics."""
        return frozenset(one.number for one in self.diagnostics)

    @property
    def remedy(self) -> str:
        """What a person can do."""
        return self.diagnostics[0].remedy


class NoAnswer(SourceError):
    """Nothing usable came; a smaller question may be answered."""


class Client:
    """One source's server. Raises `SourceError` for what no other question will mend."""

    def __init__(self, source: Source, settings: Settings, surroundings: Surroundings) -> None:
        self._source = source
        self._settings = settings
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
        self.schema = settings.schema
        """Schema that is asked for; `auto` leaves it to the server."""
        self._kept: Path | None = None
        self._version = settings.version
        self._explained: Explained | None = None
        self.label = "probe"
        """Names kept answers."""
        self.page: int | None = None
        """Number of the page that is asked for, for messages."""
        self.date: datetime | None = None
        """The server's time at its first answer; ours, where it does not tell."""
        self.notes: list[str] = []
        """What an operator should know of the way answers came; whoever reads them takes them out."""

    def close(self) -> None:
        """Give the connections back."""
        self._transport.close()

    @property
    def version(self) -> str:
        """The version that is spoken: the option's, else what the server explains, else the usual one."""
        if self._version is None:
            self._version = self.explained().version or VERSIONS[0]
        return self._version

    def explained(self) -> Explained:
        """Ask the server for its description, once; one that has none is `Explained()`.

        A server that does not answer at all is an error of the first search.
        """
        if self._explained is None:
            self._explained = Explained()
            version = self._version or "1.1"
            try:
                response = self._fetch(EXPLAIN, {"operation": EXPLAIN, "version": version}, tries=2)
            except NoAnswer:
                return self._explained
            try:
                if response.kind == EXPLAIN:
                    self._explained = explain.read(response, VERSIONS)
            finally:
                response.close()
        return self._explained

    def search(self, query: str, *, start: int, records: int, tries: int | None = None) -> Response:
        """Ask for records from a place on. Raises `ServerRefuses` for a diagnostic without records."""
        asked = {"query": query, "maximumRecords": str(records)}
        if start > 1:
            asked["startRecord"] = str(start)
        if records:
            if self.schema != AUTO:
                asked["recordSchema"] = self.schema
            if self._settings.packing != "any":
                asked["recordPacking"] = self._settings.packing
        return self._negotiated(SEARCH, asked, tries)

    def scan(self, clause: str, terms: int) -> list[tuple[str, int | None]]:
        """Ask for the terms of an index from one on, with their hits. Raises `ServerRefuses`."""
        asked = {"scanClause": clause, "responsePosition": "1", "maximumTerms": str(terms)}
        response = self._negotiated(SCAN, asked, None)
        try:
            return [
                (one.findtext("value") or "", answer.number(one.findtext("numberOfRecords")))
                for one in response.root.iter("term")
                if one.findtext("value")
            ]
        finally:
            response.close()

    def _negotiated(self, operation: str, asked: dict[str, str], tries: int | None) -> Response:
        """Ask in the version spoken; where the server has another one, go over to it (diagnostic 5)."""
        tried: list[str] = []
        while True:
            version = self.version
            tried.append(version)
            try:
                return self._good(operation, asked, version, tries)
            except ServerRefuses as fault:
                named = [one.details.strip() for one in fault.diagnostics]
                left = [one for one in (*named, *VERSIONS) if one in VERSIONS and one not in tried]
                wrong = diagnostics.UNSUPPORTED_VERSION in fault.numbers
                if not wrong or self._settings.version or not left:
                    raise
                self._version = left[0]
                self.notes.append(f"the server does not speak version {version}: {left[0]} is tried")

    def _good(self, operation: str, asked: dict[str, str], version: str, tries: int | None) -> Response:
        response = self._fetch(operation, _of_version(asked, operation, version), tries=tries)
        if response.diagnostics and not response.received and response.kind in (operation, None):
            said, hits = response.diagnostics, response.hits
            response.close()
            raise ServerRefuses(said, hits)
        return response

    def _fetch(self, operation: str, asked: dict[str, str], *, tries: int | None = None) -> Response:
        self._kept = None
        limit = None if operation == SEARCH else MAX_SMALL_ANSWER
        try:
            response = self._transport.fetch(
                self.url(asked), partial(self._read, operation), max_bytes=limit, tries=tries
            )
        except Unusable as fault:
            remedy = "Try again later; if it stays so, tell the server's operator."
            if self._kept is not None:
                remedy += f" The answer is kept in {self._kept}."
            raise self._error(operation, fault, remedy) from fault
        except Refused as fault:
            raise self._error(operation, fault, fault.remedy) from fault
        if self.date is None:
            self.date = http_date(response.answer.headers.get("date", "")) or datetime.now(UTC)
        return response

    def url(self, asked: dict[str, str]) -> str:
        """Make the address of a request; every value is encoded exactly once."""
        address = self._source.address.rstrip("?&")
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked, quote_via=quote, safe='')}"

    def _read(self, operation: str, given: Answer) -> Response:
        """Accept an answer, or raise `Unusable` so that it is asked for again."""
        try:
            response = answer.read(given, self._settings.charset)
            try:
                answer.check(response, operation)
            except BaseException:
                answer.spare(response.reading, given.body)
                raise
        except (Unusable, Refused):
            self._kept = self._keep("unusable", given)
            raise
        if response.reading.mends:
            self._keep("repaired", given)
        if response.reading.body is not given.body:
            given.body.close()
        return response

    def _keep(self, why: str, given: Answer) -> Path | None:
        page = self.page if self.page is not None else 0
        return self._surroundings.keep(self._source.code, f"{self.label}-page{page}-{why}", given.body)

    def _error(self, operation: str, fault: Exception, remedy: str) -> NoAnswer:
        return NoAnswer(
            f"{operation} brought no usable answer: {fault}", remedy, source=self._source.code, page=self.page
        )


def _of_version(asked: dict[str, str], operation: str, version: str) -> dict[str, str]:
    """Name the parameters as a version does (2.0 §2.1: packing has become two, operation may be left out)."""
    params = {"version": version, "operation": operation, **asked}
    if version == "2.0":
        if operation == SEARCH:
            params["queryType"] = "cql"
            del params["operation"]
        if "recordPacking" in params:
            params["recordXMLEscaping"] = params.pop("recordPacking")
    return params
