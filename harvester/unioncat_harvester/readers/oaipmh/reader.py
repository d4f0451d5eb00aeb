"""Reads a source over OAI-PMH: identity, formats, and the pages of a list one after the other.

The end of a list is never taken on the server's bare word where its own announced size contradicts it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from sickle import oaiexceptions
from sickle.iterator import OAIResponseIterator

from unioncat.domain.source import Checkpoint, Run, RunMode, RunState, Source
from unioncat_harvester.reader import (
    Findings,
    Identity,
    ListBroken,
    ListEndless,
    Offer,
    Page,
    Reader,
    SourceError,
)
from unioncat_harvester.readers.oaipmh import dates, survey
from unioncat_harvester.readers.oaipmh.client import Client, PageResponse
from unioncat_harvester.readers.oaipmh.cut import batches
from unioncat_harvester.readers.oaipmh.formats import AUTO, choose
from unioncat_harvester.readers.oaipmh.quirks import Quirks
from unioncat_harvester.readers.oaipmh.scan import OAI
from unioncat_harvester.surroundings import Surroundings

_REMEDIES: dict[type[Exception], str] = {
    oaiexceptions.BadArgument: "If the server does not understand dates, set the source's option selective to"
    " no or granularity to day; check its set and format too.",
    oaiexceptions.BadVerb: "The address may lose its arguments on the way (a redirection): register the"
    " address at which it ends.",
    oaiexceptions.CannotDisseminateFormat: "Set the source's format to one that the server offers"
    " (`probe` lists them), or to auto.",
    oaiexceptions.NoSetHierarchy: "The server has no sets: remove the source's set.",
}
_ASK = "Ask the server's operator what this answer means."


class OaiPmhReader(Reader):
    """One OAI-PMH source."""

    def __init__(self, source: Source, surroundings: Surroundings) -> None:
        self.source = source
        self._quirks = Quirks.of(source)
        self._client = Client(source, self._quirks, surroundings)
        self._identity: Identity | None = None
        self._format: str | None = None

    def close(self) -> None:
        """Give connections back."""
        self._client.close()

    def identify(self) -> Identity:
        """Ask Identify; asked once for a reader."""
        if self._identity is None:
            try:
                response = self._client.harvest(verb="Identify")
            except survey.OAI_ERRORS as error:
                raise self.fault(error) from error
            self._identity = survey.identity(response.xml)
            response.close()
        return self._identity

    def offers(self) -> tuple[Offer, ...]:
        """Ask ListMetadataFormats."""
        try:
            return survey.offers(self._client.ListMetadataFormats())
        except survey.OAI_ERRORS as error:
            raise self.fault(error) from error

    def sets(self) -> tuple[tuple[tuple[str, str], ...], bool]:
        """Ask the first page of ListSets: (code, name) pairs, and whether there are more."""
        try:
            return survey.sets(self._client.ListSets())
        except oaiexceptions.NoSetHierarchy:
            return (), False
        except survey.OAI_ERRORS as error:
            raise self.fault(error) from error

    def format(self) -> str:
        """Give the metadataPrefix to ask for; where the source says `auto`, the server is asked once."""
        if self._format is None:
            self._format = self._choose() if self.source.format == AUTO else self.source.format
        return self._format

    def _choose(self) -> str:
        offered = self.offers()
        chosen = choose(offered)
        if chosen is None:
            names = ", ".join(f"{offer.name} ({offer.namespace})" for offer in offered) or "none"
            raise SourceError(
                f"the server offers no format that can be read; it has: {names}",
                "Ask the library to switch on MARCXML, or at least oai_dc.",
                source=self.source.code,
            )
        return chosen.name

    def probe(self) -> Findings:
        """Look at the source; one page is read and let go."""
        said = self.identify()
        offered = self.offers()
        sets = self.sets()
        now = datetime.now(UTC)
        run = Run(0, self.source.id, self.source.code, RunMode.FULL, RunState.RUNNING, started=now)
        page = next(self.pages(run))
        try:
            return survey.findings(self.source, said, offered, sets, self.format(), page)
        finally:
            page.close()

    def pages(self, run: Run) -> Iterator[Page]:
        """Give the pages of a run from its checkpoint on."""
        if run.checkpoint.finished:
            return
        self._client.label = f"run{run.id}"
        self._client.page = number = run.counters.pages + 1
        format_ = self.format()
        arguments = self._arguments(run, format_)
        tokens: set[str] = set()
        received = run.counters.received if run.checkpoint.token else 0
        first_date = run.checkpoint.response_date
        size = run.checkpoint.list_size if run.checkpoint.token else None
        iterator: OAIResponseIterator | None = None
        while True:
            self._client.page = number
            try:
                if iterator is None:
                    iterator = self._client.ListRecords(**arguments)
                response: PageResponse = next(iterator)
            except oaiexceptions.NoRecordsMatch as nothing:
                yield self._nothing(number, first_date, received, size, nothing)
                return
            except survey.OAI_ERRORS as error:
                raise self.fault(error, resumed="resumptionToken" in arguments or bool(tokens)) from error
            first_date = first_date or response.date
            page = self._page(number, response, first_date, format_)
            token = page.checkpoint.token
            if token is not None and (token in tokens or token == arguments.get("resumptionToken")):
                page.close()
                raise ListEndless(
                    f"the server handed out the resumption token {token[:80]!r} for the second time"
                    f" after {received + page.received} records",
                    "Its list has no end: ask its operator to mend paging, or harvest by sets.",
                    source=self.source.code,
                    page=number,
                )
            received += page.received
            size = page.checkpoint.list_size if page.checkpoint.list_size is not None else size
            yield page
            if token is None:
                return
            tokens.add(token)
            number += 1

    def _arguments(self, run: Run, format_: str) -> dict[str, str]:
        """Make the arguments of the first request: a token stands alone (§3.5)."""
        if run.checkpoint.token:
            return {"resumptionToken": run.checkpoint.token}
        arguments = {"metadataPrefix": format_}
        if self.source.set:
            arguments["set"] = self.source.set
        if run.since is not None and self._quirks.selective:
            said = self._quirks.granularity or self.identify().fact("granularity") or ""
            arguments["from"] = dates.write(run.since, seconds=said == "seconds" or "ss" in said.lower())
        return arguments

    def _page(self, number: int, response: PageResponse, first_date: datetime | None, format_: str) -> Page:
        reading, answer = response.reading, response.answer
        token = response.xml.find(f"{OAI}ListRecords/{OAI}resumptionToken")
        text = (token.text or "") if token is not None else ""
        notes = [f"repaired: {mend}" for mend in reading.mends]
        if answer.moved:
            notes.append(f"the server has moved for good to {answer.moved}: change the source's address")
        if answer.tries > 1:
            notes.append(f"came at try {answer.tries}")
        return Page(
            number=number,
            checkpoint=Checkpoint(
                token=text or None,
                cursor=survey.number(token, "cursor"),
                list_size=survey.number(token, "completeListSize"),
                response_date=first_date,
                finished=not text,
            ),
            received=reading.scanned.received,
            size=answer.size,
            content=partial(batches, reading.body, reading.scanned, format_),
            release=response.close,
            repaired=bool(reading.mends),
            notes=tuple(notes),
        )

    def _nothing(
        self, number: int, first_date: datetime | None, received: int, size: int | None, nothing: Exception
    ) -> Page:
        """Take noRecordsMatch for the end of a list, unless the server had promised more."""
        if size is not None and received < size:
            raise SourceError(
                f"the list ended after {received} of {size} records with noRecordsMatch",
                "Harvest again later; if it stays so, tell the server's operator that paging loses records.",
                source=self.source.code,
                page=number,
            ) from nothing
        latest = self._client.latest
        date = first_date or (latest.date if latest else None)
        return Page(
            number=number,
            checkpoint=Checkpoint(response_date=date, list_size=size, finished=True),
            received=0,
            size=latest.answer.size if latest else 0,
            content=lambda: iter(()),
            release=lambda: None,
        )

    def fault(self, error: Exception, *, resumed: bool = False) -> SourceError:
        """Turn an error of the protocol into one that names source, page and remedy."""
        if isinstance(error, oaiexceptions.BadResumptionToken) and resumed:
            return ListBroken(
                f"the server no longer knows its resumption token ({error})",
                "The list begins again by itself; if it never ends, harvest by sets.",
                source=self.source.code,
                page=self._client.page,
            )
        return SourceError(
            f"the server refuses: {error}",
            _REMEDIES.get(type(error), _ASK),
            source=self.source.code,
            page=self._client.page,
        )
