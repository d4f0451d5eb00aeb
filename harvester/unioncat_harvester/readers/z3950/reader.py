"""Reads a source over Z39.50: who it is, and the pages of all its records one after the other.

Z39.50 knows neither deletions nor the date of an answer: what vanished is found by full runs, and the date of
a run is that of its first request.
"""

import datetime as dt
from collections.abc import Iterator
from functools import partial

from unioncat.domain.source import Checkpoint, Quarantined, RawRecord, Run, Source
from unioncat_harvester.reader import (
    Findings,
    Identity,
    ListBroken,
    Page,
    Reader,
    SourceError,
    batches,
)
from unioncat_harvester.readers.z3950 import looks, oids, settings, survey
from unioncat_harvester.readers.z3950.client import Client
from unioncat_harvester.readers.z3950.query import Query
from unioncat_harvester.readers.z3950.records import record
from unioncat_harvester.readers.z3950.responses import Received
from unioncat_harvester.readers.z3950.walk import Leaf, Place, Walk, read_place, since
from unioncat_harvester.surroundings import Surroundings

Item = RawRecord | Quarantined


class Z3950Reader(Reader):
    """One Z39.50 source."""

    def __init__(self, source: Source, surroundings: Surroundings) -> None:
        self.source = source
        self._settings = settings.read(source, surroundings.credentials, dt.datetime.now(dt.UTC).date())
        self._client = Client(source, self._settings.target, surroundings)

    def close(self) -> None:
        """Say good-bye to the target."""
        self._client.close()

    def identify(self) -> Identity:
        """Give what the target says of itself in its answer to Init."""
        return survey.identity(self._client.init(), self._settings.target)

    def probe(self) -> Findings:
        """Look at the source; one page is read and let go."""
        return survey.probe(self.source, self._client, self._settings, self._page_at)

    def pages(self, run: Run) -> Iterator[Page]:
        """Give the pages of a run from its checkpoint on."""
        if run.checkpoint.finished:
            return
        self._client.page = number = run.counters.pages + 1
        date = run.checkpoint.response_date or dt.datetime.now(dt.UTC)
        place = self._resumed(run.checkpoint.token) if run.checkpoint.token else self._begin(run)
        walk = self._walk()
        held: Leaf | None = None
        for leaf in walk.leaves(place):
            if held is not None:
                yield self._page(number, held, date, finished=False)
                number += 1
            held = leaf
            self._client.page = number + 1
        yield self._page(number, held or Leaf(place, total=0), date, finished=True)

    def _begin(self, run: Run) -> Place:
        """Find out what to ask for and how."""
        base = self._settings.query or looks.base_query(self._client, self.source.code)
        syntax = self._settings.syntax
        if syntax == settings.AUTO:
            syntax = self._choose(base)
        if run.since is not None and self._settings.changed:
            day = run.since.strftime(self._settings.changed_form)
            base = since(base, self._settings.changed, day)
        cap, cuts = self._settings.cap, self._settings.slices
        return Place(oids.SYNTAXES[syntax], str(base), cap, None, 1, 0, cuts)

    def _walk(self) -> Walk:
        def find_cuts(base: Query) -> str | None:
            today, hits = dt.datetime.now(dt.UTC).date(), self._client.search(base).hits
            return next((text for text, *_ in looks.cuts(self._client, base, hits, today)), None)

        return Walk(self._client, self._settings, self.source.code, find_cuts)

    def _choose(self, base: Query) -> str:
        if not self._client.search(base).hits:
            return "usmarc"
        works = looks.syntaxes(self._client, base)
        chosen = looks.choose(works)
        if chosen is None:
            said = "; ".join(f"{one.syntax}: {one.said}" for one in works)
            raise SourceError(
                f"the target gives its records in no syntax that can be read ({said})",
                "Ask the library in which record syntax and element set its target answers.",
                source=self.source.code,
            )
        return chosen

    def _resumed(self, token: str) -> Place:
        place = read_place(token)
        if place is None:
            raise ListBroken(
                "the place where the harvest was left cannot be read",
                "The list begins again by itself.",
                source=self.source.code,
            )
        return place

    def _page_at(self, base: Query, syntax: str) -> tuple[Page, bool]:
        """Read the first page for a look, and tell whether more follow."""
        leaves = self._walk().leaves(Place(oids.SYNTAXES[syntax], str(base), 0, None, 1, 0))
        leaf = next(leaves, Leaf(Place("", "", 0, None, 1, 0)))
        more = leaf.place.start <= leaf.place.hits
        return self._page(1, leaf, dt.datetime.now(dt.UTC), finished=not more), more

    def _page(self, number: int, leaf: Leaf, date: dt.datetime, *, finished: bool) -> Page:
        items = [self._item(one) for one in leaf.received]
        return Page(
            number=number,
            checkpoint=Checkpoint(
                token=None if finished else leaf.place.token(),
                list_size=leaf.total,
                response_date=date,
                finished=finished,
            ),
            received=len(items),
            size=leaf.size,
            content=partial(batches, items),
            release=items.clear,
            notes=tuple(leaf.notes),
            again=leaf.again,
        )

    def _item(self, received: Received) -> Item:
        settings_ = self._settings
        return record(
            received,
            settings_.id,
            leader_deletes=settings_.leader_deletes,
            several=len(settings_.target.databases) > 1,
        )
