"""A target as the reader sees it: synchronous, patient, and back on its feet after a lost connection.

Every failure ends as a `SourceError` that names the source, the page and the remedy; a lost session is begun
again and the result set made again, so the caller must look whether the hits are still the same.
"""

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from unioncat.domain.source import Source
from unioncat_harvester.network import NotAllowed
from unioncat_harvester.reader import SourceError, Stopped
from unioncat_harvester.readers.z3950.aside import Aside
from unioncat_harvester.readers.z3950.diagnostics import PASSING, Diagnostic
from unioncat_harvester.readers.z3950.line import Lost, Refused, Unanswered
from unioncat_harvester.readers.z3950.query import Query, Term
from unioncat_harvester.readers.z3950.responses import Init, Received, Scan, Search
from unioncat_harvester.readers.z3950.session import Session, Target
from unioncat_harvester.surroundings import Surroundings

T = TypeVar("T")


class QueryRefused(SourceError):
    """The target does not answer this query; another one may do."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Records of a result set, and how many hits it has by the target's latest word."""

    hits: int
    records: tuple[Received, ...]
    diagnostics: tuple[Diagnostic, ...]
    size: int


class Client:
    """One source's target. Not for several threads at once."""

    def __init__(self, source: Source, target: Target, around: Surroundings) -> None:
        self._source = source
        self._target = target
        self._around = around
        self._aside = Aside(f"z3950-{source.code}", around.stop)
        self._session: Session | None = None
        self._rested = float("-inf")
        self.page: int | None = None
        """Number of the page that is being read, for messages."""
        self.tries = max(1, source.politeness.tries)
        """How often something is asked before it counts as failed."""
        self.notes: list[str] = []
        """What an operator should know; whoever reads them empties the list."""

    def close(self) -> None:
        """Say good-bye."""
        session, self._session = self._session, None
        self._aside.close(session.end() if session is not None else None)

    def init(self) -> Init:
        """Give the target's answer to Init; a session is begun if there is none."""

        async def ask(session: Session) -> Init:
            return session.init

        return self._try(ask)

    @property
    def encoding(self) -> str:
        """Character set of terms in the present session."""
        return self._session.encoding if self._session is not None else self._target.encoding

    def search(self, query: Query) -> Search:
        """Ask how many records a query finds. Raises `QueryRefused`."""
        return self._try(lambda session: self._search(session, query))

    def fetch(self, query: Query, start: int, count: int, syntax: str) -> Fetched:
        """Ask for records of a query's result set, which is made (again) where the session has none."""

        async def ask(session: Session) -> Fetched:
            found = session.found
            if session.asked != query or found is None:
                found = await self._search(session, query)
            if start > found.hits:
                return Fetched(found.hits, (), (), 0)
            got = await session.present(start, min(count, found.hits - start + 1), syntax)
            if not got.records and any(one.code in PASSING for one in got.diagnostics):
                raise Lost("; ".join(one.text for one in got.diagnostics))
            return Fetched(found.hits, got.records, got.diagnostics, got.size)

        return self._try(ask)

    def scan(self, term: Term, count: int) -> Scan:
        """List terms of an index. Raises `QueryRefused`."""

        async def ask(session: Session) -> Scan:
            listed = await session.scan(term, count)
            if not listed.entries and listed.diagnostics:
                raise self._refused("the list of terms", listed.diagnostics)
            return listed

        return self._try(ask)

    async def _search(self, session: Session, query: Query) -> Search:
        found = await session.search(query)
        if found.ok:
            return found
        if any(one.code in PASSING for one in found.diagnostics):
            raise Lost("; ".join(one.text for one in found.diagnostics))
        raise self._refused(f"the query {query}", found.diagnostics)

    def _refused(self, what: str, diagnostics: tuple[Diagnostic, ...]) -> QueryRefused:
        said = "; ".join(one.text for one in diagnostics) or "without saying why"
        remedy = diagnostics[0].remedy if diagnostics else "Ask the target's operator for its log."
        return QueryRefused(
            f"the target refuses {what}: {said}", remedy, source=self._source.code, page=self.page
        )

    def _try(self, ask: Callable[[Session], Awaitable[T]]) -> T:
        """Ask until there is an answer; each try after the first has a new session."""
        tries = self.tries
        attempt = 0
        while True:
            attempt += 1
            self._wait(self._rested + self._source.politeness.pause - time.monotonic())
            try:
                answer = self._aside.run(self._once(ask))
            except Lost as fault:
                self._drop()
                if attempt >= tries:
                    raise self._fault(f"{fault} ({tries} tries)", fault.remedy) from fault
                self._wait(self._around.backoff * 2 ** (attempt - 1) * random.uniform(0.5, 1.0))  # noqa: S311
            except Refused as fault:
                self._drop()
                raise self._fault(str(fault), fault.remedy) from fault
            except NotAllowed as fault:
                raise self._fault(str(fault), fault.remedy) from fault
            except SourceError:
                raise
            except BaseException:
                self._drop()
                raise
            else:
                if attempt > 1:
                    self.notes.append(f"came at try {attempt}")
                return answer
            finally:
                self._rested = time.monotonic()

    async def _once(self, ask: Callable[[Session], Awaitable[T]]) -> T:
        if self._session is None:
            try:
                self._session = await Session.begin(self._target, self._around.guard.connect)
            except Unanswered:
                # Old targets hang up at what they do not know.
                self._target = replace(self._target, negotiate=False)
                raise
        return await ask(self._session)

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            self._aside.cast(session.drop())

    def _wait(self, seconds: float) -> None:
        if self._around.stop.wait(min(max(seconds, 0.0), self._source.politeness.max_wait)):
            raise Stopped

    def _fault(self, message: str, remedy: str) -> SourceError:
        return SourceError(message, remedy, source=self._source.code, page=self.page)
