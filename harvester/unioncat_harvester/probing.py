"""The errand "probe": look at an address before it is registered."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from unioncat.domain.errand import Errand
from unioncat_harvester import probe
from unioncat_harvester.bench import Bench


async def do(errand: Errand, bench: Bench) -> Mapping[str, Any]:
    """Look at the address of the subject. Raises `SourceError`."""
    source = probe.stranger(str(errand.subject["address"]))
    await bench.tell({"step": "asking", "address": source.address})
    found = await asyncio.to_thread(probe.probe, source, bench.around)
    return {"findings": msgspec.to_builtins(found)}
