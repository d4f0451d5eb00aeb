"""Normalised record -> keys and features, without the identifiers that people do not believe.

Keys and features follow from the record, the rules and the list alone; nothing else may write them.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from unioncat.domain.bib import BibRecord, Identifier
from unioncat.flow.crew import Crew, at_work
from unioncat.flow.scale import in_force
from unioncat.matching import block_keys, extract
from unioncat.store import distrust, reread
from unioncat.store.codec import pack, unpack
from unioncat.store.database import Database
from unioncat.store.distrust import Number
from unioncat.store.reread import Facts, Span

SPAN = 2000


def facts(bib: BibRecord, not_believed: frozenset[Number]) -> tuple[tuple[int, ...], bytes]:
    """Give the keys and the packed features of a record."""
    if not_believed and any((one.scheme, one.value) in not_believed for one in bib.identifiers):
        kept = tuple(one for one in bib.identifiers if (one.scheme, one.value) not in not_believed)
        bib = replace(bib, identifiers=kept)
    features = extract(bib)
    return block_keys(features), pack(features)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The part of a stored record that says whether it carries an identifier; the rest is not decoded."""

    identifiers: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A span of records to be looked through for identifiers."""

    span: Span
    numbers: frozenset[Number]


async def renew(
    db: Database, *, workers: int | Crew, progress: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Read the records anew that carry an identifier whose trust has changed; give how many."""
    async with db.begin() as conn:
        changed = await distrust.changes(conn)
        if not changed:
            return 0
        spans = await reread.spans(conn, SPAN)
    tasks = [Task(span, frozenset(one.number for one in changed)) for span in spans]
    done, found = 0, 0
    total = sum(span.size for span in spans)
    progress(0, total)
    async with at_work(db, workers) as crew:
        async for task, count in crew.map(renew_span, tasks):
            done, found = done + task.span.size, found + count
            progress(done, total)
    async with db.begin() as conn:
        await distrust.applied(conn, changed)
    return found


async def renew_span(db: Database, task: Task) -> int:
    """Read the records of one span anew that carry one of the identifiers."""
    async with db.begin() as conn:
        not_believed = await distrust.believed_not(conn)
        bodies = await reread.bodies(conn, task.span)
        fresh = await asyncio.to_thread(_carrying, bodies, task.numbers, not_believed)
        return await reread.write(conn, fresh, (await in_force(conn)).version, join=True)


def _carrying(
    bodies: list[reread.Body], numbers: frozenset[Number], not_believed: frozenset[Number]
) -> list[Facts]:
    carrying = [
        body
        for body in bodies
        if any((one.scheme, one.value) in numbers for one in unpack(body.packed, Numbers).identifiers)
    ]
    return read(carrying, not_believed)


def read(bodies: list[reread.Body], not_believed: frozenset[Number]) -> list[Facts]:
    """Make keys and features of stored records."""
    return [
        Facts(body.record_id, body.raw_id, *facts(unpack(body.packed, BibRecord), not_believed))
        for body in bodies
    ]
