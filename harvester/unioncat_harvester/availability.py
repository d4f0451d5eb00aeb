"""The errand "availability": ask lenders' own systems whether a thing is on the shelf now, all at once.

Two ways: ILS-DI GetAvailability over HTTP, and the record itself over the source's protocol, whose holdings
are brought home as they came. A system that does not answer in time has said nothing, which is not a no.
"""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import msgspec
from lxml import etree

from unioncat.domain.errand import Errand
from unioncat.domain.source import Politeness, Profile, RawRecord, Run, RunMode, RunState, Source
from unioncat.normalise.gate import Gate
from unioncat.store import sources
from unioncat_harvester.bench import Bench
from unioncat_harvester.reader import SourceError
from unioncat_harvester.readers import open_reader
from unioncat_harvester.surroundings import Surroundings
from unioncat_harvester.transport import Answer, Refused, Transport, Unusable

SECONDS = 15.0
"""What does not answer within this has said nothing."""
AT_ONCE = 6
QUICK = Politeness(timeout=6.0, tries=1, max_wait=0.0, max_page_bytes=1024 * 1024, max_pages=1)
ILS_DI = "ils-di"
"""Word before the address of an ILS-DI service in the option `availability`."""
AVAILABLE = frozenset({"available", "disponible", "yes", "1", "có sẵn", "sẵn sàng"})
OUT = frozenset(
    {"checked out", "not available", "unavailable", "on loan", "lost", "withdrawn", "reference"}
    | {"in transit", "on hold", "đang mượn", "không có sẵn"}
)


async def do(errand: Errand, bench: Bench) -> Mapping[str, Any]:
    """Ask about each copy of the subject; give what each system said, by its number."""
    asked: Sequence[Mapping[str, Any]] = errand.subject["asked"]
    async with bench.db.as_service() as conn:
        known = {one.code: one for one in await sources.all_sources(conn)}
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(place: Mapping[str, Any]) -> Mapping[str, Any]:
        source = known.get(place["source"])
        if source is None:
            return {}
        async with gate:
            try:
                async with asyncio.timeout(SECONDS):
                    return await asyncio.to_thread(look, source, place, bench.around)
            except (TimeoutError, SourceError, Unusable, Refused):
                return {}

    answers = await asyncio.gather(*map(one, asked))
    return {
        "said": [
            {"library": place["library"], "source": place["source"], **found}
            for place, found in zip(asked, answers, strict=True)
        ]
    }


def look(source: Source, place: Mapping[str, Any], around: Surroundings) -> Mapping[str, Any]:
    """Ask one system about one record. Raises `SourceError`, `Unusable`, `Refused`."""
    local_id = str(place["local_id"])
    way, _, value = dict(source.options).get("availability", "").partition(" ")
    if way == ILS_DI and value:
        return {"available": ask_ils_di(value.strip(), local_id, around)}
    if way == "search" and value:
        profile = msgspec.convert(place.get("profile") or {}, Profile)
        return fetch(source, value.strip(), local_id, profile, around)
    return {}


def ask_ils_di(address: str, local_id: str, around: Surroundings) -> bool | None:
    """Ask a service that speaks ILS-DI (DLF, level 1: GetAvailability). Raises `Unusable`, `Refused`."""
    number = local_id.rpartition(":")[2]
    query = urlencode({"service": "GetAvailability", "id": number, "id_type": "biblio"})
    transport = Transport(address, QUICK, around.agent, guard=around.guard, stop=around.stop)
    try:
        return transport.fetch(f"{address}{'&' if '?' in address else '?'}{query}", _read)
    finally:
        transport.close()


def _read(answer: Answer) -> bool | None:
    with answer.body:
        if answer.status != 200:
            raise Unusable(f"the server answered with HTTP status {answer.status}")
        return said(answer.body.read())


def said(body: bytes) -> bool | None:
    """Read an answer to GetAvailability: yes where one item is there, no where all are away, else nothing."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        return None
    states = [(element.text or "").strip().casefold() for element in root.iter("{*}availabilitystatus")]
    if any(state in AVAILABLE for state in states):
        return True
    return False if states and all(state in OUT for state in states) else None


def fetch(
    source: Source, index: str, local_id: str, profile: Profile, around: Surroundings
) -> Mapping[str, Any]:
    """Bring the record home by its own protocol, found by its number in an index. Raises `SourceError`."""
    term = local_id.replace("\\", "").replace('"', "")
    query = f'@attr {index} "{term}"' if "=" in index else f'{index}="{term}"'
    kept = {name: value for name, value in source.options if name not in ("slices", "changed", "cap")}
    small = replace(source, options=tuple((kept | {"query": query}).items()), politeness=QUICK)
    gate = Gate(profile)
    run = Run(0, 0, source.code, RunMode.FULL, RunState.RUNNING, started=datetime.now(UTC))
    with open_reader(small, replace(around, drawer=None)) as reader:
        for page in islice(reader.pages(run), 1):
            records = [one for batch in page.batches() for one in batch.records if not one.deleted]
            page.close()
            admitted = gate.admit(records[0]) if len(records) == 1 else None
            if isinstance(admitted, RawRecord):
                packed = base64.b64encode(admitted.payload).decode("ascii")
                return {"record": packed, "format": admitted.format}
    return {}
