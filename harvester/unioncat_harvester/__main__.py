"""The harvester's command line: `run` harvests sources, `probe` looks at one before it is registered.

Exit codes of `run`: 0 all published, 1 something failed, 2 wrong use, 3 a run is held, 4 stopped in between.
"""

import asyncio
import dataclasses
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec
import typer
from rich.console import Console

from unioncat import __version__, telemetry
from unioncat.config import ConfigError, Settings
from unioncat.domain import schedule
from unioncat.domain.source import Protocol, RunMode, Source, SourceState
from unioncat.engine.errors import EngineError
from unioncat.engine.postgres import serving
from unioncat.engine.samples import target_rules
from unioncat.flow.credentials import keyring
from unioncat.flow.crew import calm
from unioncat.store import runs, sources
from unioncat.store.database import Database
from unioncat.store.errors import StoreError, Unknown
from unioncat_harvester import fleet, progress
from unioncat_harvester.network import Guard
from unioncat_harvester.reader import SourceError
from unioncat_harvester.run import Outcome, Watch
from unioncat_harvester.surroundings import Surroundings, agent

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
MENDABLE = (ConfigError, EngineError, SourceError, StoreError)
"""Errors that a person can mend: shown with their remedy, without a traceback."""


@app.command("run")
def run_(
    codes: Annotated[list[str] | None, typer.Argument(metavar="CODE…", help="Codes of sources.")] = None,
    due: Annotated[bool, typer.Option("--due", help="Harvest the sources whose time has come.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Harvest all active sources.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Fetch everything, not only changes.")] = False,
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Compare identifiers only, to find what vanished.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Sources at the same time.")] = 4,
    quiet: Annotated[bool, typer.Option("--quiet", help="No bars; only log lines.")] = False,
) -> None:
    """Harvest sources: those named, those due, or all."""
    if bool(codes) + due + everything != 1:
        raise typer.BadParameter("name sources, or give one of --due and --all")
    settings = Settings.load()
    telemetry.configure(settings.log_level, settings.log_format)
    calm()
    console = Console(stderr=True)
    if full and reconcile:
        raise typer.BadParameter("give one of --full and --reconcile")
    mode = RunMode.FULL if full else RunMode.RECONCILE if reconcile else None
    with serving(settings) as url:
        if console.is_terminal and not quiet:
            bars = progress.Bars(console)
            with bars.progress:
                outcomes = asyncio.run(_run(settings, url, codes, due, jobs, mode, bars))
        else:
            outcomes = asyncio.run(_run(settings, url, codes, due, jobs, mode, progress.Lines()))
    raise typer.Exit(fleet.exit_code(outcomes))


async def _run(
    settings: Settings,
    url: str,
    codes: Sequence[str] | None,
    due: bool,
    jobs: int,
    mode: RunMode | None,
    watch: Watch,
) -> list[Outcome]:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    db = await Database.connect(url, pool_size=max(settings.database_pool, jobs * 2))
    try:
        chosen = await _choose(db, codes, due)
        return await fleet.harvest_all(
            db, chosen, _surroundings(settings), jobs=jobs, mode=mode, stop=stop, watch=watch, keep_hours=due
        )
    finally:
        await db.close()


async def _choose(db: Database, codes: Sequence[str] | None, due: bool) -> list[Source]:
    """Give the sources that are meant, each once. Raises `Unknown`."""
    async with db.begin() as conn:
        known = {source.code: source for source in await sources.all_sources(conn)}
        last = await runs.last_runs(conn) if due else {}
    if codes:
        for code in codes:
            if code not in known:
                raise Unknown(f"there is no source {code!r}", "`unioncat source list` shows what there is.")
        return [known[code] for code in dict.fromkeys(codes)]
    if due:
        return schedule.due(known.values(), last, datetime.now(UTC))
    return [source for source in known.values() if source.state is SourceState.ACTIVE]


@app.command("errand")
def errand_(number: Annotated[UUID, typer.Argument(metavar="ID", help="Number of the errand.")]) -> None:
    """Do what a page asked for, within limits of memory and time; the answer goes into the database."""
    from unioncat_harvester import errands  # half of all imports, which a harvest does not need

    settings = Settings.load()
    telemetry.configure(settings.log_level, settings.log_format)

    async def run(url: str) -> bool:
        db = await Database.connect(url, pool_size=2)
        try:
            return await errands.run(db, number, _surroundings(settings))
        finally:
            await db.close()

    with serving(settings) as url:
        done = asyncio.run(run(url))
    raise typer.Exit(0 if done else 1)


@app.command("probe")
def probe_(
    target: Annotated[str, typer.Argument(metavar="CODE-or-URL", help="A registered source, or an address.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    format: Annotated[str | None, typer.Option(help="metadataPrefix to look at.")] = None,
    set: Annotated[str | None, typer.Option(help="Set to look at.")] = None,
    protocol: Annotated[
        Protocol | None, typer.Option(help="What an address speaks; without it, z3950:// or OAI-PMH.")
    ] = None,
) -> None:
    """Look at a source: what it offers, its first page, and what to do about it. Nothing is saved."""
    from unioncat_harvester import probe

    settings = Settings.load()
    telemetry.configure(settings.log_level, settings.log_format)
    around = _surroundings(settings)
    if "://" in target:
        source = probe.stranger(target, protocol)
    else:
        source, around = _registered(settings, target, around)
    source = dataclasses.replace(source, format=format or source.format, set=set or source.set)
    found = probe.probe(source, around)
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    else:
        probe.show(found, Console())


def _registered(settings: Settings, code: str, around: Surroundings) -> tuple[Source, Surroundings]:
    async def look(url: str) -> tuple[Source, Surroundings]:
        db = await Database.connect(url, pool_size=1)
        try:
            source = (await _choose(db, [code], due=False))[0]
            async with db.begin() as conn:
                return source, await around.trusted_with(conn, source)
        finally:
            await db.close()

    with serving(settings) as url:
        return asyncio.run(look(url))


def _surroundings(settings: Settings) -> Surroundings:
    drawer: Path = settings.home / "harvest"
    guard = Guard(target_rules(settings), settings.proxy_guards)
    return Surroundings(
        agent=agent(__version__, settings.contact), drawer=drawer, guard=guard, keyring=keyring(settings)
    )


def main() -> None:
    """Run the command line; an error that a person can mend is shown with its remedy."""
    try:
        app()
    except MENDABLE as error:
        print(f"{error}\nremedy: {error.remedy}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
