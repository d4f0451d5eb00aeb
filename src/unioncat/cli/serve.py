"""Commands that do the work of the service or keep its data."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from unioncat.cli import session
from unioncat.cli.output import AsJson, Quiet, print_json, say, stage_bars
from unioncat.cli.start import load
from unioncat.engine import dump
from unioncat.engine.postgres import serving
from unioncat.flow import pipeline, publish
from unioncat.flow import work as workers
from unioncat.flow.services import Services, open_services
from unioncat.flow.upgrade import prepare, upgrade

Stages = Callable[[Services, pipeline.Report], Awaitable[int]]
index = typer.Typer(help="The search index.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.command()(work)
    app.command()(process)
    app.command()(replay)
    app.command()(backup)
    app.command()(restore)
    app.add_typer(index, name="index")


def work(
    drain: Annotated[bool, typer.Option("--drain", help="End when no job is left.")] = False,
) -> None:
    """Do the jobs: harvests that are due, then the stages that bring records to readers."""
    settings = load()

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
    settings = load()
    with serving(settings) as url:
        asyncio.run(session.note_alone(settings, url))
        dump.backup(settings, url, folder)
    say(f"written: {folder}. Keep it private: it holds the secrets of this service.")


def restore(folder: Annotated[Path, typer.Argument(help="A folder written by `unioncat backup`.")]) -> None:
    """Load a backup into an empty database; then build the search index anew."""
    settings = load()
    with serving(settings) as url:
        asyncio.run(prepare(url))
        dump.restore(settings, url, folder)
        asyncio.run(upgrade(settings, url))
        asyncio.run(session.note_alone(settings, url))
    say("restored. Now run `unioncat index rebuild`.")


def _stages(run: Stages, quiet: bool, as_json: bool) -> None:
    """Run stages with a progress bar on the terminal."""
    with stage_bars(quiet) as report:
        count = session.run(lambda services: run(services, report))
    if as_json:
        print_json({"documents": count})
    elif not quiet:
        say(f"{count} documents written to the search index")
