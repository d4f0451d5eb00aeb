"""Commands that run the service or a part of it."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from unioncat.cli import session
from unioncat.cli.output import AsJson, Quiet, print_json, say, stage_bars
from unioncat.config import Settings
from unioncat.engine import dump, service
from unioncat.engine.postgres import serving
from unioncat.flow import pipeline, publish
from unioncat.flow import work as workers
from unioncat.flow.services import Services, open_services
from unioncat.flow.upgrade import prepare, upgrade

Stages = Callable[[Services, pipeline.Report], Awaitable[int]]
index = typer.Typer(help="The search index.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.command()(up)
    app.command()(migrate)
    app.command(context_settings=session.PASS_ON, add_help_option=False)(api)
    app.command()(work)
    app.command(context_settings=session.PASS_ON, add_help_option=False)(harvest)
    app.command()(process)
    app.command()(replay)
    app.command()(backup)
    app.command()(restore)
    app.add_typer(index, name="index")


def up(
    sample: Annotated[bool, typer.Option("--sample", help="With sample libraries, to try it.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    sample_port: Annotated[int | None, typer.Option(help="Port of the sample libraries.")] = None,
) -> None:
    """Run the whole service: database, web pages and API, harvests. Ctrl-C stops it."""
    settings = session.load(host=host, port=port, sample_port=sample_port, demo=sample or None)
    whole = service.Service(settings, service.parts(settings, sample=sample))
    whole.look_first()
    settings.operator_token()
    token = settings.home / "secrets" / "operator_token"
    ready = f"unioncat is ready: {settings.base_url} (operator token: {token}; Ctrl-C stops)"
    whole.run(ready=ready)


def migrate(quiet: Quiet = False) -> None:
    """Bring the database to the schema of this version."""
    settings = session.load()
    with serving(settings) as url:
        changed = asyncio.run(upgrade(settings, url))
        if changed:
            asyncio.run(_note(settings, url))
    if not quiet:
        say("the database has been brought to this version" if changed else "the database is of this version")


def api(context: typer.Context) -> None:
    """Run the web service alone (`python -m unioncat_api`); further words are passed on."""
    session.become("unioncat_api", *context.args)


def harvest(context: typer.Context) -> None:
    """Harvest sources now (`python -m unioncat_harvester run`); further words are passed on."""
    session.become("unioncat_harvester", "run", *context.args)


def work(
    drain: Annotated[bool, typer.Option("--drain", help="End when no job is left.")] = False,
) -> None:
    """Do the jobs: harvests that are due, then the stages that bring records to readers."""
    settings = session.load()

    async def run(url: str) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        async with open_services(settings, url) as services:
            await workers.work(services, stop, drain=drain)

    with serving(settings) as url:
        asyncio.run(run(url))


def process(quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Bring what harvests brought to the readers: normalise, join, publish."""
    _stages(pipeline.process, quiet, as_json)


def replay(quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Normalise all stored records anew with the present rules; no member is asked."""
    _stages(pipeline.replay, quiet, as_json)


@index.command("rebuild")
def rebuild(quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Build the search index anew beside the old one, then swap them."""

    async def run(services: Services, report: pipeline.Report) -> int:
        return await publish.rebuild(services, progress=lambda done, total: report("index", done, total))

    _stages(run, quiet, as_json)


def backup(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")]) -> None:
    """Write database and secrets into a folder; the search index is made anew from them."""
    settings = session.load()
    with serving(settings) as url:
        asyncio.run(_note(settings, url))
        dump.backup(settings, url, folder)
    say(f"written: {folder}. Keep it private: it holds the secrets of this service.")


def restore(folder: Annotated[Path, typer.Argument(help="A folder written by `unioncat backup`.")]) -> None:
    """Load a backup into an empty database; then build the search index anew."""
    settings = session.load()
    with serving(settings) as url:
        asyncio.run(prepare(url))
        dump.restore(settings, url, folder)
        asyncio.run(upgrade(settings, url))
        asyncio.run(_note(settings, url))
    say("restored. Now run `unioncat index rebuild`.")


async def _note(settings: Settings, url: str) -> None:
    """Log that a command was given which opens the services only for that."""
    async with open_services(settings, url) as services:
        await session.note(services)


def _stages(run: Stages, quiet: bool, as_json: bool) -> None:
    """Run stages with a progress bar on the terminal."""
    with stage_bars(quiet) as report:
        count = session.run(lambda services: run(services, report))
    if as_json:
        print_json({"documents": count})
    elif not quiet:
        say(f"{count} documents written to the search index")
