"""Reads a source over OAI-PMH: identity, formats, lists of records or identifiers, single records.

How a list is read to its end is told in `listing.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sickle import oaiexceptions

from unioncat.domain.source import Run, RunMode, RunState, Source
from unioncat_harvester.reader import Comparing, Findings, Identity, Offer, Page, Reader, SourceError
from unioncat_harvester.readers.oaipmh import survey
from unioncat_harvester.readers.oaipmh.client import Client
from unioncat_harvester.readers.oaipmh.faults import OAI_ERRORS, fault
from unioncat_harvester.readers.oaipmh.formats import AUTO, choose
from unioncat_harvester.readers.oaipmh.listing import Listing
from unioncat_harvester.readers.oaipmh.quirks import Quirks
from unioncat_harvester.readers.oaipmh.singles import Singles
from unioncat_harvester.readers.oaipmh.suggest import Trial
from unioncat_harvester.surroundings import Surroundings


class OaiPmhReader(Reader, Comparing):
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
            except OAI_ERRORS as error:
                raise fault(self.source, error, self._client.page) from error
            self._identity = survey.identity(response.xml)
            response.close()
        return self._identity

    def offers(self) -> tuple[Offer, ...]:
        """Ask ListMetadataFormats."""
        try:
            return survey.offers(self._client.ListMetadataFormats())
        except OAI_ERRORS as error:
            raise fault(self.source, error, self._client.page) from error

    def sets(self) -> tuple[tuple[tuple[str, str], ...], bool]:
        """Ask the first page of ListSets: (code, name) pairs, and whether there are more."""
        try:
            return survey.sets(self._client.ListSets())
        except oaiexceptions.NoSetHierarchy:
            return (), False
        except OAI_ERRORS as error:
            raise fault(self.source, error, self._client.page) from error

    def format(self) -> str:
        """Give the metadataPrefix to ask for; where the source says `auto`, the server is asked once."""
        if self._format is None:
            self._format = self._choose() if self.source.format == AUTO else self.source.format
            self._client.format = self._format
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
        """Look at the source; a few requests are made, and nothing is kept."""
        self._client.first_look = True
        said = self.identify()
        offered = self.offers()
        sets = self.sets()
        format_ = self.format()
        now = datetime.now(UTC)
        run = Run(0, self.source.id, self.source.code, RunMode.FULL, RunState.RUNNING, started=now)
        page = next(self.pages(run))
        try:
            found = survey.findings(self.source, said, offered, sets, format_, page)
            seconds = "ss" in (said.fact("granularity") or "").lower()
            trial = Trial(self.source, self._quirks, self._client, format_, seconds)
            self._client.tries = 2
            return replace(found, suggestions=(*survey.moved(self.source, page), *trial.suggestions(page)))
        finally:
            page.close()

    def pages(self, run: Run) -> Iterator[Page]:
        """Give the pages of a run from its checkpoint on; identifiers alone for one that reconciles."""
        if run.checkpoint.finished:
            return
        self._client.label = f"run{run.id}"
        self._client.page = run.counters.pages + 1
        format_ = self.format()
        yield from Listing(self.source, self._quirks, self._client, self, run, format_).pages()

    def fetch(self, local_ids: Sequence[str], run: Run) -> Page:
        """Fetch single records; those that the server does not give are put aside or left out."""
        self._client.label = f"run{run.id}"
        self._client.page = run.counters.pages + 1
        return self._singles().page(local_ids, run.counters.pages + 1, run.checkpoint)

    def still_there(self, local_ids: Sequence[str]) -> tuple[str, ...]:
        """Give those that the server still has in this source, or of which it cannot tell."""
        self._client.tries = 2
        return self._singles().still_there(local_ids)

    def _singles(self) -> Singles:
        return Singles(self.source, self._client, self.format())
