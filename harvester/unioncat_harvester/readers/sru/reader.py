"""Reads a source over SRU: what the server says of itself, and the pages of everything it has.

SRU knows no deletions: what vanished is found by reading the whole. A server with an index of the date of the
last change (option changed) is asked for increments in between.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from unioncat.domain.source import Checkpoint, Run, Source
from unioncat_harvester.markup import cut as cuts
from unioncat_harvester.reader import Batch, Findings, Identity, ListBroken, Page, Reader, SourceError
from unioncat_harvester.readers.sru import formats, query, settings
from unioncat_harvester.readers.sru.client import Client, ServerRefuses
from unioncat_harvester.readers.sru.cut import cutter
from unioncat_harvester.readers.sru.settings import AUTO, RECORDS
from unioncat_harvester.readers.sru.survey import Survey
from unioncat_harvester.readers.sru.walk import Leaf, Place, Walk, read_place
from unioncat_harvester.surroundings import Surroundings


class SruReader(Reader):
    """One SRU source."""

    def __init__(self, source: Source, surroundings: Surroundings) -> None:
        self.source = source
        self._settings = settings.read(source, datetime.now(UTC).date())
        self._client = Client(source, self._settings, surroundings)
        self._identity: Identity | None = None
        self._schema: str | None = None

    def close(self) -> None:
        """Give connections back."""
        self._client.close()

    def identify(self) -> Identity:
        """Ask for the server's description; one that has none is asked for a record instead."""
        if self._identity is None:
            explained = self._client.explained()
            if not explained.facts:
                self._answers()
            self._identity = explained.identity
        return self._identity

    def probe(self) -> Findings:
        """Look at the source; one page is read and let go, and a few small questions find out its limits."""
        said = self.identify()
        survey = Survey(self.source, self._settings, self._client)
        found = survey.query()
        self._settings = replace(self._settings, query=found[0])
        return survey.findings(said, found, self.schema(), self.pages)

    def schema(self) -> str:
        """Give the schema to ask for; where the source says `auto`, the best that the server lists."""
        if self._schema is None:
            listed = self._client.explained().schemas
            self._schema = self._settings.schema
            if self._schema == AUTO or (
                self._schema == formats.MARC21 and not any(one.name == formats.MARC21 for one in listed)
            ):
                chosen = formats.choose(listed)
                self._schema = chosen.name if chosen else self._try_schemas()
        return self._schema

    def pages(self, run: Run) -> Iterator[Page]:
        """Give the pages of a run from its checkpoint on."""
        if run.checkpoint.finished:
            return
        self._client.label = f"run{run.id}"
        self._client.page = number = run.counters.pages + 1
        schema = self.schema()
        self._client.schema = schema
        wanted = self._query(run)
        walk = Walk(self._client, self._settings, self.source.code, self.records())
        date = run.checkpoint.response_date
        for leaf in walk.leaves(wanted, self._place(run)):
            date = date or self._client.date
            if leaf.place is None and leaf.total == 0 and run.since is None:
                self._let_go(leaf)
                raise SourceError(
                    f"the server has no record at all for the query {wanted!r}",
                    "Set the option query to one that finds everything (`probe` tries the usual ones). If the"
                    " library's catalogue is really empty, pause the source.",
                    source=self.source.code,
                    page=number,
                )
            yield self._page(number, leaf, schema, date)
            number += 1
            self._client.page = number

    def records(self) -> int:
        """Give the number of records to ask for at a time."""
        return self._settings.records or min(self._client.explained().most or RECORDS, RECORDS)

    def _query(self, run: Run) -> str:
        wanted = query.together(self._settings.query or query.ALL_RECORDS, self._settings.part)
        if run.since is not None and self._settings.changed:
            day = run.since.strftime(self._settings.changed_form)
            wanted = query.since(wanted, self._settings.changed, day)
        return wanted

    def _place(self, run: Run) -> Place | None:
        token = run.checkpoint.token
        if token is None:
            return None
        place = read_place(token)
        if place is None:
            raise ListBroken(
                "the place where the harvest was left cannot be read",
                "The list begins again by itself.",
                source=self.source.code,
            )
        return place

    def _page(self, number: int, leaf: Leaf, schema: str, date: datetime | None) -> Page:
        response = leaf.response
        aside = Batch((), tuple(leaf.aside))

        def content() -> Iterator[Batch]:
            if leaf.aside:
                yield aside
            if response is not None:
                cut = cutter(self._settings.id, schema)
                yield from cuts.batches(response.reading.body, response.reading.scanned, cut)

        return Page(
            number=number,
            checkpoint=Checkpoint(
                token=leaf.place.token() if leaf.place else None,
                cursor=leaf.place.start - 1 if leaf.place else None,
                list_size=leaf.total,
                response_date=date,
                finished=leaf.place is None,
            ),
            received=leaf.received,
            size=response.answer.size if response else 0,
            content=content,
            release=lambda: self._let_go(leaf),
            repaired=bool(response and response.reading.mends),
            notes=tuple(leaf.notes),
            again=leaf.again,
        )

    def _let_go(self, leaf: Leaf) -> None:
        if leaf.response is not None:
            leaf.response.close()

    def _answers(self) -> None:
        """Make sure that a server without a description is one of SRU. Raises `SourceError`."""
        try:
            self._client.search(self._settings.query or query.ALL_RECORDS, start=1, records=1).close()
        except ServerRefuses:
            return

    def _try_schemas(self) -> str:
        """Ask a server that lists no schemas for the usual ones; the last resort is what it sends."""
        for name in formats.TRIED:
            self._client.schema = name
            try:
                response = self._client.search(self._settings.query or query.ALL_RECORDS, start=1, records=1)
            except ServerRefuses:
                continue
            try:
                reading = response.reading
                found = next(cuts.batches(reading.body, reading.scanned, cutter(AUTO, name)), Batch(()))
            finally:
                response.close()
            if any(not one.code.startswith("diagnostic") for one in found.quarantined) or found.records:
                return name
        return AUTO
