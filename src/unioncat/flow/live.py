"""Whether a thing is on the shelf now, asked of the systems of those who hold it, before they are ranked.

The asking is an errand of the harvester, bounded in time and guarded in where it connects to; what has not
answered by then has said nothing.
"""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from unioncat.domain.lending import Request
from unioncat.domain.source import Profile, Source
from unioncat.flow.locate import FRESH, viewer_of
from unioncat.flow.services import Services
from unioncat.normalise import normalise, profile_for
from unioncat.store import errands, lending_requests, members, profiles, rotas, sources

KIND = "availability"
PATIENCE = 20.0
"""Seconds that the choice of a lender waits for."""
OPTION = "availability"
MOST = 40
"""Copies asked about at once."""
AWAY = frozenset({"on-loan", "lost", "processing"})


async def look(services: Services, number: UUID, now: datetime, *, patience: float = PATIENCE) -> int:
    """Ask, and keep what was said; give how many systems were asked. Nothing is asked twice in two hours."""
    async with services.db.as_service() as conn:
        request = await lending_requests.read(conn, number)
        by_code = {one.code: one for one in await sources.all_sources(conn)}
        offered = {code for code, one in by_code.items() if OPTION in dict(one.options)}
        if not offered or not request.wanted.union_id:
            return 0
        known = await profiles.profiles(conn)
        asked = await _copies(conn, request, offered, now)
        if not asked:
            return 0
        profile_of = {code: profile_for(by_code[code], known) for code in offered}
        places = [
            {
                "library": library,
                "source": source,
                "local_id": local_id,
                "profile": msgspec.to_builtins(profile_of[source]),
            }
            for library, source, local_id in asked
        ]
        errand = await errands.ask(conn, KIND, {"asked": places}, priority=3)
    said = await _answer(services, errand.id, patience)
    found = await asyncio.to_thread(_heard, said, by_code, profile_of)
    async with services.db.as_service() as conn:
        heard = {library: found.get(library) for library, _, _ in asked}
        await rotas.keep_availability(conn, request.id, heard, now)
    return len(asked)


async def _copies(
    conn: Any, request: Request, offered: set[str], now: datetime
) -> Sequence[tuple[str, str, str]]:
    """Give the records of the thing at systems that can be asked: (library, source, the system's number)."""
    viewer = await viewer_of(conn, request.home)
    fresh = await rotas.availability(conn, request.id, now - FRESH)
    union_id = request.wanted.union_id or ""
    found = await members.by_public_id(conn, viewer, [union_id])
    return [
        (library, one.source, one.local_id)
        for gathered in found.values()
        for one in gathered.members
        if one.source in offered
        for library in dict.fromkeys(holding.library or one.library for holding in one.holdings)
        if library not in fresh
    ][:MOST]


async def _answer(services: Services, number: UUID, patience: float) -> Sequence[Mapping[str, Any]]:
    """Wait for the errand as long as there is patience."""
    for _ in range(max(1, int(patience / 0.25))):
        async with services.db.as_service() as conn:
            errand = await errands.read(conn, number)
        if errand.ended:
            return tuple((errand.result or {}).get("said", ()))
        await asyncio.sleep(0.25)
    return ()


def _heard(
    said: Sequence[Mapping[str, Any]], by_code: Mapping[str, Source], profile_of: Mapping[str, Profile]
) -> dict[str, bool | None]:
    """Make yes, no or nothing of what came, by library; one yes is enough."""
    found: dict[str, bool | None] = {}
    for one in said:
        library, here = str(one.get("library")), one.get("available")
        if "record" in one and one.get("source") in by_code:
            here = in_record(one, profile_of[str(one["source"])], library)
        if found.get(library) is not True:
            found[library] = here if isinstance(here, bool) else found.get(library)
    return found


def in_record(one: Mapping[str, Any], profile: Profile, library: str) -> bool | None:
    """Read in a record that was just fetched whether a library has a copy on its shelf."""
    try:
        payload = base64.b64decode(str(one["record"]), validate=True)
    except ValueError:
        return None
    states = [
        holding.status
        for holding in normalise(payload, str(one.get("format", "")), profile).holdings
        if holding.library in (None, library)
    ]
    if "available" in states:
        return True
    return False if states and all(state in AWAY for state in states) else None
