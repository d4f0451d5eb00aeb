"""A spreadsheet of requests of one library: read, shown with what is wrong in it, placed line by line.

Each line is a request of its own: one that cannot be placed costs none of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from unioncat.domain.hours import VIET_NAM
from unioncat.domain.people import SignedIn
from unioncat.flow import audit, lend
from unioncat.flow.askinglist import AskedLine, asked_of, read_asked
from unioncat.flow.desk import may_lend
from unioncat.flow.services import Services
from unioncat.store import lending_batches, libraries
from unioncat.store.errors import StoreError


@dataclass(frozen=True, slots=True)
class Batch:
    """A sheet between preview and placing."""

    number: int
    library: str
    name: str
    lines: tuple[AskedLine, ...]
    unknown: tuple[str, ...]
    """Headings that were not understood."""
    placed: datetime | None
    numbers: tuple[str, ...] = ()

    @property
    def sound(self) -> int:
        """How many lines can be placed."""
        return sum(not one.faults for one in self.lines)


async def bring(
    services: Services, person: SignedIn, library: str, name: str, data: bytes, now: datetime
) -> int:
    """Read a sheet and keep it for its preview; give its number. Raises `Unknown`, `Conflict`."""
    may_lend(person, library)
    lines, unknown = read_asked(data, now.astimezone(VIET_NAM).date())
    kept = [{"unknown": list(unknown)}]
    kept += [{"number": one.number, "cells": dict(one.cells)} for one in lines]  # type: ignore[dict-item]
    async with services.db.as_service() as conn:
        number = await libraries.library_id(conn, library)
        return await lending_batches.keep(conn, number, name[:200], kept, person.account.email)


async def read(services: Services, person: SignedIn, number: int, now: datetime) -> Batch:
    """Give a sheet with what is wrong in its lines today. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        kept = await lending_batches.read(conn, number)
    may_lend(person, kept.library)
    today = now.astimezone(VIET_NAM).date()
    head, rest = (kept.lines[0], kept.lines[1:]) if kept.lines else ({"unknown": []}, ())
    return Batch(
        kept.id,
        kept.library,
        kept.name,
        tuple(AskedLine.read(one["number"], one["cells"], today) for one in rest),
        tuple(head["unknown"]),
        kept.placed,
        tuple(kept.numbers),
    )


async def place(services: Services, person: SignedIn, number: int, now: datetime) -> Sequence[str]:
    """Place the sound lines of a sheet; give the numbers of the requests. Raises `Unknown`, `Conflict`."""
    batch = await read(services, person, number, now)
    async with services.db.as_service() as conn:
        await lending_batches.take(conn, number)
        detail = {"library": batch.library, "lines": str(batch.sound)}
        await audit.write(services, conn, person.account.email, "lending.batch", batch.name, detail)
    made: list[str] = []
    today = now.astimezone(VIET_NAM).date()
    for line in batch.lines:
        asked = asked_of(line.cells, today)
        if asked is None:
            continue
        try:
            request = await lend.ask(services, lend.staff(person), batch.library, asked, now, origin="batch")
        except StoreError:
            continue
        made.append(request.number)
    async with services.db.as_service() as conn:
        await lending_batches.finish(conn, number, made)
    return made
