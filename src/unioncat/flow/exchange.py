"""Decisions as lines of JSON: written out, and read in by another or a new installation.

Records are named by source code and local id, never by number; reading a file twice changes nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

import msgspec

from unioncat.domain.match import Verdict
from unioncat.flow.services import Services
from unioncat.flow.work import ask_process
from unioncat.store import decisions as store
from unioncat.store import distrust as distrust_store
from unioncat.store.codec import record_number
from unioncat.store.decisions import Draft
from unioncat.store.errors import Conflict

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_REMEDY = "Correct that line, or take it out; nothing was imported."


@dataclass(frozen=True, slots=True)
class Name:
    """A record by its source's code and its local id."""

    source: str
    local_id: str

    @classmethod
    def of(cls, ref: str) -> "Name":
        """Read "source:local id"."""
        source, _, local_id = ref.partition(":")
        return cls(source, local_id)


@dataclass(frozen=True, slots=True)
class PairLine:
    """A decision on a pair."""

    left: Name
    right: Name
    verdict: Verdict
    reason: str
    by: str
    at: Moment
    undone_at: Moment | None = None
    undone_by: str | None = None


@dataclass(frozen=True, slots=True)
class IdentifierLine:
    """An identifier that is not to be believed."""

    scheme: str
    value: str
    reason: str
    by: str
    at: Moment


@dataclass(frozen=True, slots=True)
class Line:
    """One line: one of the two."""

    pair: PairLine | None = None
    identifier: IdentifierLine | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in, what stood here already, and decisions on records that will come yet."""

    decisions: int
    known: int
    identifiers: int
    without_record: int


async def export(services: Services) -> Iterator[bytes]:
    """Give every decision, undone ones included, and the list of identifiers, as lines."""
    async with services.db.as_service() as conn:
        pairs = await store.all_decisions(conn)
        identifiers = await distrust_store.distrusted(conn)
    lines: list[dict[str, object]] = [
        {
            "pair": PairLine(
                Name.of(one.left_ref),
                Name.of(one.right_ref),
                one.verdict,
                one.reason,
                one.by,
                one.at,
                one.undone_at,
                one.undone_by,
            )
        }
        for one in pairs
    ]
    lines += [
        {"identifier": {key: value for key, value in asdict(one).items() if key != "applied"}}
        for one in identifiers
    ]
    return (msgspec.json.encode(line) + b"\n" for line in lines)


async def bring_in(services: Services, lines: Iterable[bytes]) -> Imported:
    """Read lines, all or nothing. Raises `Conflict` with the number of a bad line."""
    read = list(_read(lines))
    drafts = [_draft(line.pair) for line in read if line.pair]
    identifiers = [line.identifier for line in read if line.identifier]
    async with services.db.as_service() as conn:
        held = {
            _key(one.left, one.right, one.verdict, one.by, one.at) for one in await store.all_decisions(conn)
        }
        fresh = [one for one in drafts if _key(one.left, one.right, one.verdict, one.by, one.at) not in held]
        await store.add(conn, fresh)
        await store.mark_undone(conn, [one for one in drafts if one.undone_at is not None])
        listed = {(one.scheme, one.value) for one in await distrust_store.distrusted(conn)}
        for each in identifiers:
            if (each.scheme, each.value) in listed:
                continue
            await distrust_store.distrust(conn, (each.scheme, each.value), each.reason, each.by)
        there = await store.present(conn, [number for one in fresh for number in (one.left, one.right)])
    await ask_process(services)
    return Imported(
        len(fresh),
        len(drafts) - len(fresh),
        len(identifiers),
        sum(1 for one in fresh if not {one.left, one.right} <= there),
    )


def _read(lines: Iterable[bytes]) -> Iterator[Line]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            read = msgspec.json.decode(line, type=Line)
        except (msgspec.DecodeError, ValueError) as error:
            raise Conflict(f"line {number}: {error}", _REMEDY) from error
        if (read.pair is None) == (read.identifier is None):
            raise Conflict(f"line {number} is neither a pair nor an identifier", _REMEDY)
        if read.pair is not None and read.pair.left == read.pair.right:
            raise Conflict(f"line {number} names one record twice", _REMEDY)
        yield read


def _draft(line: PairLine) -> Draft:
    sides = sorted(
        (record_number(name.source, name.local_id), f"{name.source}:{name.local_id}")
        for name in (line.left, line.right)
    )
    return Draft(
        sides[0][0],
        sides[1][0],
        sides[0][1],
        sides[1][1],
        line.verdict,
        line.reason,
        line.by,
        line.at,
        line.undone_at,
        line.undone_by,
    )


def _key(
    left: int, right: int, verdict: Verdict, by: str, at: datetime | None
) -> tuple[int, int, str, str, datetime | None]:
    return (left, right, verdict.value, by, at)
