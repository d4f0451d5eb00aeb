"""Registers the sample libraries at the addresses where `unioncat_api.sample` serves them.

Registered anew only when something differs, so that a second start finds nothing to do.
"""

import json
from dataclasses import asdict
from typing import Any

from unioncat.cli import session
from unioncat.config import Settings
from unioncat.domain.library import Library
from unioncat.domain.source import Source
from unioncat.engine.errors import EngineError
from unioncat.engine.service import sample_state
from unioncat.flow import register, status
from unioncat.flow import work as workers
from unioncat.flow.register import Loaded, MembersFile
from unioncat.flow.services import Services
from unioncat.sample.federation import Federation, federation


async def register_samples(services: Services) -> Loaded:
    """Register the sample federation, and harvest it at once."""
    wanted = federation(endpoints(services.settings))
    known = await status.source_status(services, await session.operator(services))
    addresses = {one.source.code: one.source.address for one in known}
    if all(addresses.get(source.code) == source.address for source in wanted.sources):
        return Loaded(0, 0)
    loaded = await register.load(services, form(wanted))
    await workers.ask_harvest(services, workers.DUE)
    return loaded


def endpoints(settings: Settings) -> dict[str, str]:
    """Give the addresses of the sample members by their codes."""
    try:
        ports: dict[str, int] = json.loads(sample_state(settings).read_text(encoding="utf-8"))["ports"]
    except (OSError, ValueError, KeyError):
        raise EngineError("the sample libraries do not run", "start them: `unioncat up --sample`") from None
    return {code: f"http://127.0.0.1:{port}/oai" for code, port in ports.items()}


def form(wanted: Federation) -> MembersFile:
    """Write the federation as the file that a person would have written."""
    circles = {0: "public", **{circle.id: circle.code for circle in wanted.audiences}}
    return MembersFile.model_validate(
        {
            "audience": [
                {key: value for key, value in asdict(one).items() if key != "id"} for one in wanted.audiences
            ],
            "group": [asdict(one) for one in wanted.groups],
            "province": [asdict(one) for one in wanted.provinces],
            "library": [_entry(one, circles) for one in wanted.libraries],
            "source": [{**_entry(one, circles), "options": dict(one.options)} for one in wanted.sources],
        }
    )


def _entry(one: Library | Source, circles: dict[int, str]) -> dict[str, Any]:
    given_by_store = {"id", "library_id", "state"}
    values = {key: value for key, value in asdict(one).items() if key not in given_by_store}
    return {**values, "audience": circles[one.audience]}
