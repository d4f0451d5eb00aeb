"""The errand "probe": look where a library's catalogue may answer, and bring sample records home.

Nothing is interpreted here: samples come as they were sent, past the gate, for the normalise stage to read.
"""

import asyncio
import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec

from unioncat.domain.errand import Errand
from unioncat.domain.source import (
    Politeness,
    Profile,
    Protocol,
    RawRecord,
    Run,
    RunMode,
    RunState,
    Source,
)
from unioncat.domain.switches import FIELDS, applied
from unioncat.normalise.gate import Gate
from unioncat_harvester.bench import Bench
from unioncat_harvester.reader import Findings, SourceError
from unioncat_harvester.readers import open_reader
from unioncat_harvester.surroundings import Surroundings

SAMPLES = 100
"""Records brought home at most."""
SAMPLE_BYTES = 1024 * 1024
LARGEST_SAMPLE = 128 * 1024
SECONDS = 200.0
"""No further place is tried after this."""
GENTLE = Politeness(timeout=15.0, tries=2, max_wait=5.0, max_page_bytes=32 * 1024 * 1024, max_pages=2)
"""A stranger's server is asked little, and not waited for long."""


@dataclass(slots=True)
class Brought:
    """Sample records on the way home."""

    samples: list[dict[str, str]] = field(default_factory=list)
    size: int = 0
    deleted: int = 0
    shut_out: int = 0


async def do(errand: Errand, bench: Bench) -> Mapping[str, Any]:
    """Try the places of the subject, one after the other, until one answers as a catalogue."""
    places: Sequence[Mapping[str, str]] = errand.subject["places"]
    profile = msgspec.convert(errand.subject.get("profile") or {}, Profile)
    tried: list[dict[str, str]] = []
    end = time.monotonic() + SECONDS
    for number, place in enumerate(places, 1):
        await bench.tell({"step": number, "of": len(places), "address": place["address"]})
        source = stranger(Protocol(place["protocol"]), place["address"], errand.subject.get("set"))
        try:
            found, brought = await asyncio.to_thread(look, source, profile, bench.around)
        except SourceError as error:
            tried.append({"address": source.address, "error": error.message, "remedy": error.remedy})
            if time.monotonic() > end:
                break
            continue
        return {
            "protocol": source.protocol.value,
            "address": source.address,
            "found": msgspec.to_builtins(found),
            "samples": brought.samples,
            "deleted": brought.deleted,
            "shut_out": brought.shut_out,
            "tried": tried,
        }
    return {"found": None, "tried": tried}


def stranger(protocol: Protocol, address: str, part: str | None) -> Source:
    """Make a source of a place that nobody registered."""
    return Source(
        code="probe",
        library="",
        protocol=protocol,
        address=address,
        format="auto",
        set=part or None,
        politeness=GENTLE,
    )


def look(source: Source, profile: Profile, around: Surroundings) -> tuple[Findings, Brought]:
    """Look at a source and take samples from its first page. Raises `SourceError`."""
    around = replace(around, drawer=None)
    with open_reader(source, around) as reader:
        found = reader.probe()
    source = replace(source, format=found.format)
    for one in found.suggestions:
        if one.name not in FIELDS and "." not in one.name:
            source = applied(source, one)
    brought = Brought()
    gate = Gate(profile)
    run = Run(0, 0, source.code, RunMode.FULL, RunState.RUNNING, started=datetime.now(UTC))
    with open_reader(source, around) as reader:
        for page in islice(reader.pages(run), 1):
            for batch in page.batches():
                for record in batch.records:
                    if len(brought.samples) < SAMPLES and brought.size < SAMPLE_BYTES:
                        take(record, gate, brought)
            page.close()
    return found, brought


def take(record: RawRecord, gate: Gate, brought: Brought) -> None:
    """Take one record home, if the gate lets it."""
    if record.deleted:
        brought.deleted += 1
        return
    admitted = gate.admit(record)
    if admitted is None:
        brought.shut_out += 1
    elif isinstance(admitted, RawRecord) and len(admitted.payload) <= LARGEST_SAMPLE:
        brought.size += len(admitted.payload)
        brought.samples.append(
            {
                "local_id": admitted.local_id,
                "format": admitted.format,
                "payload": base64.b64encode(admitted.payload).decode("ascii"),
            }
        )
