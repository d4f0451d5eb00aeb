"""`unioncat sample`: the sample libraries, registered, harvested, joined and judged.

They are members like any other. From the second start on they have changed a little, so that there is
something to harvest.
"""

import asyncio
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import typer

from unioncat.cli import session
from unioncat.cli.output import Quiet, say, stage_bars
from unioncat.config import Settings
from unioncat.domain.library import Library
from unioncat.domain.source import Source
from unioncat.engine.errors import EngineError
from unioncat.engine.samples import sample_state
from unioncat.flow import demo, demo_lending, pipeline, register, status, terms
from unioncat.flow import work as workers
from unioncat.flow.register import MembersFile
from unioncat.flow.services import Services
from unioncat.sample import evolve
from unioncat.sample import terms as lending_terms
from unioncat.sample.facts import AUDIENCES
from unioncat.sample.federation import Federation, federation


def add(app: typer.Typer) -> None:
    """Hang this command into the program."""
    app.command()(sample)


def sample(quiet: Quiet = False) -> None:
    """Harvest and join the sample libraries, which `unioncat up --sample` runs, and judge the joining."""
    with stage_bars(quiet) as report:
        judged = session.run(lambda services: _bring(services, report))
    if not quiet:
        say(
            f"{judged.records:,} records of {judged.editions:,} editions are now"
            f" {judged.union_records:,} union records: of the pairs joined {judged.precision:.1%} are right,"
            f" of the pairs to join {judged.recall:.1%} were found"
        )


async def _bring(services: Services, report: pipeline.Report) -> demo.Quality:
    """Register what is new, let the libraries change, harvest and process."""
    state = _state(services.settings)
    step = 1
    if not await _register(services, state["ports"]):
        step = evolve.LAST_STEP
        await _change(services.settings, step)
    await workers.run_harvester(*sorted(state["ports"]))
    await pipeline.process(services, report)
    asked = await demo_lending.play(services, datetime.now(UTC))
    if asked:
        say(f"{asked} sample requests; letters to libraries and readers lie in {services.settings.mail_dir}")
    return await demo.quality(services, evolve.truth(step))


async def _register(services: Services, ports: dict[str, int]) -> bool:
    """Register the sample federation; false where it stands already at these addresses."""
    wanted = federation({code: f"http://127.0.0.1:{port}/oai" for code, port in ports.items()})
    known = await status.source_status(services, await session.operator(services))
    addresses = {one.source.code: one.source.address for one in known}
    if all(addresses.get(source.code) == source.address for source in wanted.sources):
        return False
    await register.load(services, form(wanted))
    await _terms(services)
    return not addresses


async def _terms(services: Services) -> None:
    """Let the sample libraries lend to each other."""
    circles = {one.code: one.id for one in await register.list_audiences(services)}
    codes = {one.id: one.code for one in AUDIENCES}
    agreements = [
        replace(one, audience=circles[codes[one.audience]] if one.audience else 0)
        for one in lending_terms.AGREEMENTS
    ]
    await terms.lay_down(
        services,
        agreements,
        lending_terms.POLICIES,
        lending_terms.CLOSURES,
        lending_terms.AVOIDANCES,
        "sample",
    )


def _state(settings: Settings) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(sample_state(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise EngineError("the sample libraries do not run", "start them: `unioncat up --sample`") from None
    return state


async def _change(settings: Settings, step: int) -> None:
    """Let the sample libraries come to a later state, and wait a little until they have."""
    request = sample_state(settings).parent / "step"
    request.write_text(f"{step}\n", encoding="utf-8")
    for _ in range(50):
        if _state(settings)["step"] == step:
            return
        await asyncio.sleep(0.1)


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
