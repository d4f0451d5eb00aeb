"""Errands of pages: each kind of work on what strangers send, with the memory and the time that it may take.

An errand ends with an answer or with an error and its remedy. What goes beyond its limits ends this whole
process: a thread that reads a server cannot be stopped in any other way.
"""

import asyncio
import os
import resource
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from unioncat.domain.errand import Errand
from unioncat.store import errands
from unioncat.store.database import Database
from unioncat.store.errors import StoreError
from unioncat.telemetry import logger
from unioncat_harvester import availability, probing, uploading
from unioncat_harvester.bench import Bench
from unioncat_harvester.reader import SourceError
from unioncat_harvester.surroundings import Surroundings

log = logger("unioncat.errand")
TOO_LONG = "Try again later, or ask the operator of the server why it is so slow."
TOO_BIG = "Give less at a time."
OUR_FAULT = "The fault is ours: tell the operator, who finds it in the log."


@dataclass(frozen=True, slots=True)
class Kind:
    """Who does a kind of errand; limits in seconds and bytes of address space."""

    do: Callable[[Errand, Bench], Awaitable[Mapping[str, Any]]]
    seconds: float
    memory: int


KINDS: Mapping[str, Kind] = {
    "probe": Kind(probing.do, seconds=240, memory=2 * 1024**3),
    "availability": Kind(availability.do, seconds=30, memory=2 * 1024**3),
    "upload": Kind(uploading.do, seconds=3000, memory=4 * 1024**3),
}
"""Every kind of errand."""


async def run(db: Database, number: UUID, around: Surroundings) -> bool:
    """Do an errand and write its answer; false when it failed or there was nothing to do."""
    async with db.begin() as conn:
        errand = await errands.take(conn, number)
    if errand is None:
        return False
    kind = KINDS.get(errand.kind)
    if kind is None:
        known = ", ".join(KINDS)
        return await _fail(db, number, f"nobody does errands of kind {errand.kind!r}", f"Ask for: {known}.")
    _limit(kind.memory)
    bench = Bench(db, number, around)
    task = asyncio.ensure_future(kind.do(errand, bench))
    done, _ = await asyncio.wait([task], timeout=kind.seconds)
    if not done:
        await _fail(db, number, f"it took longer than {kind.seconds:.0f} seconds", TOO_LONG)
        log.warning("an errand took too long", errand=str(number), kind=errand.kind)
        os._exit(1)
    try:
        result = task.result()
        async with db.begin() as conn:
            return await errands.answer(conn, number, result)
    except SourceError as error:
        return await _fail(db, number, error.message, error.remedy)
    except StoreError as error:
        return await _fail(db, number, str(error), error.remedy)
    except MemoryError:
        return await _fail(db, number, "it took more memory than an errand may", TOO_BIG)
    except Exception as error:
        log.exception("an errand failed", errand=str(number), kind=errand.kind)
        return await _fail(db, number, f"the work on it failed ({type(error).__name__})", OUR_FAULT)


async def _fail(db: Database, number: UUID, error: str, remedy: str) -> bool:
    async with db.begin() as conn:
        await errands.fail(conn, number, error, remedy)
    return False


def _limit(memory: int) -> None:
    """Bound the address space of this process; what is beyond raises MemoryError or ends it."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
