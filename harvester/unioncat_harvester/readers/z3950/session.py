"""A session with a target: Init, Search, Present with its segments, Scan, Close.

One request at a time, nothing is sent before the last answer is whole; the result set is always `default`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from unioncat import __version__
from unioncat_harvester.readers.z3950 import requests
from unioncat_harvester.readers.z3950.diagnostics import PASSING, Diagnostic
from unioncat_harvester.readers.z3950.line import BROKEN, Connect, Line, Lost, Refused, Unanswered
from unioncat_harvester.readers.z3950.query import Query, Term
from unioncat_harvester.readers.z3950.responses import (
    CLOSE_REASONS,
    Close,
    Init,
    Present,
    Received,
    Response,
    Scan,
    Search,
    Segment,
)

R = TypeVar("R", Init, Search, Present, Scan)

SET = "default"
MAX_SEGMENTS = 1000


@dataclass(frozen=True, slots=True)
class Target:
    """Where a target is and how it is to be spoken to."""

    host: str
    port: int
    databases: tuple[str, ...]
    tls: bool = False
    credentials: bytes = b""
    encoding: str = "utf-8"
    negotiate: bool = True
    elements: str | None = "F"
    timeout: float = 60.0
    max_bytes: int = 16 * 1024 * 1024
    """Largest message that is taken."""


@dataclass(frozen=True, slots=True)
class Presented:
    """Records of a result set, with the diagnostics that stand for all of them."""

    records: tuple[Received, ...]
    diagnostics: tuple[Diagnostic, ...]
    size: int
    """Bytes of the messages they came in."""


class Session:
    """An open session; made by `begin`. After an error it is of no use."""

    def __init__(self, target: Target, line: Line, init: Init) -> None:
        self._target = target
        self._line = line
        self.init = init
        self.encoding = init.charset or target.encoding
        """Character set of terms, names and messages: as agreed upon, else as the source says."""
        self.asked: Query | None = None
        """The query whose result set the target holds."""
        self.found: Search | None = None

    @classmethod
    async def begin(cls, target: Target, connect: Connect) -> "Session":
        """Connect and say who we are. Raises `Lost`, `Refused`."""
        line = await Line.open(
            target.host,
            target.port,
            connect,
            tls=target.tls,
            seconds=target.timeout,
            max_bytes=target.max_bytes,
        )
        try:
            message = requests.init(
                credentials=target.credentials,
                negotiate=target.negotiate,
                largest=target.max_bytes,
                version=__version__,
            )
            try:
                init = _expect(Init, (await line.ask(message))[0])
            except Lost as fault:
                raise Unanswered(str(fault), fault.remedy) from fault
            if not init.accepted:
                raise _rejected(init, bool(target.credentials))
        except BaseException:
            await line.close()
            raise
        return cls(target, line, init)

    async def search(self, query: Query) -> Search:
        """Make a result set. A refusal is in the answer, not raised."""
        self.asked = self.found = None
        message = requests.search(query, self._target.databases, set_=SET, encoding=self.encoding)
        found = _expect(Search, (await self._line.ask(message))[0])
        if found.ok:
            self.asked, self.found = query, found
        return found

    async def present(self, start: int, count: int, syntax: str) -> Presented:
        """Ask for `count` records from number `start` on; fewer may come, never more."""
        message = requests.present(start, count, set_=SET, syntax=syntax, elements=self._target.elements)
        records: list[Received] = []
        answer, size = await self._line.ask(message)
        segments = 0
        while isinstance(answer, Segment):
            segments += 1
            records += answer.records
            if len(records) > count or segments > MAX_SEGMENTS or size > self._target.max_bytes:
                raise Lost(
                    f"the target sends segment after segment ({segments} so far) without an end"
                    f" to what {count} records were asked for",
                    BROKEN,
                )
            answer, more = await self._line.receive()
            size += more
        last = _expect(Present, answer)
        records += last.records
        if len(records) > count:
            raise Lost(f"the target sent {len(records)} records where {count} were asked for", BROKEN)
        return Presented(tuple(records), last.diagnostics, size)

    async def scan(self, term: Term, count: int) -> Scan:
        """List up to `count` terms of an index from a term on. A refusal is in the answer."""
        message = requests.scan(term, self._target.databases, count=count, position=1, encoding=self.encoding)
        return _expect(Scan, (await self._line.ask(message))[0])

    async def end(self) -> None:
        """Say good-bye and hang up."""
        await self._line.close(requests.close())

    async def drop(self) -> None:
        """Hang up without a word."""
        await self._line.close()


def _expect(kind: type[R], answer: Response) -> R:
    """Make sure that an answer is the one to the question. Raises `Lost`, `Refused`."""
    if isinstance(answer, kind):
        return answer
    if isinstance(answer, Close):
        reason = CLOSE_REASONS.get(answer.reason, str(answer.reason))
        said = f": {answer.message[:300]}" if answer.message.strip() else ""
        raise Lost(
            f"the target closed the session ({reason}{said})",
            "Ask the target's operator why it ends sessions; a pause between requests, or a smaller number in"
            " the option present, may help.",
        )
    raise Lost(f"the target answered {type(answer).__name__} to {kind.__name__}", BROKEN)


def _rejected(init: Init, with_credentials: bool) -> Exception:
    """Say why a target does not let us in."""
    said = _said(init.diagnostics) or init.said
    reason = "the target does not let us in" + (f": {said}" if said else "")
    if any(one.code in PASSING for one in init.diagnostics):
        return Lost(reason)
    remedy = next((one.remedy for one in init.diagnostics), None)
    if remedy is None:
        known = (
            "the source's user name and password are right" if with_credentials else "it wants a user name"
        )
        remedy = f"Ask the library whether {known}, and whether this service's address is let in."
    return Refused(reason, remedy)


def _said(diagnostics: Sequence[Diagnostic]) -> str:
    return "; ".join(one.text for one in diagnostics)
