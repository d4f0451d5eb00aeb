"""Rules that became stricter, asked of what is here already: what they shut out now leaves, in every version.

The rules stand at the gate of every harvest; this asks the same gate of what came in before they were made.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from unioncat.domain.source import Quarantined, RawRecord, Source
from unioncat.flow import audit
from unioncat.flow.services import Services
from unioncat.normalise.gate import Gate, gate_for
from unioncat.store import jobs, profiles, purging, sources
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.purging import Version
from unioncat.telemetry import logger

SPAN = 5000
"""Versions that are asked about in one transaction."""
PROCESS = "process"
UNASKED = frozenset({"gate-sets-unknown", "gate-rule-not-applicable", "gate-fault"})
"""Answers of a gate that say nothing of the record: rules of sets need a harvest, others another profile."""
log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Purged:
    """What asking the rules anew did to one source, counted in versions of records."""

    source: str
    seen: int = 0
    removed: int = 0
    cut: int = 0
    unasked: int = 0
    """Versions of which the rules could not be asked; they stay."""


class Busy(Conflict):
    """A harvest of the source is under way; it began under the old rules."""


async def purge(services: Services, code: str, *, by: str) -> Purged:
    """Ask a source's rules of all that is kept of it. May be cut off and done again.

    Rules of sets cannot be asked of what lies here: those records stay until a harvest in full has told
    which of them are shut out; the earlier versions of these leave then. Raises `Unknown`, `Busy`.
    """
    async with services.db.as_service() as conn:
        source = next((one for one in await sources.all_sources(conn) if one.code == code), None)
        if source is None:
            raise Unknown(f"there is no source {code!r}", "List the sources to see their codes.")
        gate = gate_for(source, await profiles.profiles(conn))
    if not gate.active:
        return Purged(code)
    done = await _through(services, source, gate)
    async with services.db.as_service() as conn:
        await purging.forget_samples(conn, source.id)
        await jobs.enqueue(conn, PROCESS, "all")
        counts = {"removed": str(done.removed), "cut": str(done.cut), "unasked": str(done.unasked)}
        await audit.write(services, conn, by, "source.purged", code, counts)
    log.info("a source's rules were asked anew", source=code, removed=done.removed, cut=done.cut)
    return done


async def _through(services: Services, source: Source, gate: Gate) -> Purged:
    after = seen = removed = cut = unasked = 0
    while True:
        async with services.db.as_service() as conn:
            if await purging.is_running(conn, source.id):
                raise Busy(f"source {source.code!r} is being harvested", "Try again when it has ended.")
            found = await purging.versions(conn, source.id, after, SPAN)
            if not found:
                return Purged(source.code, seen, removed, cut, unasked)
            shut, changed, left = await asyncio.to_thread(_asked, gate, found)
            await purging.take_away(conn, source.id, shut, changed, datetime.now(UTC))
        after = found[-1].id
        seen += len(found)
        removed += len(shut)
        cut += len(changed)
        unasked += left


def _asked(gate: Gate, found: list[Version]) -> tuple[list[Version], list[tuple[Version, bytes]], int]:
    """Divide versions into those that leave, those that lose fields, and the number that cannot be asked."""
    shut: list[Version] = []
    changed: list[tuple[Version, bytes]] = []
    left = 0
    for one in found:
        admitted = gate.admit(RawRecord(one.local_id, None, False, one.payload, one.format))
        if isinstance(admitted, Quarantined) and admitted.code in UNASKED and one.stands:
            left += 1
        elif not isinstance(admitted, RawRecord):
            shut.append(one)
        elif admitted.payload != one.payload:
            changed.append((one, admitted.payload))
    return shut, changed, left
